//! How a scan ends: when it is stopped, when nobody reads it, and when enough is enough.

use std::io::Read as _;

use wireline_lab::segment::{Claim, World};
use wireline_lab::{Lab, Signal, ms};

use crate::common::{Run, arp_scan, program_path, start};

#[test]
fn interrupt_prints_the_summary() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.0/28")));
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut scan = start(&segment.scanner, "-I eth0 -i 100 192.0.2.0/24");
        while !scan.line().expect("a host").starts_with("192.0.2.") {}
        scan.signal(signal);
        let run = Run::of(scan.output());
        run.exit(code);
        assert!(run.responded().is_some_and(|count| count >= 1), "{run:?}");
    }
}

#[test]
fn interrupted_json_says_that_it_is_not_complete() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.0/28")));
    let mut scan = start(&segment.scanner, "-I eth0 --json -i 100 192.0.2.0/24");
    while !scan.line().expect("a host").contains("\"source\":\"reply\"") {}
    scan.signal(Signal::SIGINT);
    let run = Run::of(scan.output());
    run.exit(130);
    assert_eq!(run.events("summary")[0]["complete"], false, "{run:?}");
}

#[test]
fn nobody_reading_ends_it_quietly() {
    let lab = Lab::new();
    let world = World::new().scanner("198.19.255.254/15").dense("198.18.0.0/20");
    let segment = lab.segment(&world);
    let directory = tempfile::tempdir().unwrap();
    let end = directory.path().join("end");
    segment.scanner.sh(&format!(
        "{{ '{}' -I eth0 --fast 198.18.0.0/20 2>&1 >&3 3>&-; echo \"code $?\"; }} 3>&1 > '{}' | head -n 1",
        program_path().display(),
        end.display(),
    ));
    assert_eq!(std::fs::read_to_string(&end).unwrap(), "code 0\n", "no word on stderr");
}

#[test]
fn full_disk_is_told() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let program = program_path();
    let said = segment.scanner.output(&format!(
        "'{}' -I eth0 192.0.2.9 2>&1 > /dev/full || echo code $?",
        program.display()
    ));
    assert!(said.contains("No space left on device") && said.contains("code "), "{said}");
}

/// What is opened next must not take the number of stdout, nor hear what was meant for it.
#[test]
fn closed_streams_are_survived() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    let program = program_path();
    for (closed, expected) in [
        ("<&-", "192.0.2.9\t00:00:5e:00:53:10\ncode 0\n"),
        ("2>&-", "192.0.2.9\t00:00:5e:00:53:10\ncode 0\n"),
        ("<&- 2>&-", "192.0.2.9\t00:00:5e:00:53:10\ncode 0\n"),
    ] {
        let said = segment.scanner.output(&format!(
            "'{}' -I eth0 -q --plain 192.0.2.9 {closed} && echo code 0 || echo code $?",
            program.display()
        ));
        assert_eq!(said, expected, "{closed}");
    }
    for closed in [">&-", "<&- >&- 2>&-"] {
        let said = segment.scanner.output(&format!(
            "'{}' -I eth0 -q --plain 192.0.2.9 {closed} && echo code 0 || echo code $?",
            program.display()
        ));
        assert!(["code 0\n", "code 2\n"].contains(&said.as_str()), "{closed}: {said}");
    }
    let heard = segment.stop();
    assert!(heard.iter().all(|heard| heard.target() == Some([192, 0, 2, 9].into())), "{heard:?}");
    assert!(heard.iter().all(|heard| heard.operation() == Some(1)), "{heard:?}");
}

#[test]
fn limit_is_enough() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.0/28")));
    let run = arp_scan(&segment.scanner, "-I eth0 --limit=3 192.0.2.0/24");
    run.exit(0);
    // Those that were on their way are not left out.
    assert!((3..16).contains(&run.found().len()), "{run:?}");
    let run = arp_scan(&segment.scanner, "-I eth0 --limit=3 -t 100 192.0.2.9 192.0.2.200");
    run.exit(1);
    assert_eq!(run.found().len(), 1, "{run:?}");
}

#[test]
fn nobody_there_is_no_failure() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new());
    let run = arp_scan(&segment.scanner, "-I eth0 -t 100 192.0.2.9");
    run.exit(0);
    assert_eq!(run.responded(), Some(0));
}

#[test]
fn saved_answers_are_those_that_were_heard() {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").tag(7).trailer(&[0x5a; 18]))
        .claim(Claim::of("192.0.2.10").snap().after(ms(5)));
    let segment = lab.segment(&world);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("answers.pcap");
    let args = format!("-I eth0 --pcapsavefile={} 192.0.2.8/29", path.display());
    arp_scan(&segment.scanner, &args).exit(0);
    let mut file = Vec::new();
    std::fs::File::open(&path).unwrap().read_to_end(&mut file).unwrap();
    // The magic number in the machine's order, and Ethernet (pcap-savefile(5)).
    assert_eq!(u32::from_ne_bytes(file[..4].try_into().unwrap()), 0xa1b2_c3d4);
    assert_eq!(u32::from_ne_bytes(file[20..24].try_into().unwrap()), 1);
    let again = format!("--readpktfromfile={} 192.0.2.8/29", path.display());
    let read = arp_scan(&segment.scanner, &again);
    read.exit(0);
    assert_eq!(read.found().len(), 2, "{read:?}");
    assert!(read.out.contains("(802.1Q VLAN=7)") && read.out.contains("LLC/SNAP"), "{read:?}");
}
