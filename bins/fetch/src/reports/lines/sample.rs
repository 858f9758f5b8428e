//! A line of each kind, for docs/json.md and whoever reads our lines.

use wireline_http::cache::{About, Source};
use wireline_http::hygiene::Grade;

use super::{Condition, Event, Statement, Use};
use crate::reports::cache::again::Outcome;

const URL: &str = "https://web.example/a";

pub(super) fn events() -> Vec<Event> {
    vec![lint(), cache(), revalidation(), exchange(), summary()]
}

fn lint() -> Event {
    Event::Lint {
        url: URL.into(),
        status: 200,
        grade: Grade::Danger,
        what: "several Content-Lengths that differ".into(),
        evidence: "5, 6".into(),
        clause: "RFC 9112 §6.3".into(),
    }
}

fn cache() -> Event {
    let used = |source, lifetime_s, left_s| Use {
        is_storable: true,
        lifetime_s,
        source,
        left_s,
        is_always_checked: false,
    };
    Event::Cache {
        url: URL.into(),
        status: 200,
        age_s: 19,
        private: used(Source::MaxAge, 60, 41),
        shared: used(Source::SharedMaxAge, 5, -14),
        conditions: vec![condition()],
        vary: vec!["accept-encoding".into()],
        statements: vec![Statement {
            about: About::Freshness,
            text: "for a private cache it is fresh for 41 s more: max-age gives it 60 s".into(),
            field: "Cache-Control: max-age=60, s-maxage=5".into(),
            clause: "RFC 9111 §5.2.2.1",
        }],
    }
}

fn condition() -> Condition {
    Condition { name: "If-None-Match".into(), value: "\"v1\"".into() }
}

fn revalidation() -> Event {
    Event::Revalidation {
        url: URL.into(),
        conditions: vec![condition()],
        outcome: Outcome::NotModified,
        status: Some(304),
        error: None,
        took_ms: 12.5,
        first_octets: 22,
        octets: 0,
        whole_octets: Some(22),
        lacks: vec!["Vary"],
    }
}

fn exchange() -> Event {
    Event::Exchange {
        way: "pipelined",
        number: 2,
        url: URL.into(),
        connection: Some(0),
        sent_ms: Some(0.0),
        first_ms: Some(301.5),
        end_ms: None,
        status: Some(200),
        octets: 22,
        oddities: vec!["chunks' lines end in LF without CR (RFC 9112 §7.1)".into()],
        error: Some("transfer closed with outstanding read data remaining".into()),
    }
}

fn summary() -> Event {
    Event::PipelineSummary {
        verdict: vec!["Pipelining works, and gains nothing here.".into()],
        exit_code: 0,
    }
}
