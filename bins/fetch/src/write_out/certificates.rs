//! `%{certs}`: the chain as curl writes it, and each certificate whole.

use data_encoding::BASE64;
use wireline_http::tls::{Certificate, Facts};

use crate::verbose::date;

/// All certificates, the server's first.
pub(super) fn all(facts: &Facts) -> String {
    facts.chain.iter().map(one).collect()
}

fn one(certificate: &Certificate) -> String {
    let mut text = String::new();
    if !certificate.subject.is_empty() || !certificate.issuer.is_empty() {
        text.push_str(&said(certificate));
    }
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    for line in certificate.der.chunks(48) {
        text.push_str(&BASE64.encode(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn said(certificate: &Certificate) -> String {
    let version = if certificate.is_version_1 { 0 } else { 2 };
    let names = certificate.names.join(", ");
    format!(
        "Subject:{}\nIssuer:{}\nVersion:{version}\nPublic Key:{}\nX509v3 Subject Alternative Name:{names}\nStart date:{}\nExpire date:{}\n",
        certificate.subject,
        certificate.issuer,
        certificate.key,
        date(certificate.not_before_s),
        date(certificate.not_after_s),
    )
}
