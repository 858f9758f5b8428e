//! Domain names in wire form, and their presentation (RFC 1035 §3.1, §5.1; RFC 4343).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A domain name in wire form, uncompressed: 1 to 255 octets, the root label last.
///
/// Two names are equal whatever the case of their letters (RFC 4343 §3), and are ordered as DNSSEC orders
/// them (RFC 4034 §6.1). The case that they came in is kept.
#[derive(Clone)]
pub struct Name {
    octets: Vec<u8>,
}

/// Why a text is no domain name, in the words of BIND.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A backslash that is not followed by a character or by three digits up to 255.
    #[error("bad escape")]
    BadEscape,
    /// Two dots in a row, or one at the start.
    #[error("empty label")]
    EmptyLabel,
    /// More than 63 octets.
    #[error("label too long")]
    LabelTooLong,
    /// More than 255 octets in wire form.
    #[error("ran out of space")]
    TooLong,
    /// No text at all.
    #[error("unexpected end of input")]
    Empty,
}

impl Name {
    /// The longest name, in octets of its wire form.
    pub const LONGEST: usize = 255;

    /// `.`
    #[must_use]
    pub fn root() -> Self {
        Self { octets: vec![0] }
    }

    /// Reads a name as a master file has it: `\X` and `\DDD` are escapes. Without a final dot it ends
    /// in `origin`.
    pub fn parse(text: &[u8], origin: &Self) -> Result<Self, NameError> {
        match text {
            b"" => return Err(NameError::Empty),
            b"." => return Ok(Self::root()),
            b"@" => return Ok(origin.clone()),
            _ => {}
        }
        let (mut labels, mut label) = (Vec::new(), Vec::new());
        let (mut rest, mut absolute) = (text.iter().copied(), false);
        while let Some(octet) = rest.next() {
            absolute = octet == b'.';
            match octet {
                b'.' => push_label(&mut labels, &mut label)?,
                b'\\' => label.push(unescape(&mut rest)?),
                other => label.push(other),
            }
        }
        if !absolute {
            push_label(&mut labels, &mut label)?;
        }
        labels.extend_from_slice(if absolute { &[0] } else { &origin.octets });
        Self::from_wire(labels).ok_or(NameError::TooLong)
    }

    /// Takes a name in wire form, uncompressed; `None` where it is not just one whole name.
    #[must_use]
    pub fn from_wire(octets: Vec<u8>) -> Option<Self> {
        let mut at = 0;
        loop {
            let length = usize::from(*octets.get(at)?);
            at += 1 + length;
            match length {
                0 => break,
                1..64 => {}
                _ => return None,
            }
        }
        (at == octets.len() && at <= Self::LONGEST).then_some(Self { octets })
    }

    /// The wire form.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The labels from the leftmost on, without the root's.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.octets.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first().filter(|(length, _)| **length > 0)?;
            let (label, after) = after.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(label)
        })
    }

    /// How many labels there are, the root's not counted (RFC 4034 §3.1.3).
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is `.`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.octets.len() == 1
    }

    /// The name without its leftmost label; `None` of the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let length = usize::from(*self.octets.first().filter(|length| **length > 0)?);
        Some(Self { octets: self.octets.get(1 + length..)?.to_vec() })
    }

    /// Whether this is `other` or lies below it.
    #[must_use]
    pub fn is_in(&self, other: &Self) -> bool {
        let mut above = Some(self.clone());
        while let Some(name) = above {
            if name == *other {
                return true;
            }
            above = name.parent();
        }
        false
    }

    /// With its letters in lower case, as signatures and digests are made of it (RFC 4034 §6.2).
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        // A length is below 64 and no letter.
        Self { octets: self.octets.to_ascii_lowercase() }
    }

    /// One label more on the left; `None` where the label or the name would be too long.
    #[must_use]
    pub fn child(&self, label: &[u8]) -> Option<Self> {
        let length = u8::try_from(label.len()).ok()?;
        let mut octets = vec![length];
        octets.extend_from_slice(label);
        octets.extend_from_slice(&self.octets);
        Self::from_wire(octets)
    }

    /// This name with the labels of `other` after its own; `None` where that is too long.
    #[must_use]
    pub fn under(&self, other: &Self) -> Option<Self> {
        let mut octets = self.octets.clone();
        octets.pop();
        octets.extend_from_slice(&other.octets);
        Self::from_wire(octets)
    }
}

