//! Who is on a segment by IPv6: a link has more addresses than anybody can ask for, so all are asked at once in
//! the ways that hosts answer to, and what they say of their own accord is heard.
//!
//! It asks only from addresses that the interface has, and makes none up. Frames are as in
//! [`segment`](super); [`Transmit::destination`] is `[::]:0`.

mod both;
mod config;
mod hear;
mod known;
mod question;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::io;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use wireline_packet::ethernet::{Frame, ethertype};
use wireline_packet::ndp::link_local;
use wireline_packet::{EchoId, Mac};

pub use both::Both;
pub use config::{Config, Port, Prefix, Summary, Ways};

use super::{Event, Heard, Host, MacKind, Patience, Source};
use crate::{Datagrams, Engine, Instant, Origin, Refusal, Reply, Transmit};
use known::{Claim, Known};
use question::Question;

/// The engine.
pub struct Discovery {
    config: Config,
    /// What goes to all, in order; the place of each is its sequence number.
    rounds: Vec<(u32, Question)>,
    /// When each of those left.
    asked_all: Vec<Instant>,
    /// Prefixes that are swept: which port, and the next address of it.
    sweeps: VecDeque<(u32, Prefix, u32)>,
    /// Addresses to ask for, and when: further requests, and guesses.
    due: BinaryHeap<Reverse<(Instant, u32, Ipv6Addr)>>,
    /// Those that were asked for and have not answered.
    asked: HashMap<(u32, Ipv6Addr), Asked>,
    known: Known,
    /// Addresses that somebody was about to take.
    tentative: HashSet<(u32, Ipv6Addr)>,
    /// Ports that nothing leaves by any more.
    lost: HashSet<u32>,
    next: Instant,
    /// The end, unless somebody else is asked before.
    until: Instant,
    /// The slowest answer until now.
    slowest: Option<Duration>,
    /// Refusals to send in a row.
    refused: u32,
    phase: Phase,
    summary: Summary,
    /// What is sent, before it has a frame around it.
    packet: Vec<u8>,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is something to ask, or to wait for.
    Busy,
    /// There is not, unless somebody makes a guess.
    Idle,
    /// Somebody asked for the end.
    Stopped,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    tries: u32,
    at: Instant,
}

/// Where nobody is addressed.
const NOWHERE: SocketAddr = SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0));

/// The name of every frame: stamps of them are nobody's affair.
const NAMELESS: u32 = u32::MAX;

