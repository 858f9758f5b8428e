use std::fmt;

use rustls::CertificateError;

use crate::Pin;
use crate::certificate::Certificate;

/// What is wrong with a server's certificate. Its texts are the server's: escape before printing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is over.
    Expired {
        /// How many seconds ago.
        seconds: u64,
    },
    /// It has not begun, or our clock is wrong.
    NotYetValid {
        /// In how many seconds it does.
        seconds: u64,
    },
    /// It is somebody else's.
    WrongName {
        /// Whom we asked for.
        wanted: String,
        /// Whose it is.
        has: Vec<String>,
    },
    /// It vouches for itself.
    SelfSigned {
        /// Its subject.
        subject: String,
    },
    /// The chain ends in one that vouches for itself, and that we do not trust.
    SelfSignedInChain {
        /// Its subject.
        subject: String,
    },
    /// Whoever issued it is not known.
    UnknownIssuer {
        /// Who that is.
        issuer: String,
    },
    /// A signature is wrong.
    BadSignature,
    /// It is not for servers.
    WrongPurpose,
    /// It is of X.509's first version, which does not say what it may be used for.
    OldVersion,
    /// An RSA key is too short to say anything.
    WeakKey {
        /// Its bits.
        bits: usize,
    },
    /// It was signed in a manner that can be forged, or that is not known.
    WeakSignature {
        /// As OpenSSL names it: `sha1WithRSAEncryption`.
        algorithm: String,
    },
    /// It is an authority's, not a server's.
    AuthorityAsServer,
    /// None of its keys is one that was pinned.
    NotPinned {
        /// The key that it has.
        found: Option<Pin>,
    },
    /// Anything else.
    Other(String),
}

impl Fault {
    /// As the verifier has it; `chain` is what the server sent, its own certificate first.
    pub(crate) fn new(error: CertificateError, chain: &[Certificate]) -> Self {
        match error {
            CertificateError::ExpiredContext { time, not_after } => {
                Self::Expired { seconds: time.as_secs().saturating_sub(not_after.as_secs()) }
            }
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::NotYetValid { seconds: not_before.as_secs().saturating_sub(time.as_secs()) }
            }
            CertificateError::NotValidForNameContext { expected, presented } => {
                Self::WrongName { wanted: expected.to_str().into_owned(), has: presented }
            }
            CertificateError::UnknownIssuer => unknown_issuer(chain),
            CertificateError::BadSignature => match weakest_key(chain) {
                Some(bits) => Self::WeakKey { bits },
                None => Self::BadSignature,
            },
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                let weak = chain.iter().find(|one| is_weak(&one.signature));
                let algorithm = weak.or_else(|| chain.first()).map(|one| one.signature.clone());
                Self::WeakSignature { algorithm: algorithm.unwrap_or_default() }
            }
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                Self::WrongPurpose
            }
            _ if chain.first().is_some_and(|leaf| leaf.is_version_1) => Self::OldVersion,
            // What webpki calls `CaUsedAsEndEntity`, and has no name of rustls's.
            CertificateError::Other(_) if chain.first().is_some_and(|leaf| leaf.is_authority) => {
                match chain.first() {
                    Some(leaf) if leaf.is_self_issued() => {
                        Self::SelfSigned { subject: leaf.subject.clone() }
                    }
                    _ => Self::AuthorityAsServer,
                }
            }
            other => Self::Other(other.to_string()),
        }
    }

    /// OpenSSL's number (`X509_V_ERR_…` in `x509_vfy.h`), which curl's `%{ssl_verify_result}` is.
    #[must_use]
    pub const fn openssl_number(&self) -> u32 {
        match self {
            Self::BadSignature => 7,
            Self::NotYetValid { .. } => 9,
            Self::Expired { .. } => 10,
            Self::SelfSigned { .. } => 18,
            Self::SelfSignedInChain { .. } => 19,
            Self::UnknownIssuer { .. } => 20,
            Self::WrongPurpose | Self::AuthorityAsServer => 26,
            Self::WrongName { .. } => 62,
            Self::WeakKey { .. } => 66,
            Self::WeakSignature { .. } => 68,
            Self::OldVersion | Self::NotPinned { .. } | Self::Other(_) => 1,
        }
    }

    /// In OpenSSL's words, which dig prints.
    #[must_use]
    pub fn openssl_words(&self) -> &str {
        match self {
            Self::Expired { .. } => "certificate has expired",
            Self::NotYetValid { .. } => "certificate is not yet valid",
            Self::WrongName { wanted, .. } if wanted.parse::<std::net::IpAddr>().is_ok() => {
                "IP address mismatch"
            }
            Self::WrongName { .. } => "hostname mismatch",
            Self::SelfSigned { .. } => "self-signed certificate",
            Self::SelfSignedInChain { .. } => "self-signed certificate in certificate chain",
            Self::UnknownIssuer { .. } => "unable to get local issuer certificate",
            Self::BadSignature => "certificate signature failure",
            Self::WrongPurpose | Self::AuthorityAsServer => "unsuitable certificate purpose",
            Self::OldVersion => "unsupported certificate version",
            Self::WeakKey { .. } => "EE certificate key too weak",
            Self::WeakSignature { .. } => "CA signature digest algorithm too weak",
            Self::NotPinned { .. } => "no pinned key",
            Self::Other(words) => words,
        }
    }
}

