//! What a run tells, as text and JSON render it.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_cli::Exit;
use wireline_engine::millis;
use wireline_engine::segment::fingerprint::{self, PROBES};
use wireline_host::vendors::Vendors;
use wireline_packet::Mac;

use super::systems::systems;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    Start { v: u8, hosts: usize },
    Fingerprint(Host),
    Silent { interface: Option<String>, address: Ipv4Addr },
    Summary(Summary),
}

/// One host that answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Host {
    pub(crate) interface: Option<String>,
    pub(crate) address: Ipv4Addr,
    #[serde(serialize_with = "text")]
    pub(crate) mac: Mac,
    /// To whom its prefix is assigned. Not escaped.
    pub(crate) vendor: Option<String>,
    /// A digit for each question, in the order of arp-fingerprint(1).
    pub(crate) pattern: String,
    /// What may be behind it; nothing where nobody knows.
    pub(crate) systems: &'static [&'static str],
    /// The questions, as options of arp-scan, and whether they were answered.
    pub(crate) probes: Vec<Asked>,
    /// Others answered for the address too; the pattern is of the first.
    pub(crate) contested: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Asked {
    pub(crate) probe: String,
    pub(crate) answered: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) hosts: usize,
    pub(crate) responded: usize,
    /// Frames.
    pub(crate) sent: u64,
    pub(crate) unsent: u64,
    pub(crate) why_unsent: Option<String>,
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub(crate) took: Duration,
    /// Asked to end before its time.
    pub(crate) stopped: bool,
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
        Self { hosts, responded, sent, unsent, why_unsent, took, stopped: is_stopped }
    }
}

fn text<S: Serializer>(mac: &Mac, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(mac)
}

fn milliseconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    millis(*time).serialize(to)
}
