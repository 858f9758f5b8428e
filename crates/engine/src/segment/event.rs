use std::net::IpAddr;
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::ethernet::Framing;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// About to send the first request.
    Start {
        /// Addresses that will be asked.
        hosts: u64,
    },
    /// Somebody answered, for the first time or once more.
    Host(Box<Host>),
    /// Somebody spoke without being asked, for the first time with this address and link-layer address: a
    /// target or not.
    Overheard(Box<Host>),
    /// Something that should not be, or that a person would want to know.
    Finding(Finding),
    /// All that are still silent were asked once more.
    Pass {
        /// How often now, from 1.
        pass: u32,
    },
    /// A host did not answer, and is given up.
    Silent {
        /// By which way in.
        port: u32,
        /// Who.
        address: IpAddr,
        /// How often it was asked.
        tries: u32,
    },
    /// How far it is: on request, and as often as `Config::progress` says.
    Progress(Box<Progress>),
    /// At the end.
    Summary(Box<Summary>),
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
    pub elapsed: Duration,
    /// Until the end, at this rate and if nobody else answers.
    pub left: Duration,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// By which way in: an index into `Config::ports`.
    pub port: u32,
    /// Whose.
    pub address: IpAddr,
    /// The link-layer address that the message tells.
    pub mac: Mac,
    /// The one that the frame is from.
    pub frame_mac: Mac,
    /// How many answers of this address there were, this one included.
    pub answers: u64,
    /// Since the request that it answers left; `None` where that is not known.
    pub rtt: Option<Duration>,
    /// Which request to that address it answers, from 1; 0 where it was not asked.
    pub attempt: u32,
    /// What kind of message it is.
    pub source: Source,
    /// How the frame was framed, tagged and what it says the addresses are.
    pub heard: Heard,
    /// What kind of link-layer address `mac` is.
    pub kind: MacKind,
}

/// How a message came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Type or LLC and SNAP.
    pub framing: Framing,
    /// Number of the VLAN.
    pub vlan: Option<u16>,
    /// `ar$pro`.
    pub protocol: u16,
    /// Octets behind the message that are not all zero.
    pub padding: Vec<u8>,
}

/// What told of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An ARP reply.
    Reply,
    /// An ARP request of its own.
    Request,
    /// An announcement: sender and target are the same (RFC 5227 §1.1).
    Announcement,
    /// A neighbour advertisement, an echo reply or another message of IPv6.
    Ipv6,
    /// This machine itself.
    Own,
}

/// What a link-layer address tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacKind {
    /// Assigned by the IEEE.
    Universal,
    /// Local, of the quadrant that is drawn at random (IEEE 802c).
    Random,
    /// Local, with a company's prefix (IEEE 802c, extended).
    Extended,
    /// Local, assigned by a standard's server.
    Assigned,
    /// Local, of a quadrant that is reserved.
    Reserved,
    /// VRRP or CARP, with its group (RFC 9568 §7.3).
    Vrrp(u8),
    /// HSRP, with its group.
    Hsrp(u16),
    /// GLBP, with its group.
    Glbp(u16),
    /// Of a group: nobody's own.
    Group,
    /// All zero: nobody's own either.
    Zero,
}

/// What is not in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Two link-layer addresses for one address.
    Conflict {
        /// By which way in.
        port: u32,
        /// Which address.
        address: IpAddr,
        /// All that claimed it, in their order.
        macs: Vec<Mac>,
    },
    /// One link-layer address answers for many, or for networks that are not on the segment. Told at the
    /// end.
    ProxyArp {
        /// By which way in.
        port: u32,
        /// Whose.
        mac: Mac,
        /// So many.
        addresses: u64,
        /// Of those, such as are not in `Port::networks`; 0 where there are none.
        outside: u64,
    },
    /// An address that several machines share on purpose.
    Virtual {
        /// By which way in.
        port: u32,
        /// Which.
        address: IpAddr,
        /// Of VRRP, CARP or HSRP.
        mac: Mac,
    },
    /// The frame is from another than who it says.
    Mismatch {
        /// By which way in.
        port: u32,
        /// Which address.
        address: IpAddr,
        /// In the message.
        mac: Mac,
        /// On the frame.
        frame_mac: Mac,
    },
    /// Somebody else has an address of this machine.
    OwnAddress {
        /// By which way in.
        port: u32,
        /// Which.
        address: IpAddr,
        /// Who else.
        mac: Mac,
    },
    /// A host answers again and again. Told at the end.
    Storm {
        /// By which way in.
        port: u32,
        /// Which.
        address: IpAddr,
        /// Who.
        mac: Mac,
        /// So often.
        answers: u64,
    },
    /// The gateway is not who it was.
    GatewayChanged {
        /// By which way in.
        port: u32,
        /// The gateway.
        address: IpAddr,
        /// Who it was.
        was: Mac,
        /// Who it is.
        mac: Mac,
    },
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Addresses that were to be asked.
    pub hosts: u64,
    /// Addresses that answered.
    pub responded: u64,
    /// Own addresses among the targets, where `Config::own` is set: counted in `hosts`, not in `responded`.
    pub own: u64,
    /// Requests that left.
    pub sent: u64,
    /// Of those, such as were sent because none came back.
    pub retried: u64,
    /// Of those that answered, such as did only when they were asked again.
    pub regained: u64,
    /// Messages that were ours to look at.
    pub received: u64,
    /// Frames for which the kernel had no room.
    pub dropped: u64,
    /// Times that this machine refused to send a request. It was sent later, unless `incomplete` says
    /// otherwise.
    pub unsent: u64,
    /// Answers that came once more.
    pub repeated: u64,
    /// Messages that made no sense.
    pub strange: u64,
    /// Others that were heard of while it lasted, by their addresses.
    pub overheard: u64,
    /// Messages of others that nobody had room to remember.
    pub forgotten: u64,
    /// Addresses that were not asked as often as they should, or whose answers may have been dropped. 0 is
    /// a complete scan.
    pub incomplete: u64,
    /// Requests a second in the end, as they were allowed.
    pub rate: u64,
    /// From the first request to the last answer, or until it was given up.
    pub took: Duration,
    /// The slowest answer to a first request.
    pub slowest: Option<Duration>,
    /// Why it ended before its time.
    pub stopped: Option<Stopped>,
    /// What came of IPv6, where that was asked for.
    pub ipv6: Option<Box<super::ndp::Summary>>,
}

/// Why a scan ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody asked for it.
    Asked,
    /// `Config::limit` is reached.
    Limit,
    /// This machine does not send any more by this port.
    Unsent {
        /// By which way: the last one, where several failed.
        port: u32,
        /// What the machine said, as C has it.
        why: String,
    },
}
