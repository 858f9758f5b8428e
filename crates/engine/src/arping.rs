//! One address, asked for by ARP again and again, as arping of iputils does: who has it, does anybody have it,
//! it is mine.
//!
//! Frames stand for datagrams, as in [`segment`](crate::segment). Besides answers, whatever else is heard of the
//! addresses in question is looked at: two machines with one address are named whoever of them answers.

mod claims;
mod event;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use crate::{Datagrams, Engine, Instant, Reply, Stage, Stamp, Transmit, errno_text};
use claims::Claims;
pub use event::{Answer, Casting, Ending, Event, Kind, Summary};

/// What to ask, and when to stop.
#[derive(Clone, Debug)]
pub struct Config {
    /// The [`Transmit::flow`] of the interface. What is heard by others is ignored.
    pub flow: u32,
    /// The link-layer address of the interface.
    pub own: Mac,
    /// The address to ask from; `0.0.0.0` is nobody (RFC 5227 §2.1.1).
    pub source: Ipv4Addr,
    /// The address that is asked for or announced.
    pub target: Ipv4Addr,
    /// What is wanted.
    pub purpose: Purpose,
    /// What is sent.
    pub kind: Kind,
    /// To whom.
    pub addressing: Addressing,
    /// From one request to the next; `None` sends one only.
    pub interval: Option<Duration>,
    /// Requests to send; with a deadline also the answers that are enough.
    pub count: Option<u64>,
    /// When to stop whatever happened.
    pub deadline: Option<Duration>,
    /// Whether one answer is enough.
    pub enough: Enough,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Who has the address: answers to us count, and nothing else.
    Ask,
    /// Whether anybody has it: every message of its owner counts.
    Detect,
}

/// To whom requests go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressing {
    /// Always to all.
    Broadcast,
    /// To all until somebody answers, and then to him.
    Follow,
}

/// When answers end the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enough {
    /// After the first.
    First,
    /// As [`Config::count`] and [`Config::deadline`] say.
    Limits,
}

/// The state of a run.
#[derive(Debug)]
pub struct Arping {
    config: Config,
    started: Instant,
    /// When the next request is due; where no more are, when their time is over.
    next: Option<Instant>,
    phase: Phase,
    /// Requests that were handed out.
    attempts: u64,
    last: Option<Last>,
    /// Who is asked.
    destination: Mac,
    claims: Vec<Claims>,
    rivals: Claims,
    /// Answers since the last request.
    answers: u64,
    why_unsent: Option<String>,
    summary: Summary,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A request is to leave at once. With an ending it is the last, and its answer is not waited for.
    Due(Option<Ending>),
    Waiting,
    /// The last request has left, and the time is up.
    Leaving(Ending),
    Finished,
}

/// The request that left last.
#[derive(Clone, Copy, Debug)]
struct Last {
    id: u32,
    at: Instant,
}

impl Arping {
    /// Answers to one request that are told of one by one: the rest of a storm is only counted.
    pub const TOLD: u64 = 100;

