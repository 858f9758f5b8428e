//! Neighbour discovery (RFC 4861), and the other messages of `ICMPv6` that tell who is on a link: echo
//! (RFC 4443), multicast listeners (RFC 9777).
//!
//! It reads the payload of an Ethernet frame and looks at everything that can be wrong with it, checksum
//! included. Options are read by our own code: those of `pnet_packet` panic.

use std::net::Ipv6Addr;

use crate::{EchoId, Mac};

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
    /// Types 130, 131, 132 and 143: somebody asks who listens, or tells to what.
    Listener {
        /// Which of them.
        icmp_type: u8,
    },
    /// Any other, by number.
    Other(u8),
}
