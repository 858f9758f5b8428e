//! Deadlines of slots, in buckets of a millisecond: each costs the same however many there are.

use wireline_engine::Instant;

/// No slot.
const NONE: u32 = u32::MAX;

/// Buckets; a deadline that is further off than all of them is in the last one, and comes up too early.
const BUCKETS: usize = 4096;

/// Nanoseconds of a bucket, as a power of two.
const SHIFT: u32 = 20;

#[derive(Debug)]
pub(super) struct Wheel {
    heads: Vec<u32>,
    occupied: [u64; BUCKETS / 64],
    places: Vec<Place>,
    /// All buckets before this one are empty.
    tick: u64,
}

/// Where a slot is.
#[derive(Clone, Copy, Debug)]
struct Place {
    bucket: u32,
    before: u32,
    after: u32,
}

const NOWHERE: Place = Place { bucket: NONE, before: NONE, after: NONE };

impl Wheel {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            heads: vec![NONE; BUCKETS],
            occupied: [0; BUCKETS / 64],
            places: Vec::new(),
            tick: now.as_nanos() >> SHIFT,
        }
    }

    /// Has `slot` come up at `at` or soon after, and no more at what was said of it before.
    pub(super) fn set(&mut self, slot: u32, at: Instant) {
        self.clear(slot);
        let ahead = (at.as_nanos() >> SHIFT).saturating_add(1).saturating_sub(self.tick);
        // One bucket is kept free, so that the furthest and the next are two.
        let ahead = ahead.min(BUCKETS as u64 - 2);
        let bucket = index(self.tick + ahead);
        let after = self.heads[bucket];
        if let Some(next) = self.places.get_mut(after as usize) {
            next.before = slot;
        }
        self.heads[bucket] = slot;
        self.occupied[bucket / 64] |= 1 << (bucket % 64);
        let needed = slot as usize + 1;
        if self.places.len() < needed {
            self.places.resize(needed, NOWHERE);
        }
        #[expect(clippy::cast_possible_truncation, reason = "below BUCKETS")]
        let bucket = bucket as u32;
        self.places[slot as usize] = Place { bucket, before: NONE, after };
    }

    /// Forgets a slot's.
    pub(super) fn clear(&mut self, slot: u32) {
        let Some(place) = self.places.get_mut(slot as usize) else { return };
        let Place { bucket, before, after } = std::mem::replace(place, NOWHERE);
        let Some(head) = self.heads.get_mut(bucket as usize) else { return };
        if *head == slot {
            *head = after;
            if after == NONE {
                self.occupied[bucket as usize / 64] &= !(1 << (bucket % 64));
            }
        }
        if let Some(place) = self.places.get_mut(before as usize) {
            place.after = after;
        }
        if let Some(place) = self.places.get_mut(after as usize) {
            place.before = before;
        }
    }

    /// When to look again.
    pub(super) fn next(&self) -> Option<Instant> {
        let first = self.ahead()?;
        Some(Instant::from_nanos((self.tick + first) << SHIFT))
    }

    /// A slot whose time has come by `now`, until `None`.
    pub(super) fn expired(&mut self, now: Instant) -> Option<u32> {
        let tick = now.as_nanos() >> SHIFT;
        match self.ahead() {
            Some(ahead) if self.tick + ahead <= tick => {
                self.tick += ahead;
                let slot = self.heads[index(self.tick)];
                self.clear(slot);
                Some(slot)
            }
            _ => {
                self.tick = self.tick.max(tick);
                None
            }
        }
    }

    /// Buckets to the first one that is not empty.
    fn ahead(&self) -> Option<u64> {
        let start = index(self.tick);
        let (word, bit) = (start / 64, start % 64);
        // The first word comes twice: from its bit on, and up to it.
        for turn in 0..=self.occupied.len() {
            let at = (word + turn) % self.occupied.len();
            let mask = match turn {
                0 => u64::MAX << bit,
                last if last == self.occupied.len() => !(u64::MAX << bit),
                _ => u64::MAX,
            };
            let found = self.occupied[at] & mask;
            if found != 0 {
                let bucket = at * 64 + found.trailing_zeros() as usize;
                return Some(((bucket + BUCKETS - start) % BUCKETS) as u64);
            }
        }
        None
    }
}

fn index(tick: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "below BUCKETS")]
    let index = (tick % BUCKETS as u64) as usize;
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    fn expired(wheel: &mut Wheel, ms: u64) -> Vec<u32> {
        let mut all: Vec<_> = std::iter::from_fn(|| wheel.expired(at(ms))).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn slots_come_up_in_time_and_once() {
        let mut wheel = Wheel::new(at(7));
        for (slot, ms) in [(0, 10), (1, 500), (2, 10), (3, 4000), (4, 7)] {
            wheel.set(slot, at(ms));
        }
        wheel.clear(2);
        assert_eq!(expired(&mut wheel, 9), [4], "a bucket later at the most");
        let next = wheel.next().unwrap();
        assert!((at(10)..at(13)).contains(&next), "{next:?}");
        assert_eq!(expired(&mut wheel, 12), [0]);
        assert_eq!(expired(&mut wheel, 499), [0; 0]);
        wheel.set(1, at(600));
        assert_eq!(expired(&mut wheel, 520), [0; 0]);
        assert_eq!(expired(&mut wheel, 100_000), [1, 3]);
        assert_eq!(wheel.next(), None);
    }

    #[test]
    fn deadline_past_the_last_bucket_comes_up_early() {
        let mut wheel = Wheel::new(at(0));
        wheel.set(5, at(60_000));
        let next = wheel.next().unwrap();
        assert!(next < at(5_000) && next > at(4_000), "{next:?}");
        assert_eq!(expired(&mut wheel, 5_000), [5]);
    }

    #[test]
    fn many_in_one_bucket_are_told_apart() {
        let mut wheel = Wheel::new(at(0));
        (0..100).for_each(|slot| wheel.set(slot, at(50)));
        (0..100).step_by(3).for_each(|slot| wheel.clear(slot));
        assert_eq!(expired(&mut wheel, 60).len(), 66);
    }
}
