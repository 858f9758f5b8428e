//! Frames of every make, and such as make no sense.

use wireline_lab::segment::{Claim, Hostile, World};
use wireline_lab::{Lab, ms};

use crate::common::{Run, arp_scan};

const MAC: &str = "00:00:5e:00:53:10";

/// What a scan of 192.0.2.9 says where this is what is answered.
fn answered(claim: Claim, args: &str) -> Run {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(claim));
    arp_scan(&segment.scanner, &format!("-I eth0 --plain {args} 192.0.2.9"))
}

#[track_caller]
fn one_line(run: &Run, rest: &str) {
    assert_eq!(run.code, Some(0), "{run:?}");
    let first = run.out.lines().next().unwrap_or_default();
    assert_eq!(first, format!("192.0.2.9\t{MAC}\t{rest}"), "{run:?}");
}

/// As arp-scan names the prefix of these, whatever the list's age.
const ICANN: &str = "ICANN, IANA Department";

#[test]
fn tag_is_told() {
    one_line(&answered(Claim::of("192.0.2.9").tag(7), ""), &format!("{ICANN} (802.1Q VLAN=7)"));
    let priority = Claim::of("192.0.2.9").tag(0xe00c);
    one_line(&answered(priority, ""), &format!("{ICANN} (802.1Q VLAN=12)"));
}

#[test]
fn llc_is_told() {
    let claim = Claim::of("192.0.2.9").snap();
    one_line(&answered(claim, ""), &format!("{ICANN} (802.2 LLC/SNAP)"));
}

#[test]
fn padding_is_told_where_it_is_not_zero() {
    let with = |octets: &[u8]| answered(Claim::of("192.0.2.9").trailer(octets), "-v");
    let line = |run: &Run| {
        let is_host = |line: &&str| line.starts_with("192.0.2.9\t");
        run.out.lines().find(is_host).unwrap_or_default().to_owned()
    };
    let said = line(&with(b"abc\0\0\0"));
    assert!(said.contains("Padding=616263"), "{said}");
    let said = line(&with(&[0; 18]));
    assert!(!said.contains("Padding"), "{said}");
}

#[test]
fn repeats_are_told() {
    let run = answered(Claim::of("192.0.2.9").times(3), "--linger 1500");
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    assert!(lines[1].ends_with("(DUP: 2)") && lines[2].ends_with("(DUP: 3)"), "{run:?}");
    let once = answered(Claim::of("192.0.2.9").times(3), "--ignoredups");
    assert_eq!(once.out.lines().count(), 1, "{once:?}");
}

/// Whatever comes before it, the right answer is the one that counts.
fn survives(hostile: Hostile) -> Run {
    let claim = Claim::of("192.0.2.9").hostile(hostile);
    let run = answered(claim, "--json -r 1 -t 20000");
    assert_eq!(run.code, Some(0), "{hostile:?}: {run:?}");
    let right = run.events("host").into_iter().filter(|host| {
        host["address"] == "192.0.2.9" && host["mac"] == MAC && host["protocol"] == 0x0800
    });
    assert!(right.count() >= 1, "{hostile:?}: {run:?}");
    assert_eq!(run.events("summary")[0]["responded"], 1, "{hostile:?}: {run:?}");
    run
}

#[test]
fn frames_cut_at_every_octet_are_nobody_s() {
    let run = survives(Hostile::EveryTruncation);
    assert_eq!(run.events("host").len(), 1, "{run:?}");
}

#[test]
fn lengths_that_lie_are_not_believed() {
    let run = survives(Hostile::EveryLength);
    assert_eq!(run.events("host").len(), 1, "{run:?}");
}

#[test]
fn other_operations_are_no_answers() {
    let run = survives(Hostile::EveryOperation);
    assert_eq!(run.events("host").len(), 1, "{run:?}");
}

#[test]
fn answer_about_another_address_is_not_that_one_s() {
    let run = survives(Hostile::OtherAddress);
    assert!(run.events("host").iter().all(|host| host["address"] != "192.0.2.10"), "{run:?}");
}

#[test]
fn nonsense_of_other_kinds_is_survived() {
    for hostile in [
        Hostile::OtherHardware,
        Hostile::NobodysMac,
        Hostile::ManyTags,
        Hostile::LyingLlc,
        Hostile::Longest,
        Hostile::Noise(7, 20_000),
    ] {
        survives(hostile);
    }
}

/// As arp-scan does: the address is the one that was asked for, whatever protocol it is said to be of.
#[test]
fn other_protocols_count_and_are_told() {
    let run = answered(Claim::of("192.0.2.9").hostile(Hostile::OtherProtocol), "-g -r 1 -t 20000");
    one_line(&run, &format!("{ICANN} (ARP Proto=0x0000)"));
}

#[test]
fn nonsense_alone_is_nobody() {
    for hostile in [
        Hostile::EveryTruncation,
        Hostile::EveryLength,
        Hostile::EveryOperation,
        Hostile::Noise(9, 20_000),
    ] {
        let claim = Claim::of("192.0.2.9").hostile(hostile).silent();
        let run = answered(claim, "--json -r 1 -t 500");
        assert_eq!(run.code, Some(0), "{hostile:?}: {run:?}");
        assert_eq!(run.events("host").len(), 0, "{hostile:?}: {run:?}");
    }
}

#[test]
fn rtt_is_that_of_the_wire() {
    let run = answered(Claim::of("192.0.2.9").after(ms(40)), "--rtt");
    let rtt = run.out.lines().next().and_then(|line| line.rsplit_once("\tRTT="));
    let rtt: f64 = rtt.unwrap().1.strip_suffix(" ms").unwrap().parse().unwrap();
    assert!((39.0..500.0).contains(&rtt), "{run:?}");
}
