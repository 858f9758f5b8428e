use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::{Answer, Handshake, Instant, Transmit};

use crate::icmp_setup::ask_for_errors;
use crate::probe::{Framing, ProbeSocket};
use crate::probe_sockets::ready;
use crate::socket_options::bind_device;
use crate::{Channel, Clock, Error, Family, Heard, Outbox, Result, SocketOptions, Stamps};

/// TCP connections that are opened and never used: each datagram sent here is a first segment, its
/// contents ignored. Needs no privilege; the kernel chooses flags and options, and completes the
/// handshake with whoever listens, who may notice.
pub struct Connections {
    family: Family,
    options: SocketOptions,
    device: Option<String>,
    open: Vec<Attempt>,
}

struct Attempt {
    id: u32,
    probe: ProbeSocket,
}

impl Connections {
    /// None yet; `options` and `device` are for each of them.
    #[must_use]
    pub const fn new(family: Family, options: SocketOptions, device: Option<String>) -> Self {
        Self { family, options, device, open: Vec::new() }
    }

    fn attempt(&self, transmit: &Transmit) -> Result<Attempt> {
        let domain = if self.family == Family::V4 { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))
            .map_err(Error::call("socket"))?;
        socket.set_nonblocking(true).map_err(Error::call("fcntl(O_NONBLOCK)"))?;
        if let Some(device) = &self.device {
            bind_device(&socket, device).map_err(Error::call("SO_BINDTODEVICE"))?;
        }
        // A stream has no multicast hop limit, and its segments no stamps before it is connected.
        let options =
            SocketOptions { hop_limit: None, stamps: Stamps::Receive, ..self.options.clone() };
        options.apply(&socket, self.family == Family::V6)?;
        self.limit_hops(&socket, transmit).map_err(Error::call("setsockopt(IP_TTL)"))?;
        ask_for_errors(socket.as_fd(), self.family)?;
        // Whoever is asked once is asked once: a second segment would blur the round trip. And a
        // connection that came about is not left half open.
        let _ = socket.set_tcp_user_timeout(Some(Duration::from_secs(30)));
        let _ = socket.set_linger(Some(Duration::ZERO));
        Ok(Attempt { id: transmit.id, probe: ProbeSocket::new(socket, Framing::Bare, transmit.id) })
    }

    fn limit_hops(&self, socket: &Socket, transmit: &Transmit) -> io::Result<()> {
        match (transmit.hop_limit, self.family) {
            (Some(limit), Family::V4) => socket.set_ttl_v4(limit.into()),
            (Some(limit), Family::V6) => socket.set_unicast_hops_v6(limit.into()),
            (None, _) => Ok(()),
        }
    }

    fn connect(&self, transmit: &Transmit) -> io::Result<Attempt> {
        let attempt = self.attempt(transmit).map_err(|why| match why {
            Error::Call { returned, .. } => returned,
            other => io::Error::other(other.to_string()),
        })?;
        match attempt.probe.socket.connect(&SockAddr::from(transmit.destination)) {
            Err(why) if why.raw_os_error() != Some(libc::EINPROGRESS) => Err(why),
            _ => Ok(attempt),
        }
    }
}

impl Attempt {
    /// Tells what became of it; an ICMP error was told already.
    fn conclude(&self, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let answer = match self.probe.socket.take_error() {
            Ok(None) => Answer::Accepted,
            Ok(Some(why)) if why.raw_os_error() == Some(libc::ECONNREFUSED) => Answer::Refused,
            _ => return,
        };
        let now = Clock.now();
        heard(
            now,
            Heard::Handshake(Handshake { id: self.id, at: now, answer, rtt: None, retransmits: 0 }),
        );
    }
}

impl Channel for Connections {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        for (transmit, _) in outbox.iter() {
            match self.connect(transmit) {
                Ok(attempt) => self.open.push(attempt),
                Err(why) => heard(Clock.now(), Heard::Unsent(transmit, &why)),
            }
        }
    }

    fn receive(&mut self, _expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let ready = ready(self.fds(), PollFlags::OUT);
        let mut count = 0;
        for (attempt, _) in self.open.iter_mut().zip(&ready).filter(|(_, ready)| **ready) {
            count += 1;
            let mut told = false;
            attempt.probe.read_errors_only(&mut |now, what| {
                told |= matches!(what, Heard::Refusal(_));
                heard(now, what);
            });
            if !told {
                attempt.conclude(heard);
            }
        }
        let mut ready = ready.into_iter();
        self.open.retain(|_| !ready.next().unwrap_or(false));
        count
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.open.iter().map(|attempt| attempt.probe.as_fd())
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::OUT))
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        let attempt = self.open.iter().rfind(|attempt| attempt.id == transmit.id)?;
        Some(attempt.probe.socket.local_addr().ok()?.as_socket()?.port())
    }
}
