//! What stands before the IP header, by the kind of link.

use crate::ethernet::{Frame, ethertype};
use crate::{Error, Result};

use super::{Direction, Link, LinkType};

/// PPP over Ethernet, past its discovery (RFC 2516 §4).
const PPPOE: u16 = 0x8864;

/// What the link says, and the packet.
pub(super) fn strip(link: LinkType, octets: &[u8]) -> Result<(Link, &[u8])> {
    let plain = Link::default();
    match link {
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => Ok((plain, octets)),
        LinkType::ETHERNET => {
            let frame = Frame::parse(octets)?;
            Ok((Link { vlan: frame.vlan(), ..plain }, carried(frame.protocol, frame.payload)?))
        }
        LinkType::NULL | LinkType::LOOP => {
            let (family, packet) = octets.split_first_chunk::<4>().ok_or(short(4, octets))?;
            let is_ip =
                [u32::from_le_bytes(*family), u32::from_be_bytes(*family)].into_iter().any(is_ip);
            let family = u32::from_be_bytes(*family) as usize;
            if is_ip { Ok((plain, packet)) } else { Err(foreign("family", family)) }
        }
        LinkType::LINUX_SLL => cooked(octets),
        LinkType::LINUX_SLL2 => cooked_2(octets),
        LinkType(other) => Err(foreign("type", other.into())),
    }
}

/// `AF_INET`, everywhere 2, and `AF_INET6` of Linux and of the BSDs, of which each has its own.
const fn is_ip(family: u32) -> bool {
    matches!(family, 2 | 10 | 24 | 28 | 30)
}

/// `LINKTYPE_LINUX_SLL`: kind, hardware, length of the address, address, protocol.
fn cooked(octets: &[u8]) -> Result<(Link, &[u8])> {
    let (header, rest) = octets.split_first_chunk::<16>().ok_or(short(16, octets))?;
    let [_, kind, .., a, b] = *header;
    let direction = direction(kind);
    let (vlan, packet) = behind_tags(u16::from_be_bytes([a, b]), rest)?;
    Ok((Link { vlan, interface: None, direction }, packet))
}

/// `LINKTYPE_LINUX_SLL2`: protocol, nothing, interface, hardware, kind, length of the address, address.
fn cooked_2(octets: &[u8]) -> Result<(Link, &[u8])> {
    let (header, rest) = octets.split_first_chunk::<20>().ok_or(short(20, octets))?;
    let [high, low, _, _, interface @ .., _, _, kind, _, _, _, _, _, _, _, _, _] = *header;
    let (interface, direction) = (Some(u32::from_be_bytes(interface)), direction(kind));
    let (vlan, packet) = behind_tags(u16::from_be_bytes([high, low]), rest)?;
    Ok((Link { vlan, interface, direction }, packet))
}

/// By how a frame came to a packet socket (packet(7)): 4 is outgoing, others are to someone.
const fn direction(kind: u8) -> Direction {
    if kind == 4 { Direction::Out } else { Direction::In }
}

fn behind_tags(mut protocol: u16, mut rest: &[u8]) -> Result<(Option<u16>, &[u8])> {
    let mut vlan = None;
    for _ in 0..2 {
        if !matches!(protocol, ethertype::VLAN | ethertype::QINQ) {
            break;
        }
        let (&[a, b, c, d], after) = rest.split_first_chunk().ok_or(short(4, rest))?;
        vlan = vlan.or(Some(u16::from_be_bytes([a, b]) & 0xfff));
        (protocol, rest) = (u16::from_be_bytes([c, d]), after);
    }
    Ok((vlan, carried(protocol, rest)?))
}

/// The packet, where it is one of IP.
fn carried(protocol: u16, payload: &[u8]) -> Result<&[u8]> {
    match protocol {
        ethertype::IPV4 | ethertype::IPV6 => Ok(payload),
        // Six octets of PPPoE, and PPP's number of the protocol: the packet tells its version itself.
        PPPOE => match payload {
            [_, _, _, _, _, _, 0, 0x21 | 0x57, packet @ ..] => Ok(packet),
            _ => Err(foreign("protocol", protocol.into())),
        },
        other => Err(foreign("protocol", other.into())),
    }
}

const fn foreign(field: &'static str, value: usize) -> Error {
    Error::Malformed { what: "link", field, value }
}

const fn short(need: usize, octets: &[u8]) -> Error {
    Error::Truncated { what: "link", need, got: octets.len() }
}
