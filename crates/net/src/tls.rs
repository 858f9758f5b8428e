//! TLS over a TCP connection, driven by a poll loop: `rustls` turns octets into octets, this moves them.
//!
//! Knows no protocol above it but the two octets of length before each message (RFC 1035 §4.2.2), and
//! believes nobody by itself: whom to believe is a [`wireline_tls::Profile`].

mod messages;
mod sessions;

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::Instant;
use wireline_tls::rustls::ClientConnection;
use wireline_tls::{Client, Facts, TlsError};

pub use messages::Messages;
pub use sessions::{Open, Sessions};
pub use wireline_tls as profile;

use crate::Clock;

/// Where to connect to.
#[derive(Clone, Debug)]
pub struct Dial {
    /// The server.
    pub to: SocketAddr,
    /// Our end; `None` for what the kernel chooses.
    pub from: Option<SocketAddr>,
    /// Octets sent before TLS begins: a PROXY header that nobody encrypts.
    pub preamble: Vec<u8>,
}

/// Why a session did not come about, or is over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// Nothing within the time.
    #[error("timed out")]
    TimedOut,
    /// The other side has closed it.
    #[error("end of file")]
    Closed,
    /// The connection was not made, or broke: what the kernel returned.
    #[error("{}", wireline_engine::errno_text(.0))]
    Socket(io::Error),
    /// TLS says no.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl From<io::Error> for Broken {
    fn from(why: io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Socket(why),
        }
    }
}

/// How long the parts of the beginning took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Until TCP's handshake was over.
    pub connect: Duration,
    /// From there until that of TLS was.
    pub handshake: Duration,
}

/// A session: octets go in and come out in order, and nobody on the way reads them.
///
/// `send` and `receive` wait; whoever has more to wait for polls the descriptor for `polled` and takes
/// a `turn`, which never waits.
pub struct TlsStream {
    socket: Socket,
    session: Box<ClientConnection>,
    client: Client,
    timings: Timings,
    /// What is to be encrypted in the next turn, so that small messages share a record.
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    is_closed: bool,
}

/// So much is read in one turn and no more, that a fast server starves nobody. Octets.
const TURN: usize = 256 * 1024;

impl TlsStream {
    /// Connects and shakes hands.
    pub fn connect(dial: &Dial, client: &Client, deadline: Instant) -> Result<Self, Broken> {
        let begin = Clock.now();
        let socket = open(dial)?;
        await_connection(&socket, deadline)?;
        let connect = Clock.now().since(begin);
        write_all(&socket, &dial.preamble, deadline)?;
        let mut stream = Self {
            socket,
            session: Box::new(client.session()?),
            client: client.clone(),
            timings: Timings { connect, handshake: Duration::ZERO },
            outgoing: Vec::new(),
            incoming: Vec::new(),
            is_closed: false,
        };
        stream.session.set_buffer_limit(None);
        stream.shake(deadline)?;
        stream.timings.handshake = Clock.now().since(begin).saturating_sub(connect);
        Ok(stream)
    }

    fn shake(&mut self, deadline: Instant) -> Result<(), Broken> {
        loop {
            self.turn()?;
            if !self.session.is_handshaking() {
                return Ok(());
            }
            if self.is_closed {
                return Err(Broken::Closed);
            }
            self.wait(deadline)?;
        }
    }

    /// Puts octets behind what is to be sent; nothing leaves before the next turn.
    pub fn queue(&mut self, octets: &[u8]) {
        self.outgoing.extend_from_slice(octets);
    }

    /// Sends what the socket takes and reads what is there. Never waits.
    pub fn turn(&mut self) -> Result<(), Broken> {
        if !self.session.is_handshaking() && !self.outgoing.is_empty() {
            self.session.writer().write_all(&self.outgoing)?;
            self.outgoing.clear();
        }
        self.write_out()?;
        self.read_in()?;
        // Reading may have made something to say: an alert, new keys.
        self.write_out()
    }

    /// Waits until all that was queued is with the kernel.
    pub fn send(&mut self, octets: &[u8], deadline: Instant) -> Result<(), Broken> {
        self.queue(octets);
        loop {
            self.turn()?;
            if !self.is_congested() {
                return Ok(());
            }
            self.wait(deadline)?;
        }
    }

    /// Waits until there is something to [`TlsStream::take`] that was not there before.
    pub fn receive(&mut self, deadline: Instant) -> Result<(), Broken> {
        let before = self.incoming.len();
        loop {
            self.turn()?;
            if self.incoming.len() > before {
                return Ok(());
            }
            if self.is_closed {
                return Err(Broken::Closed);
            }
            self.wait(deadline)?;
        }
    }

