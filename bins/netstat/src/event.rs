//! What `--json` writes: a row an event.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

mod changed;
mod counts;
mod details;
mod diagnosis;
mod namespace;
mod state;

pub use crate::connection::facts::{Congestion, Connection, ConnectionOwner, TcpFacts};
pub use changed::ChangedSocket;
pub use counts::{Count, ProtocolCount, StateCount};
pub use details::{
    AccurateEcn, CgroupDetails, CongestionDetails, MemoryDetails, SocketInfo, TcpDetails,
    TcpLimits, TcpLosses, TcpRates, TcpSizes, TcpState, TcpTimes, TcpVolume, UnixInfo,
};
pub use diagnosis::{
    AcceptQueue, Evidence, Finding, HalfClosed, InState, Loss, Ports, Program, Severity,
    SlowReader, StalledWriter, SynQueue, Tally, Unowned,
};
pub use namespace::Namespace;
pub(crate) use namespace::Placed;
pub use state::StateExplained;

/// An event of a listing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A listing begins.
    Start(Start),
    /// A route (`-r`).
    Route(Route),
    /// An interface (`-i`).
    Interface(Interface),
    /// A multicast group (`-g`).
    Group(Group),
    /// A counter (`-s`).
    Counter(Counter),
    /// A socket of the Internet's protocols.
    Socket(Socket),
    /// A socket of unix(7).
    UnixSocket(UnixSocket),
    /// How many sockets of a protocol there are (`--summary`).
    ProtocolCount(ProtocolCount),
    /// Some were closed and not told of: they came too fast (`--events`).
    Lost(Lost),
    /// A socket that was to be closed (`--kill`).
    Kill(Killed),
    /// One socket whole (`--connection`).
    Connection(Box<Connection>),
    /// A socket is new (`--watch`).
    Opened(Box<Socket>),
    /// A socket is gone, and was so (`--watch`, `--events`).
    Closed(Box<Socket>),
    /// A socket is another (`--watch`).
    Changed(Box<ChangedSocket>),
    /// What a state means (`--explain`).
    State(StateExplained),
    /// Sockets by what they have in common (`--diagnose`).
    Tally(Tally),
    /// Sockets without an owner (`--diagnose`).
    Unowned(Unowned),
    /// Something is wrong (`--diagnose`).
    Finding(Box<Finding>),
    /// A listing ends.
    Summary(Summary),
}

/// A listing begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Version of the schema.
    pub v: u8,
    /// `routes`, `interfaces`, `groups`, `statistics`, `sockets`, `counts`, `closed`, `kill`, `connection`,
    /// `diagnosis` or `changes`.
    pub table: &'static str,
    /// Which network namespace it is of, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    /// Network.
    pub destination: IpAddr,
    /// Length of its prefix, in bits; `null` where the mask is none.
    pub prefix: Option<u8>,
    /// Router; `null` where there is none.
    pub gateway: Option<IpAddr>,
    /// Network that the sender must be of; `null` where it may be any.
    pub source: Option<IpAddr>,
    /// Length of that one's prefix, in bits.
    pub source_prefix: Option<u8>,
    /// Leaves by; `null` where it leads nowhere.
    pub interface: Option<String>,
    /// Letters.
    pub flags: String,
    /// Whether senders are told that there is no way.
    pub reject: bool,
    /// Whether it is an entry of the cache.
    pub cached: bool,
    /// The lower the better.
    pub metric: u32,
    /// Advertised segment size and 40, in octets.
    pub mss: Option<u32>,
    /// Clamp of the window, in octets.
    pub window: Option<u32>,
    /// First guess of the round trip.
    pub irtt_ms: Option<f64>,
}

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Name, or that of an alias.
    pub name: String,
    /// Its number.
    pub index: u32,
    /// Whether it is switched on.
    pub up: bool,
    /// `IFF_*` in words.
    pub flags: Vec<&'static str>,
    /// Octets of the longest packet.
    pub mtu: u32,
    /// `ARPHRD_*`.
    pub hardware: u16,
    /// Hardware address; `null` where there is none.
    pub hardware_address: Option<String>,
    /// Packets that wait at the most.
    pub queue: u32,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// What has gone through; `null` of an alias.
    pub received: Option<Traffic>,
    /// What has gone through; `null` of an alias.
    pub sent: Option<Traffic>,
}

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Length of the network's prefix, in bits.
    pub prefix: u8,
    /// For all on the link.
    pub broadcast: Option<Ipv4Addr>,
    /// The other end.
    pub peer: Option<Ipv4Addr>,
}

