//! Where things are in a frame: just enough of Ethernet, IP and what is above to class and edit it.

use std::ops::Range;

use wireline_lab::{Class, Echo};

/// Octets of an Ethernet header, after which IP begins.
pub(crate) const ETHERNET: usize = 14;

/// Next header values that only lead to another: options for hops, routing, for destinations, see
/// RFC 8200 §4.
const EXTENSIONS: [u8; 3] = [0, 43, 60];

/// The headers of a frame that was looked at as a whole: every range lies within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Headers {
    pub(crate) class: Class,
    pub(crate) ip: Option<Ip>,
}

/// An IP packet that is whole, or the first fragment of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ip {
    pub(crate) version: Version,
    pub(crate) protocol: u8,
    /// Source and destination.
    pub(crate) addresses: Range<usize>,
    /// TCP, UDP or ICMP: its header and what it carries.
    pub(crate) transport: Range<usize>,
    /// The header's length within `transport`.
    pub(crate) header: usize,
    /// Where in `transport` its checksum is.
    pub(crate) checksum: Option<usize>,
    /// Whether the rest of the packet is in other frames.
    pub(crate) first_fragment: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V6,
}

impl Headers {
    pub(crate) fn of(frame: &[u8]) -> Self {
        let ip = match frame.get(12..ETHERNET) {
            Some([0x08, 0x06]) => return Self { class: Class::Arp, ip: None },
            Some([0x08, 0x00]) => v4(frame),
            Some([0x86, 0xdd]) => v6(frame),
            _ => None,
        };
        Self { class: ip.as_ref().map_or(Class::Other, |ip| class(ip, frame)), ip }
    }
}

impl Ip {
    fn new(
        version: Version,
        protocol: u8,
        addresses: Range<usize>,
        transport: Range<usize>,
        frame: &[u8],
    ) -> Self {
        let (header, checksum) = match protocol {
            1 | 58 => (8, Some(2)),
            6 => (
                frame.get(transport.start + 12).map_or(20, |octet| usize::from(octet >> 4) * 4),
                Some(16),
            ),
            17 => (8, Some(6)),
            _ => (0, None),
        };
        let header = header.min(transport.len());
        let checksum = checksum.filter(|at| at + 2 <= transport.len());
        Self { version, protocol, addresses, transport, header, checksum, first_fragment: false }
    }

    /// What it says, if it is an echo request or reply.
    pub(crate) fn echo(&self, frame: &[u8]) -> Option<Echo> {
        let [kind, _, _, _, a, b, c, d, ..] = frame[self.transport.clone()] else { return None };
        let reply = match (self.protocol, kind) {
            (1, 8) | (58, 128) => false,
            (1, 0) | (58, 129) => true,
            _ => return None,
        };
        let (ident, sequence) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Some(Echo { reply, ident, sequence })
    }
}

fn v4(frame: &[u8]) -> Option<Ip> {
    let start = ETHERNET + usize::from(frame.get(ETHERNET)? & 0x0f) * 4;
    let end = (ETHERNET + usize::from(word(frame, 16)?)).min(frame.len());
    let fragment = word(frame, 20)?;
    if start < ETHERNET + 20 || start > end || fragment & 0x1fff != 0 {
        return None;
    }
    let ip = Ip::new(Version::V4, frame[23], 26..34, start..end, frame);
    Some(Ip { first_fragment: fragment & 0x2000 != 0, ..ip })
}

fn v6(frame: &[u8]) -> Option<Ip> {
    let end = (ETHERNET + 40 + usize::from(word(frame, 18)?)).min(frame.len());
    let (mut next, mut at) = (*frame.get(20)?, ETHERNET + 40);
    while EXTENSIONS.contains(&next) {
        let [following, length] = *frame.get(at..at + 2)? else { return None };
        next = following;
        at += 8 + usize::from(length) * 8;
    }
    (at <= end).then(|| Ip::new(Version::V6, next, 22..54, at..end, frame))
}

fn class(ip: &Ip, frame: &[u8]) -> Class {
    match (ip.version, ip.protocol) {
        (Version::V4, 1) => Class::Icmp,
        (Version::V6, 58) => match frame[ip.transport.clone()].first() {
            // Membership and neighbour discovery: RFC 2710, RFC 3810 and RFC 4861 §4.
            Some(130..=137 | 143) => Class::Nd,
            _ => Class::Icmp6,
        },
        (_, 6) => Class::Tcp,
        (_, 17) => Class::Udp,
        _ => Class::Other,
    }
}

/// The big-endian number at an offset, if the frame goes that far.
pub(crate) fn word(frame: &[u8], at: usize) -> Option<u16> {
    frame.get(at..at + 2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// UDP from 192.0.2.1 to 192.0.2.2, port 53, with "wireline lab" in it.
    pub(crate) const UDP4: &[u8] = &[
        // Ethernet
        0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00,
        // IPv4
        0x45, 0x00, 0x00, 0x28, 0x00, 0x01, 0x40, 0x00, 0x40, 0x11, 0xb6, 0xc0, 0xc0, 0x00, 0x02,
        0x01, 0xc0, 0x00, 0x02, 0x02, // UDP
        0x14, 0xe9, 0x00, 0x35, 0x00, 0x14, 0x20, 0x38, // what it carries
        0x77, 0x69, 0x72, 0x65, 0x6c, 0x69, 0x6e, 0x65, 0x20, 0x6c, 0x61, 0x62,
    ];

    /// The same between `2001:db8::1` and `2001:db8::2`.
    pub(crate) const UDP6: &[u8] = &[
        // Ethernet
        0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x86, 0xdd,
        // IPv6
        0x60, 0x00, 0x00, 0x00, 0x00, 0x14, 0x11, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, // UDP
        0x14, 0xe9, 0x00, 0x35, 0x00, 0x14, 0x48, 0xc7, // what it carries
        0x77, 0x69, 0x72, 0x65, 0x6c, 0x69, 0x6e, 0x65, 0x20, 0x6c, 0x61, 0x62,
    ];

    #[test]
    fn headers_are_found_in_both_families() {
        for (frame, start) in [(UDP4, 34), (UDP6, 54)] {
            let headers = Headers::of(frame);
            let ip = headers.ip.unwrap();
            assert_eq!((headers.class, ip.protocol), (Class::Udp, 17));
            assert_eq!((ip.transport, ip.header), (start..frame.len(), 8));
        }
    }

    #[test]
    fn padding_behind_the_packet_is_not_part_of_it() {
        let padded = [UDP4, &[0; 20]].concat();
        assert_eq!(Headers::of(&padded), Headers::of(UDP4));
    }

    #[test]
    fn a_later_fragment_has_no_class_of_its_own() {
        let mut fragment = UDP4.to_vec();
        fragment[21] = 1;
        assert_eq!(Headers::of(&fragment), Headers { class: Class::Other, ip: None });
    }

    #[test]
    fn neighbour_discovery_is_told_from_echo() {
        let icmp6 = |kind: u8| {
            let mut frame = UDP6.to_vec();
            (frame[20], frame[54]) = (58, kind);
            let headers = Headers::of(&frame);
            (headers.class, headers.ip.and_then(|ip| ip.echo(&frame)).map(|echo| echo.reply))
        };
        assert_eq!(icmp6(128), (Class::Icmp6, Some(false)));
        assert_eq!(icmp6(129), (Class::Icmp6, Some(true)));
        assert_eq!(icmp6(135), (Class::Nd, None));
        assert_eq!(icmp6(1), (Class::Icmp6, None));
    }
}
