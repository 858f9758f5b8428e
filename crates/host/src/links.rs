//! The interfaces of this network namespace, their addresses, and what has gone through them.
//!
//! Settings and IPv4 addresses come by rtnetlink(7), what was counted and IPv6 addresses from `/proc/net`.
//! The parsers take any octets: what makes no sense is passed over.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

use crate::netlink::{Attributes, Message, Netlink, NetlinkError};
use crate::proc_net::address_v6;

mod arpable;

pub use arpable::NotArpable;

/// `IFF_*` (netdevice(7)).
pub mod flags {
    /// Switched on.
    pub const UP: u32 = 0x1;
    /// Has a broadcast address.
    pub const BROADCAST: u32 = 0x2;
    /// Leads to this machine.
    pub const LOOPBACK: u32 = 0x8;
    /// Leads to one peer.
    pub const POINT_TO_POINT: u32 = 0x10;
    /// Nobody is asked for a hardware address there.
    pub const NO_ARP: u32 = 0x80;
    /// There is a carrier: a cable with somebody at its other end.
    pub const LOWER_UP: u32 = 0x1_0000;
}

/// One interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// Its name, as bytes that somebody chose: anything but a slash, a colon and blanks.
    pub name: String,
    /// [`flags`].
    pub flags: u32,
    /// Octets of the longest packet.
    pub mtu: u32,
    /// `ARPHRD_*`: 1 is Ethernet.
    pub hardware: u16,
    /// Hardware address; empty where there is none.
    pub address: Vec<u8>,
    /// Packets that wait at the most (`txqueuelen`).
    pub queue: u32,
    /// What of the machine it takes up.
    pub resources: Resources,
    /// Whether it works.
    pub state: OperState,
    /// What makes it, such as `veth`, `bridge` or `vlan`; empty of a card.
    pub kind: String,
    /// Number of its VLAN, if it is one.
    pub vlan: Option<u16>,
    /// Number of the interface below it, or of its peer.
    pub parent: Option<u32>,
    /// Whether that one is in another network namespace, so that its number says nothing here.
    pub is_parent_elsewhere: bool,
    /// Number of the bridge or bond that it is part of.
    pub master: Option<u32>,
}

/// `IF_OPER_*` (RFC 2863 §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperState {
    /// Nobody says: drivers that do not tell, and the loopback.
    #[default]
    Unknown,
    /// Parts of it are missing.
    NotPresent,
    /// It cannot carry anything.
    Down,
    /// What is below it is down.
    LowerLayerDown,
    /// It is being tested.
    Testing,
    /// It waits for something, such as 802.1X.
    Dormant,
    /// It works.
    Up,
}

impl Link {
    /// Whether it is switched on.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.flags & flags::UP != 0
    }

    /// Whether there is a carrier. What is switched off has none, as far as anybody knows.
    #[must_use]
    pub const fn has_carrier(&self) -> bool {
        self.flags & flags::LOWER_UP != 0
    }

    /// Whether the kernel asks nobody for a hardware address there.
    #[must_use]
    pub const fn is_no_arp(&self) -> bool {
        self.flags & flags::NO_ARP != 0
    }
}

impl OperState {
    /// As rtnetlink(7) tells it.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::NotPresent,
            2 => Self::Down,
            3 => Self::LowerLayerDown,
            4 => Self::Testing,
            5 => Self::Dormant,
            6 => Self::Up,
            _ => Self::Unknown,
        }
    }

    /// As ip(8) writes it, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotPresent => "notpresent",
            Self::Down => "down",
            Self::LowerLayerDown => "lowerlayerdown",
            Self::Testing => "testing",
            Self::Dormant => "dormant",
            Self::Up => "up",
        }
    }
}

/// `struct rtnl_link_ifmap`: what old cards took of the machine. 0 is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// First address of shared memory.
    pub memory_start: u64,
    /// Last address of shared memory.
    pub memory_end: u64,
    /// I/O port.
    pub base: u64,
    /// Interrupt.
    pub interrupt: u16,
    /// DMA channel.
    pub dma: u8,
}

