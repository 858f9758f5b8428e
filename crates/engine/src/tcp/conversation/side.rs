use std::collections::VecDeque;
use std::time::Duration;

use wireline_packet::tcp::{Flags, Options};

use crate::Instant;
use crate::tcp::EndSummary;

/// Segments under way whose time to the acknowledgment is measured.
const TIMED: usize = 64;

/// Octets of the latest data that are kept, to see whether they come again as they were.
const KEPT: usize = 4096;

/// Whether a number comes before another, on the ring (RFC 9293 §3.4).
pub(super) const fn before(a: u32, b: u32) -> bool {
    // Half of the ring lies before, half after.
    a.wrapping_sub(b) > u32::MAX / 2
}

/// A hole in the numbers that passed by here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// The first that did not pass.
    pub(super) from: u32,
    /// One behind the last.
    pub(super) to: u32,
    /// When that was seen.
    pub(super) at: Instant,
}

/// What one end has sent and said.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Of its SYN.
    pub(super) isn: Option<u32>,
    /// What relative numbers start from.
    pub(super) base: Option<u32>,
    /// One behind the last number that it sent.
    pub(super) next: Option<u32>,
    /// The last of its numbers that the other end has acknowledged.
    pub(super) acknowledged: Option<u32>,
    /// The number of its FIN.
    pub(super) fin: Option<u32>,
    /// What its SYN said, its first one or its SYN-ACK.
    pub(super) options: Option<Options>,
    /// Flags of its SYN.
    pub(super) syn_flags: Flags,
    /// Octets that its SYN carried.
    pub(super) syn_data: u32,
    /// When it sent each SYN, with the clock that it stamped it by.
    pub(super) syns: VecDeque<(Instant, Option<u32>)>,
    /// Whether it has sent a SYN-ACK.
    pub(super) has_answered: bool,
    /// The window that it announced last, in octets.
    pub(super) window: Option<u32>,
    /// The number that it awaits, by its latest segment.
    pub(super) awaits: Option<u32>,
    /// How often it has said so again.
    pub(super) duplicates: u32,
    /// Whether it has sent anything after its SYN.
    pub(super) has_talked: bool,
    /// Whether it did what must be answered by a challenge.
    pub(super) provoked: bool,
    /// Whether its latest segment was a keep-alive or a probe of a zero window.
    pub(super) asked: Option<Asked>,
    /// Whether its half-close was told.
    pub(super) half_close_told: bool,
    pub(super) hole: Option<Hole>,
    /// Ends of what is under way, with the time it was sent at.
    timed: VecDeque<(u32, Instant)>,
    /// The latest data, up to `kept_to`.
    kept: VecDeque<u8>,
    kept_to: Option<u32>,
    pub(super) sums: EndSummary,
}

/// What an end asks for that is no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    KeepAlive,
    Window,
}

impl Side {
    /// A number as it is shown. Where the base is unknown, the number is the first.
    pub(super) fn relative(&mut self, sequence: u32, is_syn: bool) -> u32 {
        let first = if is_syn { sequence } else { sequence.wrapping_sub(1) };
        sequence.wrapping_sub(*self.base.get_or_insert(first))
    }

    /// The window in octets: scaled where both SYNs said by how much, which `is_scaled` tells.
    pub(super) fn octets(&self, window: u16, is_scaled: bool) -> u32 {
        let shift = self.options.and_then(|options| options.window_scale).filter(|_| is_scaled);
        // More than 14 counts as 14 (RFC 7323 §2.3).
        u32::from(window) << shift.unwrap_or(0).min(14)
    }

    /// Remembers when numbers up to `to` were sent, unless that was before.
    pub(super) fn time(&mut self, to: u32, at: Instant) {
        if self.timed.len() == TIMED {
            self.timed.pop_front();
        }
        self.timed.push_back((to, at));
    }

    /// Forgets the times of what was sent again: an acknowledgment would not say of which (RFC 6298 §3).
    pub(super) fn forget_times(&mut self) {
        self.timed.clear();
    }

