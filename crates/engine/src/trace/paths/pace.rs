//! How fast a hop is asked.

use std::time::Duration;

use crate::Instant;

/// Between two probes to one hop. Linux answers six at once and then one a second to one host
/// (`icmp_ratelimit`, ip-sysctl.rst on kernel.org); others are faster.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    gap: Duration,
    sent_at: Option<Instant>,
    /// When it was last slowed down.
    slowed_at: Option<Instant>,
    /// Probes sent again and lost again since one was answered.
    in_vain: u32,
    /// Probes answered that at first were not.
    regained: u32,
    /// Whether that is because they were asked for slowly.
    pub(super) is_limited: bool,
}

impl Pace {
    const SLOW: Duration = Duration::from_millis(250);
    const SLOWEST: Duration = Duration::from_secs(1);
    /// Single losses have other reasons.
    const SOME: u32 = 3;
    /// So many probes sent again for nothing: it is not the rate.
    const ENOUGH: u32 = 8;
    /// Tries where others answered at the same hop, and where nobody ever did.
    const TRIES: u8 = 5;
    const TRIES_IN_SILENCE: u8 = 2;

    /// When the next may leave.
    pub(super) fn next(&self) -> Option<Instant> {
        self.sent_at.map(|at| at + self.gap)
    }

    pub(super) const fn sent(&mut self, now: Instant) {
        self.sent_at = Some(now);
    }

    /// An answer to a probe that had been sent so many times before.
    pub(super) fn answered(&mut self, tries: u8) {
        if tries > 0 {
            self.in_vain = 0;
            self.regained += 1;
            let is_slower = self.gap > Self::SLOW && self.regained >= Self::SOME;
            self.is_limited |= is_slower || self.gap >= Self::SLOWEST;
        }
    }

    /// An answer to a probe that had been given up: it was not the rate, but the wait that was too short.
    pub(super) const fn answered_late(&mut self) {
        self.gap = Duration::ZERO;
    }

    /// Whether a probe that was lost at `now`, sent at `asked`, is to be sent again.
    pub(super) fn lost(
        &mut self,
        now: Instant,
        asked: Instant,
        tries: u8,
        is_answering: bool,
    ) -> bool {
        if !is_answering {
            return tries + 1 < Self::TRIES_IN_SILENCE;
        }
        self.in_vain += u32::from(tries > 0);
        if self.in_vain >= Self::ENOUGH {
            self.gap = Duration::ZERO;
            return tries + 1 < Self::TRIES_IN_SILENCE;
        }
        if self.slowed_at.is_none_or(|at| asked >= at) {
            self.gap = (self.gap * 2).clamp(Self::SLOW, Self::SLOWEST);
            self.slowed_at = Some(now);
        }
        tries + 1 < Self::TRIES
    }
}
