use std::time::Duration;

use wireline_packet::tcp::Flags;

use super::{IsnSample, Question};
use crate::Instant;
use crate::tcp::{End, Verdict};

/// A SYN-ACK, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynAck {
    /// When it came.
    pub at: Instant,
    /// From the last SYN to it; `None` where several were sent, and nobody knows which is answered.
    pub rtt: Option<Duration>,
    /// The SYN's sequence number.
    pub our_isn: u32,
    /// Its own.
    pub isn: u32,
    /// What it acknowledges of the SYN's data, in octets.
    pub took: u32,
    /// With ECE and the like.
    pub flags: Flags,
    /// Whether AE is set (RFC 9768 §3.1).
    pub accurate: bool,
    /// Not shifted.
    pub window: u16,
    /// TTL or hop limit on arrival.
    pub hop_limit: Option<u8>,
    /// All options. Hostile.
    pub options: Vec<u8>,
}

impl SynAck {
    /// Its number and the SYN's.
    #[must_use]
    pub const fn isn_sample(&self) -> IsnSample {
        IsnSample { at: self.at, ours: self.our_isn, theirs: self.isn }
    }
}

/// What a SYN came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// SYN and ACK.
    Open(SynAck),
    /// RST.
    Reset,
    /// Nothing.
    Silent,
    /// ICMP.
    Refused,
}

impl Probed {
    /// The SYN-ACK, if it was one.
    #[must_use]
    pub const fn open(&self) -> Option<&SynAck> {
        match self {
            Self::Open(syn_ack) => Some(syn_ack),
            _ => None,
        }
    }
}

/// What was offered in a SYN, besides the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// ECE and CWR (RFC 3168 §6.1.1).
    Ecn,
    /// AE, CWR and ECE (RFC 9768 §3.1.1).
    AccurateEcn,
    /// An empty cookie (RFC 7413 §4.1.1).
    FastOpenCookie,
    /// The cookie that came, and data.
    FastOpenData,
}

/// An offer, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// What was offered.
    pub offer: Offer,
    /// What came back.
    pub probed: Probed,
}

/// What was said on a connection, and heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// From the SYN-ACK to the server's first octet, or from our data if the server waited for that; `None` if it
    /// waited for our FIN.
    pub first_byte: Option<Duration>,
    /// Whether that came before we said anything.
    pub has_greeted: bool,
    /// From our data to its ACK, if it was sent once only.
    pub rtt: Option<Duration>,
    /// Whether our data was acknowledged; `None` where nothing was sent.
    pub is_acknowledged: Option<bool>,
    /// Octets of the server's before our FIN.
    pub octets: u64,
    /// Octets of the server's after it acknowledged our FIN.
    pub octets_after_fin: u64,
    /// The most in one segment.
    pub largest_segment: usize,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// FIN both ways; whose was first.
    Fin(End),
    /// RST of the server's, before our FIN or after it.
    Reset {
        /// Whether our FIN had been sent.
        after_fin: bool,
        /// Whether it came instead of anything else, right after the third ACK.
        at_once: bool,
    },
    /// The server acknowledged our FIN, and never sent one of its own in the time there was.
    HalfOnly,
    /// Our FIN was not acknowledged.
    Ignored,
}

/// One whole connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// How it was opened.
    pub syn_ack: SynAck,
    /// What was said.
    pub said: Said,
    /// TTL or hop limit after the SYN-ACK: the last that is not the SYN-ACK's, or else the first.
    pub later_hop_limit: Option<u8>,
    /// Whether a segment that only opened the window came right after the third ACK.
    pub has_window_update: bool,
    /// How often the SYN-ACK came again after the third ACK.
    pub syn_acks_again: u32,
    /// How it ended; `None` where we ended it before.
    pub closed: Option<Closed>,
}

/// What became of segments that fit, but not exactly (RFC 5961 §3, §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// An ACK: the sender is asked whether it means it.
    Ack,
    /// Nothing; and the connection lives.
    Silent,
    /// The connection is gone.
    Accepted,
}

/// SYN-ACKs that came again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// After the first, in order.
    pub after: Vec<Duration>,
    /// How long there was silence from our side.
    pub waited: Duration,
    /// Whether the next was awaited for longer than it can have taken, in vain.
    pub has_ended: bool,
}

/// Connections side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// SYNs sent.
    pub asked: u32,
    /// Those whose data was acknowledged.
    pub taken: u32,
    /// Those that were opened, and whose third ACK and data were ignored.
    pub ignored: u32,
    /// SYNs that nobody answered.
    pub silent: u32,
}

/// All that was found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Whether there is anybody: `None` if we were stopped before that was known.
    pub verdict: Option<Verdict>,
    /// One after the other from one port.
    pub samples: Vec<Probed>,
    /// From ports of their own.
    pub ports: Vec<Probed>,
    /// What was offered besides.
    pub offered: Vec<Offered>,
    /// A whole connection.
    pub talk: Option<Talk>,
    /// What came of an RST that is not exact.
    pub reset: Option<Challenge>,
    /// What came of a SYN on a connection.
    pub syn: Option<Challenge>,
    /// The SYN-ACKs of a connection that we did not complete.
    pub repeats: Option<Repeats>,
    /// Connections side by side.
    pub backlog: Option<Backlog>,
    /// Questions that came to their end.
    pub whole: Vec<Question>,
    /// There was no time for all.
    pub out_of_time: bool,
    /// Somebody asked us to stop.
    pub stopped: bool,
    /// Segments that this machine had no room for.
    pub drops: u64,
    /// Segments that this machine did not send.
    pub unsent: u64,
}

impl Measured {
    /// The SYN-ACKs of the samples.
    pub fn syn_acks(&self) -> impl Iterator<Item = &SynAck> {
        self.samples.iter().filter_map(Probed::open)
    }

    /// What came of an offer, if it was made.
    #[must_use]
    pub fn offer(&self, offer: Offer) -> Option<&Probed> {
        self.offered.iter().find(|it| it.offer == offer).map(|it| &it.probed)
    }
}
