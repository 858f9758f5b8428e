//! What a link does to the frames on it: the test's words, and `wireline-linkem`'s orders.
//!
//! Nothing here is carried out: see `src/linkem` for that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::script::{Action, Event, parse};

/// A link between two hosts. Every method is about both directions, unless it is called within
/// [`Link::a_to_b`] or [`Link::b_to_a`]; probabilities are 0 to 1.
///
/// ```
/// use wireline_lab::{Link, ms};
///
/// let link = Link::new(7).delay(ms(20)).a_to_b(|way| way.loss(0.1)).script("icmp:3=drop");
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Two links with the same seed and the same orders do the same to the same frames.
    pub seed: u64,
    /// From the first host to the second, and back.
    pub ways: [Way; 2],
    #[serde(skip)]
    facing: Option<Direction>,
}

/// One direction of a link.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Way {
    /// How long a frame takes.
    pub delay: Duration,
    /// How much longer or shorter than `delay`, at most. Frames stay in order.
    pub jitter: Duration,
    /// Which frames are lost.
    pub loss: Loss,
    /// What else happens to a frame, each with its probability.
    pub chances: Vec<(f64, Action)>,
    /// The slowest part of the link.
    pub rate: Option<Rate>,
    /// The longest IP packet that is not lost in silence, in octets.
    pub hole: Option<usize>,
    /// What happens to exactly these frames.
    pub script: Vec<Event>,
    /// Whether ARP and neighbour discovery suffer as the rest does.
    pub spare_none: bool,
}

/// A model of loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Loss {
    /// None at all.
    #[default]
    Never,
    /// Each frame with the same probability, whatever happened to the others.
    Bernoulli(f64),
    /// Bursts, after Gilbert and Elliott: a state that goes from good to bad with the first
    /// probability and back with the second, and loses every frame while it is bad.
    GilbertElliott(f64, f64),
}

/// How much a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Of Ethernet frames, without preamble and checksum.
    pub bits_per_second: u64,
    /// How many frames may wait, including the one that is being sent.
    pub queue: usize,
}

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the first host to the second.
    AToB,
    /// From the second host to the first.
    BToA,
}

/// What a frame carries. Each class is counted by itself, from 1, in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// ICMP over IPv4.
    Icmp,
    /// ICMP over IPv6, but for neighbour discovery and group membership.
    Icmp6,
    /// TCP over either.
    Tcp,
    /// UDP over either.
    Udp,
    /// Address resolution for IPv4.
    Arp,
    /// Neighbour discovery and group membership for IPv6.
    Nd,
    /// The rest, and every fragment but the first.
    Other,
}

impl Class {
    /// All of them, in the order of their values.
    pub const ALL: [Self; 7] =
        [Self::Icmp, Self::Icmp6, Self::Tcp, Self::Udp, Self::Arp, Self::Nd, Self::Other];

    /// Whether hosts need it to find each other. A link harms it only where it is told to.
    #[must_use]
    pub const fn finds_neighbours(self) -> bool {
        matches!(self, Self::Arp | Self::Nd)
    }
}

impl Link {
    /// A link that does nothing to its frames. They still take some tens of microseconds.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ways: Default::default(), facing: None }
    }

    /// What `orders` says, from the first host to the second only.
    #[must_use]
    pub fn a_to_b(self, orders: impl FnOnce(Self) -> Self) -> Self {
        self.face(Direction::AToB, orders)
    }

    /// What `orders` says, from the second host to the first only.
    #[must_use]
    pub fn b_to_a(self, orders: impl FnOnce(Self) -> Self) -> Self {
        self.face(Direction::BToA, orders)
    }

    /// How long a frame takes.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        self.each(|way| way.delay = delay)
    }

    /// How much longer or shorter it may take, each value as likely as the next. Frames stay in
    /// order.
    #[must_use]
    pub fn jitter(self, jitter: Duration) -> Self {
        self.each(|way| way.jitter = jitter)
    }

    /// Loses each frame with this probability.
    #[must_use]
    pub fn loss(self, probability: f64) -> Self {
        self.each(|way| way.loss = Loss::Bernoulli(probability))
    }

    /// Loses frames in bursts: one begins with probability `begin` and ends with `end`, so that
    /// its mean length is 1 / `end`.
    #[must_use]
    pub fn burst_loss(self, begin: f64, end: f64) -> Self {
        self.each(|way| way.loss = Loss::GilbertElliott(begin, end))
    }

    /// Sends a frame twice.
    #[must_use]
    pub fn duplicate(self, probability: f64) -> Self {
        self.chance(probability, Action::Duplicate)
    }

    /// Delays a frame by this much more, and lets others overtake it.
    #[must_use]
    pub fn reorder(self, probability: f64, by: Duration) -> Self {
        self.chance(probability, Action::Delay(by))
    }

    /// Holds a frame until `others` more have overtaken it, but for a second at most.
    #[must_use]
    pub fn hold(self, probability: f64, others: u32) -> Self {
        self.chance(probability, Action::Hold(others))
    }

    /// Inverts one bit behind the IP header and leaves the checksum wrong.
    #[must_use]
    pub fn corrupt(self, probability: f64) -> Self {
        self.chance(probability, Action::Corrupt)
    }

    /// Inverts one bit of what TCP, UDP or ICMP carries, and mends the checksum, so that the
    /// program gets it.
    #[must_use]
    pub fn alter(self, probability: f64) -> Self {
        self.chance(probability, Action::Alter)
    }

    /// Cuts an IP packet to `octets`, and mends its lengths and checksums.
    #[must_use]
    pub fn truncate(self, probability: f64, octets: usize) -> Self {
        self.chance(probability, Action::Truncate(octets))
    }

    /// Carries so many bits per second, and loses what comes while `queue` frames wait.
    #[must_use]
    pub fn rate(self, bits_per_second: u64, queue: usize) -> Self {
        self.each(|way| way.rate = Some(Rate { bits_per_second, queue }))
    }

    /// Loses IP packets longer than `octets` without a word, as a path with a broken path MTU
    /// discovery does.
    #[must_use]
    pub fn black_hole(self, octets: usize) -> Self {
        self.each(|way| way.hole = Some(octets))
    }

    /// What happens to exactly these frames: `class:index=action`, with commas between.
    ///
    /// Classes are `icmp`, `icmp6`, `tcp`, `udp`, `arp`, `nd`, `other`; actions are `drop`, `dup`,
    /// `delay50ms`, `hold2`, `corrupt`, `alter`, `trunc40`.
    #[must_use]
    pub fn script(self, text: &str) -> Self {
        let events = parse(text);
        self.each(|way| way.script.extend_from_slice(&events))
    }

    /// Treats ARP and neighbour discovery as the rest.
    #[must_use]
    pub fn spare_none(self) -> Self {
        self.each(|way| way.spare_none = true)
    }

    fn chance(self, probability: f64, action: Action) -> Self {
        self.each(|way| way.chances.push((probability, action)))
    }

    fn face(mut self, direction: Direction, orders: impl FnOnce(Self) -> Self) -> Self {
        self.facing = Some(direction);
        Self { facing: None, ..orders(self) }
    }

    fn each(mut self, mut set: impl FnMut(&mut Way)) -> Self {
        for (way, direction) in self.ways.iter_mut().zip([Direction::AToB, Direction::BToA]) {
            if self.facing.is_none_or(|facing| facing == direction) {
                set(way);
            }
        }
        self
    }
}
