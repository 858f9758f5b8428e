//! What about a response is not as it should be.
//!
//! Never fails anything: whoever asks is told what was seen, and who says that it should be otherwise.

mod browsers;
mod fields;
mod framing;

use serde::Serialize;

use crate::head::{Fields, Head};

/// Findings of one response.
const MOST: usize = 64;
/// Octets of a finding's evidence.
const LONGEST_EVIDENCE: usize = 200;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Could be better.
    Hint,
    /// Is wrong, and mostly harmless.
    Warning,
    /// Can be used against somebody.
    Danger,
}

/// Looks at a response: the worst findings first.
#[must_use]
pub fn look(response: &Response<'_>) -> Vec<Finding> {
    let mut found = Found(Vec::new());
    framing::look(response, &mut found);
    fields::look(response, &mut found);
    browsers::look(response, &mut found);
    let Found(mut all) = found;
    all.sort_by_key(|one| std::cmp::Reverse(one.grade));
    all
}

struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, grade: Grade, what: impl Into<String>, evidence: &[u8], why: &'static str) {
        if self.0.len() < MOST {
            let evidence = evidence.get(..LONGEST_EVIDENCE).unwrap_or(evidence);
            let evidence = String::from_utf8_lossy(evidence).into_owned();
            self.0.push(Finding { what: what.into(), evidence, why, grade });
        }
    }
}

/// Words between commas, of all fields of a name.
fn words<'a>(fields: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let words = fields.all(name).flat_map(|value| value.split(|one| *one == b','));
    words.map(<[u8]>::trim_ascii).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
