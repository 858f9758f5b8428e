//! What is wrong with a server's certificate, in a person's words.
//!
//! Pure: what was presented, who is trusted and what time it is are arguments. It decides nothing: the
//! [`Verifier`](crate::Verifier) has, and this says why.

mod name;
mod path;

use serde::Serialize;

use crate::fault::is_weak;
use crate::time::Civil;
use crate::{Certificate, Fault};
use path::Path;

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
    pub fault: Option<&'a Fault>,
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

impl Finding {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, is_fatal: true, text: text.into(), remedy: None }
    }

    fn note(code: &'static str, text: impl Into<String>) -> Self {
        Self { is_fatal: false, ..Self::new(code, text) }
    }

    fn with(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// With what would help, where that is known.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.remedy {
            Some(remedy) => format!("{} ({remedy})", self.text),
            None => self.text.clone(),
        }
    }
}

/// Looks at a chain.
#[must_use]
pub fn diagnose(patient: &Patient<'_>) -> Diagnosis {
    let path = Path::of(patient.chain);
    let mut links: Vec<_> = path.links.iter().map(|one| Link::of(one)).collect();
    let mut findings = Vec::new();
    if let (Some(leaf), Some(link)) = (path.links.first(), links.first_mut()) {
        findings.extend(named(leaf, patient.wanted));
        findings.extend(purpose(leaf));
        link.mark(&findings);
    }
    for (one, link) in path.links.iter().zip(&mut links) {
        let own = ailments(one, patient.now_s);
        link.mark(&own);
        findings.extend(own);
    }
    let (trust, end) = trust(patient, &path);
    if let Some(link) = links.last_mut() {
        crown(link, patient, &path, trust.as_ref());
    }
    links.extend(end);
    findings.extend(trust);
    findings.extend(order(&path));
    for (at, link) in links.iter_mut().rev().enumerate() {
        link.depth = at;
    }
    links.extend(path.strays.iter().map(|one| Link { verdict: Verdict::Stray, ..Link::of(one) }));
    Diagnosis { links, findings: decide(findings, patient.fault) }
}

/// What the end of the chain says of the last one that came: it is a root that is trusted, or one that is not.
fn crown(link: &mut Link, patient: &Patient<'_>, path: &Path<'_>, trust: Option<&Finding>) {
    let is_own = |one: &&Finding| !["incomplete_chain", "unknown_root"].contains(&one.code);
    link.mark(trust.filter(is_own).map(std::slice::from_ref).unwrap_or_default());
    let top = path.links.last().filter(|top| top.is_self_issued());
    if link.verdict == Verdict::Good && top.is_some_and(|top| trusts(patient, top)) {
        link.verdict = Verdict::Trusted;
    }
}

impl Link {
    fn of(one: &Certificate) -> Self {
        let (subject, issuer) = (one.subject.clone(), one.issuer.clone());
        Self { subject, issuer, ..Self::default() }
    }

    fn mark(&mut self, findings: &[Finding]) {
        if findings.iter().any(|one| one.is_fatal) {
            self.verdict = Verdict::Bad;
        }
        self.notes.extend(findings.iter().map(|one| one.text.clone()));
    }
}

/// What decided first; then what would have, then notes. Where nothing was decided against it, all are notes.
fn decide(mut findings: Vec<Finding>, fault: Option<&Fault>) -> Vec<Finding> {
    let Some(fault) = fault else {
        findings.retain(|one| one.code != "unknown_root" && one.code != "incomplete_chain");
        for one in &mut findings {
            one.is_fatal = false;
        }
        return findings;
    };
    let codes = codes(fault);
    if !findings.iter().any(|one| codes.contains(&one.code)) {
        let code = codes.first().copied().unwrap_or("other");
        findings.push(Finding::new(code, fault.to_string()));
    }
    findings.sort_by_key(|one| (!codes.contains(&one.code), !one.is_fatal));
    if let Some(first) = findings.first_mut() {
        first.is_fatal = true;
    }
    findings
}

