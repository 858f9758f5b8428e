//! The one clock of the log: `CLOCK_REALTIME`, which is also what the kernel stamps frames with.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    let now = clock_gettime(ClockId::Realtime);
    nanoseconds(now.tv_sec, now.tv_nsec)
}

/// The nanoseconds of a kernel's time, which is after 1970.
pub(crate) fn nanoseconds(seconds: i64, rest: i64) -> u64 {
    (seconds * 1_000_000_000 + rest).cast_unsigned()
}

/// The nanoseconds of a time that a test could wait for.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
