//! Who is found: all who are there, and nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use wireline_lab::segment::{Claim, Heard, Span, World};
use wireline_lab::{Lab, ms};

use crate::common::arp_scan;

/// A scanner of networks that are set aside for measuring (RFC 2544).
fn wide() -> World {
    World::new().scanner("198.19.255.254/15")
}

fn texts(span: Span) -> BTreeSet<String> {
    span.addresses().map(|address| address.to_string()).collect()
}

/// How often each address was asked for.
fn asked(heard: &[Heard]) -> BTreeMap<Ipv4Addr, usize> {
    let mut times = BTreeMap::new();
    for target in heard.iter().filter_map(Heard::target) {
        *times.entry(target).or_default() += 1;
    }
    times
}

#[test]
fn every_host_of_a_dense_16_is_found_in_a_hurry() {
    let lab = Lab::new();
    let segment = lab.segment(&wide().dense("198.18.0.0/16").kernels_only());
    let run = arp_scan(&segment.scanner, "-I eth0 --fast 198.18.0.0/16");
    run.exit(0);
    let found = run.found();
    assert_eq!((found.len(), run.responded()), (65_536, Some(65_536)), "{}", run.err);
    assert_eq!(found, texts(Span::of("198.18.0.0/16")));
    assert_eq!(run.hosts().len(), 65_536, "nobody has two lines");
}

#[test]
fn every_host_of_a_sparse_16_is_found_in_a_hurry() {
    let lab = Lab::new();
    let segment = lab.segment(&wide().sparse("198.18.0.0/16", 64).kernels_only());
    let run = arp_scan(&segment.scanner, "-I eth0 --fast 198.18.0.0/16");
    run.exit(0);
    let wanted = texts(Span { step: 64, ..Span::of("198.18.0.0/16") });
    assert_eq!(run.found(), wanted, "{}", run.err);
}

#[test]
fn every_host_of_a_dense_20_is_found_unless_told_otherwise() {
    let lab = Lab::new();
    let segment = lab.segment(&wide().dense("198.18.16.0/20").kernels_only());
    let run = arp_scan(&segment.scanner, "-I eth0 198.18.16.0/20");
    run.exit(0);
    assert_eq!(run.found(), texts(Span::of("198.18.16.0/20")), "{}", run.err);
}

#[test]
fn silent_hosts_are_asked_twice_and_the_others_once() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("192.0.2.0/24").one_in(8));
    let segment = lab.segment(&world);
    let run = arp_scan(&segment.scanner, "-I eth0 --localnet");
    run.exit(0);
    let there = texts(Span { step: 8, ..Span::of("192.0.2.0/24") });
    let mut found = run.found();
    // This machine's own, which some like to see and others not.
    found.remove("192.0.2.1");
    assert_eq!(found, there, "{run:?}");
    for (address, times) in asked(&segment.stop()) {
        if address == Ipv4Addr::new(192, 0, 2, 1) {
            continue;
        }
        let is_there = there.contains(&address.to_string());
        // A machine that is busy may take an answer for a late one.
        let wanted = if is_there { 1..=2 } else { 2..=2 };
        assert!(wanted.contains(&times), "{address} was asked {times} times");
    }
}

#[test]
fn who_does_not_hear_the_first_request_is_found_by_the_second() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.32/27").deaf_to(1)));
    let run = arp_scan(&segment.scanner, "-I eth0 192.0.2.32/27");
    run.exit(0);
    assert_eq!(run.found(), texts(Span::of("192.0.2.32/27")), "{run:?}");
}

#[test]
fn so_many_requests_are_sent_as_are_asked_for() {
    let lab = Lab::new();
    for retry in [1, 3, 5] {
        let name = retry.to_string();
        let segment =
            lab.segment_named(&format!("scanner{name}"), &format!("peer{name}"), &World::new());
        let run =
            arp_scan(&segment.scanner, &format!("-I eth0 -r {retry} -t 40 -b 1 192.0.2.8/30"));
        run.exit(0);
        assert_eq!(run.responded(), Some(0));
        let asked = asked(&segment.stop());
        assert_eq!(asked.len(), 4);
        assert!(asked.values().all(|times| *times == retry), "{retry}: {asked:?}");
    }
}

#[test]
fn slow_answer_within_the_time_is_heard() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9").after(ms(180))));
    let run = arp_scan(&segment.scanner, "-I eth0 -r 1 -t 2000 192.0.2.9");
    run.exit(0);
    assert_eq!(run.found().len(), 1, "{run:?}");
}

#[test]
fn request_is_as_rfc_826_has_it() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    arp_scan(&segment.scanner, "-I eth0 192.0.2.9").exit(0);
    let heard = segment.stop();
    let frame = hex(&heard[0].frame[..42]);
    assert_eq!(
        frame,
        "ffffffffffff00005e005301080600010800060400 0100005e005301c0000201000000000000c0000209"
            .replace(' ', "")
    );
}

fn hex(octets: &[u8]) -> String {
    let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    octets.concat()
}

#[test]
fn kernel_is_not_told_of_anybody() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.0/24")));
    arp_scan(&segment.scanner, "-I eth0 192.0.2.0/24").exit(0);
    assert_eq!(segment.scanner.output("ip -4 neigh show dev eth0 nud reachable"), "");
}
