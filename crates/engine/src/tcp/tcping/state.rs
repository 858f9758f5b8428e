//! What is known of one target.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::event::{Bucket, Counts, Probe, Reach, Rejecter, Streaks, Target, TargetSummary, Turn};
use super::{REJECTERS, Until};
use crate::tcp::Verdict;
use crate::{Instant, Latency};

/// Bounds of the histogram, in microseconds.
const BOUNDS: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000,
];

#[derive(Debug)]
pub(super) struct State {
    pub(super) target: Target,
    /// Probes begun.
    pub(super) begun: u64,
    /// Probes begun and not concluded.
    pub(super) under_way: u64,
    /// No more probes are to begin.
    pub(super) is_done: bool,
    /// Somebody looks its name up.
    pub(super) is_resolving: bool,
    pub(super) lookups: u64,
    counts: Counts,
    rtt: Latency,
    rtt_sum: Duration,
    coarse: u64,
    app: Latency,
    failures_in_row: u32,
    rejecters: Vec<Rejecter>,
    buckets: [u64; BOUNDS.len() + 1],
    last: Option<Verdict>,
    streaks: Tracker,
}

impl State {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            begun: 0,
            under_way: 0,
            is_done: false,
            is_resolving: false,
            lookups: 0,
            counts: Counts::default(),
            rtt: Latency::default(),
            rtt_sum: Duration::ZERO,
            coarse: 0,
            app: Latency::default(),
            failures_in_row: 0,
            rejecters: Vec::new(),
            buckets: [0; BOUNDS.len() + 1],
            last: None,
            streaks: Tracker::default(),
        }
    }

    /// Counts what came of the probe that began at `began`, and says which streaks ended with it.
    pub(super) fn conclude(&mut self, probe: &Probe, began: Instant) -> Vec<Turn> {
        self.under_way = self.under_way.saturating_sub(1);
        self.count(probe);
        self.last = Some(probe.verdict.clone());
        let reach = reach(&probe.verdict);
        match reach {
            Some(Reach::Up) => self.failures_in_row = 0,
            Some(Reach::Down) => self.failures_in_row = self.failures_in_row.saturating_add(1),
            None => {}
        }
        let ended = self.streaks.take(probe.seq, reach, began);
        let target = &self.target;
        let turn = |(state, after, probes)| Turn { target: target.clone(), state, after, probes };
        ended.into_iter().map(turn).collect()
    }

    fn count(&mut self, probe: &Probe) {
        let counts = &mut self.counts;
        counts.sent += 1;
        counts.syn_sent += u64::from(probe.syn_sent);
        counts.syn_lost += u64::from(probe.syn_lost);
        match probe.verdict {
            Verdict::Open | Verdict::Proxied => counts.open += 1,
            Verdict::Closed => counts.closed += 1,
            Verdict::Rejected { by, icmp_type, icmp_code } => {
                counts.rejected += 1;
                self.blame(by, icmp_type, icmp_code);
            }
            Verdict::Unreachable { by, icmp_type, icmp_code } => {
                counts.unreachable += 1;
                self.blame(by, icmp_type, icmp_code);
            }
            Verdict::NoNeighbour | Verdict::NoRoute => counts.unreachable += 1,
            Verdict::Filtered { .. } => counts.silent += 1,
            Verdict::Local { .. } => counts.local += 1,
        }
        if probe.verdict == Verdict::Open {
            self.measure(probe);
        }
    }

    fn measure(&mut self, probe: &Probe) {
        probe.app.into_iter().for_each(|app| self.app.record(app));
        let Some(rtt) = probe.rtt else { return };
        if rtt.coarse {
            self.coarse += 1;
            return;
        }
        self.rtt.record(rtt.time);
        self.rtt_sum = self.rtt_sum.saturating_add(rtt.time);
        let is_in = |bound: &u64| rtt.time <= Duration::from_micros(*bound);
        let place = BOUNDS.iter().position(is_in).unwrap_or(BOUNDS.len());
        self.buckets[place] += 1;
    }

    fn blame(&mut self, by: IpAddr, icmp_type: u8, icmp_code: u8) {
        let same = |one: &&mut Rejecter| {
            (one.by, one.icmp_type, one.icmp_code) == (by, icmp_type, icmp_code)
        };
        if let Some(known) = self.rejecters.iter_mut().find(same) {
            known.count += 1;
        } else if self.rejecters.len() < REJECTERS {
            self.rejecters.push(Rejecter { by, icmp_type, icmp_code, count: 1 });
        }
    }

    /// Whether the last failures were so many that the name should be looked up anew; then they count anew.
    pub(super) fn wants_lookup(&mut self, after: Option<u32>) -> bool {
        let enough = after.is_some_and(|after| self.failures_in_row >= after);
        if !enough || self.is_resolving || self.is_done {
            return false;
        }
        self.failures_in_row = 0;
        self.is_resolving = true;
        true
    }

    /// Whether the last probe found what is waited for.
    pub(super) fn is_as_wanted(&self, until: Option<Until>) -> bool {
        let reach = self.last.as_ref().and_then(reach);
        match until {
            Some(Until::Open) => reach == Some(Reach::Up),
            Some(Until::Closed) => reach == Some(Reach::Down),
            None => false,
        }
    }

    pub(super) const fn counts(&self) -> Counts {
        let unfinished = self.under_way;
        Counts { unfinished, ..self.counts }
    }

    pub(super) fn is_up(&self) -> bool {
        self.streaks.state() == Some(Reach::Up)
    }

    pub(super) fn summary(&self, now: Instant) -> TargetSummary {
        let mut rejected_by = self.rejecters.clone();
        rejected_by.sort_by_key(|one| std::cmp::Reverse(one.count));
        let [up, down] = self.streaks.totals(now);
        TargetSummary {
            target: self.target.clone(),
            counts: self.counts(),
            loss_percent: self.loss_percent(),
            rtt: self.rtt.report(),
            rtt_sum: self.rtt_sum,
            coarse: self.coarse,
            app: self.app.report(),
            state: self.streaks.state(),
            up,
            down,
            rejected_by,
            lookups: self.lookups,
            histogram: self.histogram(),
            last: self.last.clone(),
        }
    }

    fn loss_percent(&self) -> f64 {
        let asked = self.counts.sent - self.counts.local;
        if asked == 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = (asked - self.counts.open) as f64 / asked as f64;
        100.0 * share
    }

    fn histogram(&self) -> Vec<Bucket> {
        let bounds = BOUNDS.iter().map(|bound| Some(Duration::from_micros(*bound)));
        let bounds = bounds.chain([None]);
        bounds.zip(self.buckets).map(|(up_to, count)| Bucket { up_to, count }).collect()
    }
}

