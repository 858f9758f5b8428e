//! ICMP echo to many targets in turn: what `fping` does, without a limit on how many.
//!
//! Targets are drawn from an iterator as their turn comes, and in [`Mode::Alive`] forgotten once they
//! are settled: memory goes by how many wait for an answer, not by how many there are.

mod cookie;
mod event;
mod state;
mod table;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_packet::{EchoId, icmpv4, icmpv6};

pub use event::{Answer, Event, SoFar, Summary, Target, TargetSummary};

use crate::echo::Sample;
use crate::{
    Datagrams, Engine, IcmpError, Instant, Latency, Origin, Refusal, Reply, Stage, Stamp, Transmit,
};
use cookie::Cookie;
use state::{State, States};
use table::{Request, Table};

/// What to ask, and how often.
#[derive(Clone, Debug)]
pub struct Config {
    /// Identifier of our requests over IPv4 and IPv6; `None` where the kernel picks it.
    pub ident: [Option<u16>; 2],
    /// Draws what a stranger could not guess.
    pub seed: u64,
    /// How often each target is asked.
    pub mode: Mode,
    /// From one request to the next, to whichever target. Zero is as fast as the machine can.
    pub interval: Duration,
    /// How long a request may wait for its answer. A later answer does not count.
    pub timeout: Duration,
    /// Sent in every request; the first 16 octets are overwritten.
    pub payload: Vec<u8>,
    /// Stop at an answer from so many targets.
    pub enough: Option<u64>,
    /// Keep each round trip for the target's summary.
    pub keep_samples: bool,
}

/// How often each target is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Until it answers, and this many times after the first at the most, each time waiting `backoff`
    /// times as long.
    Alive {
        /// Requests after the first.
        retries: u32,
        /// By how much the wait grows, at least 1.
        backoff: f64,
    },
    /// This many times, or until stopped.
    Counted {
        /// Requests to each target; `None` is until stopped.
        count: Option<u32>,
        /// From one request to a target to the next to the same.
        period: Duration,
    },
}

/// The sweep engine.
pub struct Sweep {
    config: Config,
    fresh: Box<dyn Iterator<Item = Target>>,
    /// The next target, drawn ahead so that the end is known.
    next: Option<Target>,
    states: States,
    table: Table,
    /// Requests whose time is up, and targets whose next turn has come.
    timers: BinaryHeap<Reverse<(Instant, Timer)>>,
    /// Targets whose turn has come, waiting for the pace.
    ready: VecDeque<u32>,
    due: Instant,
    started: Instant,
    done: bool,
    /// Requests that are neither answered nor given up.
    waiting: usize,
    /// Targets whose next turn is to come.
    turns: usize,
    summary: Summary,
    latency: Latency,
    contents: Vec<u8>,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A request has waited long enough.
    Expire { slot: u32, generation: u32 },
    /// A target's next request is due.
    Turn { target: u32 },
}

/// Requests that may wait for answers at once: 100 MB of table at the most.
const WINDOW: usize = 1 << 20;

/// As [`WINDOW`], where the data has no room for a cookie.
const NARROW_WINDOW: usize = 1 << 16;

impl Sweep {
    /// An engine whose first request leaves at once.
    #[must_use]
    pub fn new(config: Config, targets: Box<dyn Iterator<Item = Target>>, now: Instant) -> Self {
        let start = Event::Start { v: 1, size: config.payload.len() };
        let mut fresh = targets;
        Self {
            next: fresh.next(),
            fresh,
            states: States::new(matches!(config.mode, Mode::Alive { .. })),
            table: Table::default(),
            timers: BinaryHeap::new(),
            ready: VecDeque::new(),
            due: now,
            started: now,
            done: false,
            waiting: 0,
            turns: 0,
            summary: Summary::default(),
            latency: Latency::default(),
            contents: config.payload.clone(),
            config,
            events: VecDeque::from([start]),
        }
    }

