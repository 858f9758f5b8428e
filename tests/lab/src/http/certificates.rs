//! Certificates, made anew for every server: a root, an intermediate below it, and a leaf for each case.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// What a server shows. Good ones are for `localhost`, `origin.test`, 127.0.0.1 and `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// A leaf and the intermediate that signed it.
    Good,
    /// Over since 2001.
    Expired,
    /// Begins in 2999.
    Early,
    /// For `other.example` and `*.other.example`.
    Wrong,
    /// Vouches for itself.
    SelfSigned,
    /// A leaf alone, which tells where its issuer is.
    Incomplete,
    /// Of a root that nobody has.
    Unknown,
    /// Its name is in the subject alone.
    CnOnly,
    /// For clients only.
    NoServerAuth,
    /// Good, of a server that wants the client's.
    WantsClient,
    /// Good, of a server that has TLS 1.2 only.
    Tls12,
}

struct Authority {
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// Authorities, of which certificates are made.
pub(crate) struct Shop {
    root: Authority,
    intermediate: Authority,
    unknown: Authority,
    /// Where the intermediate can be had.
    aia: String,
}

impl Shop {
    /// Makes authorities and a client's certificate, with their files in a folder. `port` is of the server that has
    /// the intermediate.
    pub(crate) fn open(folder: &Path, port: u16) -> Self {
        let root = Authority::new("root of the lab", None);
        let intermediate = Authority::new("intermediate of the lab", Some(&root));
        let unknown = Authority::new("root that nobody has", None);
        write(folder, "ca.pem", &pem("CERTIFICATE", &root.der));
        write(folder, "other-ca.pem", &pem("CERTIFICATE", &unknown.der));
        let key = KeyPair::generate().expect("a key");
        let mut client = CertificateParams::new(["client.example".to_owned()]).expect("a name");
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let client = client.signed_by(&key, &root.issuer).expect("a certificate");
        write(folder, "client.pem", &client.pem());
        write(folder, "client.key", &key.serialize_pem());
        write(folder, "client-and-key.pem", &(client.pem() + &key.serialize_pem()));
        let aia = format!("http://127.0.0.1:{port}/aia/intermediate.der");
        Self { root, intermediate, unknown, aia }
    }

    /// The intermediate, in DER.
    pub(crate) fn intermediate(&self) -> Vec<u8> {
        self.intermediate.der.to_vec()
    }

    /// What a server of TLS has, without its protocols.
    pub(crate) fn config(&self, case: Case) -> ServerConfig {
        let (chain, key) = self.chain(case);
        let provider = Arc::new(default_provider());
        let versions: &[_] = match case {
            Case::Tls12 => &[&rustls::version::TLS12],
            _ => rustls::ALL_VERSIONS,
        };
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("versions");
        let builder = if case == Case::WantsClient {
            let mut roots = RootCertStore::empty();
            roots.add(self.root.der.clone()).expect("an authority");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        builder.with_single_cert(chain, key).expect("a chain and its key")
    }

    fn chain(&self, case: Case) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().expect("a key");
        let params = self.leaf(case);
        let leaf = match case {
            Case::SelfSigned => params.self_signed(&key),
            Case::Unknown => params.signed_by(&key, &self.unknown.issuer),
            _ => params.signed_by(&key, &self.intermediate.issuer),
        };
        let mut chain = vec![leaf.expect("a certificate").der().clone()];
        match case {
            Case::SelfSigned | Case::Incomplete => {}
            Case::Unknown => chain.push(self.unknown.der.clone()),
            _ => chain.push(self.intermediate.der.clone()),
        }
        (chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
    }

    fn leaf(&self, case: Case) -> CertificateParams {
        let names: &[&str] = match case {
            Case::Wrong => &["other.example", "*.other.example"],
            Case::CnOnly => &[],
            _ => &["localhost", "origin.test", "127.0.0.1", "::1"],
        };
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut leaf = CertificateParams::new(names).expect("names");
        leaf.distinguished_name.push(DnType::CommonName, "localhost");
        leaf.use_authority_key_identifier_extension = true;
        leaf.extended_key_usages = vec![match case {
            Case::NoServerAuth => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        match case {
            Case::Expired => {
                leaf.not_before = date_time_ymd(2000, 1, 1);
                leaf.not_after = date_time_ymd(2001, 1, 1);
            }
            Case::Early => {
                leaf.not_before = date_time_ymd(2999, 1, 1);
                leaf.not_after = date_time_ymd(3000, 1, 1);
            }
            Case::Incomplete => leaf.custom_extensions.push(issuers(&self.aia)),
            _ => {}
        }
        leaf
    }
}

impl Authority {
    fn new(name: &str, above: Option<&Self>) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("no name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let own = match above {
            Some(above) => params.signed_by(&key, &above.issuer),
            None => params.self_signed(&key),
        };
        let der = own.expect("a certificate").der().clone();
        Self { der, issuer: Issuer::new(params, key) }
    }
}

/// Authority information access: where the issuer's certificate is (RFC 5280 §4.2.2.1).
fn issuers(url: &str) -> CustomExtension {
    let tagged = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).expect("a short URL");
        assert!(length < 128, "a short URL");
        [&[tag, length], content].concat()
    };
    // id-ad-caIssuers, 1.3.6.1.5.5.7.48.2.
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let description = [&method[..], &tagged(0x86, url.as_bytes())].concat();
    let content = tagged(0x30, &tagged(0x30, &description));
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file");
}
