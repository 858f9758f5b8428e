//! The echo requests that a strange target is asked.
//!
//! Everything else that comes in is passed over without a word, fragments among it.

use std::net::{Ipv4Addr, Ipv6Addr};

use pnet_packet::icmp::IcmpTypes;
use pnet_packet::icmpv6::Icmpv6Types;
use pnet_packet::ip::IpNextHeaderProtocols::{Icmp, Icmpv6};
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::ipv6::Ipv6Packet;

use crate::wire::{Ends, ICMP_HEADER, IPV6_HEADER};

/// One echo request, with the datagram that it came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// From the asker to the target.
    pub(crate) ends: Ends,
    /// As it came, without what the link may have added at its end.
    pub(crate) datagram: Vec<u8>,
    /// Where in the datagram the ICMP message begins.
    pub(crate) icmp_at: usize,
}

impl Request {
    /// Reads a datagram of either family. `None`: not a whole echo request.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let request = match bytes.first()? >> 4 {
            4 => Self::parse_v4(bytes)?,
            6 => Self::parse_v6(bytes)?,
            _ => return None,
        };
        let icmp = request.icmp();
        (icmp.len() >= ICMP_HEADER && icmp[0] == request.request_type()).then_some(request)
    }

    fn parse_v4(bytes: &[u8]) -> Option<Self> {
        const MORE_FRAGMENTS: u8 = 1;
        let ip = Ipv4Packet::new(bytes)?;
        let fragment = ip.get_fragment_offset() > 0 || ip.get_flags() & MORE_FRAGMENTS > 0;
        let icmp_at = usize::from(ip.get_header_length()) * 4;
        let datagram = bytes.get(..ip.get_total_length().into())?.to_vec();
        let ends = Ends::V4 { source: ip.get_source(), destination: ip.get_destination() };
        let whole = !fragment && ip.get_next_level_protocol() == Icmp && icmp_at <= datagram.len();
        whole.then_some(Self { ends, datagram, icmp_at })
    }

    fn parse_v6(bytes: &[u8]) -> Option<Self> {
        let ip = Ipv6Packet::new(bytes)?;
        let end = IPV6_HEADER + usize::from(ip.get_payload_length());
        let datagram = bytes.get(..end)?.to_vec();
        let ends = Ends::V6 { source: ip.get_source(), destination: ip.get_destination() };
        let plain = ip.get_next_header() == Icmpv6;
        plain.then_some(Self { ends, datagram, icmp_at: IPV6_HEADER })
    }

    /// The ICMP message: eight octets or more.
    pub(crate) fn icmp(&self) -> &[u8] {
        &self.datagram[self.icmp_at..]
    }

    /// The sequence number.
    pub(crate) fn seq(&self) -> u16 {
        let icmp = self.icmp();
        u16::from_be_bytes([icmp[6], icmp[7]])
    }

    /// The ICMP message that answers this one, without its checksum.
    pub(crate) fn reply(&self) -> Vec<u8> {
        let mut icmp = self.icmp().to_vec();
        icmp[0] = self.reply_type();
        icmp
    }

    /// Which of the targets is asked, from 1: the last part of an address in 198.51.100.0/24 or
    /// `2001:db8:bad::/64`. `None` for any other address.
    pub(crate) fn target(&self) -> Option<u16> {
        match self.ends {
            Ends::V4 { destination, .. } => {
                let [a, b, c, n] = destination.octets();
                (Ipv4Addr::new(a, b, c, 0) == Ipv4Addr::new(198, 51, 100, 0)).then_some(n.into())
            }
            Ends::V6 { destination, .. } => {
                let [head @ .., n] = destination.segments();
                (head == BLOCK_V6.segments()[..7]).then_some(n)
            }
        }
    }

    /// The type of an echo request in this family.
    pub(crate) fn request_type(&self) -> u8 {
        match self.ends {
            Ends::V4 { .. } => IcmpTypes::EchoRequest.0,
            Ends::V6 { .. } => Icmpv6Types::EchoRequest.0,
        }
    }

    fn reply_type(&self) -> u8 {
        match self.ends {
            Ends::V4 { .. } => IcmpTypes::EchoReply.0,
            Ends::V6 { .. } => Icmpv6Types::EchoReply.0,
        }
    }
}

const BLOCK_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 0);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Ident 0x0102, sequence number `seq`, data 0, 1, 2 … 23, to target 7.
    pub(crate) fn request_v4(seq: u16) -> Request {
        let source = Ipv4Addr::new(192, 0, 2, 1);
        request(Ends::V4 { source, destination: Ipv4Addr::new(198, 51, 100, 7) }, 8, seq)
    }

    /// The same in IPv6.
    pub(crate) fn request_v6(seq: u16) -> Request {
        let source = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        let destination = Ipv6Addr::new(0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 7);
        request(Ends::V6 { source, destination }, 128, seq)
    }

    fn request(ends: Ends, kind: u8, seq: u16) -> Request {
        let [high, low] = seq.to_be_bytes();
        let mut icmp = vec![kind, 0, 0, 0, 1, 2, high, low];
        icmp.extend(0..24);
        ends.seal(&mut icmp);
        Request::parse(&ends.datagram(&[], &icmp)).unwrap()
    }

    #[test]
    fn last_part_of_the_address_names_the_target() {
        assert_eq!(request_v4(1).target(), Some(7));
        assert_eq!(request_v6(1).target(), Some(7));
    }

    #[test]
    fn addresses_outside_the_blocks_are_nobody() {
        let mut request = request_v4(1);
        request.ends = request.ends.reversed();
        assert_eq!(request.target(), None);
    }

    #[test]
    fn padding_of_the_link_is_not_part_of_the_datagram() {
        let mut bytes = request_v4(1).datagram;
        let octets = bytes.len();
        bytes.extend([0; 6]);
        assert_eq!(Request::parse(&bytes).unwrap().datagram.len(), octets);
    }

    #[test]
    fn replies_are_no_requests() {
        let request = request_v6(1);
        let back = request.ends.reversed();
        assert!(Request::parse(&back.datagram(&[], &request.reply())).is_none());
    }

    #[test]
    fn fragments_are_passed_over() {
        let mut bytes = request_v4(1).datagram;
        bytes[6] = 0x20;
        assert!(Request::parse(&bytes).is_none());
    }

    /// No prefix of a request and no change of one octet panics.
    #[test]
    fn parse_is_total() {
        for good in [request_v4(1).datagram, request_v6(1).datagram] {
            for end in 0..good.len() {
                assert!(Request::parse(&good[..end]).is_none());
            }
            for (at, value) in (0..good.len()).flat_map(|at| (0..=255).map(move |v| (at, v))) {
                let mut bytes = good.clone();
                bytes[at] = value;
                let _ = Request::parse(&bytes);
            }
        }
    }
}
