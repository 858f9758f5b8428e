//! Answers from a file and requests into one: without privilege, and without a network.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wireline_packet::Mac;
use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::capture::Writer;
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use crate::common::{Run, program_path, run};

const MAC: Mac = Mac([2, 0, 0x5e, 0, 0x53, 9]);
const OTHER: Mac = Mac([2, 0, 0x5e, 0, 0x53, 10]);

/// An answer, and how it differs from the plainest.
struct Answer {
    last: u8,
    frame_mac: Mac,
    tag: Option<u16>,
    framing: Framing,
    header: Header,
    rest: &'static [u8],
}

impl Answer {
    fn of(last: u8) -> Self {
        let header = Header::ipv4(operation::REPLY);
        let framing = Framing::Ethernet2;
        Self { last, frame_mac: MAC, tag: None, framing, header, rest: &[] }
    }

    fn octets(&self) -> Vec<u8> {
        let sender = End { mac: MAC, address: [192, 0, 2, self.last].into() };
        let target = End { mac: OTHER, address: [192, 0, 2, 1].into() };
        let mut payload = Vec::new();
        Message { header: self.header, sender, target, rest: self.rest }.emit(&mut payload);
        let mut octets = Vec::new();
        let frame = Frame {
            destination: OTHER,
            source: self.frame_mac,
            tag: self.tag,
            framing: self.framing,
            protocol: ethertype::ARP,
            payload: &payload,
        };
        frame.emit(&mut octets);
        octets
    }
}

fn capture(path: &Path, answers: &[Answer]) {
    let mut writer = Writer::new(std::fs::File::create(path).unwrap(), 262_144).unwrap();
    for (second, answer) in (1_600_000_000..).zip(answers) {
        writer.write(Duration::from_secs(second), &answer.octets()).unwrap();
    }
    writer.flush().unwrap();
}

/// A directory with a capture of these.
fn with(answers: &[Answer]) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("answers.pcap");
    capture(&path, answers);
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

fn arp_scan(args: &str) -> Run {
    run(assert_cmd::Command::new(program_path()), args)
}

fn read(answers: &[Answer], args: &str) -> Run {
    let (_directory, path) = with(answers);
    arp_scan(&format!("--readpktfromfile={path} {args}"))
}

const LOCAL: &str = "(Unknown: locally administered)";

#[test]
fn file_is_listed_as_a_network_is() {
    let run = read(&[Answer::of(9)], "192.0.2.0/24");
    run.quiet_exit(0);
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines[0], "Interface: pcap file");
    assert_eq!(
        lines[1],
        "Starting arp-scan 1.10.0 with 256 hosts (https://github.com/royhills/arp-scan)"
    );
    assert_eq!(lines[2..4], [format!("192.0.2.9\t{MAC}\t{LOCAL}"), String::new()]);
    assert!(lines[4].ends_with("hosts/sec). 1 responded") && lines.len() == 5, "{run:?}");
}

#[test]
fn everything_unusual_about_a_frame_is_told() {
    let trailer = Header { protocol: 0x1000, ..Header::ipv4(operation::REPLY) };
    let answers = [
        Answer { frame_mac: OTHER, ..Answer::of(1) },
        Answer { tag: Some(0xe007), ..Answer::of(2) },
        Answer { framing: Framing::Snap, ..Answer::of(3) },
        Answer { tag: Some(100), framing: Framing::Snap, ..Answer::of(4) },
        Answer { rest: &[0x55, 0xaa, 0], ..Answer::of(5) },
        Answer { rest: &[0; 18], ..Answer::of(6) },
        Answer { header: trailer, ..Answer::of(6) },
    ];
    let run = read(&answers, "--plain -v 192.0.2.0/24");
    let expected = [
        format!("192.0.2.1\t{MAC} ({OTHER})\t{LOCAL}"),
        format!("192.0.2.2\t{MAC}\t{LOCAL} (802.1Q VLAN=7)"),
        format!("192.0.2.3\t{MAC}\t{LOCAL} (802.2 LLC/SNAP)"),
        format!("192.0.2.4\t{MAC}\t{LOCAL} (802.2 LLC/SNAP) (802.1Q VLAN=100)"),
        format!("192.0.2.5\t{MAC}\t{LOCAL}\tPadding=55aa00"),
        format!("192.0.2.6\t{MAC}\t{LOCAL}"),
        format!("192.0.2.6\t{MAC}\t{LOCAL} (ARP Proto=0x1000) (DUP: 2)"),
    ];
    assert_eq!(run.out.lines().collect::<Vec<_>>(), expected, "{run:?}");
}

#[test]
fn others_are_not_listed() {
    let request = Answer { header: Header::ipv4(operation::REQUEST), ..Answer::of(9) };
    let run = read(&[Answer::of(8), request], "--plain 192.0.2.9");
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{run:?}");
}

#[test]
fn storm_of_a_file_has_all_its_lines() {
    let answers: Vec<_> = (0..50).map(|_| Answer::of(9)).collect();
    let (_directory, path) = with(&answers);
    for (args, lines) in [("", 50), ("-g", 1), ("--compat", 50)] {
        let run = arp_scan(&format!("--readpktfromfile={path} --plain {args} 192.0.2.9"));
        assert_eq!(run.out.lines().count(), lines, "{args}: {run:?}");
    }
}

#[test]
fn limit_is_counted_and_ends_nothing() {
    let answers = [Answer::of(8), Answer::of(9)];
    let (_directory, path) = with(&answers);
    for (limit, code) in [(1, 0), (2, 0), (3, 1)] {
        let run =
            arp_scan(&format!("--readpktfromfile={path} --plain --limit={limit} 192.0.2.0/24"));
        assert_eq!((run.code, run.out.lines().count()), (Some(code), 2), "{limit}: {run:?}");
    }
}

