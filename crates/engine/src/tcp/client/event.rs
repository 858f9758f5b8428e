use std::time::Duration;

use wireline_packet::tcp::Flags;

use crate::tcp::{End, Refused};

/// What a client has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The SYN-ACK came and was acceptable.
    Opened(Opened),
    /// Data came in order.
    Data {
        /// What it says. Hostile.
        octets: Vec<u8>,
    },
    /// All that we said was acknowledged, so long after it was sent.
    Acknowledged {
        /// Of the last segment that was sent once only; `None` where there was none.
        rtt: Option<Duration>,
    },
    /// The other end's FIN came, in order.
    Fin,
    /// A segment came with the hop limit 255, which the kernel's guard lets through: the kernel may have sent RST.
    Unguarded,
    /// The end. Nothing follows.
    Ended(Ending),
}

/// What the SYN-ACK said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// From our last SYN to it: `None` where more than one was sent and no time-stamp tells which is answered.
    pub rtt: Option<Duration>,
    /// How many SYNs were sent.
    pub syn_sent: u32,
    /// Its sequence number.
    pub isn: u32,
    /// Its flags: with ECE and the like.
    pub flags: Flags,
    /// Its window field.
    pub window: u16,
    /// TTL or hop limit on arrival.
    pub hop_limit: Option<u8>,
    /// All its options. Hostile.
    pub options: Vec<u8>,
    /// Whether it acknowledges the SYN's data too.
    pub took_syn_data: bool,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// FIN both ways, all acknowledged; who sent the first.
    Closed {
        /// Whose FIN was first.
        first: End,
    },
    /// RST; whose.
    Reset {
        /// Who sent it.
        by: End,
        /// Whether the connection was open before.
        was_open: bool,
    },
    /// An ICMP error before it was open.
    Refused(Refused),
    /// Nobody answered so many SYNs.
    Silent {
        /// How many.
        syn_sent: u32,
    },
    /// It was open, and something that was awaited did not come in time. RST was sent.
    TimedOut,
    /// The kernel did not send it (errno(3)).
    Unsent {
        /// Why.
        errno: i32,
    },
    /// We were asked to stop. RST was sent if there was anybody to send it to.
    Stopped,
}
