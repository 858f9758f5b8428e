//! What errors say.

use super::*;
use crate::headers::tests::{UDP4, UDP6};
use wireline_lab::Label;

const EXCEEDED: Refusal = Refusal { kind: 11, code: 0, word: 0 };

fn packets() -> [Packet; 2] {
    [UDP4, UDP6].map(|frame| Packet::parse(frame.to_vec()).unwrap())
}

/// The ICMP message of an error about a packet that came with TTL 1.
fn message(packet: &Packet, quote: &Quote) -> Vec<u8> {
    let kind = if packet.is_v4() { 11 } else { 3 };
    let from = wireline_lab::Path::router(1, packet.source);
    let frame = about(packet, Refusal { kind, ..EXCEEDED }, quote, 1, (from, 64));
    let error = Packet::parse(frame).unwrap();
    assert_eq!((error.source, error.destination), (from, packet.source));
    error.transport().to_vec()
}

fn labelled(fault: Option<Fault>) -> Quote {
    let labels = Labels { fault, ..Labels::of(&[16]) };
    Quote { labels: Some(labels), ..Quote::default() }
}

#[test]
fn quote_is_the_packet_with_the_ttl_that_it_came_with() {
    for packet in packets() {
        let quote = message(&packet, &Quote::default()).split_off(8);
        let ttl = if packet.is_v4() { 8 } else { 7 };
        assert_eq!(quote.len(), packet.datagram().len());
        assert_eq!((quote[ttl], &quote[12..]), (1, &packet.datagram()[12..]));
    }
}

#[test]
fn quoted_ipv4_header_has_a_right_checksum() {
    let quote = Quote { tos: Some(0xb8), ttl: Some(3), ..Quote::default() };
    let quoted = message(&packets()[0], &quote).split_off(8);
    assert_eq!((quoted[1], quoted[8]), (0xb8, 3));
    assert_eq!(checksum(&quoted[..20], 5).to_be_bytes(), quoted[10..12]);
}

#[test]
fn quoted_traffic_class_spares_version_and_flow_label() {
    let quote = Quote { tos: Some(0xb8), ..Quote::default() };
    assert_eq!(message(&packets()[1], &quote)[8..12], [0x6b, 0x80, 0, 0]);
}

#[test]
fn quotes_are_cut_to_every_length() {
    for packet in packets() {
        for octets in 0..=60 {
            let quote = Quote { octets: Some(octets), ..Quote::default() };
            let length = octets.min(packet.datagram().len());
            assert_eq!(message(&packet, &quote).len(), 8 + length);
        }
    }
}

#[test]
fn translated_source_is_one_that_could_have_been_sent() {
    let nat = Nat::to("192.0.2.66".parse().unwrap()).port(7).ip_id(9);
    let nat = Nat { v6: Some("2001:db8::66".parse().unwrap()), ..nat };
    for packet in packets() {
        let quote = Quote { nat: Some(nat), ..Quote::default() };
        let quoted = message(&packet, &quote).split_off(8);
        let mut frame = [&packet.frame[..ETHERNET], &quoted].concat();
        mend(&mut frame);
        assert_eq!(frame[ETHERNET..], quoted, "a checksum was wrong");
        let translated = Packet::parse(frame).unwrap();
        assert_eq!(translated.transport()[..2], [0, 7]);
        assert_ne!(translated.source, packet.source);
    }
}

#[test]
fn each_fault_of_an_extension_changes_what_it_says() {
    for packet in packets() {
        let at = if packet.is_v4() { 5 } else { 4 };
        let right = message(&packet, &labelled(None));
        let wrong = |fault| message(&packet, &labelled(Some(fault)));
        assert_eq!(usize::from(right[at]) * if packet.is_v4() { 4 } else { 8 }, 128);
        assert_eq!(checksum(&right[136..], usize::MAX), 0);
        assert_eq!(wrong(Fault::NonCompliant)[at], 0);
        assert_eq!(wrong(Fault::Length(200))[at], 200);
        assert_ne!(checksum(&wrong(Fault::Checksum)[136..], usize::MAX), 0);
        assert_eq!(wrong(Fault::NoChecksum)[138..140], [0, 0]);
        assert_eq!(wrong(Fault::Version(1))[136], 0x10);
        assert_eq!(wrong(Fault::ObjectLength(500))[140..142], [1, 244]);
    }
}

#[test]
fn label_has_its_class_and_time_to_live() {
    let stack = stack(&Labels::default().push(Label { label: 3, class: 5, ttl: 255 }));
    assert_eq!(stack, [0, 0, 0x3b, 255]);
}
