use std::time::Duration;

use super::Pace;
use crate::Instant;

/// When the next request may leave: a bucket of tokens, in nanoseconds, whose rate may adapt.
#[derive(Debug)]
pub(super) struct Bucket {
    /// From one to the next, in nanoseconds.
    interval: u64,
    /// Requests that are closer together than this leave several at a time, in nanoseconds.
    tick: u64,
    due: Instant,
    /// Nothing leaves before this: the machine wakes for several at once, or it refused to send.
    gate: Instant,
    adapts: Option<Adaptation>,
}

#[derive(Debug)]
struct Adaptation {
    /// Requests a second.
    rate: f64,
    least: f64,
    most: f64,
    /// By how much an epoch in which nothing was lost makes it grow.
    growth: f64,
    epoch: Epoch,
    /// Answers to a request, as it was in the epochs before.
    usual: f64,
    /// As it was in the last one, where that was so few that the rate was lowered.
    suspected: Option<f64>,
}

#[derive(Debug)]
struct Epoch {
    began: Instant,
    sent: u32,
    answers: u32,
    /// The rate was lowered in it.
    is_troubled: bool,
}

/// A machine that was held up for longer does not make up for it.
const PATIENCE: u64 = 20_000_000;
/// A wake-up costs more than a request, and so few frames as leave at one are not a burden to any network.
/// Who gave an interval that arp-scan keeps has it kept.
const TICK: u64 = 5_000_000;
const FIXED_TICK: u64 = 1_000_000;
/// What was too fast once is come near to with care.
const CAREFUL: f64 = 1.1;
/// How long a rate is tried.
const EPOCH: Duration = Duration::from_millis(100);

impl Bucket {
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        let mut bucket = Self { interval: 0, tick: TICK, due: now, gate: now, adapts: None };
        match pace {
            Pace::Every(interval) => {
                bucket.interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
                bucket.tick = FIXED_TICK;
            }
            Pace::Adaptive { start, most } => {
                let (rate, most) = (f64::from(start.max(1)), f64::from(most.max(1)));
                let rate = rate.min(most);
                let epoch = Epoch { began: now, sent: 0, answers: 0, is_troubled: false };
                let (growth, usual, suspected) = (1.5, 0.0, None);
                let adaptation =
                    Adaptation { rate, least: rate, most, growth, epoch, usual, suspected };
                bucket.interval = adaptation.interval();
                bucket.adapts = Some(adaptation);
            }
        }
        bucket
    }

    /// Requests a second.
    pub(super) const fn rate(&self) -> u64 {
        match 1_000_000_000_u64.checked_div(self.interval) {
            Some(rate) => rate,
            None => u64::MAX,
        }
    }

    /// When the next may leave.
    pub(super) fn next(&self) -> Instant {
        self.gate.max(self.due)
    }

    /// Whether one may leave now; where not, when to ask again is settled.
    pub(super) fn is_open(&mut self, now: Instant) -> bool {
        if now < self.gate {
            return false;
        }
        if now < self.due {
            let tick = if self.interval < self.tick { self.tick } else { 0 };
            self.gate = self.due.max(now + Duration::from_nanos(tick));
            return false;
        }
        true
    }

    /// One left.
    pub(super) fn took(&mut self, now: Instant) {
        let earliest = Instant::from_nanos(now.as_nanos().saturating_sub(PATIENCE));
        self.due = self.due.max(earliest) + Duration::from_nanos(self.interval);
        if let Some(adaptation) = &mut self.adapts {
            adaptation.epoch.sent += 1;
            if now - adaptation.epoch.began >= EPOCH {
                adaptation.turn(now);
                self.interval = adaptation.interval();
            }
        }
    }

    /// There is nobody to ask before `until`: that is no time to be made up for.
    pub(super) fn idle(&mut self, until: Instant) {
        self.due = self.due.max(until);
    }

    /// From now on those are asked that were silent before: how many answered says nothing of how many will.
    pub(super) const fn begin_pass(&mut self) {
        if let Some(adaptation) = &mut self.adapts {
            (adaptation.usual, adaptation.suspected) = (0.0, None);
        }
    }

    /// A host answered its first request.
    pub(super) const fn answered(&mut self) {
        if let Some(adaptation) = &mut self.adapts {
            adaptation.epoch.answers = adaptation.epoch.answers.saturating_add(1);
        }
    }

    /// This machine refused to send: nothing leaves for so long.
    pub(super) fn pause(&mut self, now: Instant, pause: Duration) {
        self.gate = self.gate.max(now + pause);
        self.slow_down(now);
    }

    /// Something was lost because it came too fast. Once an epoch is enough: what is told in the same one
    /// happened at the same rate.
    pub(super) fn slow_down(&mut self, now: Instant) {
        let Some(adaptation) = &mut self.adapts else { return };
        if !adaptation.epoch.is_troubled || now - adaptation.epoch.began >= EPOCH {
            /// However often a machine refuses.
            const SLOWEST: f64 = 100.0;
            adaptation.halve(SLOWEST.min(adaptation.least));
            adaptation.growth = CAREFUL;
            adaptation.epoch = Epoch { began: now, sent: 0, answers: 0, is_troubled: true };
            self.interval = adaptation.interval();
        }
    }
}

