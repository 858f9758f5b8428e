//! `+validate`, against a server that has a small world signed until 2084.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::UdpSocket;
use std::sync::Arc;
use std::thread;

use assert_cmd::Command;
use data_encoding::BASE64;
use tempfile::NamedTempFile;

use crate::common::{Run, ours};

/// Replies by the octets of their questions' names in lower case, and their types.
type World = HashMap<(Vec<u8>, u16), Vec<u8>>;

fn world() -> World {
    let lines = include_str!("validate.txt").lines().skip(1);
    lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            let labels = words[0].split('.').filter(|label| !label.is_empty());
            let mut name: Vec<u8> = Vec::new();
            for label in labels {
                name.push(u8::try_from(label.len()).unwrap());
                name.extend_from_slice(label.as_bytes());
            }
            name.push(0);
            let kind = match words[1] {
                "A" => 1,
                "DS" => 43,
                "DNSKEY" => 48,
                other => panic!("{other}"),
            };
            ((name, kind), BASE64.decode(words[2].as_bytes()).unwrap())
        })
        .collect()
}

/// The reply to a query, as of a resolver; SERVFAIL where the world has none.
fn reply(world: &World, query: &[u8]) -> Vec<u8> {
    let length = query[12..].iter().position(|octet| *octet == 0).unwrap() + 1;
    let (name, rest) = query[12..].split_at(length);
    let kind = u16::from_be_bytes([rest[0], rest[1]]);
    let known = world.get(&(name.to_ascii_lowercase(), kind));
    let nothing = [0, 0, 0x80, 2, 0, 0, 0, 0, 0, 0, 0, 0];
    let known = known.map_or(&nothing[..], Vec::as_slice);
    let head = [&query[..2], &[0x81, 0x80 | known[3], 0, 1], &known[6..12]].concat();
    [&head, name, &rest[..4], &known[12..]].concat()
}

/// Serves the world to whoever asks, as long as the test runs; on which port.
fn serve() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let world = Arc::new(world());
    thread::spawn(move || {
        let mut query = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut query) {
            let _ = socket.send_to(&reply(&world, &query[..length]), from);
        }
    });
    port
}

fn dig(words: &[&str]) -> Run {
    let port = serve().to_string();
    let anchor = anchor();
    let file = format!("+validate={}", anchor.path().display());
    let fixed = ["-r", "@127.0.0.1", "-p", &port, &file];
    Run::of(Command::new(ours()).args(fixed).args(words).assert().get_output())
}

fn anchor() -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    writeln!(file, "{}", include_str!("validate.txt").lines().next().unwrap()).unwrap();
    file
}

#[test]
fn chain_is_drawn_from_the_anchor_to_the_records() {
    let run = dig(&["www.lab"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:#?}");
    let starts = [
        ";; VALIDATION OF www.lab. A:",
        ";  .: secure",
        ";  `- lab.: secure",
        ";     `- www.lab. A: secure",
    ];
    let mut lines = run.out.lines();
    for start in starts {
        assert!(lines.any(|line| line == start), "no {start:?} in its place: {}", run.out);
    }
    assert!(
        run.out.contains("\n;; www.lab. A is secure (4 questions, 4 signatures checked)\n"),
        "{}",
        run.out
    );
}

#[test]
fn bogus_answer_names_its_signature_and_shows_in_the_exit_code_on_request() {
    let run = dig(&["bad.lab"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(
        run.out.contains(";; bad.lab. A is bogus: RRSIG of bad.lab. A does not verify with key "),
        "{}",
        run.out
    );
    assert_eq!(dig(&["--exit-code", "bad.lab"]).code, Some(7));
    assert_eq!(dig(&["--exit-code", "www.lab"]).code, Some(0));
}

#[test]
fn expired_signature_is_told_with_its_day() {
    let run = dig(&["+short", "old.lab"]);
    assert!(
        run.out.contains(";; old.lab. A is bogus: RRSIG of old.lab. A expired 2017-07-14 ("),
        "{}",
        run.out
    );
}

#[test]
fn secure_answer_has_nothing_to_add_to_short_output() {
    let run = dig(&["+short", "www.lab"]);
    assert!(run.out.starts_with("192.0.2.1\n") && !run.out.contains(";;"), "{run:#?}");
}

#[test]
fn zone_without_ds_is_insecure_and_not_bogus() {
    let run = dig(&["--exit-code", "plain"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(
        run.out.contains(";; plain. A is insecure: plain. is delegated without DS"),
        "{}",
        run.out
    );
}

#[test]
fn links_and_verdict_are_json_lines() {
    let events = dig(&["--json", "bad.lab"]).json();
    let of = |event: &str| events.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let subjects: Vec<_> =
        of("validation_link").iter().map(|link| link["subject"].clone()).collect();
    assert_eq!(subjects, ["anchor", "delegation", "data"]);
    let verdict = of("validation")[0];
    assert_eq!(
        (&verdict["security"], &verdict["reason"]),
        (&"bogus".into(), &"bad_signature".into())
    );
}

#[test]
fn file_without_anchors_is_refused_before_anything_is_asked() {
    let run = Run::of(
        Command::new(ours())
            .args(["-r", "+validate=/nonexistent", "www.lab"])
            .assert()
            .get_output(),
    );
    assert_eq!(run.code, Some(1));
    assert!(run.err.ends_with(": /nonexistent: No such file or directory\n"), "{run:#?}");
    assert_eq!(run.out, "");
}
