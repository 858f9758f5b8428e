//! How long probes are where the path MTU is looked for: as long as whatever has come through.

use super::black_hole::{Next, Search};
use super::{Outcome, State, Trace};
use crate::Instant;

impl Trace {
    /// Sends a probe again that fits.
    pub(super) fn shorten(&mut self, cell: usize, mtu: u32) {
        if !matches!(self.cells[cell].state, State::Waiting { .. }) {
            return;
        }
        let mtu = usize::try_from(mtu).unwrap_or(usize::MAX);
        let size = if mtu < self.size { mtu } else { plateau(self.size) };
        self.resize(cell, size);
        self.send_again(cell);
    }

    fn resize(&mut self, cell: usize, size: usize) {
        self.size = size.max(self.config.overhead);
        self.cells[cell].path_mtu = u32::try_from(self.size).ok();
    }

    fn send_again(&mut self, cell: usize) {
        self.cells[cell].state = State::Idle;
        self.again.push_back(cell);
    }

    /// Whether a probe that was answered was a step of a search that is not over.
    pub(super) fn goes_on_searching(&mut self, cell: usize) -> bool {
        let Some((_, search)) = self.search.as_mut().filter(|(other, _)| *other == cell) else {
            return false;
        };
        match search.answered(self.size) {
            Next::Try(size) => {
                self.size = size;
                self.send_again(cell);
                true
            }
            Next::Found(_) | Next::Silent => {
                self.search = None;
                self.black_hole = Some(self.hop(cell));
                self.resize(cell, self.size);
                false
            }
        }
    }

    /// Nobody answered in time: a silent hop, or one behind a link that swallows long probes.
    pub(super) fn expire(&mut self, now: Instant, cell: usize) {
        let State::Waiting { since } = self.cells[cell].state else { return };
        let lost = Outcome::Lost { waited: now - since };
        if !self.config.discover_mtu {
            return self.settle(cell, lost);
        }
        let floor = Search::floor(self.config.target.is_ipv6());
        let is_first = self.nth(cell) == 0;
        let next = match &mut self.search {
            Some((other, search)) if *other == cell => search.lost(self.size),
            // One probe of a hop is enough to know that the hop is silent.
            _ if !is_first || self.size <= floor => return self.settle(cell, lost),
            _ => {
                self.search = Some((cell, Search::new(self.size)));
                Next::Try(floor)
            }
        };
        match next {
            Next::Try(size) => {
                self.size = size;
                self.send_again(cell);
            }
            Next::Found(size) => {
                self.search = None;
                self.black_hole = Some(self.hop(cell));
                self.resize(cell, size);
                // Once more, for the round trip of what does come through.
                self.send_again(cell);
            }
            Next::Silent => {
                let was = self.search.take().map_or(self.size, |(_, search)| search.fails());
                self.size = was;
                self.settle(cell, lost);
            }
        }
    }
}

/// The next size to try where nobody says which would do (RFC 1191 §7.1).
fn plateau(size: usize) -> usize {
    const PLATEAUS: [usize; 11] = [68, 296, 508, 1006, 1280, 1492, 2002, 4352, 8166, 17914, 32000];
    PLATEAUS.into_iter().rev().find(|plateau| *plateau < size).unwrap_or(68)
}
