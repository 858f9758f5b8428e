//! All packets that carry TCP, both ways, by one packet socket (packet(7)).
//!
//! It asks for nobody else's frames (no promiscuous mode), and sends nothing.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{Timespec, poll};
use socket2::{Domain, Socket, Type};
use wireline_engine::Instant;
use wireline_packet::layers::LinkType;

use crate::clock::Timeline;
use crate::control::Received;
use crate::filter_program::OUTGOING;
use crate::packet_sockets::{EVERY_PROTOCOL, make_room};
use crate::privilege::raised;
use crate::sys::{self, Batch};
use crate::{Clock, Error, Result, Stamps, Statistics, TapFilter};

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into this machine, or past it.
    In,
    /// Out of it. All that goes by the loopback interface goes out: its coming in is not told again.
    Out,
}

/// One packet that came by.
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
    most: u32,
    batch: Batch,
    timeline: Timeline,
    statistics: Statistics,
}

/// Octets of packets that one system call has room for.
const ROOM: usize = 1 << 20;

impl Tap {
    /// Needs `CAP_NET_RAW`. `interface` is a number (`ifindex`), or `None` for all there are and will be; of each
    /// packet at most `most` octets are kept. When it returns, nothing that passes the filter is missed.
    pub fn open(interface: Option<u32>, filter: &TapFilter, most: u32) -> Result<Self> {
        let most = most.clamp(1, 1 << 18);
        let socket = raised(|| Socket::new(Domain::PACKET, Type::DGRAM, None));
        let socket = socket.map_err(|why| match why.kind() {
            io::ErrorKind::PermissionDenied => Error::FramesNotPermitted,
            _ => Error::call("socket")(why),
        })?;
        let fd = socket.as_fd();
        let auxiliary = sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1);
        auxiliary.map_err(Error::call("setsockopt(PACKET_AUXDATA)"))?;
        Stamps::Receive.request(fd).map_err(Error::call("setsockopt(SO_TIMESTAMPING)"))?;
        make_room(&socket);
        let stride = most as usize;
        let batch = Batch::new((ROOM / stride).clamp(16, 256), stride);
        let (timeline, statistics) = (Timeline::new(), Statistics::default());
        let tap = Self { socket, most, batch, timeline, statistics };
        tap.set_filter(filter)?;
        tap.listen(interface)?;
        Ok(tap)
    }

    /// Bound last, so that nothing is heard before the filter is there.
    fn listen(&self, interface: Option<u32>) -> Result<()> {
        let number = interface.map_or(0, |number| i32::try_from(number).unwrap_or(i32::MAX));
        let bound = sys::bind_packet(&self.socket, number, EVERY_PROTOCOL);
        bound.map_err(Error::call("bind"))?;
        // An interface that is not up can be bound to, and says so afterwards (packet(7), ENETDOWN).
        match self.socket.take_error() {
            Ok(Some(why)) | Err(why) => return Err(Error::call("bind")(why)),
            Ok(None) => {}
        }
        // The kernel begins to stamp a moment after it was first asked to (`net_enable_timestamp`).
        let moment = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };
        let _ = poll(&mut [], Some(&moment));
        Ok(())
    }

    /// Hears others from now on. What had come before is still told. Needs no privilege.
    pub fn set_filter(&self, filter: &TapFilter) -> Result<()> {
        let attached = self.socket.attach_filter(&filter.program(self.most));
        attached.map_err(Error::call("setsockopt(SO_ATTACH_FILTER)"))
    }

    /// Tells what has come, at most a batch of it, in the order of the stamps, and says how much that was. It
    /// does not wait: poll the descriptor for input.
    ///
    /// Fails where the interface went down, once; the tap hears again when it is up.
    pub fn receive(&mut self, heard: &mut dyn FnMut(Frame<'_>)) -> Result<usize> {
        let count = match self.batch.receive(self.socket.as_fd(), usize::MAX, 0) {
            Ok(count) => count,
            Err(why) if is_nothing(&why) => return Ok(0),
            Err(why) => return Err(Error::call("recvmsg")(why)),
        };
        let now = Clock.now();
        self.timeline.refresh(now);
        let mut frames: Vec<_> =
            self.batch.iter().filter_map(|received| frame(&received, &self.timeline)).collect();
        // Of two processors the later may be the first to tell.
        frames.sort_by_key(|frame| frame.wall);
        frames.into_iter().for_each(heard);
        Ok(count)
    }

    /// What the kernel counted since it was opened. Where some were dropped, what was told is not complete.
    pub fn statistics(&mut self) -> Statistics {
        self.statistics.gather(self.socket.as_fd());
        self.statistics
    }
}

fn is_nothing(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

fn frame<'a>(received: &Received<'a>, timeline: &Timeline) -> Option<Frame<'a>> {
    let (interface, kind) = received.link?;
    let stamp = received.stamp.map_or_else(|| Clock.wall(), Duration::from_nanos);
    let kept = u32::try_from(received.contents.len()).unwrap_or(u32::MAX);
    Some(Frame {
        at: timeline.instant(u64::try_from(stamp.as_nanos()).unwrap_or(u64::MAX)),
        wall: stamp,
        direction: if u32::from(kind) == OUTGOING { Direction::Out } else { Direction::In },
        interface: u32::try_from(interface).unwrap_or(0),
        link_type: LinkType::RAW,
        length: received.length.unwrap_or(kept).max(kept),
        contents: received.contents,
    })
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests;
