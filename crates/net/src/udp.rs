use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::Instant;

use crate::Clock;

/// A datagram socket that is connected: it hears one address, and what ICMP says of that.
#[derive(Debug)]
pub struct Udp {
    socket: UdpSocket,
}

impl Udp {
    /// Opens one to a server, from an address or from whichever the kernel chooses. Its port is the kernel's
    /// choice where that of `source` is 0.
    pub fn connect(server: SocketAddr, source: Option<SocketAddr>) -> io::Result<Self> {
        let socket = UdpSocket::bind(source.unwrap_or_else(|| any_of(server)))?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket })
    }

    /// Our own end.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()
    }

    /// Sends one datagram.
    pub fn send(&self, octets: &[u8]) -> io::Result<()> {
        self.socket.send(octets).map(drop)
    }

    /// The next datagram, as much of it as fits; `TimedOut` at the deadline.
    pub fn receive(&self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            match self.socket.recv(buffer) {
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                other => return other,
            }
            await_any(&[self.socket.as_fd()], PollFlags::IN, deadline)?;
        }
    }

    /// The next datagram of any of several sockets, and whose it is; `TimedOut` at the deadline.
    pub fn receive_any(
        sockets: &[(usize, &Self)],
        buffer: &mut [u8],
        deadline: Instant,
    ) -> io::Result<(usize, io::Result<usize>)> {
        let fds: Vec<_> = sockets.iter().map(|(_, udp)| udp.socket.as_fd()).collect();
        loop {
            for (at, udp) in sockets {
                match udp.socket.recv(buffer) {
                    Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
                    Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                    other => return Ok((*at, other)),
                }
            }
            await_any(&fds, PollFlags::IN, deadline)?;
        }
    }
}

/// The unspecified address of a server's family.
pub(crate) fn any_of(server: SocketAddr) -> SocketAddr {
    match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

/// Waits for one of them; `TimedOut` at the deadline.
pub(crate) fn await_any(
    fds: &[std::os::fd::BorrowedFd<'_>],
    wanted: PollFlags,
    deadline: Instant,
) -> io::Result<()> {
    let mut polled: Vec<_> = fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, wanted)).collect();
    loop {
        let left = deadline.since(Clock.now());
        if left == Duration::ZERO {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let left = Timespec::try_from(left).ok();
        match poll(&mut polled, left.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(why) => return Err(why.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_comes_back_and_silence_ends() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let udp = Udp::connect(server.local_addr().unwrap(), None).unwrap();
        udp.send(b"a").unwrap();
        let mut buffer = [0; 16];
        let (length, from) = server.recv_from(&mut buffer).unwrap();
        assert_eq!((length, Some(from)), (1, udp.local()));
        server.send_to(b"bcd", from).unwrap();
        let far = Clock.now() + Duration::from_secs(60);
        assert_eq!(udp.receive(&mut buffer, far).unwrap(), 3);
        let why = udp.receive(&mut buffer, Clock.now()).unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn nobody_listening_is_an_error_of_the_socket() {
        let gone = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let udp = Udp::connect(gone, None).unwrap();
        udp.send(b"a").unwrap();
        let far = Clock.now() + Duration::from_secs(60);
        let why = udp.receive(&mut [0; 16], far).unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::ConnectionRefused);
    }
}
