//! The path itself: how far a packet gets, and what is said there.
//!
//! Nothing here sends, waits or looks at a clock.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use wireline_lab::{End, Hop, Limit, Mtu, Path, Refusal, Target};

use crate::packet::Packet;
use crate::target::{self, Reply};
use crate::{error, strangers};

/// The path and what it remembers.
#[derive(Debug)]
pub(crate) struct World {
    path: Path,
    hops: BTreeMap<u8, Memory>,
    /// Errors about strangers so far.
    strangers: u32,
}

/// What a hop remembers.
#[derive(Debug, Default)]
struct Memory {
    /// Packets that reached it.
    arrived: u64,
    /// Packets that it answered.
    answered: u64,
    bucket: Option<Bucket>,
}

/// What is left of a [`Limit`].
#[derive(Debug)]
struct Bucket {
    tokens: u32,
    /// When the last token was added.
    filled: Duration,
}

/// A frame to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How long after the packet.
    pub(crate) after: Duration,
    pub(crate) frame: Vec<u8>,
    /// Whether it is an answer to the packet at all.
    pub(crate) is_about_a_stranger: bool,
}

/// What became of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The router at which it ended.
    pub(crate) hop: u8,
    pub(crate) end: End,
    pub(crate) answers: Vec<Answer>,
}

/// Where a packet ended: after so many hops, at this router.
#[derive(Clone, Copy, Debug)]
struct Place {
    distance: u8,
    hop: u8,
}

/// Why it ended there.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Lost,
    BlackHole,
    Error(Refusal),
    AtTarget,
}

impl World {
    pub(crate) const fn new(path: Path) -> Self {
        Self { path, hops: BTreeMap::new(), strangers: 0 }
    }

    /// Takes a packet that came at `now`, since some fixed moment.
    pub(crate) fn take(&mut self, packet: &Packet, now: Duration) -> Outcome {
        let (place, stop) = self.travel(packet);
        let mut answers = self.noise(packet);
        let end = match stop {
            Stop::Lost => End::Lost,
            Stop::BlackHole => End::BlackHole,
            Stop::Error(error) => self.refuse(packet, place, error, now, &mut answers),
            Stop::AtTarget => self.arrive(packet, place, now, &mut answers),
        };
        Outcome { hop: place.hop, end, answers }
    }

    /// How far it gets.
    fn travel(&mut self, packet: &Packet) -> (Place, Stop) {
        let last = self.distance_of(packet.destination);
        for distance in 1..=packet.ttl {
            let place = Place { distance, hop: self.router_at(distance) };
            if let Some(stop) = self.stop_at(place, packet, last) {
                return (place, stop);
            }
        }
        (Place { distance: 0, hop: 0 }, Stop::Lost)
    }

    /// Whether it ends here. What a router does first comes first: a route that refuses is found
    /// before the TTL is looked at, and what is too long is found after it.
    fn stop_at(&mut self, place: Place, packet: &Packet, last: u8) -> Option<Stop> {
        let memory = self.hops.entry(place.hop).or_default();
        memory.arrived += 1;
        let arrived = memory.arrived;
        let hop = self.orders(place.hop);
        let refusal = if packet.is_v4() { hop.refusal_v4 } else { hop.refusal_v6 };
        match refusal {
            _ if hop.lost.contains(&arrived) => Some(Stop::Lost),
            Some(refusal) => Some(Stop::Error(refusal)),
            None if place.hop == last => Some(Stop::AtTarget),
            None if place.distance == packet.ttl => Some(Stop::Error(time_exceeded(packet))),
            None => hop.mtu.and_then(|mtu| too_long(packet, mtu)),
        }
    }

    /// At which hop an address is.
    fn distance_of(&self, address: IpAddr) -> u8 {
        let is_its =
            |hop: &u8| [Path::router(*hop, address), second(*hop, address)].contains(&address);
        (1..self.path.length).find(is_its).unwrap_or(self.path.length)
    }

    /// The router that a packet is at after so many hops.
    fn router_at(&self, distance: u8) -> u8 {
        match self.path.looping {
            Some(first) if distance > first => first + (distance - first) % 2,
            _ => distance,
        }
    }

    fn orders(&self, hop: u8) -> Hop {
        self.path.hops.get(&hop).cloned().unwrap_or_default()
    }

    /// At its destination.
    fn arrive(
        &mut self,
        packet: &Packet,
        place: Place,
        now: Duration,
        answers: &mut Vec<Answer>,
    ) -> End {
        let router = Target::default();
        let is_last = place.hop == self.path.length;
        match target::answer(packet, if is_last { &self.path.target } else { &router }) {
            Reply::Nothing => End::Ignored,
            Reply::Error(error) => self.refuse(packet, place, error, now, answers),
            Reply::Prohibited(error) => {
                let before = |number: u8| number.saturating_sub(1).max(1);
                let place = Place { distance: before(place.distance), hop: before(place.hop) };
                self.refuse(packet, place, error, now, answers)
            }
            Reply::Datagram(protocol, payload) => self.answer(place, answers, |hop, _, ttl| {
                let from = ordered(hop, packet.destination).unwrap_or(packet.destination);
                packet.reply(from, ttl, protocol, &payload)
            }),
        }
    }

