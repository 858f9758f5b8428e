//! HTTP/1 (RFC 9112) without I/O: what is received goes in, what it says comes out.
//!
//! It reads what curl 8 reads, tells what was odd about it, and refuses what two readers could understand in two ways.
//! It knows no connections, and undoes no coding but chunked.

mod encode;

pub use encode::{LAST_CHUNK, chunk_head, encode_head, last_chunk};

use bytes::Bytes;

use crate::decode::Coding;
use crate::failure::Failure;
use crate::head::{Fields, Head};

/// What of a request its response cannot be read without.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// HEAD: the response has no body, whatever it says.
    pub is_head: bool,
    /// CONNECT: what follows a 2xx is no part of it.
    pub is_connect: bool,
    /// An upgrade was asked for: 101 is final, and what follows is no part of it. Unasked it is a failure.
    pub is_upgrade: bool,
    /// It goes through a proxy that sees it: Proxy-Connection counts.
    pub is_proxied: bool,
    /// Octets without a head are taken as a body (`--http0.9`).
    pub allow_http09: bool,
    /// Content-Length is passed over (`--ignore-content-length`).
    pub ignore_content_length: bool,
    /// Transfer codings besides chunked are taken (`--tr-encoding`).
    pub takes_transfer_codings: bool,
    /// The body comes out with its chunks' frames, and no coding is refused (`--raw`).
    pub raw: bool,
}

/// What came.
#[derive(Debug)]
pub enum Item<'a> {
    /// A head that only says that another one follows (1xx).
    Interim(Head),
    /// The head.
    Head(Head),
    /// A part of the body.
    Body(&'a [u8]),
    /// Fields behind the body.
    Trailers {
        /// Octet for octet, the empty line included.
        raw: Bytes,
        /// The fields.
        fields: Fields,
    },
    /// Something that is not as it should be, and was passed over. Told once of each sort, behind what it is about.
    Oddity(&'static str),
    /// The end; [`Decoder::decode`] takes nothing from here on.
    End {
        /// Whether the connection may carry another exchange, as far as this response says. What was left over of the
        /// octets belongs to no response that was asked for, unless requests are pipelined.
        keeps_alive: bool,
    },
}

/// One step of [`Decoder::decode`].
#[derive(Debug)]
pub struct Step<'a> {
    /// How many octets of the front were used; all, where there is no item.
    pub consumed: usize,
    /// What they say; `None`: more are needed.
    pub item: Option<Item<'a>>,
}

/// Reads one response with what precedes it (1xx). Fed with octets in any pieces; keeps of them what it needs, so that
/// none is shown to it twice.
#[derive(Debug)]
pub struct Decoder {
    _asked: Asked,
}

impl Decoder {
    /// For the response to such a request.
    #[must_use]
    pub fn new(asked: Asked) -> Self {
        Self { _asked: asked }
    }

    /// Takes octets from the front, up to the next item. What is consumed may be written over: small chunks are moved
    /// together, so that their data are one slice.
    pub fn decode<'a>(&mut self, _octets: &'a mut [u8]) -> Result<Step<'a>, Failure> {
        todo!("codec")
    }

    /// The connection ended, behind all that [`Decoder::decode`] has consumed. [`Item::End`] where that is the end of
    /// the body.
    pub fn eof(&mut self) -> Result<Item<'static>, Failure> {
        todo!("codec")
    }

    /// What is to be undone behind the chunks, in the order in which it was applied; known once there is a head.
    #[must_use]
    pub fn transfer_codings(&self) -> &[Coding] {
        &[]
    }

    /// How long the body is, as carried, where the head says so.
    #[must_use]
    pub fn body_length(&self) -> Option<u64> {
        None
    }

    /// What has come of a head that is not whole: to be shown where it never will be.
    #[must_use]
    pub fn unfinished(&self) -> &[u8] {
        &[]
    }
}
