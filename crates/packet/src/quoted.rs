//! The datagram that an ICMP error is about, as far as the error quotes it.
//!
//! Nothing in it is proof: whoever sent the error wrote the quote. A short quote is not an error; it
//! is never read past its end, whatever its length fields say.

use std::net::IpAddr;

use pnet_packet::ipv6::Ipv6Packet;

use crate::{Error, Result, ipv4, protocol};

/// What a prober reads from a quoted datagram of either family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Who sent it: we, unless an address was translated on the way.
    pub source: IpAddr,
    /// Who it was for.
    pub destination: IpAddr,
    /// What `transport` is, see [`protocol`]. The number of an IPv6 extension header where the quote
    /// ends inside of it.
    pub protocol: u8,
    /// Identification of IPv4 (RFC 791 §3.1); 0 for IPv6.
    pub identification: u16,
    /// TTL or hop limit when it was thrown away: 0 or 1 is usual, more tells of a hidden path.
    pub hop_limit: u8,
    /// The six bits of DSCP and the two of ECN (RFC 3168 §5), alike in both families.
    pub traffic_class: u8,
    /// Octets of the whole datagram, as its header says; for IPv6 the payload length and 40.
    pub total_length: u16,
    /// The DF bit. Routers never fragment IPv6 (RFC 8200 §4.5), so it is always set there.
    pub dont_fragment: bool,
    /// Where in the datagram this fragment belongs, in octets. Only at 0 is there a transport header.
    pub fragment_offset: u16,
    /// Octets before `transport`: the IP header with its options or extension headers.
    pub header_length: usize,
    /// As much of the rest as was quoted: 8 octets if the sender keeps to RFC 792, or fewer, or more.
    pub transport: &'a [u8],
}

impl<'a> Quoted<'a> {
    /// Reads the quote of an ICMP or ICMPv6 error, by the version in its first octet.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        match bytes.first().map(|octet| octet >> 4) {
            Some(4) => v4(bytes),
            Some(6) => v6(bytes),
            Some(other) => Err(malformed("version", other.into())),
            None => Err(truncated(1, 0)),
        }
    }

    /// Source and destination port, where the protocol has them and the quote reaches that far.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        let has_ports = matches!(self.protocol, protocol::UDP | protocol::TCP | protocol::UDPLITE);
        let [a, b, c, d, ..] = *self.transport else { return None };
        let ports = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        (has_ports && self.fragment_offset == 0).then_some(ports)
    }
}

const fn truncated(need: usize, got: usize) -> Error {
    Error::Truncated { what: "quoted datagram", need, got }
}

const fn malformed(field: &'static str, value: usize) -> Error {
    Error::Malformed { what: "quoted datagram", field, value }
}

fn v4(bytes: &[u8]) -> Result<Quoted<'_>> {
    const DONT_FRAGMENT: u16 = 0x4000;
    const OFFSET: u16 = 0x1fff;
    let header = ipv4::Header::parse(bytes)?;
    let &[[_, traffic_class], length, identification, fragment, ..] = bytes.as_chunks::<2>().0
    else {
        return Err(truncated(20, bytes.len()));
    };
    let fragment = u16::from_be_bytes(fragment);
    Ok(Quoted {
        source: header.source.into(),
        destination: header.destination.into(),
        protocol: header.protocol,
        identification: u16::from_be_bytes(identification),
        hop_limit: header.ttl,
        traffic_class,
        total_length: u16::from_be_bytes(length),
        dont_fragment: fragment & DONT_FRAGMENT != 0,
        // Thirteen bits that count eights: no more than 65528.
        fragment_offset: (fragment & OFFSET) * 8,
        header_length: bytes.len() - header.payload.len(),
        transport: header.payload,
    })
}

/// Octets of an IPv6 header without extensions.
const FIXED_V6: usize = 40;

fn v6(bytes: &[u8]) -> Result<Quoted<'_>> {
    let header = Ipv6Packet::new(bytes).ok_or(truncated(FIXED_V6, bytes.len()))?;
    let rest = skip_extensions(header.get_next_header().0, &bytes[FIXED_V6..]);
    Ok(Quoted {
        source: header.get_source().into(),
        destination: header.get_destination().into(),
        protocol: rest.protocol,
        identification: 0,
        hop_limit: header.get_hop_limit(),
        traffic_class: header.get_traffic_class(),
        total_length: header.get_payload_length().saturating_add(40),
        dont_fragment: true,
        fragment_offset: rest.fragment_offset,
        header_length: bytes.len() - rest.octets.len(),
        transport: rest.octets,
    })
}

