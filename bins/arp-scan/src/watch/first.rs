//! Whom to ask before all others.

use std::collections::BTreeSet;

use wireline_engine::segment::Span;
use wireline_engine::watch::{Place, Targets};

/// `first`, and what is left of the others without them; each of `first` is one address.
pub(super) fn before(first: &[Targets], others: &[Targets]) -> Vec<Targets> {
    let mut all = Vec::with_capacity(first.len() + others.len());
    let mut taken: BTreeSet<((u32, Option<u16>), u32)> = BTreeSet::new();
    for targets in first {
        if taken.insert((key(targets.place), targets.span.first().into())) {
            all.push(*targets);
        }
    }
    for targets in others {
        let (low, high) = (u32::from(targets.span.first()), u32::from(targets.span.last()));
        let place = key(targets.place);
        let mut from = Some(low);
        for &(_, address) in taken.range((place, low)..=(place, high)) {
            if let Some(start) = from.filter(|&start| start < address) {
                let span = Span::new(start.into(), (address - 1).into());
                all.push(Targets { span, ..*targets });
            }
            from = address.checked_add(1);
        }
        if let Some(start) = from.filter(|&start| start <= high) {
            all.push(Targets { span: Span::new(start.into(), high.into()), ..*targets });
        }
    }
    all
}

const fn key(place: Place) -> (u32, Option<u16>) {
    (place.port, place.vlan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(port: u32, first: &str, last: &str) -> Targets {
        let span = Span::new(first.parse().unwrap(), last.parse().unwrap());
        Targets { place: Place { port, vlan: None }, span }
    }

    #[test]
    fn who_is_asked_first_is_not_asked_once_more() {
        let one = |port, address| targets(port, address, address);
        let first = [
            one(0, "192.0.2.254"),
            one(0, "192.0.2.0"),
            one(0, "192.0.2.255"),
            one(0, "192.0.2.9"),
            one(0, "192.0.2.9"),
            one(1, "192.0.2.7"),
        ];
        let all = before(&first, &[targets(0, "192.0.2.0", "192.0.2.255")]);
        let expected = [
            one(0, "192.0.2.254"),
            one(0, "192.0.2.0"),
            one(0, "192.0.2.255"),
            one(0, "192.0.2.9"),
            one(1, "192.0.2.7"),
            targets(0, "192.0.2.1", "192.0.2.8"),
            targets(0, "192.0.2.10", "192.0.2.253"),
        ];
        assert_eq!(all, expected);
        let counted = all.iter().filter(|it| it.place.port == 0).map(|it| it.span.count());
        assert_eq!(counted.sum::<u64>(), 256);
    }

    #[test]
    fn the_whole_of_ipv4_has_an_end() {
        let all = targets(0, "0.0.0.0", "255.255.255.255");
        let last = targets(0, "255.255.255.255", "255.255.255.255");
        let rest = targets(0, "0.0.0.0", "255.255.255.254");
        assert_eq!(before(&[last], &[all]), [last, rest]);
    }
}
