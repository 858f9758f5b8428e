//! Connections of capture files, good ones and such as lie.

use std::fs;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use wireline_lab::Lab;
use wireline_packet::capture::pcapng::{Packet, Writer};
use wireline_packet::layers::{Direction, LinkType};
use wireline_packet::tcp::{Flags, Segment};

use super::common::{Run, as_nobody, handshake, here, program_path};

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// From the client's port, or to it.
fn packet(port: u16, is_answer: bool, flags: Flags, sequence: u32, ack: u32) -> Vec<u8> {
    let ends = if is_answer { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
    let ports = if is_answer { (80, port) } else { (port, 80) };
    let segment = Segment {
        source_port: ports.0,
        destination_port: ports.1,
        sequence,
        acknowledgment: ack,
        flags,
        window: 1000,
        urgent: 0,
        options: if flags.contains(Flags::SYN) { &[2, 4, 5, 0xb4] } else { &[] },
        payload: &[],
    };
    let mut tcp = Vec::new();
    segment.emit(ends.0.into(), ends.1.into(), &mut tcp);
    let length = u16::try_from(20 + tcp.len()).unwrap().to_be_bytes();
    let mut out = vec![0x45, 0, length[0], length[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
    out.extend([ends.0.octets(), ends.1.octets()].as_flattened());
    out.extend(tcp);
    out
}

/// A connection that is refused.
fn refused(port: u16) -> [Vec<u8>; 2] {
    let reset = Flags::RST | Flags::ACK;
    [packet(port, false, Flags::SYN, 7, 0), packet(port, true, reset, 0, 8)]
}

fn pcapng<'a>(packets: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets, "test").unwrap();
    let interface = writer.interface(LinkType::RAW, "eth0", 0).unwrap();
    for (n, contents) in (0..).zip(packets) {
        let at = Duration::from_secs(1_700_000_000) + Duration::from_micros(n * 100);
        let length = u32::try_from(contents.len()).unwrap();
        let (direction, comment) = (Direction::Unknown, "");
        writer.write(&Packet { interface, at, length, contents, direction, comment }).unwrap();
    }
    octets
}

fn pcap<'a>(packets: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let mut octets = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for packet in packets {
        let length = u32::try_from(packet.len()).unwrap();
        octets.extend(words(&[1_700_000_000, 0, length, length]));
        octets.extend(packet);
    }
    octets
}

fn file(folder: &TempDir, octets: &[u8]) -> String {
    let path = folder.path().join("capture");
    fs::write(&path, octets).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn few_connections_are_drawn_and_many_are_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<_> = (1..=12).map(|n| refused(4000 + n)).collect();
    let path = file(&folder, &pcapng(all[..2].as_flattened()));
    let few = here(&format!("read {path}"));
    few.exit(0);
    assert_eq!(few.out.matches("SYN_SENT").count(), 2, "{few:?}");
    let path = file(&folder, &pcap(all.as_flattened()));
    let many = here(&format!("read {path}"));
    many.exit(0);
    assert_eq!(many.out.matches("refused").count(), 12, "{many:?}");
    assert!(!many.out.contains("SYN_SENT"), "{many:?}");
    let one = here(&format!("read {path} --stream 11"));
    one.exit(0);
    assert!(one.out.contains("192.0.2.1:4011") && !one.out.contains("4012"), "{one:?}");
    let some = here(&format!("read {path} port 4003-4004"));
    some.exit(0);
    assert_eq!(some.out.matches("SYN_SENT").count(), 2, "{some:?}");
    let first = here(&format!("read {path} -c 1 --json"));
    assert_eq!(first.exit(0).events("segment").len(), 2);
    here(&format!("read {path} host 192.0.2.9")).complains(1, &["no such connection"]);
    here(&format!("read {path} src 192.0.2.9")).complains(2, &["src", "host ADDRESS"]);
    here(&format!("read {path} --list --json")).complains(2, &["--list"]);
}

#[test]
fn file_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    here("read /nowhere/at/all").complains(2, &["/nowhere/at/all", "No such file"]);
    let path = file(&folder, b"GET / HTTP/1.1\r\nand so on, and so on");
    here(&format!("read {path}")).complains(2, &["not a capture file"]);
    here("read").complains(2, &["capture file"]);
}

/// Whatever it was, it did not crash, and said no more than a line.
#[track_caller]
fn endures(path: &str, what: &str) -> Run {
    let run = here(&format!("read {path} --json"));
    assert!(matches!(run.code, Some(0 | 1 | 2 | 8)), "{what}: {run:?}");
    assert!(run.err.lines().count() <= 2, "{what}: {run:?}");
    run
}

#[test]
fn file_cut_anywhere_is_told_with_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let packets = refused(4000);
    for whole in [pcap(&packets), pcapng(&packets)] {
        for end in 0..whole.len() {
            let path = file(&folder, &whole[..end]);
            let run = endures(&path, &format!("cut at {end}"));
            let segments = run.out.matches("\"event\":\"segment\"").count();
            assert!(segments < 2, "{run:?}");
            assert_ne!(run.code, Some(0).filter(|_| segments == 0), "{run:?}");
        }
        // One octet less than all: the first packet is told, and that the second is not.
        let run = endures(&file(&folder, &whole[..whole.len() - 1]), "the last octet");
        run.exit(8);
        assert_eq!(run.events("segment").len(), 1);
        assert!(run.err.contains("truncated"), "{run:?}");
    }
}

