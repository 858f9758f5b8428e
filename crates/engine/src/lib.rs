//! The sans-IO contract, and the probe engines that keep it.
//!
//! An [`Engine`] is a protocol as a state machine. It opens no socket, reads no clock and draws no
//! random number: bytes, time and seeds come in as arguments; bytes, deadlines and events go out as
//! return values. `wireline_net::drive` joins one to real sockets, `sim` to a made-up network.
#![forbid(unsafe_code)]

pub mod arping;
pub mod echo;
mod icmp;
pub mod segment;
#[cfg(any(test, feature = "sim"))]
pub mod sim;
mod stats;
pub mod sweep;
pub mod tcp;
pub mod trace;
pub mod watch;

mod time;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use icmp::IcmpError;
pub use stats::{Latency, LatencyReport, RttStats};
pub use time::{Instant, millis};

/// A protocol that performs no I/O: the part that does not depend on what carries it.
///
/// The methods come in two kinds, told apart by their names. `handle_*` puts something in; after
/// one, or after a `poll_*` that returned `Some`, whatever [`next_timeout`](Self::next_timeout)
/// last said is out of date and must be asked again.
///
/// Every `now` must be at or after the one before it. Calling a method too often does no harm.
pub trait Engine {
    /// What this protocol reports to a person or a program.
    type Event;

    /// When to call [`handle_timeout`](Self::handle_timeout), if nothing arrives before.
    fn next_timeout(&self) -> Option<Instant>;

    /// Lets every deadline at or before `now` take effect.
    fn handle_timeout(&mut self, now: Instant);

    /// The next event, until `None`.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Asks for an orderly end (SIGINT, a closed pipe): send no more, report what is known.
    fn handle_stop(&mut self, now: Instant);

    /// Asks how it is going (SIGQUIT). The answer, if there is one, is an event.
    fn handle_query(&mut self, _now: Instant) {}

    /// Does what somebody in front of the screen asks for.
    fn handle_control(&mut self, now: Instant, control: Control) {
        if control == Control::Stop {
            self.handle_stop(now);
        }
    }

    /// Whether there is nothing left to send, to await or to report.
    fn is_finished(&self) -> bool;
}

/// What somebody in front of the screen may ask of a run that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Send no more, or go on.
    Pause,
    /// Forget what was measured.
    Reset,
    /// Come to an orderly end.
    Stop,
}

/// An [`Engine`] that is carried by datagrams.
pub trait Datagrams: Engine {
    /// Writes the next datagram over whatever `contents` held and says where it goes, until `None`.
    ///
    /// The buffer is the caller's, so that a flood allocates nothing.
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit>;

    /// About how many replies may be waiting: a hint for how many to ask the kernel for at once.
    fn expected(&self) -> usize {
        1
    }

    /// Takes in one received datagram. Bytes that are not for this engine are ignored: a raw socket
    /// hears every other process's replies too.
    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>);

    /// Learns when the kernel passed a datagram on. Stamps arrive before the reply that they belong
    /// to unless the caller said otherwise, and some never do.
    fn handle_stamp(&mut self, _stamp: Stamp) {}

    /// Learns that a datagram was refused: by a router or the target (an ICMP error), or by this
    /// machine with an extended error (`IP_RECVERR`, ip(7)).
    fn handle_refusal(&mut self, _now: Instant, _refusal: Refusal<'_>) {}

    /// Hears an ICMP error whole, with the IP header of the datagram that it quotes: somebody's, and perhaps
    /// of one of ours. It comes before the [`Refusal`] that the kernel makes of it, if it does.
    fn handle_quotation(&mut self, _now: Instant, _quotation: Quotation<'_>) {}

    /// Learns from which port a datagram left, or with which identifier, where the kernel chose it.
    fn handle_port(&mut self, _id: u32, _port: u16) {}

    /// Learns that a connection was accepted or refused by the other end.
    fn handle_handshake(&mut self, _now: Instant, _handshake: Handshake) {}

    /// Learns that the system call that was to send a datagram failed: no route, a firewall.
    /// Unless an engine has something better to do, that is as if the network had lost it.
    fn handle_unsent(&mut self, _now: Instant, _transmit: &Transmit, _why: &io::Error) {}

    /// Learns that `count` datagrams came in by a [`Transmit::flow`] and that this machine threw them away
    /// for want of room, since it was last told so.
    fn handle_drops(&mut self, _now: Instant, _flow: u32, _count: u64) {}
}

/// What an errno is called, as C has it: without the ` (os error 101)` that Rust adds.
#[must_use]
pub fn errno_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(plain, _)| plain).to_owned()
}

