//! Real values of every event of the engines: `ping`'s two, and `traceroute`'s in `path`, `cycles` and `paths`.
//! Those of `netstat` and `dig`, which have no engine, are in `tables`, `questions` and `answers`, and
//! `arp-scan`'s in `segment` and `hosts`; those of `handshake` are in `ladder`, `show`, `ports` and `tcping`,
//! and beside its own code.

mod answers;
mod connection;
mod cycles;
mod details;
mod diagnosis;
mod hosts;
mod ladder;
mod path;
mod paths;
mod ports;
mod questions;
mod segment;
mod show;
mod tables;
mod tcping;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_engine::echo::{
    self, Clock, Damage, Echoed, LocalError, Refused, Sample, SocketKind, Start, Status,
};
use wireline_engine::sweep::{self, Answer, SoFar, Target, TargetSummary};
use wireline_engine::{IcmpError, Latency, LatencyReport};

pub(crate) use answers::{
    EVENTS_OF_CHAINS, EVENTS_OF_COMPARISONS, EVENTS_OF_STEPS, chain, comparison, steps,
};
pub(crate) use cycles::{EVENTS_OF_CYCLES, cycles, name_of_cycles};
pub(crate) use hosts::{
    EVENTS_OF_ARPINGS, EVENTS_OF_FINGERPRINTS, EVENTS_OF_NEIGHBOURS, arpings, fingerprints,
    name_of_arping, name_of_fingerprint, name_of_neighbours, neighbour, neighbours,
};
pub(crate) use ladder::{EVENTS_OF_CONNECTIONS, connections};
pub(crate) use path::{EVENTS_OF_PATH, name_of_path, path};
pub(crate) use paths::{EVENTS_OF_PATHS, name_of_paths, paths};
pub(crate) use ports::{EVENTS_OF_PORTS, ports};
pub(crate) use questions::{EVENTS_OF_QUESTIONS, questions};
pub(crate) use segment::{EVENTS_OF_SCANS, EVENTS_OF_WATCHES, name_of_scan, scans, watches};
pub(crate) use show::{EVENTS_OF_RESULTS, results};
pub(crate) use tables::{EVENTS_OF_TABLES, tables};
pub(crate) use tcping::{
    EVENTS_OF_PINGED_PORTS, name_of_pinged_port, pinged_ports, ports_at_the_end,
};

pub(crate) const EVENTS_OF_ONE: [&str; 10] = [
    "start",
    "sent",
    "unsent",
    "reply",
    "error",
    "local_error",
    "outstanding",
    "lost",
    "status",
    "summary",
];

pub(crate) const EVENTS_OF_MANY: [&str; 10] = [
    "start",
    "alive",
    "unreachable",
    "reply",
    "lost",
    "error",
    "unsent",
    "target_summary",
    "status_end",
    "summary",
];

/// A new event does not compile until it has a name here; then its sample is missed.
pub(crate) const fn name_of_one(event: &echo::Event) -> &'static str {
    use echo::Event;
    EVENTS_OF_ONE[match event {
        Event::Start(_) => 0,
        Event::Sent { .. } => 1,
        Event::Unsent { .. } => 2,
        Event::Reply(_) => 3,
        Event::Error(_) => 4,
        Event::Local(_) => 5,
        Event::Outstanding { .. } => 6,
        Event::Lost { .. } => 7,
        Event::Status(_) => 8,
        Event::Summary(_) => 9,
    }]
}

/// As [`name_of_one`].
pub(crate) const fn name_of_many(event: &sweep::Event) -> &'static str {
    use sweep::Event;
    EVENTS_OF_MANY[match event {
        Event::Start { .. } => 0,
        Event::Alive { .. } => 1,
        Event::Unreachable { .. } => 2,
        Event::Reply(_) => 3,
        Event::Lost { .. } => 4,
        Event::Error { .. } => 5,
        Event::Unsent { .. } => 6,
        Event::TargetSummary(_) => 7,
        Event::StatusEnd => 8,
        Event::Summary(_) => 9,
    }]
}

/// `Start` of the engine for one target.
fn start() -> Start {
    Start {
        v: 1,
        target: "example.net".into(),
        address: TARGET,
        size: 56,
        socket: SocketKind::Raw,
        ident: Some(4242),
    }
}

