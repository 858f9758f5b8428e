//! From results to lines and the exit code.

use std::net::SocketAddr;

use anyhow::Result;
use wireline_cli::{Exit, JsonLines, Output, Render};
use wireline_engine::tcp::Verdict;
use wireline_net::Clock;

use super::args::Config;
use super::event::{Access, Event, Expected, Failed, Finding, Found, Grade, Start, Summary};
use super::expect::Failure;
use super::fact::Facts;
use super::found::Results;
use super::grade::findings;
use super::test::Test;
use super::text::Text;
use crate::exit::{self, CLOSED, INCOMPLETE, OPEN, PRIVILEGE};

pub(crate) struct Report<'a> {
    config: &'a Config,
    remote: SocketAddr,
    access: Access,
    output: Output<Event>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(config: &'a Config, remote: SocketAddr, access: Access) -> Self {
        let render: Box<dyn Render<Event>> = if config.json {
            Box::new(JsonLines { tool: "handshake" })
        } else {
            Box::new(Text { is_quiet: config.quiet })
        };
        Self { config, remote, access, output: Output::new(render) }
    }

    fn tell(&mut self, event: &Event) -> Result<()> {
        Ok(self.output.event(Clock.wall(), event)?)
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        let start = Start {
            v: 1,
            target: self.config.target.host.clone(),
            address: self.remote,
            access: self.access,
            tests: self.config.tests.clone(),
        };
        self.tell(&Event::Start(start))?;
        Ok(self.output.flush()?)
    }

    pub(crate) fn end(&mut self, results: &Results) -> Result<Exit> {
        let findings = findings(results, &self.config.tests);
        let mut facts = Facts::default();
        for finding in &findings {
            facts.join(&finding.facts);
        }
        let failures = self.config.expect.as_ref().map(|(_, it)| it.failures(&facts));
        let summary = summary(results, &findings);
        let code = self.code(results, failures.as_deref(), &summary);
        for finding in findings {
            self.tell(&Event::Finding(finding))?;
        }
        if let (Some((text, _)), Some(failures)) = (&self.config.expect, failures) {
            let expected = Expected {
                expression: text.clone(),
                met: failures.is_empty(),
                failed: failures.into_iter().map(failed).collect(),
            };
            self.tell(&Event::Expectation(expected))?;
        }
        self.tell(&Event::Summary(summary))?;
        self.output.flush()?;
        Ok(code)
    }

    fn code(&self, results: &Results, failures: Option<&[Failure]>, summary: &Summary) -> Exit {
        let verdict = results.verdict.as_ref();
        let of_port = verdict.map_or(INCOMPLETE, exit::of);
        let code = match failures {
            // This machine's own failure is never the target's.
            _ if matches!(verdict, Some(Verdict::Local { .. })) => of_port,
            Some([]) => OPEN,
            Some(failures) if self.only_for_want_of_raw(failures, verdict) => PRIVILEGE,
            Some(_) => CLOSED,
            None => of_port,
        };
        let is_cut = summary.interrupted || summary.dropped > 0 || summary.unsent > 0;
        if is_cut { exit::worse(code, INCOMPLETE) } else { code }
    }

    /// Whether nothing is false, and all that is not known would take raw sockets.
    fn only_for_want_of_raw(&self, failures: &[Failure], verdict: Option<&Verdict>) -> bool {
        let is_for_raw = |failure: &Failure| {
            let mut unknown = failure.found.iter().filter(|(_, value)| value.is_none());
            !failure.is_false && unknown.all(|(fact, _)| fact.test().is_some_and(Test::needs_raw))
        };
        self.access == Access::Connect
            && verdict == Some(&Verdict::Open)
            && failures.iter().all(is_for_raw)
    }
}

fn failed(failure: Failure) -> Failed {
    let found = failure.found.iter().map(|(fact, value)| Found::new(fact.name(), *value));
    Failed { found: found.collect(), clause: failure.clause }
}

fn summary(results: &Results, findings: &[Finding]) -> Summary {
    let count = |grade| {
        let of_grade = findings.iter().filter(|finding| finding.grade == grade).count();
        u32::try_from(of_grade).unwrap_or(u32::MAX)
    };
    let raw = results.raw.as_ref();
    Summary {
        verdict: results.verdict.clone(),
        ok: count(Grade::Ok),
        info: count(Grade::Info),
        warn: count(Grade::Warn),
        fail: count(Grade::Fail),
        skip: count(Grade::Skip),
        interrupted: results.interrupted,
        out_of_time: results.out_of_time,
        dropped: raw.map_or(0, |raw| raw.drops),
        unsent: raw.map_or(0, |raw| raw.unsent),
    }
}
