use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use crate::tcp::Verdict;
use crate::time::{as_millis, maybe_millis};

/// What a scan reports, as JSON has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// What is going to be done.
    Start(Start),
    /// How far it has got, for a person.
    #[serde(skip)]
    Progress(Progress),
    /// What became of one port.
    Port(Port),
    /// What became of one host's ports, at the end.
    Host(Host),
    /// How it ended.
    Summary(Summary),
}

impl Event {
    /// What JSON calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Progress(_) => "progress",
            Self::Port(_) => "port",
            Self::Host(_) => "host",
            Self::Summary(_) => "summary",
        }
    }
}

/// What is going to be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// Version of these keys.
    pub v: u8,
    /// `half_open` or `connect`.
    pub method: Method,
    /// How many hosts.
    pub hosts: u64,
    /// How many ports of each.
    pub ports: u64,
    /// How many ports of hosts, of this shard.
    pub targets: u64,
}

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Ports of hosts with a verdict.
    pub done: u64,
    /// Which first segment to the silent is under way, from 1.
    pub round: u32,
}

/// How ports are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// First segments of our own making; the kernel's RST answers who is open.
    HalfOpen,
    /// connect(2).
    Connect,
}

/// What became of one port.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Port {
    /// Of whom.
    pub address: IpAddr,
    /// Which.
    pub port: u16,
    /// Its verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// First segments that were sent until it was known.
    pub syn_sent: u32,
    /// What the SYN,ACK said, where it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syn_ack: Option<SynAck>,
    /// TTL or hop limit of the answer, where it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop_limit: Option<u8>,
    /// From the first segment to its answer, where both are known.
    #[serde(
        rename = "rtt_ms",
        serialize_with = "maybe_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub rtt: Option<Duration>,
    /// What came of a whole handshake, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// What came of a whole handshake with a port that answered a first segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// It stays open, and takes data.
    Completed,
    /// It was reset after it took data: whoever listens does not want us.
    Reset,
    /// It was opened and never took any data: somebody in front answers for a port that is closed or silent.
    Proxied,
    /// This time nobody answered.
    Unanswered,
}

/// What a SYN,ACK offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SynAck {
    /// Octets that may be sent at once; 0 is a sign of a proxy.
    pub window: u16,
    /// MSS.
    pub mss: Option<u16>,
    /// Window scale.
    pub window_scale: Option<u8>,
    /// SACK permitted.
    pub sack: bool,
    /// Timestamps.
    pub timestamps: bool,
}

/// Ports by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// SYN,ACK.
    pub open: u64,
    /// RST.
    pub closed: u64,
    /// Silence.
    pub filtered: u64,
    /// ICMP: not allowed, nobody there.
    pub rejected: u64,
    /// ICMP: no way.
    pub unreachable: u64,
    /// The host does not answer ARP or neighbour solicitations.
    pub no_neighbour: u64,
    /// No route here.
    pub no_route: u64,
    /// This machine could not ask.
    pub local: u64,
}

impl Counts {
    pub(super) const fn add(&mut self, verdict: &Verdict, count: u64) {
        let field = match verdict {
            Verdict::Open | Verdict::Proxied => &mut self.open,
            Verdict::Closed => &mut self.closed,
            Verdict::Filtered { .. } => &mut self.filtered,
            Verdict::Rejected { .. } => &mut self.rejected,
            Verdict::Unreachable { .. } => &mut self.unreachable,
            Verdict::NoNeighbour => &mut self.no_neighbour,
            Verdict::NoRoute => &mut self.no_route,
            Verdict::Local { .. } => &mut self.local,
        };
        *field += count;
    }
}

/// What became of one host's ports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// Who.
    pub address: IpAddr,
    /// Its ports by verdict.
    #[serde(flatten)]
    pub counts: Counts,
}

/// How a scan ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many ports of hosts were to be asked.
    pub targets: u64,
    /// By verdict.
    #[serde(flatten)]
    pub counts: Counts,
    /// Such as somebody else answers for, in none of the counts; where that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxied: Option<u64>,
    /// Not asked, or given up before their time: interrupted, or hosts with too many open ports.
    pub unasked: u64,
    /// First segments sent; of connections, those that the kernel sent again where it told.
    pub sent: u64,
    /// Of the answers, such as came to a segment that was sent again.
    pub answered_late: u64,
    /// Segments that came in and that this machine had no room for.
    pub dropped: u64,
    /// Calls that failed here, some of which may have been tried again.
    pub local_errors: u64,
    /// The last errno of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
    /// How often the rate was cut.
    pub rate_cuts: u32,
    /// From start to end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// Whether all targets have their verdict, and none is silence that this machine's own drops may explain.
    pub complete: bool,
}
