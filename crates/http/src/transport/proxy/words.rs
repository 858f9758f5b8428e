//! A proxy as people write it: `[scheme://][user[:password]@]host[:port][/]`.

use std::net::Ipv6Addr;

use crate::failure::{Failure, Kind};
use crate::transport::proxy::{Proxy, ProxyKind};

/// Where none is given (curl's `CURL_DEFAULT_PROXY_PORT`).
const USUAL_PORT: u16 = 1080;

pub(super) fn read(text: &str) -> Result<Proxy, Failure> {
    let (kind, rest) = kind(text)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login_of(login)), place),
        None => (None, authority),
    };
    let (host, port) = place_of(place).map_err(|why| wrong(text, why))?;
    let usual = if kind == ProxyKind::Https { 443 } else { USUAL_PORT };
    Ok(Proxy { kind, host: host.to_ascii_lowercase(), port: port.unwrap_or(usual), login })
}

fn kind(text: &str) -> Result<(ProxyKind, &str), Failure> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok((ProxyKind::Http, text)) };
    let kind = match scheme.to_ascii_lowercase().as_str() {
        "http" => ProxyKind::Http,
        "https" => ProxyKind::Https,
        "socks" | "socks4" => ProxyKind::Socks4,
        "socks4a" => ProxyKind::Socks4a,
        "socks5" => ProxyKind::Socks5,
        "socks5h" => ProxyKind::Socks5h,
        _ => {
            let text = format!("Unsupported proxy scheme for '{text}'");
            return Err(Failure::new(Kind::Connect, text));
        }
    };
    Ok((kind, rest))
}

fn place_of(place: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or("Bad IPv6 address")?;
        let address = host.split('%').next().unwrap_or_default();
        address.parse::<Ipv6Addr>().map_err(|_| "Bad IPv6 address")?;
        (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("")))
    } else {
        place.split_once(':').map_or((place, Some("")), |(host, port)| (host, Some(port)))
    };
    let is_odd = |one: char| one.is_ascii_control() || one == ' ' || one == '\u{7f}';
    if host.is_empty() {
        return Err("No host part in the URL");
    }
    if host.contains(is_odd) {
        return Err("Bad hostname");
    }
    match port.ok_or("Port number was not a decimal number between 0 and 65535")? {
        "" => Ok((host, None)),
        port if port.bytes().all(|one| one.is_ascii_digit()) => {
            let number = port.parse().ok().filter(|port| *port != 0);
            let why = "Port number was not a decimal number between 0 and 65535";
            number.map(|number| (host, Some(number))).ok_or(why)
        }
        _ => Err("Port number was not a decimal number between 0 and 65535"),
    }
}

fn wrong(text: &str, why: &str) -> Failure {
    Failure::new(Kind::ProxyName, format!("Unsupported proxy syntax in '{text}': {why}"))
}

fn login_of(text: &str) -> (String, String) {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    (decoded(user), decoded(password))
}

/// Percent-encoding undone (RFC 3986 §2.1); what is none stays.
fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%');
        let digits = digits.filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|two| std::str::from_utf8(two).ok());
        let value = value.and_then(|two| u8::from_str_radix(two, 16).ok());
        octets.push(value.unwrap_or(first));
        rest = if value.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&octets).into_owned()
}
