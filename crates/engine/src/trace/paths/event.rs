use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use super::super::rewriting::Change;
use crate::echo::Sample;
use crate::time::as_millis;

/// What was found. All but the first come at the end, hop by hop: a later probe may add to an early hop.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first probe.
    Start(Start),
    /// A router, or the target, at one hop.
    Vertex(Vertex),
    /// Two of them that follow each other.
    Link(Link),
    /// A way from the first hop to the last, and how to take it.
    Path(Path),
    /// Nothing more will happen.
    Summary(Summary),
}

/// What is about to be done.
#[derive(Clone, Debug, Serialize)]
pub struct Start {
    /// Version of the JSON schema.
    pub v: u32,
    /// The target as it was named.
    pub target: String,
    /// Its address.
    #[serde(serialize_with = "super::super::event::ip_only")]
    pub address: SocketAddr,
    /// What the probes are: `udp`.
    pub method: &'static str,
    /// The port that all probes go to.
    pub port: u16,
    /// The lowest hop limit.
    pub first_hop: u8,
    /// Hops at the most.
    pub max_hops: u8,
    /// Octets of a probe, IP header included.
    pub size: usize,
    /// With which no router has one more next hop than was found, in percent.
    #[serde(rename = "confidence_percent")]
    pub confidence: f64,
    /// Source ports that may be used.
    pub flows: usize,
}

/// What a vertex is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Hop limits run out there.
    Router,
    /// The host that was asked for.
    Target,
    /// Says that it goes no further.
    Unreachable,
    /// Says nothing.
    Silent,
}

impl Kind {
    /// Whether nothing comes behind it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Target | Self::Unreachable)
    }
}

/// A router, or the target, at one hop. The same address at two hops is two of these.
#[derive(Clone, Debug, Serialize)]
pub struct Vertex {
    /// Hop limit of the probes that came there.
    pub hop: u8,
    /// Where they came; `None` for whoever was silent.
    pub address: Option<IpAddr>,
    /// What it is.
    pub kind: Kind,
    /// The fastest answer.
    #[serde(flatten)]
    pub sample: Option<Sample>,
    /// How many answers.
    pub answers: u32,
    /// Where a probe that it quoted was going, if that is not the target and its port: somebody on the way
    /// has translated it (RFC 5508 §4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_to: Option<IpAddr>,
    /// And to which port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_port: Option<u16>,
    /// What was rewritten in a probe that was quoted from there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rewritten: Vec<Change>,
    /// Who follows.
    pub next: Vec<Option<IpAddr>>,
    /// Whether enough flows were seen behind it, for the confidence that was asked for.
    pub complete: bool,
}

/// A link that at least one flow was seen at both ends of.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The hop of its near end.
    pub hop: u8,
    /// The near end.
    pub from: Option<IpAddr>,
    /// The far end.
    pub to: Option<IpAddr>,
    /// How many flows took it.
    pub flows: usize,
    /// Source ports of some of them.
    pub ports: Vec<u16>,
}

/// A way from the first hop to the last.
#[derive(Clone, Debug, Serialize)]
pub struct Path {
    /// Who is on it, in order.
    pub hops: Vec<Option<IpAddr>>,
    /// Source ports that lead this way.
    pub ports: Vec<u16>,
    /// Whether it ends at the target.
    pub reached: bool,
}

/// How it went.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Whether the target answered.
    pub reached: bool,
    /// The hop that was the last to answer. `None` if nobody did.
    pub last_hop: Option<u8>,
    /// How many vertices.
    pub vertices: usize,
    /// How many links.
    pub links: usize,
    /// How many ways were followed from end to end; there may be more, by the same links.
    pub paths: usize,
    /// Whether all is known that can be for the confidence that was asked for.
    pub complete: bool,
    /// Whether more source ports would have been needed.
    pub out_of_flows: bool,
    /// Whether it was stopped before the end.
    pub interrupted: bool,
    /// Hops to which the probes of one flow took several ways: who is linked there nobody can tell.
    pub per_packet: Vec<u8>,
    /// Hops that answered more when asked slowly.
    pub rate_limited: Vec<u8>,
    /// The first hop that quoted a probe with another destination than the target and its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<u8>,
    /// The first hop that quoted a probe with any field rewritten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_from: Option<u8>,
    /// Source ports that were used.
    pub flows: usize,
    /// Probes that left.
    pub sent: u32,
    /// Answers.
    pub answered: u32,
    /// What this machine said of a probe that it would not send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// From the first probe to the end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
}
