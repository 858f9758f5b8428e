use rustls::pki_types::CertificateDer;
use serde::Serialize;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

use crate::{Fault, Pin};

/// What a session is, once it is there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: Option<String>,
    /// The cipher suite, as IANA names it. Not known of QUIC.
    pub cipher: Option<String>,
    /// The group of the key exchange. Not known of QUIC.
    pub group: Option<String>,
    /// The protocol agreed upon (ALPN, RFC 7301).
    pub alpn: Option<String>,
    /// How the server signed the handshake, as IANA names it: `rsa_pss_rsae_sha256`. `None` where the session was resumed.
    #[serde(skip)]
    pub signature: Option<String>,
    /// `Full`, `FullWithHelloRetryRequest` or `Resumed`. Not known of QUIC.
    #[serde(skip)]
    pub kind: Option<&'static str>,
    /// Whether the server asked for a client's certificate, and what it takes.
    #[serde(skip)]
    pub asked: Option<Asked>,
    /// Whether early data were sent, and taken (RFC 8446 §2.3).
    #[serde(skip)]
    pub early: Option<bool>,
    /// Who was verified.
    pub verified: Verified,
    /// What the server sent, its own certificate first.
    pub chain: Vec<Certificate>,
}

/// What a server said when it asked for a client's certificate (RFC 8446 §4.3.2, RFC 5246 §7.4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Distinguished names of the authorities that it takes; none: any. A stranger's texts.
    pub authorities: Vec<String>,
    /// Schemes of signatures that it takes, as IANA names them.
    pub schemes: Vec<String>,
    /// Whether it got one.
    pub answered: bool,
}

/// Who was verified, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The name that the certificate is for, by an authority that is trusted.
    pub name: Option<String>,
    /// The pin that was met.
    pub pin: Option<Pin>,
    /// What is wrong, where that does not matter (opportunistic, RFC 8310 §5).
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_text<S: serde::Serializer>(fault: &Option<Fault>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(fault.as_ref().expect("skipped where there is none"))
}

impl Verified {
    /// Whether nobody was: the session is private, but with whom is not known.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.name.is_none() && self.pin.is_none()
    }
}

impl std::fmt::Display for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.name, &self.pin, &self.fault) {
            (Some(name), Some(_), _) => write!(f, "{name}, by authority and pin"),
            (Some(name), None, _) => write!(f, "{name}, by authority"),
            (None, Some(pin), _) => write!(f, "key {pin}, by pin"),
            (None, None, Some(fault)) => write!(f, "nobody: {fault}"),
            (None, None, None) => f.write_str("nobody"),
        }
    }
}

/// What a certificate says. Its texts are the server's: escape before printing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Distinguished name.
    pub subject: String,
    /// Distinguished name of whoever signed it.
    pub issuer: String,
    /// DNS names and addresses that it is for.
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_before_s: i64,
    /// Seconds since 1970.
    pub not_after_s: i64,
    /// Kind and bits of the key.
    pub key: String,
    /// Of its key. `None` where the certificate cannot be read.
    pub pin: Option<Pin>,
    /// Whether it is of X.509's first version.
    #[serde(skip)]
    pub is_version_1: bool,
    /// As it came.
    #[serde(skip)]
    pub der: Vec<u8>,
}

impl Certificate {
    /// Reads one; where that fails, only `der` is there.
    #[must_use]
    pub fn read(der: &CertificateDer<'_>) -> Self {
        let octets = der.as_ref().to_vec();
        let Ok((_, read)) = X509Certificate::from_der(der.as_ref()) else {
            return Self { der: octets, ..Self::default() };
        };
        Self {
            subject: read.subject().to_string(),
            issuer: read.issuer().to_string(),
            names: names(&read),
            not_before_s: read.validity().not_before.timestamp(),
            not_after_s: read.validity().not_after.timestamp(),
            key: key(&read),
            pin: Some(Pin::of(read.public_key().raw)),
            is_version_1: read.version() == X509Version::V1,
            der: octets,
        }
    }
}

fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = read.subject_alternative_name() else { return Vec::new() };
    extension.value.general_names.iter().filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(octets).ok().map(|v4| std::net::Ipv4Addr::from(v4).to_string());
    let v6 =
        || <[u8; 16]>::try_from(octets).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string());
    v4.or_else(v6)
}

fn key(read: &X509Certificate<'_>) -> String {
    match read.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC {}", point.key_size()),
        _ => match read.public_key().algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "Ed25519".to_owned(),
            "1.3.101.113" => "Ed448".to_owned(),
            other => other.to_owned(),
        },
    }
}
