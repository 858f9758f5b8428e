//! The path to one target over and over, as mtr shows it: a cycle is one probe to each hop.
//!
//! It never asks a router for more than one answer a cycle, and no more than a few hops that nobody is
//! known to be at.

mod event;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::num::NonZeroU32;
use std::time::Duration;

pub use event::{Cycle, Event, Hop, Report, Seen, Times};
use row::Row;

use super::prober::{Prober, Told};
use super::{BURST, Outcome, REFILL, Start};
use crate::{Control, Datagrams, Engine, Handshake, Instant, Refusal, Reply, Stamp, Transmit};

/// What to probe, and how often.
#[derive(Clone, Debug)]
pub struct Config {
    /// The path. How many probes, how close and how long they are waited for is not looked at: that is
    /// told here, or known better.
    pub path: super::Config,
    /// Cycles; `None` is until stopped.
    pub cycles: Option<NonZeroU32>,
    /// From one cycle to the next.
    pub period: Duration,
    /// What is told while it goes on.
    pub detail: Detail,
}

/// What is told at the end of each cycle but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// How many probes were sent and answered.
    Totals,
    /// That, and the hops.
    Rows,
    /// That, and in between too, when there is something new.
    Live,
}

/// Hops that are asked behind the last that answered, as mtr does. With the target itself that is no
/// more than it answers at once.
const UNKNOWN: usize = 5;
/// From one probe to the next.
const PACE: Duration = Duration::from_millis(1);
/// Between two that are told in a cycle.
const REFRESH: Duration = Duration::from_millis(100);

/// A path under observation.
#[derive(Debug)]
pub struct Cycles {
    config: Config,
    prober: Prober,
    epoch: Epoch,
    /// From the first hop on.
    rows: Vec<Row>,
    /// By slot, which is a cycle and a row.
    pending: BTreeMap<u32, Pending>,
    /// Cycles before this one.
    cycle: u32,
    cycle_at: Instant,
    /// The row that is next in it.
    next: usize,
    sent_at: Option<Instant>,
    /// The last row: the target, or whoever said that it goes no further.
    end: Option<(usize, End)>,
    /// The last row that answered.
    heard: Option<usize>,
    longest: Option<Duration>,
    answered: u32,
    error: Option<String>,
    told_at: Instant,
    events: VecDeque<Event>,
    phase: Phase,
}

/// Where counting began.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    at: Instant,
    cycle: u32,
    sent: u32,
}

/// A probe without an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    since: Instant,
    patience: Patience,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    Waiting,
    /// It makes room for others; an answer still counts.
    GivenUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Target,
    Unreachable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Paused,
    Finished,
}

impl Cycles {
    /// Probes that may wait for an answer: memory is bounded by it.
    const PENDING: usize = 1 << 13;

