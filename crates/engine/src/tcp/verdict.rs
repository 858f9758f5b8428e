use std::net::IpAddr;

use serde::Serialize;

/// What came of an attempt to open a connection: the verdicts that people act on, told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// SYN and ACK came back.
    Open,
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
    /// A router said by ICMP that it knows no way: type 3 codes 0, 1 and their like.
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
        /// How many there were.
        syn_sent: u32,
    },
    /// This machine could not ask: no ports, no descriptors, a firewall of its own. Never the target's fault.
    Local {
        /// What the kernel said (errno(3)).
        errno: i32,
    },
}
