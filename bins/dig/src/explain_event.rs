//! What `--explain` has to tell, as plain facts: text and JSON are made of the same.

use std::net::IpAddr;

use serde::Serialize;

/// One step of the way.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(
    clippy::enum_variant_names,
    reason = "they are the words of `event`, among those of the whole tool"
)]
pub(crate) enum Event {
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
#[derive(Debug, Serialize)]
pub(crate) struct Field {
    /// What it is called.
    #[serde(rename = "field")]
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: String,
    /// What that means.
    pub(crate) meaning: &'static str,
}

/// A server of a level.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    /// Its name.
    pub(crate) server_name: String,
    /// Its address.
    pub(crate) server: IpAddr,
    /// `answers`, `alias`, `no_name`, `no_data`, `refers`, `lame`, `fails` or `dead`.
    pub(crate) role: &'static str,
    /// In words.
    pub(crate) text: String,
    /// Whether that is as it should be.
    pub(crate) ok: bool,
    /// From the query to the answer, in milliseconds.
    pub(crate) time_ms: Option<f64>,
    /// The serial of the zone as it has it.
    pub(crate) serial: Option<u32>,
}
