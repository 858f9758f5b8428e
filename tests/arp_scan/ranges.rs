//! Numbers and words that options do not take: each is refused by name.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, World};

use crate::common::{arp_scan, program_path, run};

/// Refused before anything is sent, by one line that names what was wrong.
fn refused(lines: &[(&str, &str)]) {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    for (args, word) in lines {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 {args} 192.0.2.9"));
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{args}: {run:?}");
        // Some of arp-scan's sentences name the option, some its value.
        let value = args.split_once('=').map_or(*word, |(_, value)| value);
        let is_named = run.err.contains(word) || run.err.contains(&format!("\"{value}\""));
        assert!(is_named, "{args}: {word:?} is not in {run:?}");
    }
    assert_eq!(segment.stop(), [], "nothing was sent");
}

#[test]
fn times_and_rates_have_their_bounds() {
    refused(&[
        ("--bandwidth=0", "bandwidth"),
        ("--bandwidth=-1", "bandwidth"),
        ("--bandwidth=5X", "bandwidth"),
        ("--bandwidth=99999999999999999999M", "bandwidth"),
        ("--interval=-1", "interval"),
        ("--interval=abc", "interval"),
        ("--bandwidth=1M --interval=10", "interval"),
        ("--timeout=-5", "timeout"),
        ("--timeout=abc", "timeout"),
        ("--backoff=abc", "backoff"),
        ("--backoff=-1", "backoff"),
        ("--backoff=NaN", "backoff"),
        ("--backoff=inf", "backoff"),
        ("--retry=0", "retry"),
        ("--retry=-1", "retry"),
        ("--retry=x", "retry"),
        ("--rate=0", "rate"),
        ("--limit=-1", "limit"),
        ("--linger=-1", "linger"),
        ("--retry-send=x", "retry-send"),
    ]);
}

#[test]
fn fields_have_their_bounds() {
    refused(&[
        ("--arpop=65536", "arpop"),
        ("--arpop=-1", "arpop"),
        ("--arphrd=0x10000", "arphrd"),
        ("--arppro=70000", "arppro"),
        ("--arphln=256", "arphln"),
        ("--arppln=256", "arppln"),
        ("--prototype=0x10000", "prototype"),
        ("--vlan=4095", "vlan"),
        ("--vlan=5000", "vlan"),
        ("--vlan=-1", "vlan"),
        ("--snap=-1", "snap"),
        ("--padding=zz", "padding"),
        ("--padding=abc", "padding"),
        ("--srcaddr=02:00:00", "02:00:00"),
        ("--destaddr=zz:00:00:00:00:00", "zz:00:00:00:00:00"),
        ("--arpsha=1", "1"),
        ("--arptha=1:2:3:4:5:6:7", "1:2:3:4:5:6:7"),
        ("--arpspa=300.1.1.1", "300.1.1.1"),
        ("--format=${ip", "format"),
        ("--format=${ip;x}", "format"),
    ]);
}

#[test]
fn flag_that_does_not_exist_is_refused_by_name() {
    refused(&[("--no-such-flag", "no-such-flag"), ("-Z", "Z")]);
}

#[test]
fn more_than_a_12_is_asked_only_by_who_means_it() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new());
    for targets in ["0.0.0.0-255.255.255.255", "10.0.0.0/8", "0.0.0.0/3"] {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 {targets}"));
        run.exit(1);
        assert!(run.err.contains("--yes-large"), "{run:?}");
    }
    assert_eq!(segment.stop(), []);
}

#[test]
fn networks_that_make_no_sense_are_refused() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new());
    for (target, word) in [
        ("192.0.2.0:255.0.255.0", "255.0.255.0"),
        ("192.0.2.0/33", "/33"),
        ("192.0.2.0/2", "/2"),
        ("192.0.2.9-192.0.2.1", "192.0.2.9"),
    ] {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 {target}"));
        run.exit(1);
        assert!(run.err.contains(word), "{run:?}");
    }
    assert_eq!(segment.stop(), []);
}

#[test]
fn one_address_without_its_broadcast_address_is_one() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let run = arp_scan(&segment.scanner, "-I eth0 --exclude-broadcast 192.0.2.9/32");
    run.exit(0);
    assert_eq!(run.found().len(), 1, "{run:?}");
}

#[test]
fn help_and_version_need_nothing() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, word) in [("--help", "--interface"), ("--version", "arp-scan")] {
        let run = run(host.as_nobody(program_path()), args);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(format!("{}{}", run.out, run.err).contains(word), "{run:?}");
    }
}
