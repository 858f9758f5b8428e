//! A line of each kind, for the page of the JSON and what keeps it true.

use std::time::Duration;

use serde::Serialize;
use wireline_engine::tcp::Verdict;

use super::event::{Access, Event, Expected, Failed, Finding, Found, Grade, Seen, Start, Summary};
use super::fact::{Fact, Facts, Kind, TABLE, Value};
use super::test::Test;

/// An event of a check, as `--json` writes it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Told(Event);

impl Told {
    /// What there are.
    pub const NAMES: [&str; 4] = ["start", "finding", "expectation", "summary"];

    /// What the event is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Event::Start(_) => "start",
            Event::Finding(_) => "finding",
            Event::Expectation(_) => "expectation",
            Event::Summary(_) => "summary",
        }
    }

    /// One of each, with every fact that there is.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let start = Start {
            v: 1,
            target: "example.net".to_owned(),
            address: ([192, 0, 2, 2], 443).into(),
            access: Access::Raw,
            tests: vec![Test::Port, Test::Rtt],
        };
        let failed = Failed {
            clause: "rtt<20ms".to_owned(),
            found: vec![Found::new("rtt", Some(Value::Time(Duration::from_micros(31_200))))],
        };
        let expected = Expected {
            expression: "open && rtt<20ms".to_owned(),
            met: false,
            failed: vec![failed],
        };
        let summary = Summary { verdict: Some(Verdict::Open), ok: 1, ..Summary::default() };
        let mut events = vec![Event::Start(start)];
        events.extend(seen().map(|seen| Event::Finding(finding(seen))));
        events.extend([Event::Expectation(expected), Event::Summary(summary)]);
        events.into_iter().map(Self).collect()
    }
}

/// One of each, with the line that it belongs to.
fn seen() -> impl Iterator<Item = (Test, Seen)> {
    let (spread_mean_percent, spread_deviation_percent) = (Some(51.2), Some(30.3));
    [
        (Test::Rtt, Seen::Rtt { samples_ms: vec![0.038], syns: 8, unanswered: 1 }),
        (Test::Mss, Seen::Mss { mtu: Some(1500), largest_segment: 1448 }),
        (
            Test::Isn,
            Seen::Isn { samples: 20, ports: 16, spread_mean_percent, spread_deviation_percent },
        ),
        (Test::Synack, Seen::Synack { gaps_ms: vec![1032.1], watched_ms: 3500.2, has_ended: true }),
        (Test::Tfo, Seen::Tfo { cookie_octets: 8, taken_octets: Some(2) }),
        (Test::Accept, Seen::Accept { has_greeted: false, octets: 2 }),
        (Test::Halfclose, Seen::Halfclose { octets_after_fin: 36 }),
        (Test::Challenge, Seen::Challenge { syn: Some("ack") }),
        (
            Test::Fingerprint,
            Seen::Fingerprint {
                signature: "4:64:65160:mss,sackOK,ts,nop,ws:10".to_owned(),
                hops: Some(1),
                guess: Some("Linux"),
            },
        ),
        (Test::Proxy, Seen::Proxy { signs: vec!["zero_window"] }),
        (Test::Backlog, Seen::Backlog { asked: 16, ignored: 3, silent: 10 }),
    ]
    .into_iter()
}

/// The first has every fact that there is, the others none.
fn finding((name, seen): (Test, Seen)) -> Finding {
    let mut facts = Facts::default();
    for (fact, _, kind, _) in TABLE.iter().filter(|_| name == Test::Rtt) {
        let value = match kind {
            Kind::Flag => Value::Flag(true),
            Kind::Number if *fact == Fact::Loss => Value::Number(12.5),
            Kind::Number => Value::Number(7.0),
            Kind::Time => Value::Time(Duration::from_micros(38)),
            Kind::Word(words) => Value::Word(words.first().copied().unwrap_or_default()),
        };
        facts.put(*fact, value);
    }
    let evidence = format!("the line {} in words", name.name());
    Finding { name, grade: Grade::Ok, evidence, facts, seen: Some(seen) }
}
