//! All frames that carry TCP, both ways, by one packet socket (packet(7)).

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use socket2::Socket;
use wireline_engine::Instant;
use wireline_packet::layers::LinkType;

use crate::packet_sockets::Statistics;
use crate::{Error, Result};

/// Which packets the kernel hands up: TCP between these, and what is said about it.
///
/// It is coarse. Fragments behind the first and packets with extension headers pass whatever their ports are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TapFilter {
    /// One end is in one of these networks, given by address and length of the prefix; empty for all.
    pub networks: Vec<(IpAddr, u8)>,
    /// One end has one of these ports; empty for all.
    pub ports: Vec<RangeInclusive<u16>>,
    /// And ICMP errors of either family that quote TCP, whatever ends it had.
    pub icmp_errors: bool,
}

impl TapFilter {
    /// What goes between two ends, and all ICMP errors about TCP.
    #[must_use]
    pub fn connection(here: SocketAddr, there: SocketAddr) -> Self {
        let length = if there.is_ipv4() { 32 } else { 128 };
        let networks = vec![(there.ip(), length)];
        Self { networks, ports: vec![here.port()..=here.port()], icmp_errors: true }
    }
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into this machine, or past it.
    In,
    /// Out of it. All that goes by the loopback interface goes out: its coming in is not told again.
    Out,
}

/// One frame that came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When, by the kernel's stamp.
    pub at: Instant,
    /// The same stamp, since 1970: to the nanosecond what other captures say.
    pub wall: Duration,
    /// Which way.
    pub direction: Direction,
    /// By which interface (`ifindex`).
    pub interface: u32,
    /// How `contents` begin: [`LinkType::RAW`], for the link's own header is left off.
    pub link_type: LinkType,
    /// Octets on the wire, from the IP header on: of a packet that this machine will cut or has put together
    /// (GSO, GRO), those of the whole.
    pub length: u32,
    /// What was kept of them. Hostile.
    pub contents: &'a [u8],
}

/// Hears what a filter lets through, at one interface or at all of them.
pub struct Tap {
    socket: Socket,
    statistics: Statistics,
}

impl Tap {
    /// Needs `CAP_NET_RAW`. `interface` is a number (`ifindex`), or `None` for all there are and will be; of each
    /// packet at most `most` octets are kept. When it returns, nothing that passes the filter is missed.
    pub fn open(interface: Option<u32>, filter: &TapFilter, most: u32) -> Result<Self> {
        let _ = (interface, filter, most);
        Err(Error::FramesNotPermitted)
    }

    /// Hears others from now on. What had come before is still told.
    pub fn set_filter(&self, filter: &TapFilter) -> Result<()> {
        let _ = filter;
        Ok(())
    }

    /// Tells what has come, at most a batch of it, in the order of the stamps, and says how much that was. It
    /// does not wait: poll the descriptor for input.
    pub fn receive(&mut self, heard: &mut dyn FnMut(Frame<'_>)) -> Result<usize> {
        let _ = heard;
        Ok(0)
    }

    /// What the kernel counted since it was opened. Where some were dropped, what was told is not complete.
    pub fn statistics(&mut self) -> Statistics {
        self.statistics
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
