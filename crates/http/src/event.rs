//! What happens in a transfer.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use wireline_tls as tls;

use crate::failure::Failure;
use crate::head::{Head, Version};

/// What happened in a transfer, in order. Texts and octets may be a stranger's: escape before printing.
///
/// A transfer has hops: requests that follow from each other (redirects, answers to 401). Every hop begins with
/// [`Event::Hop`], and what comes until the next belongs to it, but for what runs at the same time
/// ([`Event::Attempt`]).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A request is about to be made.
    Hop {
        /// Where to.
        url: String,
        /// How.
        method: String,
        /// Why.
        why: Why,
    },
    /// A name is being looked up.
    Resolving {
        /// The name.
        host: String,
        /// The port that goes with it.
        port: u16,
    },
    /// A name was found.
    Resolved {
        /// The name.
        host: String,
        /// In the order in which they are tried, before IPv6 and IPv4 are mixed.
        addresses: Vec<IpAddr>,
        /// Who said so.
        source: NameSource,
        /// From question to answer.
        took: Duration,
    },
    /// An address is being tried.
    Trying {
        /// Which.
        to: SocketAddr,
    },
    /// An address was tried.
    Attempt(Attempt),
    /// There is a connection. What it is used for is told by what comes after it.
    Connected {
        /// Its number in this run, from 0.
        connection: u64,
        /// How.
        medium: Medium,
        /// Our end.
        local: Option<SocketAddr>,
        /// The other end: the server, or the proxy.
        remote: Option<SocketAddr>,
        /// `struct tcp_info` (`linux/tcp.h`), as much of it as the kernel tells.
        tcp_info: Vec<u8>,
    },
    /// A connection from before is used again.
    Reused {
        /// Its number.
        connection: u64,
        /// Our end.
        local: Option<SocketAddr>,
        /// The other end.
        remote: Option<SocketAddr>,
    },
    /// What a proxy was asked and what it said, where that is not HTTP (SOCKS), or is about a tunnel (CONNECT, whose
    /// heads are also told as [`Event::RequestHead`] and [`Event::ResponseHead`] with `is_tunnel`).
    Tunnel {
        /// The proxy.
        proxy: String,
        /// Where the tunnel goes.
        to: String,
        /// From asking to open.
        took: Duration,
    },
    /// A step of TLS's handshake.
    Tls(tls::Step),
    /// A chain of certificates came and was checked, well or not.
    Certificates {
        /// The chain, and what is to be said of it.
        examined: Box<tls::Examined>,
        /// Whether they are a proxy's.
        is_proxy: bool,
    },
    /// TLS is there.
    Secured {
        /// What was agreed.
        facts: Box<tls::Facts>,
        /// From its first octet to its last.
        took: Duration,
        /// Whether that is TLS with a proxy.
        is_proxy: bool,
    },
    /// A request can be sent, in this version.
    Ready {
        /// Which.
        version: Version,
    },
    /// The request's head, as it is sent; with HTTP/2 and 3 in the words of HTTP/1.
    RequestHead {
        /// Octet for octet, the empty line included.
        raw: Bytes,
        /// Whether it is a CONNECT.
        is_tunnel: bool,
    },
    /// The request is sent, all of it.
    RequestSent {
        /// Octets of its body.
        body: u64,
    },
    /// The first octet of the response.
    FirstByte,
    /// A head: interim (1xx), final, or a proxy's to CONNECT.
    ResponseHead {
        /// The head.
        head: Head,
        /// Whether it answers a CONNECT.
        is_tunnel: bool,
    },
    /// Something about the response that is not as it should be, and was passed over (RFC clause in the text).
    Oddity {
        /// What.
        text: String,
    },
    /// Octets that came or went, where [`Observer::wants_octets`](crate::Observer::wants_octets): bodies as carried.
    Octets {
        /// Which way.
        sent: bool,
        /// What.
        octets: Bytes,
    },
    /// Fields behind the body (RFC 9110 §6.5).
    Trailers {
        /// Octet for octet, as [`Head::raw`].
        raw: Bytes,
        /// The fields.
        fields: crate::head::Fields,
    },
    /// The response's end.
    ResponseEnd {
        /// Octets of the body, as carried (without chunks' frames).
        carried: u64,
        /// Octets of the body, decoded.
        decoded: u64,
        /// `struct tcp_info` at that time.
        tcp_info: Vec<u8>,
    },
    /// Whether the connection will be used again.
    Left {
        /// Its number.
        connection: u64,
        /// Whether it stays.
        is_open: bool,
    },
    /// It goes on elsewhere.
    Redirecting {
        /// Where to.
        to: String,
        /// What about it is noteworthy: credentials left out, scheme changed.
        notes: Vec<String>,
    },
    /// It begins again after a failure.
    Retrying {
        /// Of what came.
        why: String,
        /// After this long.
        after: Duration,
        /// How many more there will be at the most.
        left: u32,
    },
    /// What a person who asks for everything is told (curl's `* ` lines).
    Note(String),
    /// It is over.
    Done {
        /// Why it failed.
        failure: Option<Failure>,
    },
}

/// Why a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is what was asked for.
    First,
    /// A redirect with this status.
    Redirect(u16),
    /// An answer to a challenge with this status (401, 407).
    Challenge(u16),
    /// The connection from before was dead, or the server asked for another version.
    Again,
    /// A retry after a failure.
    Retry,
}

/// Who said what addresses a name has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameSource {
    /// It is an address.
    Literal,
    /// `--resolve`.
    Override,
    /// From before, in this run.
    Cache,
    /// Nobody was asked: the name is always this machine's (`localhost`, RFC 6761 §6.3).
    Loopback,
    /// getaddrinfo(3), as nsswitch.conf(5) has it; with a line of /etc/hosts where the name is there.
    System {
        /// Whether /etc/hosts has the name.
        in_hosts: bool,
    },
    /// A name server that was named.
    Server(SocketAddr),
    /// DNS over HTTPS, at this URL.
    Https(String),
}

/// An address that was tried (RFC 8305).
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub to: SocketAddr,
    /// When it began, since the transfer's beginning.
    pub began: Duration,
    /// When it ended.
    pub ended: Duration,
    /// How.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a connection.
    Won,
    /// There is none.
    Failed(String),
    /// Another was there before it.
    Abandoned,
}

/// What a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// TCP.
    Tcp,
    /// TCP to a proxy, through which it goes on.
    Proxied {
        /// The proxy, as a URL without password.
        proxy: String,
    },
    /// A Unix socket, of this path (`@name` in the abstract namespace).
    Unix(String),
    /// QUIC.
    Quic,
}
