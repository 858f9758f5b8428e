use super::*;
use crate::noise::noise;

/// One label, as routers send it: label 24015, TTL 1, bottom of the stack. The sum by hand: 2000 + 0008
/// + 0101 + 05dc + f101 = 117e6, 17e6 + 1 = 17e7, and the complement of that is e818.
const ONE_LABEL: [u8; 12] =
    [0x20, 0x00, 0xe8, 0x18, 0x00, 0x08, 0x01, 0x01, 0x05, 0xdc, 0xf1, 0x01];

#[test]
fn label_stack_is_read_with_its_bits() {
    let label = Label { label: 24015, exp: 0, bottom: true, ttl: 1 };
    assert_eq!(parse(&ONE_LABEL), Ok(vec![Object::Mpls(vec![label])]));
    let two = structure(&[object_of(1, 1, &[0xff, 0xff, 0xfe, 0xff, 0x00, 0x00, 0x11, 0x00])]);
    let top = Label { label: 0xfffff, exp: 7, bottom: false, ttl: 255 };
    let bottom = Label { label: 1, exp: 0, bottom: true, ttl: 0 };
    assert_eq!(parse(&two), Ok(vec![Object::Mpls(vec![top, bottom])]));
}

#[test]
fn interface_is_read_with_all_that_it_has() {
    let mut body = vec![0, 0, 0, 7, 0, 1, 0, 0, 192, 0, 2, 1];
    body.extend(b"\x08eth0\0\0\0\0\0\x05\xdc");
    let want = InterfaceInfo {
        role: Role::Incoming,
        index: Some(7),
        address: Some([192, 0, 2, 1].into()),
        name: Some("eth0".to_owned()),
        mtu: Some(1500),
    };
    let bytes = structure(&[object_of(2, 0x0f, &body)]);
    assert_eq!(parse(&bytes), Ok(vec![Object::Interface(want)]));
}

#[test]
fn roles_are_the_upper_two_bits() {
    let info = |c_type| interface(c_type, &[]).map(|info| info.role);
    assert_eq!(info(0x00), Some(Role::Incoming));
    assert_eq!(info(0x40), Some(Role::IncomingComponent));
    assert_eq!(info(0x80), Some(Role::Outgoing));
    assert_eq!(info(0xf0), Some(Role::NextHop));
}

#[test]
fn ipv6_address_of_an_interface_is_read_alone() {
    let address = "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap();
    let body = [&[0, 2, 0, 0], &address.octets()[..]].concat();
    let info = interface(0x84, &body).unwrap();
    assert_eq!((info.address, info.index, info.name), (Some(address.into()), None, None));
}

#[test]
fn object_that_breaks_its_own_rules_is_handed_on_unread() {
    for (class, c_type, payload) in [
        (1, 1, &[1, 2, 3, 4, 5][..]),
        (1, 1, &[]),
        (1, 2, &[1, 2, 3, 4]),
        (2, 0x08, &[0, 0, 0]),
        (2, 0x04, &[0, 3, 0, 0, 1, 2, 3, 4]),
        (2, 0x04, &[0, 2, 0, 0, 1, 2, 3, 4]),
        (2, 0x02, &[0]),
        (2, 0x02, &[9, b'e']),
        (2, 0x02, &[]),
        (2, 0x01, &[0, 0, 5]),
        (247, 1, &[0xaa]),
    ] {
        let bytes = structure(&[object_of(class, c_type, payload)]);
        assert_eq!(parse(&bytes), Ok(vec![Object::Other { class, c_type, payload }]));
    }
}

#[test]
fn name_that_is_not_utf8_is_read_with_replacements() {
    let info = interface(0x02, &[4, b'e', 0xff, 0]).unwrap();
    assert_eq!(info.name.as_deref(), Some("e\u{fffd}"));
}

#[test]
fn version_must_be_two() {
    let want = Error::Malformed { what: "ICMP extension", field: "version", value: 1 };
    assert_eq!(parse(&[0x10, 0, 0, 0]), Err(want));
}

#[test]
fn checksum_must_be_right_unless_it_is_zero() {
    let mut bytes = ONE_LABEL;
    bytes[3] ^= 1;
    let want = Error::Checksum { what: "ICMP extension", found: 0xe819, want: 0xe818 };
    assert_eq!(parse(&bytes), Err(want));
    bytes[2..4].fill(0);
    assert_eq!(parse(&bytes).map(|objects| objects.len()), Ok(1));
}

