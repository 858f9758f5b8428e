use std::net::SocketAddr;
use std::time::Duration;

/// One connection as it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Our end: an address of this machine and a port that nobody else uses.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// Our initial sequence number (RFC 9293 §3.4.1).
    pub isn: u32,
    /// What the SYN offers.
    pub options: SynOptions,
    /// The window field of every segment, not shifted.
    pub window: u16,
    /// What the SYN says about congestion notification.
    pub ecn: Ecn,
    /// Data of the SYN itself; a server that does not know the cookie ignores it (RFC 7413 §3).
    pub syn_data: Vec<u8>,
    /// How the SYN-ACK is answered.
    pub third_ack: ThirdAck,
    /// What is said once it is open.
    pub send: Vec<u8>,
    /// When there was enough of the answer.
    pub until: Until,
    /// How it ends.
    pub close: Closing,
    /// Before the end, wait so long.
    pub hold: Duration,
    /// TTL or hop limit of every segment; `None` for the system's.
    pub hop_limit: Option<u8>,
    /// After how long a segment that nobody acknowledged is sent again; then twice that, and so on (RFC 6298 §5.5).
    pub retransmit_after: Duration,
    /// How many SYNs are sent at the most.
    pub syn_count: u32,
    /// The whole of it, from the first SYN on; then RST.
    pub timeout: Duration,
}

/// Options of a SYN, in Linux's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynOptions {
    /// Octets (RFC 9293 §3.7.1).
    pub max_segment_size: Option<u16>,
    /// RFC 2018 §2.
    pub sack_permitted: bool,
    /// Our clock's first value (RFC 7323 §3); it then counts milliseconds. `None` sends none.
    pub timestamp: Option<u32>,
    /// 0 to 14 (RFC 7323 §2.2); `None` sends none.
    pub window_scale: Option<u8>,
    /// A cookie (RFC 7413 §4.1.1); an empty one asks for one.
    pub fast_open: Option<Vec<u8>>,
    /// Octets put behind all of these as they are: what is not an option, too.
    pub raw: Vec<u8>,
}

/// Explicit congestion notification in the SYN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ecn {
    /// None.
    #[default]
    Off,
    /// ECE and CWR (RFC 3168 §6.1.1).
    Classic,
    /// AE, CWR and ECE (RFC 9768 §3.1.1).
    Accurate,
}

/// The answer to a SYN-ACK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThirdAck {
    /// ACK, and data in segments of their own.
    #[default]
    Plain,
    /// ACK with the first data in it.
    WithData,
    /// None: the server is left half open until the end.
    Withheld,
}

/// How much of an answer is awaited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// That what we said is acknowledged.
    #[default]
    Acknowledged,
    /// So many octets, or the other end's FIN.
    Octets(u64),
    /// The other end's FIN.
    Closed,
}

/// How a connection is ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// FIN, and the other end's is awaited.
    #[default]
    Fin,
    /// RST.
    Rst,
    /// FIN before the answer is awaited: half closed.
    Half,
    /// The other end is to close first; then FIN.
    Server,
    /// Not at all: what is left is reset when all else is done.
    None,
}
