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
