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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::flags;
    use crate::netlink::{Messages, Subsystem};

    /// What Linux 6.18 said of `default via 192.0.2.2 dev d0 metric 7`.
    const VIA: &[u8] = &[
        0x02, 0x00, 0x00, 0x00, 0xfe, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x0f,
        0x00, 0xfe, 0x00, 0x00, 0x00, 0x08, 0x00, 0x06, 0x00, 0x07, 0x00, 0x00, 0x00, 0x08, 0x00,
        0x05, 0x00, 0xc0, 0x00, 0x02, 0x02, 0x08, 0x00, 0x04, 0x00, 0x03, 0x00, 0x00, 0x00,
    ];

    /// `default metric 9 nexthop via 192.0.2.3 dev d0 nexthop via 192.0.2.4 dev d0`.
    const WAYS: &[u8] = &[
        0x02, 0x00, 0x00, 0x00, 0xfe, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x0f,
        0x00, 0xfe, 0x00, 0x00, 0x00, 0x08, 0x00, 0x06, 0x00, 0x09, 0x00, 0x00, 0x00, 0x24, 0x00,
        0x09, 0x00, 0x10, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x08, 0x00, 0x05, 0x00, 0xc0,
        0x00, 0x02, 0x03, 0x10, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x08, 0x00, 0x05, 0x00,
        0xc0, 0x00, 0x02, 0x04,
    ];

    /// `default via 2001:db8::2 dev d0 metric 5`, without what follows the interface.
    const VIA_V6: &[u8] = &[
        0x0a, 0x00, 0x00, 0x00, 0xfe, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x0f,
        0x00, 0xfe, 0x00, 0x00, 0x00, 0x08, 0x00, 0x06, 0x00, 0x05, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x05, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x02, 0x08, 0x00, 0x04, 0x00, 0x03, 0x00, 0x00, 0x00,
    ];

    fn read(payload: &[u8]) -> Option<DefaultRoute> {
        let length = u32::try_from(16 + payload.len()).unwrap();
        let mut octets = length.to_ne_bytes().to_vec();
        octets.extend(NEW_ROUTE.to_ne_bytes());
        octets.extend([0; 10]);
        octets.extend_from_slice(payload);
        default_route(&Messages::new(&octets).next()?.ok()?)
    }

    fn card(index: u32) -> Link {
        let address = vec![2, 0, 0, 0, 0, 1];
        let flags = flags::UP | flags::LOWER_UP;
        Link { index, flags, hardware: 1, address, ..Link::default() }
    }

    fn route(index: u32) -> DefaultRoute {
        DefaultRoute { index, gateway: None, metric: 0, is_v6: false }
    }

    fn chosen(links: &[Link], routes: &[DefaultRoute]) -> Option<u32> {
        default_interface(links, &[], routes).map(|link| link.index)
    }

    #[test]
    fn default_routes_are_read_of_every_kind() {
        let gateway = Some(IpAddr::from([192, 0, 2, 2]));
        let found = DefaultRoute { index: 3, gateway, metric: 7, is_v6: false };
        assert_eq!(read(VIA), Some(found));
        let first = read(WAYS).unwrap();
        assert_eq!((first.index, first.gateway), (3, Some(IpAddr::from([192, 0, 2, 3]))));
        let v6 = read(VIA_V6).unwrap();
        assert_eq!((v6.is_v6, v6.metric), (true, 5));
        assert_eq!(v6.gateway, Some("2001:db8::2".parse().unwrap()));
    }

    #[test]
    fn other_routes_are_none_and_no_cut_is_a_panic() {
        for (at, value) in [(1, 24), (7, 6), (8, 0x10), (16, 0xff)] {
            let mut octets = VIA.to_vec();
            octets[at] = value;
            assert_eq!(read(&octets), None, "octet {at}");
        }
        for whole in [VIA, WAYS, VIA_V6] {
            for end in 0..whole.len() {
                let _ = read(&whole[..end]);
                for value in [0, 1, 5, 0x80, 0xff] {
                    let mut octets = whole.to_vec();
                    octets[end] = value;
                    let _ = read(&octets);
                }
            }
        }
    }

    #[test]
    fn interface_of_the_default_route_is_meant_if_it_can_be_asked_on() {
        let tun = Link { index: 4, flags: flags::UP, hardware: 0xfffe, ..Link::default() };
        let down = Link { flags: 0, ..card(6) };
        let links = [card(2), card(3), tun, down];
        assert_eq!(chosen(&links, &[route(3)]), Some(3));
        assert_eq!(chosen(&links, &[route(4), route(3)]), Some(3), "nobody can be asked on a tun");
        assert_eq!(chosen(&links, &[route(6), route(99)]), Some(2));
        assert_eq!(chosen(&links[2..], &[route(4)]), None);
    }

    #[test]
    fn without_a_route_what_works_comes_before_what_programs_made() {
        let bridge = Link { kind: "bridge".into(), ..card(1) };
        let unplugged = Link { flags: flags::UP, ..card(2) };
        let links = [bridge, unplugged, card(5)];
        assert_eq!(chosen(&links, &[]), Some(5));
        assert_eq!(chosen(&links[..2], &[]), Some(1));
        assert_eq!(usable(&links).len(), 3);
    }

    #[test]
    fn default_routes_of_this_machine_can_be_read() {
        let mut netlink = Netlink::open(Subsystem::Route).unwrap();
        let found = default_routes(&mut netlink).unwrap();
        assert!(found.is_sorted_by_key(|route| (route.is_v6, route.metric)));
    }
}
