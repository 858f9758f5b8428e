//! What `--explain` has to tell, as plain facts: text and JSON are made of the same.

use std::net::IpAddr;

use serde::Serialize;

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The question.
    ExplainQuestion {
        /// The name, absolute.
        name: String,
        /// The type.
        #[serde(rename = "type")]
        kind: String,
        /// The class.
        class: String,
        /// What the type is for.
        meaning: Option<&'static str>,
    },
    /// What `/etc/hosts` says of the name. No query consults it.
    ExplainHosts {
        /// The file.
        file: &'static str,
        /// Addresses that it has for the name.
        addresses: Vec<IpAddr>,
        /// Why it cannot be read.
        error: Option<String>,
    },
    /// Whether the recursive server has the answer already: asked without recursion.
    ExplainCache {
        /// The server.
        server: IpAddr,
        /// Whether it has.
        cached: bool,
        /// Seconds that it will keep it.
        ttl_s: Option<u32>,
        /// Why that cannot be told.
        error: Option<String>,
    },
    /// What the recursive server answers.
    ExplainAnswer {
        /// The server.
        server: IpAddr,
        /// From the query to the answer, in milliseconds.
        time_ms: Option<f64>,
        /// How it ended.
        status: Option<String>,
        /// Records of the answer.
        answers: Vec<String>,
        /// Fields of the header, in their order.
        header: Vec<Field>,
        /// Why there is no answer.
        error: Option<String>,
    },
    /// The servers of a zone on the way down.
    ExplainLevel {
        /// The zone.
        zone: String,
        /// `root`, `top-level` or `zone`.
        role: &'static str,
        /// The name that they were asked about.
        name: String,
        /// Each server that was asked.
        servers: Vec<Asked>,
        /// What is wrong with the level as a whole.
        flaws: Vec<String>,
    },
    /// The end of the way.
    ExplainEnd {
        /// `answered`, `no_name`, `no_data`, `nobody_answers`, `alias_loop` or `too_long`.
        outcome: &'static str,
        /// In words.
        text: String,
    },
}

/// A field of a header.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// What it is called.
    #[serde(rename = "field")]
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What that means.
    pub meaning: &'static str,
}

/// A server of a level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// Its name.
    pub server_name: String,
    /// Its address.
    pub server: IpAddr,
    /// `answers`, `alias`, `no_name`, `no_data`, `refers`, `lame`, `fails` or `dead`.
    pub role: &'static str,
    /// In words.
    pub text: String,
    /// Whether that is as it should be.
    pub ok: bool,
    /// From the query to the answer, in milliseconds.
    pub time_ms: Option<f64>,
    /// The serial of the zone as it has it.
    pub serial: Option<u32>,
}

impl Event {
    /// What it is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExplainQuestion { .. } => "explain_question",
            Self::ExplainHosts { .. } => "explain_hosts",
            Self::ExplainCache { .. } => "explain_cache",
            Self::ExplainAnswer { .. } => "explain_answer",
            Self::ExplainLevel { .. } => "explain_level",
            Self::ExplainEnd { .. } => "explain_end",
        }
    }
}
