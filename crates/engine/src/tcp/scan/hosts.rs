use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Addresses from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Included.
    pub first: IpAddr,
    /// Included; of the same family, and not below the first.
    pub last: IpAddr,
    /// The interface that link-local addresses belong to; 0 is none.
    pub scope: u32,
}

impl Range {
    /// A single address.
    #[must_use]
    pub fn one(address: SocketAddr) -> Self {
        let scope = match address {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(address) => address.scope_id(),
        };
        Self { first: address.ip(), last: address.ip(), scope }
    }

    fn span(&self) -> Option<Span> {
        let (first, last) = (number(self.first), number(self.last));
        let is_ipv4 = self.first.is_ipv4();
        let is_whole = is_ipv4 == self.last.is_ipv4() && first <= last;
        is_whole.then_some(Span { is_ipv6: !is_ipv4, scope: self.scope, first, last, before: 0 })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    is_ipv6: bool,
    scope: u32,
    first: u128,
    last: u128,
    /// Hosts in the spans before.
    before: u128,
}

/// Who is asked: each address once, in ascending order, without a list of them.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    spans: Vec<Span>,
    count: u128,
}

impl Hosts {
    /// All of `ranges` but what is in `excluded`, whatever its scope.
    #[must_use]
    pub fn new(ranges: &[Range], excluded: &[Range]) -> Self {
        let mut spans: Vec<Span> = ranges.iter().filter_map(Range::span).collect();
        for hole in excluded.iter().filter_map(Range::span) {
            spans = spans.iter().flat_map(|span| without(*span, hole)).flatten().collect();
        }
        spans.sort_unstable();
        let mut hosts = Self::default();
        for span in spans {
            hosts.append(span);
        }
        hosts
    }

    fn append(&mut self, span: Span) {
        if let Some(before) = self.spans.last_mut()
            && (before.is_ipv6, before.scope) == (span.is_ipv6, span.scope)
            && span.first <= before.last.saturating_add(1)
        {
            let more = span.last.saturating_sub(before.last);
            before.last = before.last.max(span.last);
            self.count = self.count.saturating_add(more);
            return;
        }
        self.spans.push(Span { before: self.count, ..span });
        self.count = self.count.saturating_add((span.last - span.first).saturating_add(1));
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u128 {
        self.count
    }

    /// Whether any is of IPv4, and whether any is of IPv6.
    #[must_use]
    pub fn families(&self) -> (bool, bool) {
        let any = |is_ipv6: bool| self.spans.iter().any(|span| span.is_ipv6 == is_ipv6);
        (any(false), any(true))
    }

    /// The host at a place, its port 0.
    #[must_use]
    pub fn get(&self, place: u64) -> Option<SocketAddr> {
        let place = u128::from(place);
        let after = self.spans.partition_point(|span| span.before <= place);
        let span = self.spans.get(after.checked_sub(1)?)?;
        let number = span.first.checked_add(place - span.before)?;
        (number <= span.last).then(|| address(number, span.is_ipv6, span.scope))
    }

    /// The place of an address. Of IPv6 the first scope counts that has it.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Option<u64> {
        let (number, is_ipv6) = (number(address), address.is_ipv6());
        let has =
            |span: &&Span| span.is_ipv6 == is_ipv6 && span.first <= number && number <= span.last;
        let span = if is_ipv6 {
            self.spans.iter().find(has)?
        } else {
            let after = self.spans.partition_point(|span| !span.is_ipv6 && span.first <= number);
            self.spans.get(after.checked_sub(1)?).filter(has)?
        };
        u64::try_from(span.before + (number - span.first)).ok()
    }
}

/// What is left of a span on both sides of a hole.
fn without(span: Span, hole: Span) -> [Option<Span>; 2] {
    if span.is_ipv6 != hole.is_ipv6 || hole.last < span.first || span.last < hole.first {
        return [Some(span), None];
    }
    let left = (span.first < hole.first).then(|| Span { last: hole.first - 1, ..span });
    let right = (hole.last < span.last).then(|| Span { first: hole.last + 1, ..span });
    [left, right]
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u32::from(v4).into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

fn address(number: u128, is_ipv6: bool, scope: u32) -> SocketAddr {
    if is_ipv6 {
        return SocketAddrV6::new(Ipv6Addr::from(number), 0, 0, scope).into();
    }
    let v4 = Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX));
    SocketAddr::new(v4.into(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> Range {
        Range { first: first.parse().unwrap(), last: last.parse().unwrap(), scope: 0 }
    }

    fn all(hosts: &Hosts) -> Vec<String> {
        let count = u64::try_from(hosts.count()).unwrap();
        (0..=count).filter_map(|place| hosts.get(place)).map(|host| host.ip().to_string()).collect()
    }

    #[test]
    fn each_address_is_there_once_and_what_is_excluded_is_not() {
        let ranges = [
            range("10.0.0.4", "10.0.0.6"),
            range("::1", "::2"),
            range("10.0.0.1", "10.0.0.4"),
            range("10.0.0.9", "10.0.0.9"),
        ];
        let hosts =
            Hosts::new(&ranges, &[range("10.0.0.2", "10.0.0.3"), range("10.0.0.9", "10.0.0.9")]);
        let want = ["10.0.0.1", "10.0.0.4", "10.0.0.5", "10.0.0.6", "::1", "::2"];
        assert_eq!(all(&hosts), want);
        for (place, address) in (0..).zip(want) {
            assert_eq!(hosts.find(address.parse().unwrap()), Some(place));
        }
        for stranger in ["10.0.0.2", "10.0.0.9", "10.0.0.7", "::3", "0.0.0.0", "255.255.255.255"] {
            assert_eq!(hosts.find(stranger.parse().unwrap()), None, "{stranger}");
        }
    }

    #[test]
    fn whole_of_both_families_is_counted_without_a_list() {
        let ranges = [
            range("0.0.0.0", "255.255.255.255"),
            range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ];
        let hosts = Hosts::new(&ranges, &[]);
        assert_eq!(hosts.count(), u128::MAX);
        assert_eq!(hosts.get(1 << 32).unwrap().to_string(), "[::]:0");
        assert_eq!(Hosts::new(&ranges, &ranges).count(), 0);
    }

    #[test]
    fn ranges_that_go_backwards_or_across_families_are_nobody() {
        let hosts = Hosts::new(&[range("10.0.0.2", "10.0.0.1"), range("10.0.0.1", "::1")], &[]);
        assert_eq!((hosts.count(), hosts.get(0)), (0, None));
    }

    #[test]
    fn link_local_addresses_keep_their_scope() {
        let scoped: SocketAddr = "[fe80::1%3]:0".parse().unwrap();
        assert_eq!(Hosts::new(&[Range::one(scoped)], &[]).get(0), Some(scoped));
    }
}
