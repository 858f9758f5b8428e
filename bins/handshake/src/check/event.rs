//! What a check reports.

use std::net::SocketAddr;

use serde::Serialize;
use wireline_engine::tcp::Verdict;

use super::fact::{Facts, Value};
use super::test::Test;

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grade {
    Ok,
    Info,
    Warn,
    Fail,
    /// Not looked at; the evidence says why.
    Skip,
}

/// How the target was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    /// By segments of our own.
    Raw,
    /// By the kernel's connections, without privilege.
    Connect,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    Start(Start),
    Finding(Finding),
    Expectation(Expected),
    Summary(Summary),
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Start {
    pub(crate) v: u32,
    /// As typed.
    pub(crate) target: String,
    pub(crate) address: SocketAddr,
    pub(crate) access: Access,
    pub(crate) tests: Vec<Test>,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Finding {
    pub(crate) name: Test,
    pub(crate) grade: Grade,
    /// What was seen, in words.
    pub(crate) evidence: String,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    pub(crate) facts: Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<Seen>,
}

/// What a finding was read from, where the facts do not say all of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Seen {
    Rtt {
        samples_ms: Vec<f64>,
        syns: usize,
        unanswered: usize,
    },
    Mss {
        mtu: Option<u32>,
        largest_segment: usize,
    },
    Isn {
        samples: usize,
        ports: usize,
        /// In the range of all numbers: 50 and 29 if they are spread evenly.
        spread_mean_percent: Option<f64>,
        spread_deviation_percent: Option<f64>,
    },
    Synack {
        gaps_ms: Vec<f64>,
        watched_ms: f64,
        has_ended: bool,
    },
    Tfo {
        cookie_octets: usize,
        taken_octets: Option<u32>,
    },
    Accept {
        has_greeted: bool,
        octets: u64,
    },
    Halfclose {
        octets_after_fin: u64,
    },
    Challenge {
        syn: Option<&'static str>,
    },
    Fingerprint {
        signature: String,
        hops: Option<u8>,
        guess: Option<&'static str>,
    },
    Proxy {
        signs: Vec<&'static str>,
    },
    Backlog {
        asked: u32,
        ignored: u32,
        silent: u32,
    },
}

/// What came of `--expect`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Expected {
    /// As it was written.
    pub(crate) expression: String,
    pub(crate) met: bool,
    pub(crate) failed: Vec<Failed>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) clause: String,
    pub(crate) found: Vec<Found>,
}

/// A fact and its value in words; none if it was not measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Found {
    pub(crate) fact: &'static str,
    pub(crate) value: Option<String>,
}

impl Found {
    pub(crate) fn new(fact: &'static str, value: Option<Value>) -> Self {
        Self { fact, value: value.map(|value| value.to_string()) }
    }
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Summary {
    #[serde(flatten)]
    pub(crate) verdict: Option<Verdict>,
    pub(crate) ok: u32,
    pub(crate) info: u32,
    pub(crate) warn: u32,
    pub(crate) fail: u32,
    pub(crate) skip: u32,
    /// A signal ended it.
    pub(crate) interrupted: bool,
    /// The budget was used up before all was asked.
    pub(crate) out_of_time: bool,
    /// Segments that this machine had no room for, and that it did not send.
    pub(crate) dropped: u64,
    pub(crate) unsent: u64,
}
