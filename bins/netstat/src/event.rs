//! What `--json` writes: a row an event.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

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
    /// A listing ends.
    Summary(Summary),
}

/// A listing begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Version of the schema.
    pub v: u8,
    /// `routes`, `interfaces`, `groups` or `statistics`.
    pub table: &'static str,
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
            Self::Summary(_) => "summary",
        }
    }
}
