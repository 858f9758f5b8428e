//! Proxies: which one for which URL, and how a tunnel is asked for.

use crate::failure::Failure;
use crate::spec::ConnectSpec;
use crate::url::Url;

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// What it speaks.
    pub(crate) kind: ProxyKind,
    /// Its name or address, without brackets.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// Name and password: those of its URL, or of `--proxy-user`.
    pub(crate) login: Option<(String, String)>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// HTTP.
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 4: addresses of IPv4.
    Socks4,
    /// SOCKS 4a: names.
    Socks4a,
    /// SOCKS 5, with addresses of ours (RFC 1928).
    Socks5,
    /// SOCKS 5, with names.
    Socks5h,
}

impl Proxy {
    /// The one for this URL, where there is one.
    pub(crate) fn of(_url: &Url, _spec: &ConnectSpec) -> Result<Option<Self>, Failure> {
        Ok(None)
    }

    /// Whether requests are sent to it in absolute form (RFC 9112 §3.2.2), without tunnel.
    pub(crate) fn is_forwarding(&self, url: &Url, spec: &ConnectSpec) -> bool {
        let speaks_http = matches!(self.kind, ProxyKind::Http | ProxyKind::Https);
        speaks_http && !url.is_secure() && !spec.tunnels
    }
}
