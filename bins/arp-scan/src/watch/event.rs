//! What a watch tells, as text and JSON render it: the engine's events with names of interfaces and vendors.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_engine::segment::{MacKind, Source};
use wireline_engine::watch::{self, Arpwatch, Place};
use wireline_packet::Mac;

use crate::event::Claimant;
use crate::event::keys::{kind, source, text, whole_milliseconds};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Listening from now on.
    Start {
        /// Version of the schema.
        v: u8,
        /// Hosts that are known from before.
        known: usize,
        /// Addresses that will be asked once to begin with.
        hosts: u64,
    },
    /// A host is there that was not.
    Joined(Box<Seen>),
    /// A host does not answer any more.
    Left {
        /// Who it was.
        #[serde(flatten)]
        host: Box<Host>,
        /// Requests in a row that it did not answer.
        unanswered: u32,
    },
    /// A link-layer address has another protocol address.
    Moved {
        /// Where it is now.
        #[serde(flatten)]
        host: Box<Host>,
        /// Where it was.
        from: IpAddr,
    },
    /// An address is at another link-layer address.
    Changed {
        /// As it is now.
        #[serde(flatten)]
        seen: Box<Seen>,
        /// Who it was.
        was: Claimant,
    },
    /// Several claim one address.
    Conflict {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// Which address.
        address: IpAddr,
        /// All that claim it, the one that was first known first.
        claimants: Vec<Claimant>,
        /// Whether the first of them is this machine.
        own: bool,
    },
    /// A conflict is over.
    Settled {
        /// Whose it is now.
        #[serde(flatten)]
        host: Box<Host>,
    },
    /// The gateway is not who it should be.
    GatewayChanged {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// The gateway.
        address: IpAddr,
        /// Who it should be.
        was: Claimant,
        /// Who claims it.
        is: Claimant,
        /// Whether somebody said who it should be.
        pinned: bool,
    },
    /// One sender's replies that nobody here asked for.
    Flood {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// The address that the last one was about.
        address: IpAddr,
        /// Who sends them.
        #[serde(flatten)]
        claimant: Claimant,
        /// How many.
        replies: u64,
        /// In how long a time.
        #[serde(rename = "within_ms", serialize_with = "whole_milliseconds")]
        within: Duration,
    },
    /// Somebody wants to know if an address is free (RFC 5227 §2.1.1), and it is not.
    Wanted {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// Which address.
        address: IpAddr,
        /// Who wants it.
        #[serde(flatten)]
        claimant: Claimant,
        /// Who has it.
        holder: Claimant,
    },
    /// A frame is from another than who the message in it says.
    Mismatch {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// Which address.
        address: IpAddr,
        /// In the message.
        #[serde(flatten)]
        claimant: Claimant,
        /// On the frame.
        #[serde(serialize_with = "text")]
        frame_mac: Mac,
        /// What arpwatch calls it.
        #[serde(serialize_with = "notion")]
        arpwatch: Option<Arpwatch>,
    },
    /// Nothing at all is heard any more, which says nothing about the hosts.
    Deaf {
        /// Where.
        #[serde(flatten)]
        at: At,
        /// Hosts that were there.
        hosts: usize,
        /// For how long.
        #[serde(rename = "silent_ms", serialize_with = "whole_milliseconds")]
        silent: Duration,
    },
    /// Something is not as it was saved.
    Difference(Difference),
    /// How it stands, because somebody asked.
    Status(Box<Summary>),
    /// The end.
    Summary(Box<Summary>),
}

/// Where something was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct At {
    /// The interface.
    pub interface: Option<String>,
    /// Number of the VLAN of the frames.
    pub vlan: Option<u16>,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// Its address.
    pub address: IpAddr,
    /// Its link-layer address, and whose that is.
    #[serde(flatten)]
    pub claimant: Claimant,
    /// What kind of address that is.
    #[serde(serialize_with = "kind")]
    pub mac_kind: MacKind,
    /// Those that the address had before, the latest first.
    #[serde(serialize_with = "texts")]
    pub former: Vec<Mac>,
    /// When the address was first heard of, since 1970 UTC.
    #[serde(rename = "first_seen_ms", serialize_with = "whole_milliseconds")]
    pub first_seen: Duration,
    /// When it was last heard, since 1970 UTC.
    #[serde(rename = "last_seen_ms", serialize_with = "whole_milliseconds")]
    pub last_seen: Duration,
}

