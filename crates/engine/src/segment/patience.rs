use std::time::Duration;

use super::{Linger, Patience};

/// How long hosts have, by what others took.
#[derive(Debug)]
pub(super) struct Waits {
    patience: Patience,
    timeout: Duration,
    backoff: f64,
    /// The slowest answer to a first request.
    pub(super) slowest: Option<Duration>,
}

impl Waits {
    pub(super) fn new(patience: Patience, timeout: Duration, backoff: f64) -> Self {
        // Not a number is not less than anything: `max` leaves the other.
        Self { patience, timeout, backoff: backoff.max(0.0), slowest: None }
    }

    pub(super) fn measured(&mut self, rtt: Duration) {
        self.slowest = Some(self.slowest.map_or(rtt, |slowest| slowest.max(rtt)));
    }

    /// How long a host has after so many requests.
    pub(super) fn wait(&self, tries: u32) -> Duration {
        let first = match self.patience {
            Patience::Fixed => self.timeout,
            Patience::Adaptive { least } => {
                let slowest = self.slowest.map(|rtt| rtt.saturating_mul(4).max(least));
                slowest.unwrap_or(least.saturating_mul(2)).min(self.timeout)
            }
        };
        let power = i32::try_from(tries.saturating_sub(1)).unwrap_or(i32::MAX);
        match power {
            0 => first,
            _ => Duration::try_from_secs_f64(first.as_secs_f64() * self.backoff.powi(power))
                .unwrap_or(Duration::MAX),
        }
    }

    /// How long others have to claim an address after the last host's first answer.
    pub(super) fn linger(&self, linger: Linger) -> Duration {
        self.slowest.unwrap_or_default().saturating_mul(20).max(linger.least).min(linger.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn fixed_waits_are_those_of_arp_scan() {
        let waits = Waits::new(Patience::Fixed, ms(500), 1.5);
        assert_eq!([1, 2, 3].map(|tries| waits.wait(tries)), [ms(500), ms(750), ms(1125)]);
    }

    #[test]
    fn adaptive_waits_follow_the_slowest_answer_within_bounds() {
        let mut waits = Waits::new(Patience::POLITE, ms(500), 1.5);
        assert_eq!([1, 2].map(|tries| waits.wait(tries)), [ms(300), ms(450)], "nobody answered");
        waits.measured(ms(1));
        assert_eq!([1, 2].map(|tries| waits.wait(tries)), [ms(150), ms(225)]);
        waits.measured(ms(60));
        waits.measured(ms(2));
        assert_eq!(waits.wait(1), ms(240));
        waits.measured(ms(300));
        assert_eq!(waits.wait(1), ms(500), "no longer than it may");
    }

    #[test]
    fn nonsense_is_waited_for_without_a_panic() {
        for backoff in [f64::NAN, f64::INFINITY, -3.0, 1e300] {
            let waits = Waits::new(Patience::Fixed, Duration::MAX, backoff);
            let _ = [0, 1, 2, 1000, u32::MAX].map(|tries| waits.wait(tries));
        }
    }

    #[test]
    fn linger_goes_by_the_wire_where_it_may() {
        let mut waits = Waits::new(Patience::POLITE, ms(500), 1.5);
        assert_eq!(waits.linger(Linger::NONE), ms(0));
        assert_eq!(waits.linger(Linger::BRIEF), ms(6));
        waits.measured(ms(1));
        assert_eq!((waits.linger(Linger::BRIEF), waits.linger(Linger::FULL)), (ms(20), ms(200)));
        waits.measured(ms(100));
        assert_eq!((waits.linger(Linger::BRIEF), waits.linger(Linger::NONE)), (ms(200), ms(0)));
    }
}
