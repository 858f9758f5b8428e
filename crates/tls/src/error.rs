use std::path::PathBuf;

use rustls::{AlertDescription, PeerIncompatible};

use crate::Fault;

/// Why there can be no session, before anybody was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of certificates or a key.
    #[error("{}: {why}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// A file of authorities that is not there.
    #[error("{}: {why}", .file.display())]
    NoFile {
        /// Which.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// A file of the client's certificate or key.
    #[error("{}: {why}", .file.display())]
    IdentityFile {
        /// Which.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// A file of a pinned key.
    #[error("{}: {why}", .file.display())]
    PinFile {
        /// Which.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// A file for keys (`SSLKEYLOGFILE`).
    #[error("{}: {why}", .file.display())]
    KeyLog {
        /// Which.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// A list of cipher suites of which none is there.
    #[error("failed setting cipher list: {0}: none of it is there")]
    Ciphers(String),
    /// A list of groups of which none is there, or that has nonsense in it.
    #[error("failed setting curves list: '{0}': there are X25519, P-256 and P-384")]
    Groups(String),
    /// Versions of which none is spoken here.
    #[error("of the versions that were asked for none is spoken here: there are TLS 1.2 and 1.3")]
    Versions,
    /// The system's certificates.
    #[error("the system has no certificates of authorities{0}")]
    NoSystemStore(String),
    /// The server's name is neither a DNS name nor an address.
    #[error("'{0}' is no name of a TLS server")]
    BadName(String),
    /// A pin that is none.
    #[error("'{0}' is not the SHA-256 of a key in base64")]
    BadPin(String),
    /// Key and certificate are not each other's, or of a kind that is not supported.
    #[error("client certificate: {0}")]
    Identity(String),
}

/// Why a session did not come about, or ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate is not taken.
    #[error("{0}")]
    Certificate(Box<Fault>),
    /// Anything that TLS itself says, in words.
    #[error("{0}")]
    Protocol(String),
}

/// What TLS says, in the words of somebody who asks a server something.
#[must_use]
pub fn describe(error: &rustls::Error) -> String {
    match error {
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "the server has neither TLS 1.2 nor 1.3".to_owned(),
        rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)
        | rustls::Error::NoApplicationProtocol => {
            "the server does not speak this protocol (ALPN)".to_owned()
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => format!("{error} (does the server want a client's certificate?)"),
        rustls::Error::AlertReceived(alert) => {
            format!("the server sent the alert {}", crate::recorder::alert_name(u8::from(*alert)))
        }
        rustls::Error::PeerMisbehaved(why) => format!("the server does not keep to TLS: {why:?}"),
        rustls::Error::InvalidMessage(_) => format!("what came is not TLS: {error}"),
        other => other.to_string(),
    }
}
