//! The chain as JSON lines.

use std::io;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_dns::Question;
use wireline_dns::validate::{ClockHint, DsState, Fact, Link, Subject, Verdict};

use crate::validate_words as words;

/// Events of `+validate`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    /// One link of the chain.
    ValidationLink {
        /// The zone whose keys answer for it.
        zone: String,
        /// `anchor`, `delegation`, `data`, `alias`, `no_name` or `no_data`.
        subject: &'static str,
        /// The name that it is about.
        name: String,
        /// The type that it is about.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// What an alias stands for.
        target: Option<String>,
        /// `secure`, `insecure`, `indeterminate` or `bogus`.
        security: &'static str,
        /// Why it is not secure: a word that stays.
        reason: Option<&'static str>,
        /// And in words, which may change.
        text: Option<String>,
        /// What it rests on.
        facts: Vec<Item>,
    },
    /// The verdict.
    Validation {
        name: String,
        #[serde(rename = "type")]
        kind: String,
        security: &'static str,
        reason: Option<&'static str>,
        text: Option<String>,
        /// Seconds that this machine's clock seems to be ahead at least; negative: behind.
        clock_ahead_s: Option<i64>,
        questions: usize,
        signature_checks: usize,
    },
}

/// A record that was looked at.
#[derive(Debug, Default, Serialize)]
struct Item {
    /// `anchor`, `DS`, `DNSKEY`, `RRSIG`, `NSEC` or `NSEC3`.
    record: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_tag: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u16>,
    /// When a signature begins and ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    inception_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_s: Option<u32>,
    /// Whether it vouches, is vouched for, or is good.
    ok: bool,
    text: String,
}

/// A link, as a line.
pub(crate) fn link(at: Duration, link: &Link) -> io::Result<String> {
    let (subject, name, kind, target) = match &link.subject {
        Subject::Anchored => ("anchor", &link.zone, None, None),
        Subject::Delegation(child) => ("delegation", child, None, None),
        Subject::Data(name, kind) => ("data", name, Some(kind), None),
        Subject::Alias { name, kind, target } => ("alias", name, Some(kind), Some(target)),
        Subject::NoName(name) => ("no_name", name, None, None),
        Subject::NoData(name, kind) => ("no_data", name, Some(kind), None),
    };
    line(
        at,
        &Event::ValidationLink {
            zone: link.zone.to_string(),
            subject,
            name: name.to_string(),
            kind: kind.map(ToString::to_string),
            target: target.map(ToString::to_string),
            security: link.security.word(),
            reason: link.why.as_ref().map(words::kind),
            text: link.why.as_ref().map(words::why),
            facts: link.facts.iter().map(item).collect(),
        },
    )
}

fn item(fact: &Fact) -> Item {
    let text = words::fact(fact);
    match fact {
        Fact::Anchor { tag, algorithm, matches, .. } => Item {
            record: "anchor".to_owned(),
            key_tag: Some(*tag),
            algorithm: Some(words::algorithm(*algorithm)),
            ok: *matches,
            text,
            ..Item::default()
        },
        Fact::Ds { tag, algorithm, digest, state } => Item {
            record: "DS".to_owned(),
            key_tag: Some(*tag),
            algorithm: Some(words::algorithm(*algorithm)),
            digest: Some(words::digest(*digest)),
            ok: *state == DsState::Matches,
            text,
            ..Item::default()
        },
        Fact::Key { tag, algorithm, flags, is_entry } => Item {
            record: "DNSKEY".to_owned(),
            key_tag: Some(*tag),
            algorithm: Some(words::algorithm(*algorithm)),
            flags: Some(*flags),
            ok: *is_entry,
            text,
            ..Item::default()
        },
        Fact::Signature { tag, algorithm, inception, expiration, fault, .. } => Item {
            record: "RRSIG".to_owned(),
            key_tag: Some(*tag),
            algorithm: Some(words::algorithm(*algorithm)),
            inception_s: Some(*inception),
            expiration_s: Some(*expiration),
            ok: fault.is_none(),
            text,
            ..Item::default()
        },
        Fact::Proof { kind, .. } => {
            Item { record: kind.to_string(), ok: true, text, ..Item::default() }
        }
    }
}

/// The verdict, as a line.
pub(crate) fn verdict(at: Duration, question: &Question, verdict: &Verdict) -> io::Result<String> {
    let Verdict { security, why, clock, questions, checks } = verdict;
    line(
        at,
        &Event::Validation {
            name: question.name.to_string(),
            kind: question.kind.to_string(),
            security: security.word(),
            reason: why.as_ref().map(words::kind),
            text: why.as_ref().map(words::why),
            clock_ahead_s: clock.map(|hint| match hint {
                ClockHint::Ahead(by) => i64::from(by),
                ClockHint::Behind(by) => -i64::from(by),
            }),
            questions: *questions,
            signature_checks: *checks,
        },
    )
}

/// Any event as a line of dig's.
pub(crate) fn line<E: Serialize>(at: Duration, event: &E) -> io::Result<String> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    JsonLines { tool: "dig" }.event(at, event, &mut Streams { out: &mut out, err: &mut err })?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}