    /// What has come and was not taken yet.
    #[must_use]
    pub fn take(&mut self) -> &mut Vec<u8> {
        &mut self.incoming
    }

    /// Whether the other side has closed its direction: what was received before is still there.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether the socket has not taken all: time to queue no more.
    #[must_use]
    pub fn is_congested(&self) -> bool {
        !self.outgoing.is_empty() || self.session.wants_write()
    }

    /// What is known of the session.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.client.facts(&self.session)
    }

    /// How long its beginning took.
    #[must_use]
    pub const fn timings(&self) -> Timings {
        self.timings
    }

    /// Our end.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()?.as_socket()
    }

    /// What to poll for before the next turn.
    #[must_use]
    pub fn polled(&self) -> PollFd<'_> {
        let flags = if self.session.wants_write() { PollFlags::OUT } else { PollFlags::empty() };
        PollFd::from_borrowed_fd(self.socket.as_fd(), flags | PollFlags::IN)
    }

    /// Says goodbye (RFC 8446 §6.1), without waiting whether anybody hears it.
    pub fn close(&mut self) {
        self.session.send_close_notify();
        let _ = self.write_out();
    }

    fn wait(&self, deadline: Instant) -> Result<(), Broken> {
        wait(self.polled(), deadline)
    }

    fn write_out(&mut self) -> Result<(), Broken> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut &self.socket) {
                Ok(_) => {}
                Err(why) if is_later(&why) => break,
                Err(why) => return Err(why.into()),
            }
        }
        Ok(())
    }

    fn read_in(&mut self) -> Result<(), Broken> {
        let mut left = TURN;
        while left > 0 && !self.is_closed {
            // The kernel forgets this with every segment: without it, a server that has sent its
            // tickets holds the answer back until our acknowledgement is due, 40 ms later.
            let _ = self.socket.set_tcp_quickack(true);
            match self.session.read_tls(&mut &self.socket) {
                Ok(0) => self.is_closed = true,
                Ok(length) => left = left.saturating_sub(length),
                Err(why) if is_later(&why) => break,
                Err(why) => return Err(why.into()),
            }
            self.process()?;
        }
        Ok(())
    }

    fn process(&mut self) -> Result<(), Broken> {
        let state = match self.session.process_new_packets() {
            Ok(state) => state,
            Err(why) => {
                // The alert that says why.
                let _ = self.write_out();
                return Err(self.client.explain(&why).into());
            }
        };
        let length = state.plaintext_bytes_to_read();
        self.is_closed |= state.peer_has_closed();
        let mut plain = self.session.reader().take(length as u64);
        plain.read_to_end(&mut self.incoming).map(drop).or_else(|why| match why.kind() {
            io::ErrorKind::WouldBlock => Ok(()),
            _ => Err(why.into()),
        })
    }
}

impl AsFd for TlsStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn is_later(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

fn open(dial: &Dial) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(dial.to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Queries are small, and nobody waits for a second one before the first is sent.
    socket.set_tcp_nodelay(true)?;
    if let Some(from) = dial.from {
        socket.set_reuse_address(true)?;
        socket.bind(&SockAddr::from(from))?;
    }
    match socket.connect(&SockAddr::from(dial.to)) {
        Err(why) if why.raw_os_error() != Some(libc::EINPROGRESS) => return Err(why),
        _ => {}
    }
    let _ = socket.set_tcp_quickack(true);
    Ok(socket)
}

fn await_connection(socket: &Socket, deadline: Instant) -> Result<(), Broken> {
    wait(PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT), deadline)?;
    socket.take_error()?.map_or(Ok(()), |why| Err(why.into()))
}

fn write_all(socket: &Socket, mut octets: &[u8], deadline: Instant) -> Result<(), Broken> {
    while !octets.is_empty() {
        match (&mut &*socket).write(octets) {
            Ok(length) => octets = octets.get(length..).unwrap_or_default(),
            Err(why) if is_later(&why) => {
                wait(PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT), deadline)?;
            }
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

fn wait(on: PollFd<'_>, deadline: Instant) -> Result<(), Broken> {
    let mut on = [on];
    loop {
        let left = deadline.since(Clock.now());
        if left.is_zero() {
            return Err(Broken::TimedOut);
        }
        // 136 years fit; what does not waits for ever, as it asked for.
        let left = Timespec::try_from(left).ok();
        match poll(&mut on, left.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(why) => return Err(io::Error::from(why).into()),
        }
    }
}

#[cfg(test)]
mod tests;
