use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::ParseIntError;

use ipnet::IpNet;

/// Targets as a person writes many: a name, an address, a network (`192.0.2.0/24`) or a range
/// (`192.0.2.10-192.0.2.20`, `192.0.2.10-20`).
///
/// A network stays a network until its addresses are asked for one by one, so that a /8 takes no
/// more memory than a /30.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Anything that is not written as several: looked up when its turn comes.
    One(String),
    /// From the first to the last, both included.
    Range(IpAddr, IpAddr),
}

/// Several targets that make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTargets {
    /// A prefix longer than its address.
    #[error("{0}: no such network")]
    Network(String),
    /// A range that ends before it begins, or whose ends are of two families.
    #[error("{0}: a range goes from a lower address to a higher one")]
    Backwards(String),
    /// More addresses than anybody could wait for.
    #[error("{0}: more than {LIMIT} addresses")]
    TooMany(String),
}

/// As many as IPv4 has, in round figures.
const LIMIT: u128 = 1 << 32;

impl Targets {
    /// Reads one word.
    pub fn parse(word: &str) -> Result<Self, BadTargets> {
        let targets = match (word.split_once('/'), word.split_once('-')) {
            (Some((address, _)), _) if address.parse::<IpAddr>().is_ok() => network(word)?,
            (_, Some((first, last))) => match range(first, last) {
                Some((first, last)) => Self::between(first, last)
                    .ok_or_else(|| BadTargets::Backwards(word.to_owned()))?,
                // A host name may have a hyphen.
                None => Self::One(word.to_owned()),
            },
            _ => Self::One(word.to_owned()),
        };
        if targets.count() > LIMIT {
            Err(BadTargets::TooMany(word.to_owned()))
        } else {
            Ok(targets)
        }
    }

    /// Like [`parse`](Self::parse), but for all addresses of a network, its first and its last too.
    pub fn parse_whole(word: &str) -> Result<Self, BadTargets> {
        let whole = |net: IpNet| Self::between(net.network(), net.broadcast());
        match word.parse().ok().and_then(whole) {
            Some(whole) if whole.count() > LIMIT => Err(BadTargets::TooMany(word.to_owned())),
            Some(whole) => Ok(whole),
            None => Self::parse(word),
        }
    }

    /// A range, unless it goes backwards or from one family to the other.
    #[must_use]
    pub fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self::Range(first, last))
    }

    /// Whether it is written as several.
    #[must_use]
    pub const fn is_several(&self) -> bool {
        matches!(self, Self::Range(..))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u128 {
        match self {
            Self::One(_) => 1,
            Self::Range(first, last) => (number(*last) - number(*first)).saturating_add(1),
        }
    }

    /// The addresses of a range, in order.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let (first, last) = match self {
            Self::One(_) => (Ipv4Addr::UNSPECIFIED.into(), None),
            Self::Range(first, last) => (*first, Some(number(*last))),
        };
        let is_ipv4 = first.is_ipv4();
        let end = last.unwrap_or(0);
        let start = if last.is_some() { number(first) } else { 1 };
        (start..=end).map(move |n| address(n, is_ipv4))
    }

    /// Whether an address is in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        matches!(self, Self::Range(first, last)
            if first.is_ipv4() == address.is_ipv4() && (*first..=*last).contains(&address))
    }
}

/// The hosts of a network: an IPv4 one's first and last addresses are not hosts, but for /31
/// (RFC 3021) and /32.
fn network(word: &str) -> Result<Targets, BadTargets> {
    let net: IpNet = word.parse().map_err(|_| BadTargets::Network(word.to_owned()))?;
    let (mut first, mut last) = (number(net.network()), number(net.broadcast()));
    if let IpNet::V4(net) = net
        && net.prefix_len() < 31
    {
        (first, last) = (first + 1, last - 1);
    }
    let is_ipv4 = matches!(net, IpNet::V4(_));
    Ok(Targets::Range(address(first, is_ipv4), address(last, is_ipv4)))
}

/// Both ends of a range; the second may be just the last number of an IPv4 address.
fn range(first: &str, last: &str) -> Option<(IpAddr, IpAddr)> {
    let first: IpAddr = first.parse().ok()?;
    let short = |last: &str| -> Option<IpAddr> {
        let number: Result<u8, ParseIntError> = last.parse();
        let IpAddr::V4(v4) = first else { return None };
        let [a, b, c, _] = v4.octets();
        Some(Ipv4Addr::new(a, b, c, number.ok()?).into())
    };
    Some((first, last.parse().ok().or_else(|| short(last))?))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u32::from(v4).into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "an IPv4 number came from an IPv4 address")]
fn address(number: u128, is_ipv4: bool) -> IpAddr {
    if is_ipv4 { Ipv4Addr::from(number as u32).into() } else { Ipv6Addr::from(number).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_its_hosts() {
        assert_eq!(all("192.0.2.0/30"), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(all("192.0.2.9/31"), ["192.0.2.8", "192.0.2.9"]);
        assert_eq!(all("192.0.2.9/32"), ["192.0.2.9"]);
        assert_eq!(all("2001:db8::/127"), ["2001:db8::", "2001:db8::1"]);
        assert_eq!(Targets::parse("10.0.0.0/8").unwrap().count(), (1 << 24) - 2);
    }

    #[test]
    fn whole_network_has_its_first_and_its_last() {
        let count = |word| Targets::parse_whole(word).map(|targets| targets.count());
        assert_eq!(
            (count("10.0.0.9/16"), count("192.0.2.1-9"), count("a-b")),
            (Ok(1 << 16), Ok(9), Ok(1))
        );
        assert!(count("10.0.0.0/33").is_err() && count("2001:db8::/32").is_err());
    }

    #[test]
    fn a_range_has_both_its_ends() {
        assert_eq!(all("192.0.2.9-192.0.2.11"), ["192.0.2.9", "192.0.2.10", "192.0.2.11"]);
        assert_eq!(all("192.0.2.9-10"), ["192.0.2.9", "192.0.2.10"]);
        assert_eq!(all("::fffe-::1:0"), ["::fffe", "::ffff", "::1:0"]);
    }

    #[test]
    fn a_host_name_may_have_a_hyphen() {
        for name in ["my-host", "10-0-0-1.example", "192.0.2.1", ""] {
            assert_eq!(Targets::parse(name), Ok(Targets::One(name.into())));
            assert_eq!(Targets::One(name.into()).addresses().count(), 0);
        }
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (word, why) in [
            ("192.0.2.0/33", "192.0.2.0/33: no such network"),
            ("192.0.2.0/", "192.0.2.0/: no such network"),
            (
                "192.0.2.9-192.0.2.1",
                "192.0.2.9-192.0.2.1: a range goes from a lower address to a higher one",
            ),
            ("192.0.2.9-::1", "192.0.2.9-::1: a range goes from a lower address to a higher one"),
            ("2001:db8::/64", "2001:db8::/64: more than 4294967296 addresses"),
        ] {
            assert_eq!(Targets::parse(word).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn the_whole_of_ipv6_can_be_counted() {
        let all = Targets::between(Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from(u128::MAX).into());
        assert_eq!(all.unwrap().count(), u128::MAX);
    }

    fn all(word: &str) -> Vec<String> {
        Targets::parse(word).unwrap().addresses().map(|a| a.to_string()).collect()
    }
}
