use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;

use super::{Place, Record};
use crate::segment::Span;

/// What to watch, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ways in.
    pub ports: Vec<Port>,
    /// What was known before, and whether it was there then.
    pub known: Vec<Record>,
    /// Addresses to ask to begin with.
    pub targets: Vec<Targets>,
    /// Routers whose link-layer address must not change.
    pub gateways: Vec<Gateway>,
    /// Send nothing. Hosts are then never said to have left.
    pub listen_only: bool,
    /// From one request to the next, to whomever.
    pub interval: Duration,
    /// A host that was not heard for so long is asked.
    pub recheck: Duration,
    /// How long a request waits for its answer.
    pub wait: Duration,
    /// Requests without an answer until a host is said to have left, at least 1.
    pub attempts: u32,
    /// From one round of `targets` to the next; `None` for one round.
    pub round: Option<Duration>,
    /// Hosts that are kept; past them, those that were unseen longest are forgotten, strangers first.
    pub limit: usize,
    /// When to end.
    pub lasting: Option<Duration>,
    /// How often there is a [`Event::Snapshot`](super::Event::Snapshot); there is one at the end in any case.
    pub save_every: Option<Duration>,
    /// The time at `now` of [`Watch::new`](super::Watch::new), since 1970 UTC.
    pub unix: Duration,
}

/// A way in.
#[derive(Clone, Debug)]
pub struct Port {
    /// Number and VLAN; frames of other VLANs are heard too, and nothing is asked there.
    pub place: Place,
    /// Its own link-layer address.
    pub mac: Mac,
    /// Its own addresses with their networks.
    pub addresses: Vec<(Ipv4Addr, Span)>,
}

/// Addresses in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targets {
    /// Where.
    pub place: Place,
    /// Which.
    pub span: Span,
}

/// A router to keep an eye on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Where.
    pub place: Place,
    /// Its address.
    pub address: Ipv4Addr,
    /// Who it should be; `None` for whoever it is at first.
    pub mac: Option<Mac>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            known: Vec::new(),
            targets: Vec::new(),
            gateways: Vec::new(),
            listen_only: false,
            interval: Duration::from_millis(20),
            recheck: Duration::from_secs(60),
            wait: Duration::from_secs(1),
            attempts: 4,
            round: Some(Duration::from_secs(300)),
            limit: 65_536,
            lasting: None,
            save_every: Some(Duration::from_secs(60)),
            unix: Duration::ZERO,
        }
    }
}

impl Port {
    /// Whether an address is of a network here, or of the one that is everywhere (RFC 3927).
    #[must_use]
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        address.is_link_local()
            || self.addresses.iter().any(|(_, network)| network.contains(address))
    }

    /// Whether an address is its own.
    #[must_use]
    pub fn owns(&self, address: Ipv4Addr) -> bool {
        self.addresses.iter().any(|&(own, _)| own == address)
    }

    /// Which of its addresses to ask from: of the same network, or the first; without one it is a probe (RFC
    /// 5227 §1.1).
    #[must_use]
    pub fn source_for(&self, address: Ipv4Addr) -> Ipv4Addr {
        let near = self.addresses.iter().find(|(_, network)| network.contains(address));
        near.or(self.addresses.first()).map_or(Ipv4Addr::UNSPECIFIED, |&(own, _)| own)
    }
}
