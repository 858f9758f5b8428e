//! Connections to servers: names looked up, addresses raced, proxies gone through, TLS or QUIC on top.
//!
//! Knows nothing of requests: what is sent over a connection, and which of them are kept, is [`crate::agent`]'s.

mod connection;
mod key;
mod proxy;
mod stream;
pub(crate) mod tls;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use tokio::time::Instant;

use crate::failure::Failure;
use crate::spec::{Spec, Versions};
use crate::tell::Tell;
use crate::url::Url;

pub(crate) use connection::{Carrier, Connection, Marks, Quic};
pub(crate) use key::Key;
pub(crate) use proxy::Proxy;
pub(crate) use stream::{Socket, Stream};

/// A connection that is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Want<'a> {
    /// Whose host, port and scheme.
    pub(crate) url: &'a Url,
    /// How.
    pub(crate) spec: &'a Arc<Spec>,
    /// To speak what; not always what the specification says (a server that asked for 1.1).
    pub(crate) versions: Versions,
    /// Another host and port where the server also is (Alt-Svc); its certificate is still the URL's.
    pub(crate) elsewhere: Option<(&'a str, u16)>,
    /// When the transfer must be over.
    pub(crate) deadline: Option<Instant>,
}

/// What connections of one run share.
#[derive(Debug, Default)]
pub(crate) struct State {
    connections: Cell<u64>,
}

impl State {
    /// A number that no connection has had.
    fn number(&self) -> u64 {
        let number = self.connections.get();
        self.connections.set(number.saturating_add(1));
        number
    }
}

/// Looks the name up, races the addresses, goes through the proxy, shakes hands. Within the specification's time to
/// connect; every step is told, [`Event::Ready`](crate::Event::Ready) is the last.
pub(crate) async fn connect(
    want: Want<'_>,
    state: &Rc<State>,
    tell: &Tell,
) -> Result<Connection, Failure> {
    // A stand-in, until ft-wire is merged.
    use crate::Event;
    use crate::failure::Kind;
    let number = state.number();
    let (host, port) = (want.url.host.as_str(), want.url.effective_port());
    tell.event(&Event::Resolving { host: host.to_owned(), port });
    let found = std::net::ToSocketAddrs::to_socket_addrs(&(host, port));
    let Ok(found) = found else {
        return Err(Failure::new(Kind::Name, format!("Could not resolve host: {host}")));
    };
    let found: Vec<_> = found.collect();
    let addresses = found.iter().map(|one| one.ip()).collect();
    let source = crate::event::NameSource::System { in_hosts: false };
    let (took, host) = (tell.now(), host.to_owned());
    tell.event(&Event::Resolved { host: host.clone(), addresses, source, took });
    for to in &found {
        tell.event(&Event::Trying { to: *to });
        let Ok(stream) = tokio::net::TcpStream::connect(to).await else { continue };
        let _ = stream.set_nodelay(true);
        let (local, remote) = (stream.local_addr().ok(), stream.peer_addr().ok());
        tell.event(&Event::Connected {
            connection: number,
            medium: crate::event::Medium::Tcp,
            local,
            remote,
            tcp_info: Vec::new(),
        });
        let version = if want.versions == Versions::Http2PriorKnowledge {
            crate::Version::Http2
        } else {
            crate::Version::Http11
        };
        tell.event(&Event::Ready { version });
        return Ok(Connection {
            number,
            carrier: Carrier::Stream(Stream::Plain(stream::Way::Socket(Socket::Tcp(stream)))),
            version,
            tls: None,
            local,
            remote,
            proxy: None,
            is_absolute: false,
            connect_status: 0,
            key: Key::of(want)?,
            marks: connection::Marks::default(),
        });
    }
    let text = format!("Failed to connect to {host} port {port}: Could not connect to server");
    Err(Failure::new(Kind::Connect, text))
}
