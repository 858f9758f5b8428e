use std::collections::VecDeque;
use std::time::Duration;

use crate::Instant;

/// How fast first segments leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Segments a second to begin with.
    pub start: f64,
    /// And at the most.
    pub most: f64,
    /// Whether it grows while all goes well, and is cut where answers stay away or this machine drops them.
    pub adapts: bool,
}

/// When the next segment may leave: a schedule of absolute times, whose rate may adapt.
#[derive(Debug)]
pub(super) struct Rate {
    pace: Pace,
    per_second: f64,
    /// In nanoseconds, for intervals that are no whole number of them.
    due: f64,
    /// One wake-up is for several segments.
    gate: Instant,
    /// Nothing has left yet.
    is_new: bool,
    epochs: VecDeque<Epoch>,
    /// The greatest share of answers that an epoch had.
    best: f64,
    is_probing: bool,
    pub(super) cuts: u32,
    longest_rtt: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Epoch {
    began: Instant,
    sent: u32,
    answered: u32,
}

/// A machine that was held up for longer does not make up for it.
const PATIENCE: f64 = 20e6;
const TICK: Duration = Duration::from_micros(500);
const EPOCH: Duration = Duration::from_millis(40);
/// Fewer say nothing of a share.
const ENOUGH: u32 = 32;
const LEAST: f64 = 200.0;
/// Of the best share of answers: as good as it.
const WELL: f64 = 0.9;
const SOON: Duration = Duration::from_millis(10);
const LATE: Duration = Duration::from_millis(300);

impl Rate {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            per_second: pace.start.min(pace.most).max(0.01),
            due: 0.0,
            gate: Instant::ZERO,
            is_new: true,
            epochs: VecDeque::new(),
            best: 0.0,
            is_probing: true,
            cuts: 0,
            longest_rtt: Duration::ZERO,
        }
    }

    /// When to try again.
    pub(super) fn next(&self) -> Instant {
        instant(self.due).max(self.gate)
    }

    /// Whether one may leave now, which it does.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if now < self.next() {
            return false;
        }
        let at = nanos(now);
        let patience = if self.is_new { 0.0 } else { PATIENCE };
        self.is_new = false;
        self.due = self.due.max(at - patience) + 1e9 / self.per_second;
        if self.due > at && 1e9 / self.per_second < nanos_of(TICK) {
            self.gate = now + TICK;
        }
        self.count(now);
        true
    }

    fn count(&mut self, now: Instant) {
        let is_over = |epoch: &Epoch| now - epoch.began >= EPOCH && epoch.sent >= ENOUGH;
        if self.epochs.back().is_none_or(is_over) {
            self.epochs.push_back(Epoch { began: now, sent: 0, answered: 0 });
        }
        if let Some(epoch) = self.epochs.back_mut() {
            epoch.sent += 1;
        }
        if self.pace.adapts {
            self.adapt(now);
        } else {
            self.epochs.truncate(1);
        }
    }

    /// One was answered that had left at `sent`, as near as is known.
    pub(super) fn answered(&mut self, now: Instant, sent: Option<Instant>) {
        if let Some(sent) = sent {
            self.longest_rtt = self.longest_rtt.max(now - sent);
        }
        let at = sent.unwrap_or(now);
        if let Some(epoch) = self.epochs.iter_mut().rfind(|epoch| epoch.began <= at) {
            epoch.answered += 1;
        }
    }

    /// Looks at the epochs whose answers have had their time: a little to say that all is well, and more to say that
    /// it is not, for this machine may have been held up before it read them.
    fn adapt(&mut self, now: Instant) {
        let rtt = (self.longest_rtt * 2).min(Duration::from_secs(2));
        while self.epochs.len() > 1
            && let Some(epoch) = self.epochs.front().copied()
            && let Some(next) = self.epochs.get(1).map(|next| next.began)
            && now - next >= rtt.max(SOON)
        {
            let share = f64::from(epoch.answered) / f64::from(epoch.sent);
            if share < WELL * self.best && now - next < rtt.max(LATE) {
                break;
            }
            self.epochs.pop_front();
            self.judge(share);
        }
        if self.epochs.len() > 256 {
            self.epochs.pop_front();
        }
    }

    fn judge(&mut self, share: f64) {
        const BADLY: f64 = 0.7;
        self.best = self.best.max(share);
        if self.best < 0.05 {
            // Nobody answers: nothing is known of what the way can carry.
            return;
        }
        if share >= WELL * self.best {
            let factor = if self.is_probing { 2.0 } else { 1.25 };
            self.per_second = (self.per_second * factor).min(self.pace.most);
        } else if share < BADLY * self.best {
            self.cut();
        }
    }

    /// Nothing leaves before `until`.
    pub(super) fn pause(&mut self, until: Instant) {
        self.gate = self.gate.max(until);
    }

    /// Halves it; what left meanwhile is not judged again.
    pub(super) fn cut(&mut self) {
        if !self.pace.adapts {
            return;
        }
        self.is_probing = false;
        self.per_second = (self.per_second / 2.0).max(LEAST.min(self.pace.most));
        self.cuts += 1;
        self.epochs.clear();
    }

    pub(super) const fn longest_rtt(&self) -> Duration {
        self.longest_rtt
    }
}

