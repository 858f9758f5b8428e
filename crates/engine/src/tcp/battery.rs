//! Questions to one TCP server, one after the other: how it opens, talks and closes, and what stands before it.
//!
//! Beside them one SYN is answered by silence, which takes seconds and disturbs nothing.
//!
//! Its datagrams are TCP segments, from their header on, of raw sockets. Every port that it uses must be held
//! back from the kernel, which would answer with RST. Nobody is left half open: whatever comes for a connection
//! that is done with is answered with RST.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use wireline_packet::tcp::Segment;

use self::asking::Asking;
use self::backlog::Queueing;
use self::challenge::Challenging;
use self::line::Line;
use self::repeats::Repeating;
use self::talk::Talking;
use self::wire::{Got, Wire};
use super::{Refused, Verdict};
use crate::{Datagrams, Engine, Instant, Refusal, Reply, Stage, Stamp, Transmit};

mod asking;
mod backlog;
mod challenge;
mod fingerprint;
mod isn;
mod line;
mod measured;
mod repeats;
mod schedule;
mod signs;
mod talk;
mod wire;

pub use fingerprint::{Fingerprint, guess};
pub use isn::{Clock, IsnKind, IsnSample, Isns, study};
pub use measured::{
    Backlog, Challenge, Closed, Measured, Offer, Offered, Probed, Repeats, Said, SynAck, Talk,
};
pub use schedule::{Schedule, classify};
pub use signs::{Sign, cookie_signs, proxy_signs};

/// Which questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// One SYN after the other from one port: round trips, options, sequence numbers of one 4-tuple.
    Samples,
    /// A SYN each from many ports: sequence numbers of other 4-tuples.
    Ports,
    /// SYNs that offer ECN, and accurate ECN.
    Ecn,
    /// SYNs that ask for a cookie of Fast Open, and that use it.
    FastOpen,
    /// A whole connection with data, half closed by us.
    Talk,
    /// An RST and a SYN that fit a connection, but not exactly.
    Challenge,
    /// A SYN and then silence: when the SYN-ACK is sent again. Asked beside the others.
    Repeats,
    /// Connections side by side until the server takes no more. After all others: it disturbs them.
    Backlog,
}

/// What to ask whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The other end.
    pub remote: SocketAddr,
    /// Our own address.
    pub local: SocketAddr,
    /// Our ports, held by nobody else: [`Config::ports_needed`] of them.
    pub ports: Vec<u16>,
    /// In this order. [`Question::Samples`] comes first whether it is here or not: it says whether there is
    /// anybody.
    pub questions: Vec<Question>,
    /// SYNs from one port, 1 at the least.
    pub samples: u32,
    /// SYNs from ports of their own.
    pub other_ports: u32,
    /// Connections side by side.
    pub parallel: u32,
    /// What is said on a connection.
    pub send: Vec<u8>,
    /// How long an answer is awaited.
    pub patience: Duration,
    /// The whole of it.
    pub budget: Duration,
    /// How long SYN-ACKs that come again are watched for, within the budget.
    pub watch: Duration,
    /// For sequence numbers and times of ours.
    pub seed: u64,
}

impl Config {
    /// How many ports the questions take.
    #[must_use]
    pub fn ports_needed(questions: &[Question], other_ports: u32, parallel: u32) -> u32 {
        let of = |question: &Question| match question {
            Question::Samples => 0,
            Question::Ports => other_ports,
            Question::Backlog => parallel,
            Question::Ecn | Question::FastOpen => 2,
            Question::Talk | Question::Challenge | Question::Repeats => 1,
        };
        1 + questions.iter().map(of).sum::<u32>()
    }
}

/// What a battery has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The next question is being asked.
    Asking(Question),
    /// The end, and all that was measured.
    Ended(Box<Measured>),
}

