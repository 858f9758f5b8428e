//! All that is printed of a run: each query's greeting, messages and notices, in its layout.
//!
//! It asks nobody and reads no clock: the events say what happened, and when.

#[cfg(test)]
mod replay;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use wireline_cli::escape;
use wireline_dns::lookup::{Event, Notice};

use crate::event::BatchSummary;
use crate::json::Json;
use crate::layout::Layout;
use crate::notice::{Words, words};
use crate::session::Session;
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
    /// A line about the connection, until it stands among the statistics of an answer.
    session: Option<String>,
}

impl<W: Write> Printer<W> {
    /// Writes to `to`, which need have no buffer: it is written to once an event.
    pub(crate) fn new(to: W) -> Self {
        let (page, greeting) = (String::new(), String::new());
        Self { to, page, layout: Layout::default(), greeting, json: Json::default(), session: None }
    }

    /// Begins a run in which others may be the first to tell something.
    pub(crate) fn start(&mut self, at: Duration, json: bool) -> io::Result<()> {
        self.layout.json = json;
        if json {
            self.json.start(&mut self.page, at);
        }
        self.show()
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
            self.json.begin(&mut self.page, at, &self.layout);
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
                let session = self.session.take();
                statistics::received(&mut self.page, received, session.as_deref(), &self.layout);
            }
            Event::Notice(notice) => self.notice(notice),
            Event::Trying { .. } => {}
        }
        self.show()
    }

    /// Writes an answer that was read already, and is the last of its query.
    pub(crate) fn answer(&mut self, at: Duration, shown: &Shown<'_>) -> io::Result<()> {
        if self.layout.json {
            self.json.answer(&mut self.page, at, shown);
        } else {
            self.message(shown);
        }
        self.show()
    }

    /// Whether there is more to say of an answer than the answer.
    pub(crate) const fn has_statistics(&self) -> bool {
        let Layout { json, short, yaml, stats, identify, .. } = self.layout;
        !json && !short && !yaml && (stats || identify)
    }

    /// A connection was made that there is something to say of.
    pub(crate) fn session(&mut self, at: Duration, session: Session) -> io::Result<()> {
        if self.layout.json {
            Json::session(&mut self.page, at, session);
        } else {
            self.session = Some(session.text());
        }
        self.show()
    }

    /// A query was asked of which others have told all.
    pub(crate) fn count(&mut self, is_answered: bool) {
        self.json.count(is_answered);
    }

    /// Writes what is no message: a text or JSON line that somebody else has made.
    pub(crate) fn beside(&mut self, text: &str) -> io::Result<()> {
        self.page.push_str(text);
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
        if self.layout.yaml {
            yaml::message(&mut self.page, shown, &self.layout);
        } else {
            message_text::message(&mut self.page, shown, &self.layout);
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

#[cfg(test)]
mod tests {
    use wireline_dns::lookup::{Answer, Exchanged, Failure, Received, Server, Signature, Transfer};
    use wireline_dns::{RecordType, Transport};

    use super::*;

    /// A reply without a question: an SOA of the root, an A and the SOA again.
    fn reply() -> Vec<u8> {
        let soa = [&b"\0\0\x06\0\x01\0\0\0\x09\0\x16\0\0"[..], &[0; 20]].concat();
        let a = b"\0\0\x01\0\x01\0\0\0\x09\0\x04\xc0\0\x02\x01";
        [&b"\x12\x34\x84\0\0\0\0\x03\0\0\0\0"[..], &soa, a, &soa].concat()
    }

    fn server() -> Server {
        Server { address: "192.0.2.53:53".parse().unwrap(), name: "ns\x1b[2J".to_owned() }
    }

    fn answer(transfer: Option<Transfer>) -> Event {
        let message = Exchanged {
            octets: reply(),
            server: server(),
            local: None,
            transport: Transport::Udp,
            sent: Duration::ZERO,
            received: Some(Duration::ZERO),
        };
        Event::Answer(Box::new(Answer {
            message,
            took: Duration::from_micros(1999),
            signature: None,
            transfer,
            cookie: None,
            is_malformed: false,
            is_interim: false,
        }))
    }

    fn received(signature: Option<Signature>) -> Event {
        Event::Received(Received {
            server: server(),
            transport: Transport::Udp,
            took: Duration::from_micros(1999),
            at: Duration::ZERO,
            octets: 95,
            transfer: None,
            signature,
        })
    }

    fn printed(layout: Layout, events: &[Event]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out);
        printer.begin(Duration::ZERO, layout, Some("; greeting\n")).unwrap();
        for event in events {
            printer.event(Duration::ZERO, event).unwrap();
        }
        printer.finish(Duration::ZERO).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn short() -> Layout {
        Layout { short: true, comments: false, stats: false, ..Layout::default() }
    }

    fn bare() -> Layout {
        Layout { cmd: false, comments: false, stats: false, ..Layout::default() }
    }

    #[test]
    fn greeting_stands_once_before_the_first_message() {
        let text = printed(Layout::default(), &[answer(None), answer(None)]);
        assert!(text.starts_with("; greeting\n;; Got answer:\n"), "{text}");
        assert_eq!(text.matches("greeting").count(), 1);
        assert!(!printed(short(), &[answer(None)]).contains("greeting"));
    }

    #[test]
    fn greeting_stands_before_the_end_of_hope_even_with_short() {
        let why = Failure::TimedOut;
        let timeout = Event::Notice(Notice::CommunicationError { server: server(), why });
        let text = printed(short(), &[timeout, Event::Notice(Notice::NoServers)]);
        let expected = ";; communications error to 192.0.2.53#53: timed out\n; greeting\n\
            ;; no servers could be reached\n";
        assert_eq!(text, expected);
        let text = printed(short(), &[Event::Notice(Notice::NoConnection)]);
        assert_eq!(text, ";; no servers could be reached\n");
    }

    #[test]
    fn comments_go_with_nocomments_and_all_but_errors_with_yaml() {
        let notices = [Notice::Truncated, Notice::NotAResponse, Notice::NoNsServers];
        let notices = notices.map(Event::Notice);
        assert_eq!(
            printed(bare(), &notices),
            ";; Warning: query response not set\n;; NS servers could not be reached\n"
        );
        assert_eq!(
            printed(Layout { yaml: true, ..Layout::default() }, &notices),
            "- type: DIG_ERROR\n  message: |\n    NS servers could not be reached\n"
        );
        let failed = [Event::Notice(Notice::TransferFailed)];
        let yaml = Layout { yaml: true, ..Layout::default() };
        assert_eq!(printed(yaml, &failed), "; Transfer failed.\n", "not even dig's is YAML");
    }

    #[test]
    fn what_a_server_is_called_is_made_harmless() {
        let text = printed(Layout::default(), &[received(None)]);
        assert!(text.contains(";; SERVER: 192.0.2.53#53(ns\\027[2J) (UDP)\n"), "{text}");
    }

    #[test]
    fn time_is_cut_to_its_unit() {
        let text = printed(Layout::default(), &[received(None)]);
        assert!(text.starts_with(";; Query time: 1 msec\n"), "{text}");
        let layout = Layout { identify: true, stats: false, ..Layout::default() };
        let layout = Layout { microseconds: true, ..layout };
        let line = ";; Received 95 bytes from 192.0.2.53#53(ns\\027[2J) in 1999 us\n\n";
        assert_eq!(printed(layout, &[received(None)]), line);
    }

    #[test]
    fn signatures_that_are_not_good_are_told_in_the_statistics() {
        let warned = |signature, key| {
            let text = printed(Layout { key, ..Layout::default() }, &[received(signature)]);
            text.lines().find_map(|line| line.strip_prefix(";; WARNING -- ").map(str::to_owned))
        };
        assert_eq!(warned(Some(Signature::Good), true), None);
        assert_eq!(warned(None, false), None);
        let bad = warned(Some(Signature::Bad), true);
        assert_eq!(bad.as_deref(), Some("Some TSIG could not be validated"));
        assert_eq!(warned(None, true).as_deref(), Some("TSIG key was not used."));
    }

    #[test]
    fn onesoa_leaves_the_first_soa_of_a_transfer_and_no_other() {
        let types = |transfer| {
            let layout = Layout { onesoa: true, kind: RecordType::AXFR, ..bare() };
            let text = printed(layout, &[answer(Some(transfer))]);
            let of_line = |line: &str| line.split('\t').nth(5).map(str::to_owned);
            text.lines().filter_map(of_line).collect::<Vec<_>>()
        };
        assert_eq!(types(Transfer::default()), ["SOA", "A"]);
        let later = Transfer { messages: 1, records: 3, octets: 95 };
        assert_eq!(types(later), ["A"]);
    }

    #[test]
    fn json_counts_questions_that_were_answered() {
        let layout = Layout { json: true, ..Layout::default() };
        let text = printed(layout, &[answer(None), answer(None), received(None)]);
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["start", "answer", "answer", "summary"]);
        assert_eq!((&lines[3]["queries"], &lines[3]["answered"]), (&1.into(), &1.into()));
        assert_eq!(lines[1]["answers"][1]["data"], "192.0.2.1");
        assert_eq!(lines[1]["time_ms"], 1.999);
    }
}