/// What has gone one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Octets.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Damaged, or not to be sent.
    pub errors: u64,
    /// For which there was no room.
    pub dropped: u64,
    /// For which the card had no room.
    pub overruns: u64,
}

/// A multicast group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Where.
    pub interface: String,
    /// Its address.
    pub group: IpAddr,
    /// How many have joined.
    pub users: u32,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// As the kernel calls it.
    pub protocol: String,
    /// As the kernel calls it.
    pub name: String,
    /// So many.
    pub value: u64,
}

/// A socket of the Internet's protocols.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Socket {
    /// `tcp`, `udp`, `udplite` or `raw`.
    pub protocol: &'static str,
    /// `ipv4` or `ipv6`.
    pub family: &'static str,
    /// As in the text, in lower case.
    pub state: String,
    /// Its own end; `null` where it may be any.
    pub local: Option<End>,
    /// The other one; `null` where there is none.
    pub remote: Option<End>,
    /// Number of the interface that it is bound to; `null` where it may be any.
    pub interface: Option<u32>,
    /// Octets received and not read; of a listener, connections that nobody has accepted.
    pub recv_queue: u32,
    /// Octets sent and not acknowledged; of a listener, how many connections may wait.
    pub send_queue: u32,
    /// What it waits for; `null` for nothing.
    pub timer: Option<SocketTimer>,
    /// Whose it is.
    pub uid: u32,
    /// Its number as a file; 0 where it is none.
    pub inode: u32,
    /// Its number as long as the machine runs; `null` where the kernel does not tell.
    pub cookie: Option<u64>,
    /// Who has it open (`-p`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<Holder>>,
    /// Options and the like (`--info`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<SocketInfo>,
    /// What TCP knows of the connection (`--info`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_info: Option<Box<TcpDetails>>,
    /// The memory that it takes (`--memory`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryDetails>,
    /// Its control group (`--cgroup`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<CgroupDetails>,
}

/// Some sockets were closed and not told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    /// In full.
    pub address: IpAddr,
    /// Of a raw socket, the number of its protocol.
    pub port: u16,
}

/// What a socket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SocketTimer {
    /// `retransmit`, `keepalive`, `time_wait`, `probe`, `delayed_ack` or `other`.
    pub kind: &'static str,
    /// Until it ends.
    pub expires_ms: f64,
    /// How often what is out was sent again.
    pub retransmits: u8,
    /// Probes that are out.
    pub probes: u8,
}

/// Who has a socket open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Process.
    pub pid: u32,
    /// Its descriptor.
    pub fd: u32,
    /// Its first argument.
    pub program: String,
}

/// A socket of unix(7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnixSocket {
    /// `stream`, `dgram` or `seqpacket`.
    pub kind: String,
    /// `connected`, `connecting` and the like; `null` where it is neither.
    pub state: Option<String>,
    /// Whether it listens.
    pub listening: bool,
    /// How often it is referred to.
    pub references: u32,
    /// Its number as a file.
    pub inode: u32,
    /// In full, `@` for each zero octet; `null` without a name.
    pub path: Option<String>,
    /// Who has it open (`-p`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<Holder>>,
    /// Its peer and its queues (`--info`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<UnixInfo>,
    /// The memory that it takes (`--memory`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryDetails>,
}

/// A socket that was to be closed (`--kill`).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Killed {
    /// As in a table.
    #[serde(flatten)]
    pub socket: Socket,
    /// `would_be_closed`, `closed`, `gone`, `not_permitted`, `unsupported` or `failed`.
    pub result: &'static str,
    /// Why it was not closed.
    pub error: Option<String>,
}

/// A listing ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// So many rows.
    pub rows: u64,
}

impl Event {
    /// What `event` is in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Route(_) => "route",
            Self::Interface(_) => "interface",
            Self::Group(_) => "group",
            Self::Counter(_) => "counter",
            Self::Socket(_) => "socket",
            Self::UnixSocket(_) => "unix_socket",
            Self::ProtocolCount(_) => "protocol_count",
            Self::Lost(_) => "lost",
            Self::Kill(_) => "kill",
            Self::Connection(_) => "connection",
            Self::Opened(_) => "opened",
            Self::Closed(_) => "closed",
            Self::Changed(_) => "changed",
            Self::State(_) => "state",
            Self::Tally(_) => "tally",
            Self::Unowned(_) => "unowned",
            Self::Finding(_) => "finding",
            Self::Summary(_) => "summary",
        }
    }
}
