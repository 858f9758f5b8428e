//! No more queries a second than were asked for.

use std::time::Duration;

use wireline_engine::Instant;

#[derive(Debug)]
pub(super) struct Pace {
    /// Between two queries; `None` without a limit.
    interval: Option<Duration>,
    /// When the next is due.
    next: Instant,
}

impl Pace {
    /// What was missed while nobody looked is made up for, as far as this.
    const BURST: Duration = Duration::from_millis(5);

    pub(super) fn new(rate: Option<u32>, now: Instant) -> Self {
        let interval = rate.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self { interval, next: now }
    }

    pub(super) fn may_send(&self, now: Instant) -> bool {
        self.interval.is_none() || self.next <= now
    }

    pub(super) fn sent(&mut self, now: Instant) {
        let Some(interval) = self.interval else { return };
        let burst = u64::try_from(Self::BURST.as_nanos()).unwrap_or(0);
        let base = self.next.max(Instant::from_nanos(now.as_nanos().saturating_sub(burst)));
        self.next = base + interval;
    }

    /// When the next may leave, if there is a limit.
    pub(super) fn next(&self) -> Option<Instant> {
        self.interval.map(|_| self.next)
    }
}
