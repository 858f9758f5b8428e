//! One direction of the link: what happens to each frame, and when it is due.
//!
//! It neither waits nor sends.

use std::collections::VecDeque;

use wireline_lab::{Action, Class, Direction, Fate, Frame, Rate, Way};

use crate::chance::{Dice, Purpose, is_lost};
use crate::clock::nanos;
use crate::edit;
use crate::headers::{ETHERNET, Headers};

#[derive(Debug)]
pub(crate) struct Lane {
    direction: Direction,
    seed: u64,
    way: Way,
    /// Of each class.
    seen: [Seen; Class::ALL.len()],
    /// When the frames that wait for the rate limit, or are passing it, have passed it.
    passing: VecDeque<u64>,
    /// When the last frame is due that was not made late on purpose.
    last_due: u64,
}

/// What one class of frames has come to.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    count: u64,
    /// Whether a burst of losses is on.
    bad: bool,
}

/// A frame on its way.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) octets: Vec<u8>,
    pub(crate) frame: Frame,
    /// When it shall leave; `None` if it never does.
    pub(crate) due: Option<u64>,
    /// How many others shall overtake it.
    pub(crate) hold: u32,
}

impl Lane {
    pub(crate) fn new(direction: Direction, seed: u64, way: Way) -> Self {
        let passing = VecDeque::new();
        Self { direction, seed, way, seen: Default::default(), passing, last_due: 0 }
    }

    /// What becomes of a frame: one parcel, or two if it is duplicated.
    pub(crate) fn take(&mut self, mut octets: Vec<u8>, arrived: u64) -> Vec<Parcel> {
        let mut frame = self.register(&octets, arrived);
        let dice = Dice::new(self.seed, self.direction, frame.class, frame.index);
        frame.actions = self.actions(&frame, dice);
        let due = match self.due(&frame, dice) {
            Ok(due) => due,
            Err(fate) => {
                frame.fate = fate;
                return vec![Parcel { octets, frame, due: None, hold: 0 }];
            }
        };
        edit::complete(&mut octets);
        damage(&mut octets, &frame.actions, dice.throw(Purpose::Bit));
        post(octets, frame, due)
    }

    /// Counts a frame in and says what it is.
    fn register(&mut self, octets: &[u8], arrived_ns: u64) -> Frame {
        let headers = Headers::of(octets);
        let seen = &mut self.seen[headers.class as usize];
        seen.count += 1;
        Frame {
            direction: self.direction,
            class: headers.class,
            index: seen.count,
            octets: octets.len(),
            echo: headers.ip.and_then(|ip| ip.echo(octets)),
            actions: Vec::new(),
            copy: false,
            fate: Fate::Left,
            arrived_ns,
            left_ns: None,
            late_ns: 0,
        }
    }

    /// What the script says and what chance adds.
    fn actions(&mut self, frame: &Frame, dice: Dice) -> Vec<Action> {
        let scripted = self.way.script.iter();
        let scripted =
            scripted.filter(|event| (event.class, event.index) == (frame.class, frame.index));
        let mut actions: Vec<_> = scripted.map(|event| event.action).collect();
        if !self.spares(frame.class) {
            if is_lost(self.way.loss, &mut self.seen[frame.class as usize].bad, dice) {
                actions.push(Action::Drop);
            }
            let chances = self.way.chances.iter().enumerate();
            let struck = chances.filter(|(place, (p, _))| dice.hits(Purpose::Chance(*place), *p));
            actions.extend(struck.map(|(_, (_, action))| action));
        }
        actions
    }

    /// When a frame is due at the other end, or why it never is.
    fn due(&mut self, frame: &Frame, dice: Dice) -> Result<u64, Fate> {
        if frame.actions.contains(&Action::Drop) {
            return Err(Fate::Lost);
        }
        let mut due = frame.arrived_ns;
        if !self.spares(frame.class) {
            if self.way.hole.is_some_and(|longest| frame.octets > ETHERNET + longest) {
                return Err(Fate::TooLong);
            }
            let passed = self.pass(frame)?;
            due = self.in_turn(passed, dice);
        }
        let more = frame.actions.iter().map(|action| match action {
            Action::Delay(time) => nanos(*time),
            _ => 0,
        });
        Ok(due + more.sum::<u64>())
    }

    /// When a frame has passed the rate limit.
    fn pass(&mut self, frame: &Frame) -> Result<u64, Fate> {
        let now = frame.arrived_ns;
        let Some(Rate { bits_per_second, queue }) = self.way.rate else { return Ok(now) };
        self.passing.retain(|done| *done > now);
        if self.passing.len() >= queue {
            return Err(Fate::Overflowed);
        }
        let start = self.passing.back().map_or(now, |last| *last);
        let done = start + frame.octets as u64 * 8 * 1_000_000_000 / bits_per_second;
        self.passing.push_back(done);
        Ok(done)
    }

    /// A frame's delay after `start`, but not before the frame ahead of it.
    fn in_turn(&mut self, start: u64, dice: Dice) -> u64 {
        let spread = (self.way.jitter * 2).mul_f64(dice.throw(Purpose::Jitter));
        let delay = (self.way.delay + spread).saturating_sub(self.way.jitter);
        self.last_due = self.last_due.max(start + nanos(delay));
        self.last_due
    }

    fn spares(&self, class: Class) -> bool {
        class.finds_neighbours() && !self.way.spare_none
    }
}

fn damage(octets: &mut Vec<u8>, actions: &[Action], place: f64) {
    for action in actions {
        match action {
            Action::Corrupt => edit::corrupt(octets, place),
            Action::Alter => edit::alter(octets, place),
            Action::Truncate(length) => edit::truncate(octets, *length),
            Action::Drop | Action::Duplicate | Action::Delay(_) | Action::Hold(_) => {}
        }
    }
}

/// The parcel of a frame and, if it has one, that of its copy, which is never held.
fn post(octets: Vec<u8>, frame: Frame, due: u64) -> Vec<Parcel> {
    let hold = frame.actions.iter().map(|action| match action {
        Action::Hold(others) => *others,
        _ => 0,
    });
    let (hold, due) = (hold.max().unwrap_or(0), Some(due));
    let copy = frame.actions.contains(&Action::Duplicate).then(|| {
        let frame = Frame { copy: true, ..frame.clone() };
        Parcel { octets: octets.clone(), frame, due, hold: 0 }
    });
    [Parcel { octets, frame, due, hold }].into_iter().chain(copy).collect()
}
