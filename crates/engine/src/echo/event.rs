use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_packet::ipv4::Opt;

use super::Config;
use crate::time::{as_millis, maybe_millis};
use crate::{IcmpError, Instant, LatencyReport, errno_text};

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first request.
    Start(Start),
    /// A request has left. Only where [`Config::report_sent`] asks.
    Sent {
        /// Which.
        seq: u16,
    },
    /// The system call that was to send a request failed. It counts as sent, and as lost.
    Unsent {
        /// Which.
        seq: u16,
        /// What the machine said.
        error: Refused,
    },
    /// An answer to one of our requests.
    Reply(Echoed),
    /// An ICMP error about one of our requests.
    Error(IcmpError),
    /// This machine would not send a request, and said more than an errno.
    #[serde(rename = "local_error")]
    Local(LocalError),
    /// The next request is about to leave, and this one is unanswered.
    Outstanding {
        /// Which.
        seq: u16,
    },
    /// A request has waited for its time, or to the end of the run, in vain.
    Lost {
        /// Which.
        seq: u16,
        /// From sending to giving up.
        #[serde(rename = "waited_ms", serialize_with = "as_millis")]
        waited: Duration,
    },
    /// How it is going: the answer to SIGQUIT.
    Status(Status),
    /// Nothing more will happen.
    Summary(Summary),
}

/// What kind of socket carries the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketKind {
    /// No privilege; the kernel sets the identifier (icmp(7)).
    Datagram,
    /// `CAP_NET_RAW`.
    Raw,
}

/// What is about to be done.
#[derive(Clone, Debug, Serialize)]
pub struct Start {
    /// Version of the JSON schema.
    pub v: u32,
    /// The target as it was named.
    pub target: String,
    /// Its address.
    #[serde(serialize_with = "ip_only")]
    pub address: SocketAddr,
    /// Octets of data in each request.
    pub size: usize,
    /// What carries them.
    pub socket: SocketKind,
    /// Identifier of our requests, where we chose it.
    pub ident: Option<u16>,
}

impl Start {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            v: 1,
            target: config.name.clone(),
            address: config.target,
            size: config.payload.len(),
            socket: config.socket,
            ident: config.ident,
        }
    }
}

/// What a system call failed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The number, where there is one.
    pub errno: Option<i32>,
    /// The text.
    pub message: String,
}

impl From<&io::Error> for Refused {
    fn from(error: &io::Error) -> Self {
        Self { errno: error.raw_os_error(), message: errno_text(error) }
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.message)
    }
}

/// An extended error of this machine's own (`SO_EE_ORIGIN_LOCAL`, ip(7)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalError {
    /// The errno.
    pub errno: i32,
    /// The MTU that a request was too long for.
    pub mtu: Option<u32>,
    /// The errno in words.
    #[serde(rename = "error")]
    pub message: String,
}

impl LocalError {
    /// `EMSGSIZE` of Linux on every architecture but MIPS, SPARC and HP-PA.
    pub const MESSAGE_TOO_LONG: i32 = 90;
}

/// Which clocks a round trip was taken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The kernel's stamps on the way out and on the way in.
    Kernel,
    /// Ours before the system call, the kernel's on the way in.
    KernelReceive,
    /// Ours, before one system call and after the other.
    User,
}

/// One round trip, and what else the time went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// From the request on the wire to the reply off it, by `clock`.
    #[serde(rename = "rtt_ms", serialize_with = "as_millis")]
    pub rtt: Duration,
    /// How it was taken.
    pub clock: Clock,
    /// From the system call to the interface's queue: routing and neighbour resolution (ARP, ND).
    #[serde(
        rename = "resolve_ms",
        serialize_with = "maybe_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub resolve: Option<Duration>,
    /// In the interface's queue.
    #[serde(
        rename = "queue_ms",
        serialize_with = "maybe_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue: Option<Duration>,
    /// From the system call to the wire: the two above together.
    #[serde(rename = "local_ms", serialize_with = "maybe_millis")]
    pub local: Option<Duration>,
    /// From the kernel's stamp to our reading the reply.
    #[serde(rename = "delivery_ms", serialize_with = "maybe_millis")]
    pub delivery: Option<Duration>,
}

impl Sample {
    /// The round trip of a request that was asked for at `asked` and left at `sent`, and whose answer the
    /// kernel had at `kernel` and we had at `now`.
    pub(crate) fn of(
        asked: Instant,
        sent: Option<Instant>,
        kernel: Option<Instant>,
        now: Instant,
    ) -> Self {
        let kernel = kernel.filter(|at| *at >= asked && *at <= now);
        Self::new(asked, None, sent, kernel, now)
    }

