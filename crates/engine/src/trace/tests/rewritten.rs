//! What quotes tell of rewritten headers, and whose they are.

use wireline_packet::udp;

use super::super::{Change, Noticed, Rewritten};
use super::*;
use crate::Quotation;

const PORT: u16 = 40_000;
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// A datagram as somebody on the way saw it. Checksums go with its addresses.
#[derive(Clone, Copy, Debug)]
struct Datagram {
    source: (IpAddr, u16),
    destination: (IpAddr, u16),
    ttl: u8,
    tos: u8,
    data: usize,
}

/// The first probe, untouched.
const FIRST: Datagram = Datagram {
    source: (SOURCE, PORT),
    destination: (TARGET, FIRST_PORT),
    ttl: 1,
    tos: 0,
    data: 32,
};

impl Datagram {
    fn octets(self) -> Vec<u8> {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (self.source.0, self.destination.0)
        else {
            panic!("IPv4")
        };
        let mut octets = vec![0x45, self.tos, 0, 60, 0, 0, 0, 0, self.ttl, 17, 0, 0];
        octets.extend(source.octets());
        octets.extend(destination.octets());
        let data: Vec<u8> =
            (0..self.data).map(|n| b'@' | u8::try_from(n & 0x3f).unwrap()).collect();
        let mut transport = Vec::new();
        udp::emit(self.source.into(), self.destination.into(), &data, &mut transport);
        octets.extend(transport);
        octets
    }
}

/// A trace of three probes to one hop, whose port is known.
fn asked() -> Trace {
    let mut trace = waiting();
    (0..3).for_each(|id| trace.handle_port(id, PORT));
    trace
}

fn quote(trace: &mut Trace, from: IpAddr, datagram: &[u8]) {
    let quotation = Quotation { from, icmp_type: 11, code: 0, datagram };
    trace.handle_quotation(Instant::from_millis(1), quotation);
}

/// What is told at the end, when nobody is waited for any more.
fn end(mut trace: Trace) -> Vec<Rewritten> {
    trace.handle_timeout(Instant::from_millis(60_000));
    let events: Vec<_> = std::iter::from_fn(|| trace.poll_event()).collect();
    let mut told = Vec::new();
    for event in &events {
        if let Event::Rewritten(rewritten) = event {
            told.push(rewritten.clone());
        }
    }
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!(summary.rewritten_from, told.first().map(|it| it.hop));
    told
}

/// What one quote from the first router comes to.
fn told(datagram: &[u8]) -> Vec<Change> {
    let mut trace = asked();
    quote(&mut trace, router(1), datagram);
    changes(&end(trace))
}

fn changes(told: &[Rewritten]) -> Vec<Change> {
    told.iter().flat_map(|it| &it.changes).map(|noticed| noticed.change).collect()
}

#[test]
fn untouched_quote_tells_nothing() {
    assert_eq!(told(&FIRST.octets()), []);
    assert_eq!(told(&Datagram { ttl: 0, ..FIRST }.octets()), [], "some quote what they made of it");
}

#[test]
fn translated_source_and_port_are_told_though_the_kernel_heard_of_no_answer() {
    let mut trace = asked();
    quote(&mut trace, router(1), &Datagram { source: (OUTSIDE, 1024), ..FIRST }.octets());

    let first = true;
    let expected = Rewritten {
        hop: 1,
        source: router(1),
        changes: vec![
            Noticed { change: Change::Source { from: SOURCE, to: OUTSIDE }, first },
            Noticed { change: Change::SourcePort { from: PORT, to: 1024 }, first },
        ],
    };
    assert_eq!(end(trace), [expected]);
}

#[test]
fn hop_is_told_once_and_a_field_is_first_once() {
    let config = Config { interval: Some(Duration::ZERO), probes: 1, max_hops: 2, ..config() };
    let mut trace = Trace::new(config, Instant::ZERO);
    let mut contents = Vec::new();
    while trace.poll_transmit(Instant::ZERO, &mut contents).is_some() {}
    (0..2).for_each(|id| trace.handle_port(id, PORT));
    for hop in [2, 1, 1] {
        let destination = (TARGET, FIRST_PORT - 1 + u16::from(hop));
        let datagram = Datagram { source: (OUTSIDE, PORT), destination, ..FIRST };
        quote(&mut trace, router(hop), &datagram.octets());
    }

    let told: Vec<_> = end(trace).iter().map(|it| (it.hop, it.changes[0].first)).collect();
    assert_eq!(told, [(1, true), (2, false)]);
}

#[test]
fn translated_destination_is_told_and_so_are_class_and_hop_limit() {
    let elsewhere = Datagram { destination: (ELSEWHERE, FIRST_PORT), ..FIRST };
    let expected = Change::Destination { from: TARGET, to: ELSEWHERE };
    assert_eq!(told(&elsewhere.octets()), [expected]);

    let marked = Datagram { tos: 0xb8, ttl: 9, ..FIRST };
    let expected =
        [Change::HopLimit { from: 1, to: 9 }, Change::TrafficClass { from: 0, to: 0xb8 }];
    assert_eq!(told(&marked.octets()), expected);
}

#[test]
fn checksum_of_another_address_shows_that_a_translator_put_back_the_addresses() {
    let mut octets = FIRST.octets();
    let there = Datagram { source: (OUTSIDE, PORT), ..FIRST }.octets();
    octets[26..28].copy_from_slice(&there[26..28]);
    let [Change::Checksum { from, to }] = told(&octets)[..] else { panic!("{:?}", told(&octets)) };
    assert_eq!(from.to_be_bytes(), FIRST.octets()[26..28]);
    assert_eq!(to.to_be_bytes(), there[26..28]);
}