/// One question, while it is asked.
trait Probe: std::fmt::Debug {
    /// Begins.
    fn start(&mut self, now: Instant, wire: &mut Wire);
    /// Takes in a segment for one of its ports, and says whether it knows what it is about.
    fn hear(&mut self, got: &Got<'_>, wire: &mut Wire) -> bool;
    /// When to be woken.
    fn next_timeout(&self) -> Option<Instant>;
    /// Lets deadlines take effect.
    fn wake(&mut self, now: Instant, wire: &mut Wire);
    /// Learns when a segment left.
    fn stamped(&mut self, _id: u32, _at: Instant) {}
    /// Learns that the network refused a segment from this port.
    fn refused(&mut self, _port: u16, _refused: Refused) {}
    /// Whether nothing more is to come.
    fn is_done(&self) -> bool;
    /// Ends, finished or not: resets what is open and writes down what is known.
    fn end(self: Box<Self>, wire: &mut Wire, measured: &mut Measured);
}

/// The engine.
#[derive(Debug)]
pub struct Battery {
    wire: Wire,
    config: Config,
    waiting: VecDeque<Question>,
    free_ports: VecDeque<u16>,
    /// One, and the one that is asked beside it.
    asked: Vec<(Question, Box<dyn Probe>)>,
    measured: Measured,
    deadline: Instant,
    events: VecDeque<Event>,
    is_finished: bool,
}

impl Battery {
    /// The first SYN is the first datagram.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let others = config.questions.iter().copied().filter(|it| *it != Question::Samples);
        let mut battery = Self {
            wire: Wire::new(config.local, config.remote, config.seed),
            waiting: std::iter::once(Question::Samples).chain(others).collect(),
            free_ports: config.ports.iter().copied().collect(),
            asked: Vec::new(),
            measured: Measured::default(),
            deadline: now + config.budget,
            events: VecDeque::new(),
            is_finished: false,
            config,
        };
        battery.go_on(now);
        battery
    }

    fn ports(&mut self, count: u32) -> Vec<u16> {
        let count = usize::try_from(count).unwrap_or(0).min(self.free_ports.len());
        self.free_ports.drain(..count).collect()
    }

    fn probe(&mut self, question: Question, now: Instant) -> Box<dyn Probe> {
        let patience = self.config.patience;
        let count =
            Config::ports_needed(&[question], self.config.other_ports, self.config.parallel);
        // Of the one that is always needed.
        let ports = self.ports(count.saturating_sub(1).max(1));
        match question {
            Question::Samples => Box::new(Asking::samples(&ports, self.config.samples, patience)),
            Question::Ports => Box::new(Asking::ports(&ports, patience)),
            Question::Ecn => Box::new(Asking::ecn(&ports, patience)),
            Question::FastOpen => Box::new(Asking::fast_open(&ports, &self.config.send, patience)),
            Question::Talk => Box::new(Talking::new(&ports, self.config.send.clone(), patience)),
            Question::Challenge => Box::new(Challenging::new(&ports, patience)),
            Question::Backlog => Box::new(Queueing::new(&ports, patience)),
            Question::Repeats => {
                Box::new(Repeating::new(&ports, self.deadline.min(now + self.config.watch)))
            }
        }
    }

    /// Ends what is done, and begins what comes next.
    fn go_on(&mut self, now: Instant) {
        while !self.is_finished {
            self.end_probes(|probe| probe.is_done());
            if self.measured.verdict.as_ref().is_some_and(|verdict| *verdict != Verdict::Open) {
                self.waiting.clear();
            }
            match self.next_question() {
                Some(question) => self.ask(question, now),
                None if self.asked.is_empty() => self.finish(),
                None => return,
            }
        }
    }

    /// What is to be asked now, if anything.
    fn next_question(&mut self) -> Option<Question> {
        let is_asked = |wanted: fn(Question) -> bool| self.asked.iter().any(|it| wanted(it.0));
        let is_busy = is_asked(|question| question != Question::Repeats);
        // Only of a server that is there.
        if self.measured.verdict.is_some()
            && let Some(place) = self.waiting.iter().position(|it| *it == Question::Repeats)
        {
            return self.waiting.remove(place);
        }
        let must_wait = is_busy || {
            self.waiting.front() == Some(&Question::Backlog) && !self.asked.is_empty()
        };
        if must_wait { None } else { self.waiting.pop_front() }
    }

    fn ask(&mut self, question: Question, now: Instant) {
        self.events.push_back(Event::Asking(question));
        let mut probe = self.probe(question, now);
        probe.start(now, &mut self.wire);
        self.asked.push((question, probe));
    }

