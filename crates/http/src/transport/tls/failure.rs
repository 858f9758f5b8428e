//! What a handshake failed with, by curl's kinds and in its words where scripts read them.

use std::io;

use wireline_tls as tls;
use wireline_tls::rustls::{self, AlertDescription};

use crate::failure::{Failure, Kind};

/// Why there can be no session.
pub(crate) fn setup(why: &tls::Error) -> Failure {
    use tls::Error as E;
    let (kind, text) = match why {
        E::NoFile { .. } => (Kind::Setup, format!("file of authorities: {why}")),
        E::File { .. } => (Kind::CaFile, format!("error adding trust anchors from file: {why}")),
        E::NoSystemStore(_) => (Kind::CaFile, why.to_string()),
        E::IdentityFile { .. } => {
            (Kind::ClientCertificate, format!("could not load client certificate or key: {why}"))
        }
        E::Identity(_) => (Kind::ClientCertificate, why.to_string()),
        E::PinFile { .. } | E::BadPin(_) => (Kind::Pin, format!("SSL: pinned public key: {why}")),
        E::Ciphers(_) | E::Groups(_) => (Kind::Cipher, why.to_string()),
        E::Versions => (Kind::TlsHandshake, format!("TLS connect error: {why}")),
        other => (Kind::Setup, other.to_string()),
    };
    Failure::new(kind, text)
}

/// Why a handshake failed. Has a stranger's words in it.
pub(crate) fn failed(why: &io::Error, client: &tls::Client, recorder: &tls::Recorder) -> Failure {
    if let Some(octets) = recorder.not_tls() {
        let text = format!("what came is not TLS: {}", octets.escape_ascii());
        return handshake(&text);
    }
    match inner(why) {
        Some(rustls::Error::InvalidCertificate(_)) => match client.fault() {
            Some(tls::TlsError::Certificate(fault)) => untrusted(&fault, client),
            _ => handshake(&why.to_string()),
        },
        Some(error) => spoken(error, recorder.certificate_request().as_ref()),
        None if why.kind() == io::ErrorKind::UnexpectedEof => {
            let when = if recorder.has_received() { "during" } else { "at the beginning of" };
            handshake(&format!("the server closed the connection {when} the handshake"))
        }
        None => handshake(errno_text(&why.to_string())),
    }
}

/// A certificate that is not believed.
pub(crate) fn untrusted(fault: &tls::Fault, client: &tls::Client) -> Failure {
    if let tls::Fault::NotPinned { found } = fault {
        let found = found.map(|pin| format!(" (it is sha256//{pin})")).unwrap_or_default();
        let text = format!("SSL: public key does not match pinned public key{found}");
        return Failure::new(Kind::Pin, text);
    }
    let first = client.examined().and_then(|one| one.diagnosis().findings.into_iter().next());
    let precise = first.map_or_else(|| fault.to_string(), |finding| finding.sentence());
    let text = match fault {
        tls::Fault::WrongName { wanted, .. } => format!(
            "SSL: no alternative certificate subject name matches target hostname '{wanted}': {precise}"
        ),
        _ => format!("SSL certificate problem: {}: {precise}", fault.openssl_words()),
    };
    Failure::new(Kind::Verify, text)
}

/// What an established session says when it breaks: with TLS 1.3 a server refuses a client's certificate, or the lack
/// of one, only after the handshake (RFC 8446 §4.4.2.4). `None` where it was not TLS that broke.
pub(crate) fn broken(why: &io::Error) -> Option<Failure> {
    let error = inner(why)?;
    let is_wanted =
        matches!(error, rustls::Error::AlertReceived(AlertDescription::CertificateRequired));
    let kind = if is_wanted { Kind::CertificateWanted } else { Kind::Receive };
    let text = if is_wanted { WANTED.to_owned() } else { tls::describe(error) };
    Some(Failure::new(kind, text))
}

const WANTED: &str = "the server wants a client certificate (--cert)";

fn spoken(error: &rustls::Error, asked: Option<&tls::Asked>) -> Failure {
    let unanswered = asked.filter(|asked| !asked.answered);
    match error {
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Failure::new(Kind::CertificateWanted, wanted(unanswered))
        }
        rustls::Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::BadCertificate,
        ) if unanswered.is_some() => handshake(&wanted(unanswered)),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => handshake(
            "the server sent the alert handshake_failure: nothing that was offered will do for it",
        ),
        other => handshake(&tls::describe(other)),
    }
}

fn wanted(asked: Option<&tls::Asked>) -> String {
    match asked.map(|asked| asked.authorities.as_slice()) {
        None | Some([]) => WANTED.to_owned(),
        Some(names) => format!("{WANTED}, by {}", names.join(" or ")),
    }
}

fn handshake(text: &str) -> Failure {
    Failure::new(Kind::TlsHandshake, format!("TLS connect error: {text}"))
}

fn inner(why: &io::Error) -> Option<&rustls::Error> {
    why.get_ref().and_then(|inner| inner.downcast_ref())
}

/// What C says, without the number that Rust puts behind it.
fn errno_text(text: &str) -> &str {
    text.split(" (os error").next().unwrap_or(text)
}
