//! Whom to ask, as people write many: words of the command line and of files, and what is left out.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_engine::tcp::scan::{Hosts, Range};
use wireline_host::{Family, Target, Targets};

use crate::exit::{FILES, NAME, USAGE};

/// Files longer than this are no lists of targets.
const MOST_OCTETS: u64 = 64 << 20;

/// What was asked for and what it came to.
#[derive(Debug, Default)]
pub(crate) struct List {
    ranges: Vec<Range>,
    excluded: Vec<Range>,
    /// What names meant.
    pub(crate) names: Vec<(String, IpAddr)>,
}

impl List {
    /// One word: a name is looked up.
    pub(crate) fn add(&mut self, word: &str, family: Family) -> Result<()> {
        match ranges(word, family)? {
            (Some(name), range) => {
                self.names.push((name, range.first));
                self.one(word, range)?;
            }
            (None, range) if range.first == range.last => self.one(word, range)?,
            (None, range) => self.ranges.push(range),
        }
        Ok(())
    }

    fn one(&mut self, word: &str, range: Range) -> Result<()> {
        if nobody().iter().any(|never| contains(never, range.first)) {
            return Err(usage(word, "a multicast, broadcast or unspecified address has no ports"));
        }
        self.ranges.push(range);
        Ok(())
    }

    /// One word of what is left out.
    pub(crate) fn exclude(&mut self, word: &str, family: Family) -> Result<()> {
        self.excluded.push(ranges(word, family)?.1);
        Ok(())
    }

    /// The words of a file, or of standard input (`-`): one or more a line, `#` begins a comment.
    pub(crate) fn words(file: &str) -> Result<Vec<String>> {
        let mut text = String::new();
        let read = if file == "-" {
            std::io::stdin().lock().take(MOST_OCTETS).read_to_string(&mut text)
        } else {
            std::fs::File::open(file)
                .and_then(|file| file.take(MOST_OCTETS).read_to_string(&mut text))
        };
        read.map_err(|why| {
            Refusal::new(FILES, format!("{file}: {}", wireline_engine::errno_text(&why)))
        })?;
        let bare = |line: &str| line.split('#').next().unwrap_or_default().to_owned();
        Ok(text
            .lines()
            .flat_map(|line| {
                bare(line).split([' ', '\t', ',']).map(str::to_owned).collect::<Vec<_>>()
            })
            .filter(|word| !word.is_empty())
            .collect())
    }

    /// Which of these broadcast addresses of this machine's networks would be asked.
    pub(crate) fn broadcasts(&self, own: &[Ipv4Addr]) -> Vec<Ipv4Addr> {
        let all = Hosts::new(&self.ranges, &self.excluded);
        own.iter().copied().filter(|address| all.find((*address).into()).is_some()).collect()
    }

    /// All of them, but nobody whom nobody may ask: `own` are broadcast addresses of this machine's networks.
    pub(crate) fn hosts(&self, own: &[Ipv4Addr]) -> Hosts {
        let mut excluded = self.excluded.clone();
        excluded.extend(nobody());
        let broadcast = own.iter().map(|address| Range::one(SocketAddr::new((*address).into(), 0)));
        excluded.extend(broadcast);
        Hosts::new(&self.ranges, &excluded)
    }
}

/// Addresses that are no host's.
fn nobody() -> [Range; 5] {
    let v4 =
        |first: [u8; 4], last: [u8; 4]| Range { first: first.into(), last: last.into(), scope: 0 };
    let multicast = (Ipv6Addr::from(0xff << 120), Ipv6Addr::from(u128::MAX));
    let none = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    [
        v4([0; 4], [0, 255, 255, 255]),
        v4([224, 0, 0, 0], [239, 255, 255, 255]),
        v4([255; 4], [255; 4]),
        Range { first: multicast.0.into(), last: multicast.1.into(), scope: 0 },
        Range { first: none, last: none, scope: 0 },
    ]
}

fn contains(range: &Range, address: IpAddr) -> bool {
    range.first.is_ipv4() == address.is_ipv4() && (range.first..=range.last).contains(&address)
}

/// What a word means, and the name if it is one. Of a network all addresses: behind a router its first and its last
/// may be hosts like any others.
fn ranges(word: &str, family: Family) -> Result<(Option<String>, Range)> {
    let targets = Targets::parse_whole(word).map_err(|why| Refusal::new(USAGE, why.to_string()))?;
    match targets {
        Targets::Range(first, last) => {
            let fits = match family {
                Family::Any => true,
                Family::V4 => first.is_ipv4(),
                Family::V6 => first.is_ipv6(),
            };
            if !fits {
                return Err(usage(word, "not of the family that was asked for"));
            }
            Ok((None, Range { first, last, scope: 0 }))
        }
        Targets::One(name) => {
            let bare =
                name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
            let target =
                Target::resolve(bare, family).map_err(|why| Refusal::new(NAME, why.to_string()))?;
            let is_name = !target.is_numeric;
            Ok((is_name.then_some(name), Range::one(target.address())))
        }
    }
}

fn usage(word: &str, why: &str) -> anyhow::Error {
    Refusal::new(USAGE, format!("{word}: {why}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(words: &[&str], excluded: &[&str]) -> u128 {
        let mut list = List::default();
        for word in words {
            list.add(word, Family::Any).unwrap();
        }
        for word in excluded {
            list.exclude(word, Family::Any).unwrap();
        }
        list.hosts(&["10.0.255.255".parse().unwrap()]).count()
    }

    #[test]
    fn networks_ranges_and_addresses_are_counted_once() {
        assert_eq!(count(&["10.0.0.0/24", "10.0.0.1-10", "10.0.0.7"], &[]), 256);
        assert_eq!(count(&["10.0.0.0/24"], &["10.0.0.0/25", "10.0.0.200-10.0.0.209"]), 128 - 10);
        assert_eq!(count(&["10.1.0.0/16"], &[]), 1 << 16, "its first and its last too");
        assert_eq!(count(&["[::1]", "2001:db8::/112"], &[]), 65537);
    }

    #[test]
    fn nobody_is_asked_whom_many_hear() {
        for word in ["224.0.0.1", "255.255.255.255", "ff02::1", "0.0.0.0", "::"] {
            assert!(List::default().add(word, Family::Any).is_err(), "{word}");
        }
        assert_eq!(count(&["223.255.255.254-224.0.0.9"], &[]), 2);
        assert_eq!(count(&["10.0.255.254-10.1.0.0"], &[]), 2, "a broadcast address of ours");
    }

    #[test]
    fn family_that_was_not_asked_for_is_refused() {
        assert!(List::default().add("10.0.0.0/24", Family::V6).is_err());
        assert!(List::default().add("::1", Family::V4).is_err());
    }
}
