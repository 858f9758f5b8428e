//! What is told in JSON.

use std::net::IpAddr;

use serde::Serialize;

use super::{Came, Row, differences};
use crate::json::{Phases, ms};

/// What is told of ways to a server.
#[expect(clippy::large_enum_variant, reason = "a handful, written and gone")]
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It begins.
    Start {
        /// Of the schema.
        v: u32,
        /// Without a password.
        url: String,
    },
    /// A way was tried.
    Compared {
        /// `1.1`, `2`, `3`.
        version: String,
        /// `ipv4`, `ipv6`.
        family: &'static str,
        /// `cold`, `resumed`, `early`.
        session: &'static str,
        /// `answered`, `absent`, `failed`.
        outcome: &'static str,
        /// Why it is not there, or failed, or what about TLS is noteworthy.
        note: Option<String>,
        /// Who answered.
        address: Option<IpAddr>,
        /// Of the last response.
        status: Option<u16>,
        /// Octets of the body, decoded.
        octets: Option<u64>,
        /// Of the body, decoded.
        sha256: Option<String>,
        /// Over all hops.
        phases: Phases,
        /// All.
        total_ms: Option<f64>,
    },
    /// All ways were tried.
    Summary {
        /// Ways that answered.
        answered: usize,
        /// Ways that are not there.
        absent: usize,
        /// Ways that should be there.
        failed: usize,
        /// The first failure's.
        exit_code: u8,
        /// What differs between answers.
        differences: Vec<Differs>,
    },
}

/// Something that differs.
#[derive(Clone, Debug, Serialize)]
pub struct Differs {
    /// `status`, `length`, `sha256`, or a field's name.
    pub what: &'static str,
    /// Its values.
    pub values: Vec<Valued>,
}

/// A value, and who has it.
#[derive(Clone, Debug, Serialize)]
pub struct Valued {
    /// `null` where there was none.
    pub value: Option<String>,
    /// `HTTP/2 IPv4 cold`.
    pub ways: Vec<String>,
}

impl Event {
    pub(super) fn compared(row: &Row) -> Self {
        let answer = row.answer();
        let phases = answer.map(|one| one.phases().map(|phase| phase.map(ms))).unwrap_or_default();
        let [name_ms, connect_ms, secure_ms, send_ms, wait_ms, receive_ms, total_ms] = phases;
        let (outcome, note) = match &row.came {
            Came::Answer(_, note) => ("answered", note.map(str::to_owned)),
            Came::Absent(why) => ("absent", Some(why.clone())),
            Came::Failed(failure) => ("failed", Some(failure.text.clone())),
        };
        Self::Compared {
            version: row.way.version.to_string(),
            family: if row.way.family_text() == "IPv6" { "ipv6" } else { "ipv4" },
            session: match row.way.session {
                super::Session::Cold => "cold",
                super::Session::Resumed => "resumed",
                super::Session::Early => "early",
            },
            outcome,
            note,
            address: answer.and_then(|one| one.report.remote).map(|remote| remote.ip()),
            status: answer.and_then(super::Outcome::status),
            octets: answer.map(|one| one.octets),
            sha256: answer.map(|one| one.digest.clone()),
            phases: Phases { name_ms, connect_ms, secure_ms, send_ms, wait_ms, receive_ms },
            total_ms,
        }
    }

    pub(super) fn summary(rows: &[Row], exit_code: u8) -> Self {
        let count = |is: fn(&Came) -> bool| rows.iter().filter(|row| is(&row.came)).count();
        let differences = differences(rows).into_iter().map(|one| {
            let values = one.values.into_iter().map(|(value, ways)| Valued { value, ways });
            Differs { what: one.what, values: values.collect() }
        });
        Self::Summary {
            answered: count(|came| matches!(came, Came::Answer(..))),
            absent: count(|came| matches!(came, Came::Absent(_))),
            failed: count(|came| matches!(came, Came::Failed(_))),
            exit_code,
            differences: differences.collect(),
        }
    }

    /// The names of all events.
    pub const NAMES: [&'static str; 3] = ["start", "compared", "summary"];

    /// What a line calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Compared { .. } => "compared",
            Self::Summary { .. } => "summary",
        }
    }

    /// One of each.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let phases = Phases {
            name_ms: Some(1.25),
            connect_ms: None,
            secure_ms: Some(31.5),
            send_ms: Some(0.25),
            wait_ms: Some(20.5),
            receive_ms: Some(1.5),
        };
        let value = |text: &str, way: &str| Valued {
            value: Some(text.to_owned()),
            ways: vec![way.to_owned()],
        };
        vec![
            Self::Start { v: 1, url: "https://web.example/".to_owned() },
            Self::Compared {
                version: "3".to_owned(),
                family: "ipv6",
                session: "resumed",
                outcome: "answered",
                note: None,
                address: Some(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)),
                status: Some(200),
                octets: Some(612),
                sha256: Some("0".repeat(64)),
                phases,
                total_ms: Some(55.5),
            },
            Self::Summary {
                answered: 2,
                absent: 1,
                failed: 0,
                exit_code: 0,
                differences: vec![Differs {
                    what: "server",
                    values: vec![
                        value("nginx", "HTTP/1.1 IPv4 cold"),
                        value("Caddy", "HTTP/3 IPv6 resumed"),
                    ],
                }],
            },
        ]
    }
}
