use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::Error;

/// The SHA-256 of a certificate's `SubjectPublicKeyInfo` (RFC 7858 §4.2), written in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// Of this key, in DER.
    pub(crate) fn of(spki: &[u8]) -> Self {
        Self(Sha256::digest(spki).into())
    }
}

/// A server's own key as curl's `--pinnedpubkey` has it: hashes, or a file. What is no hash in such a list fits nothing,
/// as with curl.
pub(crate) fn pinned(text: &str) -> Result<Vec<Pin>, Error> {
    if text.starts_with(HASH) {
        let hashes = text.split(';').filter_map(|one| one.strip_prefix(HASH));
        return Ok(hashes.filter_map(|hash| hash.parse().ok()).collect());
    }
    Ok(vec![crate::files::pin(std::path::Path::new(text))?])
}

const HASH: &str = "sha256//";

impl FromStr for Pin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let octets = BASE64.decode(text.as_bytes()).ok();
        let pin = octets.and_then(|octets| octets.try_into().ok());
        pin.map(Self).ok_or_else(|| Error::BadPin(text.to_owned()))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_it_is_written() {
        let text = "foxZRnIh9gZpWnl+zEiKa0EJ2rdCGroMWm02gaxSc9S=";
        // The last character has bits to spare, which must be zero (RFC 4648 §3.5): kdig lets it pass.
        assert!(text.parse::<Pin>().is_err());
        let text = "foxZRnIh9gZpWnl+zEiKa0EJ2rdCGroMWm02gaxSc9Q=";
        assert_eq!(text.parse::<Pin>().unwrap().to_string(), text);
    }

    #[test]
    fn of_a_list_as_curl_has_it_what_is_no_pin_fits_nothing() {
        let text = "foxZRnIh9gZpWnl+zEiKa0EJ2rdCGroMWm02gaxSc9Q=";
        let list = pinned(&format!("sha256//{text};sha256//nonsense;{text};sha256//{text}"));
        assert_eq!(list.unwrap(), [text.parse::<Pin>().unwrap(); 2]);
        assert_eq!(pinned("sha256//").unwrap(), []);
        let lacking = pinned("/nowhere").unwrap_err();
        assert!(matches!(lacking, Error::PinFile { .. }), "{lacking}");
        assert!(pinned("/dev/null").unwrap_err().to_string().contains("no public key"));
    }

    #[test]
    fn what_is_no_sha_256_in_base64_is_no_pin() {
        for text in ["", "foo", "AAAA", "\u{1b}[1m", &"A".repeat(100_000)] {
            assert!(text.parse::<Pin>().is_err(), "{text:.20}");
        }
    }
}
