//! Neighbours of IPv6 beside those of IPv4.

use std::collections::BTreeSet;

use wireline_lab::Lab;

use crate::common::arp_scan;

#[test]
fn hosts_of_both_families_are_one_by_their_link_layer_address() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b", "c"]);
    let run = arp_scan(&hosts[0], "-I eth0 -6 --localnet --json");
    run.exit(0);
    let of = |mac: &str| -> BTreeSet<String> {
        let hosts = run.events("host").into_iter().filter(|host| host["mac"] == mac);
        hosts.map(|host| host["address"].as_str().unwrap().to_owned()).collect()
    };
    for n in [2, 3] {
        let found = of(&format!("00:00:5e:00:53:0{n}"));
        assert!(found.contains(&format!("192.0.2.{n}")), "{run:?}");
        assert!(found.contains(&format!("2001:db8::{n}")), "its global address: {run:?}");
        assert!(found.contains(&format!("fe80::200:5eff:fe00:530{n}")), "{run:?}");
    }
}

#[test]
fn network_of_64_bits_is_not_swept() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b"]);
    let run = arp_scan(&hosts[0], "-I eth0 -6 2001:db8::/64");
    run.exit(1);
    assert!(run.err.contains("2001:db8::/64"), "{run:?}");
}
