//! Where rustls says what it does.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Tls13ClientSessionValue;
use rustls::client::{ClientSessionStore, ResolvesClientCert, Tls12ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{KeyLog, NamedGroup, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Name};

use super::Recorder;
use crate::facts::Asked;

/// Who is told now. The verifier and the resolver are the same for all connections (else rustls resumes nothing), and
/// whoever drives one says which it is.
#[derive(Debug, Default)]
pub(crate) struct Slot(Mutex<Option<Recorder>>);

impl Slot {
    pub(crate) fn set(&self, recorder: Option<Recorder>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = recorder;
    }

    pub(crate) fn get(&self) -> Option<Recorder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Tells when keys are there, and appends them to a file where that is asked for.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) recorder: Option<Recorder>,
    pub(crate) file: Option<Arc<Mutex<std::fs::File>>>,
}

impl KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        if let Some(recorder) = &self.recorder {
            recorder.keys(label);
        }
        if let Some(file) = &self.file {
            let hex = data_encoding::HEXLOWER;
            let (random, secret) = (hex.encode(client_random), hex.encode(secret));
            let line = format!("{label} {random} {secret}\n");
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A disk that is full is no reason to break a session.
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// Answers a server that asks for a certificate, and tells of it.
#[derive(Debug)]
pub(crate) struct Answerer {
    pub(crate) identity: Option<Arc<CertifiedKey>>,
    pub(crate) slot: Arc<Slot>,
}

/// More authorities than these are not kept.
const AUTHORITIES: usize = 64;

impl ResolvesClientCert for Answerer {
    fn resolve(
        &self,
        authorities: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let can_sign = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(schemes).is_some();
        let answer = self.identity.as_ref().filter(can_sign).cloned();
        if let Some(recorder) = self.slot.get() {
            recorder.asked(Asked {
                authorities: authorities.iter().take(AUTHORITIES).map(|one| name(one)).collect(),
                schemes: schemes.iter().take(AUTHORITIES).map(|one| scheme(*one)).collect(),
                answered: answer.is_some(),
            });
        }
        answer
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

fn name(der: &[u8]) -> String {
    X509Name::from_der(der).map_or_else(|_| "?".to_owned(), |(_, name)| name.to_string())
}

/// As IANA names it (RFC 8446 §4.2.3): `ecdsa_secp256r1_sha256`.
pub(crate) fn scheme(scheme: SignatureScheme) -> String {
    let name = match u16::from(scheme) {
        0x0201 => "rsa_pkcs1_sha1",
        0x0203 => "ecdsa_sha1",
        0x0401 => "rsa_pkcs1_sha256",
        0x0403 => "ecdsa_secp256r1_sha256",
        0x0501 => "rsa_pkcs1_sha384",
        0x0503 => "ecdsa_secp384r1_sha384",
        0x0601 => "rsa_pkcs1_sha512",
        0x0603 => "ecdsa_secp521r1_sha512",
        0x0804 => "rsa_pss_rsae_sha256",
        0x0805 => "rsa_pss_rsae_sha384",
        0x0806 => "rsa_pss_rsae_sha512",
        0x0807 => "ed25519",
        0x0808 => "ed448",
        0x0809 => "rsa_pss_pss_sha256",
        0x080a => "rsa_pss_pss_sha384",
        0x080b => "rsa_pss_pss_sha512",
        number => return format!("{number:#06x}"),
    };
    name.to_owned()
}

/// Keeps sessions for all connections, and tells one of its tickets.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) shared: Arc<dyn ClientSessionStore>,
    pub(crate) recorder: Recorder,
}

impl ClientSessionStore for Store {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.shared.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.shared.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.shared.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.shared.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.shared.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.recorder.ticket();
        self.shared.insert_tls13_ticket(server, value);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.shared.take_tls13_ticket(server)
    }
}
