//! One TCP connection of the kernel's, with all that it tells those without privilege: errors with their senders,
//! stamps, `TCP_INFO`.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::tcp::Refused;
use wireline_engine::{Instant, Origin};

use crate::clock::Timeline;
use crate::icmp_setup::ask_for_errors;
use crate::probe::origin;
use crate::socket_options::bind_device;
use crate::sys::{self, Batch};
use crate::{Clock, Error, Family, Result, SocketOptions, Stamps, is_local};

/// What the kernel lets be chosen before it connects.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// Source, port, hop limit, traffic class.
    pub socket: SocketOptions,
    /// The interface to leave by.
    pub device: Option<String>,
    /// What our SYN says at the most (`TCP_MAXSEG`, tcp(7)).
    pub max_segment_size: Option<u16>,
    /// The most that is ever offered as a window (`TCP_WINDOW_CLAMP`).
    pub window: Option<u32>,
    /// How often a SYN is repeated (`TCP_SYNCNT`): 1 to 127.
    pub syn_repeats: Option<u8>,
    /// For how long close(2) waits for data to be acknowledged; 0 sends RST (`SO_LINGER`, socket(7)).
    pub linger: Option<Duration>,
}

/// How far connecting has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has answered.
    Pending,
    /// It is open.
    Open,
    /// It will not be: errno(3).
    Failed(i32),
}

/// `struct tcp_info` (`linux/tcp.h`) of a TCP socket, as much of it as the kernel tells: nothing, where it is not TCP's.
#[must_use]
pub fn tcp_info(fd: BorrowedFd<'_>) -> Vec<u8> {
    let mut octets = vec![0; 512];
    let told = sys::get_bytes(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut octets);
    octets.truncate(told.unwrap_or(0));
    octets
}

/// Has a TCP socket that is not connected yet send its first octets with the SYN, where the server has handed out a cookie
/// before (`TCP_FASTOPEN_CONNECT`, RFC 7413).
pub fn open_fast(fd: BorrowedFd<'_>) -> io::Result<()> {
    let on = 1_i32.to_ne_bytes();
    sys::set_bytes(fd, libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT, &on)
}

/// What came of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// So many octets.
    Octets(usize),
    /// Nothing for now.
    Nothing,
    /// The other end's FIN.
    End,
}

/// When the first octets that were written after it was open left, and when they were acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataStamps {
    /// Handed to the driver.
    pub sent: Option<Instant>,
    /// Acknowledged by the other end.
    pub acknowledged: Option<Instant>,
}

/// A connection that never blocks.
pub struct Connection {
    socket: Socket,
    remote: SocketAddr,
    errors: Batch,
    timeline: Timeline,
    refused: Option<Refused>,
    data: DataStamps,
    progress: Progress,
}

/// Octets of what an error quotes: only who sent it is asked here.
const QUOTED: usize = 128;

