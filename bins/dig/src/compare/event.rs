//! What `--json` writes of servers side by side.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

/// Events of `--compare` and `--watch`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A look whose answers are not those of the look before.
    Compare(Comparison),
    /// The end of watching.
    Watch {
        /// `changed`, `agree` or `gave_up`.
        outcome: &'static str,
        /// How often the servers were asked.
        looks: u64,
        /// From the first look to the last, in milliseconds.
        time_ms: f64,
    },
}

impl Event {
    /// What it is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Compare(_) => "compare",
            Self::Watch { .. } => "watch",
        }
    }
}

/// What one server said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its address.
    pub server: IpAddr,
    /// Its port.
    pub port: u16,
    /// What it was called.
    pub server_name: String,
    /// Over what, in the words of `--json`.
    pub transport: &'static str,
    /// How it ended, by name; `None` where there was no answer.
    pub status: Option<String>,
    /// Bits of the header that are set.
    pub flags: Vec<&'static str>,
    /// The lowest TTL of the answer.
    pub ttl_s: Option<u32>,
    /// From the query to the answer, in milliseconds.
    pub time_ms: Option<f64>,
    /// The records of the answer, without TTL and in order.
    pub answers: BTreeSet<String>,
    /// Which of the different answers this is, from 1 on in the order of rows.
    pub variant: usize,
    /// Why there is no answer.
    pub error: Option<String>,
}

/// All that was said to one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The name that was asked about.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Each server.
    pub servers: Vec<Row>,
    /// How many different answers there are; a server that says nothing has one of its own.
    pub variants: usize,
    /// Whether code and records are the same everywhere.
    pub agree: bool,
    /// What else differs: `flags`, `ttl`.
    pub differ: Vec<&'static str>,
}
