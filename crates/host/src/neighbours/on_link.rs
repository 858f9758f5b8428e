use std::io;
use std::net::IpAddr;

use super::{AF_INET, AF_INET6};
use crate::links::u32_at;
use crate::netlink::{Attributes, Message, Netlink, NetlinkError, push_attribute};

const GET_ROUTE: u16 = 26;
/// `RTM_F_FIB_MATCH`: the route itself, whose scope tells.
const FIB_MATCH: u32 = 0x2000;
/// `ENETUNREACH`.
const UNREACHABLE: i32 = 101;
/// `RT_SCOPE_LINK`; IPv6 knows of no scopes.
const LINK: u8 = 253;

/// Where an address is, as far as routes know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLink {
    /// On the link of the interface of this number.
    Interface(u32),
    /// It is this machine's own.
    Here,
}

/// On which link an address is, without a router in between: where its neighbour entry belongs. One that only a
/// router knows is `ENETUNREACH`.
pub fn on_link(netlink: &mut Netlink, address: IpAddr) -> Result<OnLink, NetlinkError> {
    if address.is_unspecified() {
        return Ok(OnLink::Here);
    }
    let (family, octets) = match address {
        IpAddr::V4(address) => (AF_INET, address.octets().to_vec()),
        IpAddr::V6(address) => (AF_INET6, address.octets().to_vec()),
    };
    let mut question = vec![family, if family == AF_INET { 32 } else { 128 }, 0, 0, 0, 0, 0, 0];
    question.extend(FIB_MATCH.to_ne_bytes());
    push_attribute(&mut question, 1, &octets)?;
    let mut found = None;
    netlink.get(GET_ROUTE, &question, |message| found = read(&message))?;
    let source = io::Error::from_raw_os_error(UNREACHABLE);
    found.ok_or(NetlinkError::Refused { source, message: None })
}

/// `struct rtmsg` and its attributes.
fn read(message: &Message<'_>) -> Option<OnLink> {
    let [family, _, _, _, _, _, scope, kind] = *message.payload.first_chunk()?;
    match kind {
        // `RTN_LOCAL`.
        2 => return Some(OnLink::Here),
        // `RTN_UNICAST`, and what is sent to many.
        1 | 3..=5 => {}
        _ => return None,
    }
    let is_far = family == AF_INET && scope < LINK;
    let (mut index, mut has_router) = (None, is_far);
    for (kind, value) in Attributes::new(message.payload.get(12..)?) {
        match kind {
            4 => index = u32_at(value, 0),
            5 | 18 => has_router = true,
            // The first of several ways.
            9 => index = u32_at(value, 4),
            _ => {}
        }
    }
    index.filter(|_| !has_router).map(OnLink::Interface)
}