#[test]
fn lengths_that_lie_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let packets = refused(4000);
    for whole in [pcap(&packets[..1]), pcapng(&packets[..1])] {
        for at in (0..whole.len()).step_by(4) {
            for value in [0, 3, 0x7fff_fffc, u32::MAX] {
                let mut lying = whole.clone();
                let end = (at + 4).min(whole.len());
                lying[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
                endures(&file(&folder, &lying), &format!("{value} at {at}"));
            }
        }
    }
}

#[test]
fn endless_interfaces_come_to_an_end() {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets, "test").unwrap();
    writer.interface(LinkType::RAW, "", 0).unwrap();
    let header = octets.len();
    let mut writer = Writer::new(&mut octets, "test").unwrap();
    writer.interface(LinkType::RAW, "", 0).unwrap();
    drop(octets.drain(..header));
    let one = octets.split_off(octets.len() - 32);
    let mut child = std::process::Command::new(program_path())
        .args(["read", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&octets).unwrap();
    // Until nobody reads any more.
    while stdin.write_all(&one.repeat(100)).is_ok() {}
    drop(stdin);
    let run = Run::of(child.wait_with_output().unwrap());
    run.complains(8, &["stdin", "more than 4096 interfaces"]);
}

#[test]
fn many_connections_at_a_time_cost_no_more_than_a_bound_and_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let syns: Vec<_> = (10_000..20_000).map(|p| packet(p, false, Flags::SYN, 1, 0)).collect();
    let run = here(&format!("read {}", file(&folder, &pcapng(&syns))));
    run.exit(8);
    assert!(run.err.contains("5904 connections were followed no further"), "{}", run.err);
    assert!(run.out.ends_with("10000 connections, 10000 segments; --stream # draws one\n"));
}

/// Fields of tshark's list, with what it says on stderr.
fn tshark(path: &Path, filter: &str) -> Vec<Vec<String>> {
    const FIELDS: [&str; 9] = [
        "tcp.srcport",
        "tcp.flags",
        "tcp.seq",
        "tcp.ack",
        "tcp.len",
        "tcp.window_size_value",
        "tcp.seq_raw",
        "tcp.options",
        "frame.time_relative",
    ];
    let mut command = std::process::Command::new("tshark");
    command.args(["-r", path.to_str().unwrap(), "-Y", filter, "-T", "fields"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().expect("tshark");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let warned = said.lines().filter(|line| !line.starts_with("Running as user")).count();
    assert_eq!(warned, 0, "{said}");
    let out = String::from_utf8(output.stdout).unwrap();
    out.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> u64 {
    let hexadecimal = text.strip_prefix("0x");
    hexadecimal.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16)).unwrap()
}

/// Flags as an octet.
fn octet(names: &Value) -> u64 {
    let of = |name: &Value| {
        let all = Flags::NAMES.iter().find(|(_, known)| Some(*known) == name.as_str());
        u64::from(all.unwrap_or_else(|| panic!("{name}")).0.0)
    };
    names.as_array().unwrap().iter().map(of).sum()
}

#[test]
#[ignore = "a comparison with tshark and tcpdump, of every kind of closing"]
fn what_is_read_is_what_tshark_lists() {
    let lab = Lab::new();
    let hosts = lab.wire("a", "b");
    let _servers = hosts[1].tcp(&["7=echo", "8=rst:5"]);
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in [("any", "-i any"), ("eth0", "-i eth0")] {
        let path = folder.path().join(name);
        let shown = path.to_str().unwrap();
        let words = format!("{words} --immediate-mode -U -w {shown} tcp");
        let mut dump = hosts[0].spawn("tcpdump", words.split_whitespace());
        // It makes the file when it listens.
        while !fs::metadata(&path).is_ok_and(|file| file.len() >= 24) {
            handshake(&hosts[0], "192.0.2.2:9 -q -t 1");
        }
        for target in ["192.0.2.2:7", "[2001:db8::2]:7", "192.0.2.2:8", "192.0.2.2:9"] {
            handshake(&hosts[0], &format!("{target} --send hello --recv 5 -q -t 2"));
        }
        dump.signal(wireline_lab::Signal::SIGINT);
        dump.wait();
        let again = folder.path().join("again");
        let run = as_nobody(&hosts[0], &format!("read {shown} --json --all"));
        let copied =
            handshake(&hosts[0], &format!("read {shown} -o pcapng:{} --all", again.display()));
        copied.exit(0);
        run.exit(0);
        let ours = run.events("segment");
        for path in [&path, &again] {
            let theirs = tshark(path, "tcp");
            assert!(theirs.len() > 20, "{theirs:?}");
            let mut left = ours.clone();
            for row in &theirs {
                let raw = number(&row[6]);
                let is_it = |step: &Value| {
                    step["sequence"] == raw
                        && octet(&step["flags"]) == number(&row[1])
                        && step["relative_sequence"] == number(&row[2])
                        && step["relative_acknowledgment"].as_u64().unwrap_or(0)
                            == number(if row[3].is_empty() { "0" } else { &row[3] })
                        && step["length"] == number(&row[4])
                        && step["window"] == number(&row[5])
                };
                let found = left.iter().position(is_it);
                left.remove(found.unwrap_or_else(|| panic!("{row:?} is not in {left:#?}")));
            }
            assert!(left.is_empty(), "{left:#?}");
        }
    }
}
