//! The events of `traceroute --paths`.

use std::net::IpAddr;

use wireline_engine::trace::Change;
use wireline_engine::trace::paths::{Event, Kind, Link, Path, Start, Summary, Vertex};

use super::{ROUTER, TARGET, kernel_clock, us};

pub(crate) const EVENTS_OF_PATHS: [&str; 5] = ["start", "vertex", "link", "path", "summary"];

/// As `name_of_one`.
pub(crate) const fn name_of_paths(event: &Event) -> &'static str {
    EVENTS_OF_PATHS[match event {
        Event::Start(_) => 0,
        Event::Vertex(_) => 1,
        Event::Link(_) => 2,
        Event::Path(_) => 3,
        Event::Summary(_) => 4,
    }]
}

/// A diamond of which one side is silent.
pub(crate) fn paths() -> Vec<Event> {
    let (first, other, target) = (Some(ROUTER), Some(IpAddr::from([192, 0, 2, 3])), TARGET.ip());
    let router = |hop, address, next: &[Option<IpAddr>]| vertex(hop, address, Kind::Router, next);
    let silent = vertex(2, None, Kind::Silent, &[Some(target)]);
    let translating = Vertex {
        translated_to: Some([10, 0, 0, 2].into()),
        translated_port: Some(4242),
        rewritten: vec![Change::TrafficClass { from: 0xb8, to: 0 }],
        ..router(2, other, &[Some(target)])
    };
    vec![
        Event::Start(start()),
        Event::Vertex(router(1, first, &[None, other])),
        Event::Link(link(1, first, None, &[40_000])),
        Event::Link(link(1, first, other, &[40_001, 40_002])),
        Event::Vertex(Vertex { sample: None, answers: 0, complete: false, ..silent }),
        Event::Link(link(2, None, Some(target), &[40_000])),
        Event::Vertex(translating),
        Event::Link(link(2, other, Some(target), &[40_001])),
        Event::Vertex(vertex(3, Some(target), Kind::Target, &[])),
        Event::Path(Path {
            hops: vec![first, None, Some(target)],
            ports: vec![40_000],
            reached: true,
        }),
        Event::Path(Path {
            hops: vec![first, other, Some(target)],
            ports: vec![40_001],
            reached: true,
        }),
        Event::Summary(summary()),
        Event::Summary(unsent()),
    ]
}

fn start() -> Start {
    Start {
        v: 1,
        target: "example.net".into(),
        address: TARGET,
        method: "udp",
        port: 33_434,
        first_hop: 1,
        max_hops: 30,
        size: 60,
        confidence: 99.5,
        flows: 256,
    }
}

fn vertex(hop: u8, address: Option<IpAddr>, kind: Kind, next: &[Option<IpAddr>]) -> Vertex {
    Vertex {
        hop,
        address,
        kind,
        sample: Some(kernel_clock()),
        answers: 11,
        translated_to: None,
        translated_port: None,
        rewritten: Vec::new(),
        next: next.to_vec(),
        complete: true,
    }
}

fn link(hop: u8, from: Option<IpAddr>, to: Option<IpAddr>, ports: &[u16]) -> Link {
    Link { hop, from, to, flows: ports.len(), ports: ports.to_vec() }
}

fn summary() -> Summary {
    Summary {
        reached: true,
        last_hop: Some(3),
        vertices: 4,
        links: 4,
        paths: 2,
        complete: false,
        out_of_flows: true,
        interrupted: false,
        per_packet: vec![2],
        rate_limited: vec![1],
        translated_from: Some(2),
        rewritten_from: Some(2),
        flows: 64,
        sent: 211,
        answered: 180,
        error: None,
        elapsed: us(1_272_345),
    }
}

fn unsent() -> Summary {
    Summary {
        reached: false,
        last_hop: None,
        interrupted: true,
        per_packet: Vec::new(),
        rate_limited: Vec::new(),
        translated_from: None,
        rewritten_from: None,
        answered: 0,
        error: Some("Operation not permitted".into()),
        ..summary()
    }
}
