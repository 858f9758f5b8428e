//! How messages are shown.

/// How it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Show {
    /// `+short`, of the whole command line.
    pub short: bool,
    /// `+yaml`, of the whole command line.
    pub yaml: bool,
    /// `+cmd`, of the whole command line: the greeting is printed.
    pub cmd: bool,
    /// `+qr`: the query too.
    pub query: bool,
    /// `+question`.
    pub question: bool,
    /// `+answer`.
    pub answer: bool,
    /// `+authority`.
    pub authority: bool,
    /// `+additional`.
    pub additional: bool,
    /// `+comments`.
    pub comments: bool,
    /// `+stats`.
    pub stats: bool,
    /// `+rrcomments`.
    pub rr_comments: RrComments,
    /// `+identify`.
    pub identify: bool,
    /// `-u`: microseconds.
    pub microseconds: bool,
    /// `+multiline`.
    pub multiline: bool,
    /// `+onesoa`: of a transfer, the last SOA is not shown.
    pub one_soa: bool,
    /// `+ttlid`.
    pub ttl: bool,
    /// `+ttlunits`.
    pub ttl_units: bool,
    /// `+class`.
    pub class: bool,
    /// `+crypto`.
    pub crypto: bool,
    /// `+split`: length of a chunk of hex or base64.
    pub split: Split,
    /// `+unknownformat`.
    pub unknown_format: bool,
    /// `+expandaaaa`.
    pub expand_aaaa: bool,
    /// `+showbadcookie`.
    pub bad_cookie: bool,
}

/// Chunks of hex and base64, of the whole command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// As each type of record has it: 56 characters, 44 with `+multiline`.
    #[default]
    Default,
    /// In one piece (`+nosplit`, `+split=0`).
    Never,
    /// So many characters, a multiple of 4.
    Every(u16),
}

/// Remarks behind records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RrComments {
    /// Only with `+multiline`.
    #[default]
    Multiline,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Default for Show {
    fn default() -> Self {
        Self {
            short: false,
            yaml: false,
            cmd: true,
            query: false,
            question: true,
            answer: true,
            authority: true,
            additional: true,
            comments: true,
            stats: true,
            rr_comments: RrComments::Multiline,
            identify: false,
            microseconds: false,
            multiline: false,
            one_soa: false,
            ttl: true,
            ttl_units: false,
            class: true,
            crypto: true,
            split: Split::Default,
            unknown_format: false,
            expand_aaaa: false,
            bad_cookie: false,
        }
    }
}