/// One IPv4 address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressV4 {
    /// Number of the interface.
    pub index: u32,
    /// The interface's name, or that of an alias.
    pub label: String,
    /// The address.
    pub local: Ipv4Addr,
    /// The other end, or the address once more.
    pub peer: Ipv4Addr,
    /// For all on the link; all zeroes where there is none.
    pub broadcast: Ipv4Addr,
    /// Length of the network's prefix, in bits.
    pub prefix: u8,
}

/// One IPv6 address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressV6 {
    /// Name of the interface.
    pub interface: String,
    /// The address.
    pub address: Ipv6Addr,
    /// Length of the network's prefix, in bits.
    pub prefix: u8,
    /// `IPV6_ADDR_*` of Linux: 0x10 this host, 0x20 this link, 0x40 this site, 0x80 v4-compatible; 0 everywhere.
    pub scope: u8,
    /// `IFA_F_*`.
    pub flags: u8,
}

/// What has gone one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Octets.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets that were damaged or not to be sent.
    pub errors: u64,
    /// Packets for which there was no room.
    pub dropped: u64,
    /// Packets for which the card had no room.
    pub fifo: u64,
    /// Inwards: of the errors, frames. Outwards: collisions.
    pub frame_or_collisions: u64,
    /// Outwards: of the errors, those of the carrier.
    pub carrier: u64,
    /// Compressed packets.
    pub compressed: u64,
    /// Inwards: packets to many.
    pub multicast: u64,
}

/// What has gone through an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Its name.
    pub interface: String,
    /// Received.
    pub received: Traffic,
    /// Sent.
    pub sent: Traffic,
}

const GET_LINK: u16 = 18;
const NEW_LINK: u16 = 16;
const DELETE_LINK: u16 = 17;
const GET_ADDRESS: u16 = 22;
const NEW_ADDRESS: u16 = 20;
const AF_INET: u8 = 2;

/// All interfaces.
pub fn links(netlink: &mut Netlink) -> Result<Vec<Link>, NetlinkError> {
    collect(netlink, GET_LINK, &[0; 16], |message| {
        (message.kind == NEW_LINK).then(|| link(message.payload)).flatten()
    })
}

/// One link of a message about it: whether it is there, or is gone.
pub(crate) fn told(message: &Message<'_>) -> Option<(Link, bool)> {
    let is_there = message.kind == NEW_LINK;
    // A bridge tells of its ports too, in messages of its own family.
    let is_general = message.payload.first() == Some(&0);
    let is_told = is_general && (is_there || message.kind == DELETE_LINK);
    is_told.then(|| link(message.payload)).flatten().map(|link| (link, is_there))
}

/// All IPv4 addresses, each interface's in the order of the kernel.
pub fn addresses_v4(netlink: &mut Netlink) -> Result<Vec<AddressV4>, NetlinkError> {
    collect(netlink, GET_ADDRESS, &[AF_INET, 0, 0, 0, 0, 0, 0, 0], |message| {
        (message.kind == NEW_ADDRESS).then(|| address_v4(message.payload)).flatten()
    })
}

