//! What must be equal for two URLs to share a connection.

use std::sync::Arc;

use crate::failure::Failure;
use crate::spec::{ConnectSpec, Spec};
use crate::transport::{Proxy, Want};

/// What must be equal for two URLs to share a connection. Versions are not in here: whether HTTP/1.1 will do is for whoever
/// asks.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    is_secure: bool,
    /// Where requests end; `None` where a proxy takes those for any host (plain HTTP, without tunnel).
    host: Option<(String, u16)>,
    elsewhere: Option<(String, u16)>,
    proxy: Option<Proxy>,
    spec: Arc<Spec>,
}

impl Key {
    /// Of what is wanted. Fails where the proxy is none.
    pub(crate) fn of(want: Want<'_>) -> Result<Self, Failure> {
        let Want { url, spec, elsewhere, .. } = want;
        let proxy = Proxy::of(url, &spec.connect)?;
        let is_forwarded = proxy.as_ref().is_some_and(|one| one.is_forwarding(url, &spec.connect));
        let host = (!is_forwarded).then(|| (url.host.clone(), url.effective_port()));
        Ok(Self {
            is_secure: url.is_secure(),
            host,
            elsewhere: elsewhere.map(|(host, port)| (host.to_owned(), port)),
            proxy,
            spec: Arc::clone(spec),
        })
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.is_secure == other.is_secure
            && self.host == other.host
            && self.elsewhere == other.elsewhere
            && self.proxy == other.proxy
            && (Arc::ptr_eq(&self.spec, &other.spec) || self.is_reached_alike(other))
    }
}

impl Eq for Key {}

impl Key {
    /// The proxy on the way.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    fn is_reached_alike(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.spec, &other.spec);
        is_way_alike(&ours.connect, &theirs.connect)
            && (!self.is_secure || ours.tls == theirs.tls)
            && (self.proxy.is_none() || ours.connect.proxy_tls == theirs.connect.proxy_tls)
    }
}

fn is_way_alike(ours: &ConnectSpec, theirs: &ConnectSpec) -> bool {
    ours.unix_socket == theirs.unix_socket
        && ours.interface == theirs.interface
        && ours.local_ports == theirs.local_ports
        && ours.elsewhere == theirs.elsewhere
        && ours.haproxy == theirs.haproxy
        && ours.family == theirs.family
        && ours.tunnels == theirs.tunnels
}
