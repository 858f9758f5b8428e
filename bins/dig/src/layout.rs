//! What a query's output is to look like: the options that only text knows of, settled.

use std::net::SocketAddr;

use wireline_dns::RecordType;
use wireline_dns::present::Style;

/// How one query's messages are written.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a `+option` of its own")]
pub(crate) struct Layout {
    /// `--json`: nothing below is looked at.
    pub json: bool,
    /// `+yaml`.
    pub yaml: bool,
    /// `+short`.
    pub short: bool,
    /// `+cmd`: the banner is written.
    pub cmd: bool,
    /// `+dns64prefix`.
    pub dns64prefix: bool,
    /// `+comments`.
    pub comments: bool,
    /// `+question`.
    pub question: bool,
    /// `+answer`.
    pub answer: bool,
    /// `+authority`.
    pub authority: bool,
    /// `+additional`.
    pub additional: bool,
    /// `+stats`.
    pub stats: bool,
    /// `+identify`.
    pub identify: bool,
    /// `-u`: microseconds rather than milliseconds.
    pub microseconds: bool,
    /// `+onesoa`, where the query is one of AXFR.
    pub onesoa: bool,
    /// `+trace` or `+nssearch`: the type stands before the data of `+short`.
    pub names_types: bool,
    /// Whether the query has an OPT.
    pub edns: bool,
    /// `+dnssec`.
    pub dnssec: bool,
    /// How records are written.
    pub style: Style,
    /// `-b`: the address that queries leave from.
    pub source: Option<SocketAddr>,
}

impl Default for Layout {
    /// As dig writes where it is told nothing.
    fn default() -> Self {
        Self {
            json: false,
            yaml: false,
            short: false,
            cmd: true,
            dns64prefix: false,
            comments: true,
            question: true,
            answer: true,
            authority: true,
            additional: true,
            stats: true,
            identify: false,
            microseconds: false,
            onesoa: false,
            names_types: false,
            edns: true,
            dnssec: false,
            style: Style::default(),
            source: None,
        }
    }
}

impl Layout {
    /// Whether a message is written whole, neither as `+short` nor as `+dns64prefix`.
    pub(crate) const fn is_long(&self) -> bool {
        !self.short && !self.dns64prefix
    }

    /// Whether the lines that begin with `;;` are written.
    pub(crate) const fn has_comments(&self) -> bool {
        self.comments && self.is_long()
    }
}

/// AXFR is the only type whose repeated SOA `+onesoa` leaves out.
pub(crate) const fn onesoa(wanted: bool, kind: RecordType) -> bool {
    wanted && kind.0 == RecordType::AXFR.0
}
