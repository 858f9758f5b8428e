use super::*;
use crate::netlink::{Subsystem, push_attribute};

const DEV: &str = "Inter-|   Receive                     |  Transmit\n face |bytes    packets\n\
                   \x20   lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n\
                   longname1234567:18446744073709551615 1\n";

#[test]
fn statistics_are_read_by_column() {
    let found = parse_statistics(DEV);
    let [lo, long] = &found[..] else { panic!("{found:?}") };
    assert_eq!(lo.interface, "lo");
    assert_eq!((lo.received.bytes, lo.received.fifo, lo.received.multicast), (1, 5, 8));
    assert_eq!((lo.sent.bytes, lo.sent.frame_or_collisions, lo.sent.carrier), (9, 14, 15));
    assert_eq!((long.interface.as_str(), long.received.bytes), ("longname1234567", u64::MAX));
    assert_eq!(long.sent, Traffic::default(), "what is not told is nought");
}

#[test]
fn no_cut_of_a_table_is_a_panic() {
    let inet6 = "fe800000000000000000000000000001 02 40 20 80     eth0\n";
    assert_eq!(parse_addresses_v6(inet6)[0].scope, 0x20);
    for end in 0..inet6.len() - 1 {
        assert!(parse_addresses_v6(&inet6[..end]).len() <= 1);
    }
    for end in 0..DEV.len() {
        assert!(parse_statistics(&DEV[..end]).len() <= 2);
    }
}

#[test]
fn link_is_read_and_no_cut_of_it_is_a_panic() {
    let mut octets = vec![0, 0, 1, 0];
    octets.extend(7_u32.to_ne_bytes());
    octets.extend(0x1043_u32.to_ne_bytes());
    octets.extend([0; 4]);
    push_attribute(&mut octets, 3, b"e\x1bth\0").unwrap();
    push_attribute(&mut octets, 4, &1400_u32.to_ne_bytes()).unwrap();
    push_attribute(&mut octets, 1, &[2, 0, 0, 0, 0, 1]).unwrap();
    let found = link(&octets).unwrap();
    assert_eq!((found.index, found.flags, found.mtu), (7, 0x1043, 1400));
    assert_eq!((found.name.as_str(), found.address.len()), ("e\u{1b}th", 6));
    for end in 0..octets.len() {
        let _ = (link(&octets[..end]), address_v4(&octets[..end]));
    }
}

#[test]
fn what_a_link_is_made_of_is_read() {
    let nested = |kind: &str, data: &[u8]| {
        let mut about = Vec::new();
        push_attribute(&mut about, 1, format!("{kind}\0").as_bytes()).unwrap();
        push_attribute(&mut about, 2 | 0x8000, data).unwrap();
        about
    };
    let mut id = Vec::new();
    push_attribute(&mut id, 1, &7_u16.to_ne_bytes()).unwrap();
    let about = |kind: &str| {
        let mut octets = vec![0, 0, 1, 0];
        octets.extend(9_u32.to_ne_bytes());
        octets.extend((flags::UP | flags::NO_ARP | flags::LOWER_UP).to_ne_bytes());
        octets.extend([0; 4]);
        push_attribute(&mut octets, 3, b"d0.7\0").unwrap();
        push_attribute(&mut octets, 5, &3_u32.to_ne_bytes()).unwrap();
        push_attribute(&mut octets, 16, &[6]).unwrap();
        push_attribute(&mut octets, 18 | 0x8000, &nested(kind, &id)).unwrap();
        octets
    };
    let vlan = link(&about("vlan")).unwrap();
    assert_eq!((vlan.kind.as_str(), vlan.vlan, vlan.parent), ("vlan", Some(7), Some(3)));
    assert_eq!((vlan.state, vlan.state.name()), (OperState::Up, "up"));
    assert!(vlan.is_up() && vlan.has_carrier() && vlan.is_no_arp());
    assert_eq!(link(&about("veth")).unwrap().vlan, None, "the same number is something else there");
    let whole = about("vlan");
    for end in 0..whole.len() {
        let _ = link(&whole[..end]);
        for value in [0, 1, 5, 0x7f, 0xff] {
            let mut octets = whole.clone();
            octets[end] = value;
            let _ = link(&octets);
        }
    }
}

#[test]
fn loopback_is_among_the_links_and_has_its_address() {
    let mut netlink = Netlink::open(Subsystem::Route).unwrap();
    let found = links(&mut netlink).unwrap();
    let lo = found.iter().find(|link| link.name == "lo").unwrap();
    assert_eq!(lo.hardware, 772, "ARPHRD_LOOPBACK");
    if lo.flags & flags::UP != 0 {
        let addresses = addresses_v4(&mut netlink).unwrap();
        let own = addresses.iter().find(|address| address.index == lo.index).unwrap();
        assert_eq!((own.label.as_str(), own.prefix), ("lo", 8));
    }
}
