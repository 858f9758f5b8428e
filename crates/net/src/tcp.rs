use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::AsFd as _;

use rustix::event::PollFlags;
use socket2::{Domain, Protocol, Socket, Type};
use wireline_engine::Instant;

use crate::udp::await_any;

/// A connection that carries messages, each with two octets of length before it (RFC 1035 §4.2.2).
#[derive(Debug)]
pub struct Tcp {
    socket: Socket,
    /// What was read and is not handed over yet.
    incoming: Vec<u8>,
    /// Where in it the next message begins.
    at: usize,
}

/// Octets asked for at once.
const CHUNK: usize = 32 * 1024;

impl Tcp {
    /// Connects to a server, from an address or from whichever the kernel chooses.
    pub fn connect(
        server: SocketAddr,
        source: Option<SocketAddr>,
        deadline: Instant,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // A query is one small segment: it must not wait for an acknowledgement (tcp(7)).
        socket.set_tcp_nodelay(true)?;
        if let Some(source) = source {
            socket.set_reuse_address(true)?;
            socket.bind(&source.into())?;
        }
        match socket.connect(&server.into()) {
            Err(why) if why.raw_os_error() == Some(libc::EINPROGRESS) => {
                await_any(&[socket.as_fd()], PollFlags::OUT, deadline)?;
                socket.take_error()?.map_or(Ok(()), Err)?;
            }
            other => other?,
        }
        Ok(Self { socket, incoming: Vec::new(), at: 0 })
    }

    /// Our own end.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()?.as_socket()
    }

    /// Sends one message, its length before it in the same segment.
    pub fn send(&mut self, message: &[u8], deadline: Instant) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.write(&[&length.to_be_bytes()[..], message].concat(), deadline)
    }

    /// Sends octets as they are: what a server wants to be told before the first message.
    pub fn greet(&mut self, octets: &[u8], deadline: Instant) -> io::Result<()> {
        self.write(octets, deadline)
    }

    fn write(&mut self, mut rest: &[u8], deadline: Instant) -> io::Result<()> {
        while !rest.is_empty() {
            match self.socket.write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    await_any(&[self.socket.as_fd()], PollFlags::OUT, deadline)?;
                }
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// The next message; `TimedOut` at the deadline, `UnexpectedEof` where the connection ends before it is
    /// whole.
    pub fn receive(&mut self, deadline: Instant) -> io::Result<&[u8]> {
        let end = loop {
            if let Some(end) = self.whole() {
                break end;
            }
            self.read(deadline)?;
        };
        let start = self.at + 2;
        self.at = end;
        Ok(self.incoming.get(start..end).unwrap_or_default())
    }

    /// Where the next message ends, if it is there.
    fn whole(&self) -> Option<usize> {
        let (length, rest) = self.incoming.get(self.at..)?.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        (rest.len() >= length).then_some(self.at + 2 + length)
    }

    fn read(&mut self, deadline: Instant) -> io::Result<()> {
        // No more than one message is ever kept.
        self.incoming.drain(..self.at);
        self.at = 0;
        let before = self.incoming.len();
        self.incoming.resize(before + CHUNK, 0);
        let read = loop {
            // The acknowledgement of what comes must not wait for the answer to it (tcp(7)).
            let _ = self.socket.set_tcp_quickack(true);
            match self.socket.read(self.incoming.get_mut(before..).unwrap_or_default()) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    if let Err(why) = await_any(&[self.socket.as_fd()], PollFlags::IN, deadline) {
                        break Err(why);
                    }
                }
                other => break other,
            }
        };
        self.incoming.truncate(before + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::Clock;

    fn pair() -> (Tcp, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = Clock.now() + Duration::from_secs(60);
        let tcp = Tcp::connect(listener.local_addr().unwrap(), None, far).unwrap();
        (tcp, listener.accept().unwrap().0)
    }

    #[test]
    fn messages_come_whole_however_they_were_cut() {
        let (mut tcp, mut server) = pair();
        let far = Clock.now() + Duration::from_secs(60);
        server.write_all(b"\0\x03ab").unwrap();
        assert_eq!(tcp.receive(Clock.now()).unwrap_err().kind(), io::ErrorKind::TimedOut);
        server.write_all(b"c\0\0\0\x01d\0").unwrap();
        assert_eq!(tcp.receive(far).unwrap(), b"abc");
        assert_eq!(tcp.receive(far).unwrap(), b"", "a message without octets is one");
        assert_eq!(tcp.receive(far).unwrap(), b"d");
        drop(server);
        assert_eq!(tcp.receive(far).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn length_is_before_the_message_in_one_write() {
        let (mut tcp, mut server) = pair();
        tcp.send(b"xyz", Clock.now() + Duration::from_secs(60)).unwrap();
        let mut got = [0; 5];
        server.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"\0\x03xyz");
    }

    #[test]
    fn nobody_listening_is_refused() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let far = Clock.now() + Duration::from_secs(60);
        let why = Tcp::connect(gone, None, far).unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::ConnectionRefused);
    }
}