    /// Ends these, finished or not.
    fn end_probes(&mut self, which: fn(&dyn Probe) -> bool) {
        let all = std::mem::take(&mut self.asked);
        for (question, probe) in all {
            if !which(probe.as_ref()) {
                self.asked.push((question, probe));
                continue;
            }
            if probe.is_done() {
                self.measured.whole.push(question);
            }
            probe.end(&mut self.wire, &mut self.measured);
        }
    }

    fn finish(&mut self) {
        self.end_probes(|_| true);
        self.is_finished = true;
        let measured = std::mem::take(&mut self.measured);
        self.events.push_back(Event::Ended(Box::new(measured)));
    }

    /// One that is asked beside the others ends with the budget by its nature.
    fn has_unfinished(&self) -> bool {
        self.asked
            .iter()
            .any(|(question, probe)| *question != Question::Repeats && !probe.is_done())
    }

    fn probes(&mut self) -> impl Iterator<Item = &mut Box<dyn Probe>> {
        self.asked.iter_mut().map(|(_, probe)| probe)
    }
}

impl Engine for Battery {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let probes = self.asked.iter().filter_map(|(_, probe)| probe.next_timeout());
        let end = (!self.is_finished).then_some(self.deadline);
        probes.chain(end).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if now >= self.deadline && !self.is_finished {
            self.measured.out_of_time = !self.waiting.is_empty() || self.has_unfinished();
            self.finish();
        }
        for (_, probe) in &mut self.asked {
            probe.wake(now, &mut self.wire);
        }
        self.go_on(now);
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, _now: Instant) {
        if !self.is_finished {
            self.measured.stopped = true;
            self.finish();
        }
    }

    fn is_finished(&self) -> bool {
        self.is_finished && self.events.is_empty() && self.wire.is_empty()
    }
}

impl Datagrams for Battery {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let (id, octets) = self.wire.next()?;
        *contents = octets;
        // Until the kernel says better.
        self.probes().for_each(|probe| probe.stamped(id, now));
        Some(Transmit::new(self.config.remote, id))
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let Ok(segment) = Segment::parse(reply.contents) else { return };
        let remote = self.config.remote;
        let is_ours = self.config.ports.contains(&segment.destination_port);
        if reply.source.ip() != remote.ip() || segment.source_port != remote.port() || !is_ours {
            return;
        }
        let at = reply.at.unwrap_or(now);
        let accurate = reply.contents.get(12).is_some_and(|octet| octet & 1 != 0);
        let got = Got { at, hop_limit: reply.hop_limit, accurate, segment };
        let is_known = self.asked.iter_mut().any(|(_, probe)| probe.hear(&got, &mut self.wire));
        if !is_known {
            Line::refuse(&got, &mut self.wire);
        }
        self.go_on(now);
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        if stamp.stage == Stage::Sent {
            self.probes().for_each(|probe| probe.stamped(stamp.id, stamp.at));
        }
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        let is_ours = match refusal.origin {
            crate::Origin::Icmp { from, .. } => {
                from == self.config.local.ip() && from != self.config.remote.ip()
            }
            crate::Origin::Local(_) => false,
        };
        let Some(refused) = Refused::new(refusal.origin, is_ours) else { return };
        let Ok(start) = wireline_packet::tcp::read_start(refusal.quoted) else { return };
        let is_it = refusal.destination.ip() == self.config.remote.ip()
            && start.destination_port == self.config.remote.port();
        if is_it {
            self.probes().for_each(|probe| probe.refused(start.source_port, refused));
        }
        self.go_on(now);
    }

    fn handle_unsent(&mut self, now: Instant, _transmit: &Transmit, why: &io::Error) {
        let errno = why.raw_os_error().unwrap_or(0);
        if self.measured.verdict.is_none() {
            self.measured.verdict = Some(Verdict::of(errno, None, 0));
            self.waiting.clear();
            self.asked.clear();
        }
        self.measured.unsent += 1;
        self.go_on(now);
    }

    fn handle_drops(&mut self, _now: Instant, _flow: u32, count: u64) {
        self.measured.drops += count;
    }
}

#[cfg(test)]
mod tests;
