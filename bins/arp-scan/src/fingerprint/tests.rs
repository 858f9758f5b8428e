use std::time::Duration;

use wireline_cli::Streams;
use wireline_engine::segment::fingerprint;
use wireline_packet::Mac;

use super::event::Summary;
use super::*;

fn host() -> fingerprint::Fingerprint {
    fingerprint::Fingerprint {
        address: [192, 0, 2, 7].into(),
        mac: Mac([0, 0, 0x5e, 0, 0x53, 1]),
        answers: fingerprint::Answers::default(),
        is_contested: false,
    }
}

fn summary() -> Summary {
    fingerprint::Summary { hosts: 2, responded: 1, sent: 3, ..fingerprint::Summary::default() }
        .into()
}

fn facts(vendors: &Vendors) -> Facts<'_> {
    Facts { interface: Some("eth0".into()), vendors }
}

/// What comes on stdout and on stderr.
fn shown(format: Format, events: &[Event]) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut render = render(format);
    for event in events {
        let mut to = Streams { out: &mut out, err: &mut err };
        render.event(Duration::ZERO, event, &mut to).unwrap();
    }
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

const TEXT: Format = Format::Text { tells_silent: true, tells_questions: false };

#[test]
fn lines_are_those_of_arp_fingerprint() {
    let vendors = Vendors::built_in();
    let silent = fingerprint::Event::Silent([192, 0, 2, 8].into());
    let events =
        [fingerprint::Event::Host(host()), silent].map(|event| facts(&vendors).event(event));
    let (out, err) = shown(TEXT, &events);
    assert_eq!(out, "192.0.2.7\t00000000000\tUNKNOWN\n192.0.2.8\tNo Response\n");
    assert_eq!(err, "");
    let local = Format::Text { tells_silent: false, tells_questions: false };
    assert_eq!(shown(local, &events).0, "192.0.2.7\t00000000000\tUNKNOWN\n");
}

#[test]
fn questions_are_told_before_their_host() {
    let vendors = Vendors::none();
    let format = Format::Text { tells_silent: true, tells_questions: true };
    let (out, _) = shown(format, &[facts(&vendors).event(fingerprint::Event::Host(host()))]);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 12, "{out}");
    assert_eq!((lines[0], lines[10]), ("--arpspa=127.0.0.1\tNo", "--arphln=8\tNo"));
}

#[test]
fn contested_address_is_warned_of() {
    let vendors = Vendors::none();
    let host = fingerprint::Fingerprint { is_contested: true, ..host() };
    let (_, err) = shown(TEXT, &[facts(&vendors).event(fingerprint::Event::Host(host))]);
    assert_eq!(err, "WARNING: 192.0.2.7: others than 00:00:5e:00:53:01 answered too\n");
}

#[test]
fn json_has_the_vendor_and_every_question() {
    let vendors = Vendors::built_in();
    let (out, _) = shown(Format::Json, &[facts(&vendors).event(fingerprint::Event::Host(host()))]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["event"], "fingerprint");
    assert_eq!(value["vendor"], "ICANN, IANA Department");
    assert_eq!(value["probes"][1]["probe"], "--arpspa=0.0.0.0");
    assert_eq!(value["probes"].as_array().map(Vec::len), Some(11));
    assert_eq!(value["systems"], serde_json::json!([]));
}

#[test]
fn exit_says_whether_it_came_to_its_end() {
    assert_eq!(summary().exit(), Exit(0));
    assert_eq!(Summary { stopped: true, ..summary() }.exit(), Exit(130));
    let unsent = Summary { sent: 0, unsent: 4, error: Some("Network is down".into()), ..summary() };
    assert_eq!(unsent.exit(), Exit(1));
    let (_, err) = shown(TEXT, &[Event::Summary(unsent)]);
    assert_eq!(err, "WARNING: 4 of 4 frames were not sent: Network is down\n");
}
