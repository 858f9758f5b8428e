use std::net::{IpAddr, Ipv4Addr};

use wireline_engine::Instant;
use wireline_engine::tcp::{Conversation, End, IcmpObserved, Inferred, Note, Observed, State};
use wireline_packet::tcp::{Flags, Segment};

use super::*;

mod forms;
mod stage;

pub(super) const CLIENT: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 54221);
pub(super) const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 443);
pub(super) const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 254));

/// Segments as tcpdump wrote them on a link between two Linux hosts, with nanoseconds after the first: a connection
/// of six octets each way, closed by the client.
const CAPTURED: [(u64, End, &str); 10] = [
    (
        0,
        End::Client,
        "d3cd01bbb532076900000000a002faf084320000020405b40402080a06ec69f9000000000103030a",
    ),
    (
        23_684,
        End::Server,
        "01bbd3cd596203d0b532076aa012fe8884320000020405b40402080a7671cd1c06ec69f90103030a",
    ),
    (40_786, End::Client, "d3cd01bbb532076a596203d18010003f842a00000101080a06ec69f97671cd1c"),
    (
        20_324_474,
        End::Client,
        "d3cd01bbb532076a596203d18018003f843000000101080a06ec6a0d7671cd1c68656c6c6f0a",
    ),
    (20_378_555, End::Server, "01bbd3cd596203d1b532077080100040842a00000101080a7671cd3006ec6a0d"),
    (
        20_474_372,
        End::Server,
        "01bbd3cd596203d1b532077080180040843000000101080a7671cd3006ec6a0d48454c4c4f0a",
    ),
    (20_500_230, End::Client, "d3cd01bbb5320770596203d78010003f842a00000101080a06ec6a0d7671cd30"),
    (40_771_027, End::Client, "d3cd01bbb5320770596203d78011003f842a00000101080a06ec6a227671cd30"),
    (40_929_370, End::Server, "01bbd3cd596203d7b532077180110040842a00000101080a7671cd4506ec6a22"),
    (40_964_656, End::Client, "d3cd01bbb5320771596203d88010003f842a00000101080a06ec6a227671cd45"),
];

fn octets(digits: &str) -> Vec<u8> {
    let digit = |octet: &u8| u8::try_from(char::from(*octet).to_digit(16).unwrap()).unwrap();
    digits.as_bytes().chunks(2).map(|pair| digit(&pair[0]) << 4 | digit(&pair[1])).collect()
}

fn observe(conversation: &mut Conversation, at: u64, from: End, octets: &[u8]) {
    let (source, destination) =
        if from == End::Client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    let segment = Segment::parse(octets).unwrap();
    let length = segment.payload.len().try_into().unwrap();
    let at = Instant::from_nanos(1_000 + at);
    conversation.observe(&Observed { at, source, destination, hop_limit: 64, segment, length });
}

pub(super) fn lines(conversation: &mut Conversation) -> Vec<Line> {
    std::iter::from_fn(|| conversation.poll_line()).collect()
}

/// What the segments of [`CAPTURED`] say.
pub(super) fn captured() -> (Vec<Line>, Ending) {
    let mut conversation = Conversation::new(CLIENT, SERVER);
    for (at, from, digits) in CAPTURED {
        observe(&mut conversation, at, from, &octets(digits));
    }
    let lines = lines(&mut conversation);
    (lines, ending(Some(conversation.summary())))
}

pub(super) fn ending(summary: Option<ConnectionSummary>) -> Ending {
    let us = |us| Some(Duration::from_micros(us)).filter(|_| summary.is_some());
    Ending {
        kernel_rtt: us(51),
        application: us(96),
        data_rtt: us(41),
        time_wait_left: None,
        remarks: Vec::new(),
        summary,
    }
}

pub(super) fn heading(title: Option<&str>) -> Heading {
    Heading {
        client: CLIENT,
        server: SERVER,
        host: Some("web.example".to_owned()),
        title: title.map(str::to_owned),
        view: "wire".to_owned(),
        started: Duration::from_secs(1_700_000_000),
    }
}

/// Two SYNs, then a router's word; then how it would look without a tap.
pub(super) fn rejected() -> Vec<Line> {
    let mut conversation = Conversation::new(CLIENT, SERVER);
    observe(&mut conversation, 0, End::Client, &octets(CAPTURED[0].2));
    observe(&mut conversation, 1_000_200_000, End::Client, &octets(CAPTURED[0].2));
    conversation.observe_icmp(&IcmpObserved {
        at: Instant::from_nanos(1_001_000_000),
        by: ROUTER,
        icmp_type: 3,
        icmp_code: 13,
        source: CLIENT,
        sequence: 0xb532_0769,
    });
    let mut lines = lines(&mut conversation);
    lines.push(Line::Caption(Caption { text: "And \x1b[31mthis\n is what a scenario says, in as many words as it likes to have, over several rows.".to_owned() }));
    lines.push(Line::Inferred(Inferred {
        at: Some(Duration::from_millis(1002)),
        from: End::Client,
        flags: Flags::SYN,
        length: None,
        words: vec!["mss=1460".to_owned(), "sack".to_owned()],
        after: [State::SynSent, State::Unknown],
        source: "tcp_info",
    }));
    lines
}

pub(super) const fn look(width: usize, explain: Explain) -> Look {
    Look { explain, absolute: false, colored: false, unicode: true, width, all: false }
}

/// One connection in one form.
pub(super) fn drawn(
    mut painter: impl Painter,
    heading: &Heading,
    lines: &[Line],
    ending: &Ending,
) -> String {
    let mut out = String::new();
    painter.heading(heading, &mut out);
    for line in lines {
        painter.line(line, &mut out);
    }
    painter.ending(ending, &mut out);
    painter.finish(&mut out);
    out
}
