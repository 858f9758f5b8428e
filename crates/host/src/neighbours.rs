//! Who the kernel believes to be on the links: the neighbour tables of both families, read, changed and
//! watched over rtnetlink(7).
//!
//! The parser takes any octets: what makes no sense is passed over. This asks nobody on a wire.

use std::fmt;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use wireline_packet::Mac;

use crate::links::u32_at;
use crate::netlink::{Attributes, Message, Netlink, NetlinkError, Write, push_attribute};

mod changes;
mod link_address;
mod on_link;
mod state;

pub use changes::{Change, Changes};
pub use link_address::LinkAddress;
pub use on_link::{OnLink, on_link};
pub use state::State;

/// `NTF_*` (rtnetlink(7), `linux/neighbour.h`).
pub mod flags {
    /// This machine answers for it.
    pub const PROXY: u8 = 0x08;
    /// Somebody else than the kernel learned it.
    pub const EXTERNAL: u8 = 0x10;
    /// It is in the hardware too.
    pub const OFFLOADED: u8 = 0x20;
    /// It stays with its interface.
    pub const STICKY: u8 = 0x40;
    /// It says that it is a router (RFC 4861 §4.4).
    pub const ROUTER: u8 = 0x80;
}

/// One entry of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Whose it is.
    pub address: IpAddr,
    /// Number of the interface; 0 of a proxy entry is every interface.
    pub index: u32,
    /// What the kernel thinks of it.
    pub state: State,
    /// [`flags`].
    pub flags: u8,
    /// Its hardware address; `None` while nobody knows it.
    pub hardware: Option<LinkAddress>,
    /// How long ago what happened; `None` of a proxy entry.
    pub ages: Option<Ages>,
    /// Requests that nobody has answered yet.
    pub probes: u32,
    /// Who made it (`RTPROT_*`); `None` where nobody said.
    pub protocol: Option<u8>,
}

/// How long ago what happened to an entry (`struct nda_cacheinfo`), to the tick of the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// Somebody sent there.
    pub used: Duration,
    /// It was there for certain.
    pub confirmed: Duration,
    /// Its state or its hardware address changed.
    pub updated: Duration,
    /// How many things in the kernel hold it.
    pub references: u32,
}

/// Whose tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// ARP's and NDP's.
    Both,
    /// ARP's.
    V4,
    /// NDP's (RFC 4861).
    V6,
}

/// What an entry is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stays until somebody deletes it.
    Permanent(LinkAddress),
    /// It is believed, and checked when it is used (`NUD_STALE`).
    Temporary(LinkAddress),
    /// This machine answers for it.
    Proxy,
}

const NEW: u16 = 28;
const DELETE: u16 = 29;
const GET: u16 = 30;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

impl Neighbour {
    /// Whether this machine answers for it: no entry of a neighbour.
    #[must_use]
    pub const fn is_proxy(&self) -> bool {
        self.flags & flags::PROXY != 0
    }

    /// Whether it says that it is a router. Only NDP's do.
    #[must_use]
    pub const fn is_router(&self) -> bool {
        self.flags & flags::ROUTER != 0
    }

    /// Its Ethernet address.
    #[must_use]
    pub fn mac(&self) -> Option<Mac> {
        self.hardware?.mac()
    }
}

/// Takes every neighbour, each interface's in no order, which is that of `/proc/net/arp`. Proxy entries are
/// told of by [`each_proxy`].
pub fn each(
    netlink: &mut Netlink,
    tables: Tables,
    each: impl FnMut(Neighbour),
) -> Result<(), NetlinkError> {
    dump(netlink, tables, 0, each)
}

/// Takes every entry for which this machine answers in another's place.
pub fn each_proxy(
    netlink: &mut Netlink,
    tables: Tables,
    each: impl FnMut(Neighbour),
) -> Result<(), NetlinkError> {
    dump(netlink, tables, flags::PROXY, each)
}

/// All neighbours, and behind them all proxy entries.
pub fn list(netlink: &mut Netlink, tables: Tables) -> Result<Vec<Neighbour>, NetlinkError> {
    let mut found = Vec::new();
    each(netlink, tables, |neighbour| found.push(neighbour))?;
    each_proxy(netlink, tables, |proxy| found.push(proxy))?;
    Ok(found)
}

/// Makes an entry, or makes it so. `index` is the number of its interface; 0, for a proxy entry alone, is every
/// interface.
pub fn put(
    netlink: &mut Netlink,
    address: IpAddr,
    index: u32,
    kind: &Kind,
) -> Result<(), NetlinkError> {
    let (state, flags, hardware) = match kind {
        Kind::Permanent(hardware) => (State::Permanent, 0, Some(hardware)),
        Kind::Temporary(hardware) => (State::Stale, 0, Some(hardware)),
        Kind::Proxy => (State::None, flags::PROXY, None),
    };
    let mut question = question(address, index, state.bits(), flags)?;
    if let Some(hardware) = hardware {
        push_attribute(&mut question, 2, hardware.octets())?;
    }
    netlink.change(NEW, Write::Put, &question)
}

