//! Keys for signed queries: `-y` and the files of `-k`.

use std::path::PathBuf;

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
    /// Bits that are sent; 0 for all.
    pub bits: u16,
}

/// Hashes of HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A key to sign queries with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, as it was written.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// What nobody else may know.
    pub secret: Vec<u8>,
}
