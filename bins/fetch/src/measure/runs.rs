//! `--runs`: the same transfer so many times, and percentiles of its phases.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use wireline_engine::Latency;
use wireline_http::Failure;

use super::{Measure, Outcome, PHASES, Subject, once};
use crate::json::{Phases, harmless_url, ms};
use crate::reports::{Look, Page, Tone, figures};
use crate::sink::Shared;

/// What is told of many runs, in JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// They begin.
    Start {
        /// Of the schema.
        v: u32,
        /// Without a password.
        url: String,
        /// How many.
        runs: u32,
        /// Whether the connection is kept between them.
        is_warm: bool,
    },
    /// One is over.
    Run {
        /// From 1; 0 opened the connection that the others use, and counts for nothing.
        run: u32,
        /// Of the last response.
        status: Option<u16>,
        /// Octets of the body, decoded.
        octets: u64,
        /// Whether its connection was there before.
        is_reused: bool,
        /// curl's.
        exit_code: u8,
        /// Why it failed.
        error: Option<String>,
        /// How long they took, over all hops.
        phases: Phases,
        /// All.
        total_ms: f64,
    },
    /// All are over.
    Summary {
        /// That succeeded.
        succeeded: u32,
        /// That failed.
        failed: u32,
        /// Over a connection that was there.
        reused: u32,
        /// The first failure's.
        exit_code: u8,
        /// Statuses that came, and how often.
        statuses: Vec<Count>,
        /// Of those that succeeded.
        percentiles: Vec<Percentiles>,
    },
}

/// How often a status came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Which.
    pub status: u16,
    /// How often.
    pub count: u32,
}

/// How long a phase took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Percentiles {
    /// Which; `total` for all of it.
    pub phase: &'static str,
    /// In how many runs there was one.
    pub count: u64,
    /// The shortest.
    pub min_ms: f64,
    /// Half were no longer.
    pub p50_ms: f64,
    /// Nine in ten were no longer.
    pub p90_ms: f64,
    /// Ninety-nine in a hundred were no longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// What is known of all of them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    succeeded: u32,
    reused: u32,
    failures: Vec<(u8, String, u32)>,
    failed: u32,
    statuses: Vec<Count>,
    phases: [Latency; 7],
}

impl Tally {
    pub(crate) fn take(&mut self, outcome: &Outcome) {
        if let Some(status) = outcome.status() {
            match self.statuses.iter_mut().find(|one| one.status == status) {
                Some(one) => one.count = one.count.saturating_add(1),
                None => self.statuses.push(Count { status, count: 1 }),
            }
        }
        if let Some(failure) = &outcome.failure {
            self.fail(outcome.code(), &failure.text);
            return;
        }
        self.succeeded = self.succeeded.saturating_add(1);
        self.reused = self.reused.saturating_add(u32::from(outcome.is_reused()));
        for (latency, length) in self.phases.iter_mut().zip(outcome.phases()) {
            if let Some(length) = length {
                latency.record(length);
            }
        }
    }

    fn fail(&mut self, code: u8, text: &str) {
        /// Different words that are told.
        const MOST: usize = 10;
        self.failed = self.failed.saturating_add(1);
        // Of how long a timeout took exactly nobody wants a line each.
        if let Some((_, _, count)) = self.failures.iter_mut().find(|(one, _, _)| *one == code) {
            *count = count.saturating_add(1);
        } else if self.failures.len() < MOST {
            self.failures.push((code, text.to_owned(), 1));
        }
    }

    /// The first failure's.
    pub(crate) fn code(&self) -> u8 {
        self.failures.first().map_or(0, |(code, _, _)| *code)
    }

    fn percentiles(&self) -> Vec<Percentiles> {
        let rows = PHASES.iter().zip(&self.phases).filter_map(|(phase, latency)| {
            let report = latency.report()?;
            Some(Percentiles {
                phase,
                count: latency.stats().count(),
                min_ms: ms(report.min),
                p50_ms: ms(report.p50),
                p90_ms: ms(report.p90),
                p99_ms: ms(report.p99),
                max_ms: ms(report.max),
            })
        });
        rows.collect()
    }

    pub(crate) fn summary(&self) -> Event {
        Event::Summary {
            succeeded: self.succeeded,
            failed: self.failed,
            reused: self.reused,
            exit_code: self.code(),
            statuses: self.statuses.clone(),
            percentiles: self.percentiles(),
        }
    }

    /// The table for people.
    pub(crate) fn page(&self, url: &str, is_warm: bool, look: Look) -> String {
        let mut page = Page::new(look);
        let runs = figures::many(self.succeeded.saturating_add(self.failed), "run");
        let how = if is_warm { "over a connection that is kept" } else { "each over a new connection" };
        page.row(&[(Tone::Bold, url), (Tone::Plain, &format!("  {runs}, {how}"))]);
        if self.succeeded > 0 {
            page.gap();
            let names = ["min", "p50", "p90", "p99", "max"].map(|name| format!("{name:>11}"));
            page.row(&[(Tone::Dim, &format!("{:<9}", "")), (Tone::Dim, &names.concat())]);
            for row in self.percentiles() {
                self.row(&mut page, &row);
            }
        }
        page.gap();
        self.counts(&mut page, is_warm);
        page.finish()
    }

