//! Filters of sockets, in the words of ss(8): read, done by the kernel where it can, and always checked
//! again here.
//!
//! Nothing is looked up here: what names mean is asked of [`Names`].

use std::fs;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::{Details, Endpoint, InetSocket, State, States};

mod bytecode;
mod ends;
mod glob;
mod lex;
mod parse;
mod words;

pub use ends::{BadEnd, End};
pub use glob::Glob;
pub use parse::{FilterError, Names};
pub use words::states_named;

/// Which sockets: those in some states, of which something is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    states: Option<States>,
    term: Term,
    /// Ports that the kernel gives to those who name none.
    ephemeral: RangeInclusive<u16>,
}

/// Something that is true of a socket or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// All of these; of none, everything.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// An end is in one of these networks; in any, where there are none.
    Address(Side, Vec<Prefix>),
    /// The port of an end.
    Port(Side, Order, u16),
    /// Bound to the interface of this number.
    Interface(u32),
    /// The mark is this one, of the bits of the mask (`SO_MARK`).
    Mark {
        /// Wanted.
        value: u32,
        /// The bits that are looked at.
        mask: u32,
    },
    /// In the cgroup of version 2 with this number.
    Cgroup(u64),
    /// The port was chosen by the kernel.
    Autobound,
    /// The name of an end of a unix(7) socket.
    Name(Side, Glob),
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `src`, `sport`.
    Local,
    /// `dst`, `dport`.
    Remote,
}

/// How ports are compared. The other comparisons are opposites of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The same.
    Equal,
    /// The same or larger.
    AtLeast,
    /// The same or smaller.
    AtMost,
}

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// One of its addresses. An IPv4 network has v4-mapped addresses in it, too.
    pub address: IpAddr,
    /// In bits.
    pub length: u8,
}

/// What is known of whether a socket is one of those wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The kernel has not told what the answer hangs on: a mark is for those with `CAP_NET_ADMIN`, and
    /// `/proc` has neither marks nor interfaces nor cgroups.
    Untold,
}

/// What of a unix(7) socket a filter looks at.
#[derive(Clone, Copy, Debug)]
pub struct UnixEnds<'a> {
    /// As `sock_diag(7)` would have it.
    pub state: State,
    /// As `/proc/net/unix` has it; empty without one.
    pub name: &'a [u8],
    /// The same of the other end.
    pub peer: &'a [u8],
}

impl Default for Filter {
    /// Every socket.
    fn default() -> Self {
        Self { states: None, term: Term::All(Vec::new()), ephemeral: EPHEMERAL }
    }
}

/// What Linux has at its start.
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;

impl Filter {
    /// Reads `[state STATE]... [EXPRESSION]` (ss(8)).
    pub fn parse(text: &str, names: &dyn Names) -> Result<Self, FilterError> {
        let (states, term) = parse::parse(text, names)?;
        let mut filter = Self { states, term, ..Self::default() };
        if filter.mentions(&|term| *term == Term::Autobound) {
            filter.ephemeral = ephemeral().unwrap_or(EPHEMERAL);
        }
        Ok(filter)
    }

    /// The sockets with these ends, in whatever state.
    #[must_use]
    pub fn between(local: Endpoint, remote: Endpoint) -> Self {
        let whole = |address: IpAddr| {
            let address = address.to_canonical();
            vec![Prefix { address, length: if address.is_ipv4() { 32 } else { 128 } }]
        };
        let of = |side, end: Endpoint| {
            let port = Term::Port(side, Order::Equal, end.port);
            Term::All(vec![Term::Address(side, whole(end.address)), port])
        };
        let term = Term::All(vec![of(Side::Local, local), of(Side::Remote, remote)]);
        Self { term, ..Self::default() }
    }

    /// The states that it names; `None` where it names none.
    #[must_use]
    pub const fn states(&self) -> Option<States> {
        self.states
    }

    /// What is true of the sockets.
    #[must_use]
    pub const fn term(&self) -> &Term {
        &self.term
    }

    /// Whether it lets every socket of its states through, or all of them of one family.
    #[must_use]
    pub fn is_of_states_only(&self) -> bool {
        self.term.constant() == Some(true)
    }

    /// What rows must have for it to be checked.
    #[must_use]
    pub fn details(&self) -> Details {
        let needs = |term: &Term| matches!(term, Term::Mark { .. } | Term::Cgroup(_));
        if self.mentions(&needs) { Details::COMMON } else { Details::NONE }
    }

    /// For the kernel (`INET_DIAG_REQ_BYTECODE`): lets through all that [`check`](Self::check) does, and
    /// nothing that it does not as far as the kernel can tell. Empty where there is nothing to say, or more
    /// than there is room for.
    #[must_use]
    pub fn bytecode(&self) -> Vec<u8> {
        bytecode::compile(&self.term).unwrap_or_default()
    }

    /// Whether a socket is one of those wanted.
    #[must_use]
    pub fn check(&self, socket: &InetSocket) -> Verdict {
        if self.states.is_some_and(|states| !states.contains(socket.state)) || !self.is_of_inet() {
            return Verdict::No;
        }
        match self.of(&self.term, socket) {
            Some(true) => Verdict::Yes,
            Some(false) => Verdict::No,
            None => Verdict::Untold,
        }
    }

    /// The same of a unix(7) socket. Nothing that is said of addresses, ports and the like is true of it.
    #[must_use]
    pub fn check_unix(&self, socket: UnixEnds<'_>) -> bool {
        self.states.is_none_or(|states| states.contains(socket.state))
            && self.is_of_unix()
            && self.term.of_unix(socket)
    }

    /// Whether a socket of the Internet's protocols can be one of those wanted: not where names of
    /// unix(7) are all that is spoken of.
    #[must_use]
    pub fn is_of_inet(&self) -> bool {
        !self.mentions(&Term::is_of_unix) || self.mentions(&|term| !term.is_of_unix())
    }

