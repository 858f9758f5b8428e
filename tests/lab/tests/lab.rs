//! The lab itself: what its hosts reach, what they may do, and what it leaves behind.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;

use wireline_lab::{Chain, Host, Lab, Signal, ms, program};

/// How many of three echo requests are replied to.
fn replies(host: &Host<'_>, address: &str) -> usize {
    let out = host.command(program("wireline-echo")).args(["ping", address, "3"]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().lines().count()
}

#[test]
fn two_hosts_on_a_wire_reach_each_other_in_both_families() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for (host, address) in
        [(&a, "192.0.2.2"), (&b, "192.0.2.1"), (&a, "2001:db8::2"), (&b, "2001:db8::1")]
    {
        assert_eq!(replies(host, address), 3, "{} to {address}", host.name());
    }
}

#[test]
fn a_chain_forwards_between_its_ends_and_to_each_router() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r1", "r2", "b"]);
    for link in 1..=3 {
        for end in 1..=2 {
            for address in [format!("10.1.{link}.{end}"), format!("fd00:{link}::{end}")] {
                for host in [&hosts[0], &hosts[3]] {
                    assert_eq!(replies(host, &address), 3, "{} to {address}", host.name());
                }
            }
        }
    }
}

#[test]
fn a_link_of_a_chain_has_the_mtu_that_it_was_given() {
    let lab = Lab::new();
    let hosts = lab.chain_with(&Chain::of(&["a", "r", "b"]).mtu(2, 1400).limit_errors());
    let mtu = |host: &Host<'_>, interface| {
        let mtu = host.output(&format!("ip -o link show {interface} | grep -o 'mtu [0-9]*'"));
        mtu.trim().to_owned()
    };
    assert_eq!(mtu(&hosts[0], "eth0"), "mtu 1500");
    assert_eq!(mtu(&hosts[1], "eth1"), "mtu 1400");
    assert_eq!(mtu(&hosts[2], "eth0"), "mtu 1400");
    assert_ne!(hosts[1].output("cat /proc/sys/net/ipv4/icmp_ratelimit"), "0\n");
}

#[test]
fn a_host_that_drops_icmp_is_silent_and_still_found_by_its_neighbours() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    assert_eq!([replies(&a, "192.0.2.2"), replies(&a, "2001:db8::2")], [0, 0]);
    assert!(a.output("ip -6 neigh show 2001:db8::2").contains("lladdr"));
}

#[test]
fn every_third_request_can_be_lost() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(3, "icmp type echo-request");
    assert_eq!(replies(&a, "192.0.2.2"), 2);
    b.drop_at_random(100, "icmp type echo-request");
    assert_eq!(replies(&a, "192.0.2.2"), 0);
}

#[test]
fn nobody_has_no_capability() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let status = a.as_nobody("/bin/cat").arg("/proc/self/status").assert().code(0);
    let status = String::from_utf8(status.get_output().stdout.clone()).unwrap();
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{status}");
    }
    if nix::unistd::geteuid().is_root() {
        assert!(status.contains("Uid:\t65534\t65534\t65534\t65534\n"), "{status}");
    }
}

#[test]
#[should_panic(expected = "CapPrm:")]
fn program_that_holds_capabilities_is_not_powerless() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.spawn("/bin/cat", [""; 0]).assert_powerless();
}

#[test]
fn nobody_can_run_what_only_its_builder_can_reach() {
    let lab = Lab::new();
    let host = lab.host("a");
    let closed = tempfile::tempdir().unwrap();
    let copy = closed.path().join("true");
    fs::copy("/bin/true", &copy).unwrap();
    host.as_nobody(&copy).assert().code(0);
    host.as_nobody(&copy).assert().code(0);
}

#[test]
fn ping_sockets_are_closed_until_opened() {
    let lab = Lab::new();
    let host = lab.host("a");
    // A lab of an ordinary user's has no group 1, and shows a closed range as another.
    let are_open = || host.output("cat /proc/sys/net/ipv4/ping_group_range").starts_with("0\t");
    assert!(!are_open());
    host.close_ping_sockets();
    assert!(!are_open());
    host.open_ping_sockets();
    assert!(are_open());
    if nix::unistd::geteuid().is_root() {
        host.close_ping_sockets();
        assert!(!are_open());
    }
}

#[test]
fn a_program_beside_the_test_hears_signals_and_ends_with_its_handle() {
    let lab = Lab::new();
    let host = lab.host("a");
    let mut trapper =
        host.spawn("/bin/sh", ["-c", "trap 'echo heard; exit 7' INT; echo ready; read -r _"]);
    assert_eq!(trapper.line().as_deref(), Some("ready"));
    trapper.signal(Signal::SIGINT);
    assert_eq!(trapper.line().as_deref(), Some("heard"));
    assert_eq!(trapper.wait().code(), Some(7));

    let forgotten = host.spawn("/bin/cat", ["-"]);
    let process = format!("/proc/{}", forgotten.pid());
    assert!(Path::new(&process).exists());
    drop(forgotten);
    assert!(!Path::new(&process).exists());
}

#[test]
fn a_program_that_takes_too_long_is_killed() {
    let lab = Lab::new();
    let host = lab.host("a");
    let out = host.command_for("/bin/sleep", ms(50)).arg("60").output();
    assert!(out.is_ok_and(|out| out.status.code().is_none()));
}

#[test]
fn a_file_of_the_machine_reads_differently_inside_and_stays_as_it_was_outside() {
    let before = fs::read_to_string("/etc/hosts").unwrap();
    let lab = Lab::new();
    let host = lab.host("a");
    lab.file("/etc/hosts", "192.0.2.9 nine.example");
    assert_eq!(host.output("cat /etc/hosts"), "192.0.2.9 nine.example\n");
    assert_eq!(fs::read_to_string("/etc/hosts").unwrap(), before);
}

#[test]
fn a_lab_leaves_nothing_behind_even_after_a_panic() {
    let mut left = Vec::new();
    let left_by_test = std::sync::Mutex::new(&mut left);
    let test = std::panic::AssertUnwindSafe(|| {
        let lab = Lab::new();
        let [a, _b] = lab.wire("a-that-is-gone", "b-that-is-gone");
        let pid = a.output("sleep 600 > /dev/null 2>&1 & echo $!");
        left_by_test.lock().unwrap().push(pid.trim().to_owned());
        panic!("as a test does");
    });
    assert!(std::panic::catch_unwind(test).is_err());
    let status = format!("/proc/{}/status", left[0]);
    assert!(!is_alive(&status), "sleep outlived the lab");
    assert!(!Path::new("/run/netns/a-that-is-gone").exists());
}

/// A killed process whose parent is gone too may wait a moment for init.
fn is_alive(status: &str) -> bool {
    fs::read_to_string(status).is_ok_and(|status| !status.contains("State:\tZ"))
}
