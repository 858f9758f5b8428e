mod told;

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use x509_parser::extensions::{ExtendedKeyUsage, ParsedExtension};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

use crate::Pin;

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
    /// Whether it says that it is an authority's (RFC 5280 §4.2.1.9).
    #[serde(skip)]
    pub is_authority: bool,
    /// How it was signed, as OpenSSL names it: `sha256WithRSAEncryption`.
    #[serde(skip)]
    pub signature: String,
    /// What its key may be used for, in words; empty where it does not say (RFC 5280 §4.2.1.12).
    #[serde(skip)]
    pub purposes: Vec<String>,
    /// Where its issuer's certificate is (RFC 5280 §4.2.2.1).
    #[serde(skip)]
    pub issuer_urls: Vec<String>,
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
            is_authority: read.is_ca(),
            signature: algorithm(&read.signature_algorithm.algorithm.to_id_string()),
            purposes: purposes(&read),
            issuer_urls: issuer_urls(&read),
            der: octets,
        }
    }

    /// Of its key, where that is one of RSA.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<usize> {
        self.key.strip_prefix("RSA ").and_then(|bits| bits.parse().ok())
    }

    /// Whether it names itself as its issuer.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        crate::der::names(&self.der).is_some_and(|(issuer, subject)| issuer == subject)
    }

    /// The last common name of its subject (RFC 5280 §A.1).
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        let (_, read) = X509Certificate::from_der(&self.der).ok()?;
        let name = read.subject().iter_common_name().last()?.as_str();
        name.ok().map(str::to_owned)
    }
}

/// As OpenSSL names algorithms of signatures; else the number.
pub(crate) fn algorithm(id: &str) -> String {
    let known = match id {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsaWithSHA1",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        other => other,
    };
    known.to_owned()
}

fn purposes(read: &X509Certificate<'_>) -> Vec<String> {
    match read.extended_key_usage() {
        Ok(Some(extension)) => usages(extension.value),
        _ => Vec::new(),
    }
}

/// In OpenSSL's words; else numbers.
fn usages(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "Any Extended Key Usage"),
        (usage.server_auth, "TLS Web Server Authentication"),
        (usage.client_auth, "TLS Web Client Authentication"),
        (usage.code_signing, "Code Signing"),
        (usage.email_protection, "E-mail Protection"),
        (usage.time_stamping, "Time Stamping"),
        (usage.ocsp_signing, "OCSP Signing"),
    ];
    let named = known.iter().filter(|(is_there, _)| *is_there).map(|(_, name)| (*name).to_owned());
    named.chain(usage.other.iter().map(x509_parser::der_parser::Oid::to_id_string)).collect()
}

fn issuer_urls(read: &X509Certificate<'_>) -> Vec<String> {
    let access = read.extensions().iter().filter_map(|one| match one.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => Some(access),
        _ => None,
    });
    let issuers = access.flat_map(|access| &access.accessdescs);
    let issuers = issuers.filter(|one| one.access_method.to_id_string() == CA_ISSUERS);
    let urls = issuers.filter_map(|one| match &one.access_location {
        GeneralName::URI(url) => Some((*url).to_owned()),
        _ => None,
    });
    urls.collect()
}

const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

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
