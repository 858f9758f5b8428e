use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd as _;
use std::time::Duration;

use serde::Serialize;

/// Where output goes.
pub struct Streams<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Diagnostics.
    pub err: &'a mut dyn Write,
}

/// Turns events into output. It decides nothing and remembers only what it needs for layout.
///
/// A renderer that has to compute a figure is a sign that the event lacks a field.
pub trait Render<E> {
    /// Writes one event, which happened at `at` after 1970 UTC.
    fn event(&mut self, at: Duration, event: &E, to: &mut Streams<'_>) -> io::Result<()>;
}

/// One JSON object a line, the same for every tool: `{"tool":"ping","event":"reply",…}`.
#[derive(Clone, Copy, Debug)]
pub struct JsonLines {
    /// The binary's name.
    pub tool: &'static str,
}

impl<E: Serialize> Render<E> for JsonLines {
    fn event(&mut self, at: Duration, event: &E, to: &mut Streams<'_>) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a, E> {
            tool: &'static str,
            #[serde(flatten)]
            event: &'a E,
            unix_ms: f64,
        }
        // Microseconds are as much as a double holds of the time since 1970.
        #[expect(clippy::cast_precision_loss, reason = "exact until the year 2255")]
        let unix_ms = at.as_micros() as f64 / 1e3;
        serde_json::to_writer(&mut *to.out, &Line { tool: self.tool, event, unix_ms })?;
        to.out.write_all(b"\n")
    }
}

/// Standard output without the line buffer of `std`, which would write what stands before and after an
/// end of line on its own.
enum Stdout {
    Whole(File),
    /// Where it is closed, or there is no descriptor left.
    Lined(io::StdoutLock<'static>),
}

impl Stdout {
    fn new() -> Self {
        let stdout = io::stdout().lock();
        match stdout.as_fd().try_clone_to_owned() {
            Ok(fd) => Self::Whole(fd.into()),
            Err(_) => Self::Lined(stdout),
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Whole(file) => file.write(octets),
            Self::Lined(stdout) => stdout.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Whole(file) => file.flush(),
            Self::Lined(stdout) => stdout.flush(),
        }
    }
}

/// A renderer and where it writes: stdout and stderr. What is written is seen at
/// [`flush`](Self::flush), which belongs after the events of each moment, so that `ping | grep` is
/// live.
pub struct Output<E> {
    render: Box<dyn Render<E>>,
    out: BufWriter<Stdout>,
    err: io::Stderr,
}

impl<E> Output<E> {
    /// Writes to stdout, and diagnostics to stderr.
    #[must_use]
    pub fn new(render: Box<dyn Render<E>>) -> Self {
        Self { render, out: BufWriter::new(Stdout::new()), err: io::stderr() }
    }

    /// Writes one event.
    pub fn event(&mut self, at: Duration, event: &E) -> io::Result<()> {
        self.render.event(at, event, &mut Streams { out: &mut self.out, err: &mut self.err })
    }

    /// Shows what has been written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
