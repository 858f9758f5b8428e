use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Addresses from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    first: u32,
    last: u32,
}

impl Span {
    /// From `first` to `last`; the other way round where they are.
    #[must_use]
    pub fn new(first: Ipv4Addr, last: Ipv4Addr) -> Self {
        let (first, last) = (u32::from(first), u32::from(last));
        Self { first: first.min(last), last: first.max(last) }
    }

    /// One address.
    #[must_use]
    pub fn one(address: Ipv4Addr) -> Self {
        Self::new(address, address)
    }

    /// The network of `address` with so many bits of prefix, its first and its last address included; of
    /// more than 32 bits, the address.
    #[must_use]
    pub fn network(address: Ipv4Addr, prefix: u8) -> Self {
        let hosts = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
        let address = u32::from(address);
        Self { first: address & !hosts, last: address | hosts }
    }

    /// The lowest address.
    #[must_use]
    pub fn first(self) -> Ipv4Addr {
        self.first.into()
    }

    /// The highest address.
    #[must_use]
    pub fn last(self) -> Ipv4Addr {
        self.last.into()
    }

    /// Whether `address` is one of them.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&u32::from(address))
    }

    /// How many, from 1 to 2³².
    #[must_use]
    pub const fn count(self) -> u64 {
        (self.last - self.first) as u64 + 1
    }
}

/// Whom to ask, as spans in the order in which they were given; never one address each.
///
/// An address that is given twice is there once, where it was first. (arp-scan asks and counts it twice.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// In the order of asking, none with an address of another.
    spans: Vec<Placed>,
    /// The same by address.
    sorted: Vec<Placed>,
    count: u64,
}

/// A span, and the position of its first address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Placed {
    span: Span,
    at: u64,
}

impl Targets {
    /// How many addresses.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The address at a position, from 0, in the order in which they were given.
    #[must_use]
    pub fn get(&self, position: u64) -> Option<Ipv4Addr> {
        let after = self.spans.partition_point(|placed| placed.at <= position);
        let placed = self.spans.get(after.checked_sub(1)?)?;
        let offset = u32::try_from(position - placed.at).ok()?;
        let address = placed.span.first.checked_add(offset)?;
        (address <= placed.span.last).then(|| address.into())
    }

    /// Where an address is.
    #[must_use]
    pub fn position(&self, address: Ipv4Addr) -> Option<u64> {
        let after = self.sorted.partition_point(|placed| placed.span.first <= u32::from(address));
        let placed = self.sorted.get(after.checked_sub(1)?)?;
        placed
            .span
            .contains(address)
            .then(|| placed.at + u64::from(u32::from(address) - placed.span.first))
    }

    /// The spans in their order, cut and joined so that no address is in two.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        self.spans.iter().map(|placed| placed.span)
    }

    /// All addresses in their order.
    pub fn iter(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.spans().flat_map(|span| (span.first..=span.last).map(Ipv4Addr::from))
    }
}

impl FromIterator<Span> for Targets {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut covered = BTreeMap::new();
        let mut targets = Self::default();
        for span in spans {
            targets.add(span, &mut covered);
        }
        targets.sorted.clone_from(&targets.spans);
        targets.sorted.sort_unstable_by_key(|placed| placed.span);
        targets
    }
}

impl Targets {
    /// Appends what of `span` is not in `covered`: a map of spans that do not overlap, from the
    /// first to the last address.
    fn add(&mut self, span: Span, covered: &mut BTreeMap<u32, u32>) {
        let (mut first, mut last) = (span.first, span.last);
        // Where the next uncovered address may be; past the end there is none.
        let mut at = Some(first);
        let from = covered.range(..=first).next_back().map_or(first, |(first, _)| *first);
        let touched: Vec<_> = covered.range(from..=last).map(|(a, b)| (*a, *b)).collect();
        for (start, end) in touched {
            if end.checked_add(1).is_some_and(|after| after < first) {
                continue;
            }
            covered.remove(&start);
            if let Some(gap) = at.filter(|at| *at < start) {
                self.append(Span { first: gap, last: start - 1 });
            }
            at = at.and_then(|at| Some(at.max(end.checked_add(1)?)));
            (first, last) = (first.min(start), last.max(end));
        }
        if let Some(rest) = at.filter(|at| *at <= span.last) {
            self.append(Span { first: rest, last: span.last });
        }
        covered.insert(first, last);
    }

    fn append(&mut self, span: Span) {
        match self.spans.last_mut() {
            Some(before) if before.span.last.checked_add(1) == Some(span.first) => {
                before.span.last = span.last;
            }
            _ => self.spans.push(Placed { span, at: self.count }),
        }
        self.count += span.count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look drawn.
    fn drawn(state: &mut u64) -> u32 {
        *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (*state >> 33) as u32
    }

    #[test]
    fn overlapping_spans_hold_each_address_once_where_it_was_first() {
        let mut state = 7;
        for _ in 0..500 {
            let spans: Vec<_> = (0..12)
                .map(|_| {
                    let first = drawn(&mut state) % 64;
                    let last = first + drawn(&mut state) % 9;
                    // At both ends of all addresses.
                    let shift = if drawn(&mut state).is_multiple_of(2) { 0 } else { u32::MAX - 71 };
                    Span::new((first + shift).into(), (last + shift).into())
                })
                .collect();
            let mut expected: Vec<Ipv4Addr> = Vec::new();
            for address in spans.iter().flat_map(|span| span.first..=span.last) {
                if !expected.contains(&address.into()) {
                    expected.push(address.into());
                }
            }
            let targets: Targets = spans.iter().copied().collect();
            assert!(targets.iter().eq(expected.iter().copied()), "{spans:?}");
            assert_eq!(targets.len(), expected.len() as u64);
            for (position, address) in (0..).zip(&expected) {
                assert_eq!(targets.get(position), Some(*address));
                assert_eq!(targets.position(*address), Some(position));
            }
            assert_eq!(targets.get(targets.len()), None);
            let strange = Ipv4Addr::new(192, 0, 2, 1);
            assert_eq!(targets.position(strange), None);
        }
    }

    #[test]
    fn single_addresses_in_a_row_are_one_span() {
        let targets: Targets = (0..1000_u32).map(|n| Span::one((0xc612_0000 + n).into())).collect();
        assert_eq!((targets.len(), targets.spans().count()), (1000, 1));
    }

    #[test]
    fn network_has_its_first_and_its_last_address() {
        let network = Span::network(Ipv4Addr::new(192, 0, 2, 77), 28);
        assert_eq!(network.first(), Ipv4Addr::new(192, 0, 2, 64));
        assert_eq!((network.last(), network.count()), (Ipv4Addr::new(192, 0, 2, 79), 16));
        assert_eq!(Span::network(Ipv4Addr::BROADCAST, 40).count(), 1);
        assert_eq!(Span::network(Ipv4Addr::BROADCAST, 0).count(), 1 << 32);
        let turned = Span::new(Ipv4Addr::new(192, 0, 2, 9), Ipv4Addr::new(192, 0, 2, 3));
        assert_eq!((turned.first(), turned.count()), (Ipv4Addr::new(192, 0, 2, 3), 7));
    }
}
