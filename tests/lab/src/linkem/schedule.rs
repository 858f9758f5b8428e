//! The frames that are inside the link, by the time they are due.

use std::collections::BTreeMap;

use wireline_lab::Direction;

use crate::lane::Parcel;

/// How long a frame waits for others to overtake it: one second, in nanoseconds.
const HOLD: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub(crate) struct Schedule {
    waiting: BTreeMap<Turn, Parcel>,
    held: Vec<Held>,
    added: u64,
}

/// When a frame is due, and then in which order frames came.
type Turn = (u64, u64);

/// A frame that others have yet to overtake.
#[derive(Debug)]
struct Held {
    direction: Direction,
    others: u32,
    turn: Turn,
}

impl Schedule {
    /// Takes a frame that is due at `due`.
    pub(crate) fn add(&mut self, due: u64, parcel: Parcel) {
        let (direction, hold) = (parcel.frame.direction, parcel.hold);
        // What comes and goes by itself would make the order depend on chance that has no seed.
        let overtakes = !parcel.frame.copy && !parcel.frame.class.finds_neighbours();
        let turn = self.insert(if hold > 0 { due + HOLD } else { due }, parcel);
        if overtakes {
            self.let_overtake(direction, due);
        }
        if hold > 0 {
            self.held.push(Held { direction, others: hold, turn });
        }
    }

    /// When the first frame is due.
    pub(crate) fn next(&self) -> Option<u64> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// The first frame that is due by `now`, and when it was.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<(u64, Parcel)> {
        let first = self.waiting.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (turn, parcel) = first.remove_entry();
        self.held.retain(|held| held.turn != turn);
        Some((turn.0, parcel))
    }

    /// Every frame that is still inside.
    pub(crate) fn into_rest(self) -> impl Iterator<Item = Parcel> {
        self.waiting.into_values()
    }

    fn insert(&mut self, due: u64, parcel: Parcel) -> Turn {
        self.added += 1;
        self.waiting.insert((due, self.added), parcel);
        (due, self.added)
    }

    /// One more frame overtakes those held in its direction: the last such lets them go after it.
    fn let_overtake(&mut self, direction: Direction, due: u64) {
        for held in self.held.iter_mut().filter(|held| held.direction == direction) {
            held.others -= 1;
        }
        for free in self.held.extract_if(.., |held| held.others == 0).collect::<Vec<_>>() {
            if let Some(parcel) = self.waiting.remove(&free.turn) {
                self.insert(due, parcel);
            }
        }
    }
}