    /// Whose turn it is: those that have waited longest, and so those that were never asked before
    /// those that were.
    fn next_target(&mut self) -> Option<u32> {
        if self.table.open() >= self.window() {
            return self.ready.pop_front();
        }
        let Some(target) = self.next.take() else { return self.ready.pop_front() };
        self.next = self.fresh.next();
        self.summary.targets += 1;
        Some(self.states.insert(State::new(target)))
    }

    /// Whether some target's turn has come, pace or no pace.
    fn has_work(&self) -> bool {
        let fresh = self.next.is_some() && self.table.open() < self.window();
        !self.done && (fresh || !self.ready.is_empty())
    }

    const fn window(&self) -> usize {
        if self.config.payload.len() < Cookie::LENGTH { NARROW_WINDOW } else { WINDOW }
    }

    /// Whether nothing can change any more.
    fn is_settled(&self) -> bool {
        self.next.is_none() && self.ready.is_empty() && self.waiting == 0 && self.turns == 0
    }

    fn pace(&mut self, now: Instant) {
        /// A machine that was held up for longer does not make up for it.
        const PATIENCE: Duration = Duration::from_millis(20);
        self.due = self.due + self.config.interval;
        if now - self.due > PATIENCE {
            self.due = now;
        }
    }

    /// How long request `index` to a target may wait.
    fn patience(&self, index: u32) -> Duration {
        match self.config.mode {
            Mode::Alive { backoff, .. } => {
                let power = i32::try_from(index).unwrap_or(i32::MAX);
                let wait = self.config.timeout.as_secs_f64() * backoff.powi(power);
                Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX)
            }
            Mode::Counted { .. } => self.config.timeout,
        }
    }

    /// Notes a request that is about to leave, and when it is given up and the next is due.
    fn enter(&mut self, now: Instant, target: u32) -> Option<(Cookie, SocketAddr)> {
        let state = self.states.get_mut(target)?;
        let (index, address) = (state.sent, state.target.address);
        state.sent += 1;
        self.summary.sent += 1;
        let cookie = self.table.insert(target, index, now);
        let expiry = Timer::Expire { slot: cookie.slot, generation: cookie.generation };
        self.timers.push(Reverse((now + self.patience(index), expiry)));
        if let Mode::Counted { count, period } = self.config.mode
            && count.is_none_or(|count| index + 1 < count)
        {
            // From when it was due, so that the rounds keep their distance.
            let turn = self.states.next_turn(target, now, period);
            self.timers.push(Reverse((turn, Timer::Turn { target })));
            self.turns += 1;
        }
        self.waiting += 1;
        Some((cookie, address))
    }

    fn expire(&mut self, cookie: Cookie) {
        let Some(request) = self.table.remove(cookie).filter(|request| !request.answered) else {
            return;
        };
        self.waiting -= 1;
        self.summary.timeouts += 1;
        match self.config.mode {
            Mode::Alive { retries, .. } if request.index < retries => {
                self.ready.push_back(request.target);
            }
            Mode::Alive { .. } => {
                if let Some(state) = self.states.remove(request.target) {
                    self.summary.unreachable += 1;
                    self.events
                        .push_back(Event::Unreachable { target: state.target, sent: state.sent });
                }
            }
            Mode::Counted { .. } => {
                if let Some(state) = self.states.get_mut(request.target) {
                    state.lost += 1;
                    let (target, so_far) = (state.target.clone(), state.so_far());
                    self.events.push_back(Event::Lost { target, index: request.index, so_far });
                }
            }
        }
    }

    fn finish(&mut self, now: Instant) {
        self.done = true;
        if matches!(self.config.mode, Mode::Counted { .. }) {
            self.report_targets();
        }
        let silent =
            self.states.iter().filter(|state| state.received == 0 && state.sent > 0).count();
        self.summary.unreachable += silent as u64;
        self.summary.elapsed = now - self.started;
        self.summary.rtt = self.latency.report();
        self.events.push_back(Event::Summary(self.summary.clone()));
    }

    fn report_targets(&mut self) {
        let period = match self.config.mode {
            Mode::Counted { period, .. } => period,
            Mode::Alive { .. } => self.config.timeout,
        };
        let keep = self.config.keep_samples;
        let summaries = self.states.iter().map(|state| state.summary(period, keep));
        self.events.extend(summaries.map(Event::TargetSummary));
    }

    /// The request that a reply answers, and where the answer should come from.
    fn find(&self, id: EchoId, data: &[u8], from: IpAddr) -> Option<Cookie> {
        if let Some(cookie) = Cookie::read(self.config.seed, id, data) {
            return Some(cookie);
        }
        // Without a cookie, the address must do.
        if self.config.payload.len() >= Cookie::LENGTH {
            return None;
        }
        self.find_by_address(id.seq, from)
    }

    fn find_by_address(&self, seq: u16, address: IpAddr) -> Option<Cookie> {
        let is_for = |request: &Request| {
            self.states
                .get(request.target)
                .is_some_and(|state| state.target.address.ip() == address)
        };
        self.table.of_seq(seq).find(|(_, request)| is_for(request)).map(|(cookie, _)| cookie)
    }

    fn answer(&mut self, now: Instant, id: EchoId, data: &[u8], reply: Reply<'_>) {
        let Some(cookie) = self.find(id, data, reply.source.ip()) else { return };
        let Some(request) = self.table.get_mut(cookie) else { return };
        let duplicate = std::mem::replace(&mut request.answered, true);
        let request = *request;
        let sample = Sample::of(request.asked, request.sent, reply.at, now);
        if duplicate {
            self.summary.duplicates += 1;
        } else {
            self.credit(request, sample);
        }
        match self.config.mode {
            Mode::Alive { .. } => {
                self.table.remove(cookie);
                let target = self.states.remove(request.target).map(|state| state.target);
                let alive = |target| Event::Alive { target, index: request.index, sample };
                self.events.extend(target.map(alive));
            }
            Mode::Counted { .. } => self.tell_reply(request, sample, duplicate, reply),
        }
        if self.config.enough.is_some_and(|enough| self.summary.alive >= enough) {
            self.finish(now);
        }
    }

    /// Counts the first answer to a request.
    fn credit(&mut self, request: Request, sample: Sample) {
        let Some(state) = self.states.get_mut(request.target) else { return };
        self.waiting -= 1;
        self.summary.received += 1;
        self.summary.alive += u64::from(state.received == 0);
        self.latency.record(sample.rtt);
        state.answer(sample.rtt, self.config.keep_samples.then_some(request.index));
    }

    fn tell_reply(&mut self, request: Request, sample: Sample, duplicate: bool, reply: Reply<'_>) {
        let Some(state) = self.states.get(request.target) else { return };
        let from = reply.source.ip();
        let answer = Answer {
            target: state.target.clone(),
            index: request.index,
            source: (from != state.target.address.ip()).then_some(from),
            size: reply.contents.len(),
            hop_limit: reply.hop_limit,
            sample,
            duplicate,
            so_far: state.so_far(),
        };
        self.events.push_back(Event::Reply(answer));
    }

    fn is_ours(&self, id: EchoId, is_ipv6: bool) -> bool {
        self.config.ident[usize::from(is_ipv6)].is_none_or(|ours| ours == id.ident)
    }
}

