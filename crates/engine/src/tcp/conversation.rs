use std::net::SocketAddr;
use std::time::Duration;

use wireline_packet::tcp::Segment;

use super::{End, State};
use crate::Instant;

/// A segment as a tap saw it come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed<'a> {
    /// When.
    pub at: Instant,
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// TTL or hop limit where it was seen.
    pub hop_limit: u8,
    /// Header and what was kept of the data. Hostile.
    pub segment: Segment<'a>,
    /// Octets of data on the wire: no fewer than were kept.
    pub length: u32,
}

/// What a segment was, and what it did to both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1 on.
    pub number: u32,
    /// After the first segment of the connection.
    pub at: Duration,
    /// Who sent it.
    pub from: End,
    /// The client's state and the server's before it.
    pub before: [State; 2],
    /// The client's state and the server's after it.
    pub after: [State; 2],
}

/// One connection, from what its segments say.
#[derive(Debug)]
pub struct Conversation {
    /// Who opened it.
    pub client: SocketAddr,
    /// Who was asked.
    pub server: SocketAddr,
}
