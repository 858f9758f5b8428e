//! Trust anchors: the root's own, and those of files that BIND and unbound have.

use data_encoding::{BASE64, HEXUPPER_PERMISSIVE};

use super::keys::Voucher;
use crate::Name;
use crate::present::key_tag;

/// Somebody vouches for a key of a zone, not by DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The zone.
    pub zone: Name,
    /// Where this is from.
    pub source: String,
    pub(super) voucher: Voucher,
}

/// Why a file of trust anchors cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// An entry is not of the form that it should have; its words.
    #[error("no trust anchor: {0}")]
    Entry(String),
    /// There is none in it.
    #[error("no trust anchors in it")]
    None,
    /// More than a file of anchors has.
    #[error("too many trust anchors")]
    TooMany,
}

/// How many a file may have.
const ANCHORS: usize = 256;

/// KSK-2017 and KSK-2024 of the root, with the days that they are valid from, of
/// <https://data.iana.org/root-anchors/root-anchors.xml> as of 2024-07-18; compared with Debian's dns-root-data.
const ROOT: [(u16, &str, &str); 2] = [
    (
        20326,
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        "IANA root anchor of 2017-02-02",
    ),
    (
        38696,
        "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
        "IANA root anchor of 2024-07-18",
    ),
];

impl Anchor {
    /// The root's keys (RSA/SHA-256, as SHA-256 digests).
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        let anchor = |(tag, digest, source): (u16, &str, &str)| {
            let octets = HEXUPPER_PERMISSIVE.decode(digest.as_bytes()).unwrap_or_default();
            let voucher = Voucher { tag, algorithm: 8, digest: 2, octets };
            Self { zone: Name::root(), source: source.to_owned(), voucher }
        };
        ROOT.map(anchor).into()
    }

    /// Reads BIND's `trust-anchors { … }` (also `managed-keys` and `trusted-keys`), or DS and DNSKEY
    /// records as a master file has them. `source` is what the file is called.
    pub fn read(text: &str, source: &str) -> Result<Vec<Self>, AnchorError> {
        let is_bind = ["trust-anchors", "managed-keys", "trusted-keys"];
        let entries = if is_bind.iter().any(|word| text.contains(word)) {
            statements(text)
        } else {
            records(text)
        };
        let anchors: Vec<_> = entries
            .iter()
            .take(ANCHORS + 1)
            .map(|words| entry(words, source).ok_or_else(|| AnchorError::Entry(words.join(" "))))
            .collect::<Result<_, _>>()?;
        match anchors.len() {
            0 => Err(AnchorError::None),
            1..=ANCHORS => Ok(anchors),
            _ => Err(AnchorError::TooMany),
        }
    }
}

/// The entries within the braces of BIND's statements, in words.
fn statements(text: &str) -> Vec<Vec<String>> {
    let (mut entries, mut entry, mut is_inside) = (Vec::new(), Vec::new(), false);
    for word in bind_words(text) {
        match word.as_str() {
            "{" => (is_inside, entry) = (true, Vec::new()),
            "}" => is_inside = false,
            ";" if is_inside => entries.push(std::mem::take(&mut entry)),
            ";" => entry.clear(),
            _ => entry.push(word),
        }
    }
    entries
}

/// Words of named.conf: quoted ones whole, comments of all three kinds left out.
fn bind_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut rest) = (Vec::new(), String::new(), text.chars().peekable());
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    let mut is_quoted = false;
    while let Some(character) = rest.next() {
        let next = rest.peek().copied();
        match (character, next) {
            ('"', _) => is_quoted = !is_quoted,
            _ if is_quoted => word.push(character),
            ('#', _) | ('/', Some('/')) => while rest.next_if(|next| *next != '\n').is_some() {},
            ('/', Some('*')) => {
                let mut last = ' ';
                rest.next();
                for next in rest.by_ref() {
                    if (last, next) == ('*', '/') {
                        break;
                    }
                    last = next;
                }
            }
            ('{' | '}' | ';', _) => {
                end(&mut word);
                end(&mut character.to_string());
            }
            _ if character.is_whitespace() => end(&mut word),
            _ => word.push(character),
        }
    }
    end(&mut word);
    words
}

