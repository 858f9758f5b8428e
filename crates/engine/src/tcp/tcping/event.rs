use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_packet::reason;

use crate::tcp::Verdict;
use crate::time::{as_millis, maybe_millis};
use crate::{LatencyReport, errno_text};

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first probe.
    Start {
        /// Version of the JSON schema.
        v: u32,
        /// How many targets there are.
        targets: usize,
        /// What carries the probes.
        carrier: Carrier,
    },
    /// What came of one probe.
    Probe(Probe),
    /// A target that was up is down, or the other way round: told with the first probe that says so.
    Turn(Turn),
    /// A target failed so often that its name is to be looked up anew. Asks the caller, who answers by
    /// [`handle_addresses`](super::Tcping::handle_addresses).
    Resolve {
        /// Which.
        #[serde(flatten)]
        target: Target,
        /// Its place in the list, from 0.
        #[serde(skip)]
        index: usize,
    },
    /// A name has another address than before.
    Resolved {
        /// Which, with its new address.
        #[serde(flatten)]
        target: Target,
        /// The address that was asked before.
        before: IpAddr,
    },
    /// One target's counts so far: somebody asked for them.
    Status(TargetSummary),
    /// One target's counts at the end.
    TargetSummary(TargetSummary),
    /// All targets together: nothing more will happen.
    Summary(Summary),
}

/// What carries the probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// connect(2): the kernel opens the connection, measures it and sends a SYN again that is not answered.
    Connect,
    /// Segments of our own: one SYN a try; the answer is left to the kernel, which ends it with a RST.
    HalfOpen,
}

/// A target: an address and a port, and what to call them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The host as given. Hostile where it came from a file.
    #[serde(rename = "target")]
    pub name: Box<str>,
    /// Where it is; an IPv6 scope is kept.
    #[serde(serialize_with = "ip_only")]
    pub address: SocketAddr,
    /// The port, 1 to 65535.
    pub port: u16,
}

impl Target {
    /// A target by the name it was given.
    #[must_use]
    pub fn new(name: &str, address: SocketAddr) -> Self {
        Self { name: name.into(), address, port: address.port() }
    }
}

/// One probe, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Who.
    #[serde(flatten)]
    pub target: Target,
    /// Which probe of this target, from 1.
    pub seq: u64,
    /// What came of it.
    #[serde(skip)]
    pub verdict: Verdict,
    /// The same in words and numbers.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// From SYN to SYN and ACK (or RST), not by the clock of a program.
    #[serde(flatten)]
    pub rtt: Option<Rtt>,
    /// From asking for the connection to knowing of its end: with lost SYNs and our own waking up in it, and no
    /// lookup of a name.
    #[serde(rename = "app_ms", serialize_with = "maybe_millis")]
    pub app: Option<Duration>,
    /// SYNs sent for it, by all of its tries.
    pub syn_sent: u32,
    /// SYNs that had to be sent again.
    pub syn_lost: u32,
    /// How often it was tried: more than once with retries.
    pub tries: u32,
    /// How long the lost SYNs held it up.
    #[serde(
        rename = "lost_for_ms",
        serialize_with = "maybe_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub lost_for: Option<Duration>,
    /// The source port, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
    /// TTL or hop limit of the answer on arrival, where a segment was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop_limit: Option<u8>,
}

/// A verdict, spelled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// In one word.
    pub verdict: &'static str,
    /// Who sent the ICMP error, if that is what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<IpAddr>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_type: Option<u8>,
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_code: Option<u8>,
    /// What the two mean, where an RFC says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What this machine said, errno(3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
    /// The same in the words of C.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Outcome {
    /// The words for it.
    #[must_use]
    pub fn new(verdict: &Verdict) -> Self {
        let mut outcome = Self {
            verdict: verdict.word(),
            by: None,
            icmp_type: None,
            icmp_code: None,
            reason: None,
            errno: None,
            error: None,
        };
        match *verdict {
            Verdict::Rejected { by, icmp_type, icmp_code }
            | Verdict::Unreachable { by, icmp_type, icmp_code } => {
                (outcome.by, outcome.icmp_type) = (Some(by), Some(icmp_type));
                outcome.icmp_code = Some(icmp_code);
                outcome.reason = reason(by.is_ipv6(), icmp_type, icmp_code);
            }
            Verdict::Local { errno } => {
                outcome.errno = Some(errno);
                outcome.error = Some(errno_text(&io::Error::from_raw_os_error(errno)));
            }
            _ => {}
        }
        outcome
    }
}

/// A round trip, and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rtt {
    /// How long; where it is coarse, less than this.
    #[serde(rename = "rtt_ms", serialize_with = "as_millis")]
    pub time: Duration,
    /// Who measured.
    pub clock: Clock,
    /// Whether it is an upper bound to the millisecond: after a SYN sent again the kernel measures by the
    /// timestamps of RFC 7323, which tick that slowly.
    pub coarse: bool,
}

