//! What a query's output is to look like: the options that only text knows of, settled.

use std::net::SocketAddr;

use wireline_dns::RecordType;
use wireline_dns::present::{self, Style};

use crate::options::{Globals, Query, RrComments, Show, Split};

/// How one query's messages are written.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a `+option` of its own")]
pub(crate) struct Layout {
    /// The query's name as it was typed.
    pub name: String,
    /// And its type.
    pub kind: RecordType,
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
    /// `+header-only`: dig has the heading of a query's questions all the same.
    pub header_only: bool,
    /// `+padding`: dig does not tell how much it put into a query.
    pub padded: bool,
    /// Whether there is a key, which signs the query or should have.
    pub key: bool,
    /// How records are written.
    pub style: Style,
    /// `-b`: the address that queries leave from.
    pub source: Option<SocketAddr>,
}

impl Default for Layout {
    /// As dig writes where it is told nothing.
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: RecordType::A,
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
            header_only: false,
            padded: false,
            key: false,
            style: Style::default(),
            source: None,
        }
    }
}

impl Layout {
    /// What the options of a query come to.
    pub(crate) fn new(query: &Query, globals: &Globals) -> Self {
        let options = &query.options;
        let show = &options.show;
        Self {
            name: query.name.clone(),
            kind: options.kind,
            json: globals.json,
            yaml: show.yaml,
            short: show.short,
            cmd: show.cmd,
            dns64prefix: options.dns64prefix,
            comments: show.comments,
            question: show.question,
            answer: show.answer,
            authority: show.authority,
            additional: show.additional,
            stats: show.stats,
            identify: show.identify,
            microseconds: show.microseconds,
            // No other type's SOA stands there twice.
            onesoa: show.one_soa && options.kind == RecordType::AXFR,
            names_types: options.trace || options.nssearch,
            edns: options.edns.version().is_some(),
            dnssec: options.edns.dnssec,
            header_only: options.header.header_only,
            padded: options.edns.padding > 0,
            key: globals.key.is_some(),
            style: Style { idn: options.idn_out && is_utf8(), ..style(show) },
            source: globals.source,
        }
    }

    /// Whether a message is written whole, neither as `+short` nor as `+dns64prefix`.
    pub(crate) const fn is_long(&self) -> bool {
        !self.short && !self.dns64prefix
    }

    /// Whether the lines that begin with `;;` are written.
    pub(crate) const fn has_comments(&self) -> bool {
        self.comments && self.is_long()
    }
}

fn style(show: &Show) -> Style {
    Style {
        multiline: show.multiline,
        crypto: show.crypto,
        split: match show.split {
            Split::Default => present::Split::Usual,
            Split::Never => present::Split::Never,
            Split::Every(length) => present::Split::Every(length),
        },
        unknown_format: show.unknown_format,
        expand_aaaa: show.expand_aaaa,
        rr_comments: match show.rr_comments {
            RrComments::Multiline => None,
            RrComments::Always => Some(true),
            RrComments::Never => Some(false),
        },
        ttl: show.ttl,
        ttl_units: show.ttl_units,
        class: show.class,
        ..Style::default()
    }
}

/// Whether the locale has letters for all names: as setlocale(3) finds it, by what it is called.
fn is_utf8() -> bool {
    let of_environment = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(of_environment);
    let name = name.unwrap_or_default().to_ascii_lowercase();
    name.ends_with("utf-8") || name.ends_with("utf8")
}
