//! Whose turn it is to be asked for the first time.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::{Place, Targets};
use crate::Instant;

/// Addresses in order, round after round.
#[derive(Debug)]
pub(super) struct Rounds {
    targets: Vec<Targets>,
    /// Which of `targets`, and how many of it are done; `None` between rounds.
    at: Option<(usize, u32)>,
    next: Option<Instant>,
    /// From one round to the next.
    every: Option<Duration>,
    /// Rounds that follow on the first at once, for what was lost in it.
    again: u32,
}

impl Rounds {
    /// A frame that was lost in the first round is made up for.
    const AGAIN: u32 = 1;
    /// Late answers to one round come before the next.
    const BREATH: Duration = Duration::from_secs(1);

    pub(super) fn new(targets: Vec<Targets>, every: Option<Duration>, now: Instant) -> Self {
        let next = (!targets.is_empty()).then_some(now);
        Self { targets, at: None, next, every, again: Self::AGAIN }
    }

    pub(super) fn hosts(&self) -> u64 {
        self.targets.iter().map(|targets| targets.span.count()).sum()
    }

    /// When there is something to ask: `now` or before where there is already.
    pub(super) fn next_time(&self) -> Option<Instant> {
        if self.at.is_some() { Some(Instant::ZERO) } else { self.next }
    }

    pub(super) fn next(&mut self, now: Instant) -> Option<(Place, Ipv4Addr)> {
        if self.at.is_none() && self.next.is_some_and(|next| next <= now) {
            self.at = Some((0, 0));
        }
        let (index, done) = self.at?;
        let targets = *self.targets.get(index)?;
        let last = u32::from(targets.span.last());
        let address = u32::from(targets.span.first()).saturating_add(done).min(last);
        let rest = (address < last).then_some((index, done + 1));
        self.at = rest.or((index + 1 < self.targets.len()).then_some((index + 1, 0)));
        if self.at.is_none() {
            self.end(now);
        }
        Some((targets.place, address.into()))
    }

    fn end(&mut self, now: Instant) {
        if self.again > 0 {
            self.again -= 1;
            self.next = Some(now + Self::BREATH);
        } else {
            self.next = self.every.map(|every| now + every.max(Self::BREATH));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Span;

    #[test]
    fn two_rounds_at_once_and_then_one_now_and_then() {
        let row = |first: u8, last: u8| Targets {
            place: Place::default(),
            span: Span::new([192, 0, 2, first].into(), [192, 0, 2, last].into()),
        };
        let every = Duration::from_secs(300);
        let mut rounds = Rounds::new(vec![row(1, 2), row(9, 9)], Some(every), Instant::ZERO);
        assert_eq!(rounds.hosts(), 3);
        let mut asked = |ms| {
            let now = Instant::from_millis(ms);
            let hosts = std::iter::from_fn(|| rounds.next(now));
            hosts.map(|(_, address)| address.octets()[3]).collect::<Vec<_>>()
        };
        assert_eq!(asked(0), [1, 2, 9]);
        assert_eq!(asked(999), []);
        assert_eq!(asked(1000), [1, 2, 9]);
        assert_eq!(asked(300_999), []);
        assert_eq!(asked(301_000), [1, 2, 9]);
    }

    #[test]
    fn the_last_address_of_all_ends_a_round() {
        let all = Targets { place: Place::default(), span: Span::one(Ipv4Addr::BROADCAST) };
        let mut rounds = Rounds::new(vec![all], None, Instant::ZERO);
        assert!(rounds.next(Instant::ZERO).is_some());
        assert!(rounds.next(Instant::ZERO).is_none());
    }
}
