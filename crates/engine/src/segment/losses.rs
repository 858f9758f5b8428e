use std::time::Duration;

use crate::Instant;

/// When the kernel dropped frames of one port: a bounded number of stretches of time.
#[derive(Debug, Default)]
pub(super) struct Drops(Vec<(Instant, Instant)>);

/// Drops are told when some frames have been read after them.
const EARLIER: Duration = Duration::from_millis(50);
/// More stretches than this are taken together.
const MOST: usize = 64;

impl Drops {
    /// Some were dropped shortly before `now`.
    pub(super) fn told(&mut self, now: Instant) {
        let began = Instant::from_nanos(now.as_nanos().saturating_sub(duration_ns(EARLIER)));
        let is_full = self.0.len() >= MOST;
        match self.0.last_mut() {
            Some((_, ended)) if *ended >= began || is_full => *ended = now,
            _ => self.0.push((began, now)),
        }
    }

    /// Whether an answer that came between two moments may have been dropped.
    pub(super) fn may_concern(&self, from: Instant, to: Instant) -> bool {
        let place = self.0.partition_point(|(_, ended)| *ended < from);
        self.0.get(place).is_some_and(|(began, _)| *began <= to)
    }
}

fn duration_ns(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// How many hosts answered which request for the first time: from that, how many are still to be found is
/// guessed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Hosts that answered.
    pub(super) answered: u64,
    /// Hosts whose first answer was to a request of that number, less one.
    yields: Vec<u64>,
}

impl Tally {
    pub(super) fn count(&mut self, attempt: u32) {
        self.answered += 1;
        let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        if self.yields.len() <= place {
            self.yields.resize(place + 1, 0);
        }
        if let Some(hosts) = self.yields.get_mut(place) {
            *hosts += 1;
        }
    }

    /// Hosts that did not answer their first request.
    pub(super) fn regained(&self) -> u64 {
        self.yields.iter().skip(1).sum()
    }

    /// How many hosts one more request to the silent ones would probably bring, after so many: fewer than the
    /// last one brought in the proportion in which that brought fewer than the one before. (What is lost by
    /// chance is a like part of the rest each time.)
    pub(super) fn missed(&self, tries: u32) -> f64 {
        let Some(last) = tries.checked_sub(1).and_then(|last| usize::try_from(last).ok()) else {
            return 0.0;
        };
        let hosts = |place: Option<usize>| {
            let hosts = place.and_then(|place| self.yields.get(place)).copied().unwrap_or(0);
            f64::from(u32::try_from(hosts).unwrap_or(u32::MAX))
        };
        let (last, before) = (hosts(Some(last)), hosts(last.checked_sub(1)).max(1.0));
        // The first alone tells nothing.
        if tries < 2 { 0.0 } else { last * (last / before).min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    #[test]
    fn drops_concern_those_who_waited_for_an_answer_then() {
        let mut drops = Drops::default();
        drops.told(ms(100));
        drops.told(ms(120));
        drops.told(ms(500));
        assert!(drops.may_concern(ms(0), ms(60)) && drops.may_concern(ms(110), ms(400)));
        assert!(!drops.may_concern(ms(0), ms(49)) && !drops.may_concern(ms(121), ms(449)));
        assert!(drops.may_concern(ms(0), ms(1000)) && !drops.may_concern(ms(501), ms(1000)));
    }

    #[test]
    fn endless_drops_take_no_endless_memory() {
        let mut drops = Drops::default();
        (1..10_000).for_each(|n| drops.told(ms(n * 1000)));
        assert_eq!(drops.0.len(), MOST);
        assert!(drops.may_concern(ms(9_999_000), ms(9_999_001)));
    }

    fn tally(yields: &[u64]) -> Tally {
        Tally { answered: yields.iter().sum(), yields: yields.to_vec() }
    }

    #[test]
    fn one_in_twenty_lost_leaves_some_of_many_and_none_of_few() {
        assert!((149.0..151.0).contains(&tally(&[60_000, 3_000]).missed(2)));
        assert!(tally(&[60_000, 3_000, 150, 7]).missed(4) < 0.5);
        assert!(tally(&[60_000, 3_000]).missed(3) < 0.5, "the third brought nothing");
        assert!(tally(&[9, 1]).missed(2) < 0.5);
        assert!(tally(&[]).missed(2) < 0.5 && tally(&[9]).missed(1) < 0.5);
    }

    #[test]
    fn hosts_that_wake_at_the_first_request_are_asked_once_more_than_that() {
        assert!(tally(&[0, 4]).missed(2) >= 0.5);
        assert!(tally(&[0, 4]).missed(3) < 0.5);
    }

    #[test]
    fn answers_are_counted_by_the_request_that_they_answer() {
        let mut tally = Tally::default();
        for attempt in [0, 1, 1, 3] {
            tally.count(attempt);
        }
        assert_eq!((tally.answered, tally.regained(), &tally.yields[..]), (4, 1, &[3, 0, 1][..]));
    }
}
