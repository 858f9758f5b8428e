use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use super::*;

pub(super) const ME: End =
    End { mac: Mac([2, 0, 0, 0, 0xaa, 1]), address: std::net::Ipv4Addr::new(192, 0, 2, 1) };
pub(super) const YOU: End =
    End { mac: Mac([0, 0, 0x5e, 0, 0x53, 1]), address: std::net::Ipv4Addr::new(192, 0, 2, 7) };

pub(super) fn message(operation: u16, sender: End, target: End) -> Vec<u8> {
    let mut out = Vec::new();
    Message { header: Header::ipv4(operation), sender, target, rest: &[] }.emit(&mut out);
    out
}

pub(super) fn frame(
    destination: Mac,
    tag: Option<u16>,
    framing: Framing,
    payload: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    let protocol = ethertype::ARP;
    Frame { destination, source: ME.mac, tag, framing, protocol, payload }.emit(&mut out);
    out
}

pub(super) fn request() -> Vec<u8> {
    let asked = End { mac: Mac::ZERO, ..YOU };
    frame(Mac::BROADCAST, None, Framing::Ethernet2, &message(operation::REQUEST, ME, asked))
}

pub(super) fn reply() -> Vec<u8> {
    frame(ME.mac, None, Framing::Ethernet2, &message(operation::REPLY, YOU, ME))
}

fn nobody(_: Mac) -> Option<String> {
    None
}

fn somebody(_: Mac) -> Option<String> {
    Some("\u{1b}[31mMallory".into())
}

fn field<'a>(explained: &'a Explained, name: &str) -> &'a Field {
    let mut fields = explained.fields.iter();
    fields
        .find(|field| field.name.starts_with(name))
        .unwrap_or_else(|| panic!("{name}: {explained:?}"))
}

#[test]
fn fields_of_a_request_are_all_there_and_in_order() {
    let frame = request();
    let explained = explain(Direction::Sent, &frame, &nobody);
    assert_eq!(explained.says, "Who has 192.0.2.7? Tell 192.0.2.1");
    let joined: Vec<u8> = explained.fields.iter().flat_map(|field| field.octets.clone()).collect();
    assert_eq!(joined, frame, "every octet is in one field");
    let values: Vec<_> =
        explained.fields.iter().map(|field| (field.at, field.value.as_str())).collect();
    assert_eq!(
        values,
        [
            (0, "ff:ff:ff:ff:ff:ff"),
            (6, "02:00:00:00:aa:01"),
            (12, "0x0806"),
            (14, "1"),
            (16, "0x0800"),
            (18, "6"),
            (19, "4"),
            (20, "1"),
            (22, "02:00:00:00:aa:01"),
            (28, "192.0.2.1"),
            (32, "00:00:00:00:00:00"),
            (38, "192.0.2.7"),
            (42, "18 octets"),
            (42, "4 octets"),
        ]
    );
    assert_eq!(field(&explained, "ar$tha").meaning, "unknown: it is what is asked for");
    assert_eq!(field(&explained, "destination").meaning, "everybody on the segment");
}

#[test]
fn reply_names_the_answer() {
    let mut frame = reply();
    frame.resize(60, 0);
    let explained =
        explain(Direction::Received, &frame, &|mac| (mac == YOU.mac).then(|| "IANA".into()));
    assert_eq!(explained.says, "192.0.2.7 is at 00:00:5e:00:53:01");
    assert_eq!(field(&explained, "ar$sha").meaning, "the answer; IANA");
    let padding = field(&explained, "padding");
    assert_eq!((padding.at, padding.octets.len()), (42, 18));
    assert!(padding.meaning.starts_with("zeros that fill the frame up"));
}

#[test]
fn padding_that_is_no_zeros_is_remarked() {
    let mut frame = reply();
    frame.extend(b"secret of the kernel");
    let explained = explain(Direction::Received, &frame, &nobody);
    assert!(field(&explained, "padding").meaning.contains("lets memory out"));
}

#[test]
fn tag_of_a_vlan_is_taken_apart() {
    let payload = message(operation::REQUEST, ME, YOU);
    let frame = frame(Mac::BROADCAST, Some(0xb007), Framing::Ethernet2, &payload);
    let explained = explain(Direction::Sent, &frame, &nobody);
    let tag = field(&explained, "tag");
    assert_eq!((tag.at, tag.layer), (14, Layer::Vlan));
    assert_eq!(tag.meaning, "priority 5, drop eligible 1, VLAN 7");
    assert_eq!(field(&explained, "ar$hrd").at, 18);
}