/// What is left of an IPv6 datagram at some point of its chain of headers.
struct Rest<'a> {
    /// What comes next.
    protocol: u8,
    /// In octets; 0 where there was no fragment header.
    fragment_offset: u16,
    /// From there to the end of the buffer.
    octets: &'a [u8],
}

/// Walks the chain (RFC 8200 §4) up to a header that is no extension, or is not all there.
fn skip_extensions(protocol: u8, octets: &[u8]) -> Rest<'_> {
    // RFC 8200 §4.1 foresees seven.
    const MOST_EXTENSIONS: usize = 16;
    let mut rest = Rest { protocol, fragment_offset: 0, octets };
    for _ in 0..MOST_EXTENSIONS {
        let Some(next) = skip_extension(&rest) else { break };
        rest = next;
    }
    rest
}

/// The rest after one extension header. After a fragment that is not the first there is none.
fn skip_extension<'a>(rest: &Rest<'a>) -> Option<Rest<'a>> {
    let [next, length, a, b, ..] = *rest.octets else { return None };
    let (length, fragment_offset) = match rest.protocol {
        _ if rest.fragment_offset != 0 => return None,
        protocol::HOP_BY_HOP | protocol::ROUTING | protocol::DESTINATION_OPTIONS => {
            (8 * (usize::from(length) + 1), 0)
        }
        // The upper thirteen bits count eights, which is to say octets with the lower three bits off.
        protocol::FRAGMENT => (8, u16::from_be_bytes([a, b]) & 0xfff8),
        _ => return None,
    };
    let octets = rest.octets.get(length..)?;
    Some(Rest { protocol: next, fragment_offset, octets })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::noise::noise;

    /// What Linux quoted of a UDP datagram to a closed port, captured on loopback.
    const V4: [u8; 31] = [
        0x45, 0x00, 0x00, 0x1f, 0x09, 0xa5, 0x40, 0x00, 0x40, 0x11, 0x33, 0x27, 0x7f, 0x00, 0x00,
        0x01, 0x7f, 0x00, 0x00, 0x01, 0xbb, 0xb4, 0x82, 0x9a, 0x00, 0x0b, 0xfe, 0x1e, 0x61, 0x62,
        0x63,
    ];
    /// The same over IPv6, up to the UDP header.
    const V6: [u8; 40] = [
        0x60, 0x01, 0x05, 0x26, 0x00, 0x0b, 0x11, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ];
    const UDP: [u8; 11] = [0xdc, 0xd6, 0x82, 0x9a, 0x00, 0x0b, 0x00, 0x1e, 0x61, 0x62, 0x63];

    #[test]
    fn captured_ipv4_quote_is_read() {
        let want = Quoted {
            source: Ipv4Addr::LOCALHOST.into(),
            destination: Ipv4Addr::LOCALHOST.into(),
            protocol: protocol::UDP,
            identification: 0x09a5,
            hop_limit: 64,
            traffic_class: 0,
            total_length: 31,
            dont_fragment: true,
            fragment_offset: 0,
            header_length: 20,
            transport: &V4[20..],
        };
        assert_eq!(Quoted::parse(&V4), Ok(want));
        assert_eq!(want.ports(), Some((48052, 33434)));
    }

    #[test]
    fn captured_ipv6_quote_is_read() {
        let bytes = [&V6[..], &UDP].concat();
        let want = Quoted {
            source: Ipv6Addr::LOCALHOST.into(),
            destination: Ipv6Addr::LOCALHOST.into(),
            protocol: protocol::UDP,
            identification: 0,
            hop_limit: 64,
            traffic_class: 0,
            total_length: 51,
            dont_fragment: true,
            fragment_offset: 0,
            header_length: 40,
            transport: &UDP,
        };
        assert_eq!(Quoted::parse(&bytes), Ok(want));
        assert_eq!(want.ports(), Some((56534, 33434)));
    }

    #[test]
    fn traffic_class_is_the_same_octet_in_both_families() {
        let (mut old, mut new) = (V4, V6);
        old[1] = 0xb9;
        new[..2].copy_from_slice(&[0x6b, 0x91]);
        assert_eq!(Quoted::parse(&old).unwrap().traffic_class, 0xb9);
        assert_eq!(Quoted::parse(&new).unwrap().traffic_class, 0xb9);
    }

    #[test]
    fn ipv4_options_are_part_of_the_header() {
        let mut bytes = V4.to_vec();
        bytes[0] = 0x46;
        bytes.splice(20..20, [1, 1, 1, 0]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.header_length, quoted.ports()), (24, Some((48052, 33434))));
    }

    #[test]
    fn ipv6_extension_headers_are_skipped() {
        let bytes = chain(&[
            (protocol::HOP_BY_HOP, &[0; 7]),
            (protocol::DESTINATION_OPTIONS, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            (protocol::ROUTING, &[0; 7]),
            (protocol::FRAGMENT, &[0, 0, 1, 0, 0, 0, 7]),
        ]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.protocol, quoted.header_length), (protocol::UDP, 80));
        assert_eq!(quoted.ports(), Some((56534, 33434)));
    }

    #[test]
    fn later_fragment_has_no_ports() {
        let bytes = chain(&[(protocol::FRAGMENT, &[0, 0x05, 0xa9, 0, 0, 0, 7])]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.fragment_offset, quoted.ports()), (1448, None));
        let mut bytes = V4;
        bytes[6..8].copy_from_slice(&[0x00, 0xb9]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.fragment_offset, quoted.ports()), (1480, None));
        assert!(!quoted.dont_fragment);
    }

    #[test]
    fn extension_longer_than_the_quote_is_where_reading_stops() {
        let bytes = chain(&[(protocol::HOP_BY_HOP, &[255, 0, 0, 0, 0, 0, 0])]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.protocol, quoted.header_length), (protocol::HOP_BY_HOP, 40));
        assert_eq!(quoted.ports(), None);
    }

    #[test]
    fn endless_chain_of_extensions_ends() {
        let mut bytes = V6.to_vec();
        bytes[6] = protocol::DESTINATION_OPTIONS;
        bytes.extend([protocol::DESTINATION_OPTIONS, 0, 0, 0, 0, 0, 0, 0].repeat(1000));
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!(quoted.protocol, protocol::DESTINATION_OPTIONS);
        assert_eq!(quoted.header_length, 40 + 16 * 8);
    }

    #[test]
    fn length_fields_are_told_and_not_believed() {
        let mut bytes = V4;
        bytes[2..4].copy_from_slice(&[0xff, 0xff]);
        let quoted = Quoted::parse(&bytes).unwrap();
        assert_eq!((quoted.total_length, quoted.transport.len()), (65535, 11));
        let mut bytes = V6;
        bytes[4..6].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(Quoted::parse(&bytes).unwrap().total_length, 65535);
    }

    #[test]
    fn icmp_has_no_ports() {
        let mut bytes = V4;
        bytes[9] = protocol::ICMP;
        assert_eq!(Quoted::parse(&bytes).unwrap().ports(), None);
    }

    #[test]
    fn quote_of_no_version_is_malformed() {
        let want = Error::Malformed { what: "quoted datagram", field: "version", value: 5 };
        assert_eq!(Quoted::parse(&[0x55; 60]), Err(want));
    }

    #[test]
    fn short_quotes_are_read_as_far_as_they_go() {
        let v6 = [&V6[..], &UDP].concat();
        for (whole, header) in [(&V4[..], 20), (&v6, 40)] {
            for end in 0..whole.len() {
                let quoted = Quoted::parse(&whole[..end]);
                assert_eq!(quoted.is_ok(), end >= header, "of {end} octets: {quoted:?}");
                let ports = quoted.ok().and_then(|quoted| quoted.ports());
                assert_eq!(ports.is_some(), end >= header + 4, "of {end} octets");
            }
        }
    }

    #[test]
    fn parse_is_total() {
        for mut bytes in noise(20_000) {
            let _ = Quoted::parse(&bytes);
            for version in [0x45, 0x4f, 0x60] {
                bytes.first_mut().into_iter().for_each(|octet| *octet = version);
                check_bounds(&bytes);
            }
            bytes.get_mut(6).into_iter().for_each(|octet| *octet = protocol::ROUTING);
            check_bounds(&bytes);
        }
    }

    fn check_bounds(bytes: &[u8]) {
        let Ok(quoted) = Quoted::parse(bytes) else { return };
        let _ = quoted.ports();
        assert_eq!(quoted.header_length + quoted.transport.len(), bytes.len());
    }

    /// An IPv6 datagram with these extension headers, each without its first octet, before [`UDP`].
    fn chain(extensions: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = V6.to_vec();
        bytes[6] = extensions[0].0;
        let after = extensions.iter().skip(1).map(|extension| extension.0).chain([protocol::UDP]);
        for ((_, body), next) in extensions.iter().zip(after) {
            bytes.push(next);
            bytes.extend_from_slice(body);
        }
        bytes.extend(UDP);
        bytes
    }
}
