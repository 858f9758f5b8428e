//! What a certificate says, line by line, as curl's `%{certs}` has it.

use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::{HEXLOWER, HEXUPPER};
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

use super::{Certificate, algorithm};
use crate::time::Civil;

/// More extensions are not told.
const EXTENSIONS: usize = 64;

impl Certificate {
    /// Names and values: `Subject`, `Issuer`, `Version`, `Serial Number`, …, as curl's `%{certs}` has them. The values
    /// are the server's texts: escape before printing. Empty where it cannot be read.
    #[must_use]
    pub fn told(&self) -> Vec<(String, String)> {
        let Ok((_, read)) = X509Certificate::from_der(&self.der) else { return Vec::new() };
        let mut lines = head(&read);
        lines.extend(read.extensions().iter().take(EXTENSIONS).map(extension));
        lines.push(line("Start date", Civil::of(self.not_before_s).openssl()));
        lines.push(line("Expire date", Civil::of(self.not_after_s).openssl()));
        if let Ok(PublicKey::RSA(key)) = read.public_key().parsed() {
            lines.push(line("RSA Public Key", key.key_size().to_string()));
            lines.push(line("rsa(n)", number(key.modulus)));
            lines.push(line("rsa(e)", number(key.exponent)));
        }
        let signature = colons(&HEXLOWER.encode(&read.signature_value.data));
        lines.push(line("Signature", format!("{signature}:")));
        lines
    }
}

fn line(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

fn head(read: &X509Certificate<'_>) -> Vec<(String, String)> {
    let key = match read.public_key().algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => "rsaEncryption".to_owned(),
        "1.2.840.10045.2.1" => "id-ecPublicKey".to_owned(),
        "1.2.840.10040.4.1" => "dsaEncryption".to_owned(),
        other => algorithm(other),
    };
    let serial = read.raw_serial();
    let zeros = serial.iter().take_while(|one| **one == 0).count();
    let serial = HEXLOWER.encode(serial.get(zeros..).unwrap_or_default());
    vec![
        line("Subject", name(read.subject())),
        line("Issuer", name(read.issuer())),
        line("Version", format!("{:x}", read.version().0)),
        line("Serial Number", serial),
        line("Signature Algorithm", algorithm(&read.signature_algorithm.algorithm.to_id_string())),
        line("Public Key Algorithm", key),
    ]
}

/// `O = httplab, CN = x`: OpenSSL's way with blanks.
fn name(name: &X509Name<'_>) -> String {
    let parts = name.iter_attributes().map(|part| {
        let kind = x509_parser::objects::oid2abbrev(
            part.attr_type(),
            x509_parser::objects::oid_registry(),
        );
        let kind = kind.map_or_else(|_| part.attr_type().to_id_string(), str::to_owned);
        format!("{kind} = {}", part.as_str().unwrap_or("?"))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Without the zeros in front of it.
fn stripped(hex: &str) -> String {
    match hex.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

fn number(octets: &[u8]) -> String {
    stripped(&HEXUPPER.encode(octets))
}

fn colons(hex: &str) -> String {
    let pairs = hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned());
    pairs.collect::<Vec<_>>().join(":")
}

fn extension(one: &X509Extension<'_>) -> (String, String) {
    use ParsedExtension as P;
    let joined =
        |names: &[GeneralName<'_>]| names.iter().map(general).collect::<Vec<_>>().join(", ");
    match one.parsed_extension() {
        P::SubjectAlternativeName(names) => {
            line("X509v3 Subject Alternative Name", joined(&names.general_names))
        }
        P::BasicConstraints(basic) => {
            let length = basic.path_len_constraint.map(|most| format!(", pathlen:{most}"));
            let is_ca = if basic.ca { "TRUE" } else { "FALSE" };
            let value = format!("CA:{is_ca}{}", length.unwrap_or_default());
            line("X509v3 Basic Constraints", value)
        }
        P::KeyUsage(usage) => line(
            "X509v3 Key Usage", // OpenSSL's word for the one that x509-parser calls otherwise.
            usage.to_string().replace("Key Cert Sign", "Certificate Sign"),
        ),
        P::ExtendedKeyUsage(usage) => {
            line("X509v3 Extended Key Usage", super::usages(usage).join(", "))
        }
        P::SubjectKeyIdentifier(id) => {
            line("X509v3 Subject Key Identifier", colons(&HEXUPPER.encode(id.0)))
        }
        P::AuthorityKeyIdentifier(id) => {
            let id = id.key_identifier.as_ref().map(|id| colons(&HEXUPPER.encode(id.0)));
            line("X509v3 Authority Key Identifier", id.unwrap_or_default())
        }
        P::AuthorityInfoAccess(access) => {
            let places = access.accessdescs.iter().map(|one| {
                let method = match one.access_method.to_id_string().as_str() {
                    super::CA_ISSUERS => "CA Issuers".to_owned(),
                    "1.3.6.1.5.5.7.48.1" => "OCSP".to_owned(),
                    other => other.to_owned(),
                };
                format!("{method} - {}", general(&one.access_location))
            });
            line("Authority Information Access", places.collect::<Vec<_>>().join(", "))
        }
        P::CertificatePolicies(policies) => {
            let ids =
                policies.iter().map(|one| format!("Policy: {}", one.policy_id.to_id_string()));
            line("X509v3 Certificate Policies", ids.collect::<Vec<_>>().join(", "))
        }
        _ => (one.oid.to_id_string(), colons(&HEXUPPER.encode(one.value))),
    }
}

fn general(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(name) => format!("URI:{name}"),
        GeneralName::IPAddress(octets) => address(octets),
        GeneralName::DirectoryName(one) => format!("DirName:{}", self::name(one)),
        _ => "othername:<unsupported>".to_owned(),
    }
}

/// OpenSSL writes all parts of an IPv6 address.
fn address(octets: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return format!("IP Address:{}", Ipv4Addr::from(v4));
    }
    let Ok(v6) = <[u8; 16]>::try_from(octets) else {
        return "IP Address:<invalid>".to_owned();
    };
    let parts = Ipv6Addr::from(v6).segments().map(|part| format!("{part:X}"));
    format!("IP Address:{}", parts.join(":"))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

    use super::*;

    fn made() -> Certificate {
        let names = ["lab.test".to_owned(), "2001:db8::1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "a lab");
        params.distinguished_name.push(DnType::CommonName, "shop");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.serial_number = Some(0x0a_bc_de_u32.to_be_bytes().to_vec().into());
        let key = KeyPair::generate().unwrap();
        Certificate::read(params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn lines_are_those_of_curl() {
        let told = made().told();
        let value = |name: &str| {
            let found = told.iter().find(|(one, _)| one == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        assert_eq!(value("Subject"), "O = a lab, CN = shop");
        assert_eq!((value("Version"), value("Serial Number")), ("2", "0abcde"));
        assert_eq!(value("Signature Algorithm"), "ecdsa-with-SHA256");
        assert_eq!(value("Public Key Algorithm"), "id-ecPublicKey");
        assert_eq!(value("X509v3 Extended Key Usage"), "TLS Web Server Authentication");
        let names = "DNS:lab.test, IP Address:2001:DB8:0:0:0:0:0:1";
        assert_eq!(value("X509v3 Subject Alternative Name"), names);
        assert!(value("Start date").ends_with(" GMT"));
        assert!(value("Signature").ends_with(':'));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        let whole = made();
        for end in (0..whole.der.len()).step_by(3) {
            let der = whole.der.get(..end).unwrap_or_default().to_vec();
            assert_eq!(Certificate { der, ..Certificate::default() }.told(), []);
        }
    }
}
