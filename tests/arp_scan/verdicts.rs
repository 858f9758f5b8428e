//! What is not in order on a segment, and is said to be so.

use serde_json::Value;
use wireline_lab::segment::{Claim, Segment, World};
use wireline_lab::{Lab, ms};

use crate::common::{Run, arp_scan};

/// The findings of a run with `--json`, by their names.
fn findings(segment: &Segment<'_>, args: &str, code: i32) -> (Run, Vec<Value>) {
    let run = arp_scan(&segment.scanner, &format!("-I eth0 --json --check {args}"));
    run.exit(code);
    let findings = run.events("finding");
    (run, findings)
}

#[track_caller]
fn only<'a>(findings: &'a [Value], name: &str) -> &'a Value {
    let [one] = findings else { panic!("not one finding: {findings:#?}") };
    assert_eq!(one["finding"], name, "{one}");
    one
}

#[test]
fn two_who_claim_one_address_are_a_conflict() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:09"))
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:99"));
    let segment = lab.segment(&world);
    let (_, findings) = findings(&segment, "192.0.2.9", 3);
    let conflict = only(&findings, "conflict");
    assert_eq!(conflict["address"], "192.0.2.9");
    let macs: Vec<_> =
        conflict["claimants"].as_array().unwrap().iter().map(|one| &one["mac"]).collect();
    assert_eq!(macs, ["00:00:5e:00:53:09", "00:00:5e:00:53:99"]);
}

#[test]
fn second_claimant_who_is_late_is_waited_for() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9"))
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:99").after(ms(60)));
    let segment = lab.segment(&world);
    let (_, found) = findings(&segment, "192.0.2.9", 3);
    only(&found, "conflict");
    let text = arp_scan(&segment.scanner, "-I eth0 --check 192.0.2.9");
    text.exit(3);
    let said = format!("{}{}", text.out, text.err).to_lowercase();
    assert!(said.contains("conflict") && said.contains("00:00:5e:00:53:99"), "{text:?}");
}

#[test]
fn conflict_without_check_is_told_and_no_failure() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9"))
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:99"));
    let segment = lab.segment(&world);
    let run = arp_scan(&segment.scanner, "-I eth0 --json 192.0.2.8/29");
    run.exit(0);
    only(&run.events("finding"), "conflict");
}

#[test]
fn same_answer_twice_is_no_conflict() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("192.0.2.9").times(2));
    let segment = lab.segment(&world);
    let (run, found) = findings(&segment, "192.0.2.9", 0);
    assert_eq!(found, [Value::Null; 0]);
    assert_eq!(run.events("summary")[0]["repeated"], 1);
}

#[test]
fn who_answers_for_everybody_is_a_proxy() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("0.0.0.0/0").mac("00:00:5e:00:53:fe"));
    let segment = lab.segment(&world);
    let (run, found) = findings(&segment, "192.0.2.64/26", 3);
    let proxies: Vec<_> = found.iter().filter(|one| one["finding"] == "proxy_arp").collect();
    assert_eq!(proxies.len(), 1, "{found:#?}");
    assert_eq!(proxies[0]["mac"], "00:00:5e:00:53:fe");
    assert_eq!(run.events("host").len(), 64);
}

#[test]
fn who_answers_for_another_network_is_a_proxy() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("203.0.113.9").mac("00:00:5e:00:53:fe"));
    let segment = lab.segment(&world);
    let (_, found) = findings(&segment, "203.0.113.9", 3);
    assert_eq!(only(&found, "proxy_arp")["mac"], "00:00:5e:00:53:fe");
}

#[test]
fn addresses_that_routers_share_are_named() {
    let lab = Lab::new();
    for (n, (mac, kind, group)) in
        [("00:00:5e:00:01:07", "vrrp", 7), ("00:00:0c:07:ac:02", "hsrp", 2)].into_iter().enumerate()
    {
        let world = World::new().claim(Claim::of("192.0.2.254").mac(mac));
        let segment = lab.segment_named(&format!("scanner{n}"), &format!("peer{n}"), &world);
        let run = arp_scan(&segment.scanner, "-I eth0 --json 192.0.2.254");
        run.exit(0);
        let findings = run.events("finding");
        let one = only(&findings, "virtual");
        assert_eq!(
            (&one["mac_kind"], &one["group"], &one["address"]),
            (&kind.into(), &group.into(), &"192.0.2.254".into())
        );
    }
}

#[test]
fn frame_from_another_than_it_says_is_told() {
    let lab = Lab::new();
    let world = World::new().claim(Claim::of("192.0.2.9").frame_mac("00:00:5e:00:53:99"));
    let segment = lab.segment(&world);
    let (_, found) = findings(&segment, "192.0.2.9", 3);
    let one = only(&found, "mismatch");
    assert_eq!(one["mac"], "00:00:5e:00:53:10");
    assert_eq!(one["frame_mac"], "00:00:5e:00:53:99");
    let text = arp_scan(&segment.scanner, "-I eth0 192.0.2.9");
    let line = &text.hosts()[0];
    assert!(line.mac.starts_with("00:00:5e:00:53:10 (00:00:5e:00:53:99)"), "{text:?}");
}

#[test]
fn orderly_segment_passes_its_check() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:09"))
        .claim(Claim::of("192.0.2.10").mac("00:00:5e:00:53:0a"));
    let segment = lab.segment(&world);
    let (run, found) = findings(&segment, "192.0.2.8/29", 0);
    assert_eq!(found, [Value::Null; 0], "{run:?}");
    assert_eq!(run.events("summary")[0]["complete"], true);
}