/// Where one datagram goes. Its contents are written beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to. The port is 0 for a protocol without ports; an IPv6 scope is kept.
    pub destination: SocketAddr,
    /// What the engine calls it: comes back in its [`Stamp`].
    pub id: u32,
    /// TTL or hop limit; `None` for the socket's own.
    pub hop_limit: Option<u8>,
    /// Which of a channel's sockets it leaves by, where there is one a flow; comes back with what is
    /// heard there.
    pub flow: u32,
}

impl Transmit {
    /// By the only socket, with its hop limit.
    #[must_use]
    pub const fn new(destination: SocketAddr, id: u32) -> Self {
        Self { destination, id, hop_limit: None, flow: 0 }
    }
}

/// One datagram received, in the same shape whichever kind of socket heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Who sent it: the target, or a router on the way.
    pub source: SocketAddr,
    /// TTL or hop limit on arrival, where the socket could tell.
    pub hop_limit: Option<u8>,
    /// When the kernel took it in; `None` where it did not say.
    pub at: Option<Instant>,
    /// The IPv4 options that it came with.
    pub options: &'a [u8],
    /// The [`Transmit::flow`] whose socket heard it.
    pub flow: u32,
    /// The message from its transport header on, the IP header already taken off; of a UDP socket, what
    /// comes after the UDP header.
    pub contents: &'a [u8],
}

/// How far a datagram had come on its way out of this machine (timestamping.rst, kernel.org).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Past routing and neighbour resolution, into the queue of the interface.
    Queued,
    /// Handed to the driver: on the wire, as near as software can tell.
    Sent,
}

/// When one datagram reached one [`Stage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The [`Transmit::id`] of the datagram.
    pub id: u32,
    /// How far it had come.
    pub stage: Stage,
    /// When.
    pub at: Instant,
}

/// Why a datagram did not get to where it was sent, from the socket's error queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// Who refused it.
    pub origin: Origin,
    /// Where the datagram was going; the port is 0 for a protocol without ports.
    pub destination: SocketAddr,
    /// The [`Transmit::flow`] whose socket heard it.
    pub flow: u32,
    /// An MTU, a gateway in network order, a pointer: as the ICMP type has it.
    pub info: u32,
    /// When the kernel took it in; `None` where it did not say.
    pub at: Option<Instant>,
    /// TTL or hop limit of the error itself on arrival.
    pub hop_limit: Option<u8>,
    /// Where in `quoted` the sender says that extensions begin (RFC 4884 §4), if it says so.
    pub extensions_at: Option<usize>,
    /// The datagram from its transport header on (of a UDP socket: after it), as the refuser quoted it.
    /// Hostile.
    pub quoted: &'a [u8],
}

/// An ICMP error with all that it quotes, as only a raw socket hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotation<'a> {
    /// Who sent the error.
    pub from: IpAddr,
    /// The ICMP type.
    pub icmp_type: u8,
    /// The ICMP code.
    pub code: u8,
    /// From the IP header of the quoted datagram to the end of the error. Hostile.
    pub datagram: &'a [u8],
}

/// How a connection that was opened by [`Datagrams`] on a stream socket began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The [`Transmit::id`] of the first segment.
    pub id: u32,
    /// When the kernel told.
    pub at: Instant,
    /// What the other side said.
    pub answer: Answer,
    /// The kernel's round trip, where it measured one (`tcpi_rtt`, tcp(7)); whole milliseconds where a first
    /// segment was sent again.
    pub rtt: Option<Duration>,
    /// First segments sent again (`tcpi_total_retrans`).
    pub retransmits: u32,
}

/// What a host says to a first segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// SYN and ACK: somebody listens.
    Accepted,
    /// RST: nobody does.
    Refused,
    /// Nothing, for as long as the channel is patient.
    Silence,
}

/// Who refused a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This machine, with an errno.
    Local(i32),
    /// A host that sent an ICMP error.
    Icmp {
        /// Which host.
        from: IpAddr,
        /// The ICMP type.
        icmp_type: u8,
        /// The ICMP code.
        code: u8,
    },
}
