use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::time::as_millis;

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

/// The round trips of one target: [`RttStats`], the smoothed round trip and jitter, and what
/// percentiles are made of.
#[derive(Debug, Default)]
pub struct Latency {
    stats: RttStats,
    /// Eight times the smoothed round trip, in nanoseconds, as iputils keeps it.
    ewma_8: u64,
    /// Sixteen times the smoothed jitter, in nanoseconds.
    jitter_16: u64,
    last: u64,
    samples: Samples,
}

impl Latency {
    /// Takes in one round trip.
    pub fn record(&mut self, rtt: Duration) {
        let ns = clamped(rtt).max(1);
        if self.stats.count == 0 {
            self.ewma_8 = ns * 8;
        } else {
            self.ewma_8 = self.ewma_8 - self.ewma_8 / 8 + ns;
            // RFC 3550 §6.4.1.
            self.jitter_16 = self.jitter_16 - self.jitter_16 / 16 + ns.abs_diff(self.last);
        }
        self.last = ns;
        self.stats.record(rtt);
        self.samples.record(ns);
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
        // A bucket's upper end may lie past the largest value that is in it.
        let ns = self.samples.percentile(share)?.clamp(self.stats.min, self.stats.max);
        Some(Duration::from_nanos(ns))
    }

    /// All figures at this moment; `None` before the first round trip.
    #[must_use]
    pub fn report(&self) -> Option<LatencyReport> {
        let [min, avg, max, mdev] = self.stats.summary()?;
        Some(LatencyReport {
            min,
            avg,
            max,
            mdev,
            p50: self.percentile(50.0)?,
            p90: self.percentile(90.0)?,
            p95: self.percentile(95.0)?,
            p99: self.percentile(99.0)?,
            ewma: self.ewma(),
            jitter: self.jitter(),
        })
    }
}

/// What is said of the round trips of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LatencyReport {
    /// Shortest.
    #[serde(rename = "min_ms", serialize_with = "as_millis")]
    pub min: Duration,
    /// Mean.
    #[serde(rename = "avg_ms", serialize_with = "as_millis")]
    pub avg: Duration,
    /// Longest.
    #[serde(rename = "max_ms", serialize_with = "as_millis")]
    pub max: Duration,
    /// Population standard deviation, which iputils calls mdev.
    #[serde(rename = "mdev_ms", serialize_with = "as_millis")]
    pub mdev: Duration,
    /// Median.
    #[serde(rename = "p50_ms", serialize_with = "as_millis")]
    pub p50: Duration,
    /// Nine in ten were no longer.
    #[serde(rename = "p90_ms", serialize_with = "as_millis")]
    pub p90: Duration,
    /// Nineteen in twenty were no longer.
    #[serde(rename = "p95_ms", serialize_with = "as_millis")]
    pub p95: Duration,
    /// Ninety-nine in a hundred were no longer.
    #[serde(rename = "p99_ms", serialize_with = "as_millis")]
    pub p99: Duration,
    /// Smoothed, the last ones counting most.
    #[serde(rename = "ewma_ms", serialize_with = "as_millis")]
    pub ewma: Duration,
    /// Smoothed difference between neighbours (RFC 3550 §6.4.1).
    #[serde(rename = "jitter_ms", serialize_with = "as_millis")]
    pub jitter: Duration,
}

/// Round trips for percentiles: each by itself while they are few, in buckets exact to 0.1 % once they
/// are many. The buckets take 140 kB, which most runs never need.
#[derive(Clone)]
enum Samples {
    Few(Vec<u64>),
    Many(Box<Histogram<u32>>),
}

impl Samples {
    const FEW: usize = 512;

    fn record(&mut self, ns: u64) {
        match self {
            Self::Many(histogram) => histogram.saturating_record(ns),
            Self::Few(all) => {
                all.push(ns);
                if all.len() == Self::FEW {
                    *self = Self::bucketed(all);
                }
            }
        }
    }

    fn bucketed(all: &[u64]) -> Self {
        const SIGNIFICANT_DIGITS: u8 = 3;
        let Ok(mut histogram) = Histogram::new_with_bounds(1, CEILING, SIGNIFICANT_DIGITS) else {
            return Self::default();
        };
        for ns in all {
            histogram.saturating_record(*ns);
        }
        Self::Many(Box::new(histogram))
    }

    /// The smallest that at least this share does not exceed.
    fn percentile(&self, share: f64) -> Option<u64> {
        match self {
            Self::Many(histogram) => Some(histogram.value_at_percentile(share)),
            Self::Few(all) => {
                let mut sorted = all.clone();
                sorted.sort_unstable();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    clippy::cast_sign_loss,
                    reason = "a share of at most 512"
                )]
                let rank = (share.clamp(0.0, 100.0) / 100.0 * sorted.len() as f64).ceil() as usize;
                sorted.get(rank.saturating_sub(1)).copied()
            }
        }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// The buckets are thousands, and are left out.
impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Few(all) => write!(f, "{} samples", all.len()),
            Self::Many(histogram) => write!(f, "{} samples", histogram.len()),
        }
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
    fn percentiles_of_many_are_as_those_of_few_to_a_thousandth() {
        let latency = of(&(1..=2_000).collect::<Vec<_>>());
        for (share, want) in [(50.0, ms(1_000)), (90.0, ms(1_800)), (99.0, ms(1_980))] {
            let got = latency.percentile(share).unwrap();
            assert!(got.abs_diff(want) * 1000 <= want, "{share}: {got:?}");
        }
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
