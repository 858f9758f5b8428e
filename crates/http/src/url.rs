//! URLs as people type them (RFC 3986, and what curl makes of the rest).
//!
//! Only http and https can be read; where a redirect leads may have another scheme, which is for its caller to refuse.

mod host;
mod parse;
mod path;

use std::fmt;

use self::parse::{Manner, Parsed};
use crate::failure::{Failure, Kind};

/// A URL, as curl reads what people type: parts are kept as they came, but for what must change to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In small letters.
    pub scheme: String,
    /// Decoded. Kept encoded where it is no UTF-8.
    pub user: Option<String>,
    /// Decoded, as `user`.
    pub password: Option<String>,
    /// As in DNS: A-labels, small letters; an IPv6 address without brackets and without zone.
    pub host: String,
    /// Of an IPv6 address.
    pub zone: Option<String>,
    /// Where it is given.
    pub port: Option<u16>,
    /// Begins with `/`.
    pub path: String,
    /// Without `?`. Never empty.
    pub query: Option<String>,
    /// Without `#`. Never empty.
    pub fragment: Option<String>,
    /// Parts as they were typed.
    pub typed: Typed,
}

/// What of a URL is read in another way than it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// `user:password`, encoded.
    pub login: Option<String>,
    /// The host, where it is another than [`Url::host`]: capitals, or letters beyond ASCII.
    pub host: Option<String>,
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.absolute_target())?;
        self.fragment.as_ref().map_or(Ok(()), |fragment| write!(f, "#{fragment}"))
    }
}

impl Url {
    /// Reads one; without a scheme it is the default's, or guessed from the host's first label, which is http for most.
    pub fn parse(
        text: &str,
        default_scheme: Option<&str>,
        path_as_is: bool,
    ) -> Result<Self, Failure> {
        let manner = Manner::Typed { default_scheme };
        match parse::parse(text.as_bytes(), manner, path_as_is) {
            Ok(Parsed::Http(url)) => Ok(url),
            Ok(Parsed::Other(url)) => {
                let text = format!("Protocol \"{}\" not supported", url.scheme);
                Err(Failure::new(Kind::UnsupportedProtocol, text))
            }
            Err(why) => {
                let before = if why == host::BAD_ENCODING { "" } else { "URL rejected: " };
                Err(Failure::new(Kind::MalformedUrl, format!("{before}{why}")))
            }
        }
    }

    /// Where a reference in a response to this leads (RFC 3986 §5.2). User and password are those of the reference, or,
    /// where it names no host, those of this. Of a scheme that is neither http nor https nothing is read: all behind the
    /// colon is the path.
    pub fn join(&self, reference: &[u8], path_as_is: bool) -> Result<Self, Failure> {
        let joined = parse::resolve(self, reference.trim_ascii());
        match parse::parse(&joined, Manner::Redirect, path_as_is) {
            Ok(Parsed::Http(url) | Parsed::Other(url)) => Ok(url),
            Err(why) => {
                let text = format!("The redirect target URL could not be parsed: {why}");
                Err(Failure::new(Kind::MalformedUrl, text))
            }
        }
    }

    /// All of it, with user and password: curl's `%{url_effective}`.
    #[must_use]
    pub fn effective(&self) -> String {
        let mut text = self.base(true);
        text.push_str(&self.request_target());
        if let Some(fragment) = &self.fragment {
            text.push('#');
            text.push_str(fragment);
        }
        text
    }

    /// For `Referer`: without user, password and fragment (RFC 9110 §10.1.3).
    #[must_use]
    pub fn referer(&self) -> String {
        self.absolute_target()
    }

    /// For `Host`: the host, in brackets where it is an IPv6 address, and the port where it is not the scheme's own.
    #[must_use]
    pub fn host_header(&self) -> String {
        let typed = self.typed.host.as_deref().filter(|host| host.is_ascii());
        let host = bracketed(typed.unwrap_or(&self.host));
        let own = if self.is_secure() { 443 } else { 80 };
        match self.port {
            Some(port) if port != own => format!("{host}:{port}"),
            _ => host,
        }
    }

    /// For CONNECT and h2's `:authority` of it: host and port, always both.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", bracketed(&self.host), self.effective_port())
    }

    /// For the request line: path and query (RFC 9112 §3.2.1). Octets beyond ASCII are as they were typed.
    #[must_use]
    pub fn request_target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// For the request line to a proxy: all but user, password and fragment (RFC 9112 §3.2.2).
    #[must_use]
    pub fn absolute_target(&self) -> String {
        self.base(false) + &self.request_target()
    }

    /// A part, as curl's `%{url.PART}` shows it.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<String> {
        let login = self.typed.login.as_deref();
        match part {
            Part::Scheme => Some(self.scheme.clone()),
            Part::User => {
                login.map(|login| login.split_once(':').map_or(login, |it| it.0).to_owned())
            }
            Part::Password => login.and_then(|login| Some(login.split_once(':')?.1.to_owned())),
            Part::Options => None,
            Part::Host => Some(bracketed(self.shown_host())),
            Part::Port => Some(self.effective_port().to_string()),
            Part::Path => Some(self.path.clone()),
            Part::Query => self.query.clone(),
            Part::Fragment => self.fragment.clone(),
            Part::ZoneId => self.zone.clone(),
        }
    }

    /// Scheme, host and port.
    fn base(&self, with_login: bool) -> String {
        if self.host.is_empty() {
            return format!("{}:", self.scheme);
        }
        let mut text = format!("{}://", self.scheme);
        if let Some(login) = self.typed.login.as_ref().filter(|_| with_login) {
            text.push_str(login);
            text.push('@');
        }
        match &self.zone {
            Some(zone) => text.extend(["[", self.shown_host(), "%25", zone, "]"]),
            None => text.push_str(&bracketed(self.shown_host())),
        }
        if let Some(port) = self.port {
            text.extend([":", &port.to_string()]);
        }
        text
    }

    fn shown_host(&self) -> &str {
        self.typed.host.as_deref().unwrap_or(&self.host)
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

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests;
