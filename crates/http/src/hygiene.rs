//! What about a response is not as it should be.

use crate::head::{Fields, Head};

/// A response, as far as it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Its head.
    pub head: &'a Head,
    /// What came behind its body.
    pub trailers: Option<&'a Fields>,
    /// Whether it came over TLS.
    pub is_secure: bool,
    /// Its body's first octets, as carried; empty where there was none.
    pub body: &'a [u8],
    /// Our clock, in seconds since 1970.
    pub now: i64,
}

/// Something about a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, in a sentence.
    pub what: String,
    /// What it was seen in: a stranger's octets, escape before printing.
    pub evidence: String,
    /// Who says so: a clause, `RFC 9112 §6.3`.
    pub why: &'static str,
    /// How bad.
    pub grade: Grade,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Could be better.
    Hint,
    /// Is wrong, and mostly harmless.
    Warning,
    /// Can be used against somebody.
    Danger,
}

/// Looks at a response.
#[must_use]
pub fn look(_response: &Response<'_>) -> Vec<Finding> {
    todo!("state")
}
