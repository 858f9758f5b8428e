//! The path to one target, hop by hop, as Linux' traceroute: probes whose hop limits run out on the way.

mod black_hole;
pub mod cycles;
mod event;
mod method;
pub mod paths;
mod prober;
mod rewriting;
mod segments;
mod sizes;
#[cfg(test)]
mod tests;
mod wait;
pub mod words;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use black_hole::Search;
pub use event::{
    Answer, Event, Extension, Label, Noticed, Outcome, Probe, Rewritten, Start, Summary, What,
};
pub use method::{Method, Segments};
use prober::{Prober, Told};
pub use rewriting::Change;
use wait::Known;
pub use wait::Wait;

use crate::{Datagrams, Engine, Handshake, Instant, Quotation, Refusal, Reply, Stamp, Transmit};

/// What to trace.
#[derive(Clone, Debug)]
pub struct Config {
    /// The target as it was named.
    pub name: String,
    /// Its address; the port is 0.
    pub target: SocketAddr,
    /// The address that probes leave from; `None` where the kernel chooses another for each.
    pub source: Option<IpAddr>,
    /// TOS or traffic class that they leave with.
    pub traffic_class: u8,
    /// What the probes are.
    pub method: Method,
    /// What that is called in the events.
    pub method_name: &'static str,
    /// The first hop limit.
    pub first_hop: u8,
    /// The last.
    pub max_hops: u8,
    /// Probes to each hop.
    pub probes: u8,
    /// Probes under way at once; `None` is all of them.
    pub window: Option<usize>,
    /// Spare routers more probes than they answer.
    pub is_sparing: bool,
    /// From one probe to the next, at least; `None` leaves it to the engine: a hop at a time, and the
    /// next when the one before has answered or had a moment to.
    pub interval: Option<Duration>,
    /// When a probe is given up.
    pub wait: Wait,
    /// Octets of a probe, IP header included.
    pub size: usize,
    /// Of those, octets before the data: the IP header with its options and that of the transport.
    pub overhead: usize,
    /// Probes go by routers that were named, so that what errors quote is on its way to one of them.
    pub is_source_routed: bool,
    /// Send shorter probes where one was too long, and tell where.
    pub discover_mtu: bool,
}

/// Probes that a router is asked for at once: Linux answers six, then one a second
/// (`icmp_ratelimit`, ip-sysctl.rst on kernel.org).
const BURST: u8 = 6;
const REFILL: Duration = Duration::from_secs(1);

/// From the probes of one hop to those of the next: a thousand hops a second, which links and routers
/// take without loss.
const PACE: Duration = Duration::from_micros(750);

/// A trace.
#[derive(Debug)]
pub struct Trace {
    config: Config,
    prober: Prober,
    started: Instant,
    /// By hop, and in each by probe.
    cells: Vec<Cell>,
    /// Which of them to send, in order: first those sent again.
    again: VecDeque<usize>,
    order: VecDeque<usize>,
    /// When the last one was sent.
    sent_at: Option<Instant>,
    last_answer: Option<Instant>,
    /// What is reported next.
    cursor: usize,
    /// The cells before this one are all there are.
    end: usize,
    size: usize,
    /// The search for a black hole's MTU, and for which cell.
    search: Option<(usize, Search)>,
    black_hole: Option<u8>,
    unsent: Option<String>,
    answered: u32,
    events: VecDeque<Event>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Finished,
}

/// One probe that is to be sent, or was.
#[derive(Clone, Debug)]
struct Cell {
    state: State,
    path_mtu: Option<u32>,
}

#[derive(Clone, Debug)]
enum State {
    Idle,
    Waiting { since: Instant },
    Settled(Outcome),
}

