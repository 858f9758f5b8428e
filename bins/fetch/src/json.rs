//! `--json`: what happens in a transfer, an object a line. docs/json.md says what each key is.
//!
//! It computes nothing: each line is an event of the transfer in words that last.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

mod from;
mod parts;
mod sample;

pub use parts::{Chained, Named};
pub(crate) use from::request;
pub(crate) use parts::{harmless_url, lossy, named};

/// An event, of which transfer it is, and when it was.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
    /// Which transfer of the run, from 0.
    pub transfer: u64,
    /// Since the transfer began.
    pub at_ms: f64,
}

/// What happens in a transfer.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It begins.
    Start {
        /// Of the schema.
        v: u32,
        /// As it was typed, globs undone, without a password.
        url: String,
    },
    /// A request is about to be made.
    Hop {
        /// Where to.
        url: String,
        /// How.
        method: String,
        /// `first`, `redirect`, `challenge`, `again`, `retry`.
        why: &'static str,
        /// Of the response before it.
        why_status: Option<u16>,
    },
    /// A name was found.
    Name {
        /// Which.
        host: String,
        /// In the order in which they are tried.
        addresses: Vec<IpAddr>,
        /// Who said so.
        source: &'static str,
        /// Which server, where one was named.
        server: Option<String>,
        /// From question to answer.
        took_ms: f64,
    },
    /// An address was tried.
    Attempt {
        /// Which.
        address: IpAddr,
        /// Which.
        port: u16,
        /// When it began, since the transfer did.
        began_ms: f64,
        /// From there to its end.
        took_ms: f64,
        /// `won`, `failed`, `abandoned`.
        outcome: &'static str,
        /// Why it failed.
        error: Option<String>,
    },
    /// There is a connection.
    Connection {
        /// Its number in this run, from 0.
        connection: u64,
        /// Whether it is from before.
        is_reused: bool,
        /// `tcp`, `proxied`, `unix`, `quic`.
        medium: Option<&'static str>,
        /// The proxy, or the socket's path.
        via: Option<String>,
        /// Our end.
        local: Option<IpAddr>,
        /// Our end.
        local_port: Option<u16>,
        /// The other end.
        remote: Option<IpAddr>,
        /// The other end.
        remote_port: Option<u16>,
    },
    /// A proxy opened a way.
    Tunnel {
        /// The proxy.
        proxy: String,
        /// Where it goes.
        to: String,
        /// From asking to open.
        took_ms: f64,
    },
    /// A step of TLS's handshake.
    TlsStep {
        /// What, by its name in RFC 8446.
        step: String,
        /// Whether we sent it.
        is_sent: bool,
        /// Octets.
        octets: usize,
        /// From its last octet until it was dealt with.
        took_ms: Option<f64>,
    },
    /// TLS is there.
    Tls {
        /// `TLSv1.3`.
        version: Option<String>,
        /// The cipher suite, as IANA names it.
        cipher: Option<String>,
        /// The group of the key exchange.
        group: Option<String>,
        /// What was agreed by ALPN.
        alpn: Option<String>,
        /// Whether the session is from before; not known of QUIC.
        is_resumed: Option<bool>,
        /// Whether early data were taken.
        is_early: Option<bool>,
        /// For which name the certificate is.
        verified: Option<String>,
        /// What is wrong with it, where that was passed over (`-k`).
        fault: Option<String>,
        /// What the server sent.
        chain: Vec<Chained>,
        /// Whether that is with a proxy.
        is_proxy: bool,
        /// From its first octet to its last.
        took_ms: f64,
    },
    /// A request goes out.
    Request {
        /// Its first line.
        line: String,
        /// Its fields, in order.
        fields: Vec<Named>,
        /// Whether it is for a proxy (CONNECT).
        is_tunnel: bool,
    },
    /// All of it is sent.
    Sent {
        /// Octets of its body.
        octets: u64,
    },
    /// The first octet of the response came.
    FirstByte {},
    /// An interim response (1xx).
    Interim {
        /// 100 to 199.
        status: u16,
        /// Its fields, in order.
        fields: Vec<Named>,
    },
    /// A final response.
    Response {
        /// `1.1`, `2`, `3`.
        version: String,
        /// 200 to 999.
        status: u16,
        /// Behind the status.
        reason: String,
        /// Its fields, in order.
        fields: Vec<Named>,
        /// Whether it is a proxy's to CONNECT.
        is_tunnel: bool,
    },
    /// Fields behind the body.
    Trailers {
        /// In order.
        fields: Vec<Named>,
    },
    /// The response ended.
    BodyEnd {
        /// Octets of the body as carried.
        carried: u64,
        /// Octets of the body, decoded.
        decoded: u64,
    },
    /// It goes on elsewhere.
    Redirect {
        /// Where to.
        to: String,
        /// What about it is noteworthy.
        notes: Vec<String>,
    },
    /// It begins again.
    Retry {
        /// What was before.
        why: String,
        /// How long it waits.
        after_ms: f64,
        /// How many more there will be at the most.
        left: u32,
    },
    /// Something is not as it should be.
    Finding {
        /// What.
        text: String,
    },
    /// It is over.
    Summary {
        /// The last URL.
        url: String,
        /// Of the last response; `null` where there was none.
        status: Option<u16>,
        /// Over what it came.
        version: Option<String>,
        /// curl's.
        exit_code: u8,
        /// Why it failed.
        error: Option<String>,
        /// Redirects that were followed.
        redirects: u32,
        /// Retries.
        retries: u32,
        /// Connections that were made.
        connections: u32,
        /// Octets of the last body, as carried.
        received: u64,
        /// Octets of the last request's body.
        sent: u64,
        /// Of the last hop.
        phases: Phases,
        /// All.
        total_ms: f64,
    },
}

