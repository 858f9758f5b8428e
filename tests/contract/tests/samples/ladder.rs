//! Values of every event of `handshake`'s verbs that draw connections.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_engine::Instant;
use wireline_engine::tcp::{
    Caption, Conversation, End, IcmpObserved, Inferred, Line, Observed, State,
};
use wireline_handshake::ladder::{Connection, Ends, Event, Numbered, Start};
use wireline_packet::tcp::{Flags, Options, Segment, Timestamps};

pub(crate) const EVENTS_OF_CONNECTIONS: [&str; 6] =
    ["start", "segment", "icmp", "inferred", "caption", "connection"];

const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 54221);
const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 443);

/// A SYN, its answer and a router's late word, and what a run without a tap tells.
pub(crate) fn connections() -> Vec<Event<'static>> {
    let mut conversation = Conversation::new(CLIENT, SERVER);
    observe(&mut conversation, CLIENT, Flags::SYN, 2_894_511_203, 0);
    observe(&mut conversation, SERVER, Flags::SYN | Flags::ACK, 1_107_226_112, 2_894_511_204);
    observe(&mut conversation, SERVER, Flags::SYN | Flags::ACK, 1_107_226_112, 2_894_511_204);
    conversation.observe_icmp(&IcmpObserved {
        at: Instant::from_nanos(2_000_000),
        by: Ipv4Addr::new(192, 0, 2, 254).into(),
        icmp_type: 3,
        icmp_code: 13,
        source: CLIENT,
        sequence: 2_894_511_203,
    });
    let mut lines: Vec<_> = std::iter::from_fn(|| conversation.poll_line()).collect();
    lines.push(Line::Inferred(Inferred {
        at: Some(Duration::from_micros(96)),
        from: End::Server,
        flags: Flags::SYN | Flags::ACK,
        length: Some(0),
        words: vec!["mss=1460".to_owned(), "sack".to_owned()],
        after: [State::Established, State::SynRcvd],
        source: "tcp_info",
    }));
    lines.push(Line::Caption(Caption { text: "The first SYN is lost.".to_owned() }));
    let ends = Ends::of(CLIENT, SERVER);
    let start =
        Start { v: 1, connection: 1, ends, host: Some("web.example"), title: None, view: "wire" };
    let mut events = vec![Event::Start(start)];
    let lines = lines.leak().iter().map(|line| Event::Line(Numbered { line, connection: 1 }));
    events.extend(lines);
    events.push(Event::Connection(Connection {
        connection: 1,
        ends,
        summary: Some(Box::leak(Box::new(conversation.summary()))),
        kernel_rtt_ms: Some(0.051),
        connect_ms: Some(0.096),
        stamp_rtt_ms: None,
        time_wait_left_ms: None,
        remarks: &[],
    }));
    events.push(Event::Connection(rejected(ends)));
    events
}

/// What came of an attempt that a router ended.
fn rejected(ends: Ends) -> Connection<'static> {
    let mut conversation = Conversation::new(CLIENT, SERVER);
    observe(&mut conversation, CLIENT, Flags::SYN, 2_894_511_203, 0);
    conversation.observe_icmp(&IcmpObserved {
        at: Instant::from_nanos(2_000_000),
        by: Ipv4Addr::new(192, 0, 2, 254).into(),
        icmp_type: 3,
        icmp_code: 13,
        source: CLIENT,
        sequence: 2_894_511_203,
    });
    Connection {
        connection: 2,
        ends,
        summary: Some(Box::leak(Box::new(conversation.summary()))),
        kernel_rtt_ms: None,
        connect_ms: Some(2.1),
        stamp_rtt_ms: None,
        time_wait_left_ms: None,
        remarks: &[],
    }
}

fn observe(to: &mut Conversation, source: SocketAddr, flags: Flags, sequence: u32, ack: u32) {
    let destination = if source == CLIENT { SERVER } else { CLIENT };
    let timestamps = Some(Timestamps { value: 519_850_049, echo: 0 });
    let (max_segment_size, window_scale) = (Some(1460), Some(10));
    let options = Options { max_segment_size, sack_permitted: true, timestamps, window_scale };
    to.observe(&Observed {
        at: Instant::from_nanos(if source == CLIENT { 0 } else { 38_000 }),
        source,
        destination,
        hop_limit: 64,
        segment: Segment {
            source_port: source.port(),
            destination_port: destination.port(),
            sequence,
            acknowledgment: ack,
            flags,
            window: 64240,
            urgent: 0,
            options: &options.emit(),
            payload: &[],
        },
        length: 0,
    });
}