    /// Takes in an acknowledgment of its numbers, and the least time that one took.
    pub(super) fn acknowledge(&mut self, acknowledgment: u32, now: Instant) {
        if self.acknowledged.is_none_or(|last| before(last, acknowledgment)) {
            self.acknowledged = Some(acknowledgment);
        }
        while let Some(&(to, at)) = self.timed.front() {
            if before(acknowledgment, to) {
                break;
            }
            self.timed.pop_front();
            if to == acknowledgment {
                let rtt = now.since(at);
                let least = self.sums.data_rtt.map_or(rtt, |least: Duration| least.min(rtt));
                self.sums.data_rtt = Some(least);
            }
        }
        if self.hole.is_some_and(|hole| !before(acknowledgment, hole.to)) {
            self.hole = None;
        }
    }

    /// Keeps data that begins at `sequence`, as far as there is room; what was skipped makes it begin anew.
    pub(super) fn keep(&mut self, sequence: u32, data: &[u8]) {
        if self.kept_to != Some(sequence) {
            self.kept.clear();
        }
        // A segment has fewer octets than 64 Ki.
        let length = u32::try_from(data.len()).unwrap_or(0);
        let data = &data[data.len().saturating_sub(KEPT)..];
        let surplus = (self.kept.len() + data.len()).saturating_sub(KEPT);
        self.kept.drain(..surplus.min(self.kept.len()));
        self.kept.extend(data);
        self.kept_to = Some(sequence.wrapping_add(length));
    }

    /// Whether data that begins at `sequence` differs from what is kept of those numbers.
    pub(super) fn differs(&self, sequence: u32, data: &[u8]) -> bool {
        let Some(to) = self.kept_to else { return false };
        let length = u32::try_from(self.kept.len()).unwrap_or(0);
        let start = to.wrapping_sub(length);
        // Where the data lies within what is kept: either begins first.
        let (skip_data, skip_kept) = if before(sequence, start) {
            (start.wrapping_sub(sequence), 0)
        } else {
            (0, sequence.wrapping_sub(start))
        };
        let at = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let kept = self.kept.iter().skip(at(skip_kept));
        data.iter().skip(at(skip_data)).zip(kept).any(|(a, b)| a != b)
    }

    /// When it sent the SYN that was answered by a stamp's echo, or its only one.
    pub(super) fn answered_syn(&self, echo: Option<u32>) -> Option<Instant> {
        let stamped = |echo| self.syns.iter().filter(move |(_, stamp)| *stamp == Some(echo));
        match (self.syns.len(), echo) {
            (1, _) => self.syns.front().map(|(at, _)| *at),
            // Two within one tick cannot be told apart.
            (_, Some(echo)) if stamped(echo).count() == 1 => {
                stamped(echo).next().map(|(at, _)| *at)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_on_a_ring() {
        assert!(before(1, 2) && !before(2, 1) && !before(1, 1));
        assert!(before(u32::MAX, 0) && before(0xffff_fff0, 16) && !before(16, 0xffff_fff0));
    }

    #[test]
    fn what_comes_again_is_compared_where_it_overlaps() {
        let mut side = Side::default();
        side.keep(u32::MAX - 1, b"abcdef");
        assert!(!side.differs(u32::MAX - 1, b"abcdef") && !side.differs(0, b"cd"));
        assert!(!side.differs(u32::MAX - 3, b"xxabc"), "what was before is not known");
        assert!(!side.differs(3, b"fxyz"), "nor is what comes after");
        assert!(side.differs(0, b"cx") && side.differs(u32::MAX - 3, b"xxaX"));
        assert!(!side.differs(1000, b"other") && !side.differs(u32::MAX - 1000, b"other"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut side = Side::default();
        for n in 0..100 {
            side.keep(n * 1000, &[7; 1000]);
            side.time(n, Instant::ZERO);
        }
        assert!(side.kept.len() <= KEPT && side.timed.len() <= TIMED);
        side.keep(100_000, &[1; 60_000]);
        assert_eq!(side.kept.len(), KEPT);
    }
}
