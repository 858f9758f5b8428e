//! What a scan tells, as text and JSON render it: the engine's events with names of interfaces and vendors.

pub(crate) mod keys;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::compare_cache::Row;
use serde::Serialize;
use wireline_engine::segment::{self, MacKind, Source, Stopped};
use wireline_packet::Mac;
use wireline_packet::ethernet::Framing;

use crate::explain::Exchange;
use crate::watch::event::Difference;

use keys::{
    framing, hexadecimal, kind, milliseconds, source, text, text_or_null, whole_milliseconds,
};
pub use keys::{hex, kind_word};

/// An event of a run. Parts of the program with events of their own add a variant that wraps them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A way in was opened: one for each interface and VLAN, before anything else.
    Interface(Interface),
    /// The first request is about to leave.
    Start(Start),
    /// Somebody answered, for the first time or once more.
    Host(Box<Host>),
    /// Somebody spoke without being asked, for the first time.
    Overheard(Box<Host>),
    /// The frames of a host's first answer, for learners.
    Explained(Box<Exchange>),
    /// Something that should not be, or that a person would want to know.
    Finding(Finding),
    /// Something is not as it was saved.
    Difference(Difference),
    /// All that are still silent were asked once more.
    Pass(Pass),
    /// A host is given up.
    Silent(Silent),
    /// How far it is.
    Progress(Box<Progress>),
    /// What the kernel has beside what was heard.
    Cached(Row),
    /// Who has which addresses, of both families.
    Station(Box<Station>),
    /// The run ends.
    Summary(Box<Summary>),
}

/// A way into a segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interface {
    /// Its name; `None` where frames come from a file.
    pub interface: Option<String>,
    /// Its link-layer address.
    #[serde(serialize_with = "text_or_null")]
    pub mac: Option<Mac>,
    /// The address that requests come from, if it has one.
    pub address: Option<Ipv4Addr>,
    /// Number of the VLAN whose tag requests carry.
    pub vlan: Option<u16>,
}

/// The run begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// Version of the schema.
    pub v: u8,
    /// Addresses that will be asked.
    pub hosts: u64,
    /// Those, in the order of asking, where somebody wants to see them.
    #[serde(skip)]
    pub list: Vec<Ipv4Addr>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// Where it was heard; `None` where frames come from a file.
    pub interface: Option<String>,
    /// Whose.
    pub address: IpAddr,
    /// What the address is called, where that was asked for and is known. Not escaped.
    pub name: Option<String>,
    /// The link-layer address that the message tells.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
    /// What kind of address that is: `universal`, `random`, `vrrp`, …
    #[serde(serialize_with = "kind")]
    pub mac_kind: MacKind,
    /// To whom its prefix is assigned. Not escaped.
    pub vendor: Option<String>,
    /// The one that the frame is from.
    #[serde(serialize_with = "text")]
    pub frame_mac: Mac,
    /// How many answers of this address there were, this one included.
    pub answers: u64,
    /// Since the request that it answers left.
    #[serde(rename = "rtt_ms", serialize_with = "milliseconds")]
    pub rtt: Option<Duration>,
    /// Which request to that address it answers, from 1; 0 where it was not asked.
    pub attempt: u32,
    /// What kind of message it is.
    #[serde(serialize_with = "source")]
    pub source: Source,
    /// `ethernet2`, or `snap` with LLC and SNAP.
    #[serde(serialize_with = "framing")]
    pub framing: Framing,
    /// Number of the VLAN of the frame.
    pub vlan: Option<u16>,
    /// `ar$pro`.
    pub protocol: u16,
    /// Octets behind the message that are not all zero, in hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub padding: Vec<u8>,
}

/// One link-layer address and all addresses that were heard at it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Station {
    /// Where.
    pub interface: Option<String>,
    /// Which.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
    /// What kind of address that is.
    #[serde(serialize_with = "kind")]
    pub mac_kind: MacKind,
    /// To whom its prefix is assigned. Not escaped.
    pub vendor: Option<String>,
    /// Whether it is this machine.
    pub own: bool,
    /// In order, IPv4 first.
    pub addresses: Vec<IpAddr>,
}

