//! Who comes to a segment, goes from it and changes on it: frames are listened to, and who is known is asked
//! now and then if it is still there.
//!
//! Frames stand for datagrams, as in [`segment`](crate::segment). A host is gone when several requests in a
//! row were not answered, and never for one lost frame. What is kept is bounded, whatever strangers send.

mod event;

use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;

use crate::{Datagrams, Engine, Instant, Reply, Transmit};
pub use event::{Arpwatch, Event, Place, Record, Seen, Summary};

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
    /// How often there is a [`Event::Snapshot`]; there is one at the end too.
    pub save_every: Option<Duration>,
    /// The time at `now` of [`Watch::new`], since 1970 UTC.
    pub unix: Duration,
}

/// A way in.
#[derive(Clone, Debug)]
pub struct Port {
    /// Number and VLAN; frames of other VLANs are heard too, and nothing is asked there.
    pub place: Place,
    /// Its own link-layer address.
    pub mac: Mac,
    /// Its own addresses with the lengths of their networks' prefixes.
    pub addresses: Vec<(Ipv4Addr, u8)>,
}

/// Addresses in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targets {
    /// Where.
    pub place: Place,
    /// The first.
    pub first: Ipv4Addr,
    /// The last, not before the first.
    pub last: Ipv4Addr,
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

/// The watching engine.
#[derive(Debug)]
pub struct Watch {
    #[expect(dead_code, reason = "the body is to come")]
    config: Config,
}

impl Watch {
    /// Begins to listen at once.
    #[must_use]
    pub fn new(config: Config, _now: Instant) -> Self {
        Self { config }
    }
}

impl Engine for Watch {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_event(&mut self) -> Option<Event> {
        None
    }

    fn handle_stop(&mut self, _now: Instant) {}

    fn is_finished(&self) -> bool {
        true
    }
}

impl Datagrams for Watch {
    fn poll_transmit(&mut self, _now: Instant, _contents: &mut Vec<u8>) -> Option<Transmit> {
        None
    }

    fn handle_reply(&mut self, _now: Instant, _reply: Reply<'_>) {}
}
