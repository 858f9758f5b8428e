//! Connected datagram sockets and streams of messages, opened as they are needed: what carries questions
//! to name servers, many in one system call.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::{Instant, Refusal, Reply, Transmit};

use crate::sys::{self, Batch};
use crate::{Channel, Clock, Heard, Outbox};

/// What a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A connected UDP socket.
    Datagrams,
    /// A TCP connection, each message with its length before it (RFC 1035 §4.2.2).
    Stream,
}

/// One socket for each flow. A datagram from anybody but whom the socket is connected to is not heard.
pub struct Flows {
    carrier: fn(u32) -> Carrier,
    local: Option<SocketAddr>,
    sockets: BTreeMap<u32, Datagrams>,
    streams: BTreeMap<u32, Stream>,
    batch: Batch,
    /// Datagrams that came and found no room in a socket's queue (`SO_RXQ_OVFL`).
    overflowed: u64,
}

struct Datagrams {
    socket: Socket,
    peer: SocketAddr,
    overflowed: u32,
}

/// A connection, or one that is being made.
struct Stream {
    socket: Socket,
    peer: SocketAddr,
    is_connected: bool,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

/// Octets that a socket's queue of answers holds; the kernel grants what it may.
const QUEUE: usize = 4 << 20;

/// Answers in one system call.
const SLOTS: usize = 64;

impl Flows {
    /// None yet; `carrier` tells of each flow what it is, and each is bound to `local`, if that is given.
    #[must_use]
    pub fn new(carrier: fn(u32) -> Carrier, local: Option<SocketAddr>) -> Self {
        /// What a datagram holds at the most.
        const LONGEST: usize = 65_535;
        Self {
            carrier,
            local,
            sockets: BTreeMap::new(),
            streams: BTreeMap::new(),
            batch: Batch::new(SLOTS, LONGEST),
            overflowed: 0,
        }
    }

    /// How many answers came and were thrown away by this machine, for want of room.
    #[must_use]
    pub const fn overflowed(&self) -> u64 {
        self.overflowed
    }