impl Datagrams for Sweep {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if !self.has_work() || now < self.due {
            return None;
        }
        let target = self.next_target()?;
        let (cookie, destination) = self.enter(now, target)?;
        self.pace(now);
        cookie.write(self.config.seed, &mut self.contents);
        let ident = self.config.ident[usize::from(destination.is_ipv6())].unwrap_or(0);
        let (id, payload) = (EchoId { ident, seq: cookie.seq() }, &self.contents);
        match destination {
            SocketAddr::V4(_) => icmpv4::EchoRequest { id, payload }.emit(contents),
            SocketAddr::V6(_) => icmpv6::EchoRequest { id, payload }.emit(contents),
        }
        Some(Transmit::new(destination, cookie.slot))
    }

    fn expected(&self) -> usize {
        self.table.open()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if self.done {
            return;
        }
        let is_ipv6 = reply.source.is_ipv6();
        let found = if is_ipv6 {
            let Ok(icmpv6::Message::EchoReply(id, data)) = icmpv6::Message::read(reply.contents)
            else {
                return;
            };
            (id, data)
        } else {
            let Ok(icmpv4::Message::EchoReply(id, data)) = icmpv4::Message::parse(reply.contents)
            else {
                return;
            };
            (id, data)
        };
        if self.is_ours(found.0, is_ipv6) {
            self.answer(now, found.0, found.1, reply);
        }
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        let Some(request) = self.table.at_mut(stamp.id) else { return };
        // A stamp from before the system call is a clock that was set, or an earlier request's.
        if stamp.stage == Stage::Sent && stamp.at >= request.asked {
            request.sent.get_or_insert(stamp.at);
        }
    }

    fn handle_refusal(&mut self, _now: Instant, refusal: Refusal<'_>) {
        let (from, icmp_type, code) = match refusal.origin {
            Origin::Icmp { from, icmp_type, code } => (from, icmp_type, code),
            Origin::Local(errno) => {
                let target = Target::numeric(SocketAddr::new(refusal.destination.ip(), 0));
                let error = crate::errno_text(&io::Error::from_raw_os_error(errno));
                self.events.push_back(Event::Unsent { target, error });
                return;
            }
        };
        let id = if refusal.destination.is_ipv6() {
            let Ok(icmpv6::Message::EchoRequest(id, _)) = icmpv6::Message::read(refusal.quoted)
            else {
                return;
            };
            id
        } else {
            let Ok(icmpv4::Message::EchoRequest(id, _)) = icmpv4::Message::read(refusal.quoted)
            else {
                return;
            };
            id
        };
        if !self.is_ours(id, refusal.destination.is_ipv6()) {
            return;
        }
        let cookie = self.find_by_address(id.seq, refusal.destination.ip());
        let request = cookie.and_then(|cookie| self.table.get_mut(cookie).copied());
        let Some(state) = request.and_then(|request| self.states.get(request.target)) else {
            return;
        };
        self.summary.errors += 1;
        let error = IcmpError::new(id.seq, from, icmp_type, code, refusal.info);
        self.events.push_back(Event::Error { target: state.target.clone(), error });
    }

    fn handle_unsent(&mut self, _now: Instant, transmit: &Transmit, why: &io::Error) {
        let target = self.table.at_mut(transmit.id).map(|request| request.target);
        let Some(state) = target.and_then(|target| self.states.get(target)) else { return };
        let error = crate::echo::Refused::from(why).message;
        self.events.push_back(Event::Unsent { target: state.target.clone(), error });
    }
}

impl Engine for Sweep {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        // Where nothing is left to wait for, the end is due at once.
        let at_once = (self.has_work() || self.is_settled()).then_some(self.due);
        at_once.into_iter().chain(timer).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(Reverse((at, timer))) = self.timers.peek().copied()
            && at <= now
            && !self.done
        {
            self.timers.pop();
            match timer {
                Timer::Turn { target } => {
                    self.turns -= 1;
                    self.ready.push_back(target);
                }
                Timer::Expire { slot, generation } => self.expire(Cookie { slot, generation }),
            }
        }
        if self.is_settled() && !self.done {
            self.finish(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        if !self.done {
            self.finish(now);
        }
    }

    fn handle_query(&mut self, _now: Instant) {
        self.report_targets();
        self.events.push_back(Event::StatusEnd);
    }

    fn is_finished(&self) -> bool {
        self.done && self.events.is_empty()
    }
}
