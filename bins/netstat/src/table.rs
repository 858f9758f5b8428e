//! The options, in the order of the original where that is seen: in what it says of an ambiguous one.

use crate::family::Family;

/// What an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// clap's flag of this name.
    Flag(&'static str),
    /// clap's option of this name, and how many values it takes.
    Value(&'static str, usize),
    /// One family more.
    Family(Family),
    /// A list of them.
    Families,
    Help,
    Version,
    Context,
}

impl Meaning {
    pub(crate) const fn values(self) -> usize {
        match self {
            Self::Value(_, values) => values,
            Self::Families => 1,
            _ => 0,
        }
    }

    /// Whether getopt(3) sees no difference: it knows of families only that they are such.
    pub(crate) fn is_like(self, other: Self) -> bool {
        matches!((self, other), (Self::Family(_), Self::Family(_))) || self == other
    }
}

use Meaning::{Context, Families, Family as Af, Flag, Help, Value, Version};

/// Options of one letter.
pub(crate) const LETTERS: &[(char, Meaning)] = &[
    ('r', Flag("route")),
    ('i', Flag("interfaces")),
    ('g', Flag("groups")),
    ('s', Flag("statistics")),
    ('M', Flag("masquerade")),
    ('F', Flag("fib")),
    ('C', Flag("cache")),
    ('t', Flag("tcp")),
    ('u', Flag("udp")),
    ('U', Flag("udplite")),
    ('S', Flag("sctp")),
    ('w', Flag("raw")),
    ('2', Flag("l2cap")),
    ('f', Flag("rfcomm")),
    ('l', Flag("listening")),
    ('a', Flag("all")),
    ('A', Families),
    ('4', Af(Family::Inet)),
    ('6', Af(Family::Inet6)),
    ('x', Af(Family::Unix)),
    ('n', Flag("numeric")),
    ('N', Flag("symbolic")),
    ('e', Flag("extend")),
    ('p', Flag("programs")),
    ('o', Flag("timers")),
    ('Z', Context),
    ('W', Flag("wide")),
    // Its name in net-tools since; Debian's 2.10 does not know it yet.
    ('T', Flag("wide")),
    ('v', Flag("verbose")),
    ('c', Flag("continuous")),
    // Accepted, and does nothing.
    ('d', Flag("symbolic")),
    ('h', Help),
    ('V', Version),
];

/// Long options of the original.
pub(crate) const LONG: &[(&str, Meaning)] = &[
    ("ip", Af(Family::Inet)),
    ("inet", Af(Family::Inet)),
    ("inet6", Af(Family::Inet6)),
    ("tcpip", Af(Family::Inet)),
    ("unix", Af(Family::Unix)),
    ("ax25", Af(Family::Ax25)),
    ("netrom", Af(Family::Netrom)),
    ("rose", Af(Family::Rose)),
    ("ipx", Af(Family::Ipx)),
    ("appletalk", Af(Family::Ddp)),
    ("ddp", Af(Family::Ddp)),
    ("x25", Af(Family::X25)),
    ("bluetooth", Af(Family::Bluetooth)),
    ("version", Version),
    ("interfaces", Flag("interfaces")),
    ("help", Help),
    ("route", Flag("route")),
    ("sctp", Flag("sctp")),
    ("statistics", Flag("statistics")),
    ("masquerade", Flag("masquerade")),
    ("groups", Flag("groups")),
    ("l2cap", Flag("l2cap")),
    ("numeric", Flag("numeric")),
    ("numeric-hosts", Flag("numeric-hosts")),
    ("numeric-ports", Flag("numeric-ports")),
    ("numeric-users", Flag("numeric-users")),
    ("protocol", Families),
    ("symbolic", Flag("symbolic")),
    ("verbose", Flag("verbose")),
    ("tcp", Flag("tcp")),
    ("udp", Flag("udp")),
    ("udplite", Flag("udplite")),
    ("raw", Flag("raw")),
    // Known twice, as `-x` and as a family: only so are they told as ambiguous.
    ("unix", Flag("unix")),
    ("rfcomm", Flag("rfcomm")),
    ("listening", Flag("listening")),
    ("all", Flag("all")),
    ("timers", Flag("timers")),
    ("programs", Flag("programs")),
    ("extend", Flag("extend")),
    ("continuous", Flag("continuous")),
    ("fib", Flag("fib")),
    ("cache", Flag("cache")),
    ("context", Context),
    ("wide", Flag("wide")),
];

/// Long options of ours.
pub(crate) const NEW: &[(&str, Meaning)] = &[
    ("json", Flag("json")),
    ("info", Flag("info")),
    ("memory", Flag("memory")),
    ("cgroup", Flag("cgroup")),
    ("summary", Flag("summary")),
    ("events", Flag("events")),
    ("net-ns", Value("net-ns", 1)),
    ("pid-ns", Value("pid-ns", 1)),
    ("all-ns", Flag("all-ns")),
    ("kill", Flag("kill")),
    ("yes", Flag("yes")),
    ("diagnose", Flag("diagnose")),
    ("watch", Flag("watch")),
    ("interval", Value("interval", 1)),
    ("explain", Flag("explain")),
    ("connection", Value("connection", 2)),
    ("filter", Value("filter", 1)),
    ("pretty", Flag("pretty")),
];
