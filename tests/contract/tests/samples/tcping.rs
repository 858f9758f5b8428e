//! Values of every event of `handshake ping`, and of the one that `handshake path` adds to a path's.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_engine::tcp::tcping::{Carrier, Config, Event, Target, Tcping};
use wireline_engine::{Answer, Datagrams as _, Engine as _, Handshake, Instant, Origin, Refusal};
use wireline_handshake::path::event::Port;

pub(crate) const EVENTS_OF_PINGED_PORTS: [&str; 8] =
    ["start", "probe", "turn", "resolve", "resolved", "status", "target_summary", "summary"];

pub(crate) const fn name_of_pinged_port(event: &Event) -> &'static str {
    EVENTS_OF_PINGED_PORTS[match event {
        Event::Start { .. } => 0,
        Event::Probe(_) => 1,
        Event::Turn(_) => 2,
        Event::Resolve { .. } => 3,
        Event::Resolved { .. } => 4,
        Event::Status(_) => 5,
        Event::TargetSummary(_) => 6,
        Event::Summary(_) => 7,
    }]
}

const TARGET: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 443);
const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 254));
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 3));

/// A port that is open, with and without a lost SYN, and then rejected, and what this machine would not send.
pub(crate) fn pinged_ports() -> Vec<Event> {
    let config = Config {
        carrier: Carrier::Connect,
        interval: Duration::from_secs(1),
        count: Some(4),
        timeout: Duration::from_secs(4),
        max_time: None,
        retries: 0,
        resolve_after: Some(1),
        until: None,
        seed: 1,
        source_ports: Vec::new(),
        is_ours: |_| false,
    };
    let targets = vec![Target::new("db.example", TARGET)];
    let mut engine = Tcping::new(config, targets, Instant::ZERO);
    let mut events = Vec::new();
    for second in 0..4 {
        let now = Instant::from_millis(second * 1000);
        let sent = engine.poll_transmit(now, &mut Vec::new()).unwrap();
        let later = now + Duration::from_micros(260);
        match second {
            0 => engine.handle_handshake(later, accepted(sent.id, later, 55, 0)),
            1 => engine.handle_handshake(later, accepted(sent.id, later, 1000, 1)),
            2 => engine.handle_refusal(later, rejected(sent.id)),
            _ => {
                let why = std::io::Error::from_raw_os_error(24);
                engine.handle_unsent(later, &sent, &why);
            }
        }
        events.extend(std::iter::from_fn(|| engine.poll_event()));
        if second == 2 {
            engine.handle_addresses(0, &[OTHER]);
            engine.handle_query(later);
            events.extend(std::iter::from_fn(|| engine.poll_event()));
        }
    }
    events.extend(half_open());
    events
}

/// A probe that was stamped, and whose answer's hop limit was seen.
fn half_open() -> Vec<Event> {
    let events = pinged_half_open();
    events.into_iter().filter(|event| matches!(event, Event::Probe(_))).collect()
}

fn pinged_half_open() -> Vec<Event> {
    use wireline_engine::{Reply, Stage, Stamp};
    use wireline_packet::tcp::{Flags, Segment};
    let config = Config {
        carrier: Carrier::HalfOpen,
        interval: Duration::from_secs(1),
        count: Some(1),
        timeout: Duration::from_secs(4),
        max_time: None,
        retries: 0,
        resolve_after: None,
        until: None,
        seed: 1,
        source_ports: vec![40_000],
        is_ours: |_| false,
    };
    let targets = vec![Target::new("db.example", TARGET)];
    let mut engine = Tcping::new(config, targets, Instant::ZERO);
    let mut syn = Vec::new();
    let sent = engine.poll_transmit(Instant::ZERO, &mut syn).unwrap();
    engine.handle_stamp(Stamp { id: sent.id, stage: Stage::Sent, at: Instant::from_nanos(5000) });
    let syn = Segment::parse(&syn).unwrap();
    let answer = Segment {
        source_port: 443,
        destination_port: syn.source_port,
        sequence: 1,
        acknowledgment: syn.sequence.wrapping_add(1),
        flags: Flags::SYN | Flags::ACK,
        ..syn
    };
    let mut contents = Vec::new();
    answer.emit(TARGET.ip(), ROUTER, &mut contents);
    let (now, at) = (Instant::from_nanos(90_000), Some(Instant::from_nanos(39_000)));
    let (source, hop_limit, options, flow) = (TARGET, Some(63), &[][..], 0);
    engine.handle_reply(now, Reply { source, hop_limit, at, options, flow, contents: &contents });
    std::iter::from_fn(|| engine.poll_event()).collect()
}

const fn accepted(id: u32, at: Instant, micros: u64, retransmits: u32) -> Handshake {
    let rtt = Some(Duration::from_micros(micros));
    Handshake { id, at, answer: Answer::Accepted, rtt, retransmits }
}

const fn rejected(flow: u32) -> Refusal<'static> {
    Refusal {
        origin: Origin::Icmp { from: ROUTER, icmp_type: 3, code: 13 },
        destination: TARGET,
        flow,
        info: 0,
        at: None,
        hop_limit: Some(64),
        extensions_at: None,
        quoted: &[],
    }
}

pub(crate) fn ports_at_the_end() -> Vec<Port> {
    vec![Port::sample("db.example", TARGET, None), Port::sample("db.example", TARGET, Some(ROUTER))]
}
