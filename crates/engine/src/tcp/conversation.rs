use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_packet::reason;
use wireline_packet::tcp::{Flags, Segment};

use self::facts::Facts;
use self::side::Side;
use super::{End, IcmpSeen, Line, State, Step};
use crate::Instant;

mod classify;
mod facts;
mod hold;
mod lost;
mod machine;
mod report;
mod side;

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
///
/// A segment counts as arrived when it has passed by here, unless a later one tells otherwise. What is across the
/// tap is inferred, then, and half a round trip early.
#[derive(Debug)]
pub struct Conversation {
    client: SocketAddr,
    server: SocketAddr,
    sides: [Side; 2],
    states: [State; 2],
    lines: VecDeque<Line>,
    /// Whether lines wait for the server's first word.
    is_held: bool,
    started: Option<Instant>,
    latest: Instant,
    segments: u32,
    course: Course,
}

/// What has come of it so far.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    /// Whether the first segment was no SYN.
    is_midway: bool,
    syn_ack: Option<Instant>,
    syn_rtt: Option<Duration>,
    third: Option<Instant>,
    is_refused: bool,
    is_simultaneous_close: bool,
    first_fin: Option<End>,
    reset_by: Option<End>,
    /// Whether all was closed when the reset came.
    reset_late: bool,
    fast_open: bool,
    icmp_errors: u32,
    /// Who ended the attempt by an ICMP error, with its type and code.
    rejected: Option<(IpAddr, u8, u8)>,
    strange: u32,
}

impl Conversation {
    /// Between these two, nothing seen yet.
    #[must_use]
    pub fn new(client: SocketAddr, server: SocketAddr) -> Self {
        Self {
            client,
            server,
            sides: Default::default(),
            states: [State::Closed, State::Unknown],
            lines: VecDeque::new(),
            is_held: true,
            started: None,
            latest: Instant::ZERO,
            segments: 0,
            course: Course::default(),
        }
    }

    /// From the first segment that was seen of it: who sent a SYN is the client, who sent a SYN-ACK the server;
    /// else the one with the lower port is the server. Takes nothing in yet.
    #[must_use]
    pub fn of(first: &Observed<'_>) -> Self {
        let flags = first.segment.flags;
        let from_server = match (flags.contains(Flags::SYN), flags.contains(Flags::ACK)) {
            (true, is_answer) => is_answer,
            (false, _) => first.source.port() < first.destination.port(),
        };
        let (client, server) = if from_server {
            (first.destination, first.source)
        } else {
            (first.source, first.destination)
        };
        Self::new(client, server)
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
        let is = |a: SocketAddr, b: SocketAddr| a.ip() == b.ip() && a.port() == b.port();
        if is(source, self.client) && is(destination, self.server) {
            return Some(End::Client);
        }
        (is(source, self.server) && is(destination, self.client)).then_some(End::Server)
    }

    /// The client's state and the server's now.
    #[must_use]
    pub const fn states(&self) -> [State; 2] {
        self.states
    }

    /// Whether both ends are closed, or nothing more than `TIME_WAIT` is left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_done = |state| matches!(state, State::Closed | State::Listen | State::TimeWait);
        let server_done = is_done(self.states[1]) || self.states[1] == State::Unknown;
        self.segments > 0 && is_done(self.states[0]) && server_done
    }

    /// Whether this is a SYN for a new connection between the same ends, after this one is over: it belongs to
    /// a [`Conversation`] of its own.
    #[must_use]
    pub fn is_reused_by(&self, seen: &Observed<'_>) -> bool {
        let Some(from) = self.end(seen.source, seen.destination) else { return false };
        let is_syn = seen.segment.flags.contains(Flags::SYN);
        let is_new = from.of(&self.sides).isn != Some(seen.segment.sequence);
        let is_answer = seen.segment.flags.contains(Flags::ACK);
        self.is_over() && is_syn && !is_answer && is_new
    }

    /// Takes in a segment. One between other ends is ignored.
    pub fn observe(&mut self, seen: &Observed<'_>) {
        let Some(from) = self.end(seen.source, seen.destination) else { return };
        let facts = Facts::new(from, seen);
        let (at, after_last) = self.clock(seen.at);
        self.segments = self.segments.saturating_add(1);
        self.begin(&facts);
        self.hear_server(&facts);
        let mut notes = Vec::new();
        self.correct(&facts);
        self.classify(&facts, &mut notes);
        let before = self.states;
        self.advance(&facts, &mut notes);
        let step = Step {
            number: self.segments,
            at,
            after_last,
            before,
            after: self.states,
            notes,
            ..self.describe(&facts)
        };
        self.remember(&facts, &step);
        self.push(Line::Segment(step));
    }

    /// Takes in an ICMP error about one of its segments.
    pub fn observe_icmp(&mut self, error: &IcmpObserved) {
        let ends = [(self.client, self.server), (self.server, self.client)];
        let Some((source, destination)) = ends.into_iter().find(|(a, _)| *a == error.source) else {
            return;
        };
        let Some(to) = self.end(source, destination) else { return };
        self.settle();
        let (at, _) = self.clock(error.at);
        self.course.icmp_errors = self.course.icmp_errors.saturating_add(1);
        if *to.of(&self.states) == State::SynSent && ends_attempt(error) {
            self.course.rejected = Some((error.by, error.icmp_type, error.icmp_code));
            *to.of_mut(&mut self.states) = State::Closed;
        }
        let (icmp_type, icmp_code) = (error.icmp_type, error.icmp_code);
        let base = to.of(&self.sides).base.unwrap_or(error.sequence);
        self.push(Line::Icmp(IcmpSeen {
            at,
            by: error.by,
            to,
            icmp_type,
            icmp_code,
            reason: reason(error.by.is_ipv6(), icmp_type, icmp_code),
            sequence: error.sequence,
            relative_sequence: error.sequence.wrapping_sub(base),
            after: self.states,
        }));
    }

    /// The time of what comes now after the first of all, and after the last.
    fn clock(&mut self, at: Instant) -> (Duration, Duration) {
        let started = *self.started.get_or_insert(at);
        self.latest = self.latest.max(started);
        let after_last = at.since(self.latest);
        self.latest = self.latest.max(at);
        (at.since(started), after_last)
    }

    /// Sees by the first segment whether the tap was there from the beginning.
    fn begin(&mut self, facts: &Facts<'_>) {
        if self.segments == 1 && !facts.is_first_syn() {
            let is_open = !facts.has(Flags::SYN) && !facts.has(Flags::RST);
            let state = if is_open { State::Established } else { State::Unknown };
            self.states = [state; 2];
            self.course.is_midway = true;
            self.is_held = false;
        }
    }
}

/// Whether an error ends an attempt to open: all that say a way or a port is not there, and not that a packet is
/// too big (RFC 1122 §4.2.3.9, RFC 5461 §4).
const fn ends_attempt(error: &IcmpObserved) -> bool {
    match (error.by.is_ipv4(), error.icmp_type) {
        (true, 3) => error.icmp_code != 4,
        (true, 11 | 12) | (false, 1 | 3 | 4) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
