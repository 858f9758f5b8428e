use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::echo::Sample;
use crate::time::as_millis;
use crate::{IcmpError, LatencyReport};

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first request.
    Start {
        /// Version of the JSON schema.
        v: u32,
        /// Octets of data in each request.
        size: usize,
    },
    /// A target answered, and will not be asked again.
    Alive {
        /// Who.
        #[serde(flatten)]
        target: Target,
        /// Which request it answers, from 0.
        index: u32,
        /// How long it took.
        #[serde(flatten)]
        sample: Sample,
    },
    /// A target did not answer any request.
    Unreachable {
        /// Who.
        #[serde(flatten)]
        target: Target,
        /// Requests it was sent.
        sent: u32,
    },
    /// An answer to one of a counted number of requests.
    Reply(Answer),
    /// A request was not answered in time.
    Lost {
        /// Who.
        #[serde(flatten)]
        target: Target,
        /// Which request, from 0.
        index: u32,
        /// This target's requests so far.
        #[serde(flatten)]
        so_far: SoFar,
    },
    /// An ICMP error about a request.
    Error {
        /// About whom.
        #[serde(flatten)]
        target: Target,
        /// What it says.
        #[serde(flatten)]
        error: IcmpError,
    },
    /// The system call that was to send a request failed.
    Unsent {
        /// To whom.
        #[serde(flatten)]
        target: Target,
        /// What the machine said.
        error: String,
    },
    /// One target's counts: at the end, or when asked.
    TargetSummary(TargetSummary),
    /// The end of a round of target summaries that somebody asked for.
    StatusEnd,
    /// All targets together: nothing more will happen.
    Summary(Summary),
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// What to call it: the name as given, or the address.
    #[serde(rename = "target")]
    pub name: Box<str>,
    /// Where it is.
    #[serde(serialize_with = "ip_only")]
    pub address: SocketAddr,
}

impl Target {
    /// A target that was given as an address.
    #[must_use]
    pub fn numeric(address: SocketAddr) -> Self {
        Self { name: address.ip().to_string().into(), address }
    }
}

/// A counted reply.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Who.
    #[serde(flatten)]
    pub target: Target,
    /// Which request it answers, from 0.
    pub index: u32,
    /// Who really answered, where that is not the target.
    pub source: Option<IpAddr>,
    /// Octets of ICMP, header included.
    pub size: usize,
    /// TTL or hop limit on arrival.
    pub hop_limit: Option<u8>,
    /// How long it took.
    #[serde(flatten)]
    pub sample: Sample,
    /// Whether this request had been answered already.
    pub duplicate: bool,
    /// This target's requests so far.
    #[serde(flatten)]
    pub so_far: SoFar,
}

/// One target's counts in the middle of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SoFar {
    /// Mean round trip; none before the first answer.
    #[serde(rename = "avg_ms", serialize_with = "crate::time::maybe_millis")]
    pub avg: Option<Duration>,
    /// Requests that were not answered, of those that had their time.
    pub loss_percent: f64,
}

/// One target's counts.
#[derive(Clone, Debug, Serialize)]
pub struct TargetSummary {
    /// Who.
    #[serde(flatten)]
    pub target: Target,
    /// Requests sent.
    pub sent: u32,
    /// Requests answered.
    pub received: u32,
    /// Requests not answered, 0 to 100.
    pub loss_percent: f64,
    /// Requests not answered, times the time between them: how long the target was away.
    #[serde(rename = "outage_ms", serialize_with = "as_millis")]
    pub outage: Duration,
    /// Round trips.
    pub rtt: Option<LatencyReport>,
    /// Each request's round trip, in order, where they were kept; `None` for one not answered.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "millis_each")]
    pub rtts_ms: Vec<Option<Duration>>,
}

fn millis_each<S: Serializer>(all: &[Option<Duration>], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(all.iter().map(|rtt| rtt.map(crate::millis)))
}

/// All targets together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Targets asked.
    pub targets: u64,
    /// Targets that answered.
    pub alive: u64,
    /// Targets that did not.
    pub unreachable: u64,
    /// Requests sent.
    pub sent: u64,
    /// Requests answered.
    pub received: u64,
    /// Requests that were not answered in time.
    pub timeouts: u64,
    /// Answers beyond the first.
    pub duplicates: u64,
    /// ICMP errors.
    pub errors: u64,
    /// From the first request to the end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Round trips of all targets.
    pub rtt: Option<LatencyReport>,
}

fn ip_only<S: Serializer>(address: &SocketAddr, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&address.ip())
}