#[test]
fn objects_before_a_bad_one_are_kept() {
    let good = object_of(200, 1, b"abcd");
    for bad in [&[0, 3, 1, 1][..], &[0, 0, 1, 1], &[0xff, 0xff, 1, 1], &[0, 8, 1], &[0]] {
        let bytes = structure(&[good.clone(), bad.to_vec()]);
        let payload = &b"abcd"[..];
        assert_eq!(parse(&bytes), Ok(vec![Object::Other { class: 200, c_type: 1, payload }]));
        assert!(parse(&structure(&[bad.to_vec()])).is_err(), "{bad:?} as the first");
    }
}

#[test]
fn no_more_objects_are_read_than_the_bound() {
    let bytes = structure(&vec![object_of(200, 1, &[]); 1000]);
    assert_eq!(parse(&bytes).map(|objects| objects.len()), Ok(MOST_OBJECTS));
}

#[test]
fn structure_longer_than_a_datagram_is_malformed() {
    let mut bytes = vec![0xff; 200_000];
    bytes[0] = 0x20;
    assert!(matches!(parse(&bytes), Err(Error::Malformed { field: "length", .. })));
    assert_eq!(find(&bytes, None, 128), None);
}

#[test]
fn structure_is_found_where_the_length_says() {
    let quoted = [&[0x45; 160][..], &ONE_LABEL].concat();
    assert_eq!(find(&quoted, Some(160), 0), Some(&ONE_LABEL[..]));
    assert_eq!(find(&quoted[28..], Some(160), 28), Some(&ONE_LABEL[..]));
    assert_eq!(find(&quoted[160..], Some(160), 160), Some(&ONE_LABEL[..]));
}

#[test]
fn structure_that_was_not_announced_is_found_after_128_octets() {
    let quoted = [&[0x45; 128][..], &ONE_LABEL].concat();
    for told in [None, Some(0), Some(32), Some(127), Some(138), Some(usize::MAX)] {
        assert_eq!(find(&quoted, told, 0), Some(&ONE_LABEL[..]), "told {told:?}");
        assert_eq!(find(&quoted[28..], told, 28), Some(&ONE_LABEL[..]), "told {told:?}");
    }
    assert_eq!(find(&quoted, None, 28), None, "nothing was cut");
    assert_eq!(find(&quoted, None, 129), None, "more was cut than there can be");
}

#[test]
fn payload_is_not_taken_for_a_structure_without_a_checksum() {
    let mut quoted = [&[0x45; 128][..], &ONE_LABEL].concat();
    quoted[130..132].fill(0);
    assert_eq!(find(&quoted, None, 0), None);
    assert!(find(&quoted, Some(128), 0).is_some(), "announced, it needs none");
    quoted[130..132].fill(0xee);
    assert_eq!(find(&quoted, None, 0), None);
}

#[test]
fn parse_is_total_over_every_truncation() {
    let mut bytes = structure(&[object_of(1, 1, &[0, 1, 2, 3]), object_of(2, 0x0f, &[8; 30])]);
    bytes[2..4].fill(0);
    for end in 0..=bytes.len() {
        let read = parse(&bytes[..end]);
        assert_eq!(read.is_ok(), end == 4 || end >= 12, "{end} octets: {read:?}");
    }
}

#[test]
fn parse_and_find_are_total() {
    for mut bytes in noise(20_000) {
        let _ = parse(&bytes);
        for told in [None, Some(0), Some(128), Some(200), Some(usize::MAX)] {
            for cut in [0, 28, 48, 128, 200, usize::MAX] {
                let _ = find(&bytes, told, cut).map(parse);
            }
        }
        // The first object fits and is of a class that is looked into.
        let length = u8::try_from(bytes.len()).unwrap();
        let class = 1 + (length & 1);
        for (at, octet) in [0x20, 0, 0, 0, 0, length / 2, class].into_iter().enumerate() {
            bytes.get_mut(at).into_iter().for_each(|place| *place = octet);
        }
        let _ = parse(&bytes);
    }
}

/// An extension structure of these objects, with its checksum.
fn structure(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = [&[0x20, 0, 0, 0][..], &objects.concat()].concat();
    let sum = util::checksum(&bytes, 1);
    bytes[2..4].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn object_of(class: u8, c_type: u8, payload: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(OBJECT_HEADER + payload.len()).unwrap().to_be_bytes();
    [&[a, b, class, c_type], payload].concat()
}
