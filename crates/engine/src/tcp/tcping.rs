//! TCP's opening, asked for over and over: many targets, each on a schedule of its own.
//!
//! It tells apart what other tools call a loss: a SYN that had to be sent again, a refusal, a rejection by
//! somebody on the way, silence, and what went wrong on this machine. It never looks up a name, and asks for
//! that by an event.

mod ending;
mod event;
mod flights;
mod half_open;
mod state;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use event::{
    Bucket, Carrier, Clock, Counts, End, Event, Outcome, Probe, Reach, Rejecter, Rtt, Streaks,
    Summary, Target, TargetSummary, Turn,
};

use super::{Refused, Verdict};
use crate::{
    Answer, Datagrams, Engine, Handshake, Instant, Origin, Refusal, Reply, Stage, Stamp, Transmit,
};
use ending::{Ending, REFUSED, TIMED_OUT, UNREACHABLE, kernels, resent};
use flights::{Flight, Flights};
use half_open::HalfOpen;
use state::State;

/// Those who rejected probes are counted one by one up to here.
pub const REJECTERS: usize = 8;

/// What to ask, and how often.
#[derive(Clone, Debug)]
pub struct Config {
    /// What carries the probes.
    pub carrier: Carrier,
    /// From one probe of a target to the next of the same, by an absolute schedule.
    pub interval: Duration,
    /// Probes of each target; `None` is until stopped.
    pub count: Option<u64>,
    /// How long a try may wait for its answer.
    pub timeout: Duration,
    /// Stop this long after the start, whatever has been asked.
    pub max_time: Option<Duration>,
    /// Tries after the first, before a probe counts as failed.
    pub retries: u32,
    /// Look a target's name up anew after so many failures in a row.
    pub resolve_after: Option<u32>,
    /// Ask each target until it is this, and no longer.
    pub until: Option<Until>,
    /// Draws what a stranger could not guess: the sequence numbers of half-open probes.
    pub seed: u64,
    /// The source ports of half-open probes, used in turn.
    pub source_ports: Vec<u16>,
    /// Whether an address is this machine's own: who says so of a neighbour that does not answer is the kernel.
    pub is_ours: fn(IpAddr) -> bool,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The port is open.
    Open,
    /// The port is not: refused, rejected, unreachable or silent.
    Closed,
}

/// The engine.
#[derive(Debug)]
pub struct Tcping {
    config: Config,
    started: Instant,
    phase: Phase,
    targets: Vec<State>,
    /// When each target is asked next.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Probes that are tried again.
    again: VecDeque<Flight>,
    flights: Flights,
    half_open: HalfOpen,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    /// The time is up; what is under way is being told.
    Ending,
    Done,
}

/// Between the first probes of neighbours in the list, at the most: one after another they do not stand in each
/// other's way.
const STAGGER: Duration = Duration::from_millis(1);

/// How much longer than its timeout a try waits for a channel that has a timeout of its own.
const SLACK: Duration = Duration::from_millis(500);

/// When a kernel sends a SYN again, or gives up (RFC 6298 §2.1).
const KERNELS_FIRST_LOOK: Duration = Duration::from_secs(1);

impl Tcping {
    /// An engine whose first probe leaves at once.
    #[must_use]
    pub fn new(config: Config, targets: Vec<Target>, now: Instant) -> Self {
        let (v, carrier) = (1, config.carrier);
        let start = Event::Start { v, targets: targets.len(), carrier };
        let count = u32::try_from(targets.len()).unwrap_or(u32::MAX).max(1);
        let apart = (config.interval / count).min(STAGGER);
        let due = (0..)
            .zip(0..targets.len())
            .map(|(n, index): (u32, usize)| Reverse((now + apart.saturating_mul(n), index)));
        let mut engine = Self {
            started: now,
            phase: Phase::Running,
            due: due.collect(),
            targets: targets.into_iter().map(State::new).collect(),
            again: VecDeque::new(),
            flights: Flights::default(),
            half_open: HalfOpen::new(config.seed, config.source_ports.clone()),
            events: VecDeque::from([start]),
            config,
        };
        engine.settle(now);
        engine
    }

