//! The datagrams that come, and those that go back to where they came from.
//!
//! Always whole Ethernet frames, so that the link's reader and mender of frames can be used. It
//! never reassembles: of a datagram in fragments only the first is a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::edit::mend;
use crate::headers::{ETHERNET, Headers, Ip, Version};

/// Octets of an IP header without options.
pub(crate) const IPV4_HEADER: usize = 20;
pub(crate) const IPV6_HEADER: usize = 40;

/// One datagram in its frame, without the padding of a short one.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) frame: Vec<u8>,
    pub(crate) ip: Ip,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) ttl: u8,
}

impl Packet {
    /// Reads a frame. `None`: nothing that a router would forward.
    pub(crate) fn parse(mut frame: Vec<u8>) -> Option<Self> {
        crate::edit::complete(&mut frame);
        let ip = Headers::of(&frame).ip?;
        frame.truncate(ip.transport.end);
        let addresses = &frame[ip.addresses.clone()];
        let (source, destination) = addresses.split_at(addresses.len() / 2);
        let (source, destination) = (address(source)?, address(destination)?);
        let ttl = frame[ETHERNET + if ip.version == Version::V4 { 8 } else { 7 }];
        leads_away(destination).then_some(Self { frame, ip, source, destination, ttl })
    }

    /// The datagram, from its IP header on.
    pub(crate) fn datagram(&self) -> &[u8] {
        &self.frame[ETHERNET..]
    }

    /// What is behind the IP header and its extension headers.
    pub(crate) fn transport(&self) -> &[u8] {
        &self.frame[self.ip.transport.clone()]
    }

    pub(crate) fn is_v4(&self) -> bool {
        self.ip.version == Version::V4
    }

    /// Whether a router may not cut it in pieces.
    pub(crate) fn must_stay_whole(&self) -> bool {
        !self.is_v4() || self.datagram()[6] & 0x40 != 0
    }

    /// A frame that carries this back to the source, with right checksums.
    pub(crate) fn reply(&self, from: IpAddr, ttl: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = [&self.frame[6..12], &self.frame[..6], &self.frame[12..14]].concat();
        match (from, self.source) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                let length = length(IPV4_HEADER + payload.len());
                frame.extend([0x45, 0, length[0], length[1], 0, 0, 0x40, 0, ttl, protocol, 0, 0]);
                frame.extend(from.octets());
                frame.extend(to.octets());
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                let length = length(payload.len());
                frame.extend([0x60, 0, 0, 0, length[0], length[1], protocol, ttl]);
                frame.extend(from.octets());
                frame.extend(to.octets());
            }
            _ => unreachable!("an answer's source is of the probe's family"),
        }
        frame.extend(payload);
        mend(&mut frame);
        frame
    }
}

/// Whether a router would pass on what goes to this address: not the first link's nor a group's.
fn leads_away(destination: IpAddr) -> bool {
    match destination {
        IpAddr::V4(address) => {
            !address.is_multicast()
                && !address.is_broadcast()
                && address.octets()[..3] != [10, 200, 0]
        }
        IpAddr::V6(address) => {
            let is_first_link = address.segments()[..4] == [0xfd00, 0x200, 0, 0];
            !address.is_multicast() && !address.is_unicast_link_local() && !is_first_link
        }
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).ok().map(|octets| Ipv4Addr::from(octets).into());
    let v6 = || <[u8; 16]>::try_from(octets).ok().map(|octets| Ipv6Addr::from(octets).into());
    v4().or_else(v6)
}

/// A length as a header has it.
pub(crate) fn length(octets: usize) -> [u8; 2] {
    u16::try_from(octets).unwrap_or(u16::MAX).to_be_bytes()
}
