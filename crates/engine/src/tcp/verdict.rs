use std::io::{self, ErrorKind};
use std::net::IpAddr;

use serde::Serialize;

use crate::Origin;

/// What came of an attempt to open a connection: the verdicts that people act on, told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// SYN and ACK came back.
    Open,
    /// SYN and ACK came back from somebody in front, and behind it nobody took data: what a SYN proxy does for a
    /// port that is closed.
    Proxied,
    /// RST came back.
    Closed,
    /// A router or a host said by ICMP that it is not allowed or nobody is there (RFC 792, RFC 4443): type 3 codes
    /// 2, 3, 9, 10, 13 and their like.
    Rejected {
        /// Who said so.
        by: IpAddr,
        /// The ICMP type.
        icmp_type: u8,
        /// The ICMP code.
        icmp_code: u8,
    },
    /// A router said by ICMP that it knows no way: type 3 codes 0, 1 and their like; or that the hop limit was used
    /// up there.
    Unreachable {
        /// Who said so.
        by: IpAddr,
        /// The ICMP type.
        icmp_type: u8,
        /// The ICMP code.
        icmp_code: u8,
    },
    /// The next hop, or the host, does not answer ARP or neighbour solicitations on our link.
    NoNeighbour,
    /// This machine has no route there.
    NoRoute,
    /// Nobody answered so many SYNs.
    Filtered {
        /// How many there were. What holds a verdict counts them for all verdicts, and JSON has them from there.
        #[serde(skip_serializing)]
        syn_sent: u32,
    },
    /// This machine could not ask: no ports, no descriptors, a firewall of its own. Never the target's fault.
    Local {
        /// What the kernel said (errno(3)).
        errno: i32,
    },
}

/// An ICMP error about a first segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Who sent it; the family says whether type and code are RFC 792's or RFC 4443's.
    pub by: IpAddr,
    /// The ICMP type.
    pub icmp_type: u8,
    /// The ICMP code.
    pub icmp_code: u8,
    /// Whether `by` is an address of this machine, and not the one that was asked.
    pub is_ours: bool,
}

impl Refused {
    /// What a [`crate::Refusal`] says, if a host said it.
    #[must_use]
    pub const fn new(origin: Origin, is_ours: bool) -> Option<Self> {
        match origin {
            Origin::Icmp { from: by, icmp_type, code: icmp_code } => {
                Some(Self { by, icmp_type, icmp_code, is_ours })
            }
            Origin::Local(_) => None,
        }
    }

    /// What it means, if it ends an attempt at all: an MTU, a redirect or a quench does not.
    #[must_use]
    pub fn verdict(self) -> Option<Verdict> {
        let Self { by, icmp_type, icmp_code, is_ours } = self;
        let meaning =
            if by.is_ipv4() { v4(icmp_type, icmp_code) } else { v6(icmp_type, icmp_code) };
        Some(match meaning? {
            Meaning::HostUnreachable if is_ours => Verdict::NoNeighbour,
            Meaning::HostUnreachable | Meaning::NoWay => {
                Verdict::Unreachable { by, icmp_type, icmp_code }
            }
            Meaning::NobodyThere | Meaning::NotAllowed => {
                Verdict::Rejected { by, icmp_type, icmp_code }
            }
        })
    }

    /// Whether connect(2) says of it what it says of RST (`icmp_err_convert` of Linux, icmp(7)).
    fn looks_like_reset(self) -> bool {
        let kind = (self.icmp_type, self.icmp_code);
        kind == if self.by.is_ipv4() { (3, 3) } else { (1, 4) }
    }
}

/// Kinds of ICMP errors, as far as they differ here.
enum Meaning {
    HostUnreachable,
    NoWay,
    /// No such port or protocol.
    NobodyThere,
    NotAllowed,
}

/// RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1.
const fn v4(icmp_type: u8, code: u8) -> Option<Meaning> {
    Some(match (icmp_type, code) {
        (3, 1 | 7) => Meaning::HostUnreachable,
        (3, 2 | 3) => Meaning::NobodyThere,
        (3, 4) => return None,
        (3, 0 | 5 | 6 | 8 | 11 | 12) | (11, _) => Meaning::NoWay,
        (3 | 12, _) => Meaning::NotAllowed,
        _ => return None,
    })
}

/// RFC 4443 §3.1, §3.3, §3.4.
const fn v6(icmp_type: u8, code: u8) -> Option<Meaning> {
    Some(match (icmp_type, code) {
        (1, 3) => Meaning::HostUnreachable,
        (1, 4) | (4, 1) => Meaning::NobodyThere,
        (1, 0 | 2) | (3, _) => Meaning::NoWay,
        (1 | 4, _) => Meaning::NotAllowed,
        _ => return None,
    })
}

impl Verdict {
    /// From what connect(2) came to and what the error queue says of it (`IP_RECVERR`, ip(7)).
    ///
    /// `errno` is 0 where a connection was made, and `ETIMEDOUT` where the caller gave up. `syn_sent` counts the
    /// first segment too. The state in `TCP_INFO` is of no use here: after an ICMP error it still reads `SYN_SENT`.
    #[must_use]
    pub fn of(errno: i32, refused: Option<Refused>, syn_sent: u32) -> Self {
        let kind = io::Error::from_raw_os_error(errno).kind();
        let is_reset = matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset);
        // What was heard before RST came, or before all was well, did not end the attempt.
        let refused = refused.filter(|refused| !is_reset || refused.looks_like_reset());
        match (errno, refused.and_then(Refused::verdict)) {
            (0, _) => Self::Open,
            (_, Some(verdict)) if !is_local(kind) => verdict,
            _ if is_reset => Self::Closed,
            _ => match kind {
                ErrorKind::TimedOut => Self::Filtered { syn_sent },
                ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Self::NoRoute,
                _ => Self::Local { errno },
            },
        }
    }

    /// One word for it, as JSON has it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Proxied => "proxied",
            Self::Closed => "closed",
            Self::Rejected { .. } => "rejected",
            Self::Unreachable { .. } => "unreachable",
            Self::NoNeighbour => "no_neighbour",
            Self::NoRoute => "no_route",
            Self::Filtered { .. } => "filtered",
            Self::Local { .. } => "local",
        }
    }
}

/// What this machine lacks is never what a stranger said.
const fn is_local(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::AddrNotAvailable | ErrorKind::AddrInUse | ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests;
