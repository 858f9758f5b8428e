//! A segment that a kernel and a program play, asked by another kernel.

use std::net::Ipv4Addr;

use wireline_lab::segment::{Claim, Hostile, SCANNER, SCANNER_MAC, Segment, World};
use wireline_lab::{Lab, ms};

/// What the scanner's kernel learns of an address, as `MAC STATE`.
fn resolve(segment: &Segment<'_>, address: &str) -> String {
    let said = segment.scanner.output(&format!(
        "ip neigh replace {address} dev eth0 nud none use
        for _ in $(seq 300); do
            ip neigh show {address} dev eth0 | grep -q 'REACHABLE\\|FAILED' && break
            sleep 0.01
        done
        ip neigh show {address} dev eth0",
    ));
    said.trim().trim_start_matches(address).trim().replace("lladdr ", "")
}

#[test]
fn kernel_answers_for_whole_networks() {
    let lab = Lab::new();
    let world = World::new()
        .scanner("198.19.255.254/15")
        .dense("198.18.0.0/16")
        .sparse("198.19.0.0/16", 64)
        .kernels_only();
    let segment = lab.segment(&world);
    for there in ["198.18.0.0", "198.18.255.255", "198.19.0.64", "198.19.255.192"] {
        assert_eq!(resolve(&segment, there), "00:00:5e:00:53:02 REACHABLE", "{there}");
    }
    assert_eq!(resolve(&segment, "198.19.0.65"), "FAILED");
}

#[test]
fn claim_is_answered_and_the_question_heard() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    assert_eq!(resolve(&segment, "192.0.2.9"), "00:00:5e:00:53:10 REACHABLE");
    let heard = segment.stop();
    let first = heard.first().unwrap();
    assert_eq!(first.operation(), Some(1));
    assert_eq!(first.sender(), Some(SCANNER));
    assert_eq!(first.target(), Some(Ipv4Addr::new(192, 0, 2, 9)));
    assert_eq!(first.frame[..6], [0xff; 6]);
    assert_eq!(first.frame[6..12], [0, 0, 0x5e, 0, 0x53, 1], "{SCANNER_MAC}");
}

#[test]
fn host_moves_leaves_and_comes_back() {
    let lab = Lab::new();
    let mut segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    segment.change("192.0.2.9", "00:00:5e:00:53:77");
    assert_eq!(resolve(&segment, "192.0.2.9"), "00:00:5e:00:53:77 REACHABLE");
    segment.leave("192.0.2.9");
    segment.scanner.sh("ip neigh flush all");
    assert_eq!(resolve(&segment, "192.0.2.9"), "FAILED");
    segment.join(Claim::of("192.0.2.9").deaf_to(1));
    assert_eq!(resolve(&segment, "192.0.2.9"), "00:00:5e:00:53:10 REACHABLE");
}

#[test]
fn announcement_changes_what_a_kernel_knows() {
    let lab = Lab::new();
    let mut segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    assert_eq!(resolve(&segment, "192.0.2.9"), "00:00:5e:00:53:10 REACHABLE");
    // A kernel believes no other answer within a second of the last (arp(7), locktime).
    segment.scanner.sysctl("net.ipv4.neigh.eth0.locktime", "0");
    segment.announce("192.0.2.9", "00:00:5e:00:53:66");
    segment.scanner.sh("for _ in $(seq 300); do
            ip neigh show 192.0.2.9 | grep -q 00:00:5e:00:53:66 && exit; sleep 0.01
        done; exit 1");
}

#[test]
fn storms_floods_and_nonsense_reach_the_scanner() {
    let lab = Lab::new();
    let storm = Claim::of("192.0.2.9").times(20_000);
    let hostile = Claim::of("192.0.2.8").hostile(Hostile::EveryOperation).after(ms(1));
    let mut segment = lab.segment(&World::new().claim(storm).claim(hostile));
    let received = |segment: &Segment<'_>, least: u64| {
        segment.scanner.sh(&format!(
            "for _ in $(seq 3000); do
                [ $(awk '/eth0:/ {{ print $3 }}' /proc/net/dev) -ge {least} ] && exit
                sleep 0.01
            done; exit 1",
        ));
    };
    resolve(&segment, "192.0.2.9");
    received(&segment, 20_000);
    resolve(&segment, "192.0.2.8");
    received(&segment, 85_000);
    segment.flood(50_000);
    received(&segment, 95_000);
    segment.flood(0);
}

#[test]
fn switch_has_hosts_of_both_families() {
    let lab = Lab::new();
    let hosts = lab.switch(&["a", "b", "c"]);
    for target in ["192.0.2.2", "192.0.2.3", "2001:db8::3", "fe80::200:5eff:fe00:5302%eth0"] {
        hosts[0].sh(&format!("ip neigh flush all; ping -c 1 -W 5 {target} > /dev/null"));
    }
}

#[test]
fn scanner_may_have_two_segments() {
    let lab = Lab::new();
    let first = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let world = World::new().scanner("198.51.100.1/24").claim(Claim::of("198.51.100.9"));
    let second = lab.segment_at(&first.scanner, 1, "peer1", &world);
    assert_eq!(resolve(&first, "192.0.2.9"), "00:00:5e:00:53:10 REACHABLE");
    first.scanner.sh("ip neigh replace 198.51.100.9 dev eth1 nud none use");
    let mut heard = second.stop().into_iter();
    let asked = heard.next().and_then(|heard| heard.sender());
    assert_eq!(asked, Some(Ipv4Addr::new(198, 51, 100, 1)));
}

#[test]
fn program_has_the_capabilities_of_its_file_and_no_more() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let host = lab.host("a");
    let mut cat = host.with_file_capabilities("/bin/cat", "cap_net_raw+p");
    let out = cat.arg("/proc/self/status").output().unwrap();
    let status = String::from_utf8(out.stdout).unwrap();
    for line in ["Uid:\t65534", "CapPrm:\t0000000000002000", "CapEff:\t0000000000000000"] {
        assert!(status.contains(line), "{line}: {status}");
    }
}
