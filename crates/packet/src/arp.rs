//! The Address Resolution Protocol (RFC 826), and what RFC 5227 makes of it.

use std::net::Ipv4Addr;

use crate::{Error, Mac, Result};

/// Octets of a message about IPv4 on Ethernet.
pub const LENGTH: usize = 28;

/// Octets before the addresses.
const HEADER: usize = 8;

/// Operations (IANA, "Address Resolution Protocol (ARP) Parameters").
pub mod operation {
    /// Who has that address?
    pub const REQUEST: u16 = 1;
    /// It is here.
    pub const REPLY: u16 = 2;
}

/// What stands before the addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Kind of link (`ar$hrd`): 1 is Ethernet, 6 IEEE 802.
    pub hardware: u16,
    /// Kind of the addresses that are asked for (`ar$pro`), as an Ethernet type.
    pub protocol: u16,
    /// Octets of a link-layer address (`ar$hln`), as the sender says.
    pub hardware_length: u8,
    /// Octets of a protocol address (`ar$pln`), as the sender says.
    pub protocol_length: u8,
    /// [`operation`] (`ar$op`).
    pub operation: u16,
}

impl Header {
    /// About IPv4 on Ethernet.
    #[must_use]
    pub const fn ipv4(operation: u16) -> Self {
        Self { hardware: 1, protocol: 0x0800, hardware_length: 6, protocol_length: 4, operation }
    }
}

/// One end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// `ar$sha` or `ar$tha`.
    pub mac: Mac,
    /// `ar$spa` or `ar$tpa`.
    pub address: Ipv4Addr,
}

/// A message with addresses of Ethernet and IPv4, whatever its header says of their lengths.
///
/// Nothing in `header` but the place of the fields is believed: whoever wants a message that makes sense
/// asks [`is_consistent`](Self::is_consistent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// As it was sent.
    pub header: Header,
    /// Who says so.
    pub sender: End,
    /// To whom, or about whom.
    pub target: End,
    /// What comes behind: a frame is filled up, or somebody has more to say.
    pub rest: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message of at least [`LENGTH`] octets.
    pub fn parse(octets: &'a [u8]) -> Result<Self> {
        let truncated = Error::Truncated { what: "ARP", need: LENGTH, got: octets.len() };
        let (fixed, rest) = octets.split_first_chunk::<LENGTH>().ok_or(truncated)?;
        let word = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        let end = |at: usize| End {
            mac: Mac([
                fixed[at],
                fixed[at + 1],
                fixed[at + 2],
                fixed[at + 3],
                fixed[at + 4],
                fixed[at + 5],
            ]),
            address: [fixed[at + 6], fixed[at + 7], fixed[at + 8], fixed[at + 9]].into(),
        };
        let header = Header {
            hardware: word(0),
            protocol: word(2),
            hardware_length: fixed[4],
            protocol_length: fixed[5],
            operation: word(6),
        };
        Ok(Self { header, sender: end(HEADER), target: end(HEADER + 10), rest })
    }

    /// Whether the lengths are those of the addresses that were read.
    #[must_use]
    pub const fn is_consistent(&self) -> bool {
        self.header.hardware_length == 6 && self.header.protocol_length == 4
    }

    /// Writes the message behind what `out` holds.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let Header { hardware, protocol, hardware_length, protocol_length, operation } =
            self.header;
        out.extend_from_slice(&hardware.to_be_bytes());
        out.extend_from_slice(&protocol.to_be_bytes());
        out.extend_from_slice(&[hardware_length, protocol_length]);
        out.extend_from_slice(&operation.to_be_bytes());
        for end in [self.sender, self.target] {
            out.extend_from_slice(&end.mac.0);
            out.extend_from_slice(&end.address.octets());
        }
        out.extend_from_slice(self.rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    /// Who has 192.0.2.2? Tell 192.0.2.1.
    const REQUEST: [u8; LENGTH] =
        [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2];

    fn request() -> Message<'static> {
        Message {
            header: Header::ipv4(operation::REQUEST),
            sender: End { mac: Mac([2, 0, 0, 0, 0, 1]), address: [192, 0, 2, 1].into() },
            target: End { mac: Mac::ZERO, address: [192, 0, 2, 2].into() },
            rest: &[],
        }
    }

    #[test]
    fn request_has_the_octets_of_the_standard() {
        let mut out = Vec::new();
        request().emit(&mut out);
        assert_eq!(out, REQUEST);
        assert_eq!(Message::parse(&out), Ok(request()));
    }

    #[test]
    fn message_cut_short_is_none() {
        for end in 0..LENGTH {
            let truncated = Error::Truncated { what: "ARP", need: LENGTH, got: end };
            assert_eq!(Message::parse(&REQUEST[..end]), Err(truncated));
        }
    }

    #[test]
    fn lengths_are_told_and_not_believed() {
        for (hardware, protocol) in [(0, 0), (6, 255), (255, 4), (8, 16)] {
            let mut lying = REQUEST;
            (lying[4], lying[5]) = (hardware, protocol);
            let message = Message::parse(&lying).unwrap();
            assert_eq!(message.sender, request().sender, "the fields are where they are");
            assert!(!message.is_consistent(), "{hardware} and {protocol}");
        }
        assert!(request().is_consistent());
    }

    #[test]
    fn any_octets_will_do_and_come_back_the_same() {
        for octets in noise(5_000) {
            let Ok(message) = Message::parse(&octets) else { continue };
            let mut out = Vec::new();
            message.emit(&mut out);
            assert_eq!(out, octets);
        }
    }
}
