use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::arp::{self, operation};
use wireline_packet::ethernet::{Framing, ethertype};

use super::{Span, Targets};

/// Whom to ask, how and how fast.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ways onto segments. A target is asked by each port that names it.
    pub ports: Vec<Port>,
    /// In which order.
    pub order: Order,
    /// Requests to each host that stays silent (arp-scan's `--retry`), from 1 to [`Config::MOST_TRIES`].
    pub tries: u32,
    /// Further requests where answers were lost: the kernel dropped frames, or so many answered only when
    /// they were asked again that some must have been missed. 0 where a person said how often.
    pub extra_tries: u32,
    /// How long a host has after its first request.
    pub timeout: Duration,
    /// By how much that grows with each further request, at least 1.
    pub backoff: f64,
    /// Whether `timeout` is what is waited, or the most.
    pub patience: Patience,
    /// How fast.
    pub pace: Pace,
    /// Times in a row that this machine may refuse to send for want of room (`ENOBUFS`), before that is
    /// the end: arp-scan's `--retry-send`.
    pub send_tries: u32,
    /// How long to wait then; twice as long each time, to 100 ms: `--retry-send-interval`.
    pub send_interval: Duration,
    /// Stop when so many hosts have answered.
    pub limit: Option<u64>,
    /// How long to listen on for others that claim an address, when all have answered.
    pub linger: Linger,
    /// What a request looks like.
    pub request: Request,
    /// What counts as an answer.
    pub accept: Accept,
    /// Report own addresses that are targets as [`Source::Own`](super::Source::Own) at the start, and wait
    /// for no answer to them. They are asked once, in case that somebody else has them.
    pub own: bool,
    /// Answers after the first of a host that are events; all are counted. None where they are not of
    /// interest, all with `u64::MAX`. One with a link-layer address that is new is an event anyhow.
    pub repeats: u64,
    /// Report each host that did not answer, as [`Event::Silent`](super::Event::Silent).
    pub silent: bool,
    /// Report [`Event::Progress`](super::Event::Progress) as often as this.
    pub progress: Option<Duration>,
    /// So many addresses of one link-layer address are proxy ARP.
    pub proxy_from: u64,
}

impl Config {
    /// More [`tries`](Self::tries) are taken as so many.
    pub const MOST_TRIES: u32 = 1000;
}

impl Default for Config {
    /// What arp-scan asks, at a pace and with a patience that adapt; without ports.
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            order: Order::Given,
            tries: 2,
            extra_tries: 3,
            timeout: Duration::from_millis(500),
            backoff: 1.5,
            patience: Patience::POLITE,
            pace: Pace::POLITE,
            send_tries: 20,
            send_interval: Duration::from_millis(5),
            limit: None,
            linger: Linger::FULL,
            request: Request::default(),
            accept: Accept::Replies,
            own: false,
            repeats: 3,
            silent: false,
            progress: None,
            proxy_from: 16,
        }
    }
}

/// One way onto one segment: an interface, or a VLAN on it.
#[derive(Clone, Debug, Default)]
pub struct Port {
    /// The channel's number for the interface; several ports may share one.
    pub flow: u32,
    /// Number of the VLAN whose tag requests carry, 0 to 4094.
    pub vlan: Option<u16>,
    /// The interface's own.
    pub mac: Mac,
    /// What requests say whose they are; `None` is 0.0.0.0, as in a probe (RFC 5227 §2.1.1).
    pub address: Option<Ipv4Addr>,
    /// All addresses of this machine there.
    pub own: Vec<Ipv4Addr>,
    /// Networks of those addresses. Who answers for others too may be a proxy.
    pub networks: Vec<Span>,
    /// Gateways, and who they were the last time.
    pub gateways: Vec<Gateway>,
    /// Whom to ask.
    pub targets: Targets,
}

/// A router that should be who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its address.
    pub address: Ipv4Addr,
    /// Who it was; `None` where nobody knows.
    pub mac: Option<Mac>,
}