/// A round of requests is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pass {
    /// Which, from 1.
    pub pass: u32,
}

/// Somebody who did not answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Silent {
    /// Where it was asked.
    pub interface: Option<String>,
    /// Who.
    pub address: IpAddr,
    /// How often it was asked.
    pub tries: u32,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Addresses that were to be asked.
    pub hosts: u64,
    /// Addresses that answered.
    pub responded: u64,
    /// Addresses that answered or were given up.
    pub settled: u64,
    /// Requests that left.
    pub sent: u64,
    /// Which round of requests this is, from 1.
    pub pass: u32,
    /// Requests a second, as they are allowed now.
    pub rate: u64,
    /// Since the first request.
    #[serde(rename = "elapsed_ms", serialize_with = "whole_milliseconds")]
    pub elapsed: Duration,
    /// Until the end, as far as can be told.
    #[serde(rename = "left_ms", serialize_with = "whole_milliseconds")]
    pub left: Duration,
}

/// A link-layer address and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claimant {
    /// The address.
    #[serde(serialize_with = "text")]
    pub mac: Mac,
    /// To whom its prefix is assigned. Not escaped.
    pub vendor: Option<String>,
}

/// What is not in order, and where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Where it was heard.
    pub interface: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What is not in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum What {
    /// Two link-layer addresses for one address.
    Conflict {
        /// Which address.
        address: IpAddr,
        /// All that claimed it, in their order.
        claimants: Vec<Claimant>,
    },
    /// One link-layer address answers for many, or for networks that it is not in.
    ProxyArp {
        /// Whose.
        #[serde(flatten)]
        claimant: Claimant,
        /// For so many.
        addresses: u64,
        /// Of those, such as are not of the segment's own networks.
        outside: u64,
    },
    /// An address that several machines share on purpose.
    Virtual {
        /// Which.
        address: IpAddr,
        /// Of VRRP, CARP or HSRP.
        #[serde(flatten)]
        claimant: Claimant,
        /// Which of them.
        #[serde(serialize_with = "kind")]
        mac_kind: MacKind,
        /// Its group.
        group: Option<u16>,
    },
    /// The frame is from another than who it says.
    Mismatch {
        /// Which address.
        address: IpAddr,
        /// In the message.
        #[serde(serialize_with = "text")]
        mac: Mac,
        /// On the frame.
        #[serde(serialize_with = "text")]
        frame_mac: Mac,
    },
    /// Somebody else has an address of this machine.
    OwnAddress {
        /// Which.
        address: IpAddr,
        /// Who else.
        #[serde(flatten)]
        claimant: Claimant,
    },
    /// A host answers again and again.
    Storm {
        /// Which.
        address: IpAddr,
        /// Who.
        #[serde(flatten)]
        claimant: Claimant,
        /// So often.
        answers: u64,
    },
    /// The gateway is not who it was.
    GatewayChanged {
        /// The gateway.
        address: IpAddr,
        /// Who it was.
        was: Claimant,
        /// Who it is.
        is: Claimant,
    },
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Addresses that were to be asked.
    pub hosts: u64,
    /// Addresses that answered.
    pub responded: u64,
    /// Own addresses among the targets: counted in `hosts`, not in `responded`.
    pub own: u64,
    /// Addresses of IPv6 that answered, which are not in `responded`; `None` where nobody looked for any.
    pub ipv6_responded: Option<u64>,
    /// Requests that left.
    pub sent: u64,
    /// Of those, such as were sent because none came back.
    pub retried: u64,
    /// Of those that answered, such as did only when they were asked again.
    pub regained: u64,
    /// Frames that the filters let through; of a file, messages that were looked at.
    pub received: u64,
    /// Frames for which the kernel had no room.
    pub dropped: u64,
    /// Times that this machine refused to send a request.
    pub unsent: u64,
    /// Answers that came once more.
    pub repeated: u64,
    /// Messages that made no sense.
    pub strange: u64,
    /// Others that were heard of while it lasted.
    pub overheard: u64,
    /// Messages of others that nobody had room to remember.
    pub forgotten: u64,
    /// Addresses that were not asked as often as they should, or whose answers may have been dropped.
    pub incomplete: u64,
    /// Whether there are none of those, and nobody stopped it.
    pub complete: bool,
    /// Things that are not in order: findings, differences, and rows of the cache that are odd.
    pub findings: u64,
    /// Requests a second in the end, as they were allowed.
    pub rate: u64,
    /// From the first request to the last answer, or until it was given up.
    #[serde(rename = "took_ms", serialize_with = "whole_milliseconds")]
    pub took: Duration,
    /// From the start of the program to the end of the scan.
    #[serde(rename = "elapsed_ms", serialize_with = "whole_milliseconds")]
    pub elapsed: Duration,
    /// The slowest answer to a first request.
    #[serde(rename = "slowest_ms", serialize_with = "milliseconds")]
    pub slowest: Option<Duration>,
    /// Why it ended before its time: `asked`, `limit` or `unsent`.
    pub stopped: Option<&'static str>,
    /// What this machine said, where it does not send any more.
    pub error: Option<String>,
    /// At which interface.
    pub interface: Option<String>,
}