    fn open_datagrams(&mut self, transmit: &Transmit) -> io::Result<&Datagrams> {
        if !self.sockets.contains_key(&transmit.flow) {
            let socket = open(transmit.destination, Type::DGRAM, Protocol::UDP, self.local)?;
            // Both are for speed and counting only.
            let _ = socket.set_recv_buffer_size(QUEUE);
            let _ = sys::set_int(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1);
            socket.connect(&SockAddr::from(transmit.destination))?;
            let opened = Datagrams { socket, peer: transmit.destination, overflowed: 0 };
            self.sockets.insert(transmit.flow, opened);
        }
        self.sockets.get(&transmit.flow).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Sends what is for one flow.
    fn send_datagrams(
        &mut self,
        run: &[(&Transmit, &[u8])],
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        let Some((first, _)) = run.first() else { return };
        let datagrams = match self.open_datagrams(first) {
            Ok(datagrams) => datagrams,
            Err(why) => {
                let now = Clock.now();
                return run
                    .iter()
                    .for_each(|(transmit, _)| heard(now, Heard::Unsent(transmit, &why)));
            }
        };
        let (mut rest, mut waits, mut refused) = (run, 0, false);
        while let [(transmit, _), after @ ..] = rest {
            let contents = rest.iter().map(|(_, contents)| *contents);
            match sys::send_connected(datagrams.socket.as_fd(), contents) {
                Ok(sent) => rest = rest.get(sent.max(1)..).unwrap_or_default(),
                Err(why) if is_full(&why) && waits < 100 => {
                    waits += 1;
                    await_room(&datagrams.socket);
                }
                // It is about an earlier one, and is told once.
                Err(why) if is_refusal(&why) && !refused => refused = true,
                Err(why) => {
                    heard(Clock.now(), Heard::Unsent(transmit, &why));
                    rest = after;
                }
            }
        }
        if refused {
            heard(
                Clock.now(),
                Heard::Refusal(Refusal::local(first.flow, datagrams.peer, libc::ECONNREFUSED)),
            );
        }
    }

    fn receive_datagrams(
        &mut self,
        expected: usize,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> usize {
        let mut count = 0;
        for (flow, datagrams) in &mut self.sockets {
            match self.batch.receive(datagrams.socket.as_fd(), expected.min(SLOTS), 0) {
                Ok(received) => {
                    count += received;
                    let now = Clock.now();
                    for received in self.batch.iter() {
                        if let Some(dropped) = received.dropped {
                            self.overflowed +=
                                u64::from(dropped.wrapping_sub(datagrams.overflowed));
                            datagrams.overflowed = dropped;
                        }
                        let reply = reply(*flow, datagrams.peer, received.contents);
                        heard(now, Heard::Reply(reply));
                    }
                }
                Err(why) if is_refusal(&why) => {
                    count += 1;
                    let refusal = Refusal::local(*flow, datagrams.peer, libc::ECONNREFUSED);
                    heard(Clock.now(), Heard::Refusal(refusal));
                }
                Err(_) => {}
            }
        }
        count
    }

    fn send_by_stream(
        &mut self,
        transmit: &Transmit,
        contents: &[u8],
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        if !self.streams.contains_key(&transmit.flow) {
            match Stream::open(transmit.destination, self.local) {
                Ok(stream) => {
                    self.streams.insert(transmit.flow, stream);
                }
                Err(why) => return heard(Clock.now(), Heard::Unsent(transmit, &why)),
            }
        }
        let (Some(stream), Ok(length)) =
            (self.streams.get_mut(&transmit.flow), u16::try_from(contents.len()))
        else {
            return;
        };
        stream.outgoing.extend_from_slice(&length.to_be_bytes());
        stream.outgoing.extend_from_slice(contents);
    }

    fn receive_by_streams(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let mut count = 0;
        self.streams.retain(|flow, stream| {
            let (received, state) = stream.exchange(|contents, peer| {
                heard(Clock.now(), Heard::Reply(reply(*flow, peer, contents)));
            });
            count += received;
            let Err(why) = state else { return true };
            let errno = why.raw_os_error().unwrap_or(libc::ECONNRESET);
            heard(Clock.now(), Heard::Refusal(Refusal::local(*flow, stream.peer, errno)));
            count += 1;
            false
        });
        count
    }
}

impl Stream {
    fn open(peer: SocketAddr, local: Option<SocketAddr>) -> io::Result<Self> {
        let socket = open(peer, Type::STREAM, Protocol::TCP, local)?;
        let _ = socket.set_tcp_nodelay(true);
        match socket.connect(&SockAddr::from(peer)) {
            Err(why) if why.raw_os_error() != Some(libc::EINPROGRESS) => Err(why),
            _ => {
                let (outgoing, incoming) = (Vec::new(), Vec::new());
                Ok(Self { socket, peer, is_connected: false, outgoing, incoming })
            }
        }
    }

    /// Writes and reads as much as goes without waiting; an error is the connection's end.
    fn exchange(&mut self, mut message: impl FnMut(&[u8], SocketAddr)) -> (usize, io::Result<()>) {
        let mut count = 0;
        let state = self.write().and_then(|()| {
            let end = self.read();
            let mut at = 0;
            while let Some(contents) = framed(self.incoming.get(at..).unwrap_or_default()) {
                message(contents, self.peer);
                at += 2 + contents.len();
                count += 1;
            }
            self.incoming.drain(..at);
            end
        });
        (count, state)
    }

    fn write(&mut self) -> io::Result<()> {
        if !self.is_connected {
            if let Some(why) = self.socket.take_error()? {
                return Err(why);
            }
            if self.socket.peer_addr().is_err() {
                return Ok(());
            }
            self.is_connected = true;
        }
        while !self.outgoing.is_empty() {
            match self.socket.write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(why) if is_full(&why) => break,
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        /// At once; what is left is read after what was read is told.
        const MOST: usize = 1 << 18;
        let mut octets = [0; 1 << 14];
        while self.is_connected && self.incoming.len() < MOST {
            match self.socket.read(&mut octets) {
                Ok(0) => return Err(io::ErrorKind::ConnectionReset.into()),
                Ok(length) => {
                    self.incoming.extend_from_slice(octets.get(..length).unwrap_or_default());
                }
                Err(why) if is_full(&why) => break,
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    fn interest(&self) -> PollFlags {
        if self.is_connected && self.outgoing.is_empty() {
            PollFlags::IN
        } else {
            PollFlags::IN | PollFlags::OUT
        }
    }
}

/// The first message, if all of it is there.
fn framed(octets: &[u8]) -> Option<&[u8]> {
    let (length, rest) = octets.split_first_chunk()?;
    rest.get(..usize::from(u16::from_be_bytes(*length)))
}

fn open(
    peer: SocketAddr,
    kind: Type,
    protocol: Protocol,
    local: Option<SocketAddr>,
) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(peer), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if let Some(local) = local {
        socket.bind(&SockAddr::from(local))?;
    }
    Ok(socket)
}

fn is_full(why: &io::Error) -> bool {
    let full = matches!(why.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM));
    full || why.kind() == io::ErrorKind::Interrupted
}

/// What somebody else said of what was sent before (udp(7)).
fn is_refusal(why: &io::Error) -> bool {
    why.kind() == io::ErrorKind::ConnectionRefused
}

/// Waits a moment for the socket to have room.
fn await_room(socket: &Socket) {
    let mut fds = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT)];
    let moment = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    let _ = poll(&mut fds, Some(&moment));
}

pub(crate) const fn reply(flow: u32, source: SocketAddr, contents: &[u8]) -> Reply<'_> {
    Reply { source, hop_limit: None, at: None, options: &[], flow, contents }
}

impl Channel for Flows {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let all: Vec<_> = outbox.iter().collect();
        for run in all.chunk_by(|(one, _), (next, _)| one.flow == next.flow) {
            match run.first().map(|(transmit, _)| (self.carrier)(transmit.flow)) {
                Some(Carrier::Stream) => {
                    for (transmit, contents) in run {
                        self.send_by_stream(transmit, contents, heard);
                    }
                }
                _ => self.send_datagrams(run, heard),
            }
        }
        // A write now rather than after the next wait.
        if !self.streams.is_empty() {
            self.receive_by_streams(heard);
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        self.receive_datagrams(expected, heard) + self.receive_by_streams(heard)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let sockets = self.sockets.values().map(|datagrams| datagrams.socket.as_fd());
        sockets.chain(self.streams.values().map(|stream| stream.socket.as_fd()))
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        let sockets = self.sockets.values().map(|datagrams| (&datagrams.socket, PollFlags::IN));
        let streams = self.streams.values().map(|stream| (&stream.socket, stream.interest()));
        sockets
            .chain(streams)
            .map(|(socket, flags)| PollFd::from_borrowed_fd(socket.as_fd(), flags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_a_stream_is_whole_or_none() {
        let octets = b"\x00\x03abc\x00\x00\x00\x05ab";
        assert_eq!(framed(octets), Some(&b"abc"[..]));
        assert_eq!(framed(&octets[5..]), Some(&b""[..]));
        assert_eq!(framed(&octets[7..]), None);
        assert_eq!(framed(b"\x00"), None);
    }
}
