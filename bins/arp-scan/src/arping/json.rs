//! The same events as objects.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Render, Streams};
use wireline_engine::arping::{Answer, Casting, Ending, Event, Kind, Summary};
use wireline_packet::Mac;

use super::Way;
use super::config::Mode;
use crate::event::Claimant;
use crate::event::keys::{milliseconds, text, text_or_null, whole_milliseconds};

/// An object a line.
pub(crate) struct Json {
    pub(crate) way: Way,
    pub(crate) mode: Mode,
    pub(crate) vendor: fn(Mac) -> Option<String>,
    pub(crate) quiet: bool,
}

/// What an object has, besides `tool` and `unix_ms`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Object<'a> {
    /// The first request is about to leave.
    Start {
        /// Version of the schema.
        v: u8,
        /// `ask`, `detect` or `announce`.
        mode: &'static str,
        /// By which it is asked.
        interface: &'a str,
        /// Its link-layer address.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// The address that requests come from.
        source: Ipv4Addr,
        /// Whom.
        address: Ipv4Addr,
    },
    /// Somebody answered.
    Reply(Reply),
    /// Something is not in order.
    Finding {
        /// Where it was heard.
        interface: &'a str,
        /// What.
        #[serde(flatten)]
        what: What,
    },
    /// A request did not leave.
    Unsent {
        /// By which it should have.
        interface: &'a str,
        /// The errno in words.
        error: &'a str,
    },
    /// How it went.
    Summary(Counts),
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reply {
    /// Whose.
    pub address: Ipv4Addr,
    /// Who says so.
    #[serde(flatten)]
    pub claimant: Claimant,
    /// The one that the frame is from.
    #[serde(serialize_with = "text")]
    pub frame_mac: Mac,
    /// `unicast` or `broadcast`.
    pub casting: &'static str,
    /// `reply`, or `request` of somebody who asks for something.
    pub operation: &'static str,
    /// Where it is for another address than ours: for which.
    pub for_address: Option<Ipv4Addr>,
    /// Likewise.
    #[serde(serialize_with = "text_or_null")]
    pub for_mac: Option<Mac>,
    /// Since the last request left.
    #[serde(rename = "rtt_ms", serialize_with = "milliseconds")]
    pub rtt: Option<Duration>,
    /// Requests that had left.
    pub attempt: u64,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Requests that left.
    pub sent: u64,
    /// Of these, to all.
    pub broadcasts: u64,
    /// Requests that this machine did not send.
    pub unsent: u64,
    /// Answers.
    pub received: u64,
    /// Of these, to all.
    pub broadcasts_received: u64,
    /// Of these, requests.
    pub requests_received: u64,
    /// Of these, too many to show.
    pub not_shown: u64,
    /// Frames for which the kernel had no room.
    pub dropped: u64,
    /// Things that are not in order.
    pub findings: u64,
    /// Whether somebody has the address, where that is what was asked.
    pub in_use: Option<bool>,
    /// From the first request to the end.
    #[serde(rename = "took_ms", serialize_with = "whole_milliseconds")]
    pub took: Duration,
    /// Why it ended: `answered`, `count`, `deadline` or `stopped`.
    pub ended: &'static str,
}

/// What is not in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum What {
    /// Two have the address.
    Conflict {
        /// Which.
        address: Ipv4Addr,
        /// All of them.
        claimants: Vec<Claimant>,
    },
    /// Somebody else looks whether the address is free (RFC 5227 §2.1.1).
    RivalProbe {
        /// Which.
        address: Ipv4Addr,
        /// Who.
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
        Object::Reply(Reply {
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
            for_mac: answer.for_mac,
            rtt: answer.rtt,
            attempt: answer.sent,
        })
    }

    fn summary(&self, summary: &Summary) -> Object<'_> {
        Object::Summary(Counts {
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
            took: summary.took,
            ended: match summary.ending {
                Ending::Answered => "answered",
                Ending::Count => "count",
                Ending::Deadline => "deadline",
                Ending::Stopped => "stopped",
            },
        })
    }
}
