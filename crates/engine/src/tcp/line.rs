use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::items;

use super::{End, Note, State};

/// One line of a drawn connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// A segment that was seen on the wire.
    Segment(Step),
    /// An ICMP error about a segment of this connection.
    Icmp(IcmpSeen),
    /// A segment that was not seen, and must have been there.
    Inferred(Inferred),
    /// What somebody who tells the story says in between.
    Caption(Caption),
}

/// A segment, what it was, and what it did to both ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// From 1 on.
    pub number: u32,
    /// After the first segment of the connection.
    #[serde(rename = "at_ms", serialize_with = "crate::time::as_millis")]
    pub at: Duration,
    /// After the segment before it.
    #[serde(rename = "after_ms", serialize_with = "crate::time::as_millis")]
    pub after_last: Duration,
    /// Who sent it.
    pub from: End,
    /// Control bits.
    #[serde(serialize_with = "flag_names")]
    pub flags: Flags,
    /// Number of the first octet of data, or of the SYN, as on the wire.
    pub sequence: u32,
    /// The same after the sender's first: 0 for its SYN. As tshark counts where no SYN was seen: the first octet
    /// is 1.
    pub relative_sequence: u32,
    /// As on the wire, where ACK is set.
    pub acknowledgment: Option<u32>,
    /// The same after the peer's first.
    pub relative_acknowledgment: Option<u32>,
    /// Octets of data on the wire.
    pub length: u32,
    /// How many segments it is on the wire where the card cuts and joins them (`GSO`, `GRO`): its data by what
    /// the receiver takes in one; 1 elsewhere.
    pub pieces: u32,
    /// As on the wire.
    pub window: u16,
    /// Octets that this means, where both SYNs were seen (RFC 7323 §2.2).
    pub window_octets: Option<u32>,
    /// The urgent pointer, where URG is set.
    pub urgent: Option<u16>,
    /// Options as on the wire, 0 to 40 octets. Hostile: see `wireline_packet::tcp::options`.
    #[serde(serialize_with = "option_words")]
    pub options: Vec<u8>,
    /// TTL or hop limit where it was seen.
    pub hop_limit: u8,
    /// The client's state and the server's before it.
    pub before: [State; 2],
    /// The client's state and the server's after it has arrived.
    pub after: [State; 2],
    /// What is remarkable about it.
    pub notes: Vec<Note>,
}

/// An ICMP error that quotes a segment of the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IcmpSeen {
    /// After the first segment of the connection.
    #[serde(rename = "at_ms", serialize_with = "crate::time::as_millis")]
    pub at: Duration,
    /// Who says so.
    pub by: IpAddr,
    /// Whose segment it quotes, and who hears the error.
    pub to: End,
    /// ICMP type: of RFC 792 or RFC 4443, by the family of `by`.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// What the two mean, where an RFC says.
    pub reason: Option<&'static str>,
    /// Sequence number of the segment that is quoted.
    pub sequence: u32,
    /// The same after the first of who sent it.
    pub relative_sequence: u32,
    /// The client's state and the server's after it.
    pub after: [State; 2],
}

/// What no tap saw, told by the kernel's account of the connection (`TCP_INFO`, `sock_diag(7)`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inferred {
    /// After the first call, where there is a time.
    #[serde(rename = "at_ms", serialize_with = "crate::time::maybe_millis")]
    pub at: Option<Duration>,
    /// Who must have sent it.
    pub from: End,
    /// Control bits that it must have had.
    #[serde(serialize_with = "flag_names")]
    pub flags: Flags,
    /// Octets of data, where they are known.
    pub length: Option<u32>,
    /// What else is known of it, in the words of the drawing: `mss=1460`, `sack`, `ws=10`.
    pub words: Vec<String>,
    /// The client's state and the server's after it.
    pub after: [State; 2],
    /// From what it was inferred: `connect`, `tcp_info`, `sock_diag`.
    pub source: &'static str,
}

/// A sentence between the segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// In whole sentences. Not escaped: who draws it does that.
    pub text: String,
}

fn flag_names<S: serde::Serializer>(flags: &Flags, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(flags.names())
}

fn option_words<S: serde::Serializer>(octets: &[u8], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(items(octets).map(|item| item.to_string()))
}
