//! `--explain`: frames in fields.

use wireline_lab::Lab;
use wireline_lab::segment::{Claim, World};

use crate::common::{Run, arp_scan};

fn explained(args: &str) -> Run {
    let lab = Lab::new();
    let world = World::new()
        .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:09"))
        .claim(Claim::of("192.0.2.10").tag(7).trailer(b"left over"))
        .claim(Claim::of("192.0.2.32/27"));
    let segment = lab.segment(&world);
    arp_scan(&segment.scanner, &format!("-I eth0 --explain {args}"))
}

#[test]
fn request_and_reply_stand_below_their_host() {
    let run = explained("--plain 192.0.2.9");
    run.quiet_exit(0);
    let headings: Vec<_> = run.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(headings.len(), 3, "{}", run.out);
    assert!(headings[0].starts_with("192.0.2.9\t00:00:5e:00:53:09\tICANN"), "{}", run.out);
    assert!(headings[1].ends_with("octets: Who has 192.0.2.9? Tell 192.0.2.1"), "{}", run.out);
    assert!(headings[2].ends_with("octets: 192.0.2.9 is at 00:00:5e:00:53:09"), "{}", run.out);
    let answer = run.out.lines().filter(|line| line.contains("ar$sha")).nth(1).unwrap();
    assert!(answer.contains("the answer; ICANN, IANA Department"), "{answer}");
}

#[test]
fn tag_and_trailer_of_a_reply_are_told() {
    let run = explained("--plain 192.0.2.10");
    run.exit(0);
    assert!(run.out.contains("VLAN 7"), "{}", run.out);
    assert!(run.out.contains("not zeros: somebody has more to say"), "{}", run.out);
}

#[test]
fn objects_hold_every_octet_in_fields() {
    let run = explained("--json 192.0.2.9");
    run.exit(0);
    let [exchange] = run.events("explained").try_into().unwrap();
    for (frame, direction) in [("request", "sent"), ("reply", "received")] {
        let frame = &exchange[frame];
        assert_eq!(frame["direction"], direction);
        let fields = frame["fields"].as_array().unwrap().iter();
        let octets: String = fields.map(|field| field["octets"].as_str().unwrap()).collect();
        assert_eq!(frame["frame"], octets.as_str());
    }
}

#[test]
fn no_more_hosts_are_explained_than_anybody_reads() {
    let run = explained("--json 192.0.2.32/27");
    run.exit(0);
    assert_eq!(run.events("host").len(), 32);
    assert_eq!(run.events("explained").len(), 16);
}

#[test]
fn answer_is_explained_and_saved_at_once() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let run = explained(&format!("--json --pcapsavefile={} 192.0.2.9", file.path().display()));
    run.exit(0);
    assert_eq!(run.events("explained").len(), 1, "{run:?}");
    let read = Lab::new();
    let again = format!("--json --readpktfromfile={} 192.0.2.9", file.path().display());
    assert_eq!(arp_scan(&read.host("a"), &again).events("host").len(), 1);
}

#[test]
fn file_that_is_written_has_no_answers() {
    let run = explained("--writepkttofile=/dev/null 192.0.2.9");
    run.complains(1, &["--explain needs answers"]);
}