    /// The same of sockets of unix(7).
    #[must_use]
    pub fn is_of_unix(&self) -> bool {
        !self.mentions(&|term| !term.is_of_unix()) || self.mentions(&Term::is_of_unix)
    }

    /// Whether it looks at the other end of unix(7) sockets, which takes a table more.
    #[must_use]
    pub fn needs_peers(&self) -> bool {
        self.mentions(&|term| matches!(term, Term::Name(Side::Remote, _)))
    }

    fn mentions(&self, what: &dyn Fn(&Term) -> bool) -> bool {
        self.term.mentions(what)
    }

    /// `None` where the kernel has not told.
    fn of(&self, term: &Term, socket: &InetSocket) -> Option<bool> {
        match term {
            Term::All(terms) => all(terms.iter().map(|term| self.of(term, socket))),
            Term::Any(terms) => any(terms.iter().map(|term| self.of(term, socket))),
            Term::Not(term) => self.of(term, socket).map(|is| !is),
            Term::Address(side, prefixes) => {
                let address = side.of(socket).address;
                Some(prefixes.is_empty() || prefixes.iter().any(|prefix| prefix.has(address)))
            }
            Term::Port(side, order, port) => Some(order.holds(side.of(socket).port, *port)),
            Term::Autobound => Some(self.ephemeral.contains(&socket.local.port)),
            Term::Name(..) => Some(false),
            Term::Interface(index) => is_told(socket).then_some(socket.interface == *index),
            Term::Cgroup(id) => is_told(socket).then(|| cgroup(socket) == *id),
            Term::Mark { value, mask } => mark(socket).map(|mark| mark & mask == *value),
        }
    }
}

/// `/proc` tells less.
const fn is_told(socket: &InetSocket) -> bool {
    socket.cookie.is_some()
}

/// A connection that is no whole socket is in none.
fn cgroup(socket: &InetSocket) -> u64 {
    socket.extra.as_deref().and_then(|extra| extra.cgroup).unwrap_or_default()
}

/// For those with `CAP_NET_ADMIN`. Kernels before 5.19 tell none of `TIME_WAIT`.
fn mark(socket: &InetSocket) -> Option<u32> {
    socket.extra.as_deref()?.mark
}

/// One that is not true settles it, one that is not known leaves it open.
fn all(mut each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    each.try_fold(Some(true), |all, one| match one {
        Some(false) => Err(()),
        Some(true) => Ok(all),
        None => Ok(None),
    })
    .unwrap_or(Some(false))
}

fn any(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(each.map(|one| one.map(|is| !is))).map(|all| !all)
}

/// `net.ipv4.ip_local_port_range` of this namespace.
fn ephemeral() -> Option<RangeInclusive<u16>> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    Some(numbers.next()?.ok()?..=numbers.next()?.ok()?)
}

impl Term {
    const fn is_of_unix(&self) -> bool {
        matches!(self, Self::Name(..))
    }

    /// Whether something is true of one of the single terms in it.
    fn mentions(&self, what: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().any(|term| term.mentions(what)),
            Self::Not(term) => term.mentions(what),
            single => what(single),
        }
    }

    /// What it is of every socket of a family of the Internet's protocols, where that is the same.
    fn constant(&self) -> Option<bool> {
        match self {
            Self::All(terms) => all(terms.iter().map(Self::constant)),
            Self::Any(terms) => any(terms.iter().map(Self::constant)),
            Self::Not(term) => term.constant().map(|is| !is),
            Self::Address(_, prefixes) => {
                let is_whole = |prefix: &Prefix| prefix.length == 0;
                (prefixes.is_empty() || prefixes.iter().any(is_whole)).then_some(true)
            }
            Self::Port(_, Order::AtLeast, 0)
            | Self::Port(_, Order::AtMost, u16::MAX)
            | Self::Mark { value: 0, mask: 0 } => Some(true),
            _ => None,
        }
    }

    fn of_unix(&self, socket: UnixEnds<'_>) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.of_unix(socket)),
            Self::Any(terms) => terms.iter().any(|term| term.of_unix(socket)),
            Self::Not(term) => !term.of_unix(socket),
            Self::Name(Side::Local, glob) => glob.fits(socket.name),
            Self::Name(Side::Remote, glob) => glob.fits(socket.peer),
            _ => false,
        }
    }
}

impl Side {
    const fn of(self, socket: &InetSocket) -> Endpoint {
        match self {
            Self::Local => socket.local,
            Self::Remote => socket.remote,
        }
    }
}

impl Order {
    const fn holds(self, port: u16, wanted: u16) -> bool {
        match self {
            Self::Equal => port == wanted,
            Self::AtLeast => port >= wanted,
            Self::AtMost => port <= wanted,
        }
    }
}

impl Prefix {
    /// Whether an address is in it. One of IPv4 that an IPv6 socket uses is in networks of both.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(own.octets(), other.octets(), self.length),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.octets(), other.octets(), self.length),
            (IpAddr::V4(own), IpAddr::V6(other)) => {
                let other = other.to_ipv4_mapped();
                other.is_some_and(|other| same(own.octets(), other.octets(), self.length))
            }
            (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whether the first bits are.
fn same<const N: usize>(one: [u8; N], other: [u8; N], bits: u8) -> bool {
    let (whole, rest) = (usize::from(bits / 8).min(N), bits % 8);
    let differs =
        |mask: u8| one.get(whole).zip(other.get(whole)).is_some_and(|(a, b)| (a ^ b) & mask != 0);
    one[..whole] == other[..whole] && !(rest > 0 && differs(!(0xff >> rest)))
}

#[cfg(test)]
mod tests;
