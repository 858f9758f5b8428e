//! Keeps the kernel from answering for a connection that it does not know.
//!
//! A segment for a port without a socket is answered with RST (RFC 9293 §3.10.7.1), and so is one that a listener
//! cannot make sense of. A listener that throws all away before it looks is answered by nobody, while packet
//! sockets still see what comes.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd as _;

use socket2::{Domain, Protocol, Socket, Type};

use crate::socket_options::bind_device;
use crate::{Error, Result, sys};

/// Holds a port for as long as it lives; the kernel sends nothing from there. Needs no privilege.
#[derive(Debug)]
pub struct Guard {
    socket: Socket,
    is_tight: bool,
}

impl Guard {
    /// Takes `local`, or a free port there if its port is 0. Nothing but this may use it meanwhile.
    pub fn open(local: SocketAddr, device: Option<&str>) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(local), Type::STREAM, Some(Protocol::TCP))
            .map_err(Error::call("socket"))?;
        if local.is_ipv6() {
            socket.set_only_v6(true).map_err(Error::call("setsockopt(IPV6_V6ONLY)"))?;
        }
        if let Some(device) = device {
            bind_device(&socket, device).map_err(Error::call("SO_BINDTODEVICE"))?;
        }
        // A connection of the same ends that is in TIME_WAIT does no harm: we are not its listener.
        socket.set_reuse_address(local.port() != 0).map_err(Error::call("SO_REUSEADDR"))?;
        socket.bind(&local.into()).map_err(Error::call("bind"))?;
        let hop_limit = refuse_by_hop_limit(&socket, local.is_ipv6());
        let signature = refuse_unsigned(&socket, local.ip());
        let is_tight = signature.is_ok();
        if let (Err(why), false) = (hop_limit, is_tight) {
            return Err(Error::call::<io::Error>("setsockopt(IP_MINTTL)")(why));
        }
        socket.listen(0).map_err(Error::call("listen"))?;
        Ok(Self { socket, is_tight })
    }

    /// What is held.
    pub fn local(&self) -> Result<SocketAddr> {
        let local = self.socket.local_addr().map_err(Error::call("getsockname"))?;
        let why = || Error::call::<io::Error>("getsockname")(io::ErrorKind::Unsupported.into());
        local.as_socket().ok_or_else(why)
    }

    /// Whether it holds against segments with the hop limit 255 too. Where it does not, the kernel answers those.
    #[must_use]
    pub const fn is_tight(&self) -> bool {
        self.is_tight
    }
}

/// Only from the same link, and from who says so (RFC 5082; `IP_MINTTL`, ip(7)).
fn refuse_by_hop_limit(socket: &Socket, is_ipv6: bool) -> io::Result<()> {
    /// linux/in6.h.
    const IPV6_MINHOPCOUNT: i32 = 73;
    let (level, name) = if is_ipv6 {
        (libc::IPPROTO_IPV6, IPV6_MINHOPCOUNT)
    } else {
        (libc::IPPROTO_IP, libc::IP_MINTTL)
    };
    sys::set_int(socket.as_fd(), level, name, 255)
}

/// Only with a signature that nobody knows (RFC 2385; `struct tcp_md5sig`, linux/tcp.h). The kernel may have been
/// built without.
fn refuse_unsigned(socket: &Socket, local: IpAddr) -> io::Result<()> {
    const TCP_MD5SIG_EXT: i32 = 32;
    const PREFIX: u8 = 1;
    const KEY: &[u8] = b"nobody knows";
    let family = if local.is_ipv6() { libc::AF_INET6 } else { libc::AF_INET };
    // Address (128 octets) of any peer, flags, length of the prefix, length of the key, interface, key.
    let mut octets = [0; 216];
    octets[..2].copy_from_slice(&u16::try_from(family).unwrap_or(0).to_ne_bytes());
    octets[128] = PREFIX;
    octets[130..132].copy_from_slice(&u16::try_from(KEY.len()).unwrap_or(0).to_ne_bytes());
    octets[136..136 + KEY.len()].copy_from_slice(KEY);
    sys::set_bytes(socket.as_fd(), libc::IPPROTO_TCP, TCP_MD5SIG_EXT, &octets)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    #[test]
    fn nobody_is_answered_at_a_guarded_port() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let guard = Guard::open(address.parse().unwrap(), None).unwrap();
            let why =
                TcpStream::connect_timeout(&guard.local().unwrap(), Duration::from_millis(300));
            assert_eq!(why.unwrap_err().kind(), io::ErrorKind::TimedOut, "{address}");
        }
    }

    #[test]
    fn guard_holds_against_every_hop_limit() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            assert!(Guard::open(address.parse().unwrap(), None).unwrap().is_tight(), "{address}");
        }
    }

    #[test]
    fn a_port_without_a_guard_is_answered_with_reset() {
        let guard = Guard::open("127.0.0.1:0".parse().unwrap(), None).unwrap();
        let local = guard.local().unwrap();
        drop(guard);
        let why = TcpStream::connect(local).map(|mut stream| stream.read(&mut [0]));
        assert_eq!(why.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}
