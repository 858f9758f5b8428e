//! Digest (RFC 7616).

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};

use super::challenge::Challenge;

/// Octets of a nonce, a realm and the like.
const LONGEST: usize = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
    Sha512256,
}

/// A challenge that there is an answer to.
#[derive(Clone, Debug)]
pub(super) struct Digest {
    hash: Hash,
    /// The secret is mixed with the nonce once (`-sess`).
    is_session: bool,
    /// As the server wrote it; `None` where it did not.
    algorithm: Option<String>,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// `qop=auth`; without it is as in RFC 2069.
    has_qop: bool,
    hides_user: bool,
    /// Answers with this nonce.
    count: u32,
}

impl Digest {
    /// Of a challenge; why there is no answer to it, in words.
    pub(super) fn new(challenge: &Challenge) -> Result<Self, String> {
        let short = |name: &str| challenge.get(name).filter(|value| value.len() <= LONGEST);
        let nonce = short("nonce").ok_or("a Digest challenge without a nonce")?.to_owned();
        let algorithm = short("algorithm").map(str::to_owned);
        let (hash, is_session) = hash(algorithm.as_deref().unwrap_or("MD5"))
            .ok_or("a Digest challenge with an unknown algorithm")?;
        let qop = challenge
            .get("qop")
            .map(|list| list.split([',', ' ']).any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop == Some(false) {
            return Err(
                "a Digest challenge for bodies (qop=auth-int), which nobody speaks".to_owned()
            );
        }
        Ok(Self {
            hash,
            is_session,
            algorithm,
            realm: short("realm").unwrap_or_default().to_owned(),
            nonce,
            opaque: short("opaque").map(str::to_owned),
            has_qop: qop.is_some(),
            hides_user: short("userhash").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            count: 0,
        })
    }

    /// Another nonce for what follows.
    pub(super) fn renew(&mut self, nonce: &str) {
        if nonce.len() <= LONGEST {
            nonce.clone_into(&mut self.nonce);
            self.count = 0;
        }
    }

    /// The value of `Authorization` (RFC 7616 §3.4), in curl's order.
    pub(super) fn answer(
        &mut self,
        user: &str,
        password: &str,
        method: &str,
        target: &str,
        seed: [u8; 16],
    ) -> String {
        self.count = self.count.saturating_add(1);
        let Self { realm, nonce, .. } = self;
        let cnonce = BASE64.encode(HEXLOWER.encode(&seed).as_bytes());
        let count = format!("{:08x}", self.count);
        let mut secret = self.hash.hex(&format!("{user}:{realm}:{password}"));
        if self.is_session {
            secret = self.hash.hex(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = self.hash.hex(&format!("{method}:{target}"));
        let middle =
            if self.has_qop { format!("{nonce}:{count}:{cnonce}:auth") } else { nonce.clone() };
        let response = self.hash.hex(&format!("{secret}:{middle}:{request}"));
        let user = if self.hides_user {
            self.hash.hex(&format!("{user}:{realm}"))
        } else {
            user.to_owned()
        };
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\"",
            quote(&user),
            quote(realm),
            quote(nonce),
            quote(target)
        );
        // `-sess` is of use to the server only with the cnonce that went into it.
        if self.has_qop || self.is_session {
            let _ = write!(value, ", cnonce=\"{cnonce}\", nc={count}");
        }
        if self.has_qop {
            value += ", qop=auth";
        }
        let _ = write!(value, ", response=\"{response}\"");
        if let Some(opaque) = &self.opaque {
            let _ = write!(value, ", opaque=\"{}\"", quote(opaque));
        }
        if let Some(algorithm) = &self.algorithm {
            let _ = write!(value, ", algorithm={algorithm}");
        }
        if self.hides_user {
            value += ", userhash=true";
        }
        value
    }
}

impl Hash {
    fn hex(self, text: &str) -> String {
        match self {
            Self::Md5 => HEXLOWER.encode(&Md5::digest(text.as_bytes())),
            Self::Sha256 => HEXLOWER.encode(&Sha256::digest(text.as_bytes())),
            Self::Sha512256 => HEXLOWER.encode(&Sha512_256::digest(text.as_bytes())),
        }
    }
}

fn hash(algorithm: &str) -> Option<(Hash, bool)> {
    let upper = algorithm.to_ascii_uppercase();
    let (name, is_session) =
        upper.strip_suffix("-SESS").map_or((&*upper, false), |name| (name, true));
    let hash = match name {
        "MD5" => Hash::Md5,
        "SHA-256" => Hash::Sha256,
        "SHA-512-256" => Hash::Sha512256,
        _ => return None,
    };
    Some((hash, is_session))
}

/// As within quotes (RFC 9110 §5.6.4). Control octets, which no field may have, are left out.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for one in text.chars().filter(|one| !one.is_ascii_control()) {
        if matches!(one, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(one);
    }
    quoted
}