#[test]
fn quotes_of_what_cannot_be_ours_are_nobodys() {
    let strangers = [
        Datagram { source: (SOURCE, PORT + 1), ..FIRST },
        Datagram { source: (OUTSIDE, PORT), destination: (ELSEWHERE, FIRST_PORT), ..FIRST },
        Datagram { source: (SOURCE, 1024), destination: (ELSEWHERE, FIRST_PORT), ..FIRST },
        Datagram { destination: (TARGET, FIRST_PORT + 3), tos: 4, ..FIRST },
        Datagram { destination: (TARGET, 53), tos: 4, ..FIRST },
        Datagram { data: 31, tos: 4, ..FIRST },
    ];
    for stranger in strangers {
        assert_eq!(told(&stranger.octets()), [], "{stranger:?}");
    }
    for (at, value) in [(9, 6), (9, 136), (6, 0x20), (7, 1), (30, 0), (59, 1)] {
        let mut octets = Datagram { tos: 4, ..FIRST }.octets();
        octets[at] = value;
        let is_fragment_bit_only = (at, value) == (6, 0x20);
        assert_eq!(told(&octets).is_empty(), !is_fragment_bit_only, "octet {at} is {value}");
    }
}

#[test]
fn two_quotes_of_one_probe_that_disagree_are_not_believed() {
    let mut trace = asked();
    quote(&mut trace, router(1), &Datagram { source: (OUTSIDE, PORT), ..FIRST }.octets());
    quote(&mut trace, router(1), &FIRST.octets());
    quote(&mut trace, router(1), &Datagram { source: (OUTSIDE, PORT), ..FIRST }.octets());
    assert_eq!(end(trace), []);
}

#[test]
fn port_that_the_kernel_found_to_be_ours_was_not_translated() {
    let mut trace = asked();
    quote(&mut trace, router(1), &Datagram { source: (OUTSIDE, 1024), ..FIRST }.octets());
    let to = SocketAddr::new(TARGET, FIRST_PORT);
    trace.handle_refusal(Instant::from_millis(2), refusal(to, Error::of(router(1), EXPIRED)));
    assert_eq!(end(trace), [], "it is another program's, behind the same translator");
}

#[test]
fn probe_that_the_target_answered_was_not_quoted_by_anybody() {
    let mut trace = asked();
    quote(&mut trace, router(1), &Datagram { source: (OUTSIDE, PORT), ..FIRST }.octets());
    let reply = Reply {
        source: SocketAddr::new(TARGET, FIRST_PORT),
        hop_limit: None,
        at: None,
        options: &[],
        flow: 0,
        contents: &[],
    };
    trace.handle_reply(Instant::from_millis(2), reply);
    assert_eq!(end(trace), []);
}

#[test]
fn destination_in_the_error_queue_is_told_without_any_quote() {
    let mut trace = waiting();
    let to = SocketAddr::new(ELSEWHERE, FIRST_PORT);
    trace.handle_refusal(Instant::from_millis(2), refusal(to, Error::of(router(1), EXPIRED)));
    let expected = Change::Destination { from: TARGET, to: ELSEWHERE };
    assert_eq!(changes(&end(trace)), [expected]);
}

#[test]
fn error_about_other_data_on_its_way_elsewhere_is_nobodys() {
    let mut trace = waiting();
    let to = SocketAddr::new(ELSEWHERE, FIRST_PORT);
    let strange =
        Refusal { quoted: b"something else", ..refusal(to, Error::of(router(1), EXPIRED)) };
    trace.handle_refusal(Instant::from_millis(2), strange);
    assert_eq!(trace.expected(), 3, "all are still waited for");
    let ours = Refusal { quoted: b"@ABCDEFG", ..strange };
    trace.handle_refusal(Instant::from_millis(2), ours);
    assert_eq!(trace.expected(), 2);
}

#[test]
fn quotes_cut_short_tell_what_they_can_and_lies_nothing() {
    let octets = Datagram { source: (OUTSIDE, 1024), ..FIRST }.octets();
    for end in 0..=octets.len() {
        let expected = if end < 28 { 0 } else { 2 };
        assert_eq!(told(&octets[..end]).len(), expected, "{end} octets");
    }
    // Filled up with zeros, as before extensions.
    let mut padded = octets[..28].to_vec();
    padded.resize(128, 0);
    padded.extend([0x20, 0, 0xff, 0xff, 0, 8, 1, 1, 1, 2, 3, 4]);
    assert_eq!(told(&padded).len(), 2);
    for first in 0..=u8::MAX {
        let mut lying = octets.clone();
        lying[0] = first;
        assert_eq!(told(&lying).len(), if first == 0x45 { 2 } else { 0 }, "first octet {first}");
    }
}

#[test]
fn quotes_before_any_probe_and_after_the_end_do_nothing() {
    let mut trace = Trace::new(config(), Instant::ZERO);
    quote(&mut trace, router(1), &FIRST.octets());
    trace.handle_stop(Instant::from_millis(2));
    quote(&mut trace, router(1), &FIRST.octets());
    let events: Vec<_> = std::iter::from_fn(|| trace.poll_event()).collect();
    assert!(matches!(events[..], [Event::Start(_), Event::Summary(_)]), "{events:?}");
}