fn push_label(labels: &mut Vec<u8>, label: &mut Vec<u8>) -> Result<(), NameError> {
    let length = u8::try_from(label.len()).ok().filter(|length| *length < 64);
    match length.ok_or(NameError::LabelTooLong)? {
        0 => return Err(NameError::EmptyLabel),
        length => labels.push(length),
    }
    labels.append(label);
    Ok(())
}

fn unescape(rest: &mut impl Iterator<Item = u8>) -> Result<u8, NameError> {
    let first = rest.next().ok_or(NameError::BadEscape)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = rest.next().filter(u8::is_ascii_digit).ok_or(NameError::BadEscape)?;
        value = value * 10 + u16::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| NameError::BadEscape)
}

/// As a master file has it, with its final dot: what would end or quote a word there is escaped by a
/// backslash, what cannot be printed by its three digits.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for label in self.labels() {
            for octet in label {
                match octet {
                    b'"' | b'(' | b')' | b'.' | b';' | b'\\' | b'@' | b'$' => {
                        write!(f, "\\{}", char::from(*octet))?;
                    }
                    0x21..=0x7e => write!(f, "{}", char::from(*octet))?,
                    _ => write!(f, "\\{octet:03}")?,
                }
            }
            f.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // A length is below 64 and no letter.
        self.octets.eq_ignore_ascii_case(&other.octets)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.octets.to_ascii_lowercase().hash(state);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |name: &Self| {
            let mut labels: Vec<_> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
            labels.reverse();
            labels
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text.as_bytes(), &Name::root()).unwrap()
    }

    #[test]
    fn text_and_wire_form_stand_for_each_other() {
        for text in
            ["example.com.", "weird\\.dot.lab.", "a\\032b.lab.", "\\000\\255.lab.", ".", "\\@.\\$."]
        {
            assert_eq!(name(text).to_string(), text);
        }
        assert_eq!(name("a.bc").octets(), b"\x01a\x02bc\x00");
        assert_eq!(name("\\097").to_string(), "a.");
    }

    #[test]
    fn text_that_is_no_name_says_why() {
        let parse = |text: &str| Name::parse(text.as_bytes(), &Name::root()).unwrap_err();
        assert_eq!(parse("a..b"), NameError::EmptyLabel);
        assert_eq!(parse(".a"), NameError::EmptyLabel);
        assert_eq!(parse("a\\"), NameError::BadEscape);
        assert_eq!(parse("a\\25"), NameError::BadEscape);
        assert_eq!(parse("a\\256"), NameError::BadEscape);
        assert_eq!(parse(&"a".repeat(64)), NameError::LabelTooLong);
        assert_eq!(parse(&"a.".repeat(128)), NameError::TooLong);
        assert_eq!(parse(""), NameError::Empty);
        assert_eq!(name(&"a.".repeat(127)).octets().len(), 255);
    }

    #[test]
    fn case_makes_no_difference_and_is_kept() {
        assert_eq!(name("UPPER.Case"), name("upper.case"));
        assert_eq!(name("UPPER.Case").to_string(), "UPPER.Case.");
        assert!(name("a.Example.com").is_in(&name("example.COM")));
        assert!(!name("aexample.com").is_in(&name("example.com")));
    }

    #[test]
    fn order_is_that_of_rfc_4034() {
        let sorted = [
            "example.",
            "a.example.",
            "yljkjljk.a.example.",
            "Z.a.example.",
            "zABC.a.EXAMPLE.",
            "z.example.",
            "\\001.z.example.",
            "*.z.example.",
            "\\200.z.example.",
        ];
        let mut names: Vec<_> = sorted.iter().rev().map(|text| name(text)).collect();
        names.sort();
        assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn wire_form_must_be_one_whole_name() {
        for octets in [&b""[..], b"\x01", b"\x01a", b"\x00\x00", b"\x40a\x00", b"\xc0\x00"] {
            assert!(Name::from_wire(octets.to_vec()).is_none(), "{octets:?}");
        }
    }
}
