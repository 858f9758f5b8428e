//! What is known of each target.

use std::time::Duration;

use super::event::{SoFar, Target, TargetSummary};
use crate::{Instant, Latency};

/// One target.
#[derive(Debug)]
pub(super) struct State {
    pub(super) target: Target,
    pub(super) sent: u32,
    pub(super) received: u32,
    /// Requests whose time is up.
    pub(super) lost: u32,
    latency: Latency,
    /// Round trips by request, where they are kept.
    samples: Vec<Option<Duration>>,
    /// When its last request was due.
    turn: Option<Instant>,
}

impl State {
    pub(super) fn new(target: Target) -> Self {
        let latency = Latency::default();
        Self { target, sent: 0, received: 0, lost: 0, latency, samples: Vec::new(), turn: None }
    }

    /// Takes in the first answer to a request; `keep` is its number, if it is to be remembered.
    pub(super) fn answer(&mut self, rtt: Duration, keep: Option<u32>) {
        self.received += 1;
        self.latency.record(rtt);
        if let Some(index) = keep.and_then(|index| usize::try_from(index).ok()) {
            // No longer than the requests that were sent.
            self.samples.resize(self.samples.len().max(index + 1), None);
            self.samples[index] = Some(rtt);
        }
    }

    pub(super) fn so_far(&self) -> SoFar {
        let avg = (self.received > 0).then(|| self.latency.stats().mean());
        SoFar { avg, loss_percent: percent(self.lost, self.received + self.lost) }
    }

    /// What is known at the end; `keep` says whether single round trips were remembered.
    pub(super) fn summary(&self, period: Duration, keep: bool) -> TargetSummary {
        let lost = self.sent.saturating_sub(self.received);
        let mut rtts_ms = self.samples.clone();
        if keep {
            rtts_ms.resize(self.sent as usize, None);
        }
        TargetSummary {
            target: self.target.clone(),
            sent: self.sent,
            received: self.received,
            loss_percent: percent(lost, self.sent),
            outage: period.saturating_mul(lost),
            rtt: self.latency.report(),
            rtts_ms,
        }
    }
}

/// What share of `whole` a part is, 0 to 100; of nothing, 0.
fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
}

/// Targets by place.
#[derive(Debug)]
pub(super) struct States {
    all: Vec<Option<State>>,
    free: Vec<u32>,
    /// Whether places are used again; otherwise targets stay in the order they came.
    recycle: bool,
}

impl States {
    pub(super) const fn new(recycle: bool) -> Self {
        Self { all: Vec::new(), free: Vec::new(), recycle }
    }

    pub(super) fn insert(&mut self, state: State) -> u32 {
        let place = self.free.pop().filter(|_| self.recycle);
        let place = place.unwrap_or_else(|| {
            self.all.push(None);
            // Each takes a hundred bytes: memory ends long before the numbers do.
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        });
        self.all[place as usize] = Some(state);
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<&State> {
        self.all.get(place as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut State> {
        self.all.get_mut(place as usize)?.as_mut()
    }

    pub(super) fn remove(&mut self, place: u32) -> Option<State> {
        let state = self.all.get_mut(place as usize)?.take()?;
        self.free.push(place);
        Some(state)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &State> {
        self.all.iter().flatten()
    }

    /// When a target that has just been asked is due again: a period after it was due before, so that
    /// waiting for the pace does not make its rounds longer; after a long stop, from now.
    pub(super) fn next_turn(&mut self, place: u32, now: Instant, period: Duration) -> Instant {
        let Some(state) = self.get_mut(place) else { return now + period };
        let was_due = state.turn.filter(|due| now - *due < period).unwrap_or(now);
        let next = was_due + period;
        state.turn = Some(next);
        next
    }
}
