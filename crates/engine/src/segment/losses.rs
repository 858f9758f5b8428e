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

/// How many answered which request for the first time: from that, how many answers were lost is guessed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Hosts that answered.
    pub(super) answered: u64,
    /// Of those, such as did not answer their first request.
    pub(super) regained: u64,
}

impl Tally {
    pub(super) const fn count(&mut self, tries: u32) {
        self.answered += 1;
        if tries > 1 {
            self.regained += 1;
        }
    }

    /// How many hosts were probably missed, if all were asked so often and each answer was lost as often as
    /// those to first requests were.
    pub(super) fn missed(&self, tries: u32) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "no segment has 2⁵³ hosts")]
        let (answered, regained) = (self.answered as f64, self.regained as f64);
        if answered < 1.0 || tries < 2 {
            return 0.0;
        }
        answered * (regained / answered).powi(i32::try_from(tries).unwrap_or(i32::MAX))
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

    #[test]
    fn one_in_twenty_lost_leaves_some_of_many_and_none_of_few() {
        let tally = Tally { answered: 60_000, regained: 3_000 };
        assert!((149.0..151.0).contains(&tally.missed(2)) && tally.missed(4) < 0.5);
        let few = Tally { answered: 10, regained: 1 };
        assert!(few.missed(2) < 0.5);
        assert!(Tally::default().missed(2) < 0.5);
    }
}
