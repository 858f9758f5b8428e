//! The checksum that a datagram ought to have, for comparing a quoted one with it.
//!
//! It never says whether a datagram is good: whoever quotes it may have changed it.

use std::net::IpAddr;

use crate::{protocol, pseudo};

/// What stands in the checksum field of a datagram that nobody has damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Where the field is, in octets from the transport header on.
    pub at: usize,
    /// The checksum.
    pub whole: u16,
    /// The sum of the pseudo-header alone: what Linux leaves there for the interface to finish, and what
    /// a router quotes that the datagram came to without ever being on a wire.
    pub unfinished: Option<u16>,
}

impl Expected {
    /// For `transport`, header and data, between two addresses; `None` for other protocols than UDP,
    /// TCP, ICMP and `ICMPv6`, and where the header is not whole.
    #[must_use]
    pub fn of(protocol: u8, ends: (IpAddr, IpAddr), transport: &[u8]) -> Option<Self> {
        let at = match protocol {
            protocol::UDP => 6,
            protocol::TCP => 16,
            protocol::ICMP | protocol::ICMPV6 => 2,
            _ => return None,
        };
        transport.get(at..at + 2)?;
        let sum = |octets: &[u8]| pseudo::checksum(ends, protocol, octets, at / 2);
        let whole = match protocol {
            protocol::ICMP => icmp(transport),
            // Zero means that there is none (RFC 768).
            protocol::UDP => Some(sum(transport)).filter(|sum| *sum != 0).unwrap_or(u16::MAX),
            _ => sum(transport),
        };
        let is_left_open = matches!(protocol, protocol::UDP | protocol::TCP);
        let unfinished = is_left_open.then(|| !sum(&vec![0; transport.len()]));
        Some(Self { at, whole, unfinished })
    }

    /// The checksum of a quote, if it goes that far and has another than this.
    #[must_use]
    pub fn differs(&self, quoted: &[u8]) -> Option<u16> {
        let octets = quoted.get(self.at..self.at + 2)?;
        let found = u16::from_be_bytes([octets[0], octets[1]]);
        // Zero has two spellings in ones' complement (RFC 1624 §3).
        let same = |sum: u16| found == sum || (found == u16::MAX && sum == 0);
        (!same(self.whole) && !self.unfinished.is_some_and(same)).then_some(found)
    }
}

/// RFC 792 has no pseudo-header.
fn icmp(message: &[u8]) -> u16 {
    pnet_packet::util::checksum(message, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    const LOOPBACK: (IpAddr, IpAddr) =
        (IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    /// Captured on loopback: the checksum in the quote is unfinished, and 0xff23 is the one that tcpdump
    /// asked for.
    const UDP: [u8; 11] = [0xbb, 0xb4, 0x82, 0x9a, 0, 11, 0xfe, 0x1e, b'a', b'b', b'c'];

    #[test]
    fn finished_and_unfinished_checksums_are_both_as_sent() {
        let expected = Expected::of(protocol::UDP, LOOPBACK, &UDP).unwrap();
        assert_eq!(expected, Expected { at: 6, whole: 0xff23, unfinished: Some(0xfe1e) });
        assert_eq!(expected.differs(&UDP), None);
        let mut finished = UDP;
        finished[6..8].copy_from_slice(&[0xff, 0x23]);
        assert_eq!(expected.differs(&finished), None);
        finished[7] = 0x24;
        assert_eq!(expected.differs(&finished), Some(0xff24));
    }

    #[test]
    fn echo_request_of_a_capture_has_the_checksum_that_it_ought_to_have() {
        let request = [0x08, 0x00, 0xf3, 0x23, 0x04, 0xd2, 0x00, 0x0a];
        let expected = Expected::of(protocol::ICMP, LOOPBACK, &request).unwrap();
        assert_eq!((expected.whole, expected.differs(&request)), (0xf323, None));
    }

    #[test]
    fn quotes_that_end_before_it_say_nothing() {
        let expected = Expected::of(protocol::UDP, LOOPBACK, &UDP).unwrap();
        for end in 0..8 {
            assert_eq!(expected.differs(&[1; 8][..end]), None);
        }
        assert_eq!(expected.differs(&[1; 8]), Some(0x0101));
    }

    #[test]
    fn any_octets_will_do() {
        for bytes in noise(5_000) {
            for protocol in [1, 6, 17, 58, 136, 255] {
                let expected = Expected::of(protocol, LOOPBACK, &bytes);
                let _ = expected.map(|expected| expected.differs(&bytes));
            }
        }
    }
}
