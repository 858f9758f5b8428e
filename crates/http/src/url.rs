//! URLs as people type them (RFC 3986, and what curl makes of the rest).

use crate::failure::Failure;

/// A URL of http or https, as curl reads what people type: parts are kept as they came, but for what must change to be
/// sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In small letters.
    pub scheme: String,
    /// Decoded.
    pub user: Option<String>,
    /// Decoded.
    pub password: Option<String>,
    /// As in DNS: A-labels, small letters; an IPv6 address without brackets and without zone.
    pub host: String,
    /// Of an IPv6 address.
    pub zone: Option<String>,
    /// Where it is given.
    pub port: Option<u16>,
    /// Begins with `/`.
    pub path: String,
    /// Without `?`.
    pub query: Option<String>,
    /// Without `#`.
    pub fragment: Option<String>,
}

impl Url {
    /// Reads one; without a scheme it is guessed from the host's first label, which is http for most.
    pub fn parse(
        _text: &str,
        _default_scheme: Option<&str>,
        _path_as_is: bool,
    ) -> Result<Self, Failure> {
        todo!("codec")
    }

    /// Where a reference in a response to this leads (RFC 3986 §5.2).
    pub fn join(&self, _reference: &[u8], _path_as_is: bool) -> Result<Self, Failure> {
        todo!("codec")
    }

    /// Given, or the scheme's own.
    #[must_use]
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.is_secure() { 443 } else { 80 })
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme == "https"
    }
}
