//! What is in the way of a scan: interfaces that cannot carry one, and links that fail under it.

use wireline_lab::segment::{Claim, Heard, Segment, World};
use wireline_lab::{Lab, not_tried};

use crate::common::{Run, arp_scan, start};

fn segment<'lab>(lab: &'lab Lab, world: &World) -> Segment<'lab> {
    lab.segment(world)
}

#[test]
fn interface_that_is_not_there_is_named() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new());
    let run = arp_scan(&segment.scanner, "-I eth9 192.0.2.9");
    run.complains(2, &["eth9"]);
    assert!(run.err.contains("eth0"), "it names one that could be used: {run:?}");
}

#[test]
fn loopback_is_no_segment() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new());
    arp_scan(&segment.scanner, "-I lo 127.0.0.1").complains(2, &["lo", "eth0"]);
}

#[test]
fn tunnel_is_no_segment() {
    let lab = Lab::new();
    if !lab.has_users() {
        return not_tried("/dev/net/tun is root's");
    }
    let segment = segment(&lab, &World::new());
    segment.scanner.sh("ip tuntap add dev tun0 mode tun && ip link set tun0 up");
    arp_scan(&segment.scanner, "-I tun0 192.0.2.9").complains(2, &["tun0"]);
}

#[test]
fn interface_without_arp_is_warned_of_and_scanned() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().claim(Claim::of("192.0.2.9")));
    segment.scanner.sh("ip link set eth0 arp off");
    let run = arp_scan(&segment.scanner, "-I eth0 192.0.2.9");
    run.exit(0);
    assert_eq!(run.found().len(), 1, "{run:?}");
    assert!(run.err.to_lowercase().contains("arp") && run.err.contains("eth0"), "{run:?}");
}

#[test]
fn interface_without_address_asks_as_nobody() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().scanner("").claim(Claim::of("192.0.2.9")));
    let run = arp_scan(&segment.scanner, "-I eth0 192.0.2.9");
    run.exit(0);
    assert_eq!(run.found().len(), 1, "{run:?}");
    assert!(run.err.contains("eth0"), "a warning: {run:?}");
    let senders: Vec<_> = segment.stop().iter().filter_map(Heard::sender).collect();
    assert!(!senders.is_empty() && senders.iter().all(std::net::Ipv4Addr::is_unspecified));
}

#[test]
fn network_of_an_interface_without_address_is_unknown() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().scanner(""));
    let run = arp_scan(&segment.scanner, "-I eth0 --localnet");
    run.exit(1);
    assert!(run.err.contains("eth0"), "{run:?}");
}

#[test]
fn cable_that_is_out_is_an_error() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new());
    segment.peer.sh("ip link set eth0 down");
    let run = arp_scan(&segment.scanner, "-I eth0 192.0.2.9");
    run.complains(2, &["eth0", "carrier"]);
}

#[test]
fn cable_may_be_waited_for() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().claim(Claim::of("192.0.2.9")));
    segment.peer.sh("ip link set eth0 down");
    let scan = start(&segment.scanner, "-I eth0 --wait-carrier=30 192.0.2.9");
    segment.peer.sh("sleep 0.3; ip link set eth0 up");
    let run = Run::of(scan.output());
    assert_eq!((run.code, run.found().len()), (Some(0), 1), "{run:?}");
}

#[test]
fn interface_that_is_down_is_an_error() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new());
    segment.scanner.sh("ip link set eth0 down");
    arp_scan(&segment.scanner, "-I eth0 192.0.2.9").complains(2, &["eth0", "is down"]);
}

#[test]
fn link_that_goes_down_ends_the_scan_with_what_is_known() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("192.0.2.0/28"));
    let segment = segment(&lab, &world);
    let mut scan = start(&segment.scanner, "-I eth0 --json -i 200 -r 3 192.0.2.0/24");
    // Not this machine itself, which is told before anything is sent.
    while !scan.line().expect("a host").contains("\"source\":\"reply\"") {}
    segment.scanner.sh("ip link set eth0 down");
    let run = Run::of(scan.output());
    run.exit(2);
    let summary = run.events("summary").pop().unwrap_or_else(|| panic!("no summary: {run:?}"));
    assert_eq!(summary["complete"], false, "{summary}");
    assert!(summary["responded"].as_u64().is_some_and(|count| count >= 1), "{summary}");
}

#[test]
fn link_that_is_taken_away_ends_the_scan() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().claim(Claim::of("192.0.2.0/28")));
    let mut scan = start(&segment.scanner, "-I eth0 --json -i 200 -r 3 192.0.2.0/24");
    // Not this machine itself, which is told before anything is sent.
    while !scan.line().expect("a host").contains("\"source\":\"reply\"") {}
    segment.scanner.sh("ip link del eth0");
    let run = Run::of(scan.output());
    run.exit(2);
    assert_eq!(run.events("summary").len(), 1, "{run:?}");
}

/// The interface stays up, and a packet socket is told nothing.
#[test]
fn carrier_that_is_lost_ends_the_scan() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().claim(Claim::of("192.0.2.0/28")));
    let mut scan = start(&segment.scanner, "-I eth0 --json -i 200 -r 3 192.0.2.0/24");
    while !scan.line().expect("a host").contains("\"event\":\"host\"") {}
    segment.peer.sh("ip link set eth0 down");
    let run = Run::of(scan.output());
    run.exit(2);
    let summary = run.events("summary").pop().unwrap_or_else(|| panic!("no summary: {run:?}"));
    assert_eq!(summary["complete"], false, "{summary}");
    assert_eq!(summary["error"], "Network is down", "{summary}");
}

/// A queue that is full is no reason to give up.
#[test]
fn slow_interface_is_waited_for() {
    let lab = Lab::new();
    let segment = segment(&lab, &World::new().claim(Claim::of("192.0.2.0/24")));
    // A frame of 60 octets takes 5 ms there, and two have room.
    segment.scanner.sh("ip link set eth0 txqueuelen 2");
    let slow = "tc qdisc replace dev eth0 root tbf rate 100kbit burst 200 limit 200";
    if !segment.scanner.output(&format!("{slow} 2> /dev/null || echo no")).is_empty() {
        return not_tried("this needs tc and a kernel with CONFIG_NET_SCH_TBF");
    }
    let run = arp_scan(&segment.scanner, "-I eth0 --json --fast -r 5 192.0.2.0/26");
    run.exit(0);
    let hosts = run.events("summary")[0]["responded"].as_u64();
    assert_eq!(hosts, Some(64), "{:?}", run.events("summary"));
}
