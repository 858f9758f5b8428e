//! What `--json` writes of a chain.

use serde::Serialize;
use wireline_dns::Question;
use wireline_dns::validate::{ClockHint, DsState, Fact, Link, Subject, Verdict};

use super::words;

/// Events of `+validate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
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
        /// The name that was asked about.
        name: String,
        /// And the type.
        #[serde(rename = "type")]
        kind: String,
        /// The worst of the links.
        security: &'static str,
        /// Why it is not secure: a word that stays.
        reason: Option<&'static str>,
        /// And in words, which may change.
        text: Option<String>,
        /// Seconds that this machine's clock seems to be ahead at least; negative: behind.
        clock_ahead_s: Option<i64>,
        /// Questions that were asked for it.
        questions: usize,
        /// Signatures that were checked.
        signature_checks: usize,
    },
}

impl Event {
    /// What it is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ValidationLink { .. } => "validation_link",
            Self::Validation { .. } => "validation",
        }
    }
}

/// A record that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// `anchor`, `DS`, `DNSKEY`, `RRSIG`, `NSEC` or `NSEC3`.
    pub record: String,
    /// The tag of the key that it is, or is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_tag: Option<u16>,
    /// Its algorithm, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Of a DS: what kind of digest, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Of a DNSKEY: its flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<u16>,
    /// When a signature begins, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inception_s: Option<u32>,
    /// And when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_s: Option<u32>,
    /// Whether it vouches, is vouched for, or is good.
    pub ok: bool,
    /// What it says, in words, which may change.
    pub text: String,
}

pub(super) fn link(link: &Link) -> Event {
    let (subject, name, kind, target) = match &link.subject {
        Subject::Anchored => ("anchor", &link.zone, None, None),
        Subject::Delegation(child) => ("delegation", child, None, None),
        Subject::Data(name, kind) => ("data", name, Some(kind), None),
        Subject::Alias { name, kind, target } => ("alias", name, Some(kind), Some(target)),
        Subject::NoName(name) => ("no_name", name, None, None),
        Subject::NoData(name, kind) => ("no_data", name, Some(kind), None),
    };
    Event::ValidationLink {
        zone: link.zone.to_string(),
        subject,
        name: name.to_string(),
        kind: kind.map(ToString::to_string),
        target: target.map(ToString::to_string),
        security: link.security.word(),
        reason: link.why.as_ref().map(words::kind),
        text: link.why.as_ref().map(words::why),
        facts: link.facts.iter().map(item).collect(),
    }
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

pub(super) fn verdict(question: &Question, verdict: &Verdict) -> Event {
    let Verdict { security, why, clock, questions, checks } = verdict;
    Event::Validation {
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
    }
}