/// What a fault of the verifier's may turn out to be.
fn codes(fault: &Fault) -> &'static [&'static str] {
    match fault {
        Fault::Expired { .. } => &["expired"],
        Fault::NotYetValid { .. } => &["not_yet_valid"],
        Fault::WrongName { .. } => &["wrong_name", "no_names"],
        Fault::SelfSigned { .. } => &["self_signed"],
        Fault::SelfSignedInChain { .. } => &["root_not_trusted"],
        Fault::UnknownIssuer { .. } => {
            &["incomplete_chain", "unknown_root", "impostor", "root_not_trusted", "self_signed"]
        }
        Fault::BadSignature => &["impostor", "bad_signature"],
        Fault::WrongPurpose => &["wrong_purpose"],
        Fault::OldVersion => &["old_version"],
        Fault::WeakKey { .. } => &["weak_key"],
        Fault::WeakSignature { .. } => &["weak_signature"],
        Fault::AuthorityAsServer => &["authority_as_server"],
        Fault::NotPinned { .. } => &["not_pinned"],
        Fault::Other(_) => &["other"],
    }
}

fn named(leaf: &Certificate, wanted: Option<&str>) -> Option<Finding> {
    let wanted = wanted.filter(|wanted| !name::covers(leaf, wanted))?;
    if !leaf.names.is_empty() {
        let why = name::explain(leaf, wanted);
        return Some(Finding::new("wrong_name", format!("it is not {wanted}'s: {why}")));
    }
    let common = leaf.common_name();
    let common = common.map_or_else(String::new, |name| {
        format!("; {name} is only its common name, which counts no more (RFC 9525 \u{a7}2)")
    });
    let text = format!("it names no server: it has no subjectAltName{common}");
    Some(Finding::new("no_names", text).with("it must be issued anew, with names"))
}

fn purpose(leaf: &Certificate) -> Option<Finding> {
    let for_servers = ["TLS Web Server Authentication", "Any Extended Key Usage"];
    let is_for_servers = |all: &[String]| all.iter().any(|one| for_servers.contains(&one.as_str()));
    if !leaf.purposes.is_empty() && !is_for_servers(&leaf.purposes) {
        let text = format!("it is for {}, not for servers", name::listed(&leaf.purposes));
        return Some(Finding::new("wrong_purpose", text));
    }
    let is_authority = leaf.is_authority && !leaf.is_self_issued();
    let text = "it is an authority's certificate, not a server's";
    is_authority.then(|| Finding::new("authority_as_server", text))
}

/// What is wrong with one by itself.
fn ailments(one: &Certificate, now_s: i64) -> Vec<Finding> {
    let who = shown(&one.subject);
    let mut found: Vec<_> = dated(one, now_s).into_iter().collect();
    if let Some(bits) = one.rsa_bits().filter(|bits| *bits < 2048) {
        let text =
            format!("the key of {who} is too short: RSA of {bits} bits, 2048 being the least");
        found.push(Finding::new("weak_key", text));
    }
    if is_weak(&one.signature) && !one.is_self_issued() {
        let text = format!("the signature of {who} can be forged: {}", one.signature);
        found.push(Finding::new("weak_signature", text));
    }
    if one.is_version_1 && !one.is_self_issued() {
        let text = format!("{who} is of X.509's first version, which says not what it is for");
        found.push(Finding::new("old_version", text));
    }
    if one.pin.is_none() {
        found.push(Finding::new("unreadable", "a certificate cannot be read"));
    }
    found
}

fn dated(one: &Certificate, now_s: i64) -> Option<Finding> {
    let who = shown(&one.subject);
    let (from, to) = (Civil::of(one.not_before_s), Civil::of(one.not_after_s));
    if one.pin.is_some() && now_s > one.not_after_s {
        let ago = crate::fault::Span(one.not_after_s.abs_diff(now_s));
        let text = format!("{who} expired {ago} ago, on {to} (it was valid from {from})");
        return Some(Finding::new("expired", text));
    }
    (now_s < one.not_before_s).then(|| {
        let ahead = crate::fault::Span(one.not_before_s.abs_diff(now_s));
        let text = format!("{who} is valid only in {ahead}, from {from} to {to}");
        let today = Civil::of(now_s);
        Finding::new("not_yet_valid", text).with(format!("or the clock here is wrong: {today}"))
    })
}

