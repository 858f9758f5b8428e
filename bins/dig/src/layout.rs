//! What a query's output is to look like: the options that only text knows of, settled.

use wireline_dns::{Name, Opcode, RecordType};

/// How one query's messages are written.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a `+option` of its own")]
pub(crate) struct Layout {
    /// `+short`.
    pub short: bool,
    /// `+yaml`.
    pub yaml: bool,
    /// `--json`: all that is below is for text.
    pub json: bool,
    /// `+cmd`: whether the banner is written.
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
    /// `+onesoa`.
    pub onesoa: bool,
    /// `+qr`.
    pub qr: bool,
    /// Whether types stand before the data of `+short`: `+trace`, `+nssearch`.
    pub types_in_short: bool,
    /// How records look.
    pub records: Records,
    /// The query's type.
    pub kind: RecordType,
    /// The query's name.
    pub name: Name,
    /// The query's opcode.
    pub opcode: Opcode,
    /// Whether the query asks with an OPT.
    pub edns: bool,
    /// `+dnssec`.
    pub dnssec: bool,
    /// Whether a key was given whose signatures are to be told of.
    pub signed: bool,
}

/// How records look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a `+option` of its own")]
pub(crate) struct Records {
    /// `+ttlid`.
    pub ttl: bool,
    /// `+ttlunits`.
    pub ttl_units: bool,
    /// `+class`.
    pub class: bool,
    /// `+crypto`.
    pub crypto: bool,
    /// `+multiline`.
    pub multiline: bool,
    /// `+rrcomments`; `None` where the layout decides.
    pub comments: Option<bool>,
    /// `+split=`: characters in a word of base64 or hex; 0 not to split, `None` as it is usual.
    pub split: Option<u32>,
    /// `+unknownformat`.
    pub unknown: bool,
    /// `+expandaaaa`.
    pub expand_aaaa: bool,
    /// `+idnout`.
    pub idn: bool,
}

impl Default for Records {
    fn default() -> Self {
        Self {
            ttl: true,
            ttl_units: false,
            class: true,
            crypto: true,
            multiline: false,
            comments: None,
            split: None,
            unknown: false,
            expand_aaaa: false,
            idn: false,
        }
    }
}

impl Layout {
    /// As dig writes where it is told nothing.
    pub(crate) fn usual(name: Name, kind: RecordType) -> Self {
        Self {
            short: false,
            yaml: false,
            json: false,
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
            qr: false,
            types_in_short: false,
            records: Records::default(),
            kind,
            name,
            opcode: Opcode::QUERY,
            edns: true,
            dnssec: false,
            signed: false,
        }
    }
}
