//! What somebody would stumble over who uses it for the first time.

use wireline_lab::Lab;
use wireline_lab::segment::World;

use crate::common::arp_scan;

#[test]
fn both_families_are_a_row_of_each_station_and_all_are_counted() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b", "c"]);
    let run = arp_scan(&hosts[0], "-I eth0 -6 --localnet");
    run.exit(0);
    for n in [2, 3] {
        let mac = format!("00:00:5e:00:53:0{n}");
        let row = format!("{mac}\t192.0.2.{n}\t2001:db8::{n},fe80::200:5eff:fe00:530{n}\t");
        assert!(run.out.lines().any(|line| line.starts_with(&row)), "{run:?}");
    }
    assert!(run.out.contains("(this machine)"), "{run:?}");
    let told = run.out.lines().filter(|line| line.starts_with("192.") || line.contains("::"));
    let told = told.filter(|line| !line.starts_with("00:")).count();
    assert!(run.out.trim_end().ends_with(&format!(". {told} responded")), "{run:?}");
}

#[test]
fn answers_of_ipv6_are_enough_for_a_limit() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b"]);
    arp_scan(&hosts[0], "-I eth0 -6 --limit=1").exit(0);
    arp_scan(&hosts[0], "-I eth0 -6 --limit=9").exit(1);
}

#[test]
fn word_of_ipv6_is_no_name() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new());
    let run = arp_scan(&segment.scanner, "-I eth0 2001:db8::9");
    run.exit(1);
    assert!(run.err.contains("2001:db8::9: IPv6 goes with -6"), "{run:?}");
}

#[test]
fn gateway_is_told_of_at_once_and_nobody_unasked_is_missing() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b"]);
    hosts[0].sh("ip route add default via 192.0.2.2");
    let words = "-I eth0 -l --watch --for 1 --check --json --pin-gateway=00:00:5e:00:53:77";
    let run = arp_scan(&hosts[0], words);
    run.exit(3);
    assert_eq!(run.events("gateway_changed").len(), 1, "{run:?}");
    // At 50 a second.
    let many: Vec<_> =
        (10..=250).map(|last| format!("192.0.2.{last}\t00:00:5e:00:53:99\n")).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), many.concat()).unwrap();
    let path = file.path().display();
    let run = arp_scan(&hosts[0], &format!("-I eth0 --watch --for 1 --json --baseline={path}"));
    let missing = run.events("difference").len();
    assert!((1..200).contains(&missing), "{run:?}");
    assert!(run.err.contains("WARNING: incomplete: it ended before "), "{run:?}");
}
