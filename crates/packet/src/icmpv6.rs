//! ICMP for IPv6 (RFC 4443).
//!
//! Checksums are not looked at here: they cover a pseudo-header (RFC 8200 §8.1) that only the kernel
//! has, and it fills them in on the way out and drops what is wrong on the way in (RFC 3542 §3.1).

use crate::echo::split;
use crate::{EchoId, Result};

/// ICMPv6 types of IANA's registry that the probers name.
pub mod types {
    /// RFC 4443 §3.1.
    pub const DESTINATION_UNREACHABLE: u8 = 1;
    /// RFC 4443 §3.2.
    pub const PACKET_TOO_BIG: u8 = 2;
    /// RFC 4443 §3.3.
    pub const TIME_EXCEEDED: u8 = 3;
    /// RFC 4443 §3.4.
    pub const PARAMETER_PROBLEM: u8 = 4;
    /// RFC 4443 §4.1.
    pub const ECHO_REQUEST: u8 = 128;
    /// RFC 4443 §4.2.
    pub const ECHO_REPLY: u8 = 129;
}

/// An ICMPv6 message that a prober has a use for, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Type 129.
    EchoReply(EchoId, &'a [u8]),
    /// Type 128.
    EchoRequest(EchoId, &'a [u8]),
    /// Types 1 to 4.
    Error {
        /// What kind of trouble: see [`types`].
        icmp_type: u8,
        /// Which, among that kind.
        code: u8,
        /// The second half of the header: an MTU or a pointer.
        info: u32,
        /// As much of the datagram as fits the minimum MTU (RFC 4443 §2.4 (c)), if honest.
        quoted: &'a [u8],
    },
    /// Any other type, by number.
    Other(u8),
}

impl<'a> Message<'a> {
    /// Reads a message. `bytes` starts after the IPv6 header and its extensions.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let (header, body) = split("ICMPv6", bytes)?;
        let [icmp_type, code, _, _, a, b, c, d] = *header;
        Ok(match icmp_type {
            types::ECHO_REPLY => Self::EchoReply(EchoId::of(*header), body),
            types::ECHO_REQUEST => Self::EchoRequest(EchoId::of(*header), body),
            types::DESTINATION_UNREACHABLE..=types::PARAMETER_PROBLEM => Self::Error {
                icmp_type,
                code,
                info: u32::from_be_bytes([a, b, c, d]),
                quoted: body,
            },
            other => Self::Other(other),
        })
    }
}

/// An echo request ready to be written to a socket, which adds the checksum.
#[derive(Clone, Copy, Debug)]
pub struct EchoRequest<'a> {
    /// Identifier and sequence number.
    pub id: EchoId,
    /// Echoed back unchanged by the target.
    pub payload: &'a [u8],
}

impl EchoRequest<'_> {
    /// Writes the message over whatever `out` held: `8 + payload.len()` octets, checksum zero.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.clear();
        self.id.append(types::ECHO_REQUEST, self.payload, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    const ID: EchoId = EchoId { ident: 7, seq: 0x0102 };

    #[test]
    fn request_round_trips_with_its_checksum_left_to_the_kernel() {
        let mut bytes = Vec::new();
        EchoRequest { id: ID, payload: b"abc" }.emit(&mut bytes);
        assert_eq!(bytes, [128, 0, 0, 0, 0, 7, 1, 2, b'a', b'b', b'c']);
        assert_eq!(Message::read(&bytes), Ok(Message::EchoRequest(ID, b"abc")));
    }

    #[test]
    fn read_is_total() {
        for end in 0..8 {
            assert!(matches!(Message::read(&[129; 8][..end]), Err(Error::Truncated { .. })));
        }
        for n in 0..=u8::MAX {
            assert!(Message::read(&[n; 9]).is_ok());
        }
    }
}