#[test]
fn what_answers_is_saved_and_nothing_else() {
    let request = Answer { header: Header::ipv4(operation::REQUEST), ..Answer::of(9) };
    let answers = [Answer::of(9), request, Answer::of(200), Answer::of(10), Answer::of(9)];
    let (directory, path) = with(&answers);
    let saved = directory.path().join("saved.pcap");
    let line = format!("--readpktfromfile={path} --snap=262144 -q 192.0.2.8/29 -W");
    arp_scan(&format!("{line} {}", saved.display())).quiet_exit(0);
    let expected = directory.path().join("expected.pcap");
    // Times are those of the file.
    let mut writer = Writer::new(std::fs::File::create(&expected).unwrap(), 262_144).unwrap();
    for second in [0, 3, 4] {
        let at = Duration::from_secs(1_600_000_000 + second);
        let octets = answers[usize::try_from(second).unwrap()].octets();
        writer.write(at, &octets).unwrap();
    }
    writer.flush().unwrap();
    drop(writer);
    assert_eq!(std::fs::read(saved).unwrap(), std::fs::read(expected).unwrap());
}

#[test]
fn file_cut_anywhere_is_told_of_and_no_end() {
    let (directory, path) = with(&[Answer::of(9), Answer::of(10)]);
    let whole = std::fs::read(path).unwrap();
    let cut = directory.path().join("cut.pcap");
    for length in 0..whole.len() {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let run = arp_scan(&format!("--readpktfromfile={} --plain -q 192.0.2.0/24", cut.display()));
        let at_an_end = length == 24 || length == 24 + 16 + 42;
        assert_eq!(run.code, Some(i32::from(!at_an_end)), "{length}: {run:?}");
        assert_eq!(run.out.lines().count(), usize::from(length >= 82), "{length}: {run:?}");
    }
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    for (args, words) in [
        ("--readpktfromfile=/nowhere 192.0.2.9", "/nowhere: No such file or directory"),
        ("--readpktfromfile=/dev/null 192.0.2.9", "pcap_open_offline"),
        ("--writepkttofile=/nowhere/x 192.0.2.9", "/nowhere/x: No such file or directory"),
        ("--file=/nowhere --readpktfromfile=/dev/null", "pcap_open_offline"),
    ] {
        let run = arp_scan(args);
        run.complains(1, &[words]);
        assert_eq!(run.out, "", "{args}");
    }
}

#[test]
fn request_is_written_as_it_would_be_sent() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("requests");
    let fields = "--srcaddr=02:00:5e:00:53:01 --arpsha=02:00:5e:00:53:02 --arptha=02:00:5e:00:53:03 --arphrd=6 \
                  --arppro=0x1234 --arphln=7 --arppln=5 --arpop=0x8888 --arpspa=198.51.100.1 --padding=abcd";
    let line = format!("{fields} --vlan=7 --llc -r 2 --writepkttofile={}", path.display());
    arp_scan(&format!("{line} 192.0.2.9")).exit(0);
    let frame = [
        &[0xff; 6][..],
        &[2, 0, 0x5e, 0, 0x53, 1, 0x81, 0, 0, 7],
        // LLC, SNAP, the message and its padding; arp-scan counts the header too.
        &[0, 38, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6],
        &[0, 6, 0x12, 0x34, 7, 5, 0x88, 0x88],
        &[2, 0, 0x5e, 0, 0x53, 2, 198, 51, 100, 1],
        &[2, 0, 0x5e, 0, 0x53, 3, 192, 0, 2, 9],
        &[0xab, 0xcd],
    ]
    .concat();
    assert_eq!(std::fs::read(path).unwrap(), frame.repeat(2));
}

#[test]
fn hosts_are_written_round_by_round_in_the_order_of_the_seed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("requests");
    let line = format!("-q -R --randomseed=0xffffffff --writepkttofile={}", path.display());
    arp_scan(&format!("{line} 192.0.2.0/29")).exit(0);
    let octets = std::fs::read(path).unwrap();
    let asked: Vec<_> = octets.chunks(42).map(|frame| frame[41]).collect();
    let order = [3, 6, 1, 5, 2, 4, 7, 0];
    assert_eq!(asked, [order, order].concat(), "arp-scan's, twice");
}

#[test]
fn compat_has_the_words_and_exit_codes_of_the_peer() {
    for (args, err) in [
        (
            "--compat",
            "ERROR: No target hosts on command line and neither --file or --localnet options given\n",
        ),
        ("--compat --retry=x 192.0.2.9", "ERROR: \"x\" is not a valid numeric value\n"),
        (
            "--compat --localnet 192.0.2.9",
            "ERROR: You can not specify targets with the --localnet option\n",
        ),
    ] {
        let run = arp_scan(args);
        assert_eq!((run.code, run.err.as_str()), (Some(1), err), "{args}");
    }
    let run = arp_scan("--compat --xyz");
    assert!(
        run.err.ends_with(
            "Use \"arp-scan --help\" for detailed information on the available options.\n"
        )
    );
    let line = "--xyz";
    let run = arp_scan(line);
    run.exit(1);
    assert!(run.err.starts_with("arp-scan: unrecognized option '--xyz'\nUsage: "), "{run:?}");
}

#[test]
fn json_of_a_file_has_no_figures_that_nobody_measured() {
    let run = read(&[Answer::of(9)], "--json 192.0.2.9");
    let host = &run.events("host")[0];
    assert_eq!(
        (&host["rtt_ms"], &host["interface"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(host["mac"], MAC.to_string());
    assert_eq!(run.events("summary")[0]["complete"], true);
}
