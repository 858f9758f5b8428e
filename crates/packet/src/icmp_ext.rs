//! What routers append to ICMP errors of both families (RFC 4884): the MPLS label stack (RFC 4950)
//! and the interface (RFC 5837) that the datagram came with.
//!
//! Checksums of the ICMP message itself are not looked at here. An object that cannot be read never
//! takes those before it along.

use std::net::IpAddr;

use pnet_packet::util;

use crate::{Error, Result};

/// Octets of the structure's header: version, reserved bits, checksum (RFC 4884 §7).
const HEADER: usize = 4;

/// Octets of an object's header: length, class, C-Type (RFC 4884 §8).
const OBJECT_HEADER: usize = 4;

/// Octets of the datagram that are quoted, zeros added if need be, before an extension structure:
/// at least (RFC 4884 §4), and by routers that do not tell exactly (RFC 4884 §5.5).
const QUOTED: usize = 128;

/// Objects that are read of one structure. RFC 4884 §8 names no bound; a datagram has room for
/// thousands of empty ones.
pub const MOST_OBJECTS: usize = 64;

/// One object of an extension structure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Object<'a> {
    /// Class 1, C-Type 1: the label stack that the datagram came with, top first (RFC 4950).
    Mpls(Vec<Label>),
    /// Class 2: an interface that the datagram came or would have gone by (RFC 5837 §4).
    Interface(InterfaceInfo),
    /// Any other, and one of the above that breaks its own rules.
    Other {
        /// Class-Num (RFC 4884 §8).
        class: u8,
        /// C-Type, which every class defines for itself.
        c_type: u8,
        /// The octets after the object's header.
        payload: &'a [u8],
    },
}

/// One entry of an MPLS label stack (RFC 3032 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The label: 20 bits.
    pub label: u32,
    /// The experimental bits, which are the traffic class since RFC 5462 §3: 0 to 7.
    pub exp: u8,
    /// The bottom of the stack.
    pub bottom: bool,
    /// Time to live, as it came.
    pub ttl: u8,
}

/// Which interface is meant (RFC 5837 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The one that the datagram came in by.
    Incoming,
    /// A part of that, below IP: a member of a bundle.
    IncomingComponent,
    /// The one that it would have gone out by.
    Outgoing,
    /// The next hop that it would have gone to.
    NextHop,
}

/// What a router says of an interface: as much as it cares to (RFC 5837 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Which interface.
    pub role: Role,
    /// The router's own number for it, as in its MIB.
    pub index: Option<u32>,
    /// An address of it (RFC 5837 §4.2).
    pub address: Option<IpAddr>,
    /// Its name (RFC 5837 §4.3): a stranger's words, without the padding.
    pub name: Option<String>,
    /// Its MTU, in octets.
    pub mtu: Option<u32>,
}

/// The extension structure in what follows the eight octets of an ICMP error's header.
///
/// `quoted` is that, without its first `cut` octets: 0 where it starts with the IP header. A UDP
/// socket's error queue keeps the IP and UDP headers to itself, so that there `cut` is 28 or more.
/// `told` is the length attribute in octets, counted from the IP header on: its unit on the wire is
/// 4 octets for IPv4 and 8 for IPv6 (RFC 4884 §4). `ee_rfc4884.len` of ip(7) is that less `cut`.
///
/// A length below 128 (RFC 4884 §4) or past the end counts as none. Then there may still be a
/// structure after exactly 128 octets (RFC 4884 §5.5); it is taken for one only if it has the right
/// version and a checksum, which happens by chance no more often than once in a million.
#[must_use]
pub fn find(quoted: &[u8], told: Option<usize>, cut: usize) -> Option<&[u8]> {
    let from = |octets: usize| {
        let structure = quoted.get(octets.checked_sub(cut)?..)?;
        (structure.len() >= HEADER).then_some(structure)
    };
    told.filter(|octets| *octets >= QUOTED)
        .and_then(from)
        .or_else(|| from(QUOTED).filter(|structure| is_unmistakable(structure)))
}

/// Whether the octets are an extension structure even where none was announced.
fn is_unmistakable(structure: &[u8]) -> bool {
    !matches!(structure, [_, _, 0, 0, ..]) && verified(structure).is_ok()
}

