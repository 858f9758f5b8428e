//! More than anybody can want: answers without end, and frames that have nothing to do with the scan.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, Span, World};

use crate::common::arp_scan;

#[test]
fn storm_of_one_host_is_a_few_lines_and_a_count() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").times(150_000))
        .claim(Claim::of("192.0.2.14").mac("00:00:5e:00:53:0e"));
    let segment = lab.segment(&world);
    // Long enough for the whole of it on a machine that has other things to do.
    let run = arp_scan(&segment.scanner, "-I eth0 --linger 4000 192.0.2.8/29");
    run.exit(0);
    assert_eq!(run.responded(), Some(2), "{run:?}");
    assert_eq!(run.found().len(), 2);
    // One, three repeats, and the other host's.
    assert_eq!(run.hosts().len(), 5, "{run:?}");
    assert!(run.out.contains("(DUP: 4)") && run.err.contains("storm: 192.0.2.9 "), "{run:?}");
    assert!(run.out.len() + run.err.len() < 4096, "{run:?}");
}

#[test]
fn storm_is_counted_beyond_sixteen_bits() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9").times(150_000)));
    let run = arp_scan(&segment.scanner, "-I eth0 --json --linger 4000 192.0.2.9");
    run.exit(0);
    let summary = run.events("summary").remove(0);
    assert_eq!((&summary["responded"], run.events("host").len()), (&1.into(), 4));
    let count = |key: &str| summary[key].as_u64().unwrap();
    // What the kernel had no room for is told and not kept quiet.
    assert!(count("repeated") + count("dropped") >= 70_000, "{summary}");
}

#[test]
fn all_are_found_in_a_flood_of_other_frames() {
    let lab = Lab::new();
    let world = World::new().scanner("198.19.255.254/15").dense("198.18.0.0/20").flood(70_000);
    let segment = lab.segment(&world);
    let run = arp_scan(&segment.scanner, "-I eth0 --json 198.18.0.0/20");
    run.exit(0);
    let summary = &run.events("summary")[0];
    assert_eq!(summary["responded"], 4096, "{summary}");
    assert_eq!(Span::of("198.18.0.0/20").addresses().count(), 4096);
}

#[test]
fn others_who_are_overheard_are_counted_and_not_taken_for_answers() {
    let lab = Lab::new();
    let mut segment = lab.segment(&World::new());
    let mut scan = crate::common::start(&segment.scanner, "-I eth0 --json -r 2 -t 1500 192.0.2.9");
    while scan.line().is_some_and(|line| !line.contains("\"start\"")) {}
    segment.ask("00:00:5e:00:53:21", "192.0.2.33", "192.0.2.34");
    segment.announce("192.0.2.35", "00:00:5e:00:53:23");
    let run = crate::common::Run::of(scan.output());
    assert_eq!(run.events("host").len(), 0, "{run:?}");
    let overheard = run.events("summary")[0]["overheard"].as_u64();
    assert!(overheard.is_some_and(|count| count >= 2), "{run:?}");
}
