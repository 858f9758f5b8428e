//! URLs as people type them (RFC 3986, and what curl makes of the rest).

use std::fmt;

use crate::failure::Failure;

/// A URL, as curl reads what people type: parts are kept as they came, but for what must change to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In small letters.
    pub scheme: String,
    /// Decoded. Octets that are no UTF-8 are kept encoded.
    pub user: Option<String>,
    /// Decoded, as `user`.
    pub password: Option<String>,
    /// As in DNS: A-labels; an IPv6 address without brackets and without zone.
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

/// A part of a URL, as `%{url.PART}` names it (curl(1), `--write-out`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `scheme`.
    Scheme,
    /// `user`.
    User,
    /// `password`.
    Password,
    /// `options`.
    Options,
    /// `host`.
    Host,
    /// `port`.
    Port,
    /// `path`.
    Path,
    /// `query`.
    Query,
    /// `fragment`.
    Fragment,
    /// `zoneid`.
    ZoneId,
}

/// Without user and password, which are nobody's business: for a person, and for `Referer` but for the fragment.
impl fmt::Display for Url {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("codec")
    }
}

impl Url {
    /// Reads one; without a scheme it is the default's, or guessed from the host's first label, which is http for most.
    pub fn parse(
        _text: &str,
        _default_scheme: Option<&str>,
        _path_as_is: bool,
    ) -> Result<Self, Failure> {
        todo!("codec")
    }

    /// Where a reference in a response to this leads (RFC 3986 §5.2). User and password are those of the reference, or,
    /// where it names no host, those of this.
    pub fn join(&self, _reference: &[u8], _path_as_is: bool) -> Result<Self, Failure> {
        todo!("codec")
    }

    /// All of it, with user and password: curl's `%{url_effective}`.
    #[must_use]
    pub fn effective(&self) -> String {
        todo!("codec")
    }

    /// For `Referer`: without user, password and fragment (RFC 9110 §10.1.3).
    #[must_use]
    pub fn referer(&self) -> String {
        todo!("codec")
    }

    /// For `Host`: the host, in brackets where it is an IPv6 address, and the port where it is not the scheme's own.
    #[must_use]
    pub fn host_header(&self) -> String {
        todo!("codec")
    }

    /// For CONNECT and h2's `:authority` of it: host and port, always both.
    #[must_use]
    pub fn authority(&self) -> String {
        todo!("codec")
    }

    /// For the request line: path and query (RFC 9112 §3.2.1).
    #[must_use]
    pub fn request_target(&self) -> String {
        todo!("codec")
    }

    /// For the request line to a proxy: all but user, password and fragment (RFC 9112 §3.2.2).
    #[must_use]
    pub fn absolute_target(&self) -> String {
        todo!("codec")
    }

    /// A part, as curl's `%{url.PART}` shows it.
    #[must_use]
    pub fn part(&self, _part: Part) -> Option<String> {
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

    /// Whether scheme, host and port are the same: who may know what the other knows.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.host.eq_ignore_ascii_case(&other.host)
            && self.effective_port() == other.effective_port()
    }
}
