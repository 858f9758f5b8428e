use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_packet::icmp_ext::Object;

use super::rewriting::Change;
use crate::echo::Sample;
use crate::time::as_millis;

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first probe.
    Start(Start),
    /// What became of a probe; they are told in the order of hops.
    Probe(Probe),
    /// An answer to a probe that had been given up.
    Late(Probe),
    /// Probes to a hop were quoted with another header than they were sent with; told at the end.
    Rewritten(Rewritten),
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
    #[serde(serialize_with = "ip_only")]
    pub address: SocketAddr,
    /// What the probes are: `udp`, `icmp`, `tcp`.
    pub method: &'static str,
    /// The port that the first probe goes to; 0 where there are none.
    pub port: u16,
    /// Hops at the most.
    pub max_hops: u8,
    /// Octets of a probe, IP header included.
    pub size: usize,
}

/// One probe and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Hop limit that it was sent with.
    pub hop: u8,
    /// Which of the probes to this hop, from 1.
    pub nth: u8,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The largest datagram, in octets, that goes this far, where this probe was the first to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_mtu: Option<u32>,
}

/// What became of a probe.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Its hop limit ran out at this router.
    Expired(Answer),
    /// The target answered.
    Reached(Answer),
    /// Somebody said that it goes no further.
    Unreachable(Answer),
    /// This machine would not send it.
    Refused {
        /// From asking to being told.
        #[serde(rename = "waited_ms", serialize_with = "as_millis")]
        waited: Duration,
        /// What it said.
        error: String,
        /// Octets that would fit the link, where that is why.
        mtu: Option<u32>,
    },
    /// Nobody said anything in time.
    Lost {
        /// How long it was waited for.
        #[serde(rename = "waited_ms", serialize_with = "as_millis")]
        waited: Duration,
    },
}

impl Outcome {
    /// The answer, if there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Expired(answer) | Self::Reached(answer) | Self::Unreachable(answer) => {
                Some(answer)
            }
            Self::Refused { .. } | Self::Lost { .. } => None,
        }
    }

    /// What this machine would not send.
    pub(super) fn refused(waited: Duration, errno: i32, mtu: Option<u32>) -> Self {
        let error = crate::errno_text(&std::io::Error::from_raw_os_error(errno));
        Self::Refused { waited, error, mtu }
    }

    /// Whether no hop after this one is worth asking.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Reached(_) | Self::Unreachable(_) | Self::Refused { .. })
    }
}

/// What came back for a probe.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Who sent it.
    pub source: IpAddr,
    /// How long it took.
    #[serde(flatten)]
    pub sample: Sample,
    /// TTL or hop limit of the answer on arrival.
    pub hop_limit: Option<u8>,
    /// What kind of answer.
    #[serde(flatten)]
    pub what: What,
    /// Where the quoted probe was going, if that is not the target: somebody on the way has translated
    /// its address (RFC 5508 §4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_to: Option<IpAddr>,
    /// Extensions of RFC 4884.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
}

/// What kind of answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum What {
    /// An ICMP error.
    Icmp {
        /// Type, of RFC 792 or RFC 4443.
        icmp_type: u8,
        /// Code.
        icmp_code: u8,
        /// What the two mean, where an RFC says.
        reason: Option<&'static str>,
        /// The MTU that it tells, in octets; 0 if none.
        mtu: u32,
    },
    /// A TCP segment, with these flags in lower case.
    Tcp {
        /// Such as `syn,ack`.
        flags: String,
    },
    /// Any other answer of the protocol that was asked.
    Reply,
}

/// One object of an ICMP extension structure (RFC 4884 §7.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum Extension {
    /// Labels, the outermost first (RFC 4950).
    Mpls {
        /// Entries of the stack.
        labels: Vec<Label>,
    },
    /// Any other.
    Other {
        /// Class number.
        number: u8,
        /// Type in the class.
        c_type: u8,
        /// What it holds.
        #[serde(serialize_with = "hex")]
        payload: Vec<u8>,
    },
}

/// One entry of a label stack (RFC 3032 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// 20 bits.
    pub label: u32,
    /// Traffic class, 3 bits.
    pub exp: u8,
    /// Whether it is the last.
    pub bottom: bool,
    /// Time to live.
    pub ttl: u8,
}

impl Extension {
    pub(super) fn of(object: &Object<'_>) -> Option<Self> {
        Some(match object {
            Object::Mpls(labels) => Self::Mpls {
                labels: labels
                    .iter()
                    .map(|l| Label { label: l.label, exp: l.exp, bottom: l.bottom, ttl: l.ttl })
                    .collect(),
            },
            Object::Other { class, c_type, payload } => {
                Self::Other { number: *class, c_type: *c_type, payload: payload.to_vec() }
            }
            _ => return None,
        })
    }
}

/// What became of the header of a probe on its way to a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewritten {
    /// Hop limit that it was sent with.
    pub hop: u8,
    /// Who quoted it.
    pub source: IpAddr,
    /// Each field that was another.
    pub changes: Vec<Noticed>,
}

/// A change, and whether it was to be seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Noticed {
    /// The field with what was sent and what was quoted.
    #[serde(flatten)]
    pub change: Change,
    /// No hop before this one showed this field rewritten.
    pub first: bool,
}

/// How it went.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Whether the target answered.
    pub reached: bool,
    /// The hop that was the last: the target, or whoever said that it goes no further; the last that
    /// answered otherwise. `None` if nobody did.
    pub last_hop: Option<u8>,
    /// Probes that left.
    pub sent: u32,
    /// Of those, answered.
    pub answered: u32,
    /// Hops that answered some probes and then no more, while hops behind them answered all: routers
    /// that limit the rate of their answers look like that, lossy links do not.
    pub rate_limited: Vec<u8>,
    /// The first hop behind a link that swallows long probes and says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub black_hole: Option<u8>,
    /// The first hop that quoted a probe on its way to another address than the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<u8>,
    /// The first hop that quoted a probe with any field rewritten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_from: Option<u8>,
    /// What this machine said to a probe that it would not send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsent: Option<String>,
    /// From the first probe to the end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
}

pub(super) fn ip_only<S: Serializer>(address: &SocketAddr, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&address.ip())
}

fn hex<S: Serializer>(octets: &[u8], s: S) -> Result<S::Ok, S::Error> {
    let text = octets.iter().fold(String::new(), |text, octet| format!("{text}{octet:02x}"));
    s.collect_str(&text)
}
