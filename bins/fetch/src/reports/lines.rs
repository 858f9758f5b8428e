//! Reports as lines of `--json`: what is found in responses, what caches may do, how requests went side by side.
//!
//! Beside the events of [`crate::json`], which are told as they happen.

use serde::Serialize;
use wireline_http::cache::{About, Source, Verdict};
use wireline_http::hygiene::{Finding, Grade};

use super::cache::again::{Checked, Outcome};
use super::{Told, cache, lint};
use crate::json::{harmless_url, ms};
use crate::output::OutputSpec;

/// An event, and of which transfer it is.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What is told.
    #[serde(flatten)]
    pub event: Event,
    /// Which transfer of the run, from 0.
    pub transfer: u64,
}

/// What is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something about a response is not as it should be (`--lint`).
    Lint {
        /// Which response.
        url: String,
        /// Its status.
        status: u16,
        /// How bad.
        grade: Grade,
        /// What.
        what: String,
        /// In what it was seen.
        evidence: String,
        /// Who says so.
        clause: String,
    },
    /// What caches may do with a response (`--explain-cache`).
    Cache {
        /// Which response.
        url: String,
        /// Its status.
        status: u16,
        /// How old it is.
        age_s: u64,
        /// The user's own cache.
        private: Use,
        /// A cache of many.
        shared: Use,
        /// Fields of a request that a 304 can answer.
        conditions: Vec<Condition>,
        /// Fields of a request on which it depends.
        vary: Vec<String>,
        /// All of it in sentences.
        statements: Vec<Statement>,
    },
    /// What came when it was asked for again (`--explain-cache`).
    Revalidation {
        /// What was asked for.
        url: String,
        /// With what.
        conditions: Vec<Condition>,
        /// What came of it.
        outcome: Outcome,
        /// Of the answer; `null` where there was none.
        status: Option<u16>,
        /// Why there was none.
        error: Option<String>,
        /// From asking to the answer's end.
        took_ms: f64,
        /// Octets of the first body.
        first_octets: u64,
        /// Octets of this one.
        octets: u64,
        /// Octets of the one that was asked for without conditions, after a 304.
        whole_octets: Option<u64>,
        /// Fields that the 304 should have had.
        lacks: Vec<&'static str>,
    },
    /// One of the requests of `--pipeline`.
    Exchange {
        /// How it was sent.
        way: &'static str,
        /// Which request of this way, from 1.
        number: usize,
        /// What was asked for.
        url: String,
        /// The connection, from 0.
        connection: Option<u64>,
        /// Since the first request of this way was sent.
        sent_ms: Option<f64>,
        /// Since then.
        first_ms: Option<f64>,
        /// Since then.
        end_ms: Option<f64>,
        /// Of the response.
        status: Option<u16>,
        /// Octets of its body.
        octets: u64,
        /// What was odd about it.
        oddities: Vec<String>,
        /// Why there was none.
        error: Option<String>,
    },
    /// What `--pipeline` shows.
    PipelineSummary {
        /// In sentences, the first of which says it all.
        verdict: Vec<String>,
        /// curl's.
        exit_code: u8,
    },
}

/// What a cache may do.
#[derive(Clone, Debug, Serialize)]
pub struct Use {
    /// Whether it may be kept.
    pub is_storable: bool,
    /// From being made to being stale.
    pub lifetime_s: u64,
    /// Who says so.
    pub source: Source,
    /// How long it is still fresh; negative: for how long it has been stale.
    pub left_s: i64,
    /// Whether the origin is asked each time.
    pub is_always_checked: bool,
}

/// A field of a request.
#[derive(Clone, Debug, Serialize)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A statement about caches.
#[derive(Clone, Debug, Serialize)]
pub struct Statement {
    /// About what.
    pub about: About,
    /// In a sentence, without a full stop.
    pub text: String,
    /// The field that says so, cut where it is long.
    pub field: String,
    /// Who says so.
    pub clause: &'static str,
}

/// The lines of a transfer that is over.
pub(crate) fn of(spec: &OutputSpec, told: &Told<'_>, transfer: u64) -> Vec<Line> {
    let (wanted, shows) = (&spec.reports, spec.reports.secrets);
    let mut all = Vec::new();
    if wanted.lint {
        for (hop, found) in lint::all(told) {
            let status = hop.head.as_ref().map_or(0, |(_, head)| head.status);
            all.extend(
                found.into_iter().map(|one| found_in(&harmless_url(&hop.url, shows), status, one)),
            );
        }
    }
    if wanted.cache
        && let Some(event) = of_cache(told, shows)
    {
        all.push(event);
    }
    all.into_iter().map(|event| Line { event, transfer }).collect()
}

fn found_in(url: &str, status: u16, one: Finding) -> Event {
    let Finding { what, evidence, why, grade } = one;
    Event::Lint { url: url.to_owned(), status, grade, what, evidence, clause: why.into_owned() }
}

fn of_cache(told: &Told<'_>, shows: bool) -> Option<Event> {
    let hop = cache::last(told)?;
    let explanation = cache::explain(told, hop)?;
    let statements = explanation.statements.into_iter().map(|one| Statement {
        about: one.about,
        text: one.text,
        field: one.field,
        clause: one.clause,
    });
    Some(Event::Cache {
        url: harmless_url(&hop.url, shows),
        status: hop.head.as_ref().map_or(0, |(_, head)| head.status),
        age_s: explanation.age,
        private: Use::of(&explanation.private),
        shared: Use::of(&explanation.shared),
        conditions: conditions(&explanation.conditions),
        vary: explanation.vary,
        statements: statements.collect(),
    })
}

fn conditions(of: &[(String, String)]) -> Vec<Condition> {
    let one =
        |(name, value): &(String, String)| Condition { name: name.clone(), value: value.clone() };
    of.iter().map(one).collect()
}

impl Use {
    fn of(verdict: &Verdict) -> Self {
        Self {
            is_storable: verdict.is_storable,
            lifetime_s: verdict.lifetime,
            source: verdict.source,
            left_s: verdict.left,
            is_always_checked: verdict.is_always_checked,
        }
    }
}

impl Line {
    pub(crate) fn of_check(url: &str, checked: &Checked, transfer: u64) -> Self {
        let event = Event::Revalidation {
            url: harmless_url(url, false),
            conditions: conditions(&checked.conditions),
            outcome: checked.outcome,
            status: checked.conditional.status,
            error: checked.conditional.failure.clone(),
            took_ms: ms(checked.conditional.took),
            first_octets: checked.first.length(),
            octets: checked.conditional.body.length(),
            whole_octets: checked.whole.as_ref().map(|whole| whole.body.length()),
            lacks: checked.lacks.clone(),
        };
        Self { event, transfer }
    }

    /// One of each event.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        sample::events().into_iter().map(|event| Self { event, transfer: 0 }).collect()
    }

    /// What it calls its event.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.event {
            Event::Lint { .. } => "lint",
            Event::Cache { .. } => "cache",
            Event::Revalidation { .. } => "revalidation",
            Event::Exchange { .. } => "exchange",
            Event::PipelineSummary { .. } => "pipeline_summary",
        }
    }
}

mod sample;
