//! What `--diagnose` writes.

use std::net::IpAddr;

use serde::Serialize;

use super::End;

/// So many sockets have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What they have in common: `all`, `process`, `port` or `remote`.
    pub by: &'static str,
    /// Which one; `null` for all that are not told one by one.
    pub name: Option<String>,
    /// How many of these are counted together.
    pub names: u64,
    /// How many sockets.
    pub sockets: u64,
    /// And in which states, the most first.
    pub states: Vec<InState>,
}

/// So many sockets are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InState {
    /// As in a `socket`.
    pub state: String,
    /// How many.
    pub sockets: u64,
}

/// Sockets that no process has open, or none that can be seen: `-` in the column of `-p`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unowned {
    /// `time_wait`, `request`, `not_accepted`, `orphan`, `closed`, `no_permission` or `hidden`.
    pub why: &'static str,
    /// What that is.
    pub meaning: &'static str,
    /// How many.
    pub sockets: u64,
    /// In which states.
    pub states: Vec<InState>,
    /// Octets that they have still to send.
    pub unsent: u64,
}

/// Something is wrong, or will be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and what says so.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What to do, in one line.
    pub advice: String,
}

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Connections fail now, or will in minutes.
    Critical,
    /// Something does not do what it should.
    Warning,
    /// It was so, or may be meant.
    Note,
}

/// What says so, by kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "evidence", rename_all = "snake_case")]
pub enum Evidence {
    /// Ports for new connections are short.
    Ports(Ports),
    /// Connections wait for a program that does not accept them.
    AcceptQueue(AcceptQueue),
    /// Connections wait for the end of their handshake.
    SynQueue(SynQueue),
    /// The peer has closed, the program has not.
    CloseWait(HalfClosed),
    /// The program has closed one way, the peer does not.
    FinWait2(HalfClosed),
    /// What was written does not leave.
    StalledWriter(StalledWriter),
    /// What has come is not read.
    SlowReader(SlowReader),
    /// What was sent is not acknowledged.
    Loss(Loss),
}

/// Ports for new connections to one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ports {
    /// From.
    pub source: IpAddr,
    /// To.
    pub destination: End,
    /// Ports that there are to choose from.
    pub ports: u64,
    /// Taken, by whatever state.
    pub used: u64,
    /// Of these in `TIME_WAIT`.
    pub time_wait: u64,
    /// Whether those serve again at once (`tcp_tw_reuse`).
    pub reuse: bool,
    /// Connections that were closed here, by the last seconds.
    pub closed_per_minute: u64,
    /// Until none is left if all goes on like this; `null` if it does not become less.
    pub left_ms: Option<f64>,
}

/// The queue of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptQueue {
    /// Where it listens.
    pub local: End,
    /// Who listens; `null` if that cannot be seen.
    pub owner: Option<Program>,
    /// Connections that nobody has accepted.
    pub waiting: u32,
    /// How many may wait; `null` where the kernel does not tell.
    pub backlog: Option<u32>,
    /// Whether one more finds no room.
    pub full: bool,
    /// Connections that found no room since it listens; `null` where the kernel does not tell.
    pub drops: Option<u32>,
    /// Handshakes under way.
    pub half_open: u32,
    /// Longer than this no queue is.
    pub somaxconn: Option<u32>,
    /// Of all listeners since the namespace is there: `TcpExt ListenOverflows`.
    pub listen_overflows: Option<u64>,
    /// The same: `TcpExt ListenDrops`.
    pub listen_drops: Option<u64>,
}

/// The handshakes of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SynQueue {
    /// Where it listens.
    pub local: End,
    /// Who listens; `null` if that cannot be seen.
    pub owner: Option<Program>,
    /// Handshakes under way.
    pub half_open: u32,
    /// How many may be.
    pub backlog: u32,
    /// `tcp_syncookies`.
    pub syncookies: Option<u32>,
    /// Since the namespace is there: `TcpExt TCPReqQFullDrop`.
    pub dropped: Option<u64>,
    /// The same: `TcpExt TCPReqQFullDoCookies`.
    pub cookies: Option<u64>,
}

/// Connections of a process that one side has closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HalfClosed {
    /// Whose; `null` if that cannot be seen.
    pub owner: Option<Program>,
    /// How many have been so for longer than a moment.
    pub sockets: u64,
    /// Of these, how many have something that the program has not read, if only the end.
    pub unread: u64,
    /// Since the last segment of the peer, of the oldest.
    pub oldest_ms: f64,
    /// The other end of most of them.
    pub remote: IpAddr,
    /// Descriptors that the process has; `null` if that cannot be seen.
    pub open_files: Option<u64>,
    /// How many it may have (`RLIMIT_NOFILE`); `null` for no limit.
    pub file_limit: Option<u64>,
}

/// A connection with something to send.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StalledWriter {
    /// This end.
    pub local: End,
    /// The other.
    pub remote: End,
    /// Who writes; `null` if nobody, or if that cannot be seen.
    pub owner: Option<Program>,
    /// What holds it up: `peer`, `network` or `sndbuf`.
    pub held_by: &'static str,
    /// Octets that wait.
    pub send_queue: u32,
    /// Since something was sent, or acknowledged.
    pub stalled_ms: f64,
    /// Of the time in which it had something to send, held up by the peer's window.
    pub window_percent: Option<f64>,
    /// The same, by the own buffer.
    pub buffer_percent: Option<f64>,
}

/// A connection with something to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlowReader {
    /// This end.
    pub local: End,
    /// The other.
    pub remote: End,
    /// Who does not read.
    pub owner: Option<Program>,
    /// Octets that wait.
    pub recv_queue: u32,
    /// Since the last came.
    pub idle_ms: f64,
}

/// Connections to one network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// Its prefix.
    pub network: String,
    /// Connections there.
    pub connections: u64,
    /// Of these, which send something again.
    pub losing: u64,
    /// Of these, which have never heard an answer (`SYN_SENT`).
    pub unanswered: u64,
    /// How often the wait was doubled, of the worst.
    pub backoff: u8,
    /// Its wait.
    pub rto_ms: f64,
    /// Of all octets that were sent there, those sent again; `null` where the kernel does not tell.
    pub retransmitted_percent: Option<f64>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Program {
    /// Its number.
    pub pid: u32,
    /// Its first argument.
    pub program: String,
}
