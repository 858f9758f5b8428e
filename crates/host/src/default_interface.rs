//! Which interface is meant where nobody says: the one that the default route leaves by, if anybody can be
//! asked there.

use std::net::IpAddr;
use std::ops::ControlFlow;

use crate::links::{AddressV4, Link, u32_at};
use crate::netlink::{Attributes, Message, Netlink, NetlinkError};

/// A way out for everything that has no better one, of the main table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultRoute {
    /// Number of the interface.
    pub index: u32,
    /// Router; `None` where the whole world is on the link.
    pub gateway: Option<IpAddr>,
    /// The lower the better.
    pub metric: u32,
    /// Whether it is one of IPv6.
    pub is_v6: bool,
}

const GET_ROUTE: u16 = 26;
const NEW_ROUTE: u16 = 24;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// The default routes of both families, IPv4's first, the best of each first.
pub fn default_routes(netlink: &mut Netlink) -> Result<Vec<DefaultRoute>, NetlinkError> {
    let mut found = Vec::new();
    for family in [AF_INET, AF_INET6] {
        let mut question = [0; 12];
        question[0] = family;
        let dumped = netlink.dump(GET_ROUTE, &question, |message| {
            found.extend(default_route(&message));
            ControlFlow::Continue(())
        });
        match dumped {
            Ok(_) => {}
            // A kernel without IPv6.
            Err(NetlinkError::Refused { .. }) if family == AF_INET6 => {}
            Err(why) => return Err(why),
        }
    }
    // Stable: among equals the kernel's order is the order in which they are tried.
    found.sort_by_key(|route| (route.is_v6, route.metric));
    Ok(found)
}

/// The interface that is meant where nobody named one: by which a default route leaves, IPv4's first; else the
/// first that works, cards before what other programs made. Always one that can be asked on.
#[must_use]
pub fn default_interface<'a>(
    links: &'a [Link],
    addresses: &[AddressV4],
    routes: &[DefaultRoute],
) -> Option<&'a Link> {
    let by_route = routes.iter().find_map(|route| {
        let link = links.iter().find(|link| link.index == route.index)?;
        (link.is_up() && link.arpable().is_ok()).then_some(link)
    });
    by_route.or_else(|| {
        usable(links).into_iter().min_by_key(|link| {
            let has_address = addresses.iter().any(|address| address.index == link.index);
            (!link.has_carrier(), !has_address, !link.kind.is_empty(), link.index)
        })
    })
}

/// The interfaces that can be asked on and are up, for reports of one that cannot.
#[must_use]
pub fn usable(links: &[Link]) -> Vec<&Link> {
    links.iter().filter(|link| link.is_up() && link.arpable().is_ok()).collect()
}

/// `struct rtmsg` and its attributes.
fn default_route(message: &Message<'_>) -> Option<DefaultRoute> {
    /// `RT_TABLE_MAIN`.
    const MAIN: u32 = 254;
    /// `RTN_UNICAST`.
    const UNICAST: u8 = 1;
    let payload = message.payload;
    let [family, prefix, _, _, table, _, _, kind] = *payload.first_chunk()?;
    // `RTM_F_CLONED`, `RTNH_F_DEAD` and `RTNH_F_LINKDOWN`.
    let is_out_of_use = u32_at(payload, 8)? & (0x200 | 0x1 | 0x10) != 0;
    if message.kind != NEW_ROUTE || prefix != 0 || kind != UNICAST || is_out_of_use {
        return None;
    }
    let mut table = u32::from(table);
    let mut metric = 0;
    let mut way = Way::default();
    for (kind, value) in Attributes::new(payload.get(12..)?) {
        match kind {
            6 => metric = u32_at(value, 0)?,
            9 => way = first_of_many(family, value)?,
            15 => table = u32_at(value, 0)?,
            _ => way.take(family, kind, value),
        }
    }
    let index = way.index.filter(|_| table == MAIN)?;
    Some(DefaultRoute { index, gateway: way.gateway, metric, is_v6: family == AF_INET6 })
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    index: Option<u32>,
    gateway: Option<IpAddr>,
}

impl Way {
    fn take(&mut self, family: u8, kind: u16, value: &[u8]) {
        match kind {
            4 => self.index = u32_at(value, 0),
            5 => self.gateway = address(family, value),
            // Of another family than what is sent there.
            18 => {
                let family = value.first_chunk().map(|family| u16::from_ne_bytes(*family));
                let family = family.and_then(|family| u8::try_from(family).ok());
                self.gateway = address(family.unwrap_or(0), value.get(2..).unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// `RTA_MULTIPATH`: the first of its `struct rtnexthop`.
fn first_of_many(family: u8, value: &[u8]) -> Option<Way> {
    let length = usize::from(u16::from_ne_bytes(*value.first_chunk()?));
    let mut way = Way { index: u32_at(value, 4), gateway: None };
    for (kind, value) in Attributes::new(value.get(8..length)?) {
        way.take(family, kind, value);
    }
    Some(way)
}

fn address(family: u8, octets: &[u8]) -> Option<IpAddr> {
    match family {
        AF_INET => Some(<[u8; 4]>::try_from(octets).ok()?.into()),
        AF_INET6 => Some(<[u8; 16]>::try_from(octets).ok()?.into()),
        _ => None,
    }
}
