use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use crate::lookups::{Answer, Lookups};

mod connection;
mod rpsl;
mod session;

/// Who announces an address, as a route server knows it (RFC 3912, with the objects of RFC 2622).
///
/// One thread asks, one address at a time; whoever wants to know asks for it, goes on, and looks
/// again when the descriptor says that something has come. Nothing ever waits here. A server that
/// is silent, talks nonsense or does not stop talking knows nothing, and one that fails three times
/// in a row is asked no more.
#[derive(Debug)]
pub struct AsServer(Lookups<IpAddr, Vec<u32>>);

/// What is known of who announces an address: the numbers of autonomous systems, one at least.
pub type Origins = Answer<Vec<u32>>;

/// Where a route server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteServer {
    host: String,
    port: u16,
}

/// What is no place of a server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: a route server is HOST, HOST:PORT or [ADDRESS]:PORT")]
pub struct BadRouteServer(String);

impl AsServer {
    /// Starts the thread, which ends when this is dropped, at once if it waits for an answer. The
    /// server's name is looked up with the first question.
    pub fn start(server: RouteServer) -> io::Result<Self> {
        let mut session = session::Session::new(server);
        let worker = move |address, nobody: &UnixStream| session.origins(address, nobody.as_fd());
        Lookups::start("origins", [worker]).map(Self)
    }

    /// Who announces an address, asked for if this is the first time. An address that cannot be
    /// seen in the Internet has none and is told to nobody. There is none past a few thousand
    /// addresses.
    pub fn get(&mut self, address: IpAddr) -> &Origins {
        let address = address.to_canonical();
        if is_public(address) { self.0.get(address) } else { &Origins::None }
    }

    /// Takes in the answers that have come.
    pub fn collect(&mut self) {
        self.0.collect();
    }
}

/// Readable when there is something to [`collect`](AsServer::collect).
impl AsFd for AsServer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl RouteServer {
    /// Of nicname (RFC 3912 §2).
    const PORT: u16 = 43;

    /// Reads one word: `HOST`, `HOST:PORT`, an IPv6 address, or one in brackets with a port.
    pub fn parse(word: &str) -> Result<Self, BadRouteServer> {
        let bad = || BadRouteServer(word.to_owned());
        let (host, port) = split(word).ok_or_else(bad)?;
        let port = match port {
            None => Self::PORT,
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?,
        };
        if host.is_empty() { Err(bad()) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

/// A host and what is said of its port, if anything is.
fn split(word: &str) -> Option<(&str, Option<&str>)> {
    if let Some(word) = word.strip_prefix('[') {
        let (host, rest) = word.split_once(']')?;
        let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
        return is_ipv6(host).then_some((host, port));
    }
    match word.split_once(':') {
        Some((host, port)) if !is_ipv6(word) => Some((host, Some(port))),
        _ => Some((word, None)),
    }
}

/// With a scope or without (RFC 4007 §11).
fn is_ipv6(host: &str) -> bool {
    host.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Whether somebody may announce it. The others are nobody's business (RFC 6890 §2.2).
const fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224.., ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Global unicast is `2000::/3` so far (RFC 4291 §2.4), but for examples (RFC 3849, RFC 9637).
const fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    matches!(segments, [0x2000..=0x3fff, ..])
        && !matches!(segments, [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..])
}

#[cfg(test)]
mod tests;
