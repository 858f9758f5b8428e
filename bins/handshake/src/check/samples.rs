//! A line of each kind, for the page of the JSON and what keeps it true.

use std::time::Duration;

use serde::Serialize;
use wireline_engine::tcp::Verdict;

use super::event::{Access, Event, Expected, Failed, Finding, Found, Grade, Start, Summary};
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
        let events = [
            Event::Start(start),
            Event::Finding(finding()),
            Event::Expectation(expected),
            Event::Summary(summary),
        ];
        events.into_iter().map(Self).collect()
    }
}

fn finding() -> Finding {
    let mut facts = Facts::default();
    for (fact, _, kind, _) in TABLE {
        let value = match kind {
            Kind::Flag => Value::Flag(true),
            Kind::Number if *fact == Fact::Loss => Value::Number(12.5),
            Kind::Number => Value::Number(7.0),
            Kind::Time => Value::Time(Duration::from_micros(38)),
            Kind::Word(words) => Value::Word(words.first().copied().unwrap_or_default()),
        };
        facts.put(*fact, value);
    }
    let evidence = "SYN 38 µs".to_owned();
    Finding { name: Test::Rtt, grade: Grade::Ok, evidence, facts }
}