#[test]
fn llc_and_snap_are_taken_apart_and_their_length_is_compared() {
    let payload = message(operation::REQUEST, ME, YOU);
    let mut frame = frame(Mac::BROADCAST, None, Framing::Snap, &payload);
    let explained = explain(Direction::Sent, &frame, &nobody);
    assert_eq!(field(&explained, "type").value, "36");
    assert_eq!(field(&explained, "LLC").value, "aa aa 03");
    assert!(!explained.fields.iter().any(|field| field.name == "end"));
    // arp-scan's own frames say 0x32, as if the length counted the addresses too.
    frame[13] = 0x32;
    let explained = explain(Direction::Received, &frame, &nobody);
    assert!(field(&explained, "end").meaning.ends_with("ends at 64"));
}

#[test]
fn probe_and_announcement_are_called_so() {
    let none = End { address: std::net::Ipv4Addr::UNSPECIFIED, ..ME };
    let told = |message: &[u8]| {
        explain(Direction::Sent, &frame(Mac::BROADCAST, None, Framing::Ethernet2, message), &nobody)
    };
    let probe = told(&message(operation::REQUEST, none, YOU));
    assert_eq!(probe.says, "Does anybody have 192.0.2.7?");
    assert!(field(&probe, "ar$spa").meaning.starts_with("none: a probe"));
    let announcement = told(&message(operation::REQUEST, ME, ME));
    assert!(field(&announcement, "ar$tpa").meaning.starts_with("the same: an announcement"));
}

#[test]
fn lengths_that_lie_are_told() {
    let mut frame = reply();
    (frame[18], frame[19]) = (255, 0);
    let explained = explain(Direction::Received, &frame, &nobody);
    assert!(field(&explained, "ar$hln").meaning.starts_with("not 6"));
    assert!(field(&explained, "ar$pln").meaning.starts_with("not 4"));
}

#[test]
fn frame_may_be_cut_anywhere() {
    let payload = message(operation::REPLY, YOU, ME);
    for tag in [None, Some(7)] {
        for framing in [Framing::Ethernet2, Framing::Snap] {
            let frame = frame(ME.mac, tag, framing, &payload);
            for length in 0..frame.len() {
                let explained = explain(Direction::Received, &frame[..length], &nobody);
                let told: usize = explained.fields.iter().map(|field| field.octets.len()).sum();
                assert_eq!(told, length, "every octet is told");
                let cut = explained.fields.iter().any(|field| field.meaning.starts_with("cut off"));
                assert!(cut, "{length}: {}", text(&explained));
            }
        }
    }
}

#[test]
fn any_octets_are_told_and_none_reaches_a_terminal_raw() {
    let mut state = 1_u64;
    for length in 0..400 {
        let mut frame: Vec<u8> = (0..length).map(|_| draw(&mut state)).collect();
        if let Some(kind) = frame.get_mut(12..14) {
            kind.copy_from_slice(&[[8, 6], [0x81, 0], [0x88, 0xa8], [0, 36]][length % 4]);
        }
        let shown = text(&explain(Direction::Received, &frame, &somebody));
        assert!(shown.chars().all(|char| char == '\n' || !char.is_control()), "{shown}");
    }
}

fn draw(state: &mut u64) -> u8 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    state.to_be_bytes()[0]
}

#[test]
fn text_of_a_request_is_aligned() {
    let shown = text(&explain(Direction::Sent, &request(), &nobody));
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[0], "Sent, 42 octets: Who has 192.0.2.7? Tell 192.0.2.1");
    assert_eq!(lines[1], "  Ethernet");
    let column = |line: &str, word: &str| line.find(word).unwrap_or_else(|| panic!("{line}"));
    assert_eq!(column(lines[2], "everybody"), column(lines[4], "ARP (RFC 826)"));
    assert_eq!(
        lines[lines.len() - 3..],
        [
            "    0000  ff ff ff ff ff ff 02 00  00 00 aa 01 08 06 00 01  ................",
            "    0010  08 00 06 04 00 01 02 00  00 00 aa 01 c0 00 02 01  ................",
            "    0020  00 00 00 00 00 00 c0 00  02 07                    ..........",
        ]
    );
}

#[test]
fn json_has_octets_in_hexadecimal() {
    let explained = explain(Direction::Sent, &request(), &nobody);
    let value = serde_json::to_value(&explained).unwrap();
    assert_eq!(value["direction"], "sent");
    assert_eq!(value["fields"][2]["octets"], "0806");
    assert_eq!(value["fields"][2]["layer"], "ethernet");
    assert!(value["frame"].as_str().is_some_and(|frame| frame.starts_with("ffffffffffff0200")));
}

#[test]
fn exchange_is_told_request_first() {
    let pair = Pair { request: Some(request()), reply: reply() };
    let exchange = Exchange::of(YOU.address, &pair, &nobody);
    let shown = exchange.text();
    let headings: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        headings,
        [
            "Sent, 42 octets: Who has 192.0.2.7? Tell 192.0.2.1",
            "Received, 42 octets: 192.0.2.7 is at 00:00:5e:00:53:01",
        ]
    );
    let value = serde_json::to_value(&exchange).unwrap();
    assert_eq!(value["address"], "192.0.2.7");
    assert_eq!(value["reply"]["direction"], "received");
}
