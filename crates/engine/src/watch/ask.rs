//! What is asked, and at what pace.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use super::hosts::{Key, Phase, Request};
use super::rounds::Rounds;
use super::{Place, Port, Watch};
use crate::{Instant, Transmit};

/// Requests in the order in which they leave.
#[derive(Debug)]
pub(super) struct Line {
    /// Somebody waits for the answer: a conflict, a second try.
    urgent: VecDeque<(Key, Mac)>,
    routine: VecDeque<(Key, Mac)>,
    rounds: Rounds,
    /// Whether a round's turn comes before a routine request's.
    is_round_next: bool,
    due: Instant,
    /// The last that left, of which it may still be said that they did not.
    left: VecDeque<(u32, Key, Mac)>,
    id: u32,
}

/// Whom a request is about, and by whom it is heard.
enum Next {
    Host(Key, Mac),
    Stranger(Place, Ipv4Addr),
}

impl Line {
    /// As many as leave by one system call.
    const REMEMBERED: usize = 64;

    pub(super) fn new(rounds: Rounds, now: Instant) -> Self {
        Self {
            urgent: VecDeque::new(),
            routine: VecDeque::new(),
            rounds,
            is_round_next: false,
            due: now,
            left: VecDeque::new(),
            id: 0,
        }
    }

    pub(super) fn hosts(&self) -> u64 {
        self.rounds.hosts()
    }

    pub(super) fn add(&mut self, key: Key, mac: Mac, is_urgent: bool) {
        let line = if is_urgent { &mut self.urgent } else { &mut self.routine };
        line.push_back((key, mac));
    }

    /// When the next request may leave, if there is one.
    pub(super) fn next_time(&self) -> Option<Instant> {
        let is_waiting = !self.urgent.is_empty() || !self.routine.is_empty();
        let ready = if is_waiting { Some(self.due) } else { self.rounds.next_time() };
        ready.map(|ready| ready.max(self.due))
    }

    fn next(&mut self, now: Instant) -> Option<Next> {
        if let Some((key, mac)) = self.urgent.pop_front() {
            return Some(Next::Host(key, mac));
        }
        self.is_round_next = !self.is_round_next;
        if self.is_round_next
            && let Some((place, address)) = self.rounds.next(now)
        {
            return Some(Next::Stranger(place, address));
        }
        if let Some((key, mac)) = self.routine.pop_front() {
            return Some(Next::Host(key, mac));
        }
        self.rounds.next(now).map(|(place, address)| Next::Stranger(place, address))
    }

    fn pace(&mut self, now: Instant, interval: Duration) {
        /// A machine that was held up for longer does not make up for it.
        const PATIENCE: Duration = Duration::from_millis(20);
        self.due = self.due + interval;
        if now - self.due > PATIENCE {
            self.due = now + interval;
        }
    }
}

impl Watch {
    /// The next request whose turn it is.
    pub(super) fn ask(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        while self.line.due <= now {
            let (key, mac, is_host) = match self.line.next(now)? {
                Next::Host(key, mac) => (key, mac, true),
                Next::Stranger(place, address) => {
                    (Key { place, address: address.into() }, Mac::BROADCAST, false)
                }
            };
            let destination = if is_host { self.leave(now, key, mac) } else { self.invite(key) };
            let (Some(destination), IpAddr::V4(address)) = (destination, key.address) else {
                continue;
            };
            let Some(ear) = self.ear(key.place) else { continue };
            write_request(&ear.port, destination, address, contents);
            self.line.pace(now, self.config.interval);
            self.asked.add(now, key);
            self.summary.sent += 1;
            return Some(self.transmit(key, mac));
        }
        None
    }

    fn transmit(&mut self, key: Key, mac: Mac) -> Transmit {
        self.line.id = self.line.id.wrapping_add(1);
        self.line.left.push_back((self.line.id, key, mac));
        if self.line.left.len() > Line::REMEMBERED {
            self.line.left.pop_front();
        }
        let nowhere = SocketAddr::from(([0; 4], 0));
        Transmit { flow: key.place.port, ..Transmit::new(nowhere, self.line.id) }
    }

    /// Whether a stranger is worth asking: not ourselves, and not whoever is there.
    fn invite(&self, key: Key) -> Option<Mac> {
        let is_there = self.hosts.get(key).is_some_and(|host| host.record.present);
        (!is_there && self.own(key).is_none()).then_some(Mac::BROADCAST)
    }

    /// A host's request leaves: to whom, if the host is still to be asked.
    fn leave(&mut self, now: Instant, key: Key, mac: Mac) -> Option<Mac> {
        let (last, wait) = (self.config.attempts.saturating_sub(1), self.config.wait);
        let host = self.hosts.get_mut(key)?;
        let of_it = host.claimants.iter_mut().find(|claimant| claimant.mac == mac);
        // It was heard in the meantime, or is gone.
        let claimant = of_it.filter(|claimant| claimant.asked == Request::Queued)?;
        claimant.asked = Request::Sent;
        host.asked_since.get_or_insert(now);
        // Whoever has the address now, if it is not whom we know, hears only this.
        let is_last = last > 0 && claimant.unanswered >= last;
        self.hosts.set_phase(key, Phase::Asking(now + wait));
        Some(if is_last { Mac::BROADCAST } else { mac })
    }

    /// A request did not leave.
    pub(super) fn unsent(&mut self, now: Instant, id: u32) {
        let Some(&(_, key, mac)) = self.line.left.iter().find(|(left, ..)| *left == id) else {
            return;
        };
        (self.summary.sent, self.summary.unsent) =
            (self.summary.sent.saturating_sub(1), self.summary.unsent + 1);
        let Some(host) = self.hosts.get_mut(key) else { return };
        let of_it = host.claimants.iter_mut().find(|claimant| claimant.mac == mac);
        if let Some(claimant) = of_it.filter(|claimant| claimant.asked == Request::Sent) {
            claimant.asked = Request::Unsent;
            // A link that is down is not tried every second for every host.
            self.hosts.set_phase(key, Phase::Asking(now + self.config.wait * 5));
        }
    }
}

fn write_request(port: &Port, destination: Mac, address: Ipv4Addr, contents: &mut Vec<u8>) {
    let mut payload = Vec::with_capacity(wireline_packet::arp::LENGTH);
    let sender = End { mac: port.mac, address: port.source_for(address) };
    let target = End { mac: Mac::ZERO, address };
    let header = Header::ipv4(operation::REQUEST);
    Message { header, sender, target, rest: &[] }.emit(&mut payload);
    let frame = Frame {
        destination,
        source: port.mac,
        tag: port.place.vlan,
        framing: Framing::Ethernet2,
        protocol: ethertype::ARP,
        payload: &payload,
    };
    frame.emit(contents);
}