    /// About to send.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let path = &config.path;
        let rows = usize::from(path.max_hops.saturating_sub(path.first_hop)) + 1;
        Self {
            prober: Prober::new(path),
            epoch: Epoch { at: now, cycle: 0, sent: 0 },
            rows: vec![Row::default(); rows],
            pending: BTreeMap::new(),
            cycle: 0,
            cycle_at: now,
            next: 0,
            sent_at: None,
            end: None,
            heard: None,
            longest: None,
            answered: 0,
            error: None,
            told_at: now,
            events: [start(path)].into(),
            phase: Phase::Running,
            config,
        }
    }

    fn hop(&self, row: usize) -> u8 {
        u8::try_from(row).unwrap_or(u8::MAX).saturating_add(self.config.path.first_hop)
    }

    /// How many rows are asked in a cycle.
    fn reach(&self) -> usize {
        let rows = match (self.end, self.heard) {
            (Some((end, _)), _) => end + 1,
            (None, heard) => heard.map_or(0, |row| row + 1) + UNKNOWN,
        };
        rows.min(self.rows.len())
    }

    /// How many rows there is something to tell of.
    fn shown(&self) -> usize {
        self.end.map(|(end, _)| end).or(self.heard).map_or(0, |row| row + 1)
    }

    /// How long an answer may take. A busy router takes its time; where something is silent that never
    /// was heard, a second is enough.
    fn patience(&self) -> Duration {
        const BUSY: Duration = Duration::from_millis(250);
        const QUIET: Duration = Duration::from_secs(1);
        const NOBODY: Duration = Duration::from_secs(2);
        self.longest.map_or(NOBODY, |rtt| (rtt * 5 / 2).clamp(BUSY, QUIET.max(rtt * 5 / 4)))
    }

    /// From one probe to the next, so that a cycle fits into its period.
    fn pace(&self) -> Duration {
        let rows = u32::try_from(self.rows.len()).unwrap_or(u32::MAX).max(1);
        PACE.min(self.config.period / rows)
    }

    fn waiting(&self) -> impl Iterator<Item = Instant> + '_ {
        let waiting = |it: &&Pending| it.patience == Patience::Waiting;
        self.pending.values().filter(waiting).map(|it| it.since)
    }

    fn is_full(&self) -> bool {
        self.config.path.window.is_some_and(|window| self.waiting().count() >= window.max(1))
    }

    /// The row that is next, and when it may be asked.
    fn next_send(&self) -> Option<(usize, Instant)> {
        if self.phase != Phase::Running || self.next >= self.reach() || self.is_full() {
            return None;
        }
        let spaced = self.sent_at.map_or(self.epoch.at, |at| at + self.pace());
        Some((self.next, spaced.max(self.cycle_at)))
    }

    /// Cycles that were begun.
    const fn begun(&self) -> u32 {
        self.cycle - self.epoch.cycle + 1
    }

    /// Probes that left.
    fn sent(&self) -> u32 {
        self.prober.count() - self.epoch.sent
    }

    fn is_last(&self) -> bool {
        self.config.cycles.is_some_and(|cycles| self.begun() >= cycles.get())
    }

    /// When the cycle is over, if nothing is heard until then.
    fn cycle_ends(&self) -> Option<Instant> {
        let is_asked = self.phase == Phase::Running && self.next >= self.reach();
        let sent_at = self.sent_at.filter(|_| is_asked)?;
        let reach = self.reach();
        let is_answered = self.pending.keys().all(|slot| row_of(*slot) >= reach);
        let settled = if is_answered { sent_at } else { sent_at + self.patience() };
        // Only answers to the first tell how far to go.
        let is_measuring = self.cycle == 0 && reach < self.rows.len() && self.end.is_none();
        Some(match (self.is_last(), is_measuring) {
            (true, _) => settled,
            (false, true) => settled.max(self.cycle_at + self.config.period),
            (false, false) => self.cycle_at + self.config.period,
        })
    }

    fn turn(&mut self, now: Instant) {
        while let Some(at) = self.cycle_ends().filter(|at| *at <= now) {
            if self.is_last() {
                self.finish(now);
                return;
            }
            self.tell(now);
            self.cycle += 1;
            self.next = 0;
            // Late by less than a period it makes up for; after a suspended machine it does not.
            self.cycle_at = if now - at < self.config.period { at } else { now };
        }
    }

    fn hear(&mut self, now: Instant, told: Option<(u32, Told)>) {
        let Some((slot, told)) = told else { return };
        if self.phase == Phase::Finished || self.pending.remove(&slot).is_none() {
            return;
        }
        let (Told::Outcome(outcome) | Told::TooLong { outcome, .. }) = told;
        match outcome {
            Outcome::Refused { error, .. } => self.error = Some(error),
            outcome => self.note(slot, &outcome),
        }
        if self.config.detail == Detail::Live && now - self.told_at >= REFRESH {
            self.tell(now);
        }
        self.turn(now);
    }

    fn note(&mut self, slot: u32, outcome: &Outcome) {
        let row = row_of(slot);
        let is_behind = self.end.is_some_and(|(end, _)| row > end);
        let Some(answer) = outcome.answer().filter(|_| !is_behind) else { return };
        self.answered += 1;
        self.longest = self.longest.max(Some(answer.sample.rtt));
        self.rows[row].record((slot >> 8) - self.epoch.cycle, answer);
        self.end = match outcome {
            Outcome::Reached(_) => Some((row, End::Target)),
            Outcome::Unreachable(_) => Some((row, End::Unreachable)),
            // The path has become longer.
            _ => self.end.filter(|(end, _)| *end != row),
        };
        let heard = self.heard.max(Some(row));
        self.heard = heard.min(self.end.map(|(end, _)| end).or(heard));
    }

    /// How it goes.
    fn tell(&mut self, now: Instant) {
        self.told_at = now;
        let hops = if self.config.detail == Detail::Totals { Vec::new() } else { self.hops(now) };
        self.events.push_back(Event::Cycle(Cycle {
            cycle: self.begun(),
            sent: self.sent(),
            answered: self.answered,
            hops,
            paused: self.phase == Phase::Paused,
        }));
    }

    fn hops(&self, now: Instant) -> Vec<Hop> {
        let patience = self.patience();
        let mut in_transit = vec![0; self.rows.len()];
        for (slot, pending) in &self.pending {
            in_transit[row_of(*slot)] += u32::from(now - pending.since < patience);
        }
        let rows = self.rows[..self.shown()].iter().enumerate();
        let mut hops: Vec<_> = rows.map(|(n, row)| row.tell(self.hop(n), in_transit[n])).collect();
        let limited: Vec<_> = (0..hops.len()).map(|n| self.is_limited(now, n, &hops)).collect();
        hops.iter_mut().zip(limited).for_each(|(hop, limited)| hop.rate_limited = limited);
        hops
    }

    /// One lost probe may be chance. What is lost on the way is lost for the hops behind too; what goes
    /// on at the pace at which tokens come back after a burst is a bucket's.
    fn is_limited(&self, now: Instant, n: usize, hops: &[Hop]) -> bool {
        const AT_LEAST: u32 = 2;
        let hop = &hops[n];
        if hop.received == 0 || hop.lost < AT_LEAST {
            return false;
        }
        let is_less =
            |other: &Hop| other.received > 0 && other.loss_percent * 3.0 <= hop.loss_percent;
        hops[n + 1..].iter().any(is_less) || self.is_bucket(now, &self.rows[n])
    }

    fn is_bucket(&self, now: Instant, row: &Row) -> bool {
        let tokens = (now - self.epoch.at).as_secs() / REFILL.as_secs().max(1) + 1;
        let after = row.received().saturating_sub(row.lead());
        self.config.period * 2 <= REFILL
            && row.lead() + 1 >= u32::from(BURST)
            && u64::from(after) <= tokens
    }

    fn pause(&mut self, now: Instant) {
        self.phase = match self.phase {
            Phase::Running => Phase::Paused,
            Phase::Paused => Phase::Running,
            Phase::Finished => return,
        };
        self.tell(now);
    }

    /// Counts from the next cycle on, which begins now. Answers to earlier probes are nobody's.
    fn reset(&mut self, now: Instant) {
        self.pending.clear();
        self.rows.fill(Row::default());
        self.cycle += 1;
        (self.next, self.cycle_at, self.sent_at) = (0, now, None);
        (self.end, self.heard, self.longest, self.answered) = (None, None, None, 0);
        self.epoch = Epoch { at: now, cycle: self.cycle, sent: self.prober.count() };
        self.tell(now);
    }

    fn finish(&mut self, now: Instant) {
        if self.phase == Phase::Finished {
            return;
        }
        self.phase = Phase::Finished;
        let hops = self.hops(now);
        let limited = hops.iter().filter(|hop| hop.rate_limited);
        self.events.push_back(Event::Report(Report {
            cycles: self.begun(),
            reached: matches!(self.end, Some((_, End::Target))),
            sent: self.sent(),
            answered: self.answered,
            rate_limited: limited.map(|hop| hop.hop).collect(),
            hops,
            error: self.error.take(),
            elapsed: now - self.epoch.at,
        }));
    }
}

