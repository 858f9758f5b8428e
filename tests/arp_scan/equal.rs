//! The same command lines given to arp-scan 1.10.0 and to ours with `--compat`: stdout, stderr and exit status,
//! octet for octet but for times.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, World};

use crate::common::{Run, program_path, run};

const PEER: &str = "/usr/sbin/arp-scan";

/// A network's eight hosts, one of them twice.
fn world() -> World {
    World::new()
        .claim(Claim::of("192.0.2.8/30"))
        .claim(Claim::of("192.0.2.12").mac("02:00:00:00:53:01").tag(7))
        .claim(Claim::of("192.0.2.13").mac("02:00:00:00:53:02").snap())
        .claim(Claim::of("192.0.2.14").frame_mac("00:00:5e:00:53:99").trailer(b"abc"))
        .claim(Claim::of("192.0.2.15").protocol(0x1000))
}

/// What is the same in two runs: seconds, rates and round trips are not.
fn masked(run: &Run, program: &str) -> Run {
    let out: Vec<_> = run.out.lines().map(without_times).collect();
    let err = run.err.replace(&format!("{program}: "), "arp-scan: ");
    Run { code: run.code, out: out.join("\n"), err }
}

fn without_times(line: &str) -> String {
    if let Some((before, _)) = line.split_once("\tRTT=") {
        return format!("{before}\tRTT");
    }
    match (line.split_once(" seconds ("), line.rsplit_once("). ")) {
        (Some((before, _)), Some((_, after))) => {
            format!("{} {after}", before.rsplit_once(' ').map_or(before, |(before, _)| before))
        }
        _ => line.to_owned(),
    }
}

#[track_caller]
fn equal(lines: &[&str]) {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    for line in lines {
        let peer = masked(&run(segment.scanner.command(PEER), line), PEER);
        let ours = program_path();
        let args = format!("--compat {line}");
        let ours_ran = run(segment.scanner.command(&ours), &args);
        assert_eq!(masked(&ours_ran, &ours.to_string_lossy()), peer, "{line}");
    }
}

#[test]
#[ignore = "needs arp-scan"]
fn targets_are_read_alike() {
    equal(&[
        "-I eth0 -q 192.0.2.8/29",
        "-I eth0 -q 192.0.2.8:255.255.255.248",
        "-I eth0 -q 192.0.2.9-192.0.2.14",
        "-I eth0 -q 192.0.2.10/30",
        "-I eth0 -q 192.0.2.9 192.0.2.10 192.0.2.200",
        "-I eth0 -q -N 192.0.2.9 nowhere.invalid",
        "-I eth0 -q -N 300.300.300.300",
        "-I eth0 192.0.2.0/33",
        "-I eth0 192.0.2.0/0",
        "-I eth0 192.0.2.0/8x",
        "-I eth0 300.0.2.0/24",
        "-I eth0 300.0.2.1-192.0.2.1",
    ]);
}

#[test]
#[ignore = "needs arp-scan"]
fn lines_are_alike() {
    equal(&[
        "-I eth0 -q -x 192.0.2.8/29",
        "-I eth0 -O /dev/null -m /dev/null 192.0.2.8/29",
        "-I eth0 -O /dev/null -m /dev/null -v 192.0.2.8/29",
        "-I eth0 -O /dev/null -m /dev/null --rtt 192.0.2.8/29",
        "-I eth0 -q --format=${ip;15}|${mac;-20}|\\t${IP} 192.0.2.8/29",
        "-I eth0 -q -x --format=${dup}${ip}${nosuch} 192.0.2.9",
        "-I eth0 -q -O /nowhere 192.0.2.9",
        "-I eth0 -O /nowhere -m /dev/null 192.0.2.12",
    ]);
}

#[test]
#[ignore = "needs arp-scan"]
fn orders_and_rates_are_alike() {
    equal(&[
        "-I eth0 -q -R --randomseed=42 192.0.2.8/29",
        "-I eth0 -q -R --randomseed=0xdeadbeef 192.0.2.8/29",
        "-I eth0 -q -i 3 192.0.2.8/29",
        "-I eth0 -q -i 1500u 192.0.2.8/29",
        "-I eth0 -q -B 1M -t 100 -b 1.0 192.0.2.8/29",
        "-I eth0 -q -r 1 -t 50 192.0.2.200",
        "-I eth0 -q --limit=3 -r 1 192.0.2.200",
    ]);
}

#[test]
#[ignore = "needs arp-scan"]
fn refusals_are_alike() {
    equal(&[
        "--xyz",
        "-z",
        "--vlan",
        "--v",
        "-arps=192.0.2.1",
        "--quiet=5",
        "--retry=x 192.0.2.9",
        "--arpsha=foo 192.0.2.9",
        "--destaddr=foo 192.0.2.9",
        "--padding=abc 192.0.2.9",
        "--bandwidth=12x 192.0.2.9",
        "--interval=12x 192.0.2.9",
        "--format= 192.0.2.9",
        "--format=${ip 192.0.2.9",
        "--format=${ip;x} 192.0.2.9",
        "--readpktfromfile=/nowhere 192.0.2.9",
        "--writepkttofile=/nowhere/x 192.0.2.9",
    ]);
}

/// The files that both write, of all that can be set in a request.
#[test]
#[ignore = "needs arp-scan"]
fn requests_are_alike() {
    let directory = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["ours", "theirs"].map(|name| directory.path().join(name));
    let lab = Lab::new();
    let host = lab.host("a");
    for line in [
        "192.0.2.8/29",
        "-r 3 -t 1 192.0.2.9 192.0.2.10",
        "-R --randomseed=7 192.0.2.0/26",
        "--vlan=7 --arpspa=dest 192.0.2.9",
        "--srcaddr=02:00:5e:00:53:01 --arpsha=02:00:5e:00:53:02 --arptha=02-00-5e-00-53-03 192.0.2.9",
        "--destaddr=02:00:5e:00:53:04 --prototype=0x3333 --arphrd=6 --arppro=0x8137 192.0.2.9",
        "--arphln=8 --arppln=6 --arpop=0xff --arpspa=198.51.100.1 --padding=00ff55 192.0.2.9",
    ] {
        let write = |program: &str, path: &std::path::Path| {
            let args = format!("-q -t 1 -i 10u --writepkttofile={} {line}", path.display());
            run(host.command(program), &args).exit(0);
            std::fs::read(path).unwrap()
        };
        let (ours, theirs) =
            (write(&program_path().to_string_lossy(), &ours), write(PEER, &theirs));
        // Unless somebody says how often, ours asks those that stay silent as often as that one.
        assert_eq!(ours, theirs, "{line}");
    }
}