fn trusts(patient: &Patient<'_>, one: &Certificate) -> bool {
    path::subject(one).is_some_and(|name| (patient.trusts)(name))
}

/// What is wrong with the chain's end, and who comes behind it.
fn trust(patient: &Patient<'_>, path: &Path<'_>) -> (Option<Finding>, Option<Link>) {
    let Some(top) = path.links.last() else { return (None, None) };
    let is_refused = matches!(
        patient.fault,
        Some(
            Fault::UnknownIssuer { .. }
                | Fault::SelfSigned { .. }
                | Fault::SelfSignedInChain { .. }
                | Fault::BadSignature
        )
    );
    if top.is_self_issued() {
        let finding = (is_refused || !trusts(patient, top)).then(|| alone(path, top));
        return (finding.filter(|_| patient.fault.is_some()), None);
    }
    let issuer = shown(&top.issuer);
    let end = Link { subject: top.issuer.clone(), verdict: Verdict::Missing, ..Link::default() };
    if path::issuer(top).is_some_and(|name| (patient.trusts)(name)) {
        let text = format!(
            "{issuer} is trusted here, but not with the key that signed {}",
            shown(&top.subject)
        );
        let finding = is_refused.then(|| Finding::new("impostor", text));
        return (finding, Some(Link { verdict: Verdict::Trusted, ..end }));
    }
    (Some(missing(top, &issuer, path.links.len() > 1)), Some(end))
}

fn alone(path: &Path<'_>, top: &Certificate) -> Finding {
    let who = shown(&top.subject);
    if path.links.len() > 1 {
        let text = format!("the chain ends in {who}, which the server sent and nobody here trusts");
        return Finding::new("root_not_trusted", text);
    }
    let key = top.pin.map(|pin| format!("; its key is sha256//{pin}")).unwrap_or_default();
    let text = format!("it is self-signed: nobody but itself vouches for {who}");
    Finding::new("self_signed", text).with(format!("to trust it, it must be listed itself{key}"))
}

/// Certificates of public authorities say where their issuer's is; a chain that ends with one that does not ends at a
/// root, most likely.
fn missing(top: &Certificate, issuer: &str, is_chain: bool) -> Finding {
    let who = shown(&top.subject);
    if let Some(url) = top.issuer_urls.first() {
        let text = format!("the chain lacks {issuer}, which issued {who}");
        return Finding::new("incomplete_chain", text)
            .with(format!("the server should send it; it is at {url}"));
    }
    let text = format!("{issuer}, which issued {who}, is not trusted here");
    let finding = Finding::new("unknown_root", text);
    if is_chain { finding } else { finding.with("where it is no root, the server should send it") }
}

fn order(path: &Path<'_>) -> Vec<Finding> {
    let mut notes = Vec::new();
    if !path.strays.is_empty() {
        let names: Vec<_> = path.strays.iter().map(|one| shown(&one.subject)).collect();
        let text = format!("it came with what does not belong to it: {}", name::listed(&names));
        notes.push(Finding::note("stray", text));
    } else if path.is_mixed() {
        let text = "the chain came in the wrong order (RFC 5246 \u{a7}7.4.2)";
        notes.push(Finding::note("wrong_order", text));
    }
    if path.links.len() > 1 && path.links.last().is_some_and(|top| top.is_self_issued()) {
        notes.push(Finding::note("needless_root", "its root need not be sent"));
    }
    notes
}

/// A name in quotes; where there is none, that.
fn shown(name: &str) -> String {
    if name.is_empty() { "a certificate without a name".to_owned() } else { format!("'{name}'") }
}

#[cfg(test)]
mod tests;
