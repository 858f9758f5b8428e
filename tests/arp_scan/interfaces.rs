//! Which interfaces are scanned, and this machine on them.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, Segment, World};

use crate::common::{arp_scan, start};

/// A scanner with two segments: 192.0.2.9 is on `eth0` and 198.51.100.9 on `eth1`.
fn two(lab: &Lab) -> [Segment<'_>; 2] {
    let first = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let world = World::new().scanner("198.51.100.1/24").claim(Claim::of("198.51.100.9"));
    let second = lab.segment_at(&first.scanner, 1, "peer1", &world);
    [first, second]
}

#[test]
fn interface_of_the_default_route_is_taken() {
    let lab = Lab::new();
    let [first, second] = two(&lab);
    first.scanner.sh("ip route add default via 198.51.100.9 dev eth1 metric 5
        ip route add default via 192.0.2.9 dev eth0 metric 50");
    let run = arp_scan(&first.scanner, "198.51.100.9");
    run.exit(0);
    assert!(run.out.starts_with("Interface: eth1, "), "{run:?}");
    assert_eq!(run.found().len(), 1, "{run:?}");
    assert_eq!(first.stop(), []);
    assert!(!second.stop().is_empty());
}

#[test]
fn only_interface_that_can_be_used_is_taken_where_there_is_no_default_route() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let run = arp_scan(&segment.scanner, "192.0.2.9");
    run.exit(0);
    assert!(run.out.starts_with("Interface: eth0, "), "{run:?}");
}

#[test]
fn all_interfaces_are_scanned_in_one_run() {
    let lab = Lab::new();
    for (n, interfaces) in ["all", "eth0,eth1"].into_iter().enumerate() {
        let world = World::new().claim(Claim::of("192.0.2.9"));
        let first = lab.segment_named(&format!("s{n}"), &format!("p{n}"), &world);
        let world = World::new().scanner("198.51.100.1/24").claim(Claim::of("198.51.100.9"));
        let _second = lab.segment_at(&first.scanner, 1, &format!("q{n}"), &world);
        let run = arp_scan(&first.scanner, &format!("-I {interfaces} --localnet --json"));
        run.exit(0);
        let hosts = run.events("host");
        for (interface, address) in [("eth0", "192.0.2.9"), ("eth1", "198.51.100.9")] {
            let is_it = |host: &&serde_json::Value| {
                host["interface"] == interface && host["address"] == address
            };
            assert_eq!(hosts.iter().filter(is_it).count(), 1, "{interface}: {run:?}");
        }
    }
}

#[test]
fn own_address_is_marked_and_another_s_claim_to_it_a_conflict() {
    let lab = Lab::new();
    let mut segment = lab.segment(&World::new());
    let run = arp_scan(&segment.scanner, "-I eth0 --json --check 192.0.2.0/29");
    run.exit(0);
    let own: Vec<_> = run.events("host");
    assert_eq!(own.len(), 1, "{run:?}");
    assert_eq!((&own[0]["address"], &own[0]["source"]), (&"192.0.2.1".into(), &"own".into()));
    segment.join(Claim::of("192.0.2.1").mac("00:00:5e:00:53:66"));
    let run = arp_scan(&segment.scanner, "-I eth0 --json --check 192.0.2.0/29");
    run.exit(3);
    assert_eq!(run.events("finding")[0]["finding"], "conflict", "{run:?}");
}

#[test]
fn vlans_are_asked_one_by_one() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9").tag(7)));
    let run = arp_scan(&segment.scanner, "-I eth0 --vlan=5-8 -r 1 --json 192.0.2.9");
    run.exit(0);
    assert!(run.events("host").iter().any(|host| host["vlan"] == 7), "{run:?}");
    assert!(segment.stop().len() >= 4, "a request with each tag");
}

#[test]
fn line_comes_as_soon_as_there_is_an_answer() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.1/30")));
    let mut scan =
        start(&segment.scanner, "-I eth0 -i 5s --plain 192.0.2.2 192.0.2.200 192.0.2.201");
    let line = scan.line().unwrap();
    assert!(line.starts_with("192.0.2.2\t"), "into a pipe, and long before the end: {line}");
}
