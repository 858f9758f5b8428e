//! What is to be sent later.
//!
//! Never looks at a clock: times come in as durations since some fixed moment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Things with a time, earliest first; of one time, first come first.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    added: u64,
}

#[derive(Debug)]
struct Entry<T> {
    due: Duration,
    order: u64,
    item: T,
}

impl<T> Schedule<T> {
    /// More than this wait at no time; what comes then is dropped.
    const MOST: usize = 65_536;

    pub(crate) const fn new() -> Self {
        Self { heap: BinaryHeap::new(), added: 0 }
    }

    pub(crate) fn add(&mut self, due: Duration, item: T) {
        if self.heap.len() < Self::MOST {
            self.added += 1;
            self.heap.push(Reverse(Entry { due, order: self.added, item }));
        }
    }

    /// The next thing whose time has come.
    pub(crate) fn pop(&mut self, now: Duration) -> Option<T> {
        if self.heap.peek()?.0.due > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry.item)
    }

    /// How long until something is due.
    pub(crate) fn wait(&self, now: Duration) -> Option<Duration> {
        self.heap.peek().map(|Reverse(entry)| entry.due.saturating_sub(now))
    }
}

impl<T> Entry<T> {
    fn key(&self) -> (Duration, u64) {
        (self.due, self.order)
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn earliest_comes_first_and_nothing_early() {
        let mut schedule = Schedule::new();
        schedule.add(3 * SECOND, 'c');
        schedule.add(2 * SECOND, 'a');
        schedule.add(2 * SECOND, 'b');
        assert_eq!(schedule.pop(SECOND), None);
        assert_eq!(schedule.wait(SECOND), Some(SECOND));
        let popped = [2, 2, 2, 3].map(|n| schedule.pop(n * SECOND));
        assert_eq!(popped, [Some('a'), Some('b'), None, Some('c')]);
        assert_eq!(schedule.wait(3 * SECOND), None);
    }

    #[test]
    fn a_flood_does_not_fill_the_memory() {
        let mut schedule = Schedule::new();
        for n in 0..100_000 {
            schedule.add(SECOND, n);
        }
        assert_eq!(schedule.heap.len(), 65_536);
    }
}
