use wireline_host::neighbours::{Ages, LinkAddress, flags};

use super::*;

fn at(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn mac(last: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, last])
}

fn entry(last: u8, state: State, hardware: Option<u8>) -> Neighbour {
    Neighbour {
        address: at(last),
        index: 7,
        state,
        flags: 0,
        hardware: hardware.map(|last| LinkAddress::from(mac(last))),
        ages: Some(Ages::default()),
        probes: 0,
        protocol: None,
    }
}

fn heard(last: u8, hardware: u8) -> Heard {
    Heard { index: 7, address: at(last), mac: mac(hardware) }
}

fn compared(kernel: &[Neighbour], heard: &[Heard]) -> Vec<Row> {
    let scanned = Scanned { was_asked: &|_, address| address != at(200), name: &|_| "d0".into() };
    compare(kernel, heard, &scanned)
}

#[test]
fn every_pair_of_entry_and_answers_has_its_verdict() {
    use Verdict::{Different, Failed, Match, Missing, Permanent, Stale};
    for (state, cached, wire, verdict) in [
        (State::Reachable, Some(1), &[1][..], Match),
        (State::Stale, Some(1), &[1, 1], Match),
        (State::Permanent, Some(1), &[1], Match),
        (State::Stale, Some(1), &[], Stale),
        (State::Reachable, Some(1), &[], Stale),
        (State::Reachable, Some(1), &[2], Different),
        (State::Delay, Some(1), &[1, 2], Different),
        (State::Permanent, Some(1), &[2], Permanent),
        (State::Permanent, Some(1), &[], Permanent),
        (State::Failed, None, &[], Failed),
        (State::Failed, Some(1), &[1], Failed),
        (State::Incomplete, None, &[1], Failed),
    ] {
        let wire: Vec<_> = wire.iter().map(|mac| heard(1, *mac)).collect();
        let rows = compared(&[entry(1, state, cached)], &wire);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].verdict, verdict, "{state:?} {wire:?}");
    }
    assert_eq!(compared(&[], &[heard(1, 1)])[0].verdict, Missing);
}

#[test]
fn rows_are_in_order_and_none_is_of_what_was_not_asked() {
    let mut proxy = entry(4, State::None, None);
    proxy.flags = flags::PROXY;
    let kernel = [entry(200, State::Stale, Some(1)), entry(9, State::Stale, Some(1)), proxy];
    let rows = compared(&kernel, &[heard(10, 1), heard(2, 1)]);
    let found: Vec<_> = rows.iter().map(|row| row.address).collect();
    assert_eq!(found, [at(2), at(9), at(10)]);
    let rows = compared(&kernel[..1], &[heard(200, 3)]);
    assert_eq!(rows[0].verdict, Verdict::Different, "an answer is one, asked for or not");
}

#[test]
fn same_address_on_two_interfaces_is_two_rows() {
    let other = Heard { index: 8, ..heard(1, 2) };
    let rows = compared(&[entry(1, State::Stale, Some(1))], &[heard(1, 1), other]);
    let found: Vec<_> = rows.iter().map(|row| row.verdict).collect();
    assert_eq!(found, [Verdict::Match, Verdict::Missing]);
}

#[test]
fn row_is_told_in_columns_and_as_json() {
    let rows = compared(&[entry(1, State::Reachable, Some(1))], &[heard(1, 2), heard(1, 3)]);
    let mut text = Vec::new();
    write_row(&rows[0], &mut text).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "192.0.2.1\tDIFFERENT\t02:00:00:00:00:01\t02:00:00:00:00:02,02:00:00:00:00:03\tREACHABLE\td0\n"
    );
    let json = serde_json::to_value(&rows[0]).unwrap();
    assert_eq!(json["verdict"], "different");
    assert_eq!(json["state"], "reachable");
    assert_eq!(json["wire_macs"][1], "02:00:00:00:00:03");
}

#[test]
fn only_verdicts_that_are_there_are_explained() {
    let rows = compared(&[entry(1, State::Failed, None)], &[heard(2, 1), heard(3, 1)]);
    let mut text = Vec::new();
    write_meanings(&rows, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("FAILED: "), "{text}");
}