    /// Begins at `now`.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let summary = Summary {
            sent: 0,
            broadcasts: 0,
            unsent: 0,
            received: 0,
            broadcasts_received: 0,
            requests_received: 0,
            untold: 0,
            dropped: 0,
            conflicts: 0,
            rivals: 0,
            took: Duration::ZERO,
            ending: Ending::Stopped,
        };
        Self {
            started: now,
            next: Some(now),
            phase: Phase::Due(None),
            attempts: 0,
            last: None,
            destination: Mac::BROADCAST,
            claims: claims(&config),
            rivals: Claims { address: config.target, macs: vec![config.own] },
            answers: 0,
            why_unsent: None,
            summary,
            events: VecDeque::from([Event::Start]),
            config,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.config.deadline.map(|deadline| self.started + deadline)
    }

    /// What comes after the time is up is not counted, as by iputils; but an address is in use all the same.
    fn is_over(&self) -> bool {
        match self.phase {
            Phase::Finished => true,
            Phase::Leaving(_) => self.config.purpose == Purpose::Ask,
            Phase::Due(_) | Phase::Waiting => false,
        }
    }

    const fn has_more_to_send(&self) -> bool {
        match self.config.count {
            Some(count) => self.attempts < count,
            None => true,
        }
    }

    /// The time of a request has come, or that of the last is over. Ticks that were slept through are lost.
    fn tick(&mut self, now: Instant, ending: Option<Ending>) {
        self.next = match (self.next, self.config.interval) {
            (Some(next), Some(interval)) => {
                let late = now.since(next).as_nanos() / interval.as_nanos().max(1);
                let passed = u32::try_from(late).unwrap_or(u32::MAX).saturating_add(1);
                Some(next + interval.saturating_mul(passed))
            }
            _ => None,
        };
        if self.has_more_to_send() {
            self.phase = Phase::Due(ending);
        } else {
            self.finish(now, ending.unwrap_or(Ending::Count));
        }
    }

    fn finish(&mut self, now: Instant, ending: Ending) {
        if self.phase == Phase::Finished {
            return;
        }
        self.phase = Phase::Finished;
        self.summary.took = now.since(self.started);
        self.summary.ending = ending;
        self.events.push_back(Event::Summary(Box::new(self.summary.clone())));
    }

    fn emit(&self, contents: &mut Vec<u8>) {
        let (operation, target) = match self.config.kind {
            Kind::Request => (operation::REQUEST, self.destination),
            Kind::Reply => (operation::REPLY, self.config.own),
        };
        let message = Message {
            header: Header::ipv4(operation),
            sender: End { mac: self.config.own, address: self.config.source },
            target: End { mac: target, address: self.config.target },
            rest: &[],
        };
        let mut payload = Vec::new();
        message.emit(&mut payload);
        let frame = Frame {
            destination: self.destination,
            source: self.config.own,
            tag: None,
            framing: Framing::Ethernet2,
            protocol: ethertype::ARP,
            payload: &payload,
        };
        frame.emit(contents);
    }

    fn claim(&mut self, sender: End) {
        if sender.mac.is_multicast() || sender.mac == Mac::ZERO {
            return;
        }
        for claims in self.claims.iter_mut().filter(|claims| claims.address == sender.address) {
            if claims.add(sender.mac) {
                self.summary.conflicts += 1;
                let (address, macs) = (claims.address, claims.macs.clone());
                self.events.push_back(Event::Conflict { address, macs });
            }
        }
    }

    /// A probe for the address while we probe for it.
    fn rival(&mut self, message: &Message<'_>) {
        let is_probe =
            message.sender.address.is_unspecified() && message.target.address == self.config.target;
        if self.config.purpose == Purpose::Detect && is_probe && self.rivals.add(message.sender.mac)
        {
            self.summary.rivals += 1;
            self.events.push_back(Event::Rival { mac: message.sender.mac });
        }
    }

    fn is_answer(&self, message: &Message<'_>) -> bool {
        let Config { own, source, target, .. } = self.config;
        let End { mac: for_mac, address: for_address } = message.target;
        message.sender.address == target
            && match self.config.purpose {
                Purpose::Ask => for_address == source && for_mac == own,
                Purpose::Detect => {
                    message.sender.mac != own && (source.is_unspecified() || for_address == source)
                }
            }
    }

    fn answered(&mut self, at: Instant, answer: Answer) {
        self.summary.received += 1;
        self.summary.broadcasts_received += u64::from(answer.casting == Casting::Broadcast);
        self.summary.requests_received += u64::from(answer.kind == Kind::Request);
        self.answers += 1;
        let follows = self.config.addressing == Addressing::Follow;
        if follows && !answer.mac.is_multicast() && answer.mac != Mac::ZERO {
            self.destination = answer.mac;
        }
        if self.answers <= Self::TOLD {
            let rtt = self.last.map(|last| at.since(last.at));
            self.events.push_back(Event::Answer(Answer { rtt, ..answer }));
        } else {
            self.summary.untold += 1;
        }
    }

    fn has_enough(&self) -> bool {
        let received = self.summary.received;
        match self.config.enough {
            Enough::First => received > 0,
            Enough::Limits => {
                self.config.deadline.is_some()
                    && self.config.count.is_some_and(|count| received >= count)
            }
        }
    }
}

/// The addresses that are looked after, and who has them to begin with.
fn claims(config: &Config) -> Vec<Claims> {
    let mut all = Vec::new();
    if !config.source.is_unspecified() {
        all.push(Claims { address: config.source, macs: vec![config.own] });
    }
    if config.target != config.source {
        all.push(Claims { address: config.target, macs: Vec::new() });
    }
    all
}

