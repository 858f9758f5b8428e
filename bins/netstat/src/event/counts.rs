//! How many sockets there are (`--summary`).

use serde::Serialize;

/// Sockets of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProtocolCount {
    /// `tcp`, `udp`, `udplite`, `raw` or `unix`.
    pub protocol: &'static str,
    /// All of them.
    pub all: Count,
    /// By state; those that none is in are left out.
    pub states: Vec<StateCount>,
    /// Of TCP: closed by their process, with something left to send or to wait for. `null` of others.
    pub orphaned: Option<Count>,
    /// Of TCP: connections that no process has accepted yet. `null` of others.
    pub unaccepted: Option<Count>,
}

/// Sockets in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// As in a row.
    pub state: String,
    /// Of unix(7): `stream`, `dgram` or `seqpacket`; `null` of others.
    pub kind: Option<String>,
    /// So many.
    pub count: Count,
}

/// So many, and of which family of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Of both.
    pub total: u64,
    /// Sockets of IPv4; `null` of unix(7).
    pub ipv4: Option<u64>,
    /// Sockets of IPv6, whatever addresses they use; `null` of unix(7).
    pub ipv6: Option<u64>,
}
