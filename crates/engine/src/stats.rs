use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;
use serde::ser::SerializeMap as _;

use crate::time::round_to_nanos;

/// Running round-trip statistics, in constant space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RttStats {
    count: u64,
    min: u64,
    max: u64,
    sum: u128,
    /// Sum of squares, in square nanoseconds: an integer, so that the order of arrival cannot change
    /// the last digit.
    sum_sq: u128,
}

impl RttStats {
    /// Takes in one round trip.
    pub fn record(&mut self, rtt: Duration) {
        let ns = clamped(rtt);
        self.min = if self.count == 0 { ns } else { self.min.min(ns) };
        self.max = self.max.max(ns);
        self.sum += u128::from(ns);
        self.sum_sq = self.sum_sq.saturating_add(u128::from(ns) * u128::from(ns));
        self.count += 1;
    }

    /// How many were taken in.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The longest; zero before the first.
    #[must_use]
    pub const fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// The mean; zero before the first.
    #[must_use]
    pub fn mean(&self) -> Duration {
        nanos(self.sum.checked_div(u128::from(self.count)).unwrap_or(0))
    }

    /// Minimum, mean, maximum and population standard deviation; `None` before the first.
    #[must_use]
    pub fn summary(&self) -> Option<[Duration; 4]> {
        let count = u128::from(self.count);
        self.sum.checked_div(count)?;
        let mdev = nanos(self.variance(count).isqrt());
        Some([Duration::from_nanos(self.min), self.mean(), self.max(), mdev])
    }

    fn variance(&self, count: u128) -> u128 {
        // n·Σx² − (Σx)² before dividing: dividing first would lose what the deviation is made of.
        let exact = || {
            let spread =
                self.sum_sq.checked_mul(count)?.checked_sub(self.sum.checked_mul(self.sum)?)?;
            Some(spread / count.checked_mul(count)?)
        };
        // A sum past 10^38 has digits to spare.
        let coarse = || (self.sum_sq / count).saturating_sub((self.sum / count).saturating_pow(2));
        exact().unwrap_or_else(coarse)
    }
}

/// No round trip is taken for longer than an hour, so that sums stay far from overflow.
const CEILING: u64 = 3_600_000_000_000;

/// Nanoseconds, at most [`CEILING`].
fn clamped(rtt: Duration) -> u64 {
    u64::try_from(rtt.as_nanos()).unwrap_or(u64::MAX).min(CEILING)
}

fn nanos(ns: u128) -> Duration {
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

/// Everything that is said of the round trips of one target: [`RttStats`], the smoothed round trip
/// and jitter, and percentiles exact to 0.1 %.
#[derive(Clone, Default)]
pub struct Latency {
    stats: RttStats,
    /// Eight times the smoothed round trip, in nanoseconds, as iputils keeps it.
    ewma_8: u64,
    /// Sixteen times the smoothed jitter, in nanoseconds.
    jitter_16: u64,
    last: u64,
    histogram: Option<Histogram<u32>>,
}

impl Latency {
    const SIGNIFICANT_DIGITS: u8 = 3;

    /// Takes in one round trip.
    pub fn record(&mut self, rtt: Duration) {
        let ns = clamped(rtt).max(1);
        if self.stats.count == 0 {
            self.ewma_8 = ns * 8;
            self.histogram = Histogram::new_with_bounds(1, CEILING, Self::SIGNIFICANT_DIGITS).ok();
        } else {
            self.ewma_8 = self.ewma_8 - self.ewma_8 / 8 + ns;
            // RFC 3550 §6.4.1.
            self.jitter_16 = self.jitter_16 - self.jitter_16 / 16 + ns.abs_diff(self.last);
        }
        self.last = ns;
        self.stats.record(rtt);
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(ns);
        }
    }

    /// Count, extremes, mean and deviation.
    #[must_use]
    pub const fn stats(&self) -> &RttStats {
        &self.stats
    }

    /// The smoothed round trip: each new one counts for an eighth.
    #[must_use]
    pub const fn ewma(&self) -> Duration {
        Duration::from_nanos(self.ewma_8 / 8)
    }

    /// The smoothed difference between one round trip and the next (RFC 3550 §6.4.1).
    #[must_use]
    pub const fn jitter(&self) -> Duration {
        Duration::from_nanos(self.jitter_16 / 16)
    }

    /// The round trip that this share of all did not exceed, 0 to 100; `None` before the first.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref()?;
        // A bucket's upper end may lie past the largest value that is in it.
        let ns = histogram.value_at_percentile(share).clamp(self.stats.min, self.stats.max);
        Some(Duration::from_nanos(ns))
    }
}

/// `null` before the first, then every figure in milliseconds.
impl Serialize for Latency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const KEYS: [&str; 4] = ["min_ms", "avg_ms", "max_ms", "mdev_ms"];
        const SHARES: [(&str, f64); 4] =
            [("p50_ms", 50.0), ("p90_ms", 90.0), ("p95_ms", 95.0), ("p99_ms", 99.0)];
        let Some(summary) = self.stats.summary() else { return serializer.serialize_none() };
        let mut map = serializer.serialize_map(None)?;
        for (key, span) in KEYS.iter().zip(summary) {
            map.serialize_entry(key, &round_to_nanos(span))?;
        }
        for (key, share) in SHARES {
            map.serialize_entry(key, &self.percentile(share).map(round_to_nanos))?;
        }
        map.serialize_entry("ewma_ms", &round_to_nanos(self.ewma()))?;
        map.serialize_entry("jitter_ms", &round_to_nanos(self.jitter()))?;
        map.end()
    }
}

/// The histogram is thousands of buckets, and is left out.
impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latency").field("stats", &self.stats).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_replies_no_summary() {
        assert_eq!(RttStats::default().summary(), None);
        assert_eq!(Latency::default().percentile(50.0), None);
    }

    #[test]
    fn mdev_is_the_population_deviation() {
        let mut stats = RttStats::default();
        [10, 20, 30].map(Duration::from_millis).into_iter().for_each(|rtt| stats.record(rtt));
        let [min, mean, max, mdev] = stats.summary().unwrap();
        assert_eq!((min, mean, max), (ms(10), ms(20), ms(30)));
        assert_eq!(mdev.as_micros(), 8_164); // sqrt(200/3) ms
    }

    #[test]
    fn percentiles_stay_within_what_was_measured() {
        let latency = of(&[1, 2, 3, 4, 100]);
        assert_eq!(latency.percentile(100.0), Some(ms(100)));
        assert_eq!(latency.percentile(0.0), Some(ms(1)));
        let median = latency.percentile(50.0).unwrap();
        assert!(median.abs_diff(ms(3)) < Duration::from_micros(3), "{median:?}");
    }

    #[test]
    fn jitter_of_a_steady_path_is_zero_and_of_a_swinging_one_is_not() {
        assert_eq!(of(&[5, 5, 5]).jitter(), Duration::ZERO);
        assert!(of(&[5, 9, 5, 9]).jitter() > Duration::from_micros(500));
    }

    #[test]
    fn an_absurd_round_trip_neither_overflows_nor_panics() {
        let mut latency = Latency::default();
        for rtt in [Duration::MAX, Duration::ZERO, Duration::MAX] {
            latency.record(rtt);
        }
        assert_eq!(latency.stats().count(), 3);
        let _ = latency.stats().summary();
    }

    fn of(rtts: &[u64]) -> Latency {
        let mut latency = Latency::default();
        for rtt in rtts {
            latency.record(ms(*rtt));
        }
        latency
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }
}
