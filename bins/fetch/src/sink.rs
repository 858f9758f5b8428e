//! Who sees a transfer for a person: files, heads, progress, texts at its end.
//!
//! It computes nothing that the events and the report do not say.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use wireline_http::account::Account;
use wireline_http::event::Why;
use wireline_http::{Event, Failure, Head, Kind, Observer, Progress, Report, Spec, Url};

use crate::complain;
use crate::har::Capture;
use crate::output::{OutputSpec, Talk};
use crate::reports::Sample;

mod body;
mod ending;
mod gauge;
mod heads;
mod interrupt;
mod shared;
mod talk;
mod tape;

pub(crate) use shared::{Run, Shared};

use body::Body;
use gauge::Gauge;
use heads::Heads;
use interrupt::Interrupt;
use talk::Talker;

/// What a transfer is of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The URL as a person typed it, globs undone: `%{url}`.
    pub(crate) text: String,
    /// Read.
    pub(crate) url: Url,
    /// Which URL of the command line, from 0: `%{urlnum}`.
    pub(crate) number: u64,
    /// Which transfer of the run, from 0: `%{xfer_id}`.
    pub(crate) transfer: u64,
}

/// Everything that is made of one transfer.
pub(crate) struct Sink {
    shared: Rc<Shared>,
    spec: Rc<OutputSpec>,
    origin: Origin,
    body: Body,
    heads: Heads,
    talker: Option<Talker>,
    gauge: Gauge,
    /// What the last head says (Last-Modified), for what is done at the end.
    modified: Option<std::time::SystemTime>,
    /// ^C, where the file goes with it.
    interrupt: Option<Interrupt>,
    /// What was seen, where a report is made of it.
    account: Option<Account>,
    /// What is kept of the body for that.
    sample: Option<Sample>,
    /// How it was asked for, where it is to be asked for again.
    asked: Option<Arc<Spec>>,
    /// What came, for a file of all of the run.
    capture: Option<Capture>,
    /// What went wrong where nobody could be told.
    pending: Option<Failure>,
}

impl Sink {
    /// Finds the name of the file, and whether it is there; opens the file of `-D`, and nothing else yet.
    ///
    /// A failure here is one of the transfer that does not take place: hand it to [`Shared::fail`].
    pub(crate) fn new(
        spec: Rc<OutputSpec>,
        origin: Origin,
        shared: Rc<Shared>,
    ) -> Result<Self, Failure> {
        let body = Body::new(&spec, &origin.url, &shared);
        let heads = Heads::new(&spec, &shared)?;
        let (is_shown, resumed) = (body.is_on_terminal(&shared), body.resume_from());
        let talks = spec.talk != Talk::Nothing;
        let talker = talks.then(|| Talker::new(&spec, origin.transfer, is_shown));
        let gauge = Gauge::new(&spec, &shared, origin.transfer, is_shown, resumed);
        let interrupt = spec.removes_on_error.then(Interrupt::watch);
        let (modified, pending) = (None, None);
        let reports = &spec.reports;
        let account = (reports.any() || reports.har.is_some()).then(Account::default);
        let capture = reports.har.is_some().then(Capture::default);
        let sample = (reports.cache || reports.lint).then(Sample::default);
        Ok(Self {
            shared,
            spec,
            origin,
            body,
            heads,
            talker,
            gauge,
            modified,
            interrupt,
            account,
            sample,
            asked: None,
            capture,
            pending,
        })
    }

    /// Whether nothing is to be fetched, as the file is there (`--skip-existing`). That has been told.
    pub(crate) fn is_skipped(&self) -> bool {
        self.body.is_skipped(&self.spec, &self.shared)
    }

    /// How it is asked for, for whoever asks again.
    pub(crate) fn will_ask(&mut self, spec: &Arc<Spec>) {
        if let Some(sample) = &mut self.sample {
            sample.is_decoded = spec.request.compressed || spec.request.transfer_encoding;
            self.asked = Some(Arc::clone(spec));
        }
    }

    /// Where to go on (`-C`), for `RequestSpec::resume_from`.
    pub(crate) fn resume_from(&self) -> u64 {
        self.body.resume_from()
    }

