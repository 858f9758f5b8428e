use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use super::{End, State};

/// What a whole connection came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConnectionSummary {
    /// Who opened it.
    #[serde(skip)]
    pub client: SocketAddr,
    /// Who was asked.
    #[serde(skip)]
    pub server: SocketAddr,
    /// How the opening ended.
    pub opening: Opening,
    /// How it was closed, and by whom.
    pub closing: Closing,
    /// Who must keep the connection's numbers for 2MSL (RFC 9293 §3.6.1): who closed first, or both where they
    /// closed at once. An RST leaves nobody.
    pub time_wait: Vec<End>,
    /// The client's state and the server's at the end.
    pub states: [State; 2],
    /// Initial sequence numbers of the client and of the server, where the SYN was seen.
    pub isn: [Option<u32>; 2],
    /// What both ends have agreed on.
    pub agreed: Agreed,
    /// SYN to SYN-ACK; `None` where one is missing or it cannot be told which SYN was answered (RFC 6298 §3).
    #[serde(rename = "syn_rtt_ms", serialize_with = "crate::time::maybe_millis")]
    pub syn_rtt: Option<Duration>,
    /// SYN-ACK to the third segment.
    #[serde(rename = "ack_rtt_ms", serialize_with = "crate::time::maybe_millis")]
    pub ack_rtt: Option<Duration>,
    /// First SYN to the third segment.
    #[serde(rename = "handshake_ms", serialize_with = "crate::time::maybe_millis")]
    pub handshake: Option<Duration>,
    /// First segment to last.
    #[serde(rename = "duration_ms", serialize_with = "crate::time::as_millis")]
    pub duration: Duration,
    /// What the client and the server did.
    pub ends: [EndSummary; 2],
    /// ICMP errors about its segments.
    pub icmp_errors: u32,
    /// Segments that stand for nothing: outside of every window, or of odd flags.
    pub strange: u32,
}

/// What one end did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct EndSummary {
    /// Segments.
    pub segments: u32,
    /// Octets of data, each once.
    pub octets: u64,
    /// SYNs, SYN-ACKs among them.
    pub syns: u32,
    /// Segments sent again, SYNs among them.
    pub retransmissions: u32,
    /// Segments out of their order.
    pub out_of_order: u32,
    /// Acknowledgments said again.
    pub duplicate_acks: u32,
    /// Times it had no room.
    pub zero_windows: u32,
    /// Maximum segment size that it said it takes, in octets.
    pub mss: Option<u16>,
    /// Bits by which its windows are shifted, as it offered.
    pub window_scale: Option<u8>,
    /// Largest amount of data that it sent in one segment, in octets.
    pub longest: u32,
    /// Hop limit of its first segment where it was seen.
    pub hop_limit: u8,
    /// Least time from its data to the acknowledgment, of what was sent once.
    #[serde(rename = "data_rtt_ms", serialize_with = "crate::time::maybe_millis")]
    pub data_rtt: Option<Duration>,
}

/// What both SYNs said, so that it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// Selective acknowledgments (RFC 2018).
    pub sack: bool,
    /// Timestamps (RFC 7323 §3).
    pub timestamps: bool,
    /// Window scaling (RFC 7323 §2).
    pub window_scale: bool,
    /// Explicit congestion notification (RFC 3168).
    pub ecn: bool,
    /// Data with the SYN was taken (RFC 7413).
    pub fast_open: bool,
}

/// How an opening ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Opening {
    /// All three segments of the handshake were seen.
    Open,
    /// SYN-ACK, and nothing of the client's after it.
    HalfOpen,
    /// RST.
    Refused,
    /// An ICMP error that ends an attempt.
    Rejected {
        /// Who said so.
        by: IpAddr,
        /// ICMP type.
        icmp_type: u8,
        /// ICMP code.
        icmp_code: u8,
    },
    /// Nobody said a word.
    Unanswered,
    /// It was before the tap came.
    Unseen,
}

/// How a connection was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Closing {
    /// Who began. Nobody where it is still open, or where both began at once.
    pub by: Option<End>,
    /// How.
    pub how: How,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Not at all, as far as was seen.
    Open,
    /// A FIN each way, both acknowledged.
    Fin,
    /// Both FINs at once.
    SimultaneousFin,
    /// One FIN, and the other end still open.
    HalfClosed,
    /// A FIN each way, and not all acknowledged when it was last looked at.
    Closing,
    /// A FIN, and then an RST.
    FinThenRst,
    /// RST on an open connection.
    Rst,
    /// RST, or an ICMP error, before it was open.
    NeverOpen,
}