impl Trace {
    /// About to send.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let hops = usize::from(config.max_hops.saturating_sub(config.first_hop)) + 1;
        let count = hops * usize::from(config.probes);
        let start = Event::Start(Start {
            v: 1,
            target: config.name.clone(),
            address: config.target,
            method: config.method_name,
            port: config.method.port(),
            max_hops: config.max_hops,
            size: config.size,
        });
        Self {
            prober: Prober::new(&config),
            started: now,
            cells: vec![Cell { state: State::Idle, path_mtu: None }; count],
            again: VecDeque::new(),
            order: order(&config, count),
            sent_at: None,
            last_answer: None,
            cursor: 0,
            end: count,
            size: config.size,
            search: None,
            black_hole: None,
            unsent: None,
            answered: 0,
            events: [start].into(),
            phase: Phase::Running,
            config,
        }
    }

    fn probes(&self) -> usize {
        self.config.probes.into()
    }

    fn hop(&self, cell: usize) -> u8 {
        u8::try_from(cell / self.probes()).unwrap_or(u8::MAX).saturating_add(self.config.first_hop)
    }

    /// From 0.
    fn nth(&self, cell: usize) -> u8 {
        u8::try_from(cell % self.probes()).unwrap_or(u8::MAX)
    }

    /// The cell that is next, and when it may leave.
    fn next_cell(&self) -> Option<(usize, Instant)> {
        let in_flight = self.waiting().count();
        if self.phase == Phase::Finished
            || self.config.window.is_some_and(|window| in_flight >= window.max(1))
        {
            return None;
        }
        let cell =
            *self.again.front().or_else(|| self.order.iter().find(|cell| **cell < self.end))?;
        let extra = u32::from((self.nth(cell) + 1).saturating_sub(BURST));
        let refilled = self.started + REFILL * extra * u32::from(self.config.is_sparing);
        Some((cell, self.spaced(cell, in_flight).max(refilled)))
    }

    /// When a probe may leave for the sake of those before it.
    fn spaced(&self, cell: usize, in_flight: usize) -> Instant {
        let Some(sent_at) = self.sent_at else { return self.started };
        match self.config.interval {
            Some(interval) => sent_at + interval,
            None if in_flight == 0 || self.nth(cell) > 0 => sent_at,
            None => sent_at + PACE,
        }
    }

    fn take(&mut self, cell: usize) {
        if self.again.front() == Some(&cell) {
            self.again.pop_front();
            return;
        }
        while self.order.pop_front().is_some_and(|other| other != cell) {}
    }

    /// The cells that are waited for, and since when.
    fn waiting(&self) -> impl Iterator<Item = (usize, Instant)> + '_ {
        self.cells[..self.end].iter().enumerate().filter_map(|(cell, it)| match it.state {
            State::Waiting { since } => Some((cell, since)),
            _ => None,
        })
    }

    /// When each that is waited for is given up.
    fn deadlines(&self) -> impl Iterator<Item = (usize, Instant)> + '_ {
        let known = self.known();
        self.waiting().map(move |(cell, since)| {
            let mut known = known[cell / self.probes()];
            if self.search.is_some_and(|(other, search)| other == cell && search.has_passed()) {
                known.here = known.longest;
            }
            known.quiet_since = self.last_answer.map_or(Duration::ZERO, |at| at.since(since));
            (cell, since + self.config.wait.limit(known))
        })
    }

    /// What is known of each hop and of those behind it.
    fn known(&self) -> Vec<Known> {
        let hops = self.cells[..self.end].chunks(self.probes());
        let first = |hop: &[Cell]| hop.iter().find_map(|cell| cell.answer().map(|a| a.sample.rtt));
        let longest =
            hops.clone().flatten().filter_map(|cell| Some(cell.answer()?.sample.rtt)).max();
        let mut near = None;
        let mut known: Vec<Known> = hops
            .rev()
            .map(|hop| {
                let here = first(hop);
                let known = Known { here, near, longest, quiet_since: Duration::ZERO };
                near = here.or(near);
                known
            })
            .collect();
        known.reverse();
        known
    }

    fn hear(&mut self, now: Instant, told: Option<(u32, Told)>) {
        let Some((slot, told)) = told else { return };
        let cell = usize::try_from(slot).unwrap_or(usize::MAX);
        if cell >= self.end {
            return;
        }
        match told {
            Told::TooLong { mtu, .. } if self.config.discover_mtu => self.shorten(cell, mtu),
            Told::TooLong { outcome, .. } | Told::Outcome(outcome) => {
                self.answered(now, cell, outcome);
            }
        }
        self.report(now);
    }

    fn answered(&mut self, now: Instant, cell: usize, outcome: Outcome) {
        match self.cells[cell].state {
            State::Waiting { .. } => {
                if outcome.answer().is_some() {
                    self.last_answer = Some(now);
                    self.answered += 1;
                    if self.goes_on_searching(cell) {
                        return;
                    }
                }
                self.settle(cell, outcome);
            }
            State::Settled(Outcome::Lost { .. }) if cell < self.cursor => {
                let late = self.probe(cell, outcome);
                self.events.push_back(Event::Late(late));
            }
            State::Settled(_) | State::Idle => {}
        }
    }

    fn settle(&mut self, cell: usize, outcome: Outcome) {
        if !matches!(self.cells[cell].state, State::Waiting { .. }) {
            return;
        }
        if let Outcome::Refused { error, .. } = &outcome {
            self.unsent.get_or_insert_with(|| error.clone());
        }
        if outcome.is_end() {
            let after = (cell / self.probes() + 1) * self.probes();
            self.end = self.end.min(after);
        }
        self.cells[cell].state = State::Settled(outcome);
    }

    fn probe(&self, cell: usize, outcome: Outcome) -> Probe {
        let path_mtu = self.cells[cell].path_mtu;
        Probe { hop: self.hop(cell), nth: self.nth(cell) + 1, outcome, path_mtu }
    }

    /// Tells what is settled, in order, and ends where nothing is left.
    fn report(&mut self, now: Instant) {
        while self.cursor < self.end {
            let State::Settled(outcome) = &self.cells[self.cursor].state else { return };
            let probe = self.probe(self.cursor, outcome.clone());
            self.events.push_back(Event::Probe(probe));
            self.cursor += 1;
        }
        self.finish(now);
    }

    fn finish(&mut self, now: Instant) {
        if self.phase == Phase::Finished {
            return;
        }
        self.phase = Phase::Finished;
        let told = &self.cells[..self.cursor];
        let last = told.iter().rposition(|cell| cell.answer().is_some());
        let is_translated =
            |cell: &Cell| cell.answer().is_some_and(|answer| answer.translated_to.is_some());
        let rewritten = self.rewritten();
        let is_reached = |cell: &Cell| matches!(cell.state, State::Settled(Outcome::Reached(_)));
        let summary = Event::Summary(Summary {
            reached: told.iter().any(is_reached),
            last_hop: last.map(|cell| self.hop(cell)),
            sent: self.prober.count(),
            answered: self.answered,
            rate_limited: self.rate_limited(),
            black_hole: self.black_hole,
            rewritten_from: rewritten.first().map(|it| it.hop),
            translated_from: told.iter().position(is_translated).map(|cell| self.hop(cell)),
            unsent: self.unsent.clone(),
            elapsed: now - self.started,
        });
        self.events.extend(rewritten.into_iter().map(Event::Rewritten));
        self.events.push_back(summary);
    }

    /// What was rewritten of the first such probe of each hop, in the order of hops.
    fn rewritten(&self) -> Vec<Rewritten> {
        let mut found: Vec<(usize, IpAddr, &[Change])> = self
            .prober
            .rewritten()
            .filter_map(|(slot, from, changes)| Some((usize::try_from(slot).ok()?, from, changes)))
            .filter(|(cell, ..)| *cell < self.cursor)
            .collect();
        found.sort_by_key(|(cell, ..)| *cell);
        found.dedup_by_key(|(cell, ..)| self.hop(*cell));
        let mut seen = Vec::new();
        let told = found.into_iter().map(|(cell, source, changes)| {
            let changes = changes.iter().map(|change| {
                let field = std::mem::discriminant(change);
                let first = !seen.contains(&field);
                seen.push(field);
                Noticed { change: *change, first }
            });
            Rewritten { hop: self.hop(cell), source, changes: changes.collect() }
        });
        told.collect()
    }

    fn rate_limited(&self) -> Vec<u8> {
        let hops: Vec<_> = self.cells[..self.cursor].chunks(self.probes()).collect();
        let is_whole = |hop: &[Cell]| hop.iter().all(|cell| cell.answer().is_some());
        let ran_dry = |hop: &[Cell]| {
            let answered = hop.iter().take_while(|cell| cell.answer().is_some()).count();
            answered > 0 && hop[answered..].iter().any(|cell| cell.answer().is_none())
        };
        let behind = |n: usize| hops.get(n + 1).is_some_and(|hop| is_whole(hop));
        let found = hops.iter().enumerate().filter(|(n, hop)| ran_dry(hop) && behind(*n));
        found.map(|(n, _)| self.hop(n * self.probes())).collect()
    }
}

