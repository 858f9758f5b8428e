//! A line of each kind, for docs/json.md and whoever reads our lines.

use std::net::{IpAddr, Ipv4Addr};

use super::{Chained, Event, Line, Named, Phases};

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn fields(of: &[(&str, &str)]) -> Vec<Named> {
    let named = of.iter().map(|(name, value)| Named { name: (*name).into(), value: (*value).into() });
    named.collect()
}

impl Line {
    /// One of each event.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let events = [beginning(), reaching(), asking(), answering(), ending()].concat();
        let lines = events.into_iter().zip(0_u32..).map(|(event, at)| {
            Self { event, transfer: 0, at_ms: f64::from(at) * 1.5 }
        });
        lines.collect()
    }

    /// What it calls its event.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.event.name()
    }
}

fn beginning() -> Vec<Event> {
    vec![
        Event::Start { v: 1, url: "https://web.example/".into() },
        Event::Hop {
            url: "https://web.example/".into(),
            method: "GET".into(),
            why: "redirect",
            why_status: Some(301),
        },
        Event::Name {
            host: "web.example".into(),
            addresses: vec![SERVER],
            source: "server",
            server: Some("192.0.2.53:53".into()),
            took_ms: 1.25,
        },
        Event::Attempt {
            address: SERVER,
            port: 443,
            began_ms: 1.5,
            took_ms: 20.5,
            outcome: "failed",
            error: Some("Connection refused".into()),
        },
    ]
}

fn reaching() -> Vec<Event> {
    vec![
        Event::Connection {
            connection: 0,
            is_reused: false,
            medium: Some("proxied"),
            via: Some("http://proxy.example:3128".into()),
            local: Some(CLIENT),
            local_port: Some(54_221),
            remote: Some(SERVER),
            remote_port: Some(443),
        },
        Event::Tunnel {
            proxy: "http://proxy.example:3128".into(),
            to: "web.example:443".into(),
            took_ms: 3.5,
        },
        Event::TlsStep { step: "ServerHello".into(), is_sent: false, octets: 122, took_ms: Some(0.25) },
        Event::Tls {
            version: Some("TLSv1.3".into()),
            cipher: Some("TLS_AES_256_GCM_SHA384".into()),
            group: Some("X25519".into()),
            alpn: Some("h2".into()),
            is_resumed: Some(false),
            is_early: None,
            verified: Some("web.example".into()),
            fault: None,
            chain: vec![Chained {
                subject: "CN=web.example".into(),
                issuer: "CN=Example CA".into(),
                names: vec!["web.example".into()],
                not_before_s: 1_790_000_000,
                not_after_s: 1_800_000_000,
                key: "EC P-256".into(),
            }],
            is_proxy: false,
            took_ms: 42.5,
        },
    ]
}

fn asking() -> Vec<Event> {
    vec![
        Event::Request {
            line: "GET / HTTP/2".into(),
            fields: fields(&[("Host", "web.example"), ("Authorization", "Basic (concealed)")]),
            is_tunnel: false,
        },
        Event::Sent { octets: 0 },
        Event::FirstByte {},
        Event::Interim { status: 103, fields: fields(&[("link", "</style.css>; rel=preload")]) },
    ]
}

fn answering() -> Vec<Event> {
    vec![
        Event::Response {
            version: "2".into(),
            status: 200,
            reason: String::new(),
            fields: fields(&[("content-type", "text/html")]),
            is_tunnel: false,
        },
        Event::Finding { text: "Content-Length and Transfer-Encoding (RFC 9112 6.3)".into() },
        Event::Trailers { fields: fields(&[("x-checksum", "17")]) },
        Event::BodyEnd { carried: 612, decoded: 1_256 },
        Event::Redirect { to: "https://web.example/".into(), notes: vec![] },
        Event::Retry { why: "timeout".into(), after_ms: 1_000.0, left: 2 },
    ]
}

fn ending() -> Vec<Event> {
    vec![Event::Summary {
        url: "https://web.example/".into(),
        status: Some(200),
        version: Some("2".into()),
        exit_code: 0,
        error: None,
        redirects: 1,
        retries: 0,
        connections: 1,
        received: 612,
        sent: 0,
        phases: Phases {
            name_ms: Some(1.25),
            connect_ms: Some(20.5),
            secure_ms: Some(42.5),
            send_ms: Some(0.125),
            wait_ms: Some(31.5),
            receive_ms: Some(2.5),
        },
        total_ms: 99.5,
    }]
}