    /// Answers [`Event::Resolve`]: the addresses that the target's name has now, or none. If the one that failed
    /// is still among them, the one after it is next.
    pub fn handle_addresses(&mut self, index: usize, addresses: &[IpAddr]) {
        let Some(state) = self.targets.get_mut(index) else { return };
        state.is_resolving = false;
        state.lookups += 1;
        let before = state.target.address.ip();
        let place = addresses.iter().position(|address| *address == before);
        let next = place.map_or(0, |place| (place + 1) % addresses.len());
        let Some(address) = addresses.get(next).filter(|address| **address != before) else {
            return;
        };
        state.target.address = SocketAddr::new(*address, state.target.port);
        self.events.push_back(Event::Resolved { target: state.target.clone(), before });
    }

    /// Every target's counts so far.
    #[must_use]
    pub fn summaries(&self, now: Instant) -> Vec<TargetSummary> {
        self.targets.iter().map(|state| state.summary(now)).collect()
    }

    /// The next try that is to leave, if its time has come.
    fn next_try(&mut self, now: Instant) -> Option<Flight> {
        if self.phase != Phase::Running {
            return None;
        }
        if let Some(flight) = self.again.pop_front() {
            return Some(flight);
        }
        while let Some(&Reverse((due, index))) = self.due.peek() {
            if due > now {
                return None;
            }
            self.due.pop();
            if let Some(flight) = self.begin(now, due, index) {
                return Some(flight);
            }
        }
        None
    }

    /// Begins a probe of a target, and says when the next is due.
    fn begin(&mut self, now: Instant, due: Instant, index: usize) -> Option<Flight> {
        let state = self.targets.get_mut(index).filter(|state| !state.is_done)?;
        state.begun += 1;
        state.under_way += 1;
        state.is_done = self.config.count.is_some_and(|count| state.begun >= count);
        if !state.is_done {
            let next = following(due, self.config.interval, now);
            self.due.push(Reverse((next, index)));
        }
        Some(Flight::new(index, state.begun, now))
    }

    /// What came of a try: another one, or the end of its probe.
    fn conclude(&mut self, now: Instant, id: u32, end: Ending) {
        let Some(mut flight) = self.flights.remove(id) else { return };
        flight.syn_sent += 1 + end.retransmits;
        flight.syn_lost += end.retransmits;
        let verdict = Verdict::of(end.errno, end.refused, flight.syn_sent);
        let may_try = flight.tries <= self.config.retries && self.phase == Phase::Running;
        if verdict != Verdict::Open && may_try {
            flight.syn_lost += u32::from(matches!(verdict, Verdict::Filtered { .. }));
            self.again.push_back(flight);
            return;
        }
        let app = end.at.unwrap_or(now).since(flight.began);
        self.tell(now, &flight, verdict, &Ending { app: Some(app), ..end });
    }

    fn tell(&mut self, now: Instant, flight: &Flight, verdict: Verdict, end: &Ending) {
        let Some(state) = self.targets.get_mut(flight.target) else { return };
        let is_heard = !matches!(verdict, Verdict::Filtered { .. } | Verdict::Local { .. });
        let app = end.app.filter(|_| is_heard);
        let lost_for = app.filter(|_| flight.syn_lost > 0);
        let spent = end.rtt.map_or(Duration::ZERO, |rtt| rtt.time);
        let probe = Probe {
            target: Target {
                address: flight.address.unwrap_or(state.target.address),
                ..state.target.clone()
            },
            seq: flight.seq,
            outcome: Outcome::new(&verdict),
            verdict,
            rtt: end.rtt,
            app,
            syn_sent: flight.syn_sent,
            syn_lost: flight.syn_lost,
            tries: flight.tries,
            lost_for: lost_for.map(|app| app.saturating_sub(spent)),
            source_port: flight.port,
            hop_limit: end.hop_limit,
        };
        let turns = state.conclude(&probe, flight.began);
        if state.is_as_wanted(self.config.until) {
            state.is_done = true;
        }
        let lookup = state.wants_lookup(self.config.resolve_after).then(|| state.target.clone());
        self.events.push_back(Event::Probe(probe));
        self.events.extend(turns.into_iter().map(Event::Turn));
        let index = flight.target;
        self.events.extend(lookup.map(|target| Event::Resolve { target, index }));
        self.settle(now);
    }