/// A host, and what it was heard by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// The host.
    #[serde(flatten)]
    pub host: Host,
    /// What told of it.
    #[serde(serialize_with = "source")]
    pub source: Source,
    /// Other addresses of the same link-layer address, a few of them.
    pub also: Vec<IpAddr>,
    /// What arpwatch calls it.
    #[serde(serialize_with = "notion")]
    pub arpwatch: Option<Arpwatch>,
}

/// What is not as it was saved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// Which address.
    pub address: IpAddr,
    /// What.
    #[serde(flatten)]
    pub what: Unlike,
}

/// In what something differs from what was saved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Unlike {
    /// It was saved and is not there.
    Missing {
        /// Who it was.
        was: Claimant,
    },
    /// It is there and was not saved.
    New {
        /// Who it is.
        is: Claimant,
    },
    /// It is another.
    Changed {
        /// Who it was.
        was: Claimant,
        /// Who it is.
        is: Claimant,
    },
}

/// Counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Hosts that are there.
    pub present: u64,
    /// Hosts that are known, there or not.
    pub known: u64,
    /// Hosts that came.
    pub joined: u64,
    /// Hosts that went.
    pub left: u64,
    /// Hosts that have another address.
    pub moved: u64,
    /// Addresses that have another host.
    pub changed: u64,
    /// Addresses that several claimed.
    pub conflicts: u64,
    /// Alarms about a gateway.
    pub gateway_changes: u64,
    /// Senders of too many replies.
    pub floods: u64,
    /// Differences from what was saved.
    pub differences: u64,
    /// Requests that left.
    pub sent: u64,
    /// Requests that this machine did not send.
    pub unsent: u64,
    /// ARP messages heard.
    pub heard: u64,
    /// Such of them as make no sense.
    pub strange: u64,
    /// Claims that were passed over: more strangers than can be told of or kept.
    pub overlooked: u64,
    /// Frames for which the kernel had no room.
    pub dropped: u64,
    /// How long it has lasted.
    #[serde(rename = "took_ms", serialize_with = "whole_milliseconds")]
    pub took: Duration,
}

impl Event {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Joined(_) => "joined",
            Self::Left { .. } => "left",
            Self::Moved { .. } => "moved",
            Self::Changed { .. } => "changed",
            Self::Conflict { .. } => "conflict",
            Self::Settled { .. } => "settled",
            Self::GatewayChanged { .. } => "gateway_changed",
            Self::Flood { .. } => "flood",
            Self::Wanted { .. } => "wanted",
            Self::Mismatch { .. } => "mismatch",
            Self::Deaf { .. } => "deaf",
            Self::Difference(_) => "difference",
            Self::Status(_) => "status",
            Self::Summary(_) => "summary",
        }
    }

    /// Whether somebody who checks a segment wants to know: somebody is not who they were.
    #[must_use]
    pub const fn is_alarm(&self) -> bool {
        matches!(
            self,
            Self::Changed { .. }
                | Self::Conflict { .. }
                | Self::GatewayChanged { .. }
                | Self::Flood { .. }
                | Self::Mismatch { .. }
                | Self::Difference(_)
        )
    }
}

/// What turns the engine's events into these.
pub struct Facts {
    /// Names of interfaces, by the engine's number of them.
    pub interfaces: Vec<String>,
    /// To whom the prefix of a link-layer address is assigned.
    pub vendor: Box<dyn Fn(Mac) -> Option<String>>,
}

impl Facts {
    /// Where a place is.
    #[must_use]
    pub fn at(&self, place: Place) -> At {
        let index = usize::try_from(place.port).ok();
        let interface = index.and_then(|index| self.interfaces.get(index)).cloned();
        At { interface, vlan: place.vlan }
    }