#[expect(clippy::cast_precision_loss, reason = "a quarter of a microsecond after 100 days")]
fn nanos(at: Instant) -> f64 {
    at.as_nanos() as f64
}

fn nanos_of(span: Duration) -> f64 {
    span.as_secs_f64() * 1e9
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are positive, and far below 2^63"
)]
fn instant(nanos: f64) -> Instant {
    Instant::from_nanos(nanos.max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: &mut Rate, from: u64, ms: u64, answers: impl Fn(u32) -> bool) -> u32 {
        let mut sent = 0;
        for tick in from * 10..(from + ms) * 10 {
            let now = Instant::from_nanos(tick * 100_000);
            while rate.take(now) {
                sent += 1;
                if answers(sent) {
                    rate.answered(now, Some(now));
                }
            }
        }
        sent
    }

    #[test]
    fn fixed_rate_is_kept_to_the_segment_over_a_second() {
        let mut rate = Rate::new(Pace { start: 777.0, most: 777.0, adapts: false });
        let sent = run(&mut rate, 1000, 1000, |_| true);
        assert!((777..=797).contains(&sent), "{sent}");
    }

    #[test]
    fn rate_grows_while_answers_come_and_is_halved_where_they_stay_away() {
        let mut rate = Rate::new(Pace { start: 1000.0, most: 64_000.0, adapts: true });
        run(&mut rate, 1000, 1000, |_| true);
        assert!((rate.per_second - 64_000.0).abs() < 1.0 && rate.cuts == 0, "{rate:?}");
        run(&mut rate, 2000, 500, |n| n % 2 == 0);
        assert!(rate.cuts > 0 && rate.per_second < 64_000.0, "{rate:?}");
    }

    #[test]
    fn rate_comes_back_from_the_least() {
        let mut rate = Rate::new(Pace { start: 1000.0, most: 64_000.0, adapts: true });
        run(&mut rate, 1000, 1000, |_| true);
        (0..20).for_each(|_| rate.cut());
        run(&mut rate, 2000, 10_000, |_| true);
        assert!((rate.per_second - 64_000.0).abs() < 1.0, "{rate:?}");
    }

    #[test]
    fn answers_that_this_machine_reads_late_are_no_reason_to_slow_down() {
        let mut rate = Rate::new(Pace { start: 10_000.0, most: 64_000.0, adapts: true });
        let mut sent = VecDeque::new();
        for tick in 10_000..30_000_u64 {
            // It runs for 100 ms, and then not for 150; what waits is read after the first segments have left.
            if tick % 2500 >= 1000 {
                continue;
            }
            let now = Instant::from_nanos(tick * 100_000);
            while rate.take(now) {
                sent.push_back(now);
            }
            sent.drain(..).for_each(|at| rate.answered(now, Some(at)));
        }
        assert_eq!(rate.cuts, 0, "{rate:?}");
    }

    #[test]
    fn hosts_that_filter_nearly_all_are_no_reason_to_slow_down_or_to_speed_up() {
        let mut rate = Rate::new(Pace { start: 10_000.0, most: 64_000.0, adapts: true });
        run(&mut rate, 1000, 1000, |n| n % 100 == 0);
        assert!((rate.per_second - 10_000.0).abs() < 1.0 && rate.cuts == 0, "{rate:?}");
    }
}