    /// An error about the packet, if the hop may send one.
    fn refuse(
        &mut self,
        packet: &Packet,
        place: Place,
        error: Refusal,
        now: Duration,
        answers: &mut Vec<Answer>,
    ) -> End {
        let hop = self.orders(place.hop);
        if self.is_silent(place.hop, &hop) {
            return End::Ignored;
        }
        if let Some(limit) = hop.limit
            && !self.hops.entry(place.hop).or_default().may_send(limit, now)
        {
            return End::Limited;
        }
        let left = packet.ttl - place.distance + 1;
        let is_target = place.hop == self.distance_of(packet.destination);
        self.answer(place, answers, |hop, number, ttl| {
            let own = if is_target {
                packet.destination
            } else {
                router_address(hop, place.hop, number, packet.source)
            };
            let from = ordered(hop, own).unwrap_or(own);
            error::about(packet, error, &hop.quote, left, (from, ttl))
        })
    }

    /// The hop's next answer, made by `make` from its orders, the answer's number and its TTL.
    fn answer(
        &mut self,
        place: Place,
        answers: &mut Vec<Answer>,
        make: impl FnOnce(&Hop, u64, u8) -> Vec<u8>,
    ) -> End {
        let hop = self.orders(place.hop);
        if self.is_silent(place.hop, &hop) {
            return End::Ignored;
        }
        let memory = self.hops.entry(place.hop).or_default();
        memory.answered += 1;
        let number = memory.answered;
        let frame = make(&hop, number, ttl(&hop, place.distance));
        let late = hop.late.iter().find(|(late, _)| *late == number).map(|(_, by)| *by);
        let after = self.path.delay * place.distance.into() + late.unwrap_or_default();
        let times = if hop.twice.contains(&number) { 2 } else { 1 };
        let answer = Answer { after, frame, is_about_a_stranger: false };
        answers.extend(std::iter::repeat_n(answer, times));
        End::Answered
    }

    fn is_silent(&self, number: u8, hop: &Hop) -> bool {
        hop.silent || self.path.dead_after.is_some_and(|last| number > last)
    }

    /// The errors about strangers that come with a packet.
    fn noise(&mut self, packet: &Packet) -> Vec<Answer> {
        let (with_each, at_most) = self.path.strangers;
        let first = self.strangers;
        self.strangers = first.saturating_add(with_each).min(at_most);
        let hop = Hop::default();
        let from = (Path::router(1, packet.source), ttl(&hop, 1));
        let error = |number| {
            let stranger = strangers::like(packet, number);
            let frame = error::about(&stranger, time_exceeded(packet), &hop.quote, 1, from);
            Answer { after: self.path.delay, frame, is_about_a_stranger: true }
        };
        (first..self.strangers).map(error).collect()
    }
}

impl Memory {
    /// Takes a token, if there is one.
    fn may_send(&mut self, limit: Limit, now: Duration) -> bool {
        let bucket = self.bucket.get_or_insert(Bucket { tokens: limit.burst, filled: now });
        while bucket.filled + limit.every <= now && bucket.tokens < limit.burst {
            bucket.filled += limit.every;
            bucket.tokens += 1;
        }
        if bucket.tokens == limit.burst {
            bucket.filled = now;
        }
        let has_one = bucket.tokens > 0;
        bucket.tokens = bucket.tokens.saturating_sub(1);
        has_one
    }
}

/// The TTL that an answer from so far away arrives with.
fn ttl(hop: &Hop, distance: u8) -> u8 {
    const INITIAL: u8 = 64;
    let back = hop.back.unwrap_or(distance - 1);
    hop.initial_ttl.unwrap_or(INITIAL).saturating_sub(back).max(1)
}

fn time_exceeded(packet: &Packet) -> Refusal {
    Refusal { kind: if packet.is_v4() { 11 } else { 3 }, code: 0, word: 0 }
}

fn too_long(packet: &Packet, mtu: Mtu) -> Option<Stop> {
    if packet.datagram().len() <= usize::from(mtu.octets) || !packet.must_stay_whole() {
        return None;
    }
    let (kind, code) = if packet.is_v4() { (3, 4) } else { (2, 0) };
    let refusal = Refusal { kind, code, word: mtu.octets.into() };
    Some(if mtu.tells { Stop::Error(refusal) } else { Stop::BlackHole })
}

/// Where a router's `number`-th answer to one of a family comes from, if it has no orders.
fn router_address(hop: &Hop, router: u8, number: u64, like: IpAddr) -> IpAddr {
    if hop.alternates && number.is_multiple_of(2) {
        second(router, like)
    } else {
        Path::router(router, like)
    }
}

/// Where it is told to answer from.
fn ordered(hop: &Hop, like: IpAddr) -> Option<IpAddr> {
    match like {
        IpAddr::V4(_) => hop.from_v4.map(IpAddr::V4),
        IpAddr::V6(_) => hop.from_v6.map(IpAddr::V6),
    }
}

/// A router's other address.
fn second(router: u8, like: IpAddr) -> IpAddr {
    match Path::router(router, like) {
        IpAddr::V4(address) => IpAddr::V4((address.to_bits() + 1).into()),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() + 1).into()),
    }
}