    /// A head, or fields behind a body, for `-D` and `-i`.
    fn head(&mut self, raw: &[u8], is_tunnel: bool) {
        if is_tunnel && self.spec.hides_tunnel_heads {
            return;
        }
        let dumped = self.heads.dump(raw, &self.shared);
        let written = dumped.and_then(|()| {
            if !self.spec.includes_heads {
                return Ok(());
            }
            self.body.head(raw, &self.spec, &self.shared)
        });
        if let Err(failure) = written {
            self.pending.get_or_insert(failure);
        }
    }

    fn retrying(&self, why: &str, after: Duration, left: u32) {
        self.shared.warn(&self.spec, &complain::retrying(why, after, left));
    }

    fn failed_before(&mut self) -> Result<(), Failure> {
        self.pending.take().map_or(Ok(()), Err)
    }
}

impl Observer for Sink {
    fn event(&mut self, at: Duration, event: &Event) {
        if let Some(account) = &mut self.account {
            account.event(at, event);
        }
        if let Some(capture) = &mut self.capture {
            capture.event(at, self.shared.clock.wall(), event);
        }
        if self.spec.reports.json {
            self.line_of(at, event);
        }
        if let Some(talker) = &mut self.talker {
            talker.tell(event, &self.shared);
        }
        match event {
            Event::Hop { why: Why::First | Why::Retry, .. } => self.gauge.begin(at, &self.shared),
            Event::ResponseHead { head, is_tunnel } => self.head(&head.raw, *is_tunnel),
            Event::Trailers { raw, .. } => self.head(crate::verbose::trailers(raw), false),
            Event::Retrying { why, after, left, failure } => {
                self.gauge.end_of_attempt(at, &self.shared);
                if let Some(failure) = failure {
                    self.shared.complain(&self.spec, failure);
                }
                self.retrying(why, *after, *left);
            }
            _ => {}
        }
    }

    fn wants_octets(&self) -> bool {
        self.talker.is_some() || self.capture.is_some()
    }

    fn begin(&mut self, head: &Head) -> Result<(), Failure> {
        self.failed_before()?;
        let modified = head.fields.text("last-modified");
        self.modified = modified.and_then(|date| httpdate::parse_http_date(date).ok());
        if let Some(path) = &self.spec.etag_save {
            heads::save_etag(head, path, &self.spec, &self.shared);
        }
        self.body.begin(head, &self.spec, &self.shared)
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.failed_before()?;
        if let Some(sample) = &mut self.sample {
            sample.put(octets);
        }
        if let Some(capture) = &mut self.capture {
            capture.body(octets);
        }
        self.body.put(octets, &self.spec, &self.shared)
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        self.pending = None;
        if let Some(sample) = &mut self.sample {
            *sample = Sample { is_decoded: sample.is_decoded, ..Sample::default() };
        }
        if let Some(capture) = &mut self.capture {
            capture.forget();
        }
        self.body.restart(&self.spec, &self.shared)
    }

    fn done(&mut self, report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        let pending = self.pending.take();
        let result = result.and_then(|()| pending.map_or(Ok(()), Err));
        self.end(report, result)
    }

    fn progress(&mut self, at: Duration, progress: &Progress) {
        if let Some(interrupt) = &self.interrupt {
            interrupt.look(self.body.file().map(|(_, path)| path));
        }
        self.gauge.tick(at, progress, &self.shared);
        // Whoever reads a pipe sees what came, however slowly; a failure is told with the next octets.
        if let Err(failure) = self.body.flush(&self.shared) {
            self.pending.get_or_insert(failure);
        }
    }
}

/// That octets could not be written, in curl's words.
fn unwritten(fault: &crate::file::Unwritten) -> Failure {
    let (passed, written) = (fault.passed, fault.written);
    let text = if fault.why.kind() == std::io::ErrorKind::BrokenPipe {
        // Whoever was reading has read enough: an error without a line.
        String::new()
    } else {
        format!("Failure writing output to destination, passed {passed} returned {written}")
    };
    Failure::new(Kind::Write, text)
}

#[cfg(test)]
mod tests;
