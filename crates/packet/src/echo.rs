use crate::{Error, Result};

/// Identifier and sequence number of an echo request or reply (RFC 792, page 14; RFC 4443 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EchoId {
    /// Ties a reply to a process. A datagram ICMP socket replaces it with its own (icmp(7)).
    pub ident: u16,
    /// Ties a reply to a request. Wraps from 65535 to 0.
    pub seq: u16,
}

/// Octets of an echo message before its data, in both families.
pub(crate) const HEADER: usize = 8;

/// Splits off the header that echo messages of both families share (RFC 792; RFC 4443 §4.1).
pub(crate) fn split<'a>(
    what: &'static str,
    bytes: &'a [u8],
) -> Result<(&'a [u8; HEADER], &'a [u8])> {
    bytes.split_first_chunk::<HEADER>().ok_or(Error::Truncated {
        what,
        need: HEADER,
        got: bytes.len(),
    })
}

impl EchoId {
    /// Reads the last four octets of an echo header.
    pub(crate) const fn of(header: [u8; HEADER]) -> Self {
        let [_, _, _, _, a, b, c, d] = header;
        Self { ident: u16::from_be_bytes([a, b]), seq: u16::from_be_bytes([c, d]) }
    }

    /// Appends a header of this type with its checksum left zero, and the data.
    pub(crate) fn append(self, icmp_type: u8, data: &[u8], out: &mut Vec<u8>) {
        let ([a, b], [c, d]) = (self.ident.to_be_bytes(), self.seq.to_be_bytes());
        out.extend_from_slice(&[icmp_type, 0, 0, 0, a, b, c, d]);
        out.extend_from_slice(data);
    }
}
