//! Keys for signed queries: `-y` and the files of `-k`.
//!
//! A key that cannot be read ends the run: a query that was to be signed is never sent without.

mod file;

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use wireline_dns::tsig::Algorithm as Hash;

use crate::number::decimal;
use crate::stop::Stop;

/// Where a key is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// `-k`.
    File(PathBuf),
    /// `-y`.
    Words {
        /// The algorithm; `None` where dig does not know it (and has warned).
        algorithm: Option<Algorithm>,
        /// The key's name.
        name: String,
        /// The secret in base64.
        secret: String,
    },
}

/// How a message is signed, and how much of the signature is sent (RFC 8945 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    /// The hash.
    pub hash: Hash,
    /// Bits of the signature that are sent; 0 for all.
    pub bits: u16,
}

/// Names of algorithms, how many bits they give, and their numbers in key files of BIND.
const HASHES: &[(&str, Hash, u32, &str)] = &[
    ("hmac-md5", Hash::Md5, 128, "157"),
    ("hmac-sha1", Hash::Sha1, 160, "161"),
    ("hmac-sha224", Hash::Sha224, 224, "162"),
    ("hmac-sha256", Hash::Sha256, 256, "163"),
    ("hmac-sha384", Hash::Sha384, 384, "164"),
    ("hmac-sha512", Hash::Sha512, 512, "165"),
];

/// A key to sign queries with.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name, as it was written.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// What nobody else may know.
    pub secret: Vec<u8>,
    /// The file of a pair that it was read from, which BIND advises against.
    pub of_pair: Option<PathBuf>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Algorithm {
    /// `hmac-sha256`, or `hmac-sha256-128`. `Ok(None)` if there is none of this name.
    fn parse(text: &str) -> Result<Option<Self>, Stop> {
        if text.len() >= 20 {
            return Err(Stop::fatal(format!("unknown key type '{text}'")));
        }
        let lower = text.to_ascii_lowercase();
        for (name, hash, most, _) in HASHES {
            let bits = match lower.strip_prefix(name) {
                Some("") => 0,
                Some(rest) if rest.starts_with('-') => bits(&rest[1..], *most)?,
                _ => continue,
            };
            return Ok(Some(Self { hash: *hash, bits }));
        }
        Ok(None)
    }

    fn numbered(number: &str, bits: u16) -> Option<Self> {
        let (_, hash, ..) = HASHES.iter().find(|(.., known)| *known == number)?;
        Some(Self { hash: *hash, bits })
    }
}

/// Whole octets.
fn bits(text: &str, most: u32) -> Result<u16, Stop> {
    let failed = |fault| {
        let what = format!("digest-bits [0..{most}]");
        Stop::fatal("couldn't parse digest bits").after(&what, text, fault)
    };
    let bits = decimal(text, most).map_err(failed)?.next_multiple_of(8);
    Ok(u16::try_from(bits).unwrap_or(0))
}

impl KeySource {
    /// `[algorithm:]name:secret`, and an algorithm that nobody knows.
    pub(crate) fn parse(text: &str) -> Result<(Self, Option<String>), Stop> {
        let (first, rest) = token(text).ok_or_else(|| Stop::usage(""))?;
        let (second, rest) = token(rest).ok_or_else(|| Stop::usage(""))?;
        let md5 = Some(Algorithm { hash: Hash::Md5, bits: 0 });
        let (algorithm, name, secret) = match rest {
            "" => (md5, first, second),
            secret => (Algorithm::parse(first)?, second, secret),
        };
        let warning = algorithm.is_none().then(|| first.to_owned());
        let (name, secret) = (name.to_owned(), secret.to_owned());
        Ok((Self::Words { algorithm, name, secret }, warning))
    }

    /// The key.
    ///
    /// # Errors
    /// Where it cannot be had: the run is to end.
    pub fn read(&self) -> Result<Key, Stop> {
        match self {
            Self::File(path) => file::read(path).map_err(|why| {
                Stop::fatal(format!("Couldn't read key from {}: {why}", shown(path)))
            }),
            Self::Words { algorithm, name, secret } => made(*algorithm, name, secret)
                .map_err(|why| Stop::fatal(format!("Couldn't create key {name}: {why}"))),
        }
    }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

fn made(algorithm: Option<Algorithm>, name: &str, secret: &str) -> Result<Key, &'static str> {
    let algorithm = algorithm.ok_or("algorithm is unsupported")?;
    Ok(Key { name: name.to_owned(), algorithm, secret: base64(secret)?, of_pair: None })
}

fn base64(text: &str) -> Result<Vec<u8>, &'static str> {
    let text: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    BASE64.decode(text.as_bytes()).map_err(|_| "bad base64 encoding")
}

/// A token as strtok(3) finds it between colons, and what follows.
fn token(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(':');
    (!text.is_empty()).then(|| text.split_once(':').unwrap_or((text, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Key, Stop> {
        KeySource::parse(text).and_then(|(source, _)| source.read())
    }

    #[test]
    fn keys_are_read_from_words() {
        let key = read("hmac-sha256-100:k.:AQID").unwrap();
        assert_eq!((key.name.as_str(), key.secret), ("k.", vec![1, 2, 3]));
        assert_eq!(key.algorithm, Algorithm { hash: Hash::Sha256, bits: 104 }, "in whole octets");
        assert_eq!(read("k:AQID").unwrap().algorithm.hash, Hash::Md5, "dig's default");
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert!(read("k").unwrap_err().with_usage);
        assert_eq!(read("k:!").unwrap_err().why, "Couldn't create key k: bad base64 encoding");
        let unknown = read("hmac-foo:k:AQID").unwrap_err().why;
        assert_eq!(unknown, "Couldn't create key k: algorithm is unsupported");
        let long = read("hmac-sha256-00000000:k:AQID").unwrap_err();
        assert_eq!(long.why, "unknown key type 'hmac-sha256-00000000'");
        let bits = read("hmac-md5-129:k:AQID").unwrap_err();
        assert_eq!(bits.stdout, "invalid digest-bits [0..128] '129': out of range\n");
    }
}
