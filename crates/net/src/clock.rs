use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wireline_engine::Instant;

/// The machine's clock, and the only reader of it in the workspace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    /// Time since boot, suspend not counted (`CLOCK_MONOTONIC`).
    #[must_use]
    pub fn now(self) -> Instant {
        Instant::from_nanos(read(ClockId::Monotonic))
    }

    /// Time since 1970 UTC (`CLOCK_REALTIME`): for printing, and for making sense of kernel stamps.
    #[must_use]
    pub fn wall(self) -> Duration {
        Duration::from_nanos(read(ClockId::Realtime))
    }
}

fn read(clock: ClockId) -> u64 {
    let t = clock_gettime(clock);
    // The kernel keeps both fields non-negative for these clocks, until the year 2554.
    let field = |value: i64| u64::try_from(value).unwrap_or(0);
    field(t.tv_sec) * 1_000_000_000 + field(t.tv_nsec)
}

/// Puts the kernel's wall-clock stamps on the monotonic line.
///
/// Both clocks are slewed alike, so their distance is constant but for the moments when somebody sets
/// the wall clock: it is measured once, compared at every use and measured again when it has moved.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// Wall minus monotonic, in nanoseconds.
    offset: i64,
}

impl Timeline {
    /// A distance that differs by less is the noise of reading two clocks one after the other.
    const STEP: u64 = 1_000_000;

    pub(crate) fn new() -> Self {
        Self { offset: measure() }
    }

    /// Looks whether the wall clock has been set.
    pub(crate) fn refresh(&mut self, now: Instant) {
        let wall = read(ClockId::Realtime);
        if difference(wall, now.as_nanos()).abs_diff(self.offset) > Self::STEP {
            self.offset = measure();
        }
    }

    /// The moment of a stamp.
    pub(crate) fn instant(&self, stamp: u64) -> Instant {
        Instant::from_nanos(stamp.checked_add_signed(self.offset.saturating_neg()).unwrap_or(0))
    }
}

/// The distance as read with the least time between two looks at the monotonic clock.
fn measure() -> i64 {
    let look = |_| {
        let (before, wall, after) =
            (read(ClockId::Monotonic), read(ClockId::Realtime), read(ClockId::Monotonic));
        let bracket = after - before;
        (bracket, difference(wall, before + bracket / 2))
    };
    (0..5).map(look).min().map_or(0, |(_, offset)| offset)
}

fn difference(wall: u64, monotonic: u64) -> i64 {
    i64::try_from(i128::from(wall) - i128::from(monotonic)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_of_now_is_now() {
        let mut timeline = Timeline::new();
        let before = Clock.now();
        timeline.refresh(before);
        let at = timeline.instant(u64::try_from(Clock.wall().as_nanos()).unwrap());
        let after = Clock.now();
        let slack = Duration::from_micros(50);
        assert!(at + slack >= before && at <= after + slack, "{before:?} {at:?} {after:?}");
    }

    #[test]
    fn a_set_clock_is_noticed() {
        let mut timeline = Timeline::new();
        let right = timeline.offset;
        timeline.offset += 5_000_000_000;
        timeline.refresh(Clock.now());
        assert!(timeline.offset.abs_diff(right) < Timeline::STEP);
    }
}