impl Adaptation {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rates are from 1 to 4e9"
    )]
    fn interval(&self) -> u64 {
        (1e9 / self.rate) as u64
    }

    fn halve(&mut self, least: f64) {
        self.rate = (self.rate / 2.0).max(least);
    }

    /// An epoch is over: what it says of the rate.
    fn turn(&mut self, now: Instant) {
        /// Answers that were to be expected, below which their lack says nothing.
        const ENOUGH: f64 = 16.0;
        let Epoch { began, sent, answers, is_troubled } = self.epoch;
        self.epoch = Epoch { began: now, sent: 0, answers: 0, is_troubled: false };
        let (sent, answers) = (f64::from(sent), f64::from(answers));
        let (expected, ratio) = (self.usual * sent, answers / sent.max(1.0));
        // Where a slower pace did not bring the answers back, it is a part of the network where few are.
        if self.suspected.take().is_some_and(|low| answers >= ENOUGH && ratio > low * 1.5) {
            self.growth = CAREFUL;
        }
        if expected >= ENOUGH && answers < expected / 2.0 {
            self.halve(self.least);
            (self.suspected, self.usual) = (Some(ratio), ratio);
            return;
        }
        let is_used = sent * 2.0 >= self.rate * (now - began).as_secs_f64();
        if is_used && !is_troubled {
            self.rate = (self.rate * self.growth).min(self.most);
        }
        self.usual = f64::midpoint(self.usual, ratio);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(us: u64) -> Instant {
        Instant::from_nanos(us * 1000)
    }

    /// Sends all that may leave until `end`, waking when it is told to; the times.
    fn run(bucket: &mut Bucket, from: Instant, end: Instant, answers: bool) -> Vec<Instant> {
        let (mut now, mut times) = (from, Vec::new());
        while now < end {
            while bucket.is_open(now) {
                bucket.took(now);
                times.push(now);
                if answers {
                    bucket.answered();
                }
            }
            now = now.max(bucket.next());
        }
        times
    }

    #[test]
    fn fixed_interval_is_kept_to_the_nanosecond() {
        let mut bucket = Bucket::new(Pace::Every(Duration::from_millis(2)), Instant::ZERO);
        let times = run(&mut bucket, Instant::ZERO, us(10_000), false);
        assert_eq!(times, [0, 2000, 4000, 6000, 8000].map(us));
    }

    #[test]
    fn short_intervals_leave_several_at_a_wake_up_and_keep_their_rate() {
        let mut bucket = Bucket::new(Pace::Every(Duration::from_micros(100)), Instant::ZERO);
        let mut times = run(&mut bucket, Instant::ZERO, us(1_000_000), false);
        assert!((9_990..=10_001).contains(&times.len()), "{}", times.len());
        times.dedup();
        assert!(times.len() <= 1_001, "{} wake-ups", times.len());
    }

    #[test]
    fn late_machine_makes_up_for_20_ms_at_the_most() {
        let mut bucket = Bucket::new(Pace::Every(Duration::from_millis(1)), Instant::ZERO);
        run(&mut bucket, Instant::ZERO, us(10_000), false);
        let burst = run(&mut bucket, us(500_000), us(500_001), false);
        assert_eq!(burst.len(), 21);
    }

    #[test]
    fn nothing_is_made_up_for_where_there_was_nobody_to_ask() {
        let mut bucket = Bucket::new(Pace::Every(Duration::from_millis(1)), Instant::ZERO);
        run(&mut bucket, Instant::ZERO, us(2_000), false);
        bucket.idle(us(500_000));
        assert_eq!(run(&mut bucket, us(500_000), us(500_001), false).len(), 1);
    }

    #[test]
    fn polite_pace_grows_to_its_cap_within_half_a_second() {
        let mut bucket = Bucket::new(Pace::POLITE, Instant::ZERO);
        assert_eq!(bucket.rate(), 2_000);
        run(&mut bucket, Instant::ZERO, us(550_000), true);
        assert_eq!(bucket.rate(), 10_000);
    }

    #[test]
    fn answers_that_stay_away_halve_the_rate_once_where_nobody_is() {
        let mut bucket = Bucket::new(Pace::POLITE, Instant::ZERO);
        run(&mut bucket, Instant::ZERO, us(600_000), true);
        run(&mut bucket, us(600_000), us(800_000), false);
        assert!(bucket.rate() <= 7_500, "{}", bucket.rate());
        run(&mut bucket, us(800_000), us(1_100_000), false);
        assert_eq!(bucket.rate(), 10_000, "a part of the network where nobody is");
    }

    #[test]
    fn answers_that_come_back_at_a_slower_pace_make_it_careful() {
        let mut bucket = Bucket::new(Pace::POLITE, Instant::ZERO);
        run(&mut bucket, Instant::ZERO, us(600_000), true);
        run(&mut bucket, us(600_000), us(705_000), false);
        let lowered = bucket.rate();
        run(&mut bucket, us(705_000), us(1_020_000), true);
        assert!(lowered <= 5_000 && bucket.rate() < 8_000, "{lowered} {}", bucket.rate());
    }

    #[test]
    fn drops_halve_the_rate_once_an_epoch_and_it_comes_back_slowly() {
        let mut bucket = Bucket::new(Pace::FAST, Instant::ZERO);
        (0..50).for_each(|at| bucket.slow_down(us(at)));
        assert_eq!(bucket.rate(), 500_000);
        bucket.slow_down(us(100_000));
        assert_eq!(bucket.rate(), 250_000);
        run(&mut bucket, us(100_000), us(320_000), true);
        assert!((270_000..310_000).contains(&bucket.rate()), "{}", bucket.rate());
    }

    #[test]
    fn refusal_pauses_a_fixed_interval_and_does_not_change_it() {
        let mut bucket = Bucket::new(Pace::Every(Duration::from_millis(2)), Instant::ZERO);
        bucket.pause(us(1_000), Duration::from_millis(5));
        assert_eq!((bucket.next(), bucket.rate()), (us(6_000), 500));
    }
}
