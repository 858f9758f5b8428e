use std::net::IpAddr;

use wireline_host::links::Link;
use wireline_host::neighbours::{LinkAddress, Neighbour, State, flags};

use super::*;

fn row(address: &str, state: State, hardware: &[u8], flags: u8) -> Row {
    let link = Link { index: 3, name: "d0".into(), hardware: 1, ..Link::default() };
    let entry = Neighbour {
        address: address.parse::<IpAddr>().unwrap(),
        index: 3,
        state,
        flags,
        hardware: LinkAddress::new(hardware),
        ages: None,
        probes: 0,
        protocol: None,
    };
    Row::new(&entry, Some(&link))
}

const MAC: &[u8] = &[2, 0, 0, 0, 0xbb, 1];

fn rows() -> [Row; 4] {
    [
        row("10.66.0.2", State::Reachable, MAC, 0),
        row("10.66.0.3", State::Permanent, MAC, 0),
        row("10.66.0.77", State::Failed, &[], 0),
        row("10.66.0.24", State::None, &[], flags::PROXY),
    ]
}

fn shown(style: Style, states: bool, rows: &[Row]) -> String {
    let layout = Layout::new(style, states, rows);
    let mut text = Vec::new();
    layout.heading(&mut text).unwrap();
    for row in rows {
        layout.row(row, &mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn columns_are_those_of_net_tools() {
    assert_eq!(
        shown(Style::Linux, false, &rows()),
        "Address                  HWtype  HWaddress           Flags Mask            Iface\n\
         10.66.0.2                ether   02:00:00:00:bb:01   C                     d0\n\
         10.66.0.3                ether   02:00:00:00:bb:01   CM                    d0\n\
         10.66.0.77                       (incomplete)                              d0\n\
         10.66.0.24               *       <from_interface>    MP                    d0\n"
    );
}

#[test]
fn sentences_are_those_of_net_tools() {
    assert_eq!(
        shown(Style::Bsd, false, &rows()),
        "? (10.66.0.2) at 02:00:00:00:bb:01 [ether] on d0\n\
         ? (10.66.0.3) at 02:00:00:00:bb:01 [ether] PERM on d0\n\
         ? (10.66.0.77) at <incomplete> on d0\n\
         ? (10.66.0.24) at <from_interface> PERM PUB on d0\n"
    );
}

#[test]
fn names_are_cut_and_harmless() {
    let mut row = row("10.66.0.2", State::Stale, MAC, 0);
    row.name = Some("a.name.that.is.longer.than.its.column".into());
    let text = shown(Style::Linux, false, std::slice::from_ref(&row));
    assert!(text.contains("\na.name.that.is.longer.t  ether "), "{text}");
    row.name = Some("a\u{1b}[2Jb".into());
    assert!(shown(Style::Bsd, false, &[row]).starts_with("a\\027[2Jb (10.66.0.2) at "));
}

#[test]
fn addresses_of_ipv6_are_whole() {
    let address = "fd66:1234:5678:9abc:def0:1234:5678:9abc";
    let text = shown(Style::Linux, true, &[row(address, State::Stale, MAC, 0)]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].starts_with(&format!("{address}  ether   ")), "{text}");
    assert_eq!(lines[0].find("State"), lines[1].find("STALE"));
}

#[test]
fn states_stand_behind_interfaces() {
    let text = shown(Style::Linux, true, &rows());
    let last: Vec<_> = text.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(last, ["State", "REACHABLE", "PERMANENT", "FAILED", "PROXY"]);
}

#[test]
fn long_hardware_address_ends_where_the_kernels_table_ends() {
    let octets: Vec<u8> = (1..=20).collect();
    let text = shown(Style::Bsd, false, &[row("10.66.0.2", State::Stale, &octets, 0)]);
    assert_eq!(text, "? (10.66.0.2) at 01:02:03:04:05:06:07:08:09 [ether] on d0\n");
    let text = shown(Style::Linux, false, &[row("10.66.0.2", State::Stale, &octets, 0)]);
    assert!(text.contains("01:02:03:04:05:06:07C "), "{text}");
}
