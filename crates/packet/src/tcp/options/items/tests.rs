use super::*;
use crate::noise::noise;

fn all(octets: &[u8]) -> Vec<Item<'_>> {
    items(octets).collect()
}

fn written(octets: &[u8]) -> String {
    all(octets).iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[test]
fn syn_of_linux_is_read_in_its_order() {
    let octets = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0, 1, 3, 3, 10];
    let times = Timestamps { value: 7, echo: 0 };
    let want = [
        Item::MaxSegmentSize(1460),
        Item::SackPermitted,
        Item::Timestamps(times),
        Item::Nop,
        Item::WindowScale(10),
    ];
    assert_eq!(all(&octets), want);
    assert_eq!(written(&octets), "mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 10");
}

#[test]
fn blocks_are_read_in_pairs() {
    let octets = [1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    let Some(Item::Sack(blocks)) = items(&octets).nth(2) else { panic!("{:?}", all(&octets)) };
    assert_eq!(blocks.iter().collect::<Vec<_>>(), [(1, 2), (u32::MAX, 0)]);
    assert_eq!(written(&octets), "nop,nop,sack 1:2 4294967295:0");
}

#[test]
fn rarer_kinds_are_known() {
    let cookie = [1, 2, 3, 4, 5, 6, 7, 8];
    let own = [&[34, 10][..], &cookie].concat();
    assert_eq!(all(&own), [Item::FastOpen { cookie: &cookie, experimental: false }]);
    let old = [&[254, 12, 0xf9, 0x89][..], &cookie].concat();
    assert_eq!(all(&old), [Item::FastOpen { cookie: &cookie, experimental: true }]);
    assert_eq!(written(&[34, 2]), "FO", "a wish for a cookie");
    assert_eq!(all(&[28, 4, 0x80, 5]), [Item::UserTimeout { count: 5, minutes: true }]);
    assert_eq!(all(&[&[19, 18][..], &[7; 16]].concat()), [Item::Md5(&[7; 16])]);
    let join = [30, 12, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 9];
    assert!(matches!(all(&join)[..], [Item::Multipath { subtype: 1, .. }]));
    let signed = Item::Authentication { key: 1, next_key: 2, code: &[3, 4] };
    assert_eq!(all(&[29, 6, 1, 2, 3, 4]), [signed]);
    assert_eq!(all(&[254, 4, 0xf9, 0x8a]), [Item::Unknown { kind: 254, octets: &[0xf9, 0x8a] }]);
}

#[test]
fn length_that_no_such_option_has_is_told_and_passed_over() {
    for (kind, octets) in [(2, &[1][..]), (3, &[1, 2]), (4, &[0]), (5, &[]), (8, &[0; 7])] {
        let length = u8::try_from(octets.len()).unwrap() + 2;
        let octets = [&[kind, length][..], octets, &[1]].concat();
        let want = [Item::Misshapen { kind, octets: &octets[2..octets.len() - 1] }, Item::Nop];
        assert_eq!(all(&octets), want);
    }
    assert!(matches!(all(&[34, 5, 1, 2, 3])[..], [Item::Misshapen { kind: 34, .. }]));
}

#[test]
fn length_that_leads_nowhere_ends_the_list_and_hides_nothing() {
    for rest in [&[2, 0, 9, 9][..], &[2, 1, 9, 9], &[2, 5, 9, 9], &[77], &[8, 255, 0]] {
        let octets = [&[1][..], rest].concat();
        assert_eq!(all(&octets), [Item::Nop, Item::Malformed(rest)]);
    }
}

#[test]
fn what_is_behind_the_end_is_told_unless_it_is_zeros() {
    assert_eq!(all(&[1, 0, 0, 0]), [Item::Nop, Item::End]);
    assert_eq!(all(&[0, 0, 7]), [Item::End, Item::Padding(&[0, 7])]);
}

/// Octets of one item in the list that it was read from.
fn length(item: &Item<'_>) -> usize {
    match item {
        Item::End | Item::Nop => 1,
        Item::SackPermitted => 2,
        Item::WindowScale(_) => 3,
        Item::MaxSegmentSize(_) | Item::UserTimeout { .. } => 4,
        Item::Timestamps(_) => 10,
        Item::Md5(_) => 18,
        Item::Sack(blocks) => 2 + 8 * blocks.iter().count(),
        Item::Authentication { code, .. } => 4 + code.len(),
        Item::FastOpen { cookie, experimental } => {
            2 + cookie.len() + usize::from(*experimental) * 2
        }
        Item::Multipath { octets, .. }
        | Item::Unknown { octets, .. }
        | Item::Misshapen { octets, .. } => 2 + octets.len(),
        Item::Malformed(rest) | Item::Padding(rest) => rest.len(),
    }
}

#[test]
fn every_octet_of_noise_is_in_some_item_or_a_zero_behind_the_end() {
    for mut octets in noise(50_000) {
        octets.truncate(40);
        let found = all(&octets);
        let told: usize = found.iter().map(length).sum();
        let zeros = found.last() == Some(&Item::End) && octets[told..].iter().all(|o| *o == 0);
        assert!(told == octets.len() || zeros, "{octets:?} {found:?}");
        assert!(written(&octets).is_ascii());
    }
}
