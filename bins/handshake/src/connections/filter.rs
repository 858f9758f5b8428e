use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_net::TapFilter;

use crate::exit::USAGE;

/// Which connections, by one of their ends: `host ADDRESS`, `net ADDRESS/LENGTH`, `port N` or `port N-M`. Of one kind
/// any may hold; of the two kinds, addresses and ports, both must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    networks: Vec<(IpAddr, u8)>,
    ports: Vec<RangeInclusive<u16>>,
}

impl Filter {
    /// Reads words; `and` and `tcp` may stand among them.
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut filter = Self::default();
        if words.iter().any(|word| word.trim().is_empty()) {
            return Err(Refusal::new(USAGE, "an empty word is no filter").into());
        }
        let spaced = words.iter().flat_map(|word| word.split_whitespace());
        let mut words = spaced.filter(|word| !matches!(*word, "and" | "tcp"));
        while let Some(kind) = words.next() {
            let read = match kind {
                "host" | "net" | "port" | "portrange" => {
                    words.next().and_then(|value| match kind {
                        "host" => address(value).map(|network| filter.networks.push(network)),
                        "net" => network(value).map(|network| filter.networks.push(network)),
                        _ => ports(value).map(|range| filter.ports.push(range)),
                    })
                }
                _ => None,
            };
            read.ok_or_else(|| {
                let known = "host ADDRESS, net ADDRESS/LENGTH, port N and port N-M";
                Refusal::new(USAGE, format!("{kind}: a filter is made of {known}"))
            })?;
        }
        if filter.networks.len() > MOST || filter.ports.len() > MOST {
            let why = format!("a filter has at most {MOST} addresses and {MOST} ports");
            return Err(Refusal::new(USAGE, why).into());
        }
        Ok(filter)
    }

    /// Whether a connection between these is one.
    pub(crate) fn matches(&self, a: SocketAddr, b: SocketAddr) -> bool {
        let either = |test: &dyn Fn(SocketAddr) -> bool| test(a) || test(b);
        let is_near = |end: SocketAddr| {
            self.networks.iter().any(|(net, length)| contains(*net, *length, end.ip()))
        };
        let has_port = |end: SocketAddr| self.ports.iter().any(|range| range.contains(&end.port()));
        (self.networks.is_empty() || either(&is_near))
            && (self.ports.is_empty() || either(&has_port))
    }

    /// What the kernel is to let through.
    pub(crate) fn for_tap(&self) -> TapFilter {
        let Self { networks, ports } = self.clone();
        TapFilter { networks, ports, icmp_errors: true }
    }
}

/// What the kernel's filter has room for.
const MOST: usize = 64;

fn address(word: &str) -> Option<(IpAddr, u8)> {
    let address = word.parse::<IpAddr>().ok()?;
    Some((address, if address.is_ipv4() { 32 } else { 128 }))
}

fn network(word: &str) -> Option<(IpAddr, u8)> {
    let Some((base, length)) = word.split_once('/') else { return address(word) };
    let ((base, most), length) = (address(base)?, length.parse().ok()?);
    (length <= most).then_some((base, length))
}

fn ports(word: &str) -> Option<RangeInclusive<u16>> {
    let port = |word: &str| {
        let number = word.parse::<u16>().ok().or_else(|| wireline_host::service_port(word, true));
        number.filter(|port| *port > 0)
    };
    if let Some(one) = port(word) {
        return Some(one..=one);
    }
    let (first, last) = word.split_once('-')?;
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some(first..=last)
}

fn contains(network: IpAddr, length: u8, address: IpAddr) -> bool {
    let same = |a: u128, b: u128, bits: u32| {
        let left = bits - u32::from(length).min(bits);
        a.checked_shr(left) == b.checked_shr(left)
    };
    match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(words: &str) -> Filter {
        Filter::parse(&[words.to_owned()]).unwrap()
    }

    fn end(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn either_end_may_match_and_both_kinds_must() {
        let (a, b) = (end("192.0.2.1:4000"), end("198.51.100.2:443"));
        for (words, want) in [
            ("host 192.0.2.1", true),
            ("host 192.0.2.9", false),
            ("host 192.0.2.9 host 198.51.100.2", true),
            ("net 192.0.2.0/24 and port 443", true),
            ("net 0.0.0.0/0", true),
            ("net ::/0", false),
            ("tcp port https", true),
            ("port 80-443", true),
            ("host 192.0.2.1 port 80", false),
        ] {
            assert_eq!(filter(words).matches(a, b), want, "{words}");
            assert_eq!(filter(words).matches(b, a), want, "{words}");
        }
        assert!(Filter::parse(&[]).unwrap().matches(a, b));
        let v6 = end("[2001:db8::1]:80");
        assert!(filter("net 2001:db8::/32").matches(v6, v6));
        assert!(!filter("net 2001:db9::/32").matches(v6, v6));
    }

    #[test]
    fn words_that_are_not_known_are_refused_by_name() {
        for words in [
            "or",
            "not",
            "host",
            "host x",
            "net 1.2.3.4/33",
            "port 0",
            "port 9-8",
            "port 1-",
            "src",
        ] {
            let read = Filter::parse(&[words.to_owned()]);
            let why = read.expect_err(words).to_string();
            assert!(why.starts_with(words.split(' ').next().unwrap()), "{why}");
        }
        assert!(Filter::parse(&["port 1 ".repeat(65)]).is_err());
    }
}
