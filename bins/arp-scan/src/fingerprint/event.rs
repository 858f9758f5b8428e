//! What a run tells, as text and JSON render it.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::Exit;
use wireline_engine::segment::fingerprint::{self, PROBES};
use wireline_host::vendors::Vendors;
use wireline_packet::Mac;

use super::systems::systems;
use crate::event::keys::{text, whole_milliseconds};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first question is about to leave.
    Start {
        /// Version of the schema.
        v: u8,
        /// How many are asked.
        hosts: usize,
    },
    /// Somebody answered.
    Fingerprint(Host),
    /// Somebody did not.
    Silent {
        /// Where it was asked.
        interface: Option<String>,
        /// Who.
        address: Ipv4Addr,
    },
    /// The end.
    Summary(Summary),
}

/// One host that answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// Where it was heard.
    pub interface: Option<String>,
    /// Whose answers they are.
    pub address: Ipv4Addr,
    /// Who gave the first of them.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
    /// To whom its prefix is assigned. Not escaped.
    pub vendor: Option<String>,
    /// A digit for each question, in the order of arp-fingerprint(1).
    pub pattern: String,
    /// What may be behind it; nothing where nobody knows.
    pub systems: &'static [&'static str],
    /// The questions, as options of arp-scan, and whether they were answered.
    pub probes: Vec<Asked>,
    /// Others answered for the address too; the pattern is of the first.
    pub contested: bool,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// As options of arp-scan.
    pub probe: String,
    /// Whether it was answered.
    pub answered: bool,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many were asked.
    pub hosts: usize,
    /// How many of them answered.
    pub responded: usize,
    /// Frames.
    pub sent: u64,
    /// Frames that this machine did not send.
    pub unsent: u64,
    /// What it said, the last time.
    pub error: Option<String>,
    /// From the first question to the end.
    #[serde(rename = "took_ms", serialize_with = "whole_milliseconds")]
    pub took: Duration,
    /// Asked to end before its time.
    pub stopped: bool,
}

impl Summary {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self { stopped: true, .. } => Exit(130),
            Self { sent: 0, unsent: 1.., .. } => Exit(1),
            _ => Exit(0),
        }
    }
}

/// What is known beside what the engine tells.
pub(crate) struct Facts<'a> {
    pub(crate) interface: Option<String>,
    pub(crate) vendors: &'a Vendors,
}

impl Facts<'_> {
    pub(crate) fn event(&self, event: fingerprint::Event) -> Event {
        let interface = self.interface.clone();
        match event {
            fingerprint::Event::Start { hosts } => Event::Start { v: 1, hosts },
            fingerprint::Event::Host(host) => Event::Fingerprint(self.host(host)),
            fingerprint::Event::Silent(address) => Event::Silent { interface, address },
            fingerprint::Event::Summary(summary) => Event::Summary(summary.into()),
        }
    }

    fn host(&self, host: fingerprint::Fingerprint) -> Host {
        let fingerprint::Fingerprint { address, mac, answers, is_contested } = host;
        let pattern = answers.to_string();
        let asked = |(n, probe): (usize, &fingerprint::Probe)| Asked {
            probe: probe.to_string(),
            answered: answers.has(n),
        };
        Host {
            interface: self.interface.clone(),
            address,
            mac,
            vendor: self.vendors.name(mac).map(str::to_owned),
            systems: systems(&pattern),
            pattern,
            probes: PROBES.iter().enumerate().map(asked).collect(),
            contested: is_contested,
        }
    }
}

impl From<fingerprint::Summary> for Summary {
    fn from(summary: fingerprint::Summary) -> Self {
        let fingerprint::Summary { hosts, responded, sent, unsent, why_unsent, took, is_stopped } =
            summary;
        Self { hosts, responded, sent, unsent, error: why_unsent, took, stopped: is_stopped }
    }
}
