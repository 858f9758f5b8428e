//! What validation finds, in words.

use std::time::Duration;

use wireline_dns::present;
use wireline_dns::validate::{ClockHint, DsState, Fact, Gap, Proof, SignatureFault, Subject, Why};
use wireline_dns::{Name, RecordType};

use crate::clock;

/// Mnemonic of an algorithm.
pub(crate) fn algorithm(number: u8) -> String {
    present::algorithm_name(number)
}

/// Mnemonic of a digest type (IANA "DNSSEC Delegation Signer (DS) Resource Record (RR) Type Digest
/// Algorithms").
pub(crate) fn digest(number: u8) -> String {
    match number {
        1 => "SHA-1".to_owned(),
        2 => "SHA-256".to_owned(),
        3 => "GOST".to_owned(),
        4 => "SHA-384".to_owned(),
        other => format!("digest {other}"),
    }
}

/// A moment of a signature, to the minute.
pub(crate) fn moment(at: u32) -> String {
    let text = clock::utc(Duration::from_secs(u64::from(at)), false);
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

/// The day of a moment.
fn day(at: u32) -> String {
    moment(at).get(..10).unwrap_or_default().to_owned()
}

/// A span in its two largest units.
pub(crate) fn span(seconds: u32) -> String {
    const UNITS: [(u32, &str); 5] =
        [(365 * 86400, "y"), (86400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let first = UNITS.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(4);
    let (unit, word) = UNITS[first];
    let (whole, rest) = (seconds / unit, seconds % unit);
    let second = UNITS.get(first + 1).map(|(unit, word)| (rest / unit, *word));
    match second.filter(|(count, _)| *count > 0) {
        Some((count, second)) => format!("{whole} {word} {count} {second}"),
        None => format!("{whole} {word}"),
    }
}

/// What a link is about.
pub(crate) fn subject(subject: &Subject, zone: &Name) -> String {
    match subject {
        Subject::Anchored => zone.to_string(),
        Subject::Delegation(child) => child.to_string(),
        Subject::Data(name, kind) => format!("{name} {kind}"),
        Subject::Alias { name, kind, target } => format!("{name} {kind} {target}"),
        Subject::NoName(name) => format!("{name} is not there"),
        Subject::NoData(name, kind) => format!("{name} has no {kind}"),
    }
}

/// One thing that was looked at.
pub(crate) fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Anchor { tag, algorithm: number, source, matches } => {
            let found = if *matches { "is a key of the zone" } else { "is no key of the zone" };
            format!(
                "anchor {tag} {} ({}) {found}",
                algorithm(*number),
                wireline_cli::escape(source)
            )
        }
        Fact::Ds { tag, algorithm: number, digest: digested, state } => {
            let state = match state {
                DsState::Matches => format!("matches DNSKEY {tag}"),
                DsState::NoKey => "matches no DNSKEY".to_owned(),
                DsState::Unsupported => "is not supported".to_owned(),
                DsState::PassedOver => "is passed over".to_owned(),
            };
            format!("DS {tag} {} {} {state}", algorithm(*number), digest(*digested))
        }
        Fact::Key { tag, algorithm: number, flags, is_entry } => {
            let role = if flags & 1 == 1 { "KSK" } else { "ZSK" };
            let revoked = if flags & 0x80 != 0 { ", revoked" } else { "" };
            let entry = if *is_entry { ", vouched for" } else { "" };
            format!("DNSKEY {tag} {} {role}{revoked}{entry}", algorithm(*number))
        }
        Fact::Signature { .. } => signature(fact),
        Fact::Proof { kind, owner, says, opt_out } => {
            let says = match says {
                Proof::Lacks(name) => format!("has {name}, without the type"),
                Proof::Encloses(name) => format!("has {name}, the closest encloser"),
                Proof::Covers(name) => format!("covers {name}"),
                Proof::Between(name) => format!("has names below {name}, and nothing at it"),
            };
            format!("{kind} {owner} {says}{}", if *opt_out { " (opt-out)" } else { "" })
        }
    }
}

fn signature(fact: &Fact) -> String {
    let Fact::Signature {
        covered,
        owner,
        tag,
        algorithm: number,
        inception,
        expiration,
        wildcard,
        fault,
    } = fact
    else {
        return String::new();
    };
    let wild = wildcard.as_ref().map_or_else(String::new, |wild| format!(" made from {wild}"));
    let state = fault.map_or_else(|| "good".to_owned(), fault_text);
    let times = format!("{} to {}", moment(*inception), moment(*expiration));
    format!("RRSIG {owner} {covered}{wild} by {tag} {}, {times}: {state}", algorithm(*number))
}

fn fault_text(fault: SignatureFault) -> String {
    match fault {
        SignatureFault::Expired(by) => format!("expired {} ago", span(by)),
        SignatureFault::NotYet(by) => format!("not valid for another {}", span(by)),
        SignatureFault::NoKey => "no key that may sign it".to_owned(),
        SignatureFault::Wrong => "does not verify".to_owned(),
        SignatureFault::Algorithm => "algorithm not supported".to_owned(),
        SignatureFault::NotOfZone => "not of this zone".to_owned(),
        SignatureFault::Untried => "not tried".to_owned(),
    }
}

/// Why something is not secure.
pub(crate) fn why(why: &Why) -> String {
    match why {
        Why::NoAnchor => "no trust anchor is at or above the name".to_owned(),
        Why::NoAnswer { question, rcode: Some(rcode), .. } => {
            format!("{rcode} for {} {}", question.name, question.kind)
        }
        Why::NoAnswer { question, text, .. } => {
            format!(
                "no answer for {} {}: {}",
                question.name,
                question.kind,
                wireline_cli::escape(text)
            )
        }
        Why::NoDnskey(zone) => format!("no DNSKEY at {zone}"),
        Why::NoEntryKey { anchored, wanted, keys, .. } => no_entry_key(*anchored, wanted, keys),
        Why::NoSignature(owner, kind) => format!("no RRSIG of {owner} {kind}"),
        Why::BadSignature { .. } => bad_signature(why),
        Why::NoProof(name, RecordType::ANY) => format!("no NSEC or NSEC3 for {name}"),
        Why::NoProof(name, kind) => format!("no NSEC or NSEC3 for {name} {kind}"),
        Why::ProofFails { kind, gap } => proof_fails(*kind, gap),
        Why::Unsigned(zone) => format!("{zone} is delegated without DS"),
        Why::OptOut(name) => {
            format!("{name} is in an opt-out span, where delegations need not be signed")
        }
        Why::Unsupported(zone, pairs) => unsupported(zone, pairs),
        Why::Iterations(count) => format!("too expensive: NSEC3 with {count} iterations"),
        Why::NeverSigned(kind) => format!("{kind} records are not signed"),
        Why::AliasLoop(name) => format!("aliases lead back to {name}"),
        Why::TooExpensive(what, most) => format!("too expensive: more than {most} {what}"),
    }
}

fn no_entry_key(anchored: bool, wanted: &[(u16, u8)], keys: &[u16]) -> String {
    let wanted = wanted.iter().take(8).map(|(tag, digested)| match digested {
        0 => tag.to_string(),
        other => format!("{tag} ({})", digest(*other)),
    });
    let (wanted, keys) = (wanted.collect::<Vec<_>>(), keys.iter().take(8).map(u16::to_string));
    let what = if anchored { "anchor" } else { "DS" };
    let (keys, verb) =
        (keys.collect::<Vec<_>>().join(", "), if wanted.len() == 1 { "matches" } else { "match" });
    format!("{what} {} {verb} none of DNSKEY {keys}", wanted.join(", "))
}

fn bad_signature(why: &Why) -> String {
    let Why::BadSignature { owner, kind, tag, at, fault } = why else { return String::new() };
    let of = format!("RRSIG of {owner} {kind}");
    match fault {
        SignatureFault::Expired(by) => {
            format!("{of} expired {} ({} ago), key {tag}", day(*at), span(*by))
        }
        SignatureFault::NotYet(by) => {
            format!("{of} begins {} (in {}), key {tag}", day(*at), span(*by))
        }
        SignatureFault::NoKey => format!("{of} is by key {tag}, which is none that may sign it"),
        SignatureFault::Wrong => format!("{of} does not verify with key {tag}"),
        fault => format!("{of} by key {tag}: {}", fault_text(*fault)),
    }
}

fn proof_fails(kind: RecordType, gap: &Gap) -> String {
    match gap {
        Gap::NotCovered(name) => format!("{kind} does not cover {name}"),
        Gap::NoEncloser(name) => format!("{kind} has no name above {name}"),
        Gap::TypeThere(name, there) => format!("{kind} says that {name} has {there}"),
        Gap::WrongSide(name) => format!("{kind} of {name} is of the wrong side of a delegation"),
        Gap::Wildcard(name) => format!("{kind} says nothing of {name}"),
    }
}

fn unsupported(zone: &Name, pairs: &[(u8, u8)]) -> String {
    let pairs = pairs
        .iter()
        .take(8)
        .map(|(number, digested)| format!("{} {}", algorithm(*number), digest(*digested)));
    format!("{zone} has only DS that are not supported: {}", pairs.collect::<Vec<_>>().join(", "))
}

/// What the clock may be.
pub(crate) fn clock_hint(hint: ClockHint) -> String {
    match hint {
        ClockHint::Ahead(by) => {
            format!("this machine's clock may be ahead by {} or more", span(by))
        }
        ClockHint::Behind(by) => {
            format!("this machine's clock may be behind by {} or more", span(by))
        }
    }
}

/// A word for the reason, which stays as it is.
pub(crate) const fn kind(why: &Why) -> &'static str {
    match why {
        Why::NoAnchor => "no_anchor",
        Why::NoAnswer { .. } => "no_answer",
        Why::NoDnskey(_) => "no_dnskey",
        Why::NoEntryKey { .. } => "no_entry_key",
        Why::NoSignature(..) => "no_signature",
        Why::BadSignature { fault: SignatureFault::Expired(_), .. } => "expired",
        Why::BadSignature { fault: SignatureFault::NotYet(_), .. } => "not_yet_valid",
        Why::BadSignature { .. } => "bad_signature",
        Why::NoProof(..) => "no_proof",
        Why::ProofFails { .. } => "proof_fails",
        Why::Unsigned(_) => "unsigned",
        Why::OptOut(_) => "opt_out",
        Why::Unsupported(..) => "unsupported",
        Why::Iterations(_) => "nsec3_iterations",
        Why::NeverSigned(_) => "never_signed",
        Why::AliasLoop(_) => "alias_loop",
        Why::TooExpensive(..) => "too_expensive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text.as_bytes(), &Name::root()).unwrap()
    }

    #[test]
    fn reasons_are_sentences_with_key_and_time() {
        let expired = Why::BadSignature {
            owner: name("www.expired.lab"),
            kind: RecordType::A,
            tag: 37027,
            at: 1_706_745_600,
            fault: SignatureFault::Expired(88_300_800),
        };
        assert_eq!(
            why(&expired),
            "RRSIG of www.expired.lab. A expired 2024-02-01 (2 y 292 d ago), key 37027"
        );
        let bogus = Why::NoEntryKey {
            zone: name("bogus.lab"),
            anchored: false,
            wanted: vec![(8122, 2)],
            keys: vec![81, 4711],
        };
        assert_eq!(why(&bogus), "DS 8122 (SHA-256) matches none of DNSKEY 81, 4711");
    }

    #[test]
    fn spans_are_told_in_two_units() {
        assert_eq!(
            (span(0).as_str(), span(59).as_str(), span(61).as_str()),
            ("0 s", "59 s", "1 min 1 s")
        );
        assert_eq!((span(86400).as_str(), span(90000).as_str()), ("1 d", "1 d 1 h"));
    }
}