impl Summary {
    /// Puts in what the kernel counted. Where it dropped frames after the engine had last heard of such, any
    /// host that is silent may have answered.
    pub(crate) fn count(&mut self, received: u64, dropped: u64) {
        if dropped > self.dropped {
            let silent = self.hosts.saturating_sub(self.responded + self.own);
            self.incomplete = self.incomplete.max(silent);
            self.complete &= self.incomplete == 0;
        }
        (self.received, self.dropped) = (received, dropped);
    }
}

/// What turns the engine's events into these.
pub struct Facts<'a> {
    /// The interface of each way in, by the engine's number of it.
    pub interfaces: Vec<Option<String>>,
    /// To whom the prefix of a link-layer address is assigned.
    pub vendor: Box<dyn Fn(Mac) -> Option<String> + 'a>,
}

impl Facts<'_> {
    /// What the engine told, with what is known of it.
    #[must_use]
    pub fn event(&self, event: segment::Event) -> Event {
        match event {
            segment::Event::Start { hosts } => {
                Event::Start(Start { v: 1, hosts, list: Vec::new() })
            }
            segment::Event::Host(host) => Event::Host(Box::new(self.host(*host))),
            segment::Event::Overheard(host) => Event::Overheard(Box::new(self.host(*host))),
            segment::Event::Finding(finding) => Event::Finding(self.finding(finding)),
            segment::Event::Pass { pass } => Event::Pass(Pass { pass }),
            segment::Event::Silent { port, address, tries } => {
                Event::Silent(Silent { interface: self.interface(port), address, tries })
            }
            segment::Event::Progress(progress) => Event::Progress(Box::new(so_far(&progress))),
            segment::Event::Summary(summary) => Event::Summary(Box::new(self.summary(*summary))),
        }
    }

    fn interface(&self, port: u32) -> Option<String> {
        self.interfaces.get(usize::try_from(port).ok()?)?.clone()
    }

    pub(crate) fn claimant(&self, mac: Mac) -> Claimant {
        Claimant { mac, vendor: (self.vendor)(mac) }
    }

    fn host(&self, host: segment::Host) -> Host {
        Host {
            interface: self.interface(host.port),
            address: host.address,
            name: None,
            mac: host.mac,
            mac_kind: host.kind,
            vendor: (self.vendor)(host.mac),
            frame_mac: host.frame_mac,
            answers: host.answers,
            rtt: host.rtt,
            attempt: host.attempt,
            source: host.source,
            framing: host.heard.framing,
            vlan: host.heard.vlan,
            protocol: host.heard.protocol,
            padding: host.heard.padding,
        }
    }

    fn finding(&self, finding: segment::Finding) -> Finding {
        let (port, what) = match finding {
            segment::Finding::Conflict { port, address, macs } => {
                let claimants = macs.into_iter().map(|mac| self.claimant(mac)).collect();
                (port, What::Conflict { address, claimants })
            }
            segment::Finding::ProxyArp { port, mac, addresses, outside } => {
                (port, What::ProxyArp { claimant: self.claimant(mac), addresses, outside })
            }
            segment::Finding::Virtual { port, address, mac } => {
                let mac_kind = MacKind::of(mac);
                let claimant = self.claimant(mac);
                (port, What::Virtual { address, claimant, mac_kind, group: group(mac_kind) })
            }
            segment::Finding::OwnAddress { port, address, mac } => {
                (port, What::OwnAddress { address, claimant: self.claimant(mac) })
            }
            segment::Finding::Storm { port, address, mac, answers } => {
                (port, What::Storm { address, claimant: self.claimant(mac), answers })
            }
            segment::Finding::Mismatch { port, address, mac, frame_mac } => {
                (port, What::Mismatch { address, mac, frame_mac })
            }
            segment::Finding::GatewayChanged { port, address, was, mac } => {
                let (was, is) = (self.claimant(was), self.claimant(mac));
                (port, What::GatewayChanged { address, was, is })
            }
        };
        Finding { interface: self.interface(port), what }
    }

    fn summary(&self, summary: segment::Summary) -> Summary {
        let complete = summary.incomplete == 0 && summary.stopped.is_none();
        let (stopped, error, port) = match summary.stopped {
            None => (None, None, None),
            Some(Stopped::Asked) => (Some("asked"), None, None),
            Some(Stopped::Limit) => (Some("limit"), None, None),
            Some(Stopped::Unsent { port, why }) => (Some("unsent"), Some(why), Some(port)),
        };
        Summary {
            hosts: summary.hosts,
            responded: summary.responded,
            own: summary.own,
            ipv6_responded: summary.ipv6.as_ref().map(|ipv6| ipv6.responded),
            sent: summary.sent,
            retried: summary.retried,
            regained: summary.regained,
            received: summary.received,
            dropped: summary.dropped,
            unsent: summary.unsent,
            repeated: summary.repeated,
            strange: summary.strange,
            overheard: summary.overheard,
            forgotten: summary.forgotten,
            incomplete: summary.incomplete,
            complete,
            findings: 0,
            rate: summary.rate,
            took: summary.took,
            elapsed: summary.took,
            slowest: summary.slowest,
            stopped,
            error,
            interface: port.and_then(|port| self.interface(port)),
        }
    }
}

const fn group(kind: MacKind) -> Option<u16> {
    match kind {
        MacKind::Vrrp(group) => Some(group as u16),
        MacKind::Hsrp(group) | MacKind::Glbp(group) => Some(group),
        _ => None,
    }
}

fn so_far(progress: &segment::Progress) -> Progress {
    let segment::Progress { hosts, responded, settled, sent, pass, rate, elapsed, left } =
        *progress;
    Progress { hosts, responded, settled, sent, pass, rate, elapsed, left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_that_nobody_heard_of_leave_silent_hosts_open() {
        let all = Summary { hosts: 9, responded: 8, own: 1, complete: true, ..Summary::default() };
        let some = Summary { responded: 5, ..all.clone() };
        let counted = |mut summary: Summary, dropped| {
            summary.count(100, dropped);
            (summary.incomplete, summary.complete, summary.dropped)
        };
        assert_eq!(counted(some.clone(), 0), (0, true, 0));
        assert_eq!(counted(some.clone(), 7), (3, false, 7));
        assert_eq!(counted(Summary { dropped: 7, ..some }, 7), (0, true, 7), "it was heard of");
        assert_eq!(counted(all, 7), (0, true, 7), "nobody is silent");
    }
}
