//! What carries a query: over what, to which port, and who must be at the other end.

use std::net::SocketAddr;
use std::path::PathBuf;

use wireline_dns::Transport;

use super::Options;

/// What carries a query, as the flags left it; [`Options::transport`] says what that comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carrier {
    /// A connection is wanted, by whichever option.
    pub tcp: bool,
    /// `+[no]tcp` or `+[no]vc` was given: what else would want a connection is then not heard.
    pub tcp_chosen: bool,
    /// `+tls`.
    pub tls: bool,
    /// `+https` or `+http-plain`.
    pub https: bool,
    /// `+http-plain`.
    pub plain: bool,
    /// GET rather than POST.
    pub get: bool,
    /// Path of the URL, where HTTP is wanted.
    pub path: Option<String>,
    /// `+http3`: HTTPS over QUIC.
    pub http3: bool,
    /// `+quic`.
    pub quic: bool,
    /// `+keepopen`: one connection for the queries of a run.
    pub keep_open: bool,
    /// `+proxy`: the PROXY header (version 2) before everything.
    pub proxy: Option<Proxy>,
    /// `+proxy-plain`: that header before TLS begins, and not within it.
    pub proxy_plain: bool,
}

/// The addresses in a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// The connection is our own (`LOCAL`).
    Local,
    /// It is made in the name of these.
    Addresses {
        /// From whom.
        source: SocketAddr,
        /// To whom.
        destination: SocketAddr,
    },
}

/// What is wanted of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether the server must be who it says (any `+tls-…` option): the strict profile (RFC 8310 §5).
    pub verify: bool,
    /// `+tls-ca=FILE`; without, the system's.
    pub ca: Option<PathBuf>,
    /// `+tls-certfile`.
    pub certificate: Option<PathBuf>,
    /// `+tls-keyfile`.
    pub key: Option<PathBuf>,
    /// `+tls-hostname`: the name that the certificate must be for.
    pub hostname: Option<String>,
    /// `+tls-pin`: SHA-256 of keys that the server may have, in base64 (RFC 7858 §4.2).
    pub pins: Vec<String>,
    /// `+tls-sni`: name to say in the handshake.
    pub sni: Option<String>,
}

impl Options {
    /// What carries the query. A type may want a connection by itself; that is in [`Carrier::tcp`] already.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let Carrier { tcp, tls, https, plain, get, quic, .. } = self.carrier;
        let is_tls = tls || (self.tls.is_wanted() && !https);
        match (quic, tcp, is_tls, https) {
            (true, ..) => Transport::Quic,
            (_, false, ..) => Transport::Udp,
            (_, _, true, _) => Transport::Tls,
            (_, _, _, false) => Transport::Tcp,
            _ if plain && get => Transport::HttpGet,
            _ if plain => Transport::HttpPost,
            _ if get => Transport::HttpsGet,
            _ => Transport::HttpsPost,
        }
    }

    /// Where the servers listen: `-p`, or what the transport has.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| match self.transport() {
            Transport::Udp | Transport::Tcp => 53,
            Transport::Tls | Transport::Quic => 853,
            Transport::HttpsPost | Transport::HttpsGet => 443,
            Transport::HttpPost | Transport::HttpGet => 80,
        })
    }
}

impl Proxy {
    /// The header, as this carries it.
    #[must_use]
    pub fn header(self, via: wireline_packet::proxy::Via) -> Vec<u8> {
        let ends = match self {
            Self::Local => None,
            Self::Addresses { source, destination } => Some((source, destination)),
        };
        wireline_packet::proxy::header(via, ends)
    }
}

impl Tls {
    /// Whether anything was said of it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.verify || self.sni.is_some() || !self.pins.is_empty()
    }
}
