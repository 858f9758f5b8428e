//! A client of one connection in user space: it opens, talks and closes as the kernel's would, but for what the
//! kernel lets nobody choose.
//!
//! Its datagrams are TCP segments, from their header on, of raw sockets. The kernel knows nothing of the
//! connection and answers what comes for it with RST, unless something holds the port (`net::Guard`).

mod config;
mod event;

pub use config::{Closing, Config, Ecn, SynOptions, ThirdAck, Until};
pub use event::{Ending, Event, Opened};

use std::collections::VecDeque;

use crate::{Datagrams, Engine, Instant, Refusal, Reply, Transmit};

/// One connection, from SYN to its end.
#[derive(Debug)]
pub struct Client {
    config: Config,
    events: VecDeque<Event>,
}

impl Client {
    /// Not yet begun: the SYN is the first datagram.
    #[must_use]
    pub fn new(config: Config, _now: Instant) -> Self {
        Self { config, events: VecDeque::new() }
    }
}

impl Engine for Client {
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
        !self.config.local.ip().is_unspecified()
    }
}

impl Datagrams for Client {
    fn poll_transmit(&mut self, _now: Instant, _contents: &mut Vec<u8>) -> Option<Transmit> {
        None
    }

    fn handle_reply(&mut self, _now: Instant, _reply: Reply<'_>) {}

    fn handle_refusal(&mut self, _now: Instant, _refusal: Refusal<'_>) {}
}