impl Connection {
    /// Bound, so that its port is known before anything is sent, and not yet connecting.
    pub fn open(remote: SocketAddr, options: &ConnectOptions) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(remote), Type::STREAM, Some(Protocol::TCP))
            .map_err(Error::call("socket"))?;
        socket.set_nonblocking(true).map_err(Error::call("fcntl(O_NONBLOCK)"))?;
        prepare(&socket, remote, options)?;
        Ok(Self {
            socket,
            remote,
            errors: Batch::new(1, QUOTED),
            timeline: Timeline::new(),
            refused: None,
            data: DataStamps::default(),
            progress: Progress::Pending,
        })
    }

    /// Our end: the address is unspecified until it connects, unless it was chosen.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()?.as_socket()
    }

    /// The other end.
    #[must_use]
    pub const fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Sends the SYN.
    pub fn connect(&mut self) -> Progress {
        let returned = self.socket.connect(&SockAddr::from(self.remote));
        self.after_connecting(returned)
    }

    /// Sends the SYN with data, if the kernel has the other end's cookie, and says how many octets it took; else the
    /// SYN asks for a cookie (RFC 7413; `MSG_FASTOPEN`, tcp(7)).
    pub fn connect_with(&mut self, data: &[u8]) -> (Progress, usize) {
        let to = SockAddr::from(self.remote);
        let sent = self.socket.send_to_with_flags(data, &to, libc::MSG_FASTOPEN);
        let taken = *sent.as_ref().unwrap_or(&0);
        (self.after_connecting(sent.map(drop)), taken)
    }

    fn after_connecting(&mut self, returned: io::Result<()>) -> Progress {
        self.progress = match returned {
            Ok(()) => Progress::Pending,
            Err(why) => match why.raw_os_error() {
                Some(libc::EINPROGRESS) | None => Progress::Pending,
                Some(errno) => Progress::Failed(errno),
            },
        };
        self.progress
    }

    /// Looks how far it has come. Writable, or an error, is when to look.
    pub fn progress(&mut self) -> Progress {
        self.read_errors();
        self.look();
        self.progress
    }

    fn look(&mut self) {
        if self.progress != Progress::Pending {
            return;
        }
        self.progress = match self.socket.take_error() {
            Ok(Some(why)) | Err(why) => Progress::Failed(why.raw_os_error().unwrap_or(0)),
            Ok(None) if self.socket.peer_addr().is_ok() && !self.is_half_open() => Progress::Open,
            Ok(None) => Progress::Pending,
        };
    }

    /// Whether the socket has ended, whatever it says of why.
    fn has_hung_up(&self) -> bool {
        let mut fds = [PollFd::new(&self.socket, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().contains(PollFlags::HUP)
    }

    /// Both ends have sent SYN, and theirs did not acknowledge ours (RFC 9293 §3.5): there is a peer, and no
    /// connection.
    fn is_half_open(&self) -> bool {
        const TCP_SYN_RECV: u8 = 3;
        self.info().first() == Some(&TCP_SYN_RECV)
    }

    /// The last ICMP error about it.
    #[must_use]
    pub const fn refused(&self) -> Option<Refused> {
        self.refused
    }

    /// `struct tcp_info`, as much of it as the kernel tells.
    #[must_use]
    pub fn info(&self) -> Vec<u8> {
        tcp_info(self.socket.as_fd())
    }

    /// Asks for stamps of what is written next. Not before it is open: the kernel refuses (timestamping.rst).
    pub fn ask_for_stamps(&self) -> Result<()> {
        let flags = libc::SOF_TIMESTAMPING_TX_SOFTWARE
            | libc::SOF_TIMESTAMPING_TX_ACK
            | libc::SOF_TIMESTAMPING_SOFTWARE
            | libc::SOF_TIMESTAMPING_OPT_TSONLY;
        let (fd, flags) = (self.socket.as_fd(), flags.to_ne_bytes());
        sys::set_bytes(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &flags)
            .map_err(Error::call("setsockopt(SO_TIMESTAMPING)"))
    }

    /// What of the first write was stamped so far.
    pub fn data_stamps(&mut self) -> DataStamps {
        self.read_errors();
        self.data
    }

    /// Writes as much as there is room for; 0 for no room.
    pub fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let sent = self.socket.send_with_flags(octets, libc::MSG_NOSIGNAL);
        none_for_now(sent, 0)
    }

    /// Reads what is there behind what `into` holds, `limit` octets at the most.
    pub fn read(&mut self, into: &mut Vec<u8>, limit: usize) -> io::Result<Read> {
        let start = into.len();
        into.resize(start + limit, 0);
        let read = io::Read::read(&mut &self.socket, &mut into[start..]);
        into.truncate(start + *read.as_ref().unwrap_or(&0));
        none_for_now(read.map(|n| if n == 0 { Read::End } else { Read::Octets(n) }), Read::Nothing)
    }

    /// Sends FIN, and goes on reading.
    pub fn finish(&self) -> io::Result<()> {
        self.socket.shutdown(std::net::Shutdown::Write)
    }

    /// Ends it with RST.
    pub fn reset(self) {
        // Only a closed socket refuses.
        let _ = self.socket.set_linger(Some(Duration::ZERO));
    }

    fn read_errors(&mut self) {
        // In this order: the kernel takes SO_ERROR back when the last ICMP error is read (`sock_dequeue_err_skb`).
        self.look();
        let told = self.drain_errors();
        // And one may have come in between.
        if let (Progress::Pending, Some(errno)) = (self.progress, told)
            && self.has_hung_up()
        {
            self.progress = Progress::Failed(errno);
        }
    }

    /// The errno of the last ICMP error there was.
    fn drain_errors(&mut self) -> Option<i32> {
        /// More than this are read at the next look.
        const AT_ONCE: usize = 64;
        let mut told = None;
        for _ in 0..AT_ONCE {
            let count = self.errors.receive(self.socket.as_fd(), 1, libc::MSG_ERRQUEUE);
            let Ok(1..) = count else { break };
            self.timeline.refresh(Clock.now());
            for received in self.errors.iter() {
                let Some(error) = received.error else { continue };
                let at = received.stamp.map(|stamp| self.timeline.instant(stamp));
                match (origin(&error), error.info) {
                    (Some(from), _) => {
                        self.refused = refusal(from, self.remote).or(self.refused);
                        told = i32::try_from(error.errno).ok();
                    }
                    (None, STAMP_SENT) => self.data.sent = self.data.sent.or(at),
                    (None, STAMP_ACKNOWLEDGED) => {
                        self.data.acknowledged = self.data.acknowledged.or(at);
                    }
                    _ => {}
                }
            }
        }
        told
    }
}

