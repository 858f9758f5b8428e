//! Content and transfer codings (RFC 9110 §8.4, RFC 9112 §7.2), undone as octets come.
//!
//! Output is handed out in pieces of bounded size, so that whoever asks for it can stop at any point.

use crate::failure::Failure;
use crate::head::Fields;

/// A coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// gzip (RFC 1952), of any number of members.
    Gzip,
    /// deflate: zlib (RFC 1950), or what many send instead (RFC 1951).
    Deflate,
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878), with windows of 8 MiB at the most (RFC 9659).
    Zstd,
}

/// What `Accept-Encoding` says of [`Coding`]s.
pub const ACCEPTED: &str = "deflate, gzip, br, zstd";

/// The codings of a response's content (`Content-Encoding`), in the order in which they were applied. A failure where one
/// is not known or there are more than five; only to be asked for where there is a body to decode.
pub fn content_codings(_fields: &Fields) -> Result<Vec<Coding>, Failure> {
    todo!("codec")
}

/// Undoes a stack of codings.
#[derive(Debug)]
pub struct Decoder {}

/// One step of [`Decoder::decode`].
#[derive(Debug)]
pub struct Step<'a> {
    /// How many octets of the front were used.
    pub consumed: usize,
    /// What came of them, and of those before; at most 64 KiB.
    pub output: &'a [u8],
}

impl Decoder {
    /// For codings in the order in which they were applied.
    #[must_use]
    pub fn new(_codings: &[Coding]) -> Self {
        todo!("codec")
    }

    /// Takes octets from the front until there is output. To be called again, with the rest of the octets and be it none,
    /// until all are consumed and there is no output.
    pub fn decode(&mut self, _octets: &[u8]) -> Result<Step<'_>, Failure> {
        todo!("codec")
    }

    /// The body ended. A failure where that is not the end of what was encoded.
    pub fn finish(&mut self) -> Result<(), Failure> {
        todo!("codec")
    }
}
