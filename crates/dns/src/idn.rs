//! Internationalized names (UTS 46, RFC 5891): U-labels as people write them, A-labels as they are sent.
//!
//! Labels of ASCII are left as they are, whatever is in them: `_tcp` and `*` are none of IDNA's affair.

use std::borrow::Cow;

/// Why a name is no legal one of IDNA2008, in libidn2's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// What follows `xn--` in a label stands for nothing.
    #[error("string contains invalid punycode data")]
    Punycode,
    /// More than 63 octets.
    #[error("domain label longer than 63 characters")]
    TooLong,
    /// Not for names.
    #[error("string contains a disallowed character")]
    Disallowed,
}

/// The name as it is sent.
///
/// # Errors
/// Where a label is no legal one.
pub fn to_ascii(name: &str) -> Result<Cow<'_, str>, Illegal> {
    if name.is_ascii() {
        return check(name).map(|()| name.into());
    }
    // The full stops of other scripts part labels too (UTS 46 §4).
    let labels = name.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let labels: Result<Vec<_>, _> = labels.map(label_to_ascii).collect();
    Ok(labels?.join(".").into())
}

/// Whether each A-label of a name stands for something.
///
/// # Errors
/// Where one does not.
pub fn check(name: &str) -> Result<(), Illegal> {
    let is_legal = |label: &str| !is_a_label(label) || idna::domain_to_unicode(label).1.is_ok();
    if name.split('.').all(is_legal) { Ok(()) } else { Err(Illegal::Punycode) }
}

/// The name as it is shown: A-labels that stand for a legal U-label become that, all else is left.
#[must_use]
pub fn to_unicode(name: &str) -> Cow<'_, str> {
    if !name.split('.').any(is_a_label) {
        return name.into();
    }
    let shown = name
        .split('.')
        .map(|label| if is_a_label(label) { label_to_unicode(label) } else { label.into() });
    shown.collect::<Vec<_>>().join(".").into()
}

fn is_a_label(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

fn label_to_ascii(label: &str) -> Result<Cow<'_, str>, Illegal> {
    if label.is_ascii() {
        return check(label).map(|()| label.into());
    }
    match idna::domain_to_ascii_strict(label) {
        Ok(ascii) if !ascii.is_empty() => Ok(ascii.into()),
        // Only the strict way counts octets.
        _ if idna::domain_to_ascii(label).is_ok_and(|ascii| ascii.len() > 63) => {
            Err(Illegal::TooLong)
        }
        _ => Err(Illegal::Disallowed),
    }
}

fn label_to_unicode(label: &str) -> Cow<'_, str> {
    let (shown, result) = idna::domain_to_unicode(label);
    let is_plain = shown.chars().all(|letter| letter.is_alphanumeric() || !is_hostile(letter));
    if result.is_ok() && is_plain { shown.into() } else { label.into() }
}

/// What could part labels or do something to a terminal.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || letter.is_whitespace()
        || matches!(letter, '.' | '\\' | '"' | ';' | '(' | ')' | '@' | '$')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_labels_are_sent_as_a_labels() {
        assert_eq!(to_ascii("bücher.lab").unwrap(), "xn--bcher-kva.lab");
        assert_eq!(to_ascii("_a.BÜCHER.lab.").unwrap(), "_a.xn--bcher-kva.lab.");
        assert_eq!(to_ascii("a\u{3002}ü").unwrap(), "a.xn--tda");
        assert_eq!(to_ascii("faß.de").unwrap(), "xn--fa-hia.de", "IDNA 2008: not ss");
    }

    #[test]
    fn ascii_is_left_alone() {
        assert_eq!(to_ascii("_x.*.weird\\.dot..A").unwrap(), "_x.*.weird\\.dot..A");
        assert_eq!(to_unicode("www.xn.--.lab."), "www.xn.--.lab.");
    }

    #[test]
    fn what_is_no_label_has_no_form() {
        assert_eq!(to_ascii("ü\u{202e}x"), Err(Illegal::Disallowed));
        assert_eq!(to_ascii(&"ü".repeat(80)), Err(Illegal::TooLong));
        for fake in ["xn--xx", "a.XN--AHAHAH.", "ü.xn--xx"] {
            assert_eq!(to_ascii(fake), Err(Illegal::Punycode), "{fake}");
        }
        assert_eq!(to_ascii("XN--BCHER-KVA.xn-.").unwrap(), "XN--BCHER-KVA.xn-.");
    }

    #[test]
    fn a_labels_are_shown_where_they_are_legal() {
        assert_eq!(to_unicode("xn--bcher-kva.lab."), "bücher.lab.");
        assert_eq!(to_unicode("XN--BCHER-KVA.xn--p1ai."), "bücher.рф.");
        for odd in ["xn--a.", "xn--.", "xn--\\000.", "xn--bcher-kva\\027."] {
            assert_eq!(to_unicode(odd), odd);
        }
    }
}