/// The order of sending: hop by hop, but what a router would not answer yet comes last.
fn order(config: &Config, count: usize) -> VecDeque<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    if config.is_sparing {
        let probes = usize::from(config.probes).max(1);
        order.sort_by_key(|cell| (cell % probes).saturating_sub(usize::from(BURST) - 1));
    }
    order.into()
}

impl Cell {
    const fn answer(&self) -> Option<&Answer> {
        match &self.state {
            State::Settled(outcome) => outcome.answer(),
            _ => None,
        }
    }
}

impl Engine for Trace {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let given_up = self.deadlines().map(|(_, at)| at).min();
        let sends = self.next_cell().map(|(_, at)| at);
        given_up.into_iter().chain(sends).min().filter(|_| self.phase == Phase::Running)
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due: Vec<_> = self.deadlines().filter(|(_, at)| *at <= now).collect();
        for (cell, _) in due {
            self.expire(now, cell);
        }
        self.report(now);
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now);
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.events.is_empty()
    }
}

impl Datagrams for Trace {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let (cell, _) = self.next_cell().filter(|(_, at)| *at <= now)?;
        self.take(cell);
        self.sent_at = Some(now);
        self.cells[cell].state = State::Waiting { since: now };
        let data = self.size.saturating_sub(self.config.overhead);
        let slot = u32::try_from(cell).unwrap_or(u32::MAX);
        Some(self.prober.emit(now, slot, self.hop(cell), data, contents))
    }

    fn expected(&self) -> usize {
        self.waiting().count()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let told = self.prober.reply(now, &reply);
        self.hear(now, told);
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        self.prober.handle_stamp(stamp);
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        let told = self.prober.refusal(now, &refusal);
        self.hear(now, told);
    }

    fn handle_quotation(&mut self, _now: Instant, quotation: Quotation<'_>) {
        self.prober.quotation(&quotation);
    }

    fn handle_port(&mut self, id: u32, port: u16) {
        self.prober.handle_port(id, port);
    }

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        let told = self.prober.handshake(handshake);
        self.hear(now, told);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        let told = self.prober.unsent(now, transmit, why);
        self.hear(now, told);
    }
}