/// Deletes a neighbour (`ENOENT`: there is none).
pub fn delete(netlink: &mut Netlink, address: IpAddr, index: u32) -> Result<(), NetlinkError> {
    netlink.command(DELETE, &question(address, index, 0, 0)?)
}

/// Deletes a proxy entry (`ENOENT`: there is none). An `index` of 0 is the entry for every interface.
pub fn delete_proxy(
    netlink: &mut Netlink,
    address: IpAddr,
    index: u32,
) -> Result<(), NetlinkError> {
    netlink.command(DELETE, &question(address, index, 0, flags::PROXY)?)
}

/// Whether this process may change the tables (`CAP_NET_ADMIN`), by asking for what is too short to be done:
/// whoever may not is told so first.
pub fn may_change(netlink: &mut Netlink) -> Result<(), NetlinkError> {
    /// `EPERM`.
    const NOT_PERMITTED: i32 = 1;
    match netlink.command(NEW, &[AF_INET]) {
        Err(why) if why.errno() == Some(NOT_PERMITTED) => Err(why),
        _ => Ok(()),
    }
}

fn dump(
    netlink: &mut Netlink,
    tables: Tables,
    flags: u8,
    mut each: impl FnMut(Neighbour),
) -> Result<(), NetlinkError> {
    let family = match tables {
        Tables::Both => 0,
        Tables::V4 => AF_INET,
        Tables::V6 => AF_INET6,
    };
    let header = header(family, 0, 0, flags);
    netlink.dump(GET, &header, |message| {
        if let Some((neighbour, true)) = told(&message) {
            each(neighbour);
        }
        ControlFlow::Continue(())
    })?;
    Ok(())
}

/// `struct ndmsg`.
fn header(family: u8, index: u32, state: u16, flags: u8) -> [u8; 12] {
    let mut header = [0; 12];
    header[0] = family;
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..10].copy_from_slice(&state.to_ne_bytes());
    header[10] = flags;
    header
}

fn question(address: IpAddr, index: u32, state: u16, flags: u8) -> Result<Vec<u8>, NetlinkError> {
    let (family, octets) = match address {
        IpAddr::V4(address) => (AF_INET, address.octets().to_vec()),
        IpAddr::V6(address) => (AF_INET6, address.octets().to_vec()),
    };
    let mut question = header(family, index, state, flags).to_vec();
    push_attribute(&mut question, 1, &octets)?;
    Ok(question)
}

/// The entry of a message, and whether it is there or is gone.
fn told(message: &Message<'_>) -> Option<(Neighbour, bool)> {
    let is_there = message.kind == NEW;
    let is_told = is_there || message.kind == DELETE;
    is_told.then(|| neighbour(message.payload)).flatten().map(|found| (found, is_there))
}

/// `struct ndmsg` and its attributes.
fn neighbour(payload: &[u8]) -> Option<Neighbour> {
    let family = *payload.first()?;
    let state = State::from_bits(u16::from_ne_bytes(payload.get(8..10)?.try_into().ok()?));
    let (index, flags) = (u32_at(payload, 4)?, *payload.get(10)?);
    let (mut address, mut hardware, mut ages, mut probes, mut protocol) =
        (None, None, None, 0, None);
    for (kind, value) in Attributes::new(payload.get(12..)?) {
        match kind {
            1 => address = address_of(family, value),
            2 => hardware = LinkAddress::new(value),
            3 => ages = ages_of(value),
            4 => probes = u32_at(value, 0)?,
            12 => protocol = value.first().copied(),
            _ => {}
        }
    }
    Some(Neighbour { address: address?, index, state, flags, hardware, ages, probes, protocol })
}

fn address_of(family: u8, octets: &[u8]) -> Option<IpAddr> {
    match family {
        AF_INET => Some(<[u8; 4]>::try_from(octets).ok()?.into()),
        AF_INET6 => Some(<[u8; 16]>::try_from(octets).ok()?.into()),
        // A bridge's table has addresses of hardware in it.
        _ => None,
    }
}

/// In the kernel's own order: confirmed, used, updated, references.
fn ages_of(value: &[u8]) -> Option<Ages> {
    /// `USER_HZ`, the same on every machine that Linux runs on today.
    const TICKS: u64 = 100;
    let age = |at| Some(Duration::from_millis(u64::from(u32_at(value, at)?) * 1000 / TICKS));
    Some(Ages {
        confirmed: age(0)?,
        used: age(4)?,
        updated: age(8)?,
        references: u32_at(value, 12)?,
    })
}

impl fmt::Display for Neighbour {
    /// For reports: `192.0.2.1 02:00:00:00:00:01 STALE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        if let Some(hardware) = &self.hardware {
            write!(f, " {hardware}")?;
        }
        write!(f, " {}", self.state.name())
    }
}

#[cfg(test)]
mod tests;
