use std::time::Duration;

use crate::{Instant, Latency};

/// When each request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One each interval, counted from the start: a late one does not make the next late. An
    /// interval of zero is a flood: one as soon as the one before is answered, or after ten
    /// milliseconds if it is not.
    Every(Duration),
    /// As far apart as replies take, and never closer than this.
    Adaptive {
        /// Before the first reply.
        first: Duration,
        /// Lower bound.
        least: Duration,
    },
}

/// How long a flood waits for a reply before it goes on: 100 requests a second, as iputils.
const UNANSWERED: Duration = Duration::from_millis(10);

/// The moment at which the next request is due.
#[derive(Debug)]
pub(super) struct Schedule {
    pace: Pace,
    interval: Duration,
    preload: u32,
    sent: u64,
    last: Instant,
    due: Instant,
    skipped: u64,
}

impl Schedule {
    pub(super) fn new(pace: Pace, preload: u32, now: Instant) -> Self {
        let interval = match pace {
            Pace::Every(interval) => interval,
            Pace::Adaptive { first, .. } => first,
        };
        Self { pace, interval, preload, sent: 0, last: now, due: now, skipped: 0 }
    }

    pub(super) const fn interval(&self) -> Duration {
        self.interval
    }

    /// Slots of the schedule that passed while the machine did not run us.
    pub(super) const fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(super) fn is_due(&self, now: Instant, in_flight: u64) -> bool {
        now >= self.next(in_flight)
    }

    pub(super) fn next(&self, in_flight: u64) -> Instant {
        if self.sent < u64::from(self.preload) {
            return self.last;
        }
        if !self.interval.is_zero() {
            return self.due;
        }
        if in_flight < u64::from(self.preload) { self.last } else { self.last + UNANSWERED }
    }

    pub(super) fn sent(&mut self, now: Instant) {
        self.sent += 1;
        self.last = now;
        if self.sent < u64::from(self.preload) {
            return;
        }
        // From `due`, so that a late wake-up does not shift every later request; but slots that passed
        // during a long stop are left out, so that what was missed is not sent in one burst.
        let late = (now - self.due).as_nanos();
        let missed = late.checked_div(self.interval.as_nanos()).unwrap_or(0);
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.skipped += u64::from(missed);
        self.due = self.due + self.interval.saturating_mul(missed.saturating_add(1));
    }

    /// The machine refused to send: a flood must not spin on that.
    pub(super) fn stalled(&mut self, now: Instant) {
        if self.interval.is_zero() {
            self.last = now + UNANSWERED;
            self.due = self.last;
        }
    }

    /// Follows the smoothed round trip, in steps of a millisecond as iputils does, so that a network
    /// faster than that is flooded one request at a time.
    pub(super) fn measured(&mut self, latency: &Latency) {
        if let Pace::Adaptive { least, .. } = self.pace {
            let rounded = (latency.ewma() + Duration::from_micros(500)).as_millis();
            let interval =
                Duration::from_millis(u64::try_from(rounded).unwrap_or(u64::MAX)).max(least);
            if interval != self.interval {
                self.interval = interval;
                self.due = self.last + interval;
            }
        }
    }
}
