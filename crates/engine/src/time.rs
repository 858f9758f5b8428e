use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment, in nanoseconds since an arbitrary origin.
///
/// Unlike [`std::time::Instant`] it can be written down, so a test can say `Instant::from_millis(15)`
/// and a capture can be replayed. Only `wireline_net::Clock` makes one from the machine's clock
/// (`CLOCK_MONOTONIC`, which no NTP step can move). Lasts for 584 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The origin.
    pub const ZERO: Self = Self(0);

    /// This many nanoseconds after the origin.
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// This many milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000_000)
    }

    /// Nanoseconds since the origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero where it is not after.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// How long after `earlier` this is; `None` where it is before.
    #[must_use]
    pub fn checked_since(self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration::from_nanos)
    }
}

/// Milliseconds, as the tools print them and as JSON fields named `…_ms` hold them.
#[must_use]
pub fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// For `serialize_with` on a field renamed to `…_ms`: exact to the nanosecond.
pub(crate) fn as_millis<S: serde::Serializer>(span: &Duration, s: S) -> Result<S::Ok, S::Error> {
    // No digits past the nanosecond, which a product of floats would add.
    s.serialize_f64((span.as_secs_f64() * 1e9).round() / 1e6)
}

/// As [`as_millis`], of a time that may be unknown.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(crate) fn maybe_millis<S: serde::Serializer>(
    span: &Option<Duration>,
    s: S,
) -> Result<S::Ok, S::Error> {
    match span {
        Some(span) => as_millis(span, s),
        None => s.serialize_none(),
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, rhs: Self) -> Duration {
        self.since(rhs)
    }
}
