use std::net::{IpAddr, SocketAddr};

use wireline_packet::tcp::Segment;

use super::{ConnectionSummary, End, Line, State};
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

/// An ICMP error that quotes a segment of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpObserved {
    /// When.
    pub at: Instant,
    /// Who sent it.
    pub by: IpAddr,
    /// ICMP type: of RFC 792 or RFC 4443, by the family of `by`.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// Sender of the quoted segment.
    pub source: SocketAddr,
    /// Sequence number of the quoted segment.
    pub sequence: u32,
}

/// One connection, from what its segments say: both ends' states, and what each segment was.
///
/// Put segments in with [`observe`](Self::observe), take lines out with [`poll_line`](Self::poll_line) until
/// `None`. A first SYN is held back until the answer tells whether anybody listened; [`settle`](Self::settle)
/// lets it out. Holds no more than a few kilobytes, whatever comes.
#[derive(Debug)]
pub struct Conversation {
    client: SocketAddr,
    server: SocketAddr,
}

impl Conversation {
    /// Between these two, nothing seen yet.
    #[must_use]
    pub fn new(client: SocketAddr, server: SocketAddr) -> Self {
        Self { client, server }
    }

    /// From the first segment that was seen of it: who sent a SYN is the client, who sent a SYN-ACK the server;
    /// else the one with the lower port is the server. Takes nothing in yet.
    #[must_use]
    pub fn of(first: &Observed<'_>) -> Self {
        Self::new(first.source, first.destination)
    }

    /// Who opened it.
    #[must_use]
    pub const fn client(&self) -> SocketAddr {
        self.client
    }

    /// Who was asked.
    #[must_use]
    pub const fn server(&self) -> SocketAddr {
        self.server
    }

    /// Which end sends from this address; `None` where neither does.
    #[must_use]
    pub fn end(&self, source: SocketAddr, destination: SocketAddr) -> Option<End> {
        let _ = (source, destination);
        None
    }

    /// The client's state and the server's now.
    #[must_use]
    pub fn states(&self) -> [State; 2] {
        [State::Unknown; 2]
    }

    /// Whether both ends are closed, or nothing more than `TIME_WAIT` is left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        false
    }

    /// Whether this is a SYN for a new connection between the same ends, after this one is over: it belongs to
    /// a [`Conversation`] of its own.
    #[must_use]
    pub fn is_reused_by(&self, segment: &Observed<'_>) -> bool {
        let _ = segment;
        false
    }

    /// Takes in a segment. One between other ends is ignored.
    pub fn observe(&mut self, segment: &Observed<'_>) {
        let _ = segment;
    }

    /// Takes in an ICMP error about one of its segments.
    pub fn observe_icmp(&mut self, error: &IcmpObserved) {
        let _ = error;
    }

    /// Waits no longer for what would tell more of the lines that are held back.
    pub fn settle(&mut self) {}

    /// The next line, until `None`.
    pub fn poll_line(&mut self) -> Option<Line> {
        None
    }

    /// What it came to so far.
    #[must_use]
    pub fn summary(&self) -> ConnectionSummary {
        todo!("what a connection came to")
    }
}
