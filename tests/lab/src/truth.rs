//! What a link really did: the log that `wireline-linkem` writes, a line of JSON for each frame.
//!
//! Times are nanoseconds of `CLOCK_REALTIME`. A test of times compares with these and not with
//! what the link was told, for the machine may be busy.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Action, Class, Direction};

/// All frames that a link was given, in the order in which it was done with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundTruth {
    /// A frame that was sent twice is here twice.
    pub frames: Vec<Frame>,
}

/// One frame and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Which way it went.
    pub direction: Direction,
    /// What it carried.
    pub class: Class,
    /// Its number in its class and direction, from 1.
    pub index: u64,
    /// How many octets of Ethernet it had when it came.
    pub octets: usize,
    /// What it said, if it was an echo request or reply.
    pub echo: Option<Echo>,
    /// What was done to it.
    pub actions: Vec<Action>,
    /// Whether this is the second of two that [`Action::Duplicate`] made.
    pub copy: bool,
    /// How it ended.
    pub fate: Fate,
    /// When the link's end got it, by the kernel.
    pub arrived_ns: u64,
    /// When the link gave it to the other host, if it did.
    pub left_ns: Option<u64>,
    /// How much later than it should that was: what the machine added.
    pub late_ns: u64,
}

/// How a frame ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It left at the other end.
    Left,
    /// It was lost, by chance or by script.
    Lost,
    /// The queue before the rate limit was full.
    Overflowed,
    /// It fell into the black hole for long packets.
    TooLong,
    /// The link was stopped, or the kernel refused it.
    Unsent,
}

/// An echo request or reply of either family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    /// Whether it is the reply.
    pub reply: bool,
    /// Its identifier.
    pub ident: u16,
    /// Its sequence number.
    pub sequence: u16,
}

impl GroundTruth {
    /// Reads a log.
    pub(crate) fn parse(log: &str) -> serde_json::Result<Self> {
        Ok(Self { frames: log.lines().map(serde_json::from_str).collect::<Result<_, _>>()? })
    }

    /// The frames of one class in one direction.
    pub fn of(&self, direction: Direction, class: Class) -> impl Iterator<Item = &Frame> {
        let wanted = move |frame: &&Frame| (frame.direction, frame.class) == (direction, class);
        self.frames.iter().filter(wanted)
    }

    /// The numbers of the frames that had this fate, in ascending order.
    #[must_use]
    pub fn with_fate(&self, direction: Direction, class: Class, fate: Fate) -> Vec<u64> {
        numbers(self.of(direction, class).filter(|frame| frame.fate == fate))
    }

    /// The numbers of the frames to which this was done, in ascending order.
    #[must_use]
    pub fn with_action(&self, direction: Direction, class: Class, action: Action) -> Vec<u64> {
        numbers(self.of(direction, class).filter(|frame| frame.actions.contains(&action)))
    }

    /// The round trip of the echo request with this sequence number, as the first host could see
    /// it at best: from its request's arrival at the link to the first reply's departure towards
    /// it. `None` if either did not happen. Needs a link with one pinging program on it.
    #[must_use]
    pub fn rtt(&self, sequence: u16) -> Option<Duration> {
        let echoes = |direction, reply| {
            self.frames.iter().filter(move |frame| {
                let this = |echo: Echo| echo.reply == reply && echo.sequence == sequence;
                frame.direction == direction && frame.echo.is_some_and(this)
            })
        };
        let request = echoes(Direction::AToB, false).map(|frame| frame.arrived_ns).min()?;
        let reply = echoes(Direction::BToA, true).filter_map(|frame| frame.left_ns).min()?;
        reply.checked_sub(request).map(Duration::from_nanos)
    }
}

impl Frame {
    /// How long the link kept it, if it left.
    #[must_use]
    pub fn kept(&self) -> Option<Duration> {
        self.left_ns?.checked_sub(self.arrived_ns).map(Duration::from_nanos)
    }
}

fn numbers<'a>(frames: impl Iterator<Item = &'a Frame>) -> Vec<u64> {
    let mut numbers: Vec<_> = frames.map(|frame| frame.index).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