    fn row(&self, page: &mut Page, row: &Percentiles) {
        let figures = [row.min_ms, row.p50_ms, row.p90_ms, row.p99_ms, row.max_ms].map(|one| {
            let text = figures::ms(Duration::from_secs_f64(one.max(0.0) / 1e3));
            format!("{text:>11}")
        });
        let few = if row.count < u64::from(self.succeeded) {
            format!("  in {} of {}", row.count, self.succeeded)
        } else {
            String::new()
        };
        let tone = if row.phase == "total" { Tone::Bold } else { Tone::Plain };
        let name = format!("{:<9}", row.phase);
        page.row(&[(tone, &name), (tone, &figures.concat()), (Tone::Dim, &few)]);
    }

    fn counts(&self, page: &mut Page, is_warm: bool) {
        let statuses: Vec<_> =
            self.statuses.iter().map(|one| format!("{} x {}", one.status, one.count)).collect();
        if !statuses.is_empty() {
            page.line(&["status ", &statuses.join(", ")].concat());
        }
        if is_warm && self.reused < self.succeeded {
            let lost = self.succeeded.saturating_sub(self.reused);
            let text = format!("{} found no connection that was kept", figures::many(lost, "run"));
            page.row(&[(Tone::Note, &text)]);
        }
        for (code, text, count) in &self.failures {
            page.row(&[(Tone::Bad, &format!("failed {count} x ({code}) {}", text.trim_end()))]);
        }
    }
}

/// Does them all; the exit code.
pub(crate) fn run(
    subject: &Subject,
    count: u32,
    measure: &Measure,
    shared: &Rc<Shared>,
) -> Result<u8, Failure> {
    let reports = &subject.output.reports;
    let url = harmless_url(&subject.url.effective(), reports.secrets);
    let is_warm = measure.is_warm;
    if reports.json {
        shared.line(&Event::Start { v: 1, url: url.clone(), runs: count, is_warm });
    }
    let spec = Arc::new(subject.spec.clone());
    let mut agent = subject.agent()?;
    let mut tally = Tally::default();
    let first = u32::from(!is_warm);
    for run in first..=count {
        if run > first {
            if !is_warm {
                agent = subject.agent()?;
            }
            if let Some(interval) = measure.interval {
                crate::jobs::pause(interval);
            }
        }
        let outcome = once(&agent, &subject.url, &spec);
        if reports.json {
            shared.line(&told(run, &outcome));
        }
        if run > 0 {
            tally.take(&outcome);
        }
    }
    if reports.json {
        shared.line(&tally.summary());
    } else {
        shared.text(&tally.page(&url, is_warm, Look::of_stdout(subject.output.color)));
    }
    Ok(tally.code())
}

fn told(run: u32, outcome: &Outcome) -> Event {
    let [name, connect, secure, send, wait, receive, _] = outcome.phases().map(|one| one.map(ms));
    Event::Run {
        run,
        status: outcome.status(),
        octets: outcome.octets,
        is_reused: outcome.is_reused(),
        exit_code: outcome.code(),
        error: outcome.failure.as_ref().map(|failure| failure.text.clone()),
        phases: Phases {
            name_ms: name,
            connect_ms: connect,
            secure_ms: secure,
            send_ms: send,
            wait_ms: wait,
            receive_ms: receive,
        },
        total_ms: ms(outcome.total()),
    }
}

impl Event {
    /// The names of all events.
    pub const NAMES: [&'static str; 3] = ["start", "run", "summary"];

    /// What a line calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Run { .. } => "run",
            Self::Summary { .. } => "summary",
        }
    }

    /// One of each.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let mut tally = Tally::default();
        let outcome = tests_outcome();
        tally.take(&outcome);
        let url = "http://web.example/".to_owned();
        vec![
            Self::Start { v: 1, url, runs: 1, is_warm: false },
            told(1, &outcome),
            tally.summary(),
        ]
    }
}

/// A transfer that never was.
fn tests_outcome() -> Outcome {
    use wireline_http::event::Why;
    use wireline_http::{Event as Happening, Head, Report};
    let mut outcome = Outcome { octets: 612, ..Outcome::default() };
    let at = Duration::from_micros;
    let head = Head { status: 200, ..Head::default() };
    let hop = Happening::Hop {
        url: "http://web.example/".to_owned(),
        method: "GET".to_owned(),
        why: Why::First,
    };
    for (when, event) in [
        (0, hop),
        (1_500, Happening::Ready { version: wireline_http::Version::Http11 }),
        (1_750, Happening::RequestSent { body: 0 }),
        (22_250, Happening::FirstByte),
        (22_250, Happening::ResponseHead { head: head.clone(), is_tunnel: false }),
        (24_500, Happening::ResponseEnd { carried: 612, decoded: 612, tcp_info: Vec::new() }),
        (24_500, Happening::Done { failure: None }),
    ] {
        outcome.account.event(at(when), &event);
    }
    outcome.report = Report { head: Some(head), ..Report::default() };
    outcome
}

#[cfg(test)]
mod tests;
