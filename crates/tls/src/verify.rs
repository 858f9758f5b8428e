use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::certificate::Certificate;
use crate::examined::Examined;
use crate::facts::Verified;
use crate::files::{Authorities, Place};
use crate::recorder::{self, Slot};
use crate::{Fault, Pin};

/// Decides whether a certificate is believed, and remembers why.
///
/// Signatures of the handshake are always checked: even where anybody is believed, whoever sent a
/// certificate has its key. The signatures within a chain, dates and names are webpki's affair.
#[derive(Debug)]
pub struct Verifier {
    authorities: Option<Arc<Authorities>>,
    asked: Asked,
    algorithms: WebPkiSupportedAlgorithms,
    last: Mutex<Result<Verified, Fault>>,
    seen: Mutex<Seen>,
    slot: Arc<Slot>,
}

/// What is asked of a certificate, beside that an authority vouches for it.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) name: Option<ServerName<'static>>,
    /// One of these in the chain.
    pub(crate) pins: Vec<Pin>,
    /// One of these as its own, whoever is believed else.
    pub(crate) pinned: Option<Vec<Pin>>,
    pub(crate) is_opportunistic: bool,
}

/// The chain that came last, and when.
#[derive(Debug, Default)]
struct Seen {
    chain: Vec<Certificate>,
    now_s: i64,
}

/// What a server sent: as octets, and as what they say.
struct Chain<'a> {
    leaf: &'a CertificateDer<'a>,
    rest: &'a [CertificateDer<'a>],
    read: Vec<Certificate>,
}

impl Verifier {
    pub(crate) fn new(
        authorities: Option<Arc<Authorities>>,
        asked: Asked,
        slot: Arc<Slot>,
    ) -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        let last = Mutex::new(Ok(Verified::default()));
        Self { authorities, asked, algorithms, last, seen: Mutex::default(), slot }
    }

    /// What was wrong with the certificate seen last; `None` where nothing was that matters.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone().err()
    }

    /// Who was verified last.
    #[must_use]
    pub fn verified(&self) -> Verified {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    /// What these certificates say; those that came last are read already.
    pub(crate) fn read(&self, chain: &[CertificateDer<'_>]) -> Vec<Certificate> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let octets = seen.chain.iter().map(|one| one.der.as_slice());
        if octets.eq(chain.iter().map(AsRef::as_ref)) {
            return seen.chain.clone();
        }
        chain.iter().map(Certificate::read).collect()
    }

    fn remember(&self, chain: Vec<Certificate>, now: UnixTime) {
        let now_s = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { chain, now_s };
    }

    /// The chain seen last; `None` where none was seen.
    pub(crate) fn examined(&self) -> Option<Examined> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (!seen.chain.is_empty()).then(|| Examined {
            chain: seen.chain.clone(),
            wanted: self.asked.name.as_ref().map(|name| name.to_str().into_owned()),
            now_s: seen.now_s,
            fault: self.fault().or_else(|| self.verified().fault),
            authorities: self.authorities.clone(),
        })
    }

    /// A key that was pinned for the server itself.
    fn check_pinned(&self, chain: &Chain<'_>, mut verified: Verified) -> Result<Verified, Fault> {
        let Some(pinned) = &self.asked.pinned else { return Ok(verified) };
        let found = chain.read.first().and_then(|leaf| leaf.pin);
        match found.filter(|found| pinned.contains(found)) {
            Some(pin) => verified.pin = Some(pin),
            None => return Err(Fault::NotPinned { found }),
        }
        Ok(verified)
    }

    fn verdict(&self, chain: &Chain<'_>, now: UnixTime) -> Result<Verified, Fault> {
        let mut verified = Verified::default();
        if let Some(authorities) = &self.authorities {
            self.check_authority(authorities, chain, now)
                .map_err(|why| Fault::new(why, &chain.read))?;
            // webpki looks at the keys that sign certificates; with this one the handshake is signed.
            if let Some(bits) = weak_key(&chain.read) {
                return Err(Fault::WeakKey { bits });
            }
            let name = self.asked.name.as_ref().map(|name| name.to_str().into_owned());
            verified.name = Some(name.unwrap_or_else(|| "whoever it is for".to_owned()));
        }
        if !self.asked.pins.is_empty() {
            verified.pin = Some(self.check_pins(chain, now)?);
        }
        Ok(verified)
    }

    fn check_authority(
        &self,
        authorities: &Authorities,
        chain: &Chain<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        let leaf = ParsedCertificate::try_from(chain.leaf).map_err(certificate_error)?;
        let named = self.asked.name.as_ref().map_or(Ok(()), |name| verify_server_name(&leaf, name));
        let all: Vec<_> = std::iter::once(chain.leaf).chain(chain.rest).collect();
        let check = |from| self.check_path(&leaf, &authorities.roots(&all, from), chain, now);
        let found = match check(Place::Files) {
            Err(_) if authorities.has_folders() => check(Place::FilesAndFolders),
            other => other,
        };
        let trusted = match found {
            // An authority's certificate that a server has as its own: webpki knows no such thing.
            Err(_) if authorities.lists(chain.leaf) => check_dates(chain, now),
            other => other,
        };
        match trusted {
            Ok(()) => named.map_err(certificate_error),
            // As OpenSSL does: whose it is comes before when it was.
            Err(why) if is_of_time(&why) => Err(named.map_or_else(certificate_error, |()| why)),
            Err(why) => Err(why),
        }
    }

    fn check_path(
        &self,
        leaf: &ParsedCertificate<'_>,
        roots: &RootCertStore,
        chain: &Chain<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(leaf, roots, chain.rest, now, algorithms)
            .map_err(certificate_error)
    }

    /// A pinned key of the server is enough (RFC 7858 §4.2); one further up must have signed what is
    /// below it.
    fn check_pins(&self, chain: &Chain<'_>, now: UnixTime) -> Result<Pin, Fault> {
        let pinned = |one: &Certificate| one.pin.filter(|pin| self.asked.pins.contains(pin));
        let found = chain.read.first().and_then(|leaf| leaf.pin);
        if let Some(pin) = chain.read.first().and_then(pinned) {
            return Ok(pin);
        }
        let above = chain.rest.iter().zip(chain.read.iter().skip(1));
        let above = above.filter_map(|(der, read)| Some((der, pinned(read)?)));
        for (der, pin) in above {
            let mut roots = RootCertStore::empty();
            let leaf = ParsedCertificate::try_from(chain.leaf);
            let (Ok(()), Ok(leaf)) = (roots.add(der.clone().into_owned()), leaf) else { continue };
            if self.check_path(&leaf, &roots, chain, now).is_ok() {
                return Ok(pin);
            }
        }
        Err(Fault::NotPinned { found })
    }
}