/// How long phases took; `null` where there was none.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Phases {
    /// The name.
    pub name_ms: Option<f64>,
    /// TCP, and a proxy's tunnel.
    pub connect_ms: Option<f64>,
    /// TLS, or QUIC.
    pub secure_ms: Option<f64>,
    /// The request.
    pub send_ms: Option<f64>,
    /// The server, and the way there and back.
    pub wait_ms: Option<f64>,
    /// The response.
    pub receive_ms: Option<f64>,
}

impl Phases {
    /// In milliseconds.
    pub(crate) fn of(phases: &wireline_http::account::Phases) -> Self {
        let length = |span: Option<wireline_http::account::Span>| span.map(|one| ms(one.length()));
        Self {
            name_ms: length(phases.name),
            connect_ms: length(phases.connect),
            secure_ms: length(phases.secure),
            send_ms: length(phases.send),
            wait_ms: length(phases.wait),
            receive_ms: length(phases.receive),
        }
    }
}

/// Milliseconds, exact to the nanosecond.
pub(crate) fn ms(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e9).round() / 1e6
}

fn ends(of: Option<SocketAddr>) -> (Option<IpAddr>, Option<u16>) {
    (of.map(|one| one.ip()), of.map(|one| one.port()))
}

impl Event {
    /// The names of all events.
    pub const NAMES: [&'static str; 19] = [
        "start", "hop", "name", "attempt", "connection", "tunnel", "tls_step", "tls", "request",
        "sent", "first_byte", "interim", "response", "trailers", "body_end", "redirect", "retry",
        "finding", "summary",
    ];

    /// What a line calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Hop { .. } => "hop",
            Self::Name { .. } => "name",
            Self::Attempt { .. } => "attempt",
            Self::Connection { .. } => "connection",
            Self::Tunnel { .. } => "tunnel",
            Self::TlsStep { .. } => "tls_step",
            Self::Tls { .. } => "tls",
            Self::Request { .. } => "request",
            Self::Sent { .. } => "sent",
            Self::FirstByte {} => "first_byte",
            Self::Interim { .. } => "interim",
            Self::Response { .. } => "response",
            Self::Trailers { .. } => "trailers",
            Self::BodyEnd { .. } => "body_end",
            Self::Redirect { .. } => "redirect",
            Self::Retry { .. } => "retry",
            Self::Finding { .. } => "finding",
            Self::Summary { .. } => "summary",
        }
    }
}
