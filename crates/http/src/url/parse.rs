//! From text to parts.

use super::host::{self, Host};
use super::{Typed, Url, path};

/// Octets of a URL.
const LONGEST: usize = 8_000_000;
/// Octets of a scheme's name.
const LONGEST_SCHEME: usize = 40;
const BAD_PORT: &str = "Port number was not a decimal number between 0 and 65535";
/// What a host's name says of the scheme, where nothing else does.
const GUESSES: [&str; 6] = ["ftp", "dict", "ldap", "imap", "smtp", "pop3"];

/// Who wrote the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner<'a> {
    /// A person, who may leave out the scheme, and whose path is sent as it is.
    Typed { default_scheme: Option<&'a str> },
    /// A server, whose path is encoded where it must be.
    Redirect,
}

/// What was read.
pub(super) enum Parsed {
    /// A URL of http or https.
    Http(Url),
    /// A scheme.
    Other(Url),
}

/// What is wrong.
type Wrong = &'static str;

pub(super) fn parse(octets: &[u8], manner: Manner<'_>, path_as_is: bool) -> Result<Parsed, Wrong> {
    if octets.len() > LONGEST {
        return Err("The URL is too long");
    }
    if matches!(manner, Manner::Typed { .. }) && octets.iter().any(|it| *it <= b' ' || *it == 0x7f)
    {
        return Err("Malformed input to a URL function");
    }
    let (scheme, rest) = split_scheme(octets, manner)?;
    let end = rest.iter().position(|octet| matches!(octet, b'/' | b'?' | b'#'));
    let (authority, rest) = split(rest, end.unwrap_or(rest.len()));
    let has_scheme = scheme.is_some();
    let scheme = scheme.unwrap_or_else(|| guess(authority, manner));
    let is_ours = scheme == "http" || scheme == "https";
    let has_host = is_ours || (manner != Manner::Redirect && scheme != "file");
    let mut url = Url { scheme, ..Url::default() };
    if has_host {
        take_authority(&mut url, authority, has_scheme)?;
        take_path(&mut url, rest, manner, path_as_is)?;
    } else {
        let begin = url.scheme.len().saturating_add(1);
        url.path = path::encode(octets.get(begin..).unwrap_or_default(), false);
    }
    Ok(if is_ours { Parsed::Http(url) } else { Parsed::Other(url) })
}

/// Where a reference leads (RFC 3986 §5.2.2), as text.
pub(super) fn resolve(base: &Url, reference: &[u8]) -> Vec<u8> {
    let start = match reference {
        _ if scheme_end(reference).is_some() => String::new(),
        [b'/', b'/', ..] => format!("{}:", base.scheme),
        [b'/', ..] => base.base(true),
        [b'?', ..] => base.base(true) + &base.path,
        [b'#', ..] | [] => base.base(true) + &base.request_target(),
        _ => {
            let directory = base.path.rsplit_once('/').map_or("", |it| it.0);
            format!("{}{directory}/", base.base(true))
        }
    };
    let mut joined = start.into_bytes();
    joined.extend_from_slice(reference);
    joined
}

fn split(octets: &[u8], at: usize) -> (&[u8], &[u8]) {
    octets.split_at_checked(at).unwrap_or((octets, &[]))
}

/// Where the colon behind a scheme's name is (RFC 3986 §3.1).
fn scheme_end(octets: &[u8]) -> Option<usize> {
    let is_name = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.');
    let end = octets.iter().take(LONGEST_SCHEME).position(|octet| !is_name(octet))?;
    let is_scheme = octets.first()?.is_ascii_alphabetic() && octets.get(end) == Some(&b':');
    is_scheme.then_some(end)
}

