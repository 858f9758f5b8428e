//! Certificates, made anew for every server.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;

/// What a server shows. Its names are `dns.example` and 127.0.0.1, unless it is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// One that the authority has signed.
    #[default]
    Good,
    /// One that was over in 2001.
    Expired,
    /// One that begins in 2999.
    Early,
    /// Somebody else's: `other.example`.
    Wrong,
    /// One that vouches for itself.
    SelfSigned,
    /// A good one whose chain has more than 10,000 octets.
    Long,
}

/// A chain and its key.
pub(crate) struct Shop {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    authority: CertificateDer<'static>,
}

pub(crate) fn shop(kind: Certificate, folder: &Path) -> Shop {
    let (authority, issuer) = authority();
    write(folder, "ca.pem", &authority.pem());
    let client_key = KeyPair::generate().expect("a key");
    let client = CertificateParams::new(["client.example".to_owned()]).expect("a name");
    let client = client.signed_by(&client_key, &issuer).expect("a certificate");
    write(folder, "client.pem", &client.pem());
    write(folder, "client.key", &client_key.serialize_pem());
    let key = KeyPair::generate().expect("a key");
    let params = params(kind);
    let own = match kind {
        Certificate::SelfSigned => params.self_signed(&key),
        _ => params.signed_by(&key, &issuer),
    }
    .expect("a certificate");
    write(folder, "server.pem", &own.pem());
    let mut chain = vec![own.der().clone()];
    if kind != Certificate::SelfSigned {
        chain.push(authority.der().clone());
    }
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Shop { chain, key, authority: authority.der().clone() }
}

fn authority() -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([]).expect("no name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority of the lab");
    let cert = params.self_signed(&key).expect("a certificate");
    (cert, Issuer::new(params, key))
}

fn params(kind: Certificate) -> CertificateParams {
    let names = match kind {
        Certificate::Wrong => vec!["other.example".to_owned()],
        _ => vec!["dns.example".to_owned(), "127.0.0.1".to_owned()],
    };
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, "a server of the lab");
    match kind {
        Certificate::Expired => {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        Certificate::Early => params.not_before = date_time_ymd(2999, 1, 1),
        Certificate::Long => {
            // An OCTET STRING under a private arc, of no meaning to anybody.
            let mut content = vec![0x04, 0x82, 0x27, 0x10];
            content.resize(content.len() + 10_000, 0);
            let long = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], content);
            params.custom_extensions.push(long);
        }
        _ => {}
    }
    params
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file");
}

impl Shop {
    pub(crate) fn config(&self, alpn: &[&[u8]], wants_client: bool) -> ServerConfig {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = if wants_client {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(self.authority.clone()).expect("an authority");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(self.chain.clone(), self.key.clone_key());
        let mut config = config.expect("a chain and its key");
        config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
        config
    }
}
