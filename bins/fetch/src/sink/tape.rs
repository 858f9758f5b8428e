//! What machines read of a transfer: lines of JSON, and entries of the file of `--har`.

use std::time::Duration;

use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_http::event::Why;
use wireline_http::{Event, Failure, Report};

use super::{Shared, Sink};
use crate::json;

impl Sink {
    /// The line of an event.
    pub(super) fn line_of(&self, at: Duration, event: &Event) {
        if let Event::Hop { why: Why::First, .. } = event {
            let url = json::harmless_url(&self.origin.text, self.spec.reports.secrets);
            self.put(at, json::Event::Start { v: 1, url });
        }
        if let Some(event) = json::Event::of(event, self.spec.reports.secrets) {
            self.put(at, event);
        }
    }

    /// What is said when it is over.
    pub(super) fn tape(&mut self, report: &Report, failure: Option<&Failure>) {
        let reports = &self.spec.reports;
        let Some(account) = &self.account else { return };
        let total = account.ended.unwrap_or(report.times.total);
        if reports.json {
            let summary = json::Event::summary(report, account, failure, total, reports.secrets);
            self.put(total, summary);
        }
        if let (Some(capture), Some(path)) = (self.capture.take(), &reports.har) {
            let mut har = self.shared.har.borrow_mut();
            har.add(path, reports.secrets, account, capture, failure);
        }
    }

    fn put(&self, at: Duration, event: json::Event) {
        let line = json::Line { event, transfer: self.origin.transfer, at_ms: json::ms(at) };
        self.shared.line(&line);
    }
}

impl Shared {
    /// A line of JSON on stdout. Whoever does not read it does not miss it; a full disk is told by the flush at the end.
    pub(crate) fn line(&self, event: &impl serde::Serialize) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut to = Streams { out: &mut out, err: &mut err };
        // Vectors take what is written.
        let _ = JsonLines { tool: "fetch" }.event(self.clock.wall(), event, &mut to);
        drop(self.print(&out));
    }

    /// A text of ours on stdout, what strangers wrote in it made harmless.
    pub(crate) fn text(&self, text: &str) {
        drop(self.print(text.as_bytes()));
    }
}