/// What a verdict says of the port; nothing where it never left this machine.
const fn reach(verdict: &Verdict) -> Option<Reach> {
    match verdict {
        Verdict::Open => Some(Reach::Up),
        Verdict::Local { .. } => None,
        _ => Some(Reach::Down),
    }
}

/// Follows a target up and down, in the order in which probes left: a silent one is known to be so long after a
/// later one was answered.
#[derive(Debug, Default)]
struct Tracker {
    /// The probe whose turn it is, counted from 0; [`Probe::seq`] is one more.
    next: u64,
    /// Later ones that are concluded already.
    early: BTreeMap<u64, (Option<Reach>, Instant)>,
    current: Option<Current>,
    /// Streaks that ended, up and down.
    ended: [Streaks; 2],
}

#[derive(Clone, Copy, Debug)]
struct Current {
    state: Reach,
    since: Instant,
    probes: u64,
}

impl Tracker {
    fn take(
        &mut self,
        seq: u64,
        reach: Option<Reach>,
        began: Instant,
    ) -> Vec<(Reach, Duration, u64)> {
        self.early.insert(seq.saturating_sub(1), (reach, began));
        let mut ended = Vec::new();
        while let Some((reach, began)) = self.early.remove(&self.next) {
            self.next += 1;
            ended.extend(reach.and_then(|reach| self.step(reach, began)));
        }
        ended
    }

    fn step(&mut self, state: Reach, began: Instant) -> Option<(Reach, Duration, u64)> {
        match &mut self.current {
            Some(current) if current.state == state => {
                current.probes += 1;
                None
            }
            current => {
                let before = current.replace(Current { state, since: began, probes: 1 })?;
                let after = began - before.since;
                add(&mut self.ended[place(before.state)], after, before.probes);
                Some((state, after, before.probes))
            }
        }
    }

    fn state(&self) -> Option<Reach> {
        self.current.map(|current| current.state)
    }

    /// Streaks up and down, with the one that goes on.
    fn totals(&self, now: Instant) -> [Streaks; 2] {
        let mut totals = self.ended;
        if let Some(current) = self.current {
            add(&mut totals[place(current.state)], now - current.since, current.probes);
        }
        totals
    }
}

const fn place(state: Reach) -> usize {
    match state {
        Reach::Up => 0,
        Reach::Down => 1,
    }
}

fn add(streaks: &mut Streaks, length: Duration, probes: u64) {
    streaks.count += 1;
    streaks.total = streaks.total.saturating_add(length);
    streaks.longest = streaks.longest.max(length);
    streaks.longest_probes = streaks.longest_probes.max(probes);
}
