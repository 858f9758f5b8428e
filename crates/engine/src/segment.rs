//! Who is on a segment: every address is asked, what is silent is asked again, and answers are compared.
//!
//! Frames stand for datagrams: [`Transmit::destination`](crate::Transmit) is `0.0.0.0:0`, `flow` is the
//! number of the interface in `Config::ports`, and contents are whole Ethernet frames, a VLAN's tag
//! included, in both directions.

mod config;
mod event;
pub mod fingerprint;
mod mac_kind;
mod targets;

use std::collections::VecDeque;

pub use config::{Accept, Config, Gateway, Linger, Order, Pace, Patience, Port, Request, Sender};
pub use event::{Event, Finding, Heard, Host, MacKind, Progress, Source, Stopped, Summary};
pub use targets::{Span, Targets};

use crate::{Datagrams, Engine, Instant, Reply, Transmit};

/// The scan engine.
pub struct Scan {
    events: VecDeque<Event>,
}

impl Scan {
    /// An engine whose first request leaves at once.
    #[must_use]
    pub fn new(_config: Config, _now: Instant) -> Self {
        Self { events: VecDeque::new() }
    }

    /// Learns that the kernel had no room for so many frames of a flow.
    pub fn handle_drops(&mut self, _now: Instant, _flow: u32, _count: u64) {}
}

impl Engine for Scan {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, _now: Instant) {}

    fn is_finished(&self) -> bool {
        self.events.is_empty()
    }
}

impl Datagrams for Scan {
    fn poll_transmit(&mut self, _now: Instant, _contents: &mut Vec<u8>) -> Option<Transmit> {
        None
    }

    fn handle_reply(&mut self, _now: Instant, _reply: Reply<'_>) {}
}
