//! Whose link-layer addresses are.

use std::io::Write as _;

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, World};

use crate::common::{Run, arp_scan, run};

fn world() -> World {
    World::new()
        .claim(Claim::of("192.0.2.9").mac("00:22:72:00:53:01"))
        .claim(Claim::of("192.0.2.10").mac("70:b3:d5:f2:f0:01"))
        .claim(Claim::of("192.0.2.11").mac("02:9f:00:00:53:01"))
        .claim(Claim::of("192.0.2.12").mac("00:00:0c:07:ac:05"))
}

fn file(contents: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(contents.as_bytes()).unwrap();
    file
}

fn scan(args: &str) -> Run {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    arp_scan(&segment.scanner, &format!("-I eth0 --plain {args} 192.0.2.8/29"))
}

/// What is told of an address behind its link-layer address.
fn vendor(run: &Run, address: &str) -> String {
    let hosts = run.hosts();
    let host = hosts.iter().find(|host| host.address == address);
    host.unwrap_or_else(|| panic!("{address}: {run:?}")).rest.clone()
}

#[test]
fn built_in_lists_name_vendors() {
    let run = scan("--macfile=/dev/null");
    assert_eq!(vendor(&run, "192.0.2.9"), "American Micro-Fuel Device Corp.");
    assert_eq!(vendor(&run, "192.0.2.10"), "TELEPLATFORMS");
    assert_eq!(vendor(&run, "192.0.2.11"), "(Unknown: locally administered)");
    assert_eq!(vendor(&run, "192.0.2.12"), "HSRP (last octet: group)");
}

#[test]
fn file_stands_in_place_of_what_is_built_in() {
    let file = file("# mine\n002272\tshort\n0022720053\tlong\r\n");
    let run = scan(&format!("--macfile=/dev/null --ouifile={}", file.path().display()));
    assert_eq!(vendor(&run, "192.0.2.9"), "long");
    assert_eq!(vendor(&run, "192.0.2.10"), "(Unknown)");
}

#[test]
fn own_names_come_before_what_is_built_in() {
    let file = file("00:22:72:00:53:01\tthe printer\n");
    let run = scan(&format!("--macfile={}", file.path().display()));
    assert_eq!(vendor(&run, "192.0.2.9"), "the printer");
    assert_eq!(vendor(&run, "192.0.2.10"), "TELEPLATFORMS");
}

#[test]
fn file_that_is_not_there_is_a_warning() {
    let run = scan("--macfile=/dev/null --ouifile=/nonexistent/oui");
    run.exit(0);
    let warning =
        "WARNING: Cannot open MAC/Vendor file /nonexistent/oui: No such file or directory\n";
    assert!(run.err.contains(warning), "{run:?}");
    assert_eq!(vendor(&run, "192.0.2.9"), "(Unknown)");
}

#[test]
fn name_that_would_paint_the_terminal_is_escaped() {
    let file = file("002272\t\x1b[31mred\x07\n");
    let run = scan(&format!("--macfile=/dev/null --ouifile={}", file.path().display()));
    let vendor = vendor(&run, "192.0.2.9");
    assert!(vendor.contains("[31mred") && !vendor.contains(char::is_control), "{vendor:?}");
}

#[test]
fn own_name_that_would_paint_the_terminal_is_escaped() {
    let file = file("00:22:72:00:53:01\t\x1b]0;owned\x07\u{9b}31m\u{202e}red\n");
    let run = scan(&format!("--macfile={}", file.path().display()));
    let vendor = vendor(&run, "192.0.2.9");
    assert!(vendor.contains("owned") && vendor.contains("red"), "{vendor:?}");
    let is_harmless = |letter: char| !letter.is_control() && letter != '\u{202e}';
    assert!(vendor.chars().all(is_harmless), "{vendor:?}");
}

#[test]
fn name_of_a_host_that_would_paint_the_terminal_is_escaped() {
    let lab = Lab::new();
    lab.file("/etc/hosts", "192.0.2.9 evil\x1b[31m\u{9b}red");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    let segment = lab.segment(&world());
    for args in ["-I eth0 --plain -d 192.0.2.9", "-I eth0 --json -d 192.0.2.9"] {
        let run = arp_scan(&segment.scanner, args);
        run.exit(0);
        assert!(run.out.contains("192.0.2.9") || run.out.contains("evil"), "{run:?}");
        let is_raw = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
        assert!(!run.out.contains(is_raw) && !run.err.contains(is_raw), "{run:?}");
    }
}

#[test]
fn version_says_how_old_the_lists_are() {
    let lab = Lab::new();
    let run = arp_scan(&lab.host("a"), "--version");
    run.quiet_exit(0);
    assert!(run.out.contains("2026-10-17"), "{}", run.out);
}

#[test]
#[ignore = "needs arp-scan"]
fn vendors_from_its_files_are_those_of_arp_scan() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let files = "--ouifile=/usr/share/arp-scan/ieee-oui.txt --macfile=/etc/arp-scan/mac-vendor.txt";
    let args = format!("-I eth0 --plain {files} 192.0.2.8/29");
    let ours = arp_scan(&segment.scanner, &args);
    let theirs = run(segment.scanner.command("/usr/sbin/arp-scan"), &args);
    let sorted = |run: &Run| {
        let mut hosts = run.hosts();
        hosts.sort();
        hosts
    };
    assert_eq!(sorted(&ours), sorted(&theirs), "{} / {}", ours.err, theirs.err);
}
