//! Ours beside arp-scan 1.10, and what tcpdump makes of what was saved.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, World};

use crate::common::{Run, arp_scan, run};

const PEER: &str = "/usr/sbin/arp-scan";

/// Every way to answer that arp-scan has a word for.
fn world() -> World {
    World::new()
        .claim(Claim::of("192.0.2.9").mac("52:54:00:12:34:56"))
        .claim(Claim::of("192.0.2.10").mac("00:00:0c:00:53:01").tag(7))
        .claim(Claim::of("192.0.2.11").mac("02:00:00:00:53:01").snap())
        .claim(Claim::of("192.0.2.12").mac("00:1b:21:00:53:01").trailer(b"abc"))
        .claim(Claim::of("192.0.2.13").frame_mac("00:00:5e:00:53:99"))
        .claim(Claim::of("192.0.2.14").mac("00:00:5e:00:01:09").times(2))
        .claim(Claim::of("192.0.2.20").protocol(0x8137))
}

/// Both runs of the same words, in turn.
fn both(args: &str) -> [Run; 2] {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let ours = arp_scan(&segment.scanner, args);
    let theirs = run(segment.scanner.command(PEER), args);
    [ours, theirs]
}

fn sorted(run: &Run) -> Vec<String> {
    let mut lines: Vec<_> = run.out.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs arp-scan"]
fn lines_are_those_of_arp_scan() {
    for args in [
        "-I eth0 --compat --plain -q 192.0.2.8/28",
        "-I eth0 --compat --plain -q -v 192.0.2.8/28",
        "-I eth0 --compat --plain -g -q 192.0.2.8/28",
    ] {
        // Theirs knows no --compat.
        let lab = Lab::new();
        let segment = lab.segment(&world());
        let ours = arp_scan(&segment.scanner, args);
        let theirs = run(segment.scanner.command(PEER), &args.replace("--compat ", ""));
        assert_eq!(sorted(&ours), sorted(&theirs), "{args}: {} / {}", ours.err, theirs.err);
        assert_eq!(ours.code, theirs.code, "{args}");
    }
}

#[test]
#[ignore = "needs arp-scan"]
fn formats_are_those_of_arp_scan() {
    for format in [
        "${ip}",
        "${ip;-20}|${mac;20}|${hdrmac}",
        "${IP}\\t${MAC}\\t${Framing}\\t${VLAN}",
        "${ip}${dup;4}${proto}${padding}",
    ] {
        let [ours, theirs] = both(&format!("-I eth0 --plain -r 1 --format={format} 192.0.2.8/28"));
        assert_eq!(sorted(&ours), sorted(&theirs), "{format}: {} / {}", ours.err, theirs.err);
    }
}

#[test]
#[ignore = "needs arp-scan"]
fn header_and_footer_are_those_of_arp_scan() {
    let masked = |run: &Run| -> Vec<String> {
        let known = |line: &&str| line.starts_with("Interface: ") || line.starts_with("Starting ");
        run.out.lines().filter(known).map(str::to_owned).collect()
    };
    let [ours, theirs] = both("-I eth0 -q 192.0.2.8/29");
    assert_eq!(masked(&ours), masked(&theirs));
    assert_eq!(ours.responded(), theirs.responded(), "{ours:?} {theirs:?}");
}

#[test]
#[ignore = "needs tcpdump"]
fn tcpdump_reads_what_was_saved() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("answers.pcap");
    let path = path.to_str().unwrap();
    arp_scan(&segment.scanner, &format!("-I eth0 --pcapsavefile={path} 192.0.2.9 192.0.2.10"))
        .exit(0);
    // Not in the lab: tcpdump becomes another user where it is root, and an ordinary user's lab has none.
    let read = run(assert_cmd::Command::new("/usr/bin/tcpdump"), &format!("-n -e -r {path}"));
    read.exit(0);
    assert!(read.out.contains("Reply 192.0.2.9 is-at 52:54:00:12:34:56"), "{read:?}");
    assert!(read.out.contains("vlan 7"), "{read:?}");
    assert_eq!(read.out.lines().count(), 2, "no requests: {read:?}");
}
