//! Neighbour discovery (RFC 4861), and the other messages of `ICMPv6` that tell who is on a link: echo
//! (RFC 4443), multicast listeners (RFC 9777).
//!
//! It reads the payload of an Ethernet frame and looks at everything that can be wrong with it, checksum
//! included. Options are read by our own code: those of `pnet_packet` panic.

mod emit;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv6Addr};

use crate::icmpv6::{self, types};
use crate::ipv6::Header;
use crate::{EchoId, Error, Mac, Result, protocol, pseudo};

pub use emit::{ALL_NODES, Extension, link_local, multicast_mac, solicited_node};

/// An `ICMPv6` message with the addresses of its packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Who sent it; `::` of one who is not yet sure of its address (RFC 4862 §5.4.2).
    pub source: Ipv6Addr,
    /// To whom.
    pub destination: Ipv6Addr,
    /// 255 of neighbour discovery, or it came from another link (RFC 4861 §11.2).
    pub hop_limit: u8,
    /// What it says.
    pub message: Message<'a>,
}

/// What an `ICMPv6` message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Type 133: who routes here?
    RouterSolicitation {
        /// The sender's own.
        mac: Option<Mac>,
    },
    /// Type 134: the sender does.
    RouterAdvertisement {
        /// The sender's own.
        mac: Option<Mac>,
        /// For how long, in seconds; 0 is not a default router.
        lifetime: u16,
    },
    /// Type 135: who has `target`?
    Solicitation {
        /// Hostile; never multicast.
        target: Ipv6Addr,
        /// The sender's own.
        mac: Option<Mac>,
    },
    /// Type 136: `target` is here.
    Advertisement {
        /// Hostile; never multicast.
        target: Ipv6Addr,
        /// The target's.
        mac: Option<Mac>,
        /// The sender routes.
        is_router: bool,
        /// It answers a question.
        is_solicited: bool,
        /// It is to replace what is known; not of a proxy (RFC 4861 §7.2.8).
        is_override: bool,
    },
    /// Type 128.
    EchoRequest(EchoId, &'a [u8]),
    /// Type 129.
    EchoReply(EchoId, &'a [u8]),
    /// Type 4: something in the quoted packet is not understood.
    ParameterProblem {
        /// What: 2 is an option (RFC 4443 §3.4).
        code: u8,
        /// As much of the packet as fitted.
        quoted: &'a [u8],
    },
    /// Type 130: who listens to any group?
    ListenerQuery {
        /// Within this, in milliseconds, everybody is to answer; as it is written (RFC 9777 §5.1.3).
        delay: u16,
    },
    /// Types 131, 132 and 143: the sender listens to groups, or has ceased to.
    ListenerReport {
        /// Which of them.
        icmp_type: u8,
    },
    /// Any other, by number.
    Other(u8),
}

impl<'a> Packet<'a> {
    /// Reads the payload of a frame of type [`IPV6`](crate::ethernet::ethertype::IPV6). What a frame was filled up
    /// with is behind the length that the header tells, and not looked at.
    pub fn parse(octets: &'a [u8]) -> Result<Self> {
        let header = Header::parse(octets)?;
        let ends = (header.source.into(), header.destination.into());
        let (next, message) = header.upper()?;
        is_right("next header", next.into(), protocol::ICMPV6.into())?;
        verify(ends, message)?;
        let hop_limit = header.hop_limit;
        let message = Message::parse(message, hop_limit)?;
        Ok(Self { source: header.source, destination: header.destination, hop_limit, message })
    }
}

/// Octets before what is particular to a type.
const COMMON: usize = 4;

/// Octets of what neighbour discovery has before its options, the first four left out.
const TARGET: usize = 20;
const ROUTER: usize = 12;

impl<'a> Message<'a> {
    fn parse(octets: &'a [u8], hop_limit: u8) -> Result<Self> {
        let (&[icmp_type, code, ..], rest) = head::<COMMON>(octets)?;
        if matches!(icmp_type, ROUTER_SOLICITATION..=ADVERTISEMENT) {
            is_right("hop limit", usize::from(hop_limit), 255)?;
            is_right("code", code.into(), 0)?;
        }
        Ok(match icmp_type {
            ROUTER_SOLICITATION => {
                let (_, options) = head::<COMMON>(rest)?;
                Self::RouterSolicitation { mac: link_address(options, SOURCE)? }
            }
            ROUTER_ADVERTISEMENT => {
                let (&[_, _, high, low, ..], options) = head::<ROUTER>(rest)?;
                let lifetime = u16::from_be_bytes([high, low]);
                Self::RouterAdvertisement { mac: link_address(options, SOURCE)?, lifetime }
            }
            SOLICITATION => {
                let (_, target, options) = about(rest)?;
                Self::Solicitation { target, mac: link_address(options, SOURCE)? }
            }
            ADVERTISEMENT => Self::advertisement(rest)?,
            types::ECHO_REQUEST | types::ECHO_REPLY | types::PARAMETER_PROBLEM => {
                match icmpv6::Message::read(octets)? {
                    icmpv6::Message::EchoRequest(id, data) => Self::EchoRequest(id, data),
                    icmpv6::Message::EchoReply(id, data) => Self::EchoReply(id, data),
                    icmpv6::Message::Error { quoted, .. } => {
                        Self::ParameterProblem { code, quoted }
                    }
                    icmpv6::Message::Other(other) => Self::Other(other),
                }
            }
            LISTENER_QUERY => {
                let ([high, low, ..], _) = head::<TARGET>(rest)?;
                Self::ListenerQuery { delay: u16::from_be_bytes([*high, *low]) }
            }
            131 | 132 | LISTENER_REPORT => Self::ListenerReport { icmp_type },
            other => Self::Other(other),
        })
    }

    fn advertisement(rest: &'a [u8]) -> Result<Self> {
        let ([flags, ..], target, options) = about(rest)?;
        Ok(Self::Advertisement {
            target,
            mac: link_address(options, TARGET_LINK)?,
            is_router: flags & 0x80 != 0,
            is_solicited: flags & 0x40 != 0,
            is_override: flags & 0x20 != 0,
        })
    }
}

const ROUTER_SOLICITATION: u8 = 133;
const ROUTER_ADVERTISEMENT: u8 = 134;
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
const LISTENER_QUERY: u8 = 130;
const LISTENER_REPORT: u8 = 143;

/// Options (RFC 4861 §4.6.1).
const SOURCE: u8 = 1;
const TARGET_LINK: u8 = 2;

/// Flags or what is reserved, the target and the options.
fn about(rest: &[u8]) -> Result<([u8; 4], Ipv6Addr, &[u8])> {
    let (fixed, options) = head::<TARGET>(rest)?;
    let (flags, target) = fixed.split_first_chunk::<4>().ok_or(short(TARGET, rest))?;
    let target = Ipv6Addr::from(*target.first_chunk::<16>().ok_or(short(TARGET, rest))?);
    if target.is_multicast() || target.is_unspecified() {
        return Err(malformed("target", usize::from(target.octets()[0])));
    }
    Ok((*flags, target, options))
}

/// The link-layer address in an option of this type. One option that is wrong spoils the message
/// (RFC 4861 §6.1, §7.1): nothing is believed of one who cannot count.
fn link_address(mut options: &[u8], wanted: u8) -> Result<Option<Mac>> {
    let mut mac = None;
    while let [kind, units, ..] = *options {
        let length = 8 * usize::from(units);
        let (option, rest) = options.split_at_checked(length).ok_or(short(length, options))?;
        if length == 0 {
            return Err(malformed("option length", 0));
        }
        if kind == wanted && units == 1 {
            mac = mac.or(option.get(2..).and_then(Mac::from_slice));
        }
        options = rest;
    }
    // A single octet is no option.
    if options.is_empty() { Ok(mac) } else { Err(short(2, options)) }
}

fn is_right(field: &'static str, value: usize, wanted: usize) -> Result<()> {
    if value == wanted { Ok(()) } else { Err(malformed(field, value)) }
}

fn head<const N: usize>(octets: &[u8]) -> Result<(&[u8; N], &[u8])> {
    octets.split_first_chunk::<N>().ok_or(short(N, octets))
}

const fn short(need: usize, octets: &[u8]) -> Error {
    Error::Truncated { what: "ICMPv6", need, got: octets.len() }
}

const fn malformed(field: &'static str, value: usize) -> Error {
    Error::Malformed { what: "ICMPv6", field, value }
}

fn verify(ends: (IpAddr, IpAddr), message: &[u8]) -> Result<()> {
    let (&[_, _, high, low], _) = head::<COMMON>(message)?;
    let found = u16::from_be_bytes([high, low]);
    let want = pseudo::checksum(ends, protocol::ICMPV6, message, 1);
    // Zero has two spellings in ones' complement (RFC 1624 §3).
    if found == want || (found == u16::MAX && want == 0) {
        Ok(())
    } else {
        Err(Error::Checksum { what: "ICMPv6", found, want })
    }
}