/// The scheme in small letters, and what is behind its slashes.
fn split_scheme<'a>(
    octets: &'a [u8],
    manner: Manner<'_>,
) -> Result<(Option<String>, &'a [u8]), Wrong> {
    let Some(end) = scheme_end(octets) else { return Ok((None, octets)) };
    let (name, rest) = split(octets, end);
    let rest = rest.get(1..).unwrap_or_default();
    // Without a slash it may be a host and its port.
    if matches!(manner, Manner::Typed { .. }) && rest.first() != Some(&b'/') {
        return Ok((None, octets));
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let slashes = rest.iter().take_while(|octet| **octet == b'/').count();
    let is_ours = name == "http" || name == "https";
    if (is_ours || manner != Manner::Redirect) && !(1..=3).contains(&slashes) {
        return Err("Unsupported number of slashes following scheme");
    }
    Ok((Some(name), rest.get(slashes..).unwrap_or_default()))
}

fn guess(authority: &[u8], manner: Manner<'_>) -> String {
    if let Manner::Typed { default_scheme: Some(scheme) } = manner {
        return scheme.to_ascii_lowercase();
    }
    let at = authority.iter().position(|octet| *octet == b'@');
    let host = at.and_then(|at| authority.get(at.saturating_add(1)..)).unwrap_or(authority);
    let is_named = |guess: &&&str| {
        let (first, rest) = split(host, guess.len());
        first.eq_ignore_ascii_case(guess.as_bytes()) && rest.first() == Some(&b'.')
    };
    GUESSES.iter().find(is_named).map_or("http", |guess| guess).to_owned()
}

fn take_authority(url: &mut Url, authority: &[u8], has_scheme: bool) -> Result<(), Wrong> {
    let authority = std::str::from_utf8(authority).map_err(|_| host::BAD_NAME)?;
    let rest = match authority.split_once('@') {
        Some((login, rest)) => {
            take_login(url, login)?;
            rest
        }
        None => authority,
    };
    let (name, port) = split_port(rest)?;
    url.port = match port {
        Some("") if !has_scheme => return Err(BAD_PORT),
        Some("") | None => None,
        Some(port) => Some(number(port).ok_or(BAD_PORT)?),
    };
    let Host { name, zone, typed } = host::read(name)?;
    url.typed.host = typed.filter(|typed| *typed != name);
    (url.host, url.zone) = (name, zone);
    Ok(())
}

fn take_login(url: &mut Url, login: &str) -> Result<(), Wrong> {
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (login, None),
    };
    url.user = Some(decoded_or_as_is(user)?);
    url.password = password.map(decoded_or_as_is).transpose()?;
    url.typed = Typed { login: Some(login.to_owned()), host: None };
    Ok(())
}

fn decoded_or_as_is(text: &str) -> Result<String, Wrong> {
    let octets = path::decode(text);
    if octets.iter().any(|octet| *octet < b' ') {
        return Err(host::BAD_ENCODING);
    }
    Ok(String::from_utf8(octets).unwrap_or_else(|_| text.to_owned()))
}

/// Host, in brackets where it came so, and what is behind the colon.
fn split_port(text: &str) -> Result<(&str, Option<&str>), Wrong> {
    if !text.starts_with('[') {
        return Ok(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))));
    }
    let end = text.find(']').ok_or(host::BAD_ADDRESS)?;
    let (host, rest) = text.split_at_checked(end.saturating_add(1)).ok_or(host::BAD_ADDRESS)?;
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(BAD_PORT),
    }
}

fn number(port: &str) -> Option<u16> {
    let is_number = port.bytes().all(|octet| octet.is_ascii_digit());
    let digits = port.trim_start_matches('0');
    if digits.is_empty() { Some(0) } else { digits.parse().ok().filter(|_| is_number) }
}

fn take_path(
    url: &mut Url,
    rest: &[u8],
    manner: Manner<'_>,
    path_as_is: bool,
) -> Result<(), Wrong> {
    let fragment = rest.iter().position(|octet| *octet == b'#').unwrap_or(rest.len());
    let (rest, fragment) = split(rest, fragment);
    let query = rest.iter().position(|octet| *octet == b'?').unwrap_or(rest.len());
    let (path, query) = split(rest, query);
    let text = |octets: &[u8], is_query: bool| match manner {
        Manner::Redirect => Ok(path::encode(octets, is_query)),
        // It was text before it was cut at octets of ASCII.
        Manner::Typed { .. } => String::from_utf8(octets.to_vec()).map_err(|_| "Not UTF-8"),
    };
    let behind = |octets: &[u8]| {
        let octets = octets.get(1..).filter(|octets| !octets.is_empty());
        octets.map(|octets| text(octets, true)).transpose()
    };
    (url.query, url.fragment) = (behind(query)?, behind(fragment)?);
    let path = text(path, false)?;
    url.path = match path.as_str() {
        "" => "/".to_owned(),
        _ if path_as_is => path,
        _ => path::without_dots(&path),
    };
    Ok(())
}
