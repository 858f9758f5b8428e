//! What is wrong with a server's certificate, in a person's words.
//!
//! Pure: what was presented, who is trusted and what time it is are arguments. It decides nothing: the
//! [`Verifier`](crate::Verifier) has, and this says why.

use serde::Serialize;

use crate::certificate::Certificate;

/// What is looked at.
pub struct Patient<'a> {
    /// What the server sent, its own certificate first.
    pub chain: &'a [Certificate],
    /// The name or address that was asked for.
    pub wanted: Option<&'a str>,
    /// Seconds since 1970.
    pub now_s: i64,
    /// Whether an authority of this name, in DER, is trusted.
    pub trusts: &'a dyn Fn(&[u8]) -> bool,
    /// What the verifier said.
    pub fault: Option<&'a crate::Fault>,
}

/// What was found. All texts have a stranger's words in them: escape before printing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The chain from the server's own certificate up, with whoever is missing at its end.
    pub links: Vec<Link>,
    /// Everything that is wrong, what decides first.
    pub findings: Vec<Finding>,
}

/// One certificate of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// How far it is from the root: for a tree, 0 is the one nearest to it.
    pub depth: usize,
    /// What there is to say about it.
    pub verdict: Verdict,
    /// Why, one each.
    pub notes: Vec<String>,
}

/// What there is to say about one certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is as it should be.
    #[default]
    Good,
    /// It is an authority's that is trusted. The server need not send it.
    Trusted,
    /// It belongs there, and was not sent.
    Missing,
    /// It does not belong to this chain.
    Stray,
    /// Something is wrong with it.
    Bad,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A word for scripts: `expired`, `wrong_name`, `self_signed`, `incomplete_chain`, …
    pub code: &'static str,
    /// Whether that alone makes it refused; else it is a note.
    pub is_fatal: bool,
    /// In a sentence.
    pub text: String,
    /// What would help, where that is known.
    pub remedy: Option<String>,
}

/// Looks at a chain.
#[must_use]
pub fn diagnose(_patient: &Patient<'_>) -> Diagnosis {
    Diagnosis::default()
}