impl Discovery {
    /// An engine whose first question leaves at once.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let mut engine = Self {
            rounds: question::rounds(&config),
            asked_all: Vec::new(),
            sweeps: VecDeque::new(),
            due: BinaryHeap::new(),
            asked: HashMap::new(),
            known: Known::default(),
            tentative: HashSet::new(),
            lost: HashSet::new(),
            next: now,
            until: now,
            slowest: None,
            refused: 0,
            phase: Phase::Busy,
            summary: Summary::default(),
            packet: Vec::new(),
            events: VecDeque::new(),
            config,
        };
        engine.tell_own();
        engine.plan_sweeps();
        engine
    }

    /// How it went until now.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Learns that a machine with this link-layer address is there, by whatever means: it may have the
    /// address that goes by it (RFC 4291 §2.5.1).
    pub fn guess(&mut self, port: u32, mac: Mac) {
        if !mac.is_multicast() && mac != Mac::ZERO {
            self.guess_identifier(port, link_local(mac));
        }
    }

    /// Asks for the addresses of this machine's prefixes with the same interface identifier.
    fn guess_identifier(&mut self, place: u32, like: Ipv6Addr) {
        const IDENTIFIER: u128 = u64::MAX as u128;
        let Some(port) = self.port(place).filter(|_| self.config.ways.guesses) else { return };
        let alike = |own: &Ipv6Addr| (own.to_bits() & !IDENTIFIER) | (like.to_bits() & IDENTIFIER);
        let mut guesses: Vec<u128> = port.addresses.iter().map(alike).collect();
        guesses.dedup();
        for guess in guesses.into_iter().map(Ipv6Addr::from_bits) {
            let is_new = !self.known.has(place, guess) && !self.asked.contains_key(&(place, guess));
            if is_new && self.asked.len() < Config::MOST_ASKED && !self.is_own(place, guess) {
                self.asked.insert((place, guess), Asked { tries: 0, at: self.next });
                self.due.push(Reverse((self.next, place, guess)));
                if self.phase == Phase::Idle {
                    self.phase = Phase::Busy;
                }
            }
        }
    }

    fn port(&self, place: u32) -> Option<&Port> {
        self.config.ports.get(usize::try_from(place).ok()?)
    }

    fn is_own(&self, place: u32, address: Ipv6Addr) -> bool {
        self.port(place).is_some_and(|port| port.addresses.contains(&address))
    }

    fn tell_own(&mut self) {
        if !self.config.own {
            return;
        }
        for (port, place) in self.config.ports.iter().zip(0..) {
            for address in &port.addresses {
                let (mac, heard) = (port.mac, Heard { vlan: port.vlan, ..Heard::default() });
                let claim = Claim { port: place, address: *address, mac, frame_mac: mac };
                self.events.push_back(host(claim, None, 0, Source::Own, heard));
            }
        }
    }

    fn plan_sweeps(&mut self) {
        for (port, place) in self.config.ports.iter().zip(0..) {
            for prefix in &port.targets {
                match prefix.count() {
                    Some(count) if !port.addresses.is_empty() => {
                        self.summary.hosts += u64::from(count);
                        self.sweeps.push_back((place, *prefix, 0));
                    }
                    _ => self.summary.incomplete += 1,
                }
            }
        }
    }

    /// What is to be sent now.
    fn next_question(&mut self, now: Instant) -> Option<(u32, Question)> {
        if let Some((place, question)) = self.rounds.get(self.asked_all.len()) {
            self.asked_all.push(now);
            return Some((*place, *question));
        }
        self.next_solicitation(now).map(|(place, target)| (place, Question::Solicitation(target)))
    }

    /// Further requests and guesses before what has not been asked.
    fn next_solicitation(&mut self, now: Instant) -> Option<(u32, Ipv6Addr)> {
        while self.due.peek().is_some_and(|Reverse((at, ..))| *at <= now) {
            let Some(Reverse((_, place, target))) = self.due.pop() else { break };
            match self.asked.get(&(place, target)) {
                Some(asked) if asked.tries >= self.config.tries => {
                    self.asked.remove(&(place, target));
                }
                Some(_) => return Some((place, target)),
                None => {}
            }
        }
        while let Some((place, prefix, at)) = self.sweeps.front_mut() {
            let (place, target) = (*place, prefix.address(*at));
            *at += 1;
            match target {
                None => drop(self.sweeps.pop_front()),
                Some(target) if self.is_own(place, target) || self.known.has(place, target) => {}
                Some(target) => return Some((place, target)),
            }
        }
        None
    }

    /// Notes that it leaves, and when it would have to be asked again.
    fn note(&mut self, now: Instant, place: u32, question: Question) {
        /// What a machine that was busy may make up for.
        const BEHIND: Duration = Duration::from_millis(5);
        self.summary.sent += 1;
        let due = if now.since(self.next) > BEHIND { now } else { self.next };
        self.next = due + self.config.interval;
        let mut wait = self.wait(question);
        if let Question::Solicitation(target) = question {
            let asked = self.asked.entry((place, target)).or_insert(Asked { tries: 0, at: now });
            (asked.tries, asked.at) = (asked.tries + 1, now);
            for _ in 1..asked.tries {
                wait = wait.mul_f64(self.config.backoff.clamp(1.0, 4.0)).min(Config::LONGEST);
            }
            self.due.push(Reverse((now + wait, place, target)));
        }
        self.until = self.until.max(now + wait);
    }

    /// How long the first question of its kind has.
    fn wait(&self, question: Question) -> Duration {
        let wait = match self.config.patience {
            Patience::Fixed => self.config.timeout,
            Patience::Adaptive { least } => {
                let slowest = self.slowest.map_or(2 * least, |slowest| (4 * slowest).max(least));
                slowest.min(self.config.timeout)
            }
        };
        if matches!(question, Question::Listeners(_)) { wait + question::DELAY } else { wait }
    }

    fn has_more(&self) -> bool {
        self.asked_all.len() < self.rounds.len() || !self.sweeps.is_empty()
    }

    /// Identifier and data of our echo requests.
    const fn cookie(&self) -> (u16, [u8; 8]) {
        let octets = self.config.seed.to_be_bytes();
        (u16::from_be_bytes([octets[0], octets[1]]), octets)
    }

    /// When the echo request left that has this number and data.
    fn asked_at(&self, id: EchoId, data: &[u8]) -> Option<Instant> {
        let (ident, cookie) = self.cookie();
        let is_ours = id.ident == ident && data == cookie;
        self.asked_all.get(usize::from(id.seq)).copied().filter(|_| is_ours)
    }

    /// Nothing leaves by a flow any more.
    fn lose(&mut self, flow: u32) {
        let places = (0..).zip(&self.config.ports).filter(|(_, port)| port.flow == flow);
        let before = self.lost.len();
        self.lost.extend(places.map(|(place, _)| place));
        self.summary.incomplete += u64::from(self.lost.len() > before);
        self.sweeps.retain(|(place, ..)| !self.lost.contains(place));
    }

    /// Which port a frame came by; one with a tag of priority alone is in no VLAN (IEEE 802.1Q §6.9.1).
    fn place(&self, flow: u32, vlan: Option<u16>) -> Option<u32> {
        let vlan = vlan.filter(|vlan| *vlan > 0);
        let is_it = |port: &Port| port.flow == flow && port.vlan.filter(|vlan| *vlan > 0) == vlan;
        let place = self.config.ports.iter().position(is_it)?;
        u32::try_from(place).ok()
    }
}

