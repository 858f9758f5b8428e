//! Where lines go: text as it is made, or events as JSON lines.

use std::fmt::Arguments;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use rustix::event::{Timespec, poll};
use wireline_cli::{Exit, JsonLines, Refusal, Render as _, Streams};

use crate::event::{Event, Namespace, Placed, Start, Summary};

/// Standard output, and how it is written.
pub(crate) struct Output {
    out: BufWriter<io::Stdout>,
    json: bool,
    rows: u64,
    namespace: Option<Namespace>,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout()),
            json,
            rows: 0,
            namespace: None,
        }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Says which network namespace what follows is of.
    pub(crate) fn place(&mut self, namespace: Namespace) {
        self.namespace = Some(namespace);
    }

    /// Writes text.
    pub(crate) fn text(&mut self, text: Arguments<'_>) -> anyhow::Result<()> {
        self.out.write_fmt(text).map_err(write_error)
    }

    /// Writes a line that is made already.
    pub(crate) fn bytes(&mut self, line: &[u8]) -> anyhow::Result<()> {
        self.out.write_all(line).map_err(write_error)
    }

    /// Begins a table as JSON.
    pub(crate) fn start(&mut self, table: &'static str) -> anyhow::Result<()> {
        self.rows = 0;
        let namespace = self.namespace.clone();
        self.json(&Event::Start(Start { v: 1, table, namespace }))
    }

    /// Writes a row as JSON.
    pub(crate) fn row(&mut self, event: &Event) -> anyhow::Result<()> {
        self.rows += 1;
        self.json(event)
    }

    /// Ends a table as JSON.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        self.json(&Event::Summary(Summary { rows: self.rows }))
    }

    fn json(&mut self, event: &Event) -> anyhow::Result<()> {
        let mut to = Streams { out: &mut self.out, err: &mut io::stderr() };
        let at = wireline_net::Clock.wall();
        let placed = Placed::new(event, self.namespace.as_ref());
        JsonLines { tool: "netstat" }.event(at, &placed, &mut to).map_err(write_error)
    }

    /// Shows what has been written.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().map_err(write_error)
    }
}

/// Results that could not be written: in the words of coreutils, unless the reader has gone.
pub(crate) fn write_error(why: io::Error) -> anyhow::Error {
    if why.kind() == io::ErrorKind::BrokenPipe {
        return why.into();
    }
    Refusal::new(Exit(1), format!("write error: {}", wireline_engine::errno_text(&why))).into()
}

/// Text on stderr.
pub(crate) fn complain(text: &str) {
    // Nothing is left to tell if stderr is closed.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A file of the kernel's that is not there, in the words of perror(3).
pub(crate) fn complain_of(name: &str, why: &io::Error) {
    complain(&format!("{name}: {}\n", wireline_engine::errno_text(why)));
}

/// From one listing to the next.
pub(crate) fn pause() {
    let second = Duration::from_secs(1);
    let timeout = Timespec { tv_sec: second.as_secs().cast_signed(), tv_nsec: 0 };
    // A signal that does not end the program may end the wait.
    let _ = poll(&mut [], Some(&timeout));
}
