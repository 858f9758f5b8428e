use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// About to send the first request.
    Start,
    /// Somebody answered.
    Answer(Answer),
    /// Two machines say that an address is theirs. Told anew for each that joins in.
    Conflict {
        /// Which address: the target, or the one that we ask from.
        address: Ipv4Addr,
        /// All who said so, in their order; [`Config::own`](super::Config::own) is one of them where we have it.
        macs: Vec<Mac>,
    },
    /// Somebody else wants to know whether the address is free, before he takes it (RFC 5227 §2.1.1).
    Rival {
        /// Who.
        mac: Mac,
    },
    /// A request did not leave, for another reason than the one before.
    Unsent {
        /// What the machine said.
        why: String,
    },
    /// Nothing more will happen.
    Summary(Box<Summary>),
}

/// How a message was addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casting {
    /// To us.
    Unicast,
    /// To all, or to a group.
    Broadcast,
}

/// What says that an address is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ARP request: its sender's address is the one.
    Request,
    /// An ARP reply.
    Reply,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it came.
    pub casting: Casting,
    /// What it is.
    pub kind: Kind,
    /// Who has the address, by his own word.
    pub mac: Mac,
    /// Whom the frame is from.
    pub frame_mac: Mac,
    /// For which address it is, where that is not the one that we ask from.
    pub for_address: Option<Ipv4Addr>,
    /// For whom it is, where that is not us.
    pub for_mac: Option<Mac>,
    /// Since the last request left; `None` where none has.
    pub rtt: Option<Duration>,
    /// How many requests had left.
    pub sent: u64,
}

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As much was answered as was wanted.
    Answered,
    /// As much was sent as was wanted.
    Count,
    /// The time was up.
    Deadline,
    /// Somebody wished it.
    Stopped,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Requests and announcements that left.
    pub sent: u64,
    /// Of those, such as went to all.
    pub broadcasts: u64,
    /// Such as did not leave.
    pub unsent: u64,
    /// Answers.
    pub received: u64,
    /// Of those, such as went to all.
    pub broadcasts_received: u64,
    /// Of those, such as were requests.
    pub requests_received: u64,
    /// Of those, such as there were too many of to tell of each.
    pub untold: u64,
    /// Frames for which the kernel had no room.
    pub dropped: u64,
    /// Conflicts, one for each machine that joined in.
    pub conflicts: u64,
    /// Others who wanted to know whether the address is free.
    pub rivals: u64,
    /// From the first request to the end.
    pub took: Duration,
    /// Why it ended.
    pub ending: Ending,
}
