//! The same events as objects.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_cli::{JsonLines, Render, Streams};
use wireline_engine::arping::{Answer, Casting, Ending, Event, Kind, Summary};
use wireline_packet::Mac;

use super::Way;
use super::config::Mode;
use crate::event::Claimant;

/// An object a line.
pub(crate) struct Json {
    pub(crate) way: Way,
    pub(crate) mode: Mode,
    pub(crate) vendor: fn(Mac) -> Option<String>,
    pub(crate) quiet: bool,
}

/// What an object has, besides `tool` and `unix_ms`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Object<'a> {
    Start {
        v: u8,
        mode: &'static str,
        interface: &'a str,
        #[serde(serialize_with = "text")]
        mac: Mac,
        source: Ipv4Addr,
        address: Ipv4Addr,
    },
    Reply {
        address: Ipv4Addr,
        #[serde(flatten)]
        claimant: Claimant,
        #[serde(serialize_with = "text")]
        frame_mac: Mac,
        casting: &'static str,
        operation: &'static str,
        for_address: Option<Ipv4Addr>,
        for_mac: Option<String>,
        rtt_ms: Option<f64>,
        attempt: u64,
    },
    Finding {
        interface: &'a str,
        #[serde(flatten)]
        what: What,
    },
    Unsent {
        interface: &'a str,
        error: &'a str,
    },
    Summary {
        sent: u64,
        broadcasts: u64,
        unsent: u64,
        received: u64,
        broadcasts_received: u64,
        requests_received: u64,
        not_shown: u64,
        dropped: u64,
        findings: u64,
        in_use: Option<bool>,
        took_ms: f64,
        ended: &'static str,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
enum What {
    Conflict {
        address: Ipv4Addr,
        claimants: Vec<Claimant>,
    },
    RivalProbe {
        address: Ipv4Addr,
        #[serde(flatten)]
        claimant: Claimant,
    },
}

impl Render<Event> for Json {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        let object = match event {
            Event::Start | Event::Answer(_) if self.quiet => return Ok(()),
            Event::Start => self.start(),
            Event::Answer(answer) => self.reply(answer),
            Event::Conflict { address, macs } => {
                let claimants = macs.iter().map(|mac| self.claimant(*mac)).collect();
                self.finding(What::Conflict { address: *address, claimants })
            }
            Event::Rival { mac } => self.finding(What::RivalProbe {
                address: self.way.target,
                claimant: self.claimant(*mac),
            }),
            Event::Unsent { why } => Object::Unsent { interface: &self.way.interface, error: why },
            Event::Summary(summary) => self.summary(summary),
        };
        JsonLines { tool: "arp-scan" }.event(at, &object, to)
    }
}

impl Json {
    fn claimant(&self, mac: Mac) -> Claimant {
        Claimant { mac, vendor: (self.vendor)(mac) }
    }

    const fn finding(&self, what: What) -> Object<'_> {
        Object::Finding { interface: self.way.interface.as_str(), what }
    }

    const fn start(&self) -> Object<'_> {
        let mode = match self.mode {
            Mode::Ask => "ask",
            Mode::Detect => "detect",
            Mode::Announce => "announce",
        };
        Object::Start {
            v: 1,
            mode,
            interface: self.way.interface.as_str(),
            mac: self.way.own,
            source: self.way.source,
            address: self.way.target,
        }
    }

    fn reply(&self, answer: &Answer) -> Object<'_> {
        Object::Reply {
            address: self.way.target,
            claimant: self.claimant(answer.mac),
            frame_mac: answer.frame_mac,
            casting: match answer.casting {
                Casting::Unicast => "unicast",
                Casting::Broadcast => "broadcast",
            },
            operation: match answer.kind {
                Kind::Request => "request",
                Kind::Reply => "reply",
            },
            for_address: answer.for_address,
            for_mac: answer.for_mac.map(|mac| mac.to_string()),
            rtt_ms: answer.rtt.map(milliseconds),
            attempt: answer.sent,
        }
    }

    fn summary(&self, summary: &Summary) -> Object<'_> {
        Object::Summary {
            sent: summary.sent,
            broadcasts: summary.broadcasts,
            unsent: summary.unsent,
            received: summary.received,
            broadcasts_received: summary.broadcasts_received,
            requests_received: summary.requests_received,
            not_shown: summary.untold,
            dropped: summary.dropped,
            findings: summary.conflicts + summary.rivals,
            in_use: super::in_use(self.mode, summary),
            took_ms: milliseconds(summary.took),
            ended: match summary.ending {
                Ending::Answered => "answered",
                Ending::Count => "count",
                Ending::Deadline => "deadline",
                Ending::Stopped => "stopped",
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn text<S: Serializer>(mac: &Mac, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(mac)
}

/// Without the digits past the nanosecond that a product of floats would add.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e9).round() / 1e6
}