/// `SCM_TSTAMP_SND`, `SCM_TSTAMP_ACK` (linux/errqueue.h).
const STAMP_SENT: u32 = 0;
const STAMP_ACKNOWLEDGED: u32 = 2;

fn refusal(from: Origin, remote: SocketAddr) -> Option<Refused> {
    let is_ours = match from {
        Origin::Icmp { from, .. } => from != remote.ip() && is_local(from),
        Origin::Local(_) => false,
    };
    Refused::new(from, is_ours)
}

fn none_for_now<T>(result: io::Result<T>, nothing: T) -> io::Result<T> {
    match result {
        Err(why)
            if matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) =>
        {
            Ok(nothing)
        }
        other => other,
    }
}

fn prepare(socket: &Socket, remote: SocketAddr, options: &ConnectOptions) -> Result<()> {
    let (fd, is_ipv6) = (socket.as_fd(), remote.is_ipv6());
    if let Some(device) = &options.device {
        bind_device(socket, device).map_err(Error::call("SO_BINDTODEVICE"))?;
    }
    // A chosen port may have been used a moment ago, and wait for old segments.
    let is_chosen = options.socket.port.is_some_and(|port| port != 0);
    socket.set_reuse_address(is_chosen).map_err(Error::call("SO_REUSEADDR"))?;
    ask_for_errors(fd, if is_ipv6 { Family::V6 } else { Family::V4 })?;
    let port = options.socket.port.or(Some(0));
    // A stream has no multicast hop limit, and its segments no stamps before it is open.
    let plain =
        SocketOptions { hop_limit: None, stamps: Stamps::Receive, port, ..options.socket.clone() };
    plain.apply(socket, is_ipv6)?;
    let tcp = |name, call, value| {
        sys::set_int(fd, libc::IPPROTO_TCP, name, value).map_err(Error::call(call))
    };
    if let Some(size) = options.max_segment_size {
        tcp(libc::TCP_MAXSEG, "setsockopt(TCP_MAXSEG)", size.into())?;
    }
    if let Some(window) = options.window {
        let window = i32::try_from(window).unwrap_or(i32::MAX);
        tcp(libc::TCP_WINDOW_CLAMP, "setsockopt(TCP_WINDOW_CLAMP)", window)?;
    }
    if let Some(repeats) = options.syn_repeats {
        tcp(libc::TCP_SYNCNT, "setsockopt(TCP_SYNCNT)", repeats.into())?;
    }
    if let Some(limit) = options.socket.hop_limit {
        let (level, name) = if is_ipv6 {
            (libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS)
        } else {
            (libc::IPPROTO_IP, libc::IP_TTL)
        };
        sys::set_int(fd, level, name, limit.into()).map_err(Error::call("setsockopt(IP_TTL)"))?;
    }
    socket.set_linger(options.linger).map_err(Error::call("setsockopt(SO_LINGER)"))
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests;