fn host(claim: Claim, rtt: Option<Duration>, attempt: u32, source: Source, heard: Heard) -> Event {
    let Claim { port, address, mac, frame_mac } = claim;
    let (address, answers, kind) = (address.into(), 1, MacKind::of(mac));
    Event::Host(Box::new(Host {
        port,
        address,
        mac,
        frame_mac,
        answers,
        rtt,
        attempt,
        source,
        heard,
        kind,
    }))
}

impl Engine for Discovery {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.phase != Phase::Busy {
            return None;
        }
        if self.has_more() {
            return Some(self.next);
        }
        let due = self.due.peek().map(|Reverse((at, ..))| (*at).max(self.next));
        Some(due.unwrap_or(self.until))
    }

    fn handle_timeout(&mut self, now: Instant) {
        let is_over = now >= self.until && !self.has_more() && self.due.is_empty();
        if is_over && self.phase == Phase::Busy {
            self.phase = Phase::Idle;
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, _now: Instant) {
        if self.phase == Phase::Busy {
            self.summary.incomplete += 1;
        }
        self.phase = Phase::Stopped;
    }

    fn is_finished(&self) -> bool {
        self.phase != Phase::Busy && self.events.is_empty()
    }
}

impl Datagrams for Discovery {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        loop {
            if self.phase != Phase::Busy || now < self.next {
                return None;
            }
            let (place, question) = self.next_question(now)?;
            let (ident, cookie) = self.cookie();
            let number = self.asked_all.len().saturating_sub(1);
            let id = EchoId { ident, seq: u16::try_from(number).unwrap_or(u16::MAX) };
            let mut packet = std::mem::take(&mut self.packet);
            let port = self.port(place).filter(|_| !self.lost.contains(&place));
            let flow = port.and_then(|port| {
                question.emit(port, (id, cookie), &mut packet, contents).map(|()| port.flow)
            });
            self.packet = packet;
            if let Some(flow) = flow {
                self.note(now, place, question);
                return Some(Transmit { flow, ..Transmit::new(NOWHERE, NAMELESS) });
            }
            if let Question::Solicitation(target) = question {
                self.asked.remove(&(place, target));
            }
        }
    }

    fn expected(&self) -> usize {
        self.asked.len()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let Ok(frame) = Frame::parse(reply.contents) else { return };
        let place = self.place(reply.flow, frame.vlan());
        if frame.protocol == ethertype::IPV6
            && let Some(place) = place
            && self.port(place).is_some_and(|port| port.mac != frame.source)
        {
            self.refused = 0;
            self.hear(reply.at.unwrap_or(now), place, &frame);
        }
    }

    fn handle_refusal(&mut self, _now: Instant, refusal: Refusal<'_>) {
        if let Origin::Local(_) = refusal.origin {
            self.lose(refusal.flow);
        }
    }

    /// Where there is no room it is as if the network had lost the frame, and the next waits: 5 ms at first,
    /// 100 ms at the most.
    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        const SHORTEST: Duration = Duration::from_millis(5);
        const LONGEST: Duration = Duration::from_millis(100);
        self.summary.unsent += 1;
        if !is_full(why) {
            return self.lose(transmit.flow);
        }
        let wait = SHORTEST * (1 << self.refused.min(5));
        self.refused += 1;
        self.next = self.next.max(now + wait.min(LONGEST));
    }
}

/// `EAGAIN`, `ENOBUFS` or `ENOMEM`.
fn is_full(why: &io::Error) -> bool {
    matches!(why.raw_os_error(), Some(11 | 105 | 12))
}