/// Bits of the shortest RSA key that is too short.
fn weakest_key(chain: &[Certificate]) -> Option<usize> {
    chain.iter().filter_map(Certificate::rsa_bits).filter(|bits| *bits < 2048).min()
}

/// Signatures for which collisions were made.
pub(crate) fn is_weak(algorithm: &str) -> bool {
    let digest = algorithm.to_ascii_lowercase();
    ["md2", "md4", "md5", "sha1"].iter().any(|one| digest.contains(one))
}

fn unknown_issuer(chain: &[Certificate]) -> Fault {
    let is_its_own = |one: &&Certificate| one.subject == one.issuer;
    match chain {
        [only, ..] if is_its_own(&only) => Fault::SelfSigned { subject: only.subject.clone() },
        [_, rest @ ..] if rest.iter().any(|one| is_its_own(&one)) => {
            let subject = rest.iter().find(is_its_own).map(|one| one.subject.clone());
            Fault::SelfSignedInChain { subject: subject.unwrap_or_default() }
        }
        _ => {
            let issuer = chain.last().map(|one| one.issuer.clone());
            Fault::UnknownIssuer { issuer: issuer.unwrap_or_default() }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { seconds } => write!(f, "certificate expired {} ago", Span(*seconds)),
            Self::NotYetValid { seconds } => {
                write!(f, "certificate is valid only in {} (or the clock is wrong)", Span(*seconds))
            }
            Self::WrongName { wanted, has } => {
                write!(f, "certificate is not {wanted}'s: {}", Names(has))
            }
            Self::SelfSigned { subject } => write!(f, "certificate is self-signed ({subject})"),
            Self::SelfSignedInChain { subject } => {
                write!(f, "certificate's chain ends in one that is not trusted ({subject})")
            }
            Self::UnknownIssuer { issuer } => {
                write!(f, "certificate's issuer is not known ({issuer})")
            }
            Self::BadSignature => f.write_str("certificate's signature is wrong"),
            Self::WrongPurpose => f.write_str("certificate is not for servers"),
            Self::OldVersion => f.write_str("certificate is of version 1, and not for anything"),
            Self::WeakKey { bits } => {
                write!(f, "certificate's key is too weak: RSA of {bits} bits")
            }
            Self::WeakSignature { algorithm } => {
                write!(f, "certificate's signature is not one to rely on ({algorithm})")
            }
            Self::AuthorityAsServer => f.write_str("certificate is an authority's, not a server's"),
            Self::NotPinned { found: Some(pin) } => write!(f, "key is not pinned: it is {pin}"),
            Self::NotPinned { found: None } => f.write_str("key is not pinned"),
            Self::Other(words) => write!(f, "certificate: {words}"),
        }
    }
}

impl std::error::Error for Fault {}

/// More names than these are not listed: a certificate may have thousands.
const NAMED: usize = 5;

struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("has no names");
        }
        let shown: Vec<_> = self.0.iter().take(NAMED).map(|name| plain(name)).collect();
        write!(f, "has {}", shown.join(", "))?;
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// `IpAddress(..)` and `DnsName("..")`, as rustls presents names, without what is around them.
fn plain(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"')
}

/// Seconds, told in the unit that fits.
pub(crate) struct Span(pub(crate) u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self.0 {
            s @ 0..120 => (s, "second"),
            s @ 120..7200 => (s / 60, "minute"),
            s @ 7200..172_800 => (s / 3600, "hour"),
            s => (s / 86400, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        for (seconds, text) in
            [(1, "1 second"), (119, "119 seconds"), (7199, "119 minutes"), (864_000, "10 days")]
        {
            assert_eq!(Span(seconds).to_string(), text);
        }
        assert!(Span(u64::MAX).to_string().ends_with("days"));
    }

    #[test]
    fn a_thousand_names_are_not_listed() {
        let has = vec!["x.example".to_owned(); 1000];
        let text = Fault::WrongName { wanted: "y".to_owned(), has }.to_string();
        assert!(text.ends_with("and 995 more"), "{text}");
    }
}
