//! What a captured frame carries: from the link, whatever its kind, to a segment of TCP or an ICMP error.
//!
//! It believes no length: each is compared with the frame's own and with what the capture kept of it. Checksums
//! are not looked at, for those of a frame on its way out are seldom filled in yet.

use std::net::{IpAddr, Ipv6Addr};

use crate::quoted::Quoted;
use crate::tcp::{self, Segment, Start};
use crate::{Error, Result, icmpv4, icmpv6, ipv4, ipv6, protocol};

mod link;

/// How a frame begins: a number of the registry of link types (`LINKTYPE_…`, tcpdump.org, and pcapng's).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a family in the order of octets of whoever wrote it.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// IP, the version in its first octet.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: a family in network order.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked", of tcpdump's `any`.
    pub const LINUX_SLL: Self = Self(113);
    /// IPv4.
    pub const IPV4: Self = Self(228);
    /// IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux "cooked", with the number of the interface.
    pub const LINUX_SLL2: Self = Self(276);

    /// Whether [`read`] can make anything of it.
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(
            self,
            Self::NULL
                | Self::ETHERNET
                | Self::RAW
                | Self::LOOP
                | Self::LINUX_SLL
                | Self::IPV4
                | Self::IPV6
                | Self::LINUX_SLL2
        )
    }
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Nobody said.
    #[default]
    Unknown,
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// What a link's own header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Number of the VLAN, of the outermost tag.
    pub vlan: Option<u16>,
    /// Number of the interface, of [`LinkType::LINUX_SLL2`].
    pub interface: Option<u32>,
    /// Which way, of Linux "cooked" ones.
    pub direction: Direction,
}

/// An IP packet that came in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// How it came.
    pub link: Link,
    /// Who says they sent it.
    pub source: IpAddr,
    /// To whom.
    pub destination: IpAddr,
    /// TTL or hop limit where it was captured.
    pub hop_limit: u8,
    /// The six bits of DSCP and the two of ECN (RFC 3168 §5), alike in both families.
    pub traffic_class: u8,
    /// Of IPv4 (RFC 791 §3.1), and of a fragment of IPv6 (RFC 8200 §4.5); 0 elsewhere.
    pub identification: u32,
    /// Whether no router may cut it in two: the DF bit of IPv4, and always of IPv6.
    pub dont_fragment: bool,
    /// Where it is a part of a greater packet.
    pub fragment: Option<Fragment>,
    /// What it carries.
    pub content: Content<'a>,
}

/// A part of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where it belongs, in octets.
    pub offset: u16,
    /// Whether others come behind it.
    pub more: bool,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content<'a> {
    /// A segment, its header whole. Of a first fragment as much as that carries.
    Tcp {
        /// Header, and what was kept of the data.
        segment: Segment<'a>,
        /// Octets of data on the wire: no fewer than were kept.
        length: u32,
    },
    /// An ICMP error of either family, and what it quotes.
    IcmpError {
        /// What kind of trouble.
        icmp_type: u8,
        /// Which, among that kind.
        code: u8,
        /// The second half of the header: an MTU, a gateway, a pointer.
        info: u32,
        /// The packet that it is about, as far as it is quoted. Hostile.
        quoted: Quoted<'a>,
    },
    /// TCP whose header is cut short, by the sender or by the capture, or says what cannot be.
    BrokenTcp {
        /// Its ports and number, where so much is there.
        start: Option<Start>,
        /// What is wrong.
        why: Error,
    },
    /// Anything else, fragments behind the first included, by its protocol number.
    Other(u8),
}

/// Reads a frame of which `octets` were kept; on the wire it had `length`.
pub fn read(link: LinkType, octets: &[u8], length: u32) -> Result<Packet<'_>> {
    let (link, packet) = link::strip(link, octets)?;
    let kept = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    let before = u32::try_from(octets.len() - packet.len()).unwrap_or(u32::MAX);
    let length = length.max(kept) - before;
    let packet = match packet.first().map(|octet| octet >> 4) {
        Some(4) => v4(packet, length)?,
        Some(6) => v6(packet, length)?,
        Some(other) => return Err(malformed("version", other.into())),
        None => return Err(Error::Truncated { what: "IP", need: 1, got: 0 }),
    };
    Ok(Packet { link, ..packet })
}

const fn malformed(field: &'static str, value: usize) -> Error {
    Error::Malformed { what: "IP", field, value }
}

/// What is left of a packet: what was kept of it, and its length on the wire, no less.
#[derive(Clone, Copy)]
struct Rest<'a> {
    kept: &'a [u8],
    length: u32,
}

impl<'a> Rest<'a> {
    /// As much of a packet as it says that it has: behind it is what its frame was filled up with. A packet that
    /// says nothing is greater than its header can tell (RFC 2675, and Linux's own offloads).
    fn new(octets: &'a [u8], said: u32, length: u32) -> Self {
        let length = if said == 0 { length } else { said.min(length) };
        let end = octets.len().min(length as usize);
        Self { kept: octets.get(..end).unwrap_or(octets), length }
    }

    /// Leaves out the first octets, where so many were kept.
    fn skip(self, octets: usize) -> Option<Self> {
        let kept = self.kept.get(octets..)?;
        Some(Self { kept, length: self.length.checked_sub(u32::try_from(octets).ok()?)? })
    }
}

