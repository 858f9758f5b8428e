//! What is told of a path that is probed over and over.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use crate::time::as_millis;
use crate::trace::{Label, Start};

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// About to send the first probe.
    Start(Start),
    /// How it goes.
    Cycle(Cycle),
    /// How it went; nothing more will happen.
    Report(Report),
}

/// How it goes.
#[derive(Clone, Debug, Serialize)]
pub struct Cycle {
    /// Which cycle this is told of, from 1.
    pub cycle: u32,
    /// Probes that have left.
    pub sent: u32,
    /// Of those, answered.
    pub answered: u32,
    /// The hops, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
}

/// How it went.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Cycles that were begun.
    pub cycles: u32,
    /// Whether the target answered.
    pub reached: bool,
    /// Probes that left.
    pub sent: u32,
    /// Of those, answered.
    pub answered: u32,
    /// From the first hop to the target, or to the last that answered.
    pub hops: Vec<Hop>,
    /// Hops that are probably limiting the rate of their answers.
    pub rate_limited: Vec<u8>,
    /// What this machine said when it would not send a probe, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// From the first probe to the end.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
}

/// One hop after some cycles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hop {
    /// Hop limit that its probes were sent with.
    pub hop: u8,
    /// Who answered, in the order in which they first did; the first eight.
    pub addresses: Vec<Seen>,
    /// Probes that left.
    pub sent: u32,
    /// Of those, answered.
    pub received: u32,
    /// Of those, given up.
    pub lost: u32,
    /// Share of the probes that were given up among those that are no longer under way, 0 to 100.
    pub loss_percent: f64,
    /// How long they took, if any was answered.
    #[serde(flatten)]
    pub times: Option<Times>,
    /// What was lost here was not lost on the way: hops behind lost less, or the answers came as from
    /// a router that gives out so many a second (`icmp_ratelimit`, ip-sysctl.rst on kernel.org).
    pub rate_limited: bool,
}

/// One of those who answered at a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its address.
    pub address: IpAddr,
    /// How often it answered.
    pub answers: u32,
    /// The label stack that the last of its probes came with, the outermost first (RFC 4950).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
}

/// Round trips of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// The newest.
    #[serde(rename = "last_ms", serialize_with = "as_millis")]
    pub last: Duration,
    /// Shortest.
    #[serde(rename = "best_ms", serialize_with = "as_millis")]
    pub best: Duration,
    /// Mean.
    #[serde(rename = "avg_ms", serialize_with = "as_millis")]
    pub avg: Duration,
    /// Longest.
    #[serde(rename = "worst_ms", serialize_with = "as_millis")]
    pub worst: Duration,
    /// Deviation of a sample, which is mtr's; ping's is that of a population.
    #[serde(rename = "stdev_ms", serialize_with = "as_millis")]
    pub stdev: Duration,
    /// Geometric mean.
    #[serde(rename = "gmean_ms", serialize_with = "as_millis")]
    pub gmean: Duration,
    /// Between the last two.
    #[serde(rename = "jitter_ms", serialize_with = "as_millis")]
    pub jitter: Duration,
    /// Mean of all; the first round trip has one of zero.
    #[serde(rename = "jitter_avg_ms", serialize_with = "as_millis")]
    pub jitter_avg: Duration,
    /// Longest of all.
    #[serde(rename = "jitter_max_ms", serialize_with = "as_millis")]
    pub jitter_max: Duration,
    /// Smoothed (RFC 3550 §6.4.1).
    #[serde(rename = "jitter_interarrival_ms", serialize_with = "as_millis")]
    pub jitter_interarrival: Duration,
}
