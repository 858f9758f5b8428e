//! What is connected.

use std::net::SocketAddr;
use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use wireline_tls::Facts;

use crate::head::Version;
use crate::transport::tls::Late;
use crate::transport::{Key, Proxy, Stream};

/// A connection that requests can be sent over.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Its number in this run.
    pub(crate) number: u64,
    /// What carries it.
    pub(crate) carrier: Carrier,
    /// What is spoken: agreed on by TLS, or known beforehand. HTTP/1.0 is for the asker to choose: this says 1.1.
    pub(crate) version: Version,
    /// The session with the server.
    pub(crate) tls: Option<Facts>,
    /// Our end.
    pub(crate) local: Option<SocketAddr>,
    /// The other end: the server, or the proxy.
    pub(crate) remote: Option<SocketAddr>,
    /// What the server's TLS says later.
    pub(crate) late: Option<Late>,
    /// The proxy that it goes through.
    pub(crate) proxy: Option<Proxy>,
    /// Whether requests are in absolute form (RFC 9112 §3.2.2), and carry the proxy's credentials.
    pub(crate) is_absolute: bool,
    /// The status of the proxy's answer to CONNECT; 0 where there was none.
    pub(crate) connect_status: u16,
    /// Whom it may be shared with.
    pub(crate) key: Key,
}

/// What carries a connection.
#[derive(Debug)]
pub(crate) enum Carrier {
    /// A stream: HTTP/1 and 2.
    Stream(Stream),
    /// QUIC: HTTP/3.
    Quic(Quic),
}

/// A connection of QUIC's, and the socket that it has for itself.
#[derive(Clone, Debug)]
pub(crate) struct Quic {
    /// To be kept for as long as the connection is.
    pub(crate) endpoint: quinn::Endpoint,
    /// Streams are opened on it.
    pub(crate) connection: quinn::Connection,
    /// The request goes with the first flight (0-RTT).
    pub(crate) is_early: bool,
}

impl Stream {
    /// `struct tcp_info` as it is now; nothing where it is not TCP.
    pub(crate) fn tcp_info(&self) -> Vec<u8> {
        self.socket().tcp_info()
    }

    /// Whether nothing is to be read and the other side has not closed. What TLS would not pass on counts as something:
    /// better one connection too many than a request that nobody hears.
    pub(crate) fn is_quiet(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let mut one = [0_u8];
        let fd = self.socket().as_fd();
        self.is_drained() && recv(fd, &mut one, flags).is_err_and(|why| why == Errno::AGAIN)
    }
}
