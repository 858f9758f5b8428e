//! What is done when a transfer is over: the file's end, the error's line, `-w`, the exit code.

use std::cell::RefCell;
use std::fs::{FileTimes, OpenOptions};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use wireline_http::{Failure, Report};

use super::Sink;
use super::shared::Shared;
use crate::file::{Target, Writer};
use crate::reports::{self, Look, Told};
use crate::write_out::{self, Place, Summary};
use crate::{exit, terminal, walk};

impl Sink {
    pub(super) fn end(&mut self, report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        let result = self.close(result);
        let length = report.head.as_ref().and_then(|head| head.fields.text("content-length"));
        // With `-f` nothing of a body is expected.
        let is_expected = result.is_ok() || report.received_body > 0;
        let length = length.filter(|_| is_expected);
        self.gauge.expect(length.and_then(|length| length.parse().ok()));
        let (received, sent) = (report.received_body, report.sent_body);
        self.gauge.end(report.times.total, received, sent, &self.shared);
        match &result {
            Ok(()) => self.shared.ended_with(0),
            Err(failure) => self.shared.fail(&self.spec, failure),
        }
        self.tell();
        self.tape(report, result.as_ref().err());
        self.write_out(report, result.as_ref().err());
        let is_last = result.is_err() && self.shared.run.fails_early;
        if is_last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The file gets its last octets and its time, or goes.
    fn close(&mut self, result: Result<(), Failure>) -> Result<(), Failure> {
        let result = match result {
            Ok(()) => self.body.finish(&self.spec, &self.shared),
            // What came before a failure is kept, but the failure is the news.
            Err(failure) => self.body.flush(&self.shared).and(Err(failure)),
        };
        let Some((file, path)) = self.body.file() else { return result };
        match (&result, self.modified) {
            (Err(_), _) if self.spec.removes_on_error => {
                // It is gone where somebody else was faster.
                let _ = std::fs::remove_file(path);
                self.shared.note(&self.spec, &format!("Removed output file: {}", path.display()));
            }
            (Ok(()), Some(time)) if self.spec.keeps_time => {
                let times = FileTimes::new().set_modified(time).set_accessed(time);
                if file.set_times(times).is_err() {
                    self.shared.warn(&self.spec, "Failed to set filetime on outfile");
                }
            }
            _ => {}
        }
        result
    }

    /// Reports take the place of the body, or stand behind it.
    fn tell(&self) {
        let Some(account) = self.account.as_ref().filter(|_| self.spec.reports.is_told()) else {
            return;
        };
        let wall = i64::try_from(self.shared.clock.wall().as_secs()).unwrap_or(i64::MAX);
        let walks = self.spec.reports.trace_dns.map(|from| walk::walks(account, from));
        let walks = walks.as_deref().unwrap_or_default();
        let told = Told { account, walks, sample: self.sample.as_ref(), wall };
        let look = Look::of_stdout(self.spec.color);
        if self.spec.reports.json {
            for line in reports::lines(&self.spec, &told, self.origin.transfer) {
                self.shared.line(&line);
            }
        } else {
            self.shared.report(&reports::print(&self.spec, &told, look));
        }
        if let Some(spec) = self.asked.as_ref().filter(|_| self.spec.reports.cache)
            && let Some(job) =
                reports::ask_again(&told, &self.origin, spec, &self.shared, self.paper(look))
        {
            self.shared.follow_up(job);
        }
    }

    /// What is asked again is told as all else is.
    fn paper(&self, look: Look) -> Option<Look> {
        (!self.spec.reports.json).then_some(look)
    }

    fn write_out(&self, report: &Report, failure: Option<&Failure>) {
        let Some(template) = &self.spec.write_out else { return };
        let file = self.body.path().map(|path| path.to_string_lossy());
        let written = write_out::write(
            template,
            &Summary {
                report,
                origin: &self.origin,
                code: failure.map_or(0, |failure| exit::of(failure.kind).0),
                error: failure.map(|failure| failure.text.as_str()),
                file: file.as_deref(),
                wall: self.shared.clock.wall(),
            },
        );
        for name in written.unknown {
            let name = wireline_cli::escape(&name).into_owned();
            let line = format!("fetch: unknown --write-out variable: '{name}'\n");
            self.shared.say(line.as_bytes());
        }
        let mut to = Place::Stdout;
        for part in written.parts {
            // What cannot be opened leaves the octets where those before them went.
            if part.to != to && can_take(&part.to) {
                to = part.to;
            }
            self.shared.put_out(&to, &part.octets, self.spec.is_raw);
        }
    }
}

impl Shared {
    fn put_out(&self, to: &Place, octets: &[u8], is_raw: bool) {
        // Whoever does not read it does not miss it; a full disk is told by the flush at the end.
        match to {
            Place::Stdout if self.stdout_is_terminal && !is_raw => {
                drop(self.print(&terminal::visible(octets)));
            }
            Place::Stdout => drop(self.print(octets)),
            Place::Stderr if self.stderr_is_terminal => self.say(&terminal::visible(octets)),
            Place::Stderr => self.say(octets),
            Place::File { path, .. } => {
                if let Some(file) = open(path, true) {
                    let mut file = file.borrow_mut();
                    drop(file.put(octets).and_then(|()| file.flush()));
                }
            }
        }
    }
}

/// Whether octets of `-w` can go there; a file is made.
fn can_take(to: &Place) -> bool {
    match to {
        Place::Stdout | Place::Stderr => true,
        Place::File { path, is_appended } => open(path, *is_appended).is_some(),
    }
}

fn open(path: &Path, is_appended: bool) -> Option<Rc<RefCell<Writer>>> {
    let mut options = OpenOptions::new();
    options.create(true).append(is_appended).write(true).truncate(!is_appended);
    let file = options.open(path).ok()?;
    Some(Rc::new(RefCell::new(Writer::new(Target::File(file)))))
}
