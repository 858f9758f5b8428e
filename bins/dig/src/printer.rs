//! All that is printed of a run: each query's greeting, messages and notices, in its layout.
//!
//! It asks nobody and reads no clock: the events say what happened, and when.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use wireline_cli::escape;
use wireline_dns::lookup::{Event, Notice};

use crate::event::BatchSummary;
use crate::json::Json;
use crate::layout::Layout;
use crate::notice::{Words, words};
use crate::shown::Shown;
use crate::{message_text, statistics, yaml};

/// Writes what happens, and shows it after each event.
pub(crate) struct Printer<W> {
    to: W,
    page: String,
    layout: Layout,
    /// What is still to be written before the first message.
    greeting: String,
    json: Json,
}

impl<W: Write> Printer<W> {
    /// Writes to `to`, which need have no buffer: it is written to once an event.
    pub(crate) fn new(to: W) -> Self {
        let (page, greeting) = (String::new(), String::new());
        Self { to, page, layout: Layout::default(), greeting, json: Json::default() }
    }

    /// What follows is of another query. Its greeting, where it has one, is written before its first
    /// message, or where there is none, before it is given up.
    pub(crate) fn begin(
        &mut self,
        at: Duration,
        layout: Layout,
        greeting: Option<&str>,
    ) -> io::Result<()> {
        self.greeting.clear();
        for line in greeting.unwrap_or_default().split_inclusive('\n') {
            let (words, end) = line.strip_suffix('\n').map_or((line, ""), |words| (words, "\n"));
            self.greeting.push_str(&escape(words));
            self.greeting.push_str(end);
        }
        self.layout = layout;
        // Times in records have 32 bits: they are near to now.
        self.layout.style.now = u32::try_from(at.as_secs() & 0xffff_ffff).unwrap_or_default();
        if self.layout.json {
            self.json.begin(&mut self.page, at);
        }
        self.show()
    }

    /// Writes what happened at `at` after 1970 UTC.
    pub(crate) fn event(&mut self, at: Duration, event: &Event) -> io::Result<()> {
        if self.layout.json {
            self.json.event(&mut self.page, at, event);
            return self.show();
        }
        match event {
            Event::Sent(sent) => {
                if let Some(shown) = Shown::query(sent) {
                    self.message(&shown);
                }
                if self.layout.stats && !self.layout.yaml {
                    let _ = write!(self.page, ";; QUERY SIZE: {}\n\n", sent.octets.len());
                }
            }
            Event::Answer(answer) => {
                // On its way through a search list dig greets before each answer.
                let greeting = answer.is_interim.then(|| self.greeting.clone());
                if let Some(shown) = Shown::answer(answer) {
                    self.message(&shown);
                }
                self.greeting = greeting.unwrap_or_default();
            }
            Event::Received(received) => {
                statistics::received(&mut self.page, received, &self.layout);
            }
            Event::Notice(notice) => self.notice(notice),
        }
        self.show()
    }

    /// Writes what a run ends with.
    pub(crate) fn finish(&mut self, at: Duration) -> io::Result<()> {
        if self.layout.json {
            self.json.finish(&mut self.page, at);
        }
        self.show()
    }

    /// Writes what a batch ends with.
    pub(crate) fn finish_batch(&mut self, at: Duration, summary: &BatchSummary) -> io::Result<()> {
        if self.layout.json {
            Json::finish_batch(&mut self.page, at, summary);
        }
        self.show()
    }

    fn message(&mut self, shown: &Shown<'_>) {
        let greeting = std::mem::take(&mut self.greeting);
        if self.layout.cmd && self.layout.is_long() {
            self.page.push_str(&greeting);
        }
        match self.layout.yaml {
            true => yaml::message(&mut self.page, shown, &self.layout),
            false => message_text::message(&mut self.page, shown, &self.layout),
        }
    }

    fn notice(&mut self, notice: &Notice) {
        // Here dig does not look at `+short` or `+nocmd` again.
        if matches!(notice, Notice::NoServers) {
            self.page.push_str(&std::mem::take(&mut self.greeting));
        }
        let Layout { yaml, comments, .. } = self.layout;
        match words(notice) {
            Words::Error(text) if yaml => yaml::error(&mut self.page, &text),
            Words::Comment(_) if !comments || yaml => {}
            Words::Warning(_) | Words::Plain(_) if yaml => {}
            Words::Error(text) | Words::Warning(text) | Words::Comment(text) => {
                let _ = writeln!(self.page, ";; {text}");
            }
            Words::Plain(text) | Words::Always(text) => self.page.push_str(&text),
        }
    }

    fn show(&mut self) -> io::Result<()> {
        if self.page.is_empty() {
            return Ok(());
        }
        let written = self.to.write_all(self.page.as_bytes()).and_then(|()| self.to.flush());
        self.page.clear();
        written
    }
}
