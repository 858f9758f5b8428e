//! Whether two bodies are the same, without keeping either.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A body so far.
#[derive(Clone, Debug, Default)]
pub struct Fingerprint {
    length: u64,
    hash: Sha256,
}

impl Fingerprint {
    /// Takes a part.
    pub fn put(&mut self, octets: &[u8]) {
        self.length = self.length.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
        self.hash.update(octets);
    }

    /// Octets so far.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 (FIPS 180-4) in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.hash.clone().finalize().iter().fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.length == other.length && self.hash.clone().finalize() == other.hash.clone().finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_count() {
        let (mut one, mut other) = (Fingerprint::default(), Fingerprint::default());
        one.put(b"abc");
        other.put(b"a");
        assert_ne!(one, other);
        other.put(b"bc");
        assert_eq!(one, other);
        // FIPS 180-4's example.
        assert!(one.sha256().starts_with("ba7816bf8f01cfea414140de5dae2223"));
    }
}