impl Verifier {
    /// Of a certificate of version 1, which webpki does not read: BIND makes such for itself (`tls ephemeral`).
    /// What it says is no matter where anybody is believed, and its key is all that the handshake needs.
    fn key_of_unreadable(
        &self,
        leaf: &CertificateDer<'_>,
    ) -> Option<SubjectPublicKeyInfoDer<'static>> {
        let is_judged = self.authorities.is_some() && !self.asked.is_opportunistic;
        if is_judged || ParsedCertificate::try_from(leaf).is_ok() {
            return None;
        }
        let (_, read) = X509Certificate::from_der(leaf.as_ref()).ok()?;
        Some(SubjectPublicKeyInfoDer::from(read.public_key().raw.to_vec()))
    }

    /// A key that is too short for ring to check a signature with. Where anybody is believed, no key says more about
    /// who answers than none; where one was pinned, it does.
    fn passes_weak(&self, leaf: &CertificateDer<'_>) -> bool {
        let is_anybody = self.authorities.is_none() || self.asked.is_opportunistic;
        if !is_anybody || !self.asked.pins.is_empty() || self.asked.pinned.is_some() {
            return false;
        }
        weak_key(&[Certificate::read(leaf)]).is_some()
    }

    /// What of a signature of the handshake becomes of its check.
    fn signed(
        &self,
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        outcome: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Some(recorder) = self.slot.get() {
            recorder.signed(recorder::scheme(signed.scheme));
        }
        match outcome {
            Err(_) if self.passes_weak(leaf) => Ok(HandshakeSignatureValid::assertion()),
            other => other,
        }
    }

    fn verify_with_key(
        &self,
        message: &[u8],
        key: &SubjectPublicKeyInfoDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, key, signed, &self.algorithms)
    }
}

/// Bits of an RSA key that ring takes at the least.
const SHORTEST: usize = 2048;

fn weak_key(chain: &[Certificate]) -> Option<usize> {
    chain.first().and_then(Certificate::rsa_bits).filter(|bits| *bits < SHORTEST)
}

fn check_dates(chain: &Chain<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let Some(leaf) = chain.read.first() else { return Err(CertificateError::BadEncoding) };
    let time = |seconds: i64| {
        let seconds = u64::try_from(seconds).unwrap_or(0);
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let (not_before, not_after) = (time(leaf.not_before_s), time(leaf.not_after_s));
    match now {
        time if time > not_after => Err(CertificateError::ExpiredContext { time, not_after }),
        time if time < not_before => Err(CertificateError::NotValidYetContext { time, not_before }),
        _ => Ok(()),
    }
}

const fn is_of_time(why: &CertificateError) -> bool {
    matches!(
        why,
        CertificateError::ExpiredContext { .. } | CertificateError::NotValidYetContext { .. }
    )
}

fn certificate_error(error: Error) -> CertificateError {
    match error {
        Error::InvalidCertificate(why) => why,
        other => CertificateError::Other(OtherError(Arc::new(other))),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let recorder = self.slot.get();
        let began = recorder.as_ref().map(crate::Recorder::now);
        let read = std::iter::once(leaf).chain(rest).map(Certificate::read).collect();
        let chain = Chain { leaf, rest, read };
        let verdict = match self.verdict(&chain, now) {
            Err(fault) if self.asked.is_opportunistic => {
                Ok(Verified { fault: Some(fault), ..Verified::default() })
            }
            other => other,
        };
        let verdict = verdict.and_then(|verified| self.check_pinned(&chain, verified));
        self.remember(chain.read, now);
        if let (Some(recorder), Some(began)) = (recorder, began) {
            recorder.checked(began, rest.len().saturating_add(1));
        }
        let refused = verdict.is_err();
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = verdict;
        if refused {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let outcome = match self.key_of_unreadable(leaf) {
            Some(key) => self.verify_with_key(message, &key, signed),
            None => verify_tls12_signature(message, leaf, signed, &self.algorithms),
        };
        self.signed(leaf, signed, outcome)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let outcome = match self.key_of_unreadable(leaf) {
            Some(key) => self.verify_with_key(message, &key, signed),
            None => verify_tls13_signature(message, leaf, signed, &self.algorithms),
        };
        self.signed(leaf, signed, outcome)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
