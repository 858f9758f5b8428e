//! What about a response is not as it should be.
//!
//! Never fails anything: whoever asks is told what was seen, and who says that it should be otherwise.

mod browsers;
mod fields;
mod framing;

use std::borrow::Cow;

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
    /// What was odd about its octets ([`Event::Oddity`](crate::Event::Oddity)).
    pub oddities: &'a [String],
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
    pub why: Cow<'static, str>,
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
    odd(response.oddities, &mut found);
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
            self.0.push(Finding { what: what.into(), evidence, why: Cow::Borrowed(why), grade });
        }
    }
}

/// How oddities of the codec begin that are found in the head, too.
const SEEN_TWICE: [&str; 10] = [
    "lines end in LF",
    "a field goes on",
    "a field without name",
    "a field's name is no token",
    "control octets",
    "both Content-Length and",
    "the same Content-Length",
    "a Content-Length that is no number",
    "Transfer-Encoding in a response of HTTP/1.0",
    "Transfer-Encoding where",
];
/// Those that two readers understand in two ways, so that one of them can be led astray.
const SMUGGLING: [&str; 3] =
    ["white space between a field's name", "chunks' lines end in LF", "the answer began before"];

/// What was odd about its octets: `what (clause)`.
fn odd(oddities: &[String], found: &mut Found) {
    let begins = |text: &str, list: &[&str]| list.iter().any(|one| text.starts_with(one));
    for text in oddities.iter().filter(|text| !begins(text, &SEEN_TWICE)) {
        let is_excess = text.contains(" octets in excess") || text.contains(" octets behind");
        let is_bad = is_excess || begins(text, &SMUGGLING);
        let grade = if is_bad { Grade::Danger } else { Grade::Warning };
        let parts = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
        let (what, why) = parts.unwrap_or((text, "RFC 9112 §6.3"));
        if found.0.len() < MOST {
            let (what, why) = (what.to_owned(), Cow::Owned(why.to_owned()));
            found.0.push(Finding { what, evidence: String::new(), why, grade });
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
