//! ICMP for IPv4 (RFC 792).

use pnet_packet::icmp::{self, IcmpPacket};

use crate::echo::{HEADER, split};
use crate::{EchoId, Error, Result};

/// ICMP types of IANA's registry that the probers name.
pub mod types {
    /// RFC 792, page 14.
    pub const ECHO_REPLY: u8 = 0;
    /// RFC 792, page 4.
    pub const DESTINATION_UNREACHABLE: u8 = 3;
    /// RFC 792, page 10; deprecated by RFC 6633.
    pub const SOURCE_QUENCH: u8 = 4;
    /// RFC 792, page 12.
    pub const REDIRECT: u8 = 5;
    /// RFC 792, page 14.
    pub const ECHO_REQUEST: u8 = 8;
    /// RFC 792, page 6.
    pub const TIME_EXCEEDED: u8 = 11;
    /// RFC 792, page 8.
    pub const PARAMETER_PROBLEM: u8 = 12;
}

/// An ICMP message that a prober has a use for, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Type 0.
    EchoReply(EchoId, &'a [u8]),
    /// Type 8.
    EchoRequest(EchoId, &'a [u8]),
    /// Any message that quotes the datagram it is about.
    Error {
        /// What kind of trouble: see [`types`].
        icmp_type: u8,
        /// Which, among that kind.
        code: u8,
        /// The second half of the header: an MTU (RFC 1191 §4), a gateway, a pointer.
        info: u32,
        /// At least the IP header and 8 octets of the datagram (RFC 792), if the sender was honest.
        quoted: &'a [u8],
    },
    /// Any other type, by number.
    Other(u8),
}

impl<'a> Message<'a> {
    /// Reads a message without looking at its checksum. `bytes` starts after the IP header.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let (header, body) = split("ICMP", bytes)?;
        let [icmp_type, code, _, _, a, b, c, d] = *header;
        Ok(match icmp_type {
            types::ECHO_REPLY => Self::EchoReply(EchoId::of(*header), body),
            types::ECHO_REQUEST => Self::EchoRequest(EchoId::of(*header), body),
            types::DESTINATION_UNREACHABLE
            | types::SOURCE_QUENCH
            | types::REDIRECT
            | types::TIME_EXCEEDED
            | types::PARAMETER_PROBLEM => Self::Error {
                icmp_type,
                code,
                info: u32::from_be_bytes([a, b, c, d]),
                quoted: body,
            },
            other => Self::Other(other),
        })
    }

    /// Reads a message whose checksum must be right.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        verify(bytes)?;
        Self::read(bytes)
    }
}

/// Compares the checksum with the octets (RFC 792, RFC 1071).
pub fn verify(bytes: &[u8]) -> Result<()> {
    let truncated = Error::Truncated { what: "ICMP", need: HEADER, got: bytes.len() };
    let packet = IcmpPacket::new(bytes).filter(|_| bytes.len() >= HEADER).ok_or(truncated)?;
    let (found, want) = (packet.get_checksum(), icmp::checksum(&packet));
    // Zero has two spellings in ones' complement, and RFC 1624 §3 tells how the other one comes about.
    let same = found == want || (found == u16::MAX && want == 0);
    if same { Ok(()) } else { Err(Error::Checksum { what: "ICMP", found, want }) }
}

/// An echo request ready to be written to the wire.
#[derive(Clone, Copy, Debug)]
pub struct EchoRequest<'a> {
    /// Identifier and sequence number.
    pub id: EchoId,
    /// Echoed back unchanged by the target.
    pub payload: &'a [u8],
}

impl EchoRequest<'_> {
    /// Writes the message over whatever `out` held, checksum included: `8 + payload.len()` octets.
    #[expect(clippy::missing_panics_doc, reason = "HEADER octets are written before they are read")]
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.clear();
        self.id.append(types::ECHO_REQUEST, self.payload, out);
        let sum = icmp::checksum(&IcmpPacket::new(out).expect("HEADER octets or more"));
        out[2..4].copy_from_slice(&sum.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: EchoId = EchoId { ident: 0x04d2, seq: 10 };

    #[test]
    fn request_matches_the_octets_a_capture_shows() {
        assert_eq!(request(&[]), [0x08, 0x00, 0xf3, 0x23, 0x04, 0xd2, 0x00, 0x0a]);
    }

    #[test]
    fn request_round_trips() {
        assert_eq!(Message::parse(&request(b"abc")), Ok(Message::EchoRequest(ID, b"abc")));
    }

    #[test]
    fn flipped_bit_is_a_checksum_error_and_the_rest_can_still_be_read() {
        let mut bytes = request(b"abc");
        bytes[9] ^= 1;
        assert!(matches!(Message::parse(&bytes), Err(Error::Checksum { what: "ICMP", .. })));
        assert_eq!(Message::read(&bytes), Ok(Message::EchoRequest(ID, b"acc")));
    }

    #[test]
    fn an_error_keeps_its_second_word() {
        let bytes = [3, 4, 0, 0, 0, 0, 0x05, 0x78, 0x45];
        let Ok(Message::Error { icmp_type, code, info, quoted }) = Message::read(&bytes) else {
            panic!("{:?}", Message::read(&bytes));
        };
        assert_eq!((icmp_type, code, info, quoted), (3, 4, 1400, &[0x45][..]));
    }

    /// No prefix of a good message and no message of one repeated pattern panics.
    #[test]
    fn parse_is_total() {
        let good = request(b"abcdefgh");
        for end in 0..8 {
            assert!(matches!(Message::parse(&good[..end]), Err(Error::Truncated { .. })));
        }
        for n in 0..=u16::MAX {
            let [a, b] = n.to_be_bytes();
            let _ = Message::parse(&[a, b, b, a, a, b, a, b, b, b]);
            let _ = Message::read(&[a, b, b, a, a, b, a, b, b, b]);
        }
    }

    fn request(payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff; 3];
        EchoRequest { id: ID, payload }.emit(&mut bytes);
        bytes
    }
}
