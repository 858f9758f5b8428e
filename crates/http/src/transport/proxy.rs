//! Proxies: which one for which URL, and how a tunnel is asked for.

mod except;
pub(super) mod http;
pub(super) mod socks;
mod words;

use crate::failure::Failure;
use crate::spec::ConnectSpec;
use crate::transport::resolve;
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
    /// The one for this URL, where there is one. A Unix socket is reached without.
    pub(crate) fn of(url: &Url, spec: &ConnectSpec) -> Result<Option<Self>, Failure> {
        let choice = &spec.proxy;
        let by_scheme = if url.is_secure() { &choice.https } else { &choice.http };
        let Some(text) = choice.all.as_ref().or(by_scheme.as_ref()) else { return Ok(None) };
        let is_none = text.is_empty() || spec.unix_socket.is_some();
        if is_none || except::has(&choice.except, &url.host) {
            return Ok(None);
        }
        let mut proxy = words::read(text)?;
        if spec.proxy_login.is_some() {
            proxy.login.clone_from(&spec.proxy_login);
        }
        Ok(Some(proxy))
    }

    /// Whether requests are sent to it in absolute form (RFC 9112 §3.2.2), without tunnel.
    pub(crate) fn is_forwarding(&self, url: &Url, spec: &ConnectSpec) -> bool {
        self.speaks_http()
            && !url.is_secure()
            && !spec.tunnels
            && resolve::elsewhere(&spec.elsewhere, &url.host, url.effective_port()).is_none()
    }

    /// Whether it is asked by CONNECT, or for the thing itself.
    pub(crate) const fn speaks_http(&self) -> bool {
        matches!(self.kind, ProxyKind::Http | ProxyKind::Https)
    }

    /// As a URL, without password.
    pub(crate) fn to_url(&self) -> String {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks4 => "socks4",
            ProxyKind::Socks4a => "socks4a",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        };
        format!("{scheme}://{}", authority(&self.host, self.port))
    }
}

/// `host:port`, an IPv6 address in brackets.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests;