    /// Ends the run where nothing more can come.
    fn settle(&mut self, now: Instant) {
        if self.phase != Phase::Running {
            return;
        }
        let is_wanted = |state: &State| state.is_as_wanted(self.config.until);
        if self.config.until.is_some() && self.targets.iter().all(is_wanted) {
            return self.finish(now, End::Until);
        }
        if self.targets.iter().all(|state| state.is_done && state.under_way == 0) {
            self.finish(now, End::Counted);
        }
    }

    fn finish(&mut self, now: Instant, end: End) {
        if self.phase == Phase::Done {
            return;
        }
        self.phase = Phase::Done;
        let mut counts = Counts::default();
        for state in &self.targets {
            counts.add(state.counts());
        }
        let summaries = self.summaries(now).into_iter().map(Event::TargetSummary);
        self.events.extend(summaries);
        let up = self.targets.iter().filter(|state| state.is_up()).count();
        let (targets, elapsed) = (self.targets.len(), now - self.started);
        self.events.push_back(Event::Summary(Summary { targets, up, counts, elapsed, end }));
    }

    /// The time is up: who was asked and said nothing is silent.
    fn run_out(&mut self, now: Instant) {
        for state in &mut self.targets {
            state.is_done = true;
        }
        self.due.clear();
        self.again.clear();
        self.phase = Phase::Ending;
        for id in self.flights.ids() {
            self.give_up(now, id);
        }
        self.finish(now, End::MaxTime);
    }

    fn give_up(&mut self, now: Instant, id: u32) {
        let resent = match self.config.carrier {
            Carrier::Connect => self.flights.get(id).map_or(0, |flight| resent(now - flight.sent)),
            Carrier::HalfOpen => 0,
        };
        self.conclude(now, id, Ending { retransmits: resent, ..Ending::of(TIMED_OUT) });
    }

    /// How long a try is waited for. A kernel looks at the clock of a connection no sooner than a second after its
    /// SYN: what is to be known before is known here.
    fn patience(&self) -> Duration {
        let is_kernels =
            self.config.carrier == Carrier::Connect && self.config.timeout >= KERNELS_FIRST_LOOK;
        self.config.timeout + if is_kernels { SLACK } else { Duration::ZERO }
    }

    fn deadline(&self) -> Option<Instant> {
        self.config.max_time.map(|time| self.started + time)
    }
}

/// The turn after the one that was due: on the grid of the schedule, and not before now. Turns that this machine
/// slept through are not made up for, but for the last few.
fn following(due: Instant, interval: Duration, now: Instant) -> Instant {
    const PATIENCE: Duration = Duration::from_millis(20);
    let next = due + interval;
    let late = now - next;
    if late <= PATIENCE || interval.is_zero() {
        return if interval.is_zero() { now } else { next };
    }
    let missed = u32::try_from(late.as_nanos() / interval.as_nanos()).unwrap_or(u32::MAX);
    next + interval.saturating_mul(missed)
}

impl Engine for Tcping {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.phase == Phase::Done {
            return None;
        }
        let due = self.due.peek().map(|Reverse((due, _))| *due);
        due.into_iter().chain(self.flights.next_expiry()).chain(self.deadline()).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.phase == Phase::Done {
            return;
        }
        while let Some(id) = self.flights.expired(now) {
            self.give_up(now, id);
        }
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.run_out(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now, End::Stopped);
    }

    fn handle_query(&mut self, now: Instant) {
        let summaries = self.summaries(now).into_iter().map(Event::Status);
        self.events.extend(summaries);
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Done && self.events.is_empty()
    }
}

