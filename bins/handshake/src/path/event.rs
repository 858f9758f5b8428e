//! What a trace tells, and at its end what became of the port.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use wireline_engine::tcp::tcping::Outcome as InWords;
use wireline_engine::tcp::{Refused, Verdict};
use wireline_engine::trace::{self, Answer, Outcome, What};
use wireline_net::is_local;

/// An event of the trace, or the last one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Event {
    Trace(trace::Event),
    Port(Port),
}

/// What a SYN came to that could go all the way.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename = "port")]
#[expect(clippy::struct_field_names, reason = "the key of the JSON, as everywhere")]
pub struct Port {
    pub(super) target: String,
    pub(super) address: IpAddr,
    pub(super) port: u16,
    #[serde(skip)]
    pub(super) verdict: Verdict,
    #[serde(flatten)]
    pub(super) outcome: InWords,
    /// The hop that told.
    pub(super) hop: Option<u8>,
    /// The last hop of which anything was heard.
    pub(super) last_hop: Option<u8>,
    /// The flags of the segment that told, if one did.
    pub(super) flags: Option<String>,
}

impl Port {
    /// One that was open, or rejected by a router: for the contract of the JSON.
    #[must_use]
    pub fn sample(target: &str, address: SocketAddr, by: Option<IpAddr>) -> Self {
        let rejected = |by| Verdict::Rejected { by, icmp_type: 3, icmp_code: 13 };
        let verdict = by.map_or(Verdict::Open, rejected);
        Self {
            target: target.to_owned(),
            address: address.ip(),
            port: address.port(),
            outcome: InWords::new(&verdict),
            hop: Some(if by.is_some() { 2 } else { 3 }),
            last_hop: Some(if by.is_some() { 2 } else { 3 }),
            flags: by.is_none().then(|| "syn,ack".to_owned()),
            verdict,
        }
    }
}

/// Follows a trace to find out.
#[derive(Debug)]
pub(super) struct Watcher {
    target: String,
    address: SocketAddr,
    told: Option<(u8, Answer)>,
    pub(super) verdict: Option<Verdict>,
}

impl Watcher {
    pub(super) const fn new(target: String, address: SocketAddr) -> Self {
        Self { target, address, told: None, verdict: None }
    }

    /// Takes in an event; with the last comes the verdict.
    pub(super) fn take(&mut self, event: &trace::Event) -> Option<Port> {
        match event {
            trace::Event::Probe(probe) | trace::Event::Late(probe) => {
                if let Outcome::Reached(answer) | Outcome::Unreachable(answer) = &probe.outcome {
                    // A segment says more than an ICMP error.
                    let is_better = matches!(answer.what, What::Tcp { .. })
                        && self.told.as_ref().is_some_and(|(_, told)| !is_segment(told));
                    if self.told.is_none() || is_better {
                        self.told = Some((probe.hop, answer.clone()));
                    }
                }
                None
            }
            trace::Event::Summary(summary) => Some(self.port(summary)),
            _ => None,
        }
    }

    fn port(&mut self, summary: &trace::Summary) -> Port {
        let told = self.told.as_ref();
        let syn_sent = summary.sent;
        let verdict = told
            .and_then(|(_, answer)| self.verdict_of(answer))
            .unwrap_or(Verdict::Filtered { syn_sent });
        let flags = told.and_then(|(_, answer)| match &answer.what {
            What::Tcp { flags } => Some(flags.clone()),
            _ => None,
        });
        self.verdict = Some(verdict.clone());
        Port {
            target: self.target.clone(),
            address: self.address.ip(),
            port: self.address.port(),
            outcome: InWords::new(&verdict),
            verdict,
            hop: told.map(|(hop, _)| *hop),
            last_hop: summary.last_hop,
            flags,
        }
    }

    fn verdict_of(&self, answer: &Answer) -> Option<Verdict> {
        match &answer.what {
            What::Tcp { flags } if flags.split(',').any(|flag| flag == "rst") => {
                Some(Verdict::Closed)
            }
            What::Tcp { flags } if flags.split(',').any(|flag| flag == "syn") => {
                Some(Verdict::Open)
            }
            What::Icmp { icmp_type, icmp_code, .. } => {
                let (by, icmp_type, icmp_code) = (answer.source, *icmp_type, *icmp_code);
                let is_ours = by != self.address.ip() && is_local(by);
                Refused { by, icmp_type, icmp_code, is_ours }.verdict()
            }
            What::Tcp { .. } | What::Reply => None,
        }
    }
}

const fn is_segment(answer: &Answer) -> bool {
    matches!(answer.what, What::Tcp { .. })
}