    /// Whose a link-layer address is.
    #[must_use]
    pub fn claimant(&self, mac: Mac) -> Claimant {
        Claimant { mac, vendor: (self.vendor)(mac) }
    }

    fn host(&self, record: watch::Record) -> Box<Host> {
        Box::new(Host {
            at: self.at(record.place),
            address: record.address,
            claimant: self.claimant(record.mac),
            mac_kind: MacKind::of(record.mac),
            former: record.former,
            first_seen: record.first_seen,
            last_seen: record.last_seen,
        })
    }

    fn seen(&self, seen: watch::Seen) -> Box<Seen> {
        let watch::Seen { record, source, also, arpwatch } = seen;
        Box::new(Seen { host: *self.host(record), source, also, arpwatch })
    }

    /// What the engine told, with what is known of it; nothing of a snapshot.
    #[must_use]
    pub fn event(&self, event: watch::Event, differences: u64) -> Option<Event> {
        use watch::Event as From;
        Some(match event {
            From::Snapshot(_) => return None,
            From::Start { known, hosts } => Event::Start { v: 1, known, hosts },
            From::Joined(seen) => Event::Joined(self.seen(seen)),
            From::Left { record, unanswered } => {
                Event::Left { host: self.host(record), unanswered }
            }
            From::Moved { now, from } => Event::Moved { host: self.host(now), from },
            From::Changed { now, was } => {
                Event::Changed { seen: self.seen(now), was: self.claimant(was) }
            }
            From::Settled { record } => Event::Settled { host: self.host(record) },
            From::Summary(counts) => {
                let end = counts.end;
                let summary = Box::new(summary(&counts, differences));
                if end { Event::Summary(summary) } else { Event::Status(summary) }
            }
            alarm => return self.alarm(alarm),
        })
    }

    fn alarm(&self, event: watch::Event) -> Option<Event> {
        use watch::Event as From;
        Some(match event {
            From::Conflict { place, address, macs, own } => {
                let claimants = macs.into_iter().map(|mac| self.claimant(mac)).collect();
                Event::Conflict { at: self.at(place), address, claimants, own }
            }
            From::GatewayChanged { place, address, was, mac, pinned } => {
                let (was, is) = (self.claimant(was), self.claimant(mac));
                Event::GatewayChanged { at: self.at(place), address, was, is, pinned }
            }
            From::Flood { place, mac, replies, within, address } => {
                let claimant = self.claimant(mac);
                Event::Flood { at: self.at(place), address, claimant, replies, within }
            }
            From::Wanted { place, address, mac, holder } => {
                let (claimant, holder) = (self.claimant(mac), self.claimant(holder));
                Event::Wanted { at: self.at(place), address, claimant, holder }
            }
            From::Mismatch { place, address, mac, frame_mac, arpwatch } => {
                let (at, claimant) = (self.at(place), self.claimant(mac));
                Event::Mismatch { at, address, claimant, frame_mac, arpwatch: Some(arpwatch) }
            }
            From::Deaf { place, hosts, silent } => {
                Event::Deaf { at: self.at(place), hosts, silent }
            }
            _ => return None,
        })
    }
}

const fn summary(counts: &watch::Summary, differences: u64) -> Summary {
    Summary {
        present: counts.present,
        known: counts.known,
        joined: counts.joined,
        left: counts.left,
        moved: counts.moved,
        changed: counts.changed,
        conflicts: counts.conflicts,
        gateway_changes: counts.gateway_changes,
        floods: counts.floods,
        differences,
        sent: counts.sent,
        unsent: counts.unsent,
        heard: counts.heard,
        strange: counts.strange,
        overlooked: counts.overlooked,
        dropped: counts.dropped,
        took: counts.took,
    }
}

fn texts<S: Serializer>(macs: &[Mac], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(macs.iter().map(ToString::to_string))
}

#[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde's signature")]
fn notion<S: Serializer>(notion: &Option<Arpwatch>, to: S) -> Result<S::Ok, S::Error> {
    notion.map(Arpwatch::text).serialize(to)
}
