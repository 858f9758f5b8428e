//! The events of `traceroute`.

use std::net::IpAddr;

use wireline_engine::trace::{
    Answer, Change, Event, Extension, Label, Noticed, Outcome, Probe, Rewritten, Start, Summary,
    What,
};

use super::{ROUTER, TARGET, kernel_clock, ms, us, user_clock};

pub(crate) const EVENTS_OF_PATH: [&str; 5] = ["start", "probe", "late", "rewritten", "summary"];

/// As `name_of_one`.
pub(crate) const fn name_of_path(event: &Event) -> &'static str {
    EVENTS_OF_PATH[match event {
        Event::Start(_) => 0,
        Event::Probe(_) => 1,
        Event::Late(_) => 2,
        Event::Rewritten(_) => 3,
        Event::Summary(_) => 4,
    }]
}

pub(crate) fn path() -> Vec<Event> {
    let too_long = What::Icmp {
        icmp_type: 3,
        icmp_code: 4,
        reason: Some("fragmentation needed and DF set"),
        mtu: 1400,
    };
    let translated = Answer { translated_to: Some([10, 0, 0, 2].into()), ..expired() };
    let lost = Outcome::Lost { waited: ms(250) };
    let narrower = Probe { path_mtu: Some(1400), ..probe(4, 1, Outcome::Expired(expired())) };
    vec![
        Event::Start(start()),
        Event::Probe(probe(1, 1, Outcome::Expired(expired()))),
        Event::Probe(probe(2, 1, Outcome::Expired(labelled()))),
        Event::Probe(probe(3, 1, lost)),
        Event::Probe(narrower),
        Event::Probe(probe(4, 2, Outcome::Expired(translated))),
        Event::Probe(probe(5, 1, Outcome::Unreachable(answer(ROUTER, too_long)))),
        Event::Probe(probe(6, 1, Outcome::Reached(answer(TARGET.ip(), What::Reply)))),
        Event::Probe(probe(6, 2, Outcome::Reached(segment()))),
        Event::Probe(probe(7, 1, refused("Operation not permitted", None))),
        Event::Probe(probe(7, 1, refused("Message too long", Some(1500)))),
        Event::Late(probe(3, 1, Outcome::Expired(expired()))),
        Event::Rewritten(Rewritten { hop: 4, source: ROUTER, changes: every_change() }),
        Event::Summary(nobody_answered()),
        Event::Summary(summary()),
    ]
}

pub(super) fn start() -> Start {
    Start {
        v: 1,
        target: "example.net".into(),
        address: TARGET,
        method: "udp",
        port: 33_434,
        max_hops: 30,
        size: 60,
    }
}

const fn probe(hop: u8, nth: u8, outcome: Outcome) -> Probe {
    Probe { hop, nth, outcome, path_mtu: None }
}

fn answer(source: IpAddr, what: What) -> Answer {
    let sample = kernel_clock();
    Answer {
        source,
        sample,
        hop_limit: Some(64),
        what,
        translated_to: None,
        extensions: Vec::new(),
    }
}

fn expired() -> Answer {
    let reason = Some("time to live exceeded in transit");
    answer(ROUTER, What::Icmp { icmp_type: 11, icmp_code: 0, reason, mtu: 0 })
}

fn labelled() -> Answer {
    let label = |label, bottom| Label { label, exp: 0, bottom, ttl: 1 };
    let labels = vec![label(24_001, false), label(17, true)];
    let other = Extension::Other { number: 2, c_type: 3, payload: vec![10, 1, 2, 3] };
    Answer { extensions: vec![Extension::Mpls { labels }, other], ..expired() }
}

fn refused(error: &str, mtu: Option<u32>) -> Outcome {
    Outcome::Refused { waited: us(150), error: error.into(), mtu }
}

fn segment() -> Answer {
    let flags = What::Tcp { flags: "syn,ack".into() };
    Answer { sample: user_clock(), hop_limit: None, ..answer(TARGET.ip(), flags) }
}

fn every_change() -> Vec<Noticed> {
    let (here, outside, inside) = ([192, 0, 2, 9], [198, 51, 100, 7], [10, 0, 0, 2]);
    let changes = [
        Change::Source { from: here.into(), to: outside.into() },
        Change::SourcePort { from: 40_000, to: 1024 },
        Change::Identifier { from: 4711, to: 2 },
        Change::Destination { from: TARGET.ip(), to: inside.into() },
        Change::DestinationPort { from: 80, to: 3128 },
        Change::Checksum { from: 0xfe1e, to: 0xff23 },
        Change::HopLimit { from: 1, to: 9 },
        Change::TrafficClass { from: 0xb8, to: 0 },
        Change::Flags { from: 0xc2, to: 0x02 },
        Change::Window { from: 64_240, to: 8192 },
        Change::MaxSegmentSize { from: 1460, to: 1400 },
        Change::WindowScale { from: 7, to: 0 },
        Change::OptionGone { kind: 4 },
        Change::OptionNew { kind: 8 },
    ];
    changes.map(|change| Noticed { change, first: true }).into()
}

fn nobody_answered() -> Summary {
    Summary {
        reached: false,
        last_hop: None,
        sent: 90,
        answered: 0,
        rate_limited: Vec::new(),
        black_hole: None,
        translated_from: None,
        rewritten_from: None,
        unsent: Some("Operation not permitted".into()),
        elapsed: ms(5_022),
    }
}

fn summary() -> Summary {
    Summary {
        reached: true,
        last_hop: Some(6),
        sent: 90,
        answered: 16,
        rate_limited: vec![2, 4],
        black_hole: Some(5),
        translated_from: Some(4),
        rewritten_from: Some(4),
        unsent: None,
        elapsed: us(272_345),
    }
}