impl Datagrams for Tcping {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let mut flight = self.next_try(now)?;
        let destination = self.targets.get(flight.target)?.target.address;
        flight.tries += 1;
        flight.address = Some(destination);
        (flight.sent, flight.stamp) = (now, None);
        let id = self.flights.next_id();
        contents.clear();
        if self.config.carrier == Carrier::HalfOpen {
            let (port, sequence) = self.half_open.write(id, contents, destination);
            (flight.port, flight.sequence) = (Some(port), sequence);
        }
        self.flights.insert(id, flight, now + self.patience());
        Some(Transmit::new(destination, id))
    }

    fn expected(&self) -> usize {
        self.flights.len().clamp(1, 64)
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let Some(heard) = half_open::read(reply.contents) else { return };
        let from = SocketAddr::new(reply.source.ip(), heard.port);
        let Some((id, flight)) = self.flights.answered(from, heard.to, heard.acknowledges) else {
            return;
        };
        let (sent, at) = (flight.stamp, reply.at.filter(|at| *at <= now));
        let (time, clock) = match (sent, at) {
            (Some(sent), Some(at)) if at >= sent => (at - sent, Clock::Wire),
            _ => (now - flight.sent, Clock::User),
        };
        let rtt = Some(Rtt { time, clock, coarse: false });
        let errno = if heard.is_open { 0 } else { REFUSED };
        let hop_limit = reply.hop_limit;
        self.conclude(now, id, Ending { rtt, hop_limit, ..Ending::of(errno) });
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        if stamp.stage == Stage::Sent {
            self.flights.stamp(stamp.id, stamp.at);
        }
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        let id = match self.config.carrier {
            Carrier::Connect => Some(refusal.flow),
            Carrier::HalfOpen => half_open::quoted(refusal.quoted).and_then(|quoted| {
                let to = SocketAddr::new(refusal.destination.ip(), quoted.port);
                self.flights.quoted(to, quoted.to, quoted.acknowledges)
            }),
        };
        let Some((id, flight)) = id.and_then(|id| Some((id, self.flights.get(id)?))) else {
            return;
        };
        let address = flight.address.map(|address| address.ip());
        let is_ours = |from: IpAddr| {
            address.is_none_or(|address| address != from) && (self.config.is_ours)(from)
        };
        let (errno, refused) = match refusal.origin {
            Origin::Local(errno) => (errno, None),
            Origin::Icmp { from, .. } => {
                let refused = Refused::new(refusal.origin, is_ours(from));
                // What is only advice ends nothing.
                if refused.is_none_or(|refused| refused.verdict().is_none()) {
                    return;
                }
                (UNREACHABLE, refused)
            }
        };
        // What waits for a neighbour has never left.
        let is_here = refused.is_none_or(|refused| refused.verdict() == Some(Verdict::NoNeighbour));
        let resent = match self.config.carrier {
            Carrier::Connect if !is_here => resent(now - flight.sent),
            _ => 0,
        };
        let hop_limit = refusal.hop_limit;
        let end = Ending { refused, hop_limit, retransmits: resent, ..Ending::of(errno) };
        self.conclude(now, id, end);
    }

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        let Some(sent) = self.flights.get(handshake.id).map(|flight| flight.sent) else { return };
        let (errno, retransmits) = match handshake.answer {
            Answer::Accepted => (0, handshake.retransmits),
            // The kernel does not always say.
            Answer::Refused => (REFUSED, handshake.retransmits.max(resent(now - sent))),
            Answer::Silence => (TIMED_OUT, handshake.retransmits),
        };
        let rtt = handshake.rtt.filter(|_| errno == 0).map(|time| kernels(time, retransmits > 0));
        let at = Some(handshake.at);
        self.conclude(now, handshake.id, Ending { at, rtt, retransmits, ..Ending::of(errno) });
    }

    fn handle_port(&mut self, id: u32, port: u16) {
        self.flights.port(id, port);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        let Some(mut flight) = self.flights.remove(transmit.id) else { return };
        // Nothing left, so that another try at once would come to the same.
        flight.tries = self.config.retries.saturating_add(1);
        let errno = why.raw_os_error().unwrap_or(0);
        let verdict = match Verdict::of(errno, None, flight.syn_sent) {
            Verdict::Open => Verdict::Local { errno },
            verdict => verdict,
        };
        self.tell(now, &flight, verdict, &Ending::of(errno));
    }
}
