//! How tries end.

use std::time::Duration;

use super::{Clock, Rtt};
use crate::Instant;
use crate::tcp::Refused;

/// `ETIMEDOUT` and `ECONNREFUSED` of Linux, on every architecture that Rust knows but MIPS and the like.
pub(super) const TIMED_OUT: i32 = 110;
pub(super) const REFUSED: i32 = 111;

/// How a try ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// errno(3), 0 where it is open.
    pub(super) errno: i32,
    pub(super) at: Option<Instant>,
    pub(super) refused: Option<Refused>,
    pub(super) rtt: Option<Rtt>,
    pub(super) app: Option<Duration>,
    pub(super) retransmits: u32,
    pub(super) hop_limit: Option<u8>,
}

impl Ending {
    pub(super) const fn of(errno: i32) -> Self {
        Self {
            errno,
            at: None,
            refused: None,
            rtt: None,
            app: None,
            retransmits: 0,
            hop_limit: None,
        }
    }
}

/// `EHOSTUNREACH` of Linux: what matters of an ICMP error is what it says.
pub(super) const UNREACHABLE: i32 = 113;

/// TCP's own round trip. After a SYN sent again it is a count of the milliseconds' clock of RFC 7323 §5.4, whose
/// ticks began anywhere: less than one more.
pub(super) fn kernels(time: Duration, is_coarse: bool) -> Rtt {
    const TICK: Duration = Duration::from_millis(1);
    let time = if is_coarse { time + TICK } else { time };
    Rtt { time, clock: Clock::Kernel, coarse: is_coarse }
}

/// How often the kernel has sent a SYN again by then, where it was not asked: each second at first
/// (`tcp_syn_linear_timeouts`, ip-sysctl.rst).
pub(super) fn resent(after: Duration) -> u32 {
    u32::try_from(after.as_secs()).unwrap_or(u32::MAX).min(5)
}
