//! Connections to servers: names looked up, addresses raced, proxies gone through, TLS or QUIC on top.
//!
//! Knows nothing of requests: what is sent over a connection, and which of them are kept, is [`crate::agent`]'s.

mod connection;
mod eyeballs;
mod key;
mod open;
mod proxy;
mod quic;
mod race;
mod resolve;
mod socket;
mod stream;
pub(crate) mod tls;
#[cfg(test)]
pub(crate) mod told;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use tokio::time::Instant;

use crate::failure::Failure;
use crate::spec::{Spec, Versions};
use crate::tell::Tell;
use crate::url::Url;

pub(crate) use connection::{Carrier, Connection, Quic};
pub(crate) use key::Key;
pub(crate) use proxy::Proxy;
pub(crate) use stream::{Socket, Stream, TlsOver, Way};

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
    names: resolve::Names,
    /// With the sessions that can be resumed.
    clients: wireline_tls::Clients,
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
    open::open(want, state, tell).await
}
