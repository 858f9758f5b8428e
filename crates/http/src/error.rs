use std::io;

use wireline_tls::TlsError;

use crate::{Failure, Kind, Version};

/// Why there is no answer. Texts of the server's are in some: escape before printing.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing within the time.
    #[error("timed out")]
    TimedOut,
    /// The other side has closed the connection before the end of its answer.
    #[error("end of file")]
    Closed,
    /// The connection was not made, or broke.
    #[error("{1}")]
    Socket(io::ErrorKind, String),
    /// The server speaks another protocol than HTTP over TLS (ALPN, RFC 7301).
    #[error("ALPN for HTTP/2 failed")]
    NoCommonProtocol,
    /// TLS says no.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There can be no TLS.
    #[error("{0}")]
    Profile(String),
    /// A path or a name that cannot be in a request.
    #[error("'{0}' cannot be asked for")]
    BadTarget(String),
    /// A response that is no answer.
    #[error("{}", status_text(*.code, .location.as_deref()))]
    Status {
        /// Its status.
        code: u16,
        /// Where it points to.
        location: Option<String>,
    },
    /// A response of another type.
    #[error("the answer is no DNS message but {0}")]
    ContentType(String),
    /// Longer than any DNS message.
    #[error("the answer is longer than {0} octets")]
    TooLong(usize),
    /// The server does not keep to HTTP or QUIC.
    #[error("{0}")]
    Protocol(String),
}

impl Error {
    /// Why an exchange over this version broke, in which bodies have so many octets at the most.
    pub(crate) fn broken(why: Failure, version: Version, most: usize) -> Self {
        let Failure { kind, text, cause } = why;
        match (kind, cause) {
            (Kind::TooLarge, _) => Self::TooLong(most),
            (Kind::Partial | Kind::Empty, _) | (_, Some(io::ErrorKind::UnexpectedEof)) => {
                Self::Closed
            }
            (_, Some(io::ErrorKind::TimedOut)) => Self::TimedOut,
            (_, Some(kind)) => Self::Socket(kind, bare(text)),
            (Kind::CertificateWanted, _) => {
                Self::protocol("the server wants a client's certificate")
            }
            (Kind::Receive | Kind::Send, None) => Self::Protocol(bare(text)),
            _ if text.starts_with("HTTP/") => Self::Protocol(text),
            _ => Self::Protocol(format!("HTTP/{version}: {text}")),
        }
    }

    pub(crate) fn protocol(why: impl std::fmt::Display) -> Self {
        Self::Protocol(why.to_string())
    }
}

impl From<io::Error> for Error {
    fn from(why: io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            io::ErrorKind::TimedOut => Self::TimedOut,
            kind => Self::Socket(kind, errno_text(&why)),
        }
    }
}

/// Without what it was that failed.
fn bare(text: String) -> String {
    match text.strip_prefix("Recv failure: ").or_else(|| text.strip_prefix("Send failure: ")) {
        Some(bare) => bare.to_owned(),
        None => text,
    }
}

/// What C says, without the number that Rust puts behind it.
fn errno_text(why: &io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn status_text(code: u16, location: Option<&str>) -> String {
    let reason = http::StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason());
    let status = format!("HTTP status {code} {}", reason.unwrap_or_default());
    let status = status.trim_end();
    match location {
        Some(location) => format!("{status}, which points to {location} (not followed)"),
        None => status.to_owned(),
    }
}
