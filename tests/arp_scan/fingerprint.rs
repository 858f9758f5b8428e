//! `--fingerprint`: which strange questions hosts answer.

use wireline_lab::segment::{Claim, World};
use wireline_lab::{Host, Lab};

use crate::common::{arp_scan, run};

/// Linux, with a route to everybody and without a filter.
const LINUX: &str = "01010100000";

/// The addresses of a kernel.
fn kernels() -> World {
    World::new().dense("192.0.2.64/27").kernels_only()
}

fn lines(host: &Host<'_>, args: &str) -> Vec<(String, String)> {
    let run = arp_scan(host, &format!("-I eth0 --fingerprint {args}"));
    run.quiet_exit(0);
    let field = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let split = |line: &str| {
        let mut fields = line.split('\t');
        (field(fields.next()), field(fields.next()))
    };
    run.out.lines().map(split).collect()
}

#[test]
fn kernel_has_the_pattern_of_linux() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let run = arp_scan(&segment.scanner, "-I eth0 --fingerprint 192.0.2.65 192.0.2.99");
    run.quiet_exit(0);
    let mut lines = run.out.lines();
    let linux = lines.next().unwrap_or_default();
    assert!(linux.starts_with("192.0.2.65\t01"), "{}", run.out);
    assert!(linux.contains("Linux from 2.2"), "{}", run.out);
    assert_eq!(lines.next(), Some("192.0.2.99\tNo Response"));
}

#[test]
fn hosts_are_told_in_order_and_silent_ones_only_if_they_were_named() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let local = lines(&segment.scanner, "--localnet");
    let wanted: Vec<_> = (64..96).map(|last| format!("192.0.2.{last}")).collect();
    let of_kernel =
        local.iter().map(|(address, _)| address).filter(|address| wanted.contains(address));
    assert!(of_kernel.eq(wanted.iter()), "{local:?}");
    assert!(local.iter().all(|(_, pattern)| pattern != "No Response"), "{local:?}");
    assert_eq!(lines(&segment.scanner, "192.0.2.95-192.0.2.98").len(), 4);
}

#[test]
fn who_answers_everything_has_a_pattern_that_nobody_knows() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let run = arp_scan(&segment.scanner, "-I eth0 --fingerprint --json 192.0.2.9");
    run.exit(0);
    let [host] = run.events("fingerprint").try_into().unwrap();
    let digits =
        |digit: char| host["pattern"].as_str().unwrap().chars().filter(|c| *c == digit).count();
    assert_eq!(digits('0') + digits('1'), 11, "{host}");
    assert_eq!(host["probes"].as_array().map(Vec::len), Some(11));
    let [summary] = run.events("summary").try_into().unwrap();
    assert_eq!((&summary["hosts"], &summary["responded"]), (&1.into(), &1.into()));
}

#[test]
fn two_who_claim_an_address_are_warned_of() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:01"))
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:02"));
    let segment = lab.segment(&world);
    let run = arp_scan(&segment.scanner, "-I eth0 --fingerprint 192.0.2.9");
    run.complains(0, &["192.0.2.9", "others than 00:00:5e:00:53:0", "answered too"]);
}

#[test]
fn flags_that_would_change_the_questions_are_refused() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let idle = ["--plain", "--quiet", "--force", "--yes-large", "--ouifile=system"];
    let others =
        ["--arpspa=dest", "--llc", "--limit=1", "--rtt", "--explain", "--readpktfromfile=x"];
    for flag in others.into_iter().chain(idle) {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 --fingerprint {flag} 192.0.2.65"));
        let name = flag.split('=').next().unwrap();
        run.complains(1, &["--fingerprint has no use for", name]);
    }
}

#[test]
fn more_than_a_slash_16_is_refused_as_such() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let run = arp_scan(&segment.scanner, "-I eth0 --fingerprint 10.0.0.0/8");
    run.complains(1, &["--fingerprint asks the hosts of a /16 at the most"]);
}

#[test]
fn objects_name_vendors_from_a_file() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let host = |args: &str| {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 --fingerprint --json {args}"));
        run.events("fingerprint")[0].clone()
    };
    let mac = host("192.0.2.65")["mac"].as_str().unwrap().replace(':', "").to_uppercase();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{mac}\tSomebody\n")).unwrap();
    let args = format!("-m {} 192.0.2.65", file.path().display());
    assert_eq!(host(&args)["vendor"], "Somebody");
}

#[test]
#[ignore = "needs arp-scan"]
fn patterns_are_those_of_arp_fingerprint() {
    let lab = Lab::new();
    let segment = lab.segment(&kernels());
    let mut theirs = segment.scanner.command("/usr/sbin/arp-fingerprint");
    theirs.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let theirs = run(theirs, "-o -Ieth0 192.0.2.65");
    let ours = lines(&segment.scanner, "192.0.2.65");
    assert!(theirs.out.starts_with(&format!("192.0.2.65\t{}\t", ours[0].1)), "{theirs:?}");
    assert!(ours[0].1 == LINUX || ours[0].1 == "01000100000", "{ours:?}");
}
