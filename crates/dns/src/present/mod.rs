//! The text of records, as BIND's dig 9.18 writes it to the octet.
//!
//! What cannot be read as its type is written as RFC 3597 §5 has unknown types (`\# 4 C0000201`). Of what a
//! server chose, nothing but printable ASCII comes out of here: the rest is escaped as in a master file
//! (RFC 1035 §5.1).

mod edns;
mod escape;
mod fields;
mod idn;
mod keys;
mod line;
mod odd;
mod proofs;
mod rdata;
mod svcb;
#[cfg(test)]
mod tests;

pub use edns::{CookieCheck, EdnsLine, ede_name, edns_options, edns_text, edns_yaml};
pub use keys::{algorithm_name, key_tag, time};
pub use line::{Columns, question, record, ttl, ttl_in_words, yaml_quoted};
pub use rdata::{fault, is_well_formed, rdata};

/// How records are written: what dig's `+options` change about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// `+multiline`: long data goes over several lines in parentheses.
    pub multiline: bool,
    /// `+crypto`: keys, signatures and digests are written, not `[omitted]`.
    pub crypto: bool,
    /// `+split=N`, `+nosplit`: into how long words hex and base64 are cut.
    pub split: Split,
    /// `+unknownformat`: types, classes and data by their numbers (RFC 3597 §5).
    pub unknown_format: bool,
    /// `+expandaaaa`: all 32 digits of an IPv6 address.
    pub expand_aaaa: bool,
    /// `+[no]rrcomments`; neither: with [`Style::multiline`] only.
    pub rr_comments: Option<bool>,
    /// `+ttlid`: the time to live is written.
    pub ttl: bool,
    /// `+ttlunits`: as in `1h30m`.
    pub ttl_units: bool,
    /// `+class`: the class is written.
    pub class: bool,
    /// `+idnout`: names in the script that people write them in.
    pub idn: bool,
    /// `+yaml`: one blank between the parts of a record, the whole in single quotes. Of the other fields
    /// [`Style::split`] alone has an effect then, as in dig.
    pub yaml: bool,
    /// Seconds since 1970, about: the times of signatures have 32 bits and mean the 136 years around this
    /// (RFC 4034 §3.1.5).
    pub now: u32,
}

impl Default for Style {
    /// What dig does without an option.
    fn default() -> Self {
        Self {
            multiline: false,
            crypto: true,
            split: Split::Usual,
            unknown_format: false,
            expand_aaaa: false,
            rr_comments: None,
            ttl: true,
            ttl_units: false,
            class: true,
            idn: false,
            yaml: false,
            // July 2025: right from 1957 to 2093.
            now: 1_752_000_000,
        }
    }
}

/// Into how long words hex and base64 are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// 56 characters, in multiline what fits in a line.
    Usual,
    /// They are not.
    Never,
    /// So many characters, rounded up to a multiple of four; 0 is [`Split::Never`].
    Every(u16),
}
