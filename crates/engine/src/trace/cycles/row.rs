//! What is known of one hop after some cycles.

use std::time::Duration;

use super::event::{Hop, Seen, Times};
use crate::trace::{Answer, Extension, Label};

/// One hop, in space that does not grow with the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) sent: u32,
    seen: Vec<Seen>,
    spread: Spread,
    /// Which of the first probes were answered, the first in the lowest bit.
    history: u64,
}

/// Round trips, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    count: u32,
    last: f64,
    best: f64,
    worst: f64,
    mean: f64,
    /// Sum of the squared deviations from the mean (Welford).
    squares: f64,
    /// Sum of the logarithms.
    logs: f64,
    jitter: f64,
    jitter_mean: f64,
    jitter_worst: f64,
    /// Smoothed (RFC 3550 §6.4.1).
    interarrival: f64,
}

impl Row {
    /// Addresses that are told apart; those seen later are counted and not named.
    const ADDRESSES: usize = 8;

    pub(super) fn record(&mut self, cycle: u32, answer: &Answer) {
        self.spread.record(answer.sample.rtt);
        self.history |= 1_u64.checked_shl(cycle).unwrap_or(0);
        let (address, labels) = (answer.source, labels(answer));
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.address == address) {
            seen.answers += 1;
            seen.labels = labels;
        } else if self.seen.len() < Self::ADDRESSES {
            self.seen.push(Seen { address, answers: 1, labels });
        }
    }

    pub(super) const fn received(&self) -> u32 {
        self.spread.count
    }

    /// Answers before the first probe that had none.
    pub(super) const fn lead(&self) -> u32 {
        self.history.trailing_ones()
    }

    /// With `in_transit` probes that may still be answered.
    pub(super) fn tell(&self, hop: u8, in_transit: u32) -> Hop {
        let settled = self.sent.saturating_sub(in_transit).max(self.received());
        let lost = settled - self.received();
        let share = if settled == 0 { 0.0 } else { f64::from(lost) * 100.0 / f64::from(settled) };
        Hop {
            hop,
            addresses: self.seen.clone(),
            sent: self.sent,
            received: self.received(),
            lost,
            loss_percent: share,
            times: self.spread.times(),
            rate_limited: false,
        }
    }
}

impl Spread {
    /// Nanoseconds; zero has no logarithm.
    const SHORTEST: f64 = 1.0;

    fn record(&mut self, rtt: Duration) {
        let ns = (rtt.as_secs_f64() * 1e9).max(Self::SHORTEST);
        self.count += 1;
        let count = f64::from(self.count);
        let is_first = self.count == 1;
        self.jitter = if is_first { 0.0 } else { (ns - self.last).abs() };
        self.best = if is_first { ns } else { self.best.min(ns) };
        self.worst = self.worst.max(ns);
        self.last = ns;
        let from_mean = ns - self.mean;
        self.mean += from_mean / count;
        self.squares += from_mean * (ns - self.mean);
        self.logs += ns.ln();
        self.jitter_mean += (self.jitter - self.jitter_mean) / count;
        self.jitter_worst = self.jitter_worst.max(self.jitter);
        self.interarrival += (self.jitter - self.interarrival) / 16.0;
    }

    fn times(&self) -> Option<Times> {
        let count = f64::from(self.count);
        let deviation = if self.count > 1 { (self.squares / (count - 1.0)).sqrt() } else { 0.0 };
        (self.count > 0).then(|| Times {
            last: nanos(self.last),
            best: nanos(self.best),
            avg: nanos(self.mean),
            worst: nanos(self.worst),
            stdev: nanos(deviation),
            gmean: nanos((self.logs / count).exp()),
            jitter: nanos(self.jitter),
            jitter_avg: nanos(self.jitter_mean),
            jitter_max: nanos(self.jitter_worst),
            jitter_interarrival: nanos(self.interarrival),
        })
    }
}

fn nanos(ns: f64) -> Duration {
    Duration::try_from_secs_f64(ns / 1e9).unwrap_or_default()
}

fn labels(answer: &Answer) -> Vec<Label> {
    let stacks = answer.extensions.iter().filter_map(|extension| match extension {
        Extension::Mpls { labels } => Some(labels),
        Extension::Other { .. } => None,
    });
    stacks.flatten().copied().collect()
}
