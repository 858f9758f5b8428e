//! The datagrams that a strange target writes, octet by octet.
//!
//! Nothing here asks whether a datagram makes sense: that is what the behaviours are for.

use std::net::{Ipv4Addr, Ipv6Addr};

use pnet_packet::ip::IpNextHeaderProtocols::{Hopopt, Icmp, Icmpv6};
use pnet_packet::ipv4::{self, MutableIpv4Packet};
use pnet_packet::ipv6::MutableIpv6Packet;
use pnet_packet::util;

/// Octets of an IPv4 header without options.
pub(crate) const IPV4_HEADER: usize = 20;
/// Octets of an IPv6 header.
pub(crate) const IPV6_HEADER: usize = 40;
/// Octets of an ICMP header of either family, and of the data that an error must quote (RFC 792).
pub(crate) const ICMP_HEADER: usize = 8;

/// The host's own addresses, from which errors and the replies of `other-source` come.
const HOST_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const HOST_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

/// Both addresses of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    V4 { source: Ipv4Addr, destination: Ipv4Addr },
    V6 { source: Ipv6Addr, destination: Ipv6Addr },
}

impl Ends {
    /// The way back.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::V4 { source, destination } => {
                Self::V4 { source: destination, destination: source }
            }
            Self::V6 { source, destination } => {
                Self::V6 { source: destination, destination: source }
            }
        }
    }

    /// The same destination, as seen from the host itself.
    pub(crate) fn by_host(self) -> Self {
        match self {
            Self::V4 { destination, .. } => Self::V4 { source: HOST_V4, destination },
            Self::V6 { destination, .. } => Self::V6 { source: HOST_V6, destination },
        }
    }

    /// The checksum that `icmp` should carry: over the pseudo-header too where it is `ICMPv6`
    /// (RFC 4443 §2.3).
    pub(crate) fn checksum(self, icmp: &[u8]) -> u16 {
        const FIELD: usize = 1;
        match self {
            Self::V4 { .. } => util::checksum(icmp, FIELD),
            Self::V6 { source, destination } => {
                util::ipv6_checksum(icmp, FIELD, &[], &source, &destination, Icmpv6)
            }
        }
    }

    /// Makes the checksum right, where the message reaches as far as its checksum.
    pub(crate) fn seal(self, icmp: &mut [u8]) {
        let checksum = self.checksum(icmp).to_be_bytes();
        if let Some(field) = icmp.get_mut(2..4) {
            field.copy_from_slice(&checksum);
        }
    }

    /// A whole datagram. `extra` stands between the IP header and the message: options of IPv4,
    /// a multiple of four octets; for IPv6 [extension headers](extension_headers).
    pub(crate) fn datagram(self, extra: &[u8], icmp: &[u8]) -> Vec<u8> {
        let mut bytes = match self {
            Self::V4 { .. } => vec![0; IPV4_HEADER],
            Self::V6 { .. } => vec![0; IPV6_HEADER],
        };
        bytes.extend_from_slice(extra);
        bytes.extend_from_slice(icmp);
        match self {
            Self::V4 { .. } => self.fill_v4(&mut bytes, extra.len()),
            Self::V6 { .. } => self.fill_v6(&mut bytes, extra.len()),
        }
        bytes
    }

    fn fill_v4(self, bytes: &mut [u8], options: usize) {
        let Self::V4 { source, destination } = self else { return };
        let total = length_field(bytes.len());
        let words = u8::try_from((IPV4_HEADER + options) / 4).unwrap_or(15);
        let Some(mut header) = MutableIpv4Packet::new(bytes) else { return };
        header.set_version(4);
        header.set_header_length(words);
        header.set_total_length(total);
        header.set_ttl(64);
        header.set_next_level_protocol(Icmp);
        header.set_source(source);
        header.set_destination(destination);
        header.set_checksum(ipv4::checksum(&header.to_immutable()));
    }

    fn fill_v6(self, bytes: &mut [u8], extensions: usize) {
        let Self::V6 { source, destination } = self else { return };
        let payload = length_field(bytes.len() - IPV6_HEADER);
        let Some(mut header) = MutableIpv6Packet::new(bytes) else { return };
        header.set_version(6);
        header.set_payload_length(payload);
        header.set_next_header(if extensions > 0 { Hopopt } else { Icmpv6 });
        header.set_hop_limit(64);
        header.set_source(source);
        header.set_destination(destination);
    }
}

/// A hop-by-hop options header, then so many destination options headers, then `ICMPv6`
/// (RFC 8200 §4). Each is the smallest there is: eight octets, all padding.
pub(crate) fn extension_headers(destination_options: usize) -> Vec<u8> {
    const DESTINATION_OPTIONS: u8 = 60;
    const PADDING: [u8; 7] = [0, 1, 4, 0, 0, 0, 0];
    let mut headers = Vec::new();
    for _ in 0..destination_options {
        headers.push(DESTINATION_OPTIONS);
        headers.extend_from_slice(&PADDING);
    }
    headers.push(Icmpv6.0);
    headers.extend_from_slice(&PADDING);
    headers
}

/// A length as the header has it. One that does not fit fails at the socket, which refuses more
/// than the link carries.
fn length_field(octets: usize) -> u16 {
    u16::try_from(octets).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: Ends = Ends::V4 {
        source: Ipv4Addr::new(198, 51, 100, 1),
        destination: Ipv4Addr::new(192, 0, 2, 1),
    };
    const V6: Ends = Ends::V6 { source: HOST_V6, destination: Ipv6Addr::LOCALHOST };

    #[test]
    fn ipv4_header_is_the_one_worked_out_by_hand() {
        let header = [
            0x46, 0, 0, 25, 0, 0, 0, 0, 64, 1, 0x8b, 0xad, 198, 51, 100, 1, 192, 0, 2, 1, 1, 1, 1,
            0, 7,
        ];
        assert_eq!(V4.datagram(&[1, 1, 1, 0], &[7]), header);
    }

    #[test]
    fn extension_headers_chain_to_icmpv6() {
        let bytes = V6.datagram(&extension_headers(2), &[129, 0]);
        let next = [bytes[6], bytes[40], bytes[48], bytes[56]];
        assert_eq!(next, [0, 60, 60, 58]);
        assert_eq!(bytes[4..6], [0, 26], "the payload length counts the extension headers");
    }

    #[test]
    fn sealed_message_sums_to_nothing() {
        let mut icmp = [0, 0, 9, 9, 1, 2, 3];
        V4.seal(&mut icmp);
        assert_eq!(util::checksum(&icmp, usize::MAX), 0);
    }

    #[test]
    fn icmpv6_checksum_covers_the_addresses() {
        let (mut there, mut back) = ([129, 0, 0, 0], [129, 0, 0, 0]);
        V6.seal(&mut there);
        V6.by_host().reversed().by_host().seal(&mut back);
        assert_ne!(there, back);
    }

    /// A message that stops before its checksum is left as it is.
    #[test]
    fn seal_is_total() {
        for end in 0..4 {
            let mut icmp = [8, 7, 6, 5];
            V4.seal(&mut icmp[..end]);
            V6.seal(&mut icmp[..end]);
            assert_eq!(icmp, [8, 7, 6, 5]);
        }
    }
}
