//! `%{certs}`: the chain as curl writes it, and each certificate whole.

use data_encoding::BASE64;
use wireline_http::tls::{Certificate, Facts};

/// All certificates, the server's first.
pub(super) fn all(facts: &Facts) -> String {
    facts.chain.iter().map(one).collect()
}

fn one(certificate: &Certificate) -> String {
    let mut text = String::new();
    for (name, value) in certificate.told() {
        text.extend([name.as_str(), ":", value.as_str(), "\n"]);
    }
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    for line in certificate.der.chunks(48) {
        text.push_str(&BASE64.encode(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}
