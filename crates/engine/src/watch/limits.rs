//! What keeps a watch small and quiet, whatever is sent.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use wireline_packet::Mac;

use super::Place;
use super::hosts::Key;
use crate::Instant;

/// How much news strangers may make: so many at once, and so many a second.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
    since: Instant,
}

impl Allowance {
    const AT_ONCE: u64 = 512;
    /// One more.
    const EVERY: Duration = Duration::from_millis(20);

    pub(super) const fn new(now: Instant) -> Self {
        Self { left: Self::AT_ONCE, since: now }
    }

    pub(super) fn take(&mut self, now: Instant) -> bool {
        let more = (now - self.since).as_nanos() / Self::EVERY.as_nanos();
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        self.since = self.since + Self::EVERY.saturating_mul(more);
        self.left = self.left.saturating_add(more.into()).min(Self::AT_ONCE);
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// What was asked a moment ago: replies to that are no news from strangers.
#[derive(Debug, Default)]
pub(super) struct Asked {
    order: VecDeque<(Instant, Key)>,
    last: BTreeMap<Key, Instant>,
}

impl Asked {
    /// An answer that comes later was not asked for.
    const LASTS: Duration = Duration::from_secs(5);

    pub(super) fn add(&mut self, now: Instant, key: Key) {
        while let Some(&(at, old)) = self.order.front()
            && now - at > Self::LASTS
        {
            self.order.pop_front();
            if self.last.get(&old) == Some(&at) {
                self.last.remove(&old);
            }
        }
        self.order.push_back((now, key));
        self.last.insert(key, now);
    }

    pub(super) fn contains(&self, now: Instant, key: Key) -> bool {
        self.last.get(&key).is_some_and(|&at| now - at <= Self::LASTS)
    }
}

/// Replies that nobody here asked for, by who sends them.
#[derive(Debug, Default)]
pub(super) struct Floods {
    senders: BTreeMap<(Place, Mac), Sender>,
    swept: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Sender {
    since: Instant,
    replies: u64,
    told: Option<Instant>,
}

impl Floods {
    /// So many in [`WINDOW`](Self::WINDOW) are a flood.
    const MANY: u64 = 20;
    const WINDOW: Duration = Duration::from_secs(10);
    /// It is told again no sooner.
    const PAUSE: Duration = Duration::from_secs(60);
    const SENDERS: usize = 1024;

    /// Counts one, and tells how many in how long a time there were where that has to be said.
    pub(super) fn count(
        &mut self,
        now: Instant,
        place: Place,
        mac: Mac,
    ) -> Option<(u64, Duration)> {
        self.sweep(now);
        if self.senders.len() >= Self::SENDERS && !self.senders.contains_key(&(place, mac)) {
            return None;
        }
        let fresh = Sender { since: now, replies: 0, told: None };
        let sender = self.senders.entry((place, mac)).or_insert(fresh);
        if now - sender.since > Self::WINDOW && sender.told.is_none() {
            (sender.since, sender.replies) = (now, 0);
        }
        sender.replies += 1;
        let within = now - sender.since;
        let is_many = sender.replies >= Self::MANY
            && Self::WINDOW.as_secs_f64() * as_f64(sender.replies)
                >= within.as_secs_f64() * as_f64(Self::MANY);
        if !is_many || sender.told.is_some_and(|told| now - told < Self::PAUSE) {
            return None;
        }
        let told = (sender.replies, within);
        *sender = Sender { since: now, replies: 0, told: Some(now) };
        Some(told)
    }

    /// Forgets who has been quiet, once a second at the most.
    fn sweep(&mut self, now: Instant) {
        if now - self.swept < Duration::from_secs(1) {
            return;
        }
        self.swept = now;
        self.senders.retain(|_, sender| {
            now - sender.since <= Self::WINDOW
                || sender.told.is_some_and(|told| now - told < Self::PAUSE + Self::WINDOW)
        });
    }
}

/// What was told of a moment ago, and is not told again: a few of them.
#[derive(Debug, Default)]
pub(super) struct Told(VecDeque<(Instant, Place, IpAddr, Mac)>);

impl Told {
    const PAUSE: Duration = Duration::from_secs(60);
    const MOST: usize = 64;

    /// Whether this is news; from now on it is not.
    pub(super) fn is_news(&mut self, now: Instant, key: Key, mac: Mac) -> bool {
        self.0.retain(|&(at, ..)| now - at < Self::PAUSE);
        let Key { place, address } = key;
        if self.0.iter().any(|&(_, p, a, m)| (p, a, m) == (place, address, mac)) {
            return false;
        }
        if self.0.len() >= Self::MOST {
            return false;
        }
        self.0.push_back((now, place, address, mac));
        true
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than a double's digits")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Mac = Mac([2, 0, 0, 0, 0, 0xa]);

    #[test]
    fn allowance_fills_up_by_fifty_a_second() {
        let mut allowance = Allowance::new(Instant::ZERO);
        assert_eq!((0..1000).filter(|_| allowance.take(Instant::ZERO)).count(), 512);
        let later = Instant::from_millis(1000);
        assert_eq!((0..1000).filter(|_| allowance.take(later)).count(), 50);
        let much_later = Instant::from_millis(1_000_000_000);
        assert_eq!((0..1000).filter(|_| allowance.take(much_later)).count(), 512);
    }

    #[test]
    fn flood_is_told_once_and_then_once_a_minute() {
        let mut floods = Floods::default();
        let told: Vec<_> = (0..1200)
            .map(|n| Instant::from_millis(n * 100))
            .filter_map(|now| floods.count(now, Place::default(), A))
            .collect();
        assert_eq!(told[0], (20, Duration::from_millis(1900)));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].0 >= 590, "all that came in between: {told:?}");
    }

    #[test]
    fn few_replies_in_a_long_time_are_no_flood() {
        let mut floods = Floods::default();
        let mut at = (0..200).map(|n| Instant::from_millis(n * 1000));
        assert!(at.all(|now| floods.count(now, Place::default(), A).is_none()));
    }

    #[test]
    fn more_senders_than_there_is_room_for_are_passed_over() {
        let mut floods = Floods::default();
        for n in 0..100_000_u32 {
            let [a, b, c, d] = n.to_be_bytes();
            floods.count(Instant::ZERO, Place::default(), Mac([2, 0, a, b, c, d]));
        }
        assert_eq!(floods.senders.len(), Floods::SENDERS);
    }
}
