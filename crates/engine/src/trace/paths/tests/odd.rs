//! Answers that say too little, come twice, or are about somebody else's datagrams.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::world::{PORT, TARGET, World};
use super::*;
use crate::trace::paths::{Paths, Summary};
use crate::{Datagrams as _, Engine as _, Instant, Origin, Refusal, Reply};

const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// What one probe was: its flow, its hop, its data.
type Probe = (u32, u8, Vec<u8>);

/// A search about to send, with no more than two hops.
fn search() -> Paths {
    let mut engine = Paths::new(World::of(&[(0, 1), (1, 2)]).config(2), Instant::ZERO);
    assert!(matches!(engine.poll_event(), Some(Event::Start(_))));
    engine
}

/// The probes that leave by now.
fn sent(engine: &mut Paths, now: Instant) -> Vec<Probe> {
    let mut probes = Vec::new();
    let mut contents = Vec::new();
    while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
        probes.push((transmit.flow, transmit.hop_limit.unwrap(), contents.clone()));
    }
    probes
}

fn refusal(from: IpAddr, flow: u32, quoted: &[u8]) -> Refusal<'_> {
    Refusal {
        origin: Origin::Icmp { from, icmp_type: 11, code: 0 },
        destination: SocketAddr::new(TARGET.ip(), PORT),
        flow,
        info: 0,
        at: None,
        hop_limit: None,
        extensions_at: None,
        quoted,
    }
}

/// All that the engine has to tell when it is stopped now.
fn stopped(mut engine: Paths, now: Instant) -> (Vec<Event>, Summary) {
    engine.handle_stop(now);
    let mut events: Vec<_> = std::iter::from_fn(|| engine.poll_event()).collect();
    assert!(engine.is_finished() && engine.next_timeout().is_none());
    let Some(Event::Summary(summary)) = events.pop() else { panic!("{events:?}") };
    (events, summary)
}

/// A millisecond after each other.
fn at(n: u64) -> Instant {
    Instant::from_millis(n)
}

/// A search whose first hop has answered, with the probes to the second.
fn past_the_first_hop() -> (Paths, Vec<Probe>) {
    let mut engine = search();
    for n in 0..6 {
        for (flow, hop, contents) in sent(&mut engine, at(n)) {
            assert_eq!(hop, 1);
            engine.handle_refusal(at(n), refusal(ROUTER, flow, &contents));
        }
    }
    let probes: Vec<_> = (6..20).flat_map(|n| sent(&mut engine, at(n))).collect();
    assert!(probes.len() == 6 && probes.iter().all(|(_, hop, _)| *hop == 2), "{probes:?}");
    (engine, probes)
}

#[test]
fn second_answer_that_quotes_nothing_is_not_for_the_next_hop() {
    let (mut engine, probes) = past_the_first_hop();
    for (flow, ..) in &probes {
        engine.handle_refusal(at(20), refusal(ROUTER, *flow, &[]));
    }
    let (events, _) = stopped(engine, at(21));
    assert!(!events.iter().any(|event| matches!(event, Event::Link(_))), "{events:?}");
}

#[test]
fn another_seed_or_flow_is_not_ours() {
    let (mut engine, probes) = past_the_first_hop();
    let far = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 66));
    let elsewhere = SocketAddr::new(far, 53);
    for (flow, _, contents) in &probes {
        let strange: Vec<u8> = contents.iter().map(|octet| octet ^ 1).collect();
        let stranger = Refusal { destination: elsewhere, ..refusal(far, *flow, &strange) };
        engine.handle_refusal(at(20), stranger);
        engine.handle_refusal(at(20), refusal(far, *flow + 200, contents));
    }
    engine.handle_refusal(at(20), refusal(far, u32::MAX, &[]));
    let (_, summary) = stopped(engine, at(21));
    assert_eq!((summary.answered, summary.vertices), (6, 1));
}

#[test]
fn another_destination_in_a_quote_is_told_with_the_first_hop_that_saw_it() {
    let (mut engine, probes) = past_the_first_hop();
    let inside = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 4242);
    let (flow, _, contents) = &probes[0];
    let translated = Refusal { destination: inside, ..refusal(TARGET.ip(), *flow, contents) };
    engine.handle_refusal(at(20), translated);
    let (events, summary) = stopped(engine, at(21));
    assert_eq!(summary.translated_from, Some(2));
    let translated = events.iter().filter_map(|event| match event {
        Event::Vertex(vertex) => vertex.translated_to.zip(vertex.translated_port),
        _ => None,
    });
    assert_eq!(translated.map(SocketAddr::from).collect::<Vec<_>>(), [inside]);
}

#[test]
fn advice_is_no_answer() {
    let mut engine = search();
    let (flow, _, contents) = sent(&mut engine, at(0)).remove(0);
    for icmp_type in [4, 5] {
        let origin = Origin::Icmp { from: ROUTER, icmp_type, code: 0 };
        engine.handle_refusal(at(1), Refusal { origin, ..refusal(ROUTER, flow, &contents) });
    }
    assert_eq!(stopped(engine, at(2)).1.answered, 0);
}

#[test]
fn replies_are_the_targets_only() {
    let mut engine = search();
    let (flow, ..) = sent(&mut engine, at(0)).remove(0);
    let reply =
        |source| Reply { source, hop_limit: None, at: None, options: &[], flow, contents: &[] };
    engine.handle_reply(at(1), reply(SocketAddr::new(ROUTER, PORT)));
    engine.handle_reply(at(1), reply(SocketAddr::new(TARGET.ip(), PORT + 1)));
    engine.handle_reply(at(2), reply(SocketAddr::new(TARGET.ip(), PORT)));
    let (_, summary) = stopped(engine, at(3));
    assert_eq!((summary.answered, summary.reached, summary.last_hop), (1, true, Some(1)));
}

#[test]
fn stop_tells_what_is_known_and_that_it_is_not_all() {
    let (engine, _) = past_the_first_hop();
    let (events, summary) = stopped(engine, at(30));
    assert_eq!((summary.interrupted, summary.complete), (true, false));
    assert_eq!(
        (summary.vertices, summary.sent, summary.elapsed),
        (1, 12, Duration::from_millis(30))
    );
    assert!(matches!(&events[0], Event::Vertex(vertex) if !vertex.complete), "{events:?}");
}

#[test]
fn what_cannot_be_sent_ends_soon_with_its_reason() {
    const NOT_PERMITTED: i32 = 1;
    let mut engine = search();
    let (mut now, mut count, mut contents) = (Instant::ZERO, 0, Vec::new());
    while !engine.is_finished() && count < 1000 {
        if let Some(transmit) = engine.poll_transmit(now, &mut contents) {
            count += 1;
            engine.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(NOT_PERMITTED));
        } else if let Some(Event::Summary(summary)) = engine.poll_event() {
            assert_eq!(summary.error.as_deref(), Some("Operation not permitted"));
            assert_eq!((summary.answered, summary.reached), (0, false));
        } else {
            now = engine.next_timeout().unwrap_or(now).max(now);
            engine.handle_timeout(now);
        }
    }
    assert_eq!(count, 6 * 2 + 6, "twice at the first hop, and behind silence once");
}