fn collect<T>(
    netlink: &mut Netlink,
    kind: u16,
    question: &[u8],
    read: impl Fn(Message<'_>) -> Option<T>,
) -> Result<Vec<T>, NetlinkError> {
    let mut found = Vec::new();
    netlink.dump(kind, question, |message| {
        found.extend(read(message));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// `struct ifinfomsg` and its attributes.
fn link(payload: &[u8]) -> Option<Link> {
    let mut link = Link {
        hardware: u16::from_ne_bytes(payload.get(2..4)?.try_into().ok()?),
        index: u32_at(payload, 4)?,
        flags: u32_at(payload, 8)?,
        ..Link::default()
    };
    for (kind, value) in Attributes::new(payload.get(16..)?) {
        match kind {
            1 => value.clone_into(&mut link.address),
            3 => link.name = text(value),
            4 => link.mtu = u32_at(value, 0)?,
            5 => link.parent = Some(u32_at(value, 0)?).filter(|parent| *parent > 0),
            10 => link.master = Some(u32_at(value, 0)?).filter(|master| *master > 0),
            16 => link.state = OperState::from_number(*value.first()?),
            18 => about_kind(&mut link, value),
            37 => link.is_parent_elsewhere = true,
            13 => link.queue = u32_at(value, 0)?,
            14 => link.resources = resources(value)?,
            _ => {}
        }
    }
    (!link.name.is_empty()).then_some(link)
}

/// `IFLA_LINKINFO`.
fn about_kind(link: &mut Link, nested: &[u8]) {
    let mut data: &[u8] = &[];
    for (kind, value) in Attributes::new(nested) {
        match kind {
            1 => link.kind = text(value),
            2 => data = value,
            _ => {}
        }
    }
    if link.kind == "vlan" {
        let mut about = Attributes::new(data);
        let id = about.find(|(kind, _)| *kind == 1).and_then(|(_, id)| id.first_chunk());
        link.vlan = id.map(|id| u16::from_ne_bytes(*id));
    }
}

fn resources(value: &[u8]) -> Option<Resources> {
    let long = |at: usize| Some(u64::from_ne_bytes(value.get(at..at + 8)?.try_into().ok()?));
    Some(Resources {
        memory_start: long(0)?,
        memory_end: long(8)?,
        base: long(16)?,
        interrupt: u16::from_ne_bytes(value.get(24..26)?.try_into().ok()?),
        dma: *value.get(26)?,
    })
}

/// `struct ifaddrmsg` and its attributes.
fn address_v4(payload: &[u8]) -> Option<AddressV4> {
    let (mut local, mut peer, mut broadcast, mut label) = (None, None, None, None);
    if *payload.first()? != AF_INET {
        return None;
    }
    for (kind, value) in Attributes::new(payload.get(8..)?) {
        let octets = || Some(Ipv4Addr::from(<[u8; 4]>::try_from(value).ok()?));
        match kind {
            1 => peer = octets(),
            2 => local = octets(),
            3 => label = Some(text(value)),
            4 => broadcast = octets(),
            _ => {}
        }
    }
    let local = local.or(peer)?;
    Some(AddressV4 {
        index: u32_at(payload, 4)?,
        label: label?,
        local,
        peer: peer.unwrap_or(local),
        broadcast: broadcast.unwrap_or(Ipv4Addr::UNSPECIFIED),
        prefix: *payload.get(1)?,
    })
}

pub(crate) fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}

/// Up to the first zero.
fn text(value: &[u8]) -> String {
    let end = value.iter().position(|octet| *octet == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

/// Reads `/proc/net/dev`, in its order, after its two lines of headings.
#[must_use]
pub fn parse_statistics(text: &str) -> Vec<Statistics> {
    text.lines().skip(2).map_while(line_of_statistics).collect()
}

fn line_of_statistics(line: &str) -> Option<Statistics> {
    let (name, values) = line.split_once(':')?;
    let values: Vec<u64> =
        values.split_whitespace().map(|word| word.parse().unwrap_or(0)).collect();
    let at = |n: usize| values.get(n).copied().unwrap_or(0);
    let way = |from: usize| Traffic {
        bytes: at(from),
        packets: at(from + 1),
        errors: at(from + 2),
        dropped: at(from + 3),
        fifo: at(from + 4),
        frame_or_collisions: at(from + 5),
        ..Traffic::default()
    };
    Some(Statistics {
        interface: name.trim_start().to_owned(),
        received: Traffic { compressed: at(6), multicast: at(7), ..way(0) },
        sent: Traffic { carrier: at(14), compressed: at(15), ..way(8) },
    })
}

/// Reads `/proc/net/if_inet6`.
#[must_use]
pub fn parse_addresses_v6(text: &str) -> Vec<AddressV6> {
    text.lines().filter_map(line_of_address_v6).collect()
}

fn line_of_address_v6(line: &str) -> Option<AddressV6> {
    let mut words = line.split_whitespace();
    let address = address_v6(words.next()?)?;
    let mut octet = || u8::from_str_radix(words.nth(1)?, 16).ok();
    // The words are: address, index, prefix, scope, flags, name.
    let prefix = octet()?;
    let mut octet = || u8::from_str_radix(words.next()?, 16).ok();
    let (scope, flags) = (octet()?, octet()?);
    Some(AddressV6 { interface: words.next()?.to_owned(), address, prefix, scope, flags })
}

#[cfg(test)]
#[path = "links/tests.rs"]
mod tests;
