//! Addresses, networks and ports as people write them (ss(8), "HOST SYNTAX").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Glob, Names, Prefix};
use crate::Family;

/// An end that was named on its own: `192.0.2.1:443`, `[2001:db8::1]:https`, `*:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Those that its name may stand for; none for any.
    pub addresses: Vec<IpAddr>,
    /// 0 for any.
    pub port: u16,
}

/// What stands there is no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct BadEnd(pub(super) String);

/// What `src` and `dst` are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// These networks, any where there are none; and this port, any where there is none.
    Inet(Vec<Prefix>, Option<u16>),
    Unix(Glob),
}

/// How many addresses a name may stand for.
const MOST: usize = 64;

const AN_END: &str = "HOST:PORT, an IPv6 address in brackets";
const A_HOST: &str = "a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets";
const A_PORT: &str = "a port, 0 to 65535, or the name of a service";
const A_LENGTH: &str = "the length of a prefix, 0 to 32 bits for IPv4 and to 128 for IPv6";

impl End {
    /// Reads one.
    pub fn parse(text: &str, names: &dyn Names) -> Result<Self, BadEnd> {
        let parts = Parts::of(text).filter(|parts| parts.length.is_none() && parts.port.is_some());
        let parts = parts.ok_or_else(|| BadEnd(AN_END.to_owned()))?;
        let port = parts.port(names)?.unwrap_or(0);
        let networks = parts.networks(Family::Any, names)?;
        Ok(Self { addresses: networks.into_iter().map(|prefix| prefix.address).collect(), port })
    }
}

/// Reads what stands behind `src` or `dst`.
pub(super) fn host(word: &str, names: &dyn Names) -> Result<Host, BadEnd> {
    let is_path = word.starts_with(['/', '@']);
    if let Some(name) = word.strip_prefix("unix:").or(is_path.then_some(word)) {
        return Ok(Host::Unix(Glob::new(name)));
    }
    let (family, word) = family(word);
    let parts = Parts::of(word).ok_or_else(|| BadEnd(A_HOST.to_owned()))?;
    // No host is called so.
    if family == Family::Any
        && parts.address != "*"
        && word.contains(['*', '?'])
        && parts.port.is_none()
    {
        return Ok(Host::Unix(Glob::new(word)));
    }
    Ok(Host::Inet(parts.networks(family, names)?, parts.port(names)?))
}

/// Reads what stands behind `sport` or `dport`: `:443`, `443`, `https`, `inet6::443`.
pub(super) fn port(word: &str, names: &dyn Names) -> Result<Host, BadEnd> {
    let (family, word) = family(word);
    let text = word.strip_prefix("*:").or(word.strip_prefix(':')).unwrap_or(word);
    let parts = Parts { address: "*", length: None, port: Some(text) };
    Ok(Host::Inet(parts.networks(family, names)?, parts.port(names)?))
}

fn family(word: &str) -> (Family, &str) {
    if let Some(rest) = word.strip_prefix("inet6:") {
        (Family::V6, rest)
    } else if let Some(rest) = word.strip_prefix("inet:") {
        (Family::V4, rest)
    } else {
        (Family::Any, word)
    }
}

/// `ADDRESS[/LENGTH][:PORT]`, taken apart.
#[derive(Clone, Copy)]
struct Parts<'a> {
    address: &'a str,
    length: Option<&'a str>,
    port: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// A length may be inside the brackets, as in ss, or behind them.
    fn of(word: &'a str) -> Option<Self> {
        if let Some(rest) = word.strip_prefix('[') {
            let (inside, after) = rest.split_once(']')?;
            let (address, inner) = cut(inside, '/');
            let (outer, port) = cut(after, ':');
            let outer = if outer.is_empty() { None } else { Some(outer.strip_prefix('/')?) };
            let is_v6 = address.contains(':') && !(inner.is_some() && outer.is_some());
            return is_v6.then_some(Self { address, length: inner.or(outer), port });
        }
        if let Some((address, rest)) = word.split_once('/') {
            let (length, port) = cut(rest, ':');
            return Some(Self { address, length: Some(length), port });
        }
        let (address, port) = cut(word, ':');
        let address = if address.is_empty() && port.is_some() { "*" } else { address };
        let is_clear = !address.is_empty() && port.is_none_or(|port| !port.contains(':'));
        is_clear.then_some(Self { address, length: None, port })
    }

    fn port(self, names: &dyn Names) -> Result<Option<u16>, BadEnd> {
        let Some(text) = self.port.filter(|text| *text != "*") else { return Ok(None) };
        let number = match text.strip_prefix("0x") {
            Some(digits) => u16::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        let is_number = text.starts_with(|first: char| first.is_ascii_digit());
        let service = || if is_number { None } else { names.port(text) };
        number.or_else(service).map(Some).ok_or_else(|| BadEnd(A_PORT.to_owned()))
    }

    fn networks(self, family: Family, names: &dyn Names) -> Result<Vec<Prefix>, BadEnd> {
        if self.address == "*" && self.length.is_none() {
            return Ok(any(family));
        }
        let addresses = self.addresses(family, names)?;
        let network = |address: IpAddr| {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length = self.length.map_or(Some(most), |text| text.parse().ok());
            let length = length.filter(|length| *length <= most);
            let length = length.ok_or_else(|| BadEnd(A_LENGTH.to_owned()))?;
            Ok(Prefix { address, length })
        };
        addresses.into_iter().map(network).collect()
    }

    fn addresses(self, family: Family, names: &dyn Names) -> Result<Vec<IpAddr>, BadEnd> {
        let text = self.address;
        if let Some(address) = self.numeric() {
            return match (family, address) {
                (Family::V4, IpAddr::V6(_)) => Err(BadEnd("an IPv4 address".to_owned())),
                (Family::V6, IpAddr::V4(_)) => Err(BadEnd("an IPv6 address".to_owned())),
                _ => Ok(vec![address]),
            };
        }
        let is_digits = |digit: char| digit.is_ascii_digit() || digit == '.';
        if self.length.is_some() || text.contains(':') || text.chars().all(is_digits) {
            return Err(BadEnd(A_HOST.to_owned()));
        }
        let found = names.hosts(text, family);
        let mut found = found.map_err(|why| BadEnd(format!("{A_HOST} ({why})")))?;
        found.dedup();
        found.truncate(MOST);
        Ok(found)
    }

    /// Of IPv4, the last octets may be left out where the length says that they do not matter.
    fn numeric(self) -> Option<IpAddr> {
        if self.address.contains(':') {
            return self.address.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
        }
        if self.length.is_none() {
            return self.address.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
        }
        let mut octets = [0; 4];
        for (place, text) in self.address.split('.').enumerate() {
            *octets.get_mut(place)? = text.parse().ok()?;
        }
        Some(Ipv4Addr::from(octets).into())
    }
}

fn any(family: Family) -> Vec<Prefix> {
    match family {
        Family::Any => Vec::new(),
        Family::V4 => vec![Prefix { address: Ipv4Addr::UNSPECIFIED.into(), length: 0 }],
        Family::V6 => vec![Prefix { address: Ipv6Addr::UNSPECIFIED.into(), length: 0 }],
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}
