use std::net::IpAddr;
use std::time::Duration;

use wireline_packet::Mac;

use crate::segment::Source;

/// Where an address is known: the same one elsewhere is another host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// By which way in.
    pub port: u32,
    /// Number of the VLAN that its frames are tagged with.
    pub vlan: Option<u16>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Listening from now on.
    Start {
        /// Hosts that are known from before.
        known: usize,
        /// Addresses that will be asked once to begin with.
        hosts: u64,
    },
    /// A host is there that was not.
    Joined(Seen),
    /// A host does not answer any more.
    Left {
        /// Who it was, with when it was last heard.
        record: Record,
        /// Requests in a row that it did not answer.
        unanswered: u32,
    },
    /// A link-layer address has another protocol address, and its former one is silent.
    Moved {
        /// Where it is now.
        now: Record,
        /// Where it was.
        from: IpAddr,
    },
    /// An address is at another link-layer address, and its former one is silent.
    Changed {
        /// As it is now.
        now: Seen,
        /// Who it was.
        was: Mac,
    },
    /// Several claim one address, and do so still.
    Conflict {
        /// Where.
        place: Place,
        /// Which address.
        address: IpAddr,
        /// All that claim it, the one that was first known first.
        macs: Vec<Mac>,
        /// Whether the first of them is this machine.
        own: bool,
    },
    /// A conflict is over: one claims the address, and the others are silent.
    Settled {
        /// Whose it is now.
        record: Record,
    },
    /// The gateway is not who it should be.
    GatewayChanged {
        /// Where.
        place: Place,
        /// The gateway.
        address: IpAddr,
        /// Who it should be.
        was: Mac,
        /// Who claims it.
        mac: Mac,
        /// Whether somebody said who it should be, or it was only known so.
        pinned: bool,
    },
    /// One sender's replies that nobody here asked for.
    Flood {
        /// Where.
        place: Place,
        /// Who sends them: the source of the frames.
        mac: Mac,
        /// How many.
        replies: u64,
        /// In how long a time.
        within: Duration,
        /// The address that the last one was about.
        address: IpAddr,
    },
    /// Somebody wants to know if an address is free (RFC 5227 §2.1.1), and it is not.
    Wanted {
        /// Where.
        place: Place,
        /// Which address.
        address: IpAddr,
        /// Who wants it.
        mac: Mac,
        /// Who has it.
        holder: Mac,
    },
    /// A frame is from another than who the message in it says.
    Mismatch {
        /// Where.
        place: Place,
        /// Which address.
        address: IpAddr,
        /// In the message.
        mac: Mac,
        /// On the frame.
        frame_mac: Mac,
        /// What arpwatch calls it.
        arpwatch: Arpwatch,
    },
    /// Nothing at all is heard any more: that says something about this machine's link, and nothing about
    /// the hosts.
    Deaf {
        /// Where.
        place: Place,
        /// Hosts that were there.
        hosts: usize,
        /// Since when.
        silent: Duration,
    },
    /// All that is known: to be kept.
    Snapshot(Vec<Record>),
    /// How it stands, or at the end: how it stood.
    Summary(Summary),
}

/// A host, and what it was heard by.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The host as it is now.
    pub record: Record,
    /// What told of it.
    pub source: Source,
    /// Other addresses of the same link-layer address that are there, a few of them.
    pub also: Vec<IpAddr>,
    /// What arpwatch calls it; `None` where it would say nothing.
    pub arpwatch: Option<Arpwatch>,
}

/// What arpwatch(8) calls things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arpwatch {
    /// The address was never seen before.
    NewStation,
    /// The pair is used for the first time in six months or more.
    NewActivity,
    /// From one link-layer address to one that was never seen there.
    ChangedEthernetAddress,
    /// Back to the one before.
    FlipFlop,
    /// Back to one before that.
    ReusedOldEthernetAddress,
    /// The address is of no network here.
    Bogon,
    /// The frame is from another.
    EthernetMismatch,
    /// The message says that the link-layer address is one of a group.
    EthernetBroadcast,
}

impl Arpwatch {
    /// In arpwatch's words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NewStation => "new station",
            Self::NewActivity => "new activity",
            Self::ChangedEthernetAddress => "changed ethernet address",
            Self::FlipFlop => "flip flop",
            Self::ReusedOldEthernetAddress => "reused old ethernet address",
            Self::Bogon => "bogon",
            Self::EthernetMismatch => "ethernet mismatch",
            Self::EthernetBroadcast => "ethernet broadcast",
        }
    }
}

/// What is kept of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it is.
    pub place: Place,
    /// Its address.
    pub address: IpAddr,
    /// Its link-layer address.
    pub mac: Mac,
    /// Those that the address had before, the latest first.
    pub former: Vec<Mac>,
    /// When the address was first heard of, since 1970 UTC.
    pub first_seen: Duration,
    /// When `mac` was last heard with it, since 1970 UTC.
    pub last_seen: Duration,
    /// Whether it is there.
    pub present: bool,
}

/// Counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How long it has lasted.
    pub took: Duration,
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
    /// Whether this is the end.
    pub end: bool,
}