/// In which order targets are asked. Positions go through the targets of the first port, then through those
/// of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were given.
    #[default]
    Given,
    /// As drawn by this seed; takes no memory.
    Shuffled(u64),
    /// By positions: each of them once. What is missing is asked last, what is there twice or is nobody's
    /// is left out.
    Permutation(Vec<u32>),
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as `Config::timeout` says.
    Fixed,
    /// Four times as long as the slowest answer took, between this and `Config::timeout`; twice this where
    /// nobody has answered.
    Adaptive {
        /// The shortest.
        least: Duration,
    },
}

impl Patience {
    /// For segments with phones that sleep.
    pub const POLITE: Self = Self::Adaptive { least: Duration::from_millis(150) };
    /// For `--fast`.
    pub const BRIEF: Self = Self::Adaptive { least: Duration::from_millis(50) };
}

/// How fast requests leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One each so often. What a machine that was busy did not send in time is made up for, but for no more
    /// than 20 ms.
    Every(Duration),
    /// So many a second, more while nothing is lost, fewer where something is.
    Adaptive {
        /// At the start, and the least where only answers are missing.
        start: u32,
        /// The most.
        most: u32,
    },
}

impl Pace {
    /// What a segment of radio bears: 2,000 a second at first, 10,000 at the most.
    pub const POLITE: Self = Self::Adaptive { start: 2_000, most: 10_000 };
    /// As fast as the machine can.
    pub const FAST: Self = Self::Adaptive { start: 1_000_000, most: 1_000_000 };
}

/// How long to listen for others that claim an address, counted from the last host's first answer: twenty
/// times as long as the slowest answer took, within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linger {
    /// At the least.
    pub least: Duration,
    /// At the most.
    pub most: Duration,
}

impl Linger {
    /// Not at all: arp-scan's way.
    pub const NONE: Self = Self { least: Duration::ZERO, most: Duration::ZERO };
    /// For one host that is not to be checked: a second claimant on a wire is heard, and nobody waits.
    pub const BRIEF: Self =
        Self { least: Duration::from_millis(6), most: Duration::from_millis(200) };
    /// For verdicts.
    pub const FULL: Self =
        Self { least: Duration::from_millis(200), most: Duration::from_millis(200) };
}

/// What a request looks like: RFC 826, unless somebody wants to see what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `--arphrd`, `--arppro`, `--arphln`, `--arppln`, `--arpop`. The message is as long as ever.
    pub header: arp::Header,
    /// `--arpsha`; `None` is the port's.
    pub sender_mac: Option<Mac>,
    /// `--arpspa`.
    pub sender_address: Sender,
    /// `--arptha`.
    pub target_mac: Mac,
    /// The frame's source, `--srcaddr`; `None` is the port's.
    pub source: Option<Mac>,
    /// The frame's destination, `--destaddr`.
    pub destination: Mac,
    /// The frame's type, `--prototype`.
    pub ether_type: u16,
    /// `--llc` is [`Framing::Snap`].
    pub framing: Framing,
    /// The length before LLC counts the header too, and no padding: as arp-scan has it. Linux drops such frames.
    pub counts_header: bool,
    /// What comes behind the message, `--padding`.
    pub padding: Vec<u8>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            header: arp::Header::ipv4(operation::REQUEST),
            sender_mac: None,
            sender_address: Sender::Port,
            target_mac: Mac::ZERO,
            source: None,
            destination: Mac::BROADCAST,
            ether_type: ethertype::ARP,
            framing: Framing::Ethernet2,
            counts_header: false,
            padding: Vec::new(),
        }
    }
}

/// What `ar$spa` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// `Port::address`.
    #[default]
    Port,
    /// This.
    Given(Ipv4Addr),
    /// The address that is asked for: `--arpspa=dest`.
    Target,
}

/// What counts as an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// A reply whose sender is a target. Requests and announcements of targets are
    /// [`Event::Overheard`](super::Event::Overheard). A host that answers before it was asked is asked even so:
    /// somebody else may want to be taken for it.
    Replies,
    /// Any message whose sender is a target, whatever its operation and lengths, and whether that was asked or
    /// not: arp-scan's way.
    Anything,
}
