//! A whole path of routers and what is at its end: the test's words, and `wireline-path`'s orders.
//!
//! Nothing here is carried out: see `src/router` for that.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Hop, Nat, Target, ms};

/// A path through routers that exist nowhere, to a target that exists nowhere.
///
/// Router h answers from 10.200.h.1 and `fd00:200:h::1`. Every address that is no router's is the
/// target's, which has [`Path::TARGET_V4`] and [`Path::TARGET_V6`] in the tests' minds.
///
/// ```
/// use wireline_lab::{Labels, Path, ms};
///
/// let path = Path::new(20)
///     .delay(ms(2))
///     .silent([3, 4])
///     .hop(5, |hop| hop.labels(Labels::of(&[100_000])).lose([1]))
///     .target(|target| target.open_tcp([80]));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Path {
    /// At which hop the target is.
    pub length: u8,
    /// By how much later a hop's answer comes than that of the hop before it.
    pub delay: Duration,
    /// The hops that are not as [`Hop::default`] has them.
    pub hops: BTreeMap<u8, Hop>,
    /// What is at the end.
    pub target: Target,
    /// The last hop that anything is heard of.
    pub dead_after: Option<u8>,
    /// The first of two hops that send everything to each other.
    pub looping: Option<u8>,
    /// Errors about strangers' datagrams: how many with each probe, and how many at most.
    pub strangers: (u32, u32),
}

impl Path {
    /// The target, in IPv4.
    pub const TARGET_V4: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 9);
    /// The target, in IPv6.
    pub const TARGET_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x113, 0, 0, 0, 0, 9);

    /// A path without faults whose target is at hop `length`, which is at least 1, with 5 ms a hop.
    #[must_use]
    pub fn new(length: u8) -> Self {
        assert!(length > 0, "the target is at least one hop away");
        Self {
            length,
            delay: ms(5),
            hops: BTreeMap::new(),
            target: Target::default(),
            dead_after: None,
            looping: None,
            strangers: (0, 0),
        }
    }

    /// The IPv4 address that hop `number` answers from.
    #[must_use]
    pub const fn router_v4(number: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 200, number, 1)
    }

    /// The IPv6 address that hop `number` answers from, which has the number's decimal digits.
    #[must_use]
    pub const fn router_v6(number: u8) -> Ipv6Addr {
        let [hundreds, tens, ones] = [number / 100, number / 10 % 10, number % 10];
        let group = hundreds as u16 * 0x100 + tens as u16 * 0x10 + ones as u16;
        Ipv6Addr::new(0xfd00, 0x200, group, 0, 0, 0, 0, 1)
    }

    /// The address that hop `number` answers from to one of a family.
    #[must_use]
    pub const fn router(number: u8, like: IpAddr) -> IpAddr {
        match like {
            IpAddr::V4(_) => IpAddr::V4(Self::router_v4(number)),
            IpAddr::V6(_) => IpAddr::V6(Self::router_v6(number)),
        }
    }

    /// An answer of hop h arrives h times this after its probe.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// What hop `number` does, from 1; the last is the target, and its errors are made alike.
    #[must_use]
    pub fn hop(mut self, number: u8, orders: impl FnOnce(Hop) -> Hop) -> Self {
        let hop = self.hops.remove(&number).unwrap_or_default();
        self.hops.insert(number, orders(hop));
        self
    }

    /// What each of these hops does.
    #[must_use]
    pub fn hops(self, numbers: impl IntoIterator<Item = u8>, orders: impl Fn(Hop) -> Hop) -> Self {
        numbers.into_iter().fold(self, |path, number| path.hop(number, &orders))
    }

    /// These hops forward and say nothing.
    #[must_use]
    pub fn silent(self, numbers: impl IntoIterator<Item = u8>) -> Self {
        self.hops(numbers, Hop::silent)
    }

    /// Every even hop but the target forwards and says nothing.
    #[must_use]
    pub fn silent_evens(self) -> Self {
        let evens = (2..self.length).step_by(2);
        self.silent(evens)
    }

    /// The target says nothing at all.
    #[must_use]
    pub fn silent_target(self) -> Self {
        let last = self.length;
        self.silent([last])
    }

    /// Nothing beyond hop `number` is heard of.
    #[must_use]
    pub fn dead_after(self, number: u8) -> Self {
        Self { dead_after: Some(number), ..self }
    }

    /// What is at the end of the path.
    #[must_use]
    pub fn target(self, orders: impl FnOnce(Target) -> Target) -> Self {
        Self { target: orders(self.target), ..self }
    }

    /// The source is translated between hops `number` - 1 and `number`, and nobody translates back
    /// what errors quote from there on.
    #[must_use]
    pub fn nat_from(self, number: u8, nat: Nat) -> Self {
        let rest = number..=self.length;
        self.hops(rest, |hop| hop.nat(nat))
    }

    /// The traffic class is another from hop `number` on, and errors quote that.
    #[must_use]
    pub fn tos_from(self, number: u8, tos: u8) -> Self {
        let rest = number..=self.length;
        self.hops(rest, |hop| hop.quoted_tos(tos))
    }

    /// Hops `number` and `number` + 1 send everything to each other. Both are before the target.
    #[must_use]
    pub fn looping(self, number: u8) -> Self {
        assert!(number + 1 < self.length, "two routers are needed for a loop");
        Self { looping: Some(number), ..self }
    }

    /// With each probe come so many errors from 10.200.1.1 or `fd00:200:1::1` about datagrams that
    /// differ from the probe in one thing: source port or identifier, destination, source, or
    /// protocol; but no more than `at_most`.
    #[must_use]
    pub fn strangers(self, with_each: u32, at_most: u32) -> Self {
        Self { strangers: (with_each, at_most), ..self }
    }
}
