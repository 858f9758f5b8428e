use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use wireline_engine::tcp::Observed;
use wireline_packet::layers::{Direction, Packet};

/// The last packets of a connection, by which one is known that comes by a second time at another place: on a bridge
/// and at its port, tagged and without its tag, in at one interface and out at another.
#[derive(Debug, Default)]
pub(super) struct Copies(VecDeque<Mark>);

/// What a packet is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    digest: u64,
    at: Duration,
    place: (u32, Direction),
}

/// How many are remembered.
const REMEMBERED: usize = 64;

/// A copy comes no later: nobody sends anything again as soon (Linux: 200 ms, `TCP_RTO_MIN`).
const LATEST: Duration = Duration::from_millis(150);

impl Mark {
    /// Of a segment: hop limit and checksum may change on the way from one place to the other.
    pub(super) fn of(
        seen: &Observed<'_>,
        identification: u32,
        at: Duration,
        place: (u32, Direction),
    ) -> Self {
        let segment = &seen.segment;
        let mut hasher = DefaultHasher::new();
        (seen.source, seen.destination, identification, seen.length).hash(&mut hasher);
        (segment.sequence, segment.acknowledgment, segment.flags).hash(&mut hasher);
        (segment.window, segment.urgent, segment.options).hash(&mut hasher);
        Self { digest: hasher.finish(), at, place }
    }

    /// Of an ICMP error about the segment with this number.
    pub(super) fn of_error(
        packet: &Packet<'_>,
        sequence: u32,
        at: Duration,
        place: (u32, Direction),
    ) -> Self {
        let mut hasher = DefaultHasher::new();
        (packet.source, packet.destination, packet.identification, sequence).hash(&mut hasher);
        Self { digest: hasher.finish(), at, place }
    }
}

impl Copies {
    /// Whether this was seen just now at another place; if not it is remembered.
    pub(super) fn has(&mut self, mark: Mark) -> bool {
        let is_copy = |other: &Mark| {
            other.digest == mark.digest
                && other.place != mark.place
                && mark.at.abs_diff(other.at) < LATEST
        };
        if self.0.iter().any(is_copy) {
            return true;
        }
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(mark);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(digest: u64, millis: u64, interface: u32, direction: Direction) -> Mark {
        Mark { digest, at: Duration::from_millis(millis), place: (interface, direction) }
    }

    #[test]
    fn same_packet_at_another_place_is_a_copy_and_at_the_same_place_was_sent_again() {
        let mut copies = Copies::default();
        assert!(!copies.has(mark(1, 0, 1, Direction::In)));
        assert!(copies.has(mark(1, 0, 2, Direction::In)));
        assert!(copies.has(mark(1, 1, 1, Direction::Out)));
        assert!(!copies.has(mark(1, 1, 1, Direction::In)));
        assert!(!copies.has(mark(2, 1, 2, Direction::In)));
        assert!(!copies.has(mark(2, 151, 1, Direction::In)), "too late");
    }

    #[test]
    fn memory_has_a_bound() {
        let mut copies = Copies::default();
        (0..1000).for_each(|n| assert!(!copies.has(mark(n, n, 1, Direction::In))));
        assert_eq!(copies.0.len(), REMEMBERED);
    }
}