    pub(super) fn new(
        asked: Instant,
        queued: Option<Instant>,
        sent: Option<Instant>,
        kernel: Option<Instant>,
        now: Instant,
    ) -> Self {
        // A stamp that is not in order with its neighbours is a clock that was set in between.
        let span = sent.zip(kernel).and_then(|(sent, kernel)| kernel.checked_since(sent));
        let (rtt, clock) = match (span, kernel) {
            (Some(rtt), _) => (rtt, Clock::Kernel),
            (None, Some(kernel)) => (kernel - asked, Clock::KernelReceive),
            (None, None) => (now - asked, Clock::User),
        };
        Self {
            rtt,
            clock,
            resolve: queued.and_then(|queued| queued.checked_since(asked)),
            queue: queued.zip(sent).and_then(|(queued, sent)| sent.checked_since(queued)),
            local: sent.and_then(|sent| sent.checked_since(asked)),
            delivery: kernel.map(|kernel| now - kernel),
        }
    }
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Echoed {
    /// Who answered.
    #[serde(serialize_with = "ip_only")]
    pub source: SocketAddr,
    /// Which request it answers.
    pub seq: u16,
    /// Identifier in the reply.
    pub ident: u16,
    /// TTL or hop limit on arrival.
    pub hop_limit: Option<u8>,
    /// Octets of ICMP, header included.
    pub size: usize,
    /// How long it took.
    #[serde(flatten)]
    pub sample: Sample,
    /// Whether this request had been answered already.
    pub duplicate: bool,
    /// Whether this request had been reported lost.
    pub late: bool,
    /// Whether it holds less data than was sent.
    pub truncated: bool,
    /// Whether its checksum was wrong. It is not counted as received.
    pub bad_checksum: bool,
    /// Whether it came from an address other than the target's.
    pub wrong_source: bool,
    /// The first octet that is not what was sent.
    pub damage: Option<Damage>,
    /// The IPv4 options that it carried.
    #[serde(skip)]
    pub options: Vec<Opt>,
}

/// Data that came back altered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Offset of the first wrong octet in the data.
    pub offset: usize,
    /// What was sent.
    pub sent: u8,
    /// What came back.
    pub received: u8,
    /// All data that came back, for a dump.
    #[serde(skip)]
    pub data: Box<[u8]>,
}

impl Damage {
    /// Octets at the start of the data that are not compared: other pings keep the time there, and
    /// some middle boxes write it.
    pub const UNCHECKED: usize = 16;

    pub(super) fn find(sent: &[u8], received: &[u8]) -> Option<Self> {
        if received.len() < sent.len()
            || received.get(Self::UNCHECKED..sent.len())? == &sent[Self::UNCHECKED..]
        {
            return None;
        }
        let mut pairs = sent.iter().zip(received).enumerate().skip(Self::UNCHECKED);
        let (offset, (sent_octet, octet)) = pairs.find(|(_, (a, b))| a != b)?;
        let data = received[..sent.len()].into();
        Some(Self { offset, sent: *sent_octet, received: *octet, data })
    }
}

/// How it is going.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Requests sent.
    pub sent: u64,
    /// Requests answered, each counted once.
    pub received: u64,
    /// Requests not answered yet, 0 to 100.
    pub loss_percent: f64,
    /// Round trips so far.
    pub rtt: Option<LatencyReport>,
}

/// The whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Requests sent.
    pub sent: u64,
    /// Requests answered, each counted once.
    pub received: u64,
    /// Answers beyond the first.
    pub duplicates: u64,
    /// Answers whose checksum was wrong.
    pub corrupted: u64,
    /// ICMP errors and refusals of this machine.
    pub errors: u64,
    /// Answers that came after their request had been reported lost; among `received`.
    pub late: u64,
    /// Requests not answered, 0 to 100.
    pub loss_percent: f64,
    /// From the first request to the last.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// The most requests that were on their way at once.
    pub pipe: u64,
    /// Mean time between requests, where [`Config::report_gap`] asks.
    #[serde(rename = "gap_ms", serialize_with = "maybe_millis")]
    pub gap: Option<Duration>,
    /// Requests that were not sent because this machine was held up.
    pub skipped: u64,
    /// Round trips, of duplicates too.
    pub rtt: Option<LatencyReport>,
}

/// What share of `whole` a part is, 0 to 100; of nothing, 0.
#[expect(clippy::cast_precision_loss, reason = "a percentage needs no more than 53 bits")]
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// The address without the port that ICMP does not have.
fn ip_only<S: Serializer>(address: &SocketAddr, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&address.ip())
}
