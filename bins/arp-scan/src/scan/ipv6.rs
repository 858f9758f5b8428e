//! `-6`: whom to look for by neighbour discovery, beside the scan or without one.

use std::fs;
use std::net::Ipv6Addr;

use wireline_engine::segment::ndp::{Config as Discovery, Port, Prefix};
use wireline_host::links::{AddressV6, parse_addresses_v6};
use wireline_net::seed;

use super::Args;
use super::complaint::Complaint;
use super::config::Config;
use super::ports::Way;
use super::run::each;

/// The network that a word means, if it is one of IPv6: `2001:db8::1`, or `2001:db8::/120`.
pub(crate) fn prefix(word: &str) -> Option<Prefix> {
    let (address, bits) = word.split_once('/').unwrap_or((word, "128"));
    let address: Ipv6Addr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok().filter(|bits| *bits <= 128)?;
    Some(Prefix::new(address, bits))
}

/// Words that are meant for IPv6 and would be looked up as names.
pub(crate) fn check(args: &Args) -> Result<(), Complaint> {
    for word in &args.targets {
        // With one colon it is a network of IPv4 and its mask.
        let is_meant = word.matches(':').count() > 1;
        let why = match (prefix(word).is_some(), args.who.ipv6) {
            (true, false) => "IPv6 goes with -6",
            (false, _) if is_meant => "neither an address nor a network of IPv6",
            _ => continue,
        };
        return Err(Complaint::new(format!("{word}: {why}")));
    }
    Ok(())
}

/// What to ask by IPv6.
pub(crate) fn discovery(
    args: &Args,
    ways: &[Way],
    config: &Config,
) -> Result<Discovery, Complaint> {
    let mut targets = Vec::new();
    for (word, prefix) in args.targets.iter().filter_map(|word| Some((word, prefix(word)?))) {
        if prefix.count().is_none() {
            let (most, why) =
                (Prefix::MOST, "nobody can ask so many, and -6 alone finds who is there");
            return Err(Complaint::new(format!("{word}: more than {most} addresses: {why}")));
        }
        targets.push(prefix);
    }
    let own = own_addresses();
    let port = |(flow, (way, vlan)): (usize, (&Way, Option<u16>))| Port {
        flow: u32::try_from(flow / config.vlans.len().max(1)).unwrap_or(u32::MAX),
        vlan,
        mac: way.mac,
        addresses: own
            .iter()
            .filter(|own| own.interface == way.name)
            .map(|own| own.address)
            .collect(),
        targets: targets.clone(),
    };
    let mut discovery = Discovery {
        ports: each(ways, config).enumerate().map(port).collect(),
        seed: seed(),
        own: !config.compat,
        ..Discovery::default()
    };
    if args.timing.retry.is_some() {
        discovery.tries = config.scan.tries;
    }
    if args.timing.timeout.is_some() {
        discovery.timeout = config.scan.timeout;
    }
    discovery.backoff = config.scan.backoff;
    Ok(discovery)
}

/// Those that may be used: not tentative, and no duplicates of others (RFC 4862 §5.4).
fn own_addresses() -> Vec<AddressV6> {
    /// `IFA_F_TENTATIVE` and `IFA_F_DADFAILED`.
    const UNUSABLE: u8 = 0x40 | 0x08;
    // A kernel without IPv6 has no such file, and no addresses.
    let text = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let mut addresses = parse_addresses_v6(&text);
    addresses.retain(|address| address.flags & UNUSABLE == 0);
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_ipv6_is_refused_where_it_would_be_a_name() {
        let told = |words: &[&str]| {
            let words = std::iter::once("arp-scan").chain(words.iter().copied());
            let args = Args::read(words).unwrap();
            check(&args).err().map(|why| why.to_string())
        };
        let wrong = |text: &str| Some(text.to_owned());
        assert_eq!(told(&["2001:db8::1"]), wrong("2001:db8::1: IPv6 goes with -6"));
        let neither = "2001:db8::/129: neither an address nor a network of IPv6";
        assert_eq!(told(&["-6", "2001:db8::/129"]), wrong(neither));
        assert_eq!(told(&["2001:db8::/129"]), wrong(neither));
        for words in
            [&["-6", "2001:db8::/120"][..], &["192.0.2.0:255.255.255.0"], &["name.example"]]
        {
            assert_eq!(told(words), None, "{words:?}");
        }
    }

    #[test]
    fn words_of_ipv6_are_addresses_and_networks() {
        assert_eq!(prefix("2001:db8::/120").and_then(Prefix::count), Some(256));
        assert_eq!(prefix("2001:db8::1").and_then(Prefix::count), Some(1));
        assert_eq!(prefix("2001:db8::/64").map(Prefix::count), Some(None), "too many");
        for word in ["192.0.2.1", "192.0.2.0:255.255.255.0", "2001:db8::/129", "2001:db8::/x", ""] {
            assert_eq!(prefix(word), None, "{word}");
        }
    }
}
