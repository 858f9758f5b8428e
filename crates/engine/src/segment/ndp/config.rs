use std::net::Ipv6Addr;
use std::time::Duration;

use wireline_packet::Mac;

use crate::segment::Patience;

/// Whom to ask by IPv6, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ways onto segments.
    pub ports: Vec<Port>,
    /// In which ways.
    pub ways: Ways,
    /// How often each question is asked.
    pub tries: u32,
    /// How long to wait for answers to the last question.
    pub timeout: Duration,
    /// Whether `timeout` is what is waited, or the most.
    pub patience: Patience,
    /// By how much that grows with each further request for one address, at least 1.
    pub backoff: f64,
    /// From one frame to the next. Each of them goes to many.
    pub interval: Duration,
    /// What a stranger could not guess.
    pub seed: u64,
    /// Report own addresses as [`Source::Own`](crate::segment::Source::Own) at the start.
    pub own: bool,
}

impl Config {
    /// Addresses that wait for an answer at once, at the most.
    pub(super) const MOST_ASKED: usize = 1 << 17;
    /// What is waited for one answer, at the most.
    pub(super) const LONGEST: Duration = Duration::from_secs(60);
}

impl Default for Config {
    /// Every way, twice; without ports.
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            ways: Ways::default(),
            tries: 2,
            timeout: Duration::from_millis(500),
            patience: Patience::POLITE,
            backoff: 1.5,
            interval: Duration::from_micros(100),
            seed: 0,
            own: false,
        }
    }
}

/// Ways to make hosts tell of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Echo requests to all nodes, from each address: hosts answer from one of the same kind (RFC 6724 §5).
    pub echo: bool,
    /// The same with an option that nobody knows: whoever is silent to echo complains of that (RFC 8200 §4.2).
    pub option: bool,
    /// A query for listeners (RFC 9777 §5.1). Switches may take this machine for the querier of the link for a
    /// few minutes.
    pub listeners: bool,
    /// Solicitations for addresses that a machine may have: those that go by link-layer addresses that are known,
    /// and those of other prefixes with the end of an address that is known.
    pub guesses: bool,
}

impl Ways {
    /// None: what is said anyhow is heard.
    pub const NONE: Self = Self { echo: false, option: false, listeners: false, guesses: false };
}

impl Default for Ways {
    fn default() -> Self {
        Self { echo: true, option: true, listeners: true, guesses: true }
    }
}

/// One way onto one segment.
#[derive(Clone, Debug, Default)]
pub struct Port {
    /// The channel's number for the interface.
    pub flow: u32,
    /// Number of the VLAN whose tag questions carry, 0 to 4094.
    pub vlan: Option<u16>,
    /// The interface's own.
    pub mac: Mac,
    /// Its own addresses, none that is tentative. Without any nothing is asked here.
    pub addresses: Vec<Ipv6Addr>,
    /// What to ask for address by address. A prefix of more than [`Prefix::MOST`] is left out, and makes the
    /// outcome incomplete.
    pub targets: Vec<Prefix>,
}

impl Port {
    /// From where to ask for `target`: an address of the same /64, or else the link-local one.
    pub(super) fn source_for(&self, target: Ipv6Addr) -> Option<Ipv6Addr> {
        let is_near = |own: &&Ipv6Addr| own.to_bits() >> 64 == target.to_bits() >> 64;
        let near = self.addresses.iter().find(is_near);
        near.copied().or(self.link_local()).or(self.addresses.first().copied())
    }

    pub(super) fn link_local(&self) -> Option<Ipv6Addr> {
        self.addresses.iter().copied().find(Ipv6Addr::is_unicast_link_local)
    }
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    first: Ipv6Addr,
    length: u8,
}

impl Prefix {
    /// Addresses of a prefix that is asked for address by address, at the most.
    pub const MOST: u32 = 1 << 16;

    /// The addresses that have the first `length` bits of `address`; more than 128 are 128.
    #[must_use]
    pub fn new(address: Ipv6Addr, length: u8) -> Self {
        let length = length.min(128);
        let rest = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        Self { first: Ipv6Addr::from_bits(address.to_bits() & !rest), length }
    }

    /// How many addresses, unless they are more than [`Self::MOST`].
    #[must_use]
    pub fn count(self) -> Option<u32> {
        let count = 1_u128.checked_shl(128 - u32::from(self.length))?;
        u32::try_from(count).ok().filter(|count| *count <= Self::MOST)
    }

    /// The lowest address.
    #[must_use]
    pub const fn first(self) -> Ipv6Addr {
        self.first
    }

    /// The address at this place, from 0.
    pub(super) fn address(self, place: u32) -> Option<Ipv6Addr> {
        let is_in = self.count().is_some_and(|count| place < count);
        is_in.then(|| Ipv6Addr::from_bits(self.first.to_bits() | u128::from(place)))
    }
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Addresses that were to be asked for one by one.
    pub hosts: u64,
    /// Addresses that are there: somebody answered from them, or spoke.
    pub responded: u64,
    /// Frames that left.
    pub sent: u64,
    /// Times that this machine refused to send a frame.
    pub unsent: u64,
    /// Messages that were ours to look at.
    pub received: u64,
    /// Messages that made no sense.
    pub strange: u64,
    /// Addresses that nobody had room to remember.
    pub forgotten: u64,
    /// Prefixes that were too large or had nobody to ask from, and ends before the time. 0 is all that was to
    /// be done, and does not say that there is nobody else.
    pub incomplete: u64,
}