/// A message about IPv4 on Ethernet that makes sense, and what it is.
fn read<'a>(frame: &Frame<'a>) -> Option<(Message<'a>, Kind)> {
    // A tag with the number 0 tells a priority and no VLAN (IEEE 802.1Q §9.6).
    let is_ours = frame.protocol == ethertype::ARP
        && frame.framing == Framing::Ethernet2
        && matches!(frame.vlan(), None | Some(0));
    let message = Message::parse(frame.payload).ok().filter(|_| is_ours)?;
    let kind = match message.header.operation {
        operation::REQUEST => Kind::Request,
        operation::REPLY => Kind::Reply,
        _ => return None,
    };
    (message.header == Header::ipv4(message.header.operation)).then_some((message, kind))
}

impl Engine for Arping {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Due(_) | Phase::Leaving(_) => Some(self.started),
            Phase::Waiting => self.next.into_iter().chain(self.deadline()).min(),
            Phase::Finished => None,
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.phase {
            Phase::Leaving(ending) => self.finish(now, ending),
            Phase::Due(_) | Phase::Finished => {}
            Phase::Waiting => {
                let deadline = self.deadline().filter(|deadline| *deadline <= now);
                // The request of the last moment leaves, as iputils' does.
                match (self.next.filter(|next| *next <= deadline.unwrap_or(now)), deadline) {
                    (Some(_), deadline) => self.tick(now, deadline.map(|_| Ending::Deadline)),
                    (None, Some(_)) => self.finish(now, Ending::Deadline),
                    (None, None) => {}
                }
            }
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now, Ending::Stopped);
    }

    fn handle_query(&mut self, now: Instant) {
        // iputils takes ^\ for ^C.
        self.finish(now, Ending::Stopped);
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.events.is_empty()
    }
}

impl Datagrams for Arping {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let Phase::Due(ending) = self.phase else { return None };
        if self.attempts == 0 {
            self.started = now;
            self.next = self.config.interval.map(|interval| now + interval);
        }
        self.emit(contents);
        self.attempts += 1;
        self.answers = 0;
        self.summary.sent += 1;
        self.summary.broadcasts += u64::from(self.destination == Mac::BROADCAST);
        #[expect(clippy::cast_possible_truncation, reason = "told apart from its neighbours")]
        let id = self.attempts as u32;
        self.last = Some(Last { id, at: now });
        self.phase = ending.map_or(Phase::Waiting, Phase::Leaving);
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Some(Transmit { flow: self.config.flow, ..Transmit::new(nobody, id) })
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let Ok(frame) = Frame::parse(reply.contents) else { return };
        let is_ours = reply.flow == self.config.flow && frame.source != self.config.own;
        if self.is_over() || !is_ours {
            return;
        }
        let casting = match frame.destination {
            own if own == self.config.own => Casting::Unicast,
            group if group.is_multicast() => Casting::Broadcast,
            _ => return,
        };
        let Some((message, kind)) = read(&frame) else { return };
        if self.is_answer(&message) {
            let End { mac, address } = message.target;
            let answer = Answer {
                casting,
                kind,
                mac: message.sender.mac,
                frame_mac: frame.source,
                for_address: Some(address).filter(|address| *address != self.config.source),
                for_mac: Some(mac).filter(|mac| *mac != self.config.own),
                rtt: None,
                sent: self.summary.sent,
            };
            self.answered(reply.at.unwrap_or(now), answer);
        }
        self.claim(message.sender);
        self.rival(&message);
        if self.has_enough() {
            self.finish(now, Ending::Answered);
        }
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        if let Some(last) = self.last.as_mut().filter(|last| last.id == stamp.id)
            && stamp.stage == Stage::Sent
        {
            last.at = stamp.at;
        }
    }

    fn handle_unsent(&mut self, _now: Instant, transmit: &Transmit, why: &io::Error) {
        self.summary.sent = self.summary.sent.saturating_sub(1);
        let was_for_all = self.destination == Mac::BROADCAST;
        self.summary.broadcasts = self.summary.broadcasts.saturating_sub(u64::from(was_for_all));
        self.summary.unsent += 1;
        if self.last.is_some_and(|last| last.id == transmit.id) && self.summary.sent == 0 {
            self.last = None;
        }
        let why = errno_text(why);
        if self.why_unsent.as_ref() != Some(&why) {
            self.events.push_back(Event::Unsent { why: why.clone() });
            self.why_unsent = Some(why);
        }
    }

    fn handle_drops(&mut self, _now: Instant, flow: u32, count: u64) {
        if flow == self.config.flow {
            self.summary.dropped += count;
        }
    }
}

#[cfg(test)]
mod tests;
