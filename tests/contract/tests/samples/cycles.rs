//! Real values of every event of a report.

use wireline_engine::trace::Label;
use wireline_engine::trace::cycles::{Cycle, Event, Hop, Report, Seen, Times};

use super::{ROUTER, ms, us};

pub(crate) const EVENTS_OF_CYCLES: [&str; 3] = ["start", "cycle", "report"];

/// A new event does not compile until it has a name here; then its sample is missed.
pub(crate) const fn name_of_cycles(event: &Event) -> &'static str {
    match event {
        Event::Start(_) => "start",
        Event::Cycle(_) => "cycle",
        Event::Report(_) => "report",
    }
}

pub(crate) fn cycles() -> Vec<Event> {
    let cycle = Cycle { cycle: 1, sent: 8, answered: 4, hops: vec![router()], paused: false };
    vec![
        Event::Start(super::path::start()),
        Event::Cycle(Cycle { hops: Vec::new(), ..cycle.clone() }),
        Event::Cycle(cycle),
        Event::Report(Report {
            cycles: 10,
            reached: true,
            sent: 40,
            answered: 30,
            hops: vec![router(), silent()],
            rate_limited: vec![3],
            error: Some("Network is unreachable".into()),
            elapsed: ms(9004),
        }),
    ]
}

fn router() -> Hop {
    let label = Label { label: 24_001, exp: 0, bottom: true, ttl: 1 };
    Hop {
        hop: 3,
        addresses: vec![Seen { address: ROUTER, answers: 8, labels: vec![label] }],
        sent: 10,
        received: 8,
        lost: 2,
        loss_percent: 20.0,
        times: Some(Times {
            last: us(512),
            best: us(480),
            avg: us(530),
            worst: us(700),
            stdev: us(21),
            gmean: us(529),
            jitter: us(12),
            jitter_avg: us(15),
            jitter_max: us(90),
            jitter_interarrival: us(14),
        }),
        rate_limited: true,
    }
}

fn silent() -> Hop {
    Hop {
        hop: 4,
        addresses: Vec::new(),
        sent: 10,
        received: 0,
        lost: 10,
        loss_percent: 100.0,
        times: None,
        rate_limited: false,
    }
}