/// Who measured a round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// TCP itself (`tcpi_rtt`, tcp(7)).
    Kernel,
    /// Stamps of the kernel on segments that left and came in.
    Wire,
    /// This program, around its system calls: no better than [`Probe::app`].
    User,
}

/// A change of state.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    /// Who.
    #[serde(flatten)]
    pub target: Target,
    /// What it is now.
    pub state: Reach,
    /// How long it had been the other.
    #[serde(rename = "after_ms", serialize_with = "as_millis")]
    pub after: Duration,
    /// Probes of the streak that ended.
    pub probes: u64,
}

/// Whether a port can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The last probe found it open.
    Up,
    /// The last probe did not.
    Down,
}

/// How many probes came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Probes of which something came, or whose time was up.
    pub sent: u64,
    /// Found it open.
    pub open: u64,
    /// Refused by RST.
    pub closed: u64,
    /// Rejected by ICMP.
    pub rejected: u64,
    /// Unreachable: a router's ICMP, no neighbour, no route.
    pub unreachable: u64,
    /// Not answered at all.
    pub silent: u64,
    /// Not sent, for want of something on this machine: nothing is known of the target.
    pub local: u64,
    /// SYNs sent, those sent again included.
    pub syn_sent: u64,
    /// SYNs that had to be sent again.
    pub syn_lost: u64,
    /// Probes that were still under way at the end, and are not counted.
    pub unfinished: u64,
}

impl Counts {
    pub(super) fn add(&mut self, more: Self) {
        self.sent += more.sent;
        self.open += more.open;
        self.closed += more.closed;
        self.rejected += more.rejected;
        self.unreachable += more.unreachable;
        self.silent += more.silent;
        self.local += more.local;
        self.syn_sent += more.syn_sent;
        self.syn_lost += more.syn_lost;
        self.unfinished += more.unfinished;
    }
}

/// Times of one kind of streak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Streaks {
    /// How many there were.
    pub count: u64,
    /// All of them together.
    #[serde(rename = "total_ms", serialize_with = "as_millis")]
    pub total: Duration,
    /// The longest.
    #[serde(rename = "longest_ms", serialize_with = "as_millis")]
    pub longest: Duration,
    /// The longest in probes.
    pub longest_probes: u64,
}

/// Who rejected probes, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rejecter {
    /// Who said so.
    pub by: IpAddr,
    /// ICMP type.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// How often.
    pub count: u64,
}

/// Round trips up to a bound, and longer than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The bound; `None` is without end.
    #[serde(rename = "up_to_ms", serialize_with = "maybe_millis")]
    pub up_to: Option<Duration>,
    /// How many.
    pub count: u64,
}

/// One target's counts.
#[derive(Clone, Debug, Serialize)]
pub struct TargetSummary {
    /// Who, with its last address.
    #[serde(flatten)]
    pub target: Target,
    /// Probes by what came of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Probes that did not find it open, of those that left this machine, 0 to 100.
    pub loss_percent: f64,
    /// Round trips, but for coarse ones.
    pub rtt: Option<LatencyReport>,
    /// Their sum, for those who build means of many runs.
    #[serde(rename = "rtt_sum_ms", serialize_with = "as_millis")]
    pub rtt_sum: Duration,
    /// Round trips known to the millisecond only, which are in none of the figures.
    pub coarse: u64,
    /// What the program saw.
    pub app: Option<LatencyReport>,
    /// What it was at the last probe; `None` before the first.
    pub state: Option<Reach>,
    /// The times it was up.
    pub up: Streaks,
    /// The times it was down.
    pub down: Streaks,
    /// Who rejected, most often first; at most [`super::REJECTERS`].
    pub rejected_by: Vec<Rejecter>,
    /// How often its name was looked up anew.
    pub lookups: u64,
    /// Round trips by length, but for coarse ones.
    pub histogram: Vec<Bucket>,
    /// What came of its last probe.
    #[serde(serialize_with = "word")]
    pub last: Option<Verdict>,
}

/// All targets together.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// How many were asked.
    pub targets: usize,
    /// How many were open at their last probe.
    pub up: usize,
    /// Probes by what came of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// From the first probe to the end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Why it ended.
    pub end: End,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every target was asked as often as was wanted.
    Counted,
    /// Every target is what was waited for.
    Until,
    /// The time was up.
    MaxTime,
    /// Somebody stopped it.
    Stopped,
}

fn ip_only<S: Serializer>(address: &SocketAddr, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&address.ip())
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn word<S: Serializer>(verdict: &Option<Verdict>, s: S) -> Result<S::Ok, S::Error> {
    verdict.as_ref().map(Verdict::word).serialize(s)
}