pub(crate) fn one_target() -> Vec<echo::Event> {
    use echo::Event;
    let refused = Refused { errno: Some(101), message: "Network is unreachable".into() };
    let by_datagram_socket = Start { socket: SocketKind::Datagram, ident: None, ..start() };
    let mut damaged = Echoed { duplicate: true, late: true, truncated: true, ..echoed() };
    damaged.bad_checksum = true;
    damaged.wrong_source = true;
    damaged.hop_limit = None;
    damaged.sample = user_clock();
    damaged.damage = Some(Damage { offset: 20, sent: 0x14, received: 0xff, data: Box::default() });
    let too_long = LocalError { errno: 90, mtu: Some(1500), message: "Message too long".into() };
    vec![
        Event::Start(by_datagram_socket),
        Event::Sent { seq: 1 },
        Event::Unsent { seq: 2, error: refused },
        Event::Reply(echoed()),
        Event::Reply(damaged),
        Event::Error(unreachable()),
        Event::Error(IcmpError::new(4, ROUTER, 5, 1, u32::from(Ipv4Addr::new(192, 0, 2, 254)))),
        Event::Local(too_long),
        Event::Outstanding { seq: 5 },
        Event::Lost { seq: 5, waited: ms(10_000) },
        Event::Status(Status { sent: 6, received: 3, loss_percent: 50.0, rtt: rtt() }),
        Event::Summary(nobody_answered()),
        Event::Summary(summary_of_one()),
    ]
}

pub(crate) fn many_targets() -> Vec<sweep::Event> {
    use sweep::Event;
    let so_far = SoFar { avg: Some(us(1_500)), loss_percent: 50.0 };
    let none_so_far = SoFar { avg: None, loss_percent: 100.0 };
    let rtts = vec![Some(us(1_000)), None, Some(us(2_000))];
    vec![
        Event::Start { v: 1, size: 56 },
        Event::Alive { target: target(), index: 0, sample: kernel_clock() },
        Event::Unreachable { target: target(), sent: 4 },
        Event::Reply(answer(so_far)),
        Event::Lost { target: target(), index: 1, so_far: none_so_far },
        Event::Error { target: target(), error: unreachable() },
        Event::Unsent { target: target(), error: "Network is unreachable".into() },
        Event::TargetSummary(target_summary(Vec::new())),
        Event::TargetSummary(target_summary(rtts)),
        Event::StatusEnd,
        Event::Summary(summary_of_many()),
    ]
}

const TARGET: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 0);
const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn target() -> Target {
    Target { name: "example.net".into(), address: TARGET }
}

fn unreachable() -> IcmpError {
    IcmpError::new(3, ROUTER, 3, 1, 0)
}

fn echoed() -> Echoed {
    Echoed {
        source: TARGET,
        seq: 1,
        ident: 4242,
        hop_limit: Some(64),
        size: 64,
        sample: kernel_clock(),
        duplicate: false,
        late: false,
        truncated: false,
        bad_checksum: false,
        wrong_source: false,
        damage: None,
        options: Vec::new(),
    }
}

fn answer(so_far: SoFar) -> Answer {
    let sample = Sample { resolve: None, queue: None, ..kernel_clock() };
    Answer {
        target: target(),
        index: 0,
        source: Some(ROUTER),
        size: 64,
        hop_limit: Some(64),
        sample,
        duplicate: false,
        so_far,
    }
}

fn kernel_clock() -> Sample {
    Sample {
        rtt: Duration::from_nanos(1_234_567),
        clock: Clock::Kernel,
        resolve: Some(us(900)),
        queue: Some(us(3)),
        local: Some(us(903)),
        delivery: Some(us(25)),
    }
}

fn user_clock() -> Sample {
    let (local, delivery) = (None, None);
    Sample { rtt: ms(2), clock: Clock::User, resolve: None, queue: None, local, delivery }
}

fn rtt() -> Option<LatencyReport> {
    let mut latency = Latency::default();
    for rtt in [us(1_000), us(2_000), us(4_000)] {
        latency.record(rtt);
    }
    latency.report()
}

fn nobody_answered() -> echo::Summary {
    echo::Summary { sent: 3, loss_percent: 100.0, elapsed: ms(2_000), ..Default::default() }
}

fn summary_of_one() -> echo::Summary {
    echo::Summary {
        sent: 6,
        received: 3,
        duplicates: 1,
        corrupted: 1,
        errors: 2,
        late: 1,
        loss_percent: 50.0,
        elapsed: us(1_012_345),
        pipe: 2,
        gap: Some(us(202_469)),
        skipped: 0,
        rtt: rtt(),
    }
}

fn target_summary(rtts_ms: Vec<Option<Duration>>) -> TargetSummary {
    TargetSummary {
        target: target(),
        sent: 3,
        received: 2,
        loss_percent: 100.0 / 3.0,
        outage: ms(1_000),
        rtt: rtt(),
        rtts_ms,
    }
}

fn summary_of_many() -> sweep::Summary {
    sweep::Summary {
        targets: 254,
        alive: 3,
        unreachable: 251,
        sent: 1_007,
        received: 3,
        timeouts: 1_004,
        duplicates: 0,
        errors: 12,
        elapsed: ms(5_250),
        rtt: rtt(),
    }
}

const fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
