//! The same URL more than once: again and again (`--runs`), or in every way that there is (`--compare`). What comes is
//! counted and compared, and thrown away.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use wireline_http::account::{Account, Span};
use wireline_http::agent::{Agent, Parallel};
use wireline_http::{Event, Failure, Head, Job, Kind, Observer, Report, Spec, Url};

use crate::config::Operation;
use crate::notice::Notices;
use crate::output::OutputSpec;
use crate::sink::Shared;

pub mod compare;
pub mod runs;

/// Whether and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// In every way (`--compare`).
    pub(crate) compares: bool,
    /// So many times (`--runs`).
    pub(crate) runs: Option<u32>,
    /// The connection is kept between them (`--warm`).
    pub(crate) is_warm: bool,
    /// Between the end of one and the beginning of the next.
    pub(crate) interval: Option<Duration>,
}

impl Measure {
    pub(crate) const fn is_any(&self) -> bool {
        self.compares || self.runs.is_some()
    }
}

/// What is measured.
pub(crate) struct Subject {
    pub(crate) url: Url,
    pub(crate) spec: Spec,
    pub(crate) output: OutputSpec,
    operations: Vec<Operation>,
}

impl Subject {
    /// Of a command line with one URL.
    pub(crate) fn of(mut operations: Vec<Operation>) -> Result<Self, Failure> {
        let misuse = |text: &str| Failure::new(Kind::Setup, text);
        let [operation] = operations.as_mut_slice() else {
            return Err(misuse("--runs and --compare take a single URL"));
        };
        let spec = std::mem::take(&mut operation.spec);
        let output = operation.output.clone();
        let url = crate::jobs::single(operation, spec.redirects.path_as_is)?;
        Ok(Self { url, spec, output, operations })
    }

    /// Somebody who knows what the files say, and has no connection.
    fn agent(&self) -> Result<Agent, Failure> {
        let known = crate::store::load(&self.operations, crate::run::now(), &mut Notices::default());
        Agent::new(known).map_err(|why| Failure::new(Kind::Setup, why.to_string()))
    }
}

/// What came of one transfer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) account: Account,
    pub(crate) report: Report,
    pub(crate) failure: Option<Failure>,
    /// Octets of the body as delivered, and their SHA-256.
    pub(crate) octets: u64,
    pub(crate) digest: String,
}

impl Outcome {
    pub(crate) fn status(&self) -> Option<u16> {
        self.report.head.as_ref().map(|head| head.status)
    }

    pub(crate) fn code(&self) -> u8 {
        self.failure.as_ref().map_or(0, |failure| crate::exit::of(failure.kind).0)
    }

    /// Whether the last request went over a connection that was there.
    pub(crate) fn is_reused(&self) -> bool {
        let link = self.account.hops.last().and_then(|hop| hop.link.as_ref());
        link.is_some_and(|link| link.medium.is_none())
    }

    /// From the beginning to the end.
    pub(crate) fn total(&self) -> Duration {
        self.account.ended.unwrap_or(self.report.times.total)
    }

    /// Phases over all hops, in the order of [`PHASES`]; the last is all of it.
    pub(crate) fn phases(&self) -> [Option<Duration>; 7] {
        let mut sums = [None; 7];
        for hop in &self.account.hops {
            let phases = hop.phases();
            let spans =
                [phases.name, phases.connect, phases.secure, phases.send, phases.wait, phases.receive];
            for (sum, span) in sums.iter_mut().zip(spans) {
                if let Some(length) = span.map(Span::length) {
                    *sum = Some(sum.unwrap_or(Duration::ZERO).saturating_add(length));
                }
            }
        }
        if let Some(last) = sums.last_mut() {
            *last = Some(self.total());
        }
        sums
    }
}

/// Names of phases.
pub(crate) const PHASES: [&str; 7] =
    ["name", "connect", "secure", "send", "wait", "receive", "total"];

/// Takes what comes of a transfer, and prints nothing.
struct Watch {
    outcome: Rc<RefCell<Outcome>>,
    hash: Sha256,
}

impl Observer for Watch {
    fn event(&mut self, at: Duration, event: &Event) {
        self.outcome.borrow_mut().account.event(at, event);
    }

    fn begin(&mut self, _: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        let mut outcome = self.outcome.borrow_mut();
        outcome.octets = outcome.octets.saturating_add(octets.len() as u64);
        self.hash.update(octets);
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        self.outcome.borrow_mut().octets = 0;
        self.hash = Sha256::new();
        Ok(0)
    }

    fn done(&mut self, report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        let mut outcome = self.outcome.borrow_mut();
        outcome.report = report.clone();
        outcome.failure = result.err();
        outcome.digest = data_encoding::HEXLOWER.encode(&std::mem::take(&mut self.hash).finalize());
        ControlFlow::Continue(())
    }
}

/// Does one transfer.
fn once(agent: &Agent, url: &Url, spec: &Arc<Spec>) -> Outcome {
    let outcome = Rc::new(RefCell::new(Outcome::default()));
    let watch = Watch { outcome: Rc::clone(&outcome), hash: Sha256::new() };
    let job = Job { url: url.clone(), spec: Arc::clone(spec), observer: Box::new(watch) };
    let serial = Parallel { most: 1, most_per_host: None, is_immediate: false };
    agent.run(&mut std::iter::once(job), serial);
    outcome.take()
}

/// Measures what is asked for.
pub(crate) fn run(operations: Vec<Operation>, measure: &Measure, shared: &Rc<Shared>) {
    let output = operations.first().map(|first| first.output.clone()).unwrap_or_default();
    let done = Subject::of(operations).and_then(|subject| match measure.runs {
        Some(count) => runs::run(&subject, count, measure, shared),
        None => compare::run(&subject, shared),
    });
    match done {
        Ok(code) => shared.ended_with(code),
        Err(failure) => shared.fail(&output, &failure),
    }
}
