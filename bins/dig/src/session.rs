//! What is known of a connection that is encrypted: with whom, by what, and how long it took to begin.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::escape;
use wireline_dns::lookup::Ask;
pub use wireline_http::tls::Certificate;
use wireline_http::tls::{self, Facts};
use wireline_http::{self as http, Protocol};
use wireline_net::tls::TlsStream;

use crate::event::Server;

/// An encrypted connection has begun.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// With whom.
    #[serde(flatten)]
    pub server: Server,
    /// What is spoken over it: `dot`, `http/1.1`, `h2`, `h3` or `doq`.
    pub protocol: &'static str,
    /// `TLSv1.3` or `TLSv1.2`; `None` without TLS, as the following.
    pub tls_version: Option<String>,
    /// The cipher suite. Not known of QUIC.
    pub cipher: Option<String>,
    /// The group of the key exchange. Not known of QUIC.
    pub group: Option<String>,
    /// The name that was verified by an authority.
    pub verified_name: Option<String>,
    /// The pin that was met.
    pub verified_pin: Option<String>,
    /// What the server sent, its own certificate first.
    pub certificates: Vec<Certificate>,
    /// TCP's handshake, in milliseconds; 0 with QUIC.
    pub connect_ms: f64,
    /// That of TLS, or of QUIC and TLS together, in milliseconds.
    pub handshake_ms: Option<f64>,
}

impl Session {
    pub(crate) fn of_tls(ask: &Ask, stream: &TlsStream) -> Self {
        let timings = stream.timings();
        Self::new(ask, "dot", Some(stream.facts()), timings.connect, Some(timings.handshake))
    }

    pub(crate) fn of_http(ask: &Ask, facts: &http::Facts) -> Self {
        let protocol = match facts.protocol {
            Protocol::Http1 => "http/1.1",
            Protocol::Http2 => "h2",
            Protocol::Http3 => "h3",
            Protocol::Doq => "doq",
        };
        Self::new(ask, protocol, facts.tls.clone(), facts.connect, facts.handshake)
    }

    fn new(
        ask: &Ask,
        protocol: &'static str,
        facts: Option<Facts>,
        connect: Duration,
        handshake: Option<Duration>,
    ) -> Self {
        let facts = facts.unwrap_or_default();
        let tls::Verified { name, pin, .. } = facts.verified;
        let address = ask.server.address;
        let server_name = ask.server.name.clone();
        Self {
            server: Server { server: address.ip(), port: address.port(), server_name },
            protocol,
            tls_version: facts.version,
            cipher: facts.cipher,
            group: facts.group,
            verified_name: name,
            verified_pin: pin.map(|pin| pin.to_string()),
            certificates: facts.chain,
            connect_ms: millis(connect),
            handshake_ms: handshake.map(millis),
        }
    }

    /// A line of statistics: `;; SESSION: …`.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(";; SESSION: {}", self.protocol);
        let said = [&self.tls_version, &self.cipher, &self.group];
        for what in said.into_iter().flatten() {
            let _ = write!(text, ", {what}");
        }
        let _ = match (&self.verified_name, &self.verified_pin) {
            _ if self.tls_version.is_none() => write!(text, ", not encrypted"),
            (Some(name), Some(_)) => write!(text, ", verified: {} and its pin", escape(name)),
            (Some(name), None) => write!(text, ", verified: {}", escape(name)),
            (None, Some(_)) => write!(text, ", verified: its pin"),
            (None, None) => write!(text, ", verified: nobody"),
        };
        text
    }
}

/// Exact to the microsecond.
fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}
