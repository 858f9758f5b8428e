//! Requests, as octets.

use crate::failure::Failure;
use crate::head::{Fields, Version};

/// Behind the last chunk, where there are no trailers (RFC 9112 §7.1).
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A request's head. A failure where an octet would end a line too early.
pub fn encode_head(
    _method: &str,
    _target: &[u8],
    _version: Version,
    _fields: &Fields,
) -> Result<Vec<u8>, Failure> {
    todo!("codec")
}

/// What stands before a chunk's data, which `\r\n` follows. `length` is not 0, which would be the end.
#[must_use]
pub fn chunk_head(_length: usize) -> Vec<u8> {
    todo!("codec")
}

/// The last chunk, with trailers.
pub fn last_chunk(_trailers: &Fields) -> Result<Vec<u8>, Failure> {
    todo!("codec")
}