fn start(path: &super::Config) -> Event {
    Event::Start(Start {
        v: 1,
        target: path.name.clone(),
        address: path.target,
        method: path.method_name,
        port: path.method.port(),
        max_hops: path.max_hops,
        size: path.size,
    })
}

fn row_of(slot: u32) -> usize {
    usize::try_from(slot & 0xff).unwrap_or(0)
}

impl Engine for Cycles {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.phase == Phase::Finished {
            return None;
        }
        let patience = self.patience();
        let given_up = self.waiting().min().filter(|_| self.is_full()).map(|at| at + patience);
        let sends = self.next_send().map(|(_, at)| at);
        given_up.into_iter().chain(sends).chain(self.cycle_ends()).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        let patience = self.patience();
        for pending in self.pending.values_mut().filter(|it| it.since + patience <= now) {
            pending.patience = Patience::GivenUp;
        }
        self.turn(now);
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now);
    }

    fn handle_control(&mut self, now: Instant, control: Control) {
        match control {
            Control::Pause => self.pause(now),
            Control::Reset if self.phase != Phase::Finished => self.reset(now),
            Control::Reset => {}
            Control::Stop => self.handle_stop(now),
        }
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.events.is_empty()
    }
}

impl Datagrams for Cycles {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let (row, _) = self.next_send().filter(|(_, at)| *at <= now)?;
        self.next += 1;
        self.sent_at = Some(now);
        self.rows[row].sent += 1;
        if self.pending.len() >= Self::PENDING {
            self.pending.pop_first();
        }
        let slot = (self.cycle << 8) | u32::try_from(row & 0xff).unwrap_or(0);
        self.pending.insert(slot, Pending { since: now, patience: Patience::Waiting });
        let path = &self.config.path;
        let data = path.size.saturating_sub(path.overhead);
        Some(self.prober.emit(now, slot, self.hop(row), data, contents))
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

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        let told = self.prober.handshake(handshake);
        self.hear(now, told);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        let told = self.prober.unsent(now, transmit, why);
        self.hear(now, told);
    }
}