/// Reads an extension structure, from its version and checksum on.
///
/// The first object that does not fit ends the list, and is an error only if it is the first of all.
pub fn parse(structure: &[u8]) -> Result<Vec<Object<'_>>> {
    let mut rest = verified(structure)?;
    let mut objects = Vec::new();
    while !rest.is_empty() && objects.len() < MOST_OBJECTS {
        match split_object(rest) {
            Ok((object, after)) => {
                objects.push(object);
                rest = after;
            }
            Err(error) if objects.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(objects)
}

/// The objects of a structure with the right version and checksum (RFC 4884 §7).
fn verified(structure: &[u8]) -> Result<&[u8]> {
    const VERSION: u8 = 2;
    let what = "ICMP extension";
    let got = structure.len();
    let Some((header, objects)) = structure.split_first_chunk::<HEADER>() else {
        return Err(Error::Truncated { what, need: HEADER, got });
    };
    let version = header[0] >> 4;
    if version != VERSION {
        return Err(Error::Malformed { what, field: "version", value: version.into() });
    }
    // No datagram holds more, and no more can be summed in 32 bits.
    if got > usize::from(u16::MAX) {
        return Err(Error::Malformed { what, field: "length", value: got });
    }
    let (found, want) = (u16::from_be_bytes([header[2], header[3]]), util::checksum(structure, 1));
    // Zero is no checksum (RFC 4884 §7), and a sum of zero is sent as all ones.
    let right = found == 0 || found == want || (found == u16::MAX && want == 0);
    if right { Ok(objects) } else { Err(Error::Checksum { what, found, want }) }
}

/// The first object, and what comes after it.
fn split_object(bytes: &[u8]) -> Result<(Object<'_>, &[u8])> {
    let what = "ICMP extension object";
    let truncated = |need| Error::Truncated { what, need, got: bytes.len() };
    let [a, b, class, c_type, ..] = *bytes else { return Err(truncated(OBJECT_HEADER)) };
    let length = usize::from(u16::from_be_bytes([a, b]));
    if length < OBJECT_HEADER {
        return Err(Error::Malformed { what, field: "length", value: length });
    }
    let (whole, after) = bytes.split_at_checked(length).ok_or(truncated(length))?;
    Ok((object(class, c_type, &whole[OBJECT_HEADER..]), after))
}

fn object(class: u8, c_type: u8, payload: &[u8]) -> Object<'_> {
    let known = match (class, c_type) {
        (1, 1) => labels(payload).map(Object::Mpls),
        (2, _) => interface(c_type, payload).map(Object::Interface),
        _ => None,
    };
    known.unwrap_or(Object::Other { class, c_type, payload })
}

/// A label stack, if it has an entry and no part of one.
fn labels(payload: &[u8]) -> Option<Vec<Label>> {
    let (entries, rest) = payload.as_chunks::<4>();
    let is_whole = rest.is_empty() && !entries.is_empty();
    is_whole.then(|| entries.iter().copied().map(label).collect())
}

fn label([a, b, c, ttl]: [u8; 4]) -> Label {
    Label {
        label: u32::from_be_bytes([0, a, b, c]) >> 4,
        exp: (c >> 1) & 0b111,
        bottom: c & 1 != 0,
        ttl,
    }
}

/// Bits of an interface object's C-Type that say what is there, in this order (RFC 5837 §4.1).
mod has {
    pub(super) const INDEX: u8 = 0b1000;
    pub(super) const ADDRESS: u8 = 0b0100;
    pub(super) const NAME: u8 = 0b0010;
    pub(super) const MTU: u8 = 0b0001;
}

/// What is said of an interface, if all that was announced is there.
fn interface(c_type: u8, mut rest: &[u8]) -> Option<InterfaceInfo> {
    let role = role(c_type);
    let mut info = InterfaceInfo { role, index: None, address: None, name: None, mtu: None };
    if c_type & has::INDEX != 0 {
        info.index = Some(u32::from_be_bytes(take(&mut rest)?));
    }
    if c_type & has::ADDRESS != 0 {
        info.address = Some(take_address(&mut rest)?);
    }
    if c_type & has::NAME != 0 {
        info.name = Some(take_name(&mut rest)?);
    }
    if c_type & has::MTU != 0 {
        info.mtu = Some(u32::from_be_bytes(take(&mut rest)?));
    }
    Some(info)
}

/// The upper two bits of the C-Type (RFC 5837 §4.1).
const fn role(c_type: u8) -> Role {
    match c_type >> 6 {
        0 => Role::Incoming,
        1 => Role::IncomingComponent,
        2 => Role::Outgoing,
        _ => Role::NextHop,
    }
}

/// The next `N` octets.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (octets, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*octets)
}

/// Address family, two reserved octets, address (RFC 5837 §4.2).
fn take_address(rest: &mut &[u8]) -> Option<IpAddr> {
    match take(rest)? {
        [0, 1, _, _] => take::<4>(rest).map(IpAddr::from),
        [0, 2, _, _] => take::<16>(rest).map(IpAddr::from),
        _ => None,
    }
}

/// A length that counts itself, and a name padded with zeros (RFC 5837 §4.3).
fn take_name(rest: &mut &[u8]) -> Option<String> {
    let length = usize::from(*rest.first()?);
    let (whole, after) = rest.split_at_checked(length)?;
    let name = String::from_utf8_lossy(whole.get(1..)?);
    *rest = after;
    Some(name.trim_end_matches('\0').to_owned())
}

#[cfg(test)]
mod tests;