fn v4(octets: &[u8], length: u32) -> Result<Packet<'_>> {
    const DONT_FRAGMENT: u16 = 0x4000;
    const MORE: u16 = 0x2000;
    const OFFSET: u16 = 0x1fff;
    let header = ipv4::Header::parse(octets)?;
    let &[[_, traffic_class], said, identification, flags, ..] = octets.as_chunks::<2>().0 else {
        return Err(malformed("IHL", 0));
    };
    let (said, flags) = (u16::from_be_bytes(said), u16::from_be_bytes(flags));
    let before = octets.len() - header.payload.len();
    let rest = Rest::new(octets, said.into(), length).skip(before);
    let rest = rest.ok_or(malformed("total length", said.into()))?;
    let fragment = Fragment { offset: (flags & OFFSET) * 8, more: flags & MORE != 0 };
    Ok(Packet {
        link: Link::default(),
        source: header.source.into(),
        destination: header.destination.into(),
        hop_limit: header.ttl,
        traffic_class,
        identification: u16::from_be_bytes(identification).into(),
        dont_fragment: flags & DONT_FRAGMENT != 0,
        fragment: fragment.is_part().then_some(fragment),
        content: content(header.protocol, fragment.offset, rest),
    })
}

impl Fragment {
    const fn is_part(self) -> bool {
        self.more || self.offset > 0
    }
}

fn v6(octets: &[u8], length: u32) -> Result<Packet<'_>> {
    let short = Error::Truncated { what: "IPv6", need: ipv6::HEADER, got: octets.len() };
    let (header, _) = octets.split_first_chunk::<{ ipv6::HEADER }>().ok_or(short)?;
    let [a, b, _, _, c, d, next, hop_limit, addresses @ ..] = *header;
    let said = match u16::from_be_bytes([c, d]) {
        0 => 0,
        payload => u32::from(payload) + 40,
    };
    let rest = Rest::new(octets, said, length).skip(ipv6::HEADER).ok_or(short)?;
    let address = |at: usize| {
        let octets = addresses.as_chunks::<16>().0.get(at);
        IpAddr::from(Ipv6Addr::from(octets.copied().unwrap_or_default()))
    };
    let chain = Chain::follow(next, rest);
    Ok(Packet {
        link: Link::default(),
        source: address(0),
        destination: address(1),
        hop_limit,
        traffic_class: a << 4 | b >> 4,
        identification: chain.identification,
        dont_fragment: true,
        fragment: chain.fragment.filter(|fragment| fragment.is_part()),
        content: content(chain.next, chain.fragment.map_or(0, |part| part.offset), chain.rest),
    })
}

/// How far the headers of an IPv6 packet were followed (RFC 8200 §4).
struct Chain<'a> {
    next: u8,
    rest: Rest<'a>,
    fragment: Option<Fragment>,
    identification: u32,
}

impl<'a> Chain<'a> {
    fn follow(next: u8, rest: Rest<'a>) -> Self {
        /// More than RFC 8200 §4.1 foresees.
        const MOST: usize = 16;
        let mut chain = Self { next, rest, fragment: None, identification: 0 };
        for _ in 0..MOST {
            if chain.step().is_none() {
                break;
            }
        }
        chain
    }

    /// Passes over one header; `None` where there is none, or not all of it.
    fn step(&mut self) -> Option<()> {
        /// RFC 4302 §2.
        const AUTHENTICATION: u8 = 51;
        if self.fragment.is_some_and(|fragment| fragment.offset > 0) {
            return None;
        }
        let [next, length, a, b, ..] = *self.rest.kept else { return None };
        let octets = match self.next {
            protocol::HOP_BY_HOP | protocol::ROUTING | protocol::DESTINATION_OPTIONS => {
                8 + 8 * usize::from(length)
            }
            AUTHENTICATION => 8 + 4 * usize::from(length),
            protocol::FRAGMENT => 8,
            _ => return None,
        };
        let rest = self.rest.skip(octets)?;
        if self.next == protocol::FRAGMENT {
            let word = u16::from_be_bytes([a, b]);
            self.fragment = Some(Fragment { offset: word & 0xfff8, more: word & 1 != 0 });
            let identification = self.rest.kept.get(4..8).and_then(|id| id.try_into().ok());
            self.identification = identification.map_or(0, u32::from_be_bytes);
        }
        (self.next, self.rest) = (next, rest);
        Some(())
    }
}

fn content(protocol: u8, offset: u16, rest: Rest<'_>) -> Content<'_> {
    let told = match protocol {
        _ if offset > 0 => None,
        protocol::TCP => return tcp(rest),
        protocol::ICMP => match icmpv4::Message::read(rest.kept) {
            Ok(icmpv4::Message::Error { icmp_type, code, info, quoted }) => {
                Some((icmp_type, code, info, quoted))
            }
            _ => None,
        },
        protocol::ICMPV6 => match icmpv6::Message::read(rest.kept) {
            Ok(icmpv6::Message::Error { icmp_type, code, info, quoted }) => {
                Some((icmp_type, code, info, quoted))
            }
            _ => None,
        },
        _ => None,
    };
    let error = told.and_then(|(icmp_type, code, info, quoted)| {
        let quoted = Quoted::parse(quoted).ok()?;
        Some(Content::IcmpError { icmp_type, code, info, quoted })
    });
    error.unwrap_or(Content::Other(protocol))
}

fn tcp(rest: Rest<'_>) -> Content<'_> {
    match Segment::parse(rest.kept) {
        Ok(segment) => {
            let header = tcp::HEADER + segment.options.len();
            let header = u32::try_from(header).unwrap_or(u32::MAX);
            Content::Tcp { segment, length: rest.length.saturating_sub(header) }
        }
        Err(why) => Content::BrokenTcp { start: tcp::read_start(rest.kept).ok(), why },
    }
}

#[cfg(test)]
mod tests;