/// Records of a master file, in words: TTL and class left out, parentheses undone.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut entries, mut entry, mut depth) = (Vec::new(), Vec::new(), 0_u32);
    for line in text.lines() {
        let line = line.split(';').next().unwrap_or_default();
        for word in line.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
            match word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => entry.push(word.to_owned()),
            }
        }
        if depth == 0 && !entry.is_empty() {
            entries.push(std::mem::take(&mut entry));
        }
    }
    entries.extend((!entry.is_empty()).then_some(entry));
    entries.retain(|words| !words[0].starts_with('$'));
    entries
}

/// `ZONE [TTL] [IN] DS|DNSKEY …`, or `ZONE static-key|initial-ds|… …`, or of `trusted-keys`: `ZONE …`.
fn entry(words: &[String], source: &str) -> Option<Anchor> {
    let (zone, rest) = words.split_first()?;
    let zone = Name::parse(zone.as_bytes(), &Name::root()).ok()?;
    let is_form = |word: &&String| {
        let form = word.to_ascii_lowercase();
        ["ds", "dnskey", "static-ds", "initial-ds", "static-key", "initial-key"]
            .contains(&form.as_str())
    };
    let at = rest.iter().take(3).position(|word| is_form(&word));
    let is_ds = at.is_some_and(|at| rest[at].to_ascii_lowercase().ends_with("ds"));
    let rest = at.map_or(rest, |at| &rest[at + 1..]);
    let (numbers, data) = rest.split_at_checked(3)?;
    let number = |at: usize| numbers.get(at)?.parse::<u16>().ok();
    let octet = |at: usize| number(at).and_then(|number| u8::try_from(number).ok());
    let data: String = data.iter().flat_map(|word| word.split_whitespace()).collect();
    let voucher = if is_ds {
        let octets = HEXUPPER_PERMISSIVE.decode(data.as_bytes()).ok()?;
        Voucher {
            tag: number(0)?,
            algorithm: octet(1)?,
            digest: octet(2).filter(|digest| *digest > 0)?,
            octets,
        }
    } else {
        let [high, low] = number(0)?.to_be_bytes();
        let key = BASE64.decode(data.as_bytes()).ok()?;
        let octets = [&[high, low, octet(1)?, octet(2)?], key.as_slice()].concat();
        Voucher { tag: key_tag(&octets), algorithm: octet(2)?, digest: 0, octets }
    };
    (!voucher.octets.is_empty()).then(|| Anchor { zone, source: source.to_owned(), voucher })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KSK_2017: &str = "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=";

    #[test]
    fn built_in_digest_is_that_of_the_key() {
        let key = &Anchor::read(&format!(". IN DNSKEY 257 3 8 {KSK_2017} ; keytag 20326"), "f")
            .unwrap()[0];
        assert_eq!(key.voucher.tag, 20326, "as the comment says");
        let parsed = super::super::keys::Key::parse(&key.voucher.octets).unwrap();
        let built_in = Anchor::built_in();
        assert!(built_in[0].voucher.is_for(&Name::root(), &parsed));
        assert!(!built_in[1].voucher.is_for(&Name::root(), &parsed));
    }

    #[test]
    fn files_of_bind_and_of_unbound_say_the_same() {
        let key = &KSK_2017[..20];
        let bind = format!(
            "/* c */ trust-anchors {{ // c\n . initial-key 257 3 8 \"{key}\n {key}\"; # c\n lab. static-ds 7 13 2 \"00 ff\"; }};"
        );
        let master = format!(
            "; autotrust\n.\t86400\tIN\tDNSKEY\t257 3 8 {key}{key} ;{{id = 1}} ;;state=2\nlab DS ( 7 13 2\n 00FF )\n"
        );
        let (bind, master) =
            (Anchor::read(&bind, "f").unwrap(), Anchor::read(&master, "f").unwrap());
        assert_eq!((bind.len(), &bind), (2, &master));
        let old =
            Anchor::read(&format!("trusted-keys {{ . 257 3 8 \"{key}{key}\"; }};"), "f").unwrap();
        assert_eq!(old[0], bind[0]);
    }

    #[test]
    fn what_is_no_anchor_is_refused() {
        for text in [
            ". A 192.0.2.1",
            ". DS 1 2",
            ". DS 1 13 0 00",
            ". DNSKEY 257 3 8 !",
            "trust-anchors { . x; };",
        ] {
            assert!(matches!(Anchor::read(text, "f"), Err(AnchorError::Entry(_))), "{text}");
        }
        assert_eq!(Anchor::read("; nothing\n", "f"), Err(AnchorError::None));
        assert_eq!(Anchor::read(&". DS 1 13 2 00\n".repeat(300), "f"), Err(AnchorError::TooMany));
    }
}
