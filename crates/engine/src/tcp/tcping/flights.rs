//! Tries under way.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;

use crate::Instant;

/// One probe: the try of it that is under way, and what came of those before.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// Place of the target.
    pub(super) target: usize,
    /// Which probe of it, from 1.
    pub(super) seq: u64,
    /// When its first try left.
    pub(super) began: Instant,
    /// When this one did.
    pub(super) sent: Instant,
    /// The same by the kernel's stamp.
    pub(super) stamp: Option<Instant>,
    pub(super) address: Option<SocketAddr>,
    pub(super) tries: u32,
    pub(super) syn_sent: u32,
    pub(super) syn_lost: u32,
    pub(super) port: Option<u16>,
    /// The number of a half-open probe's SYN.
    pub(super) sequence: u32,
}

impl Flight {
    pub(super) const fn new(target: usize, seq: u64, began: Instant) -> Self {
        Self {
            target,
            seq,
            began,
            sent: began,
            stamp: None,
            address: None,
            tries: 0,
            syn_sent: 0,
            syn_lost: 0,
            port: None,
            sequence: 0,
        }
    }

    fn key(&self) -> Option<Key> {
        Some((scopeless(self.address?), self.port?, self.sequence))
    }
}

/// What an answer to a half-open probe is known by: whom it was sent to, from which port, with which number.
type Key = (SocketAddr, u16, u32);

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Flights {
    open: HashMap<u32, Flight>,
    keys: HashMap<Key, u32>,
    expiries: BinaryHeap<Reverse<(Instant, u32)>>,
    next: u32,
}

impl Flights {
    /// A number that no try under way has.
    pub(super) fn next_id(&mut self) -> u32 {
        loop {
            self.next = self.next.wrapping_add(1);
            if !self.open.contains_key(&self.next) {
                return self.next;
            }
        }
    }

    pub(super) fn insert(&mut self, id: u32, flight: Flight, expires: Instant) {
        if let Some(key) = flight.key() {
            self.keys.insert(key, id);
        }
        self.open.insert(id, flight);
        self.expiries.push(Reverse((expires, id)));
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<Flight> {
        let flight = self.open.remove(&id)?;
        if let Some(key) = flight.key() {
            self.keys.remove(&key);
        }
        // The deadlines of tries that were answered are most of them: they go when they come to the front.
        while self.expiries.peek().is_some_and(|Reverse((_, id))| !self.open.contains_key(id)) {
            self.expiries.pop();
        }
        Some(flight)
    }

    pub(super) fn get(&self, id: u32) -> Option<&Flight> {
        self.open.get(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.open.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.expiries.peek().map(|Reverse((at, _))| *at)
    }

    /// One whose time is up.
    pub(super) fn expired(&mut self, now: Instant) -> Option<u32> {
        while let Some(&Reverse((at, id))) = self.expiries.peek() {
            if at > now {
                return None;
            }
            self.expiries.pop();
            if self.open.contains_key(&id) {
                return Some(id);
            }
        }
        None
    }

    pub(super) fn stamp(&mut self, id: u32, at: Instant) {
        if let Some(flight) = self.open.get_mut(&id) {
            flight.stamp = Some(at);
        }
    }

    pub(super) fn port(&mut self, id: u32, port: u16) {
        if let Some(flight) = self.open.get_mut(&id).filter(|flight| flight.port.is_none()) {
            flight.port = Some(port);
        }
    }

    /// The try that a segment from there to our port answers, by the number that it acknowledges.
    pub(super) fn answered(
        &self,
        from: SocketAddr,
        to: u16,
        acknowledges: u32,
    ) -> Option<(u32, &Flight)> {
        let id = self.quoted(from, to, acknowledges.wrapping_sub(1))?;
        Some((id, self.get(id)?))
    }

    /// The try whose SYN went there from our port with that number.
    pub(super) fn quoted(&self, to: SocketAddr, from: u16, sequence: u32) -> Option<u32> {
        self.keys.get(&(scopeless(to), from, sequence)).copied()
    }
}

/// What comes in names the interface in its own way.
fn scopeless(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port())
}
