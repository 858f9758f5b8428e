//! JSON lines: what the engine says, as it is.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_engine::millis;
use wireline_engine::tcp::{ConnectionSummary, Line};

use super::{Ending, Heading};

/// What is told of connections as JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Event<'a> {
    /// The first line of a connection.
    Start(Start<'a>),
    /// A segment or what stands between two.
    Line(Numbered<'a>),
    /// The last line of a connection.
    Connection(Connection<'a>),
}

/// What is known before the first segment.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename = "start")]
pub struct Start<'a> {
    /// Version of the format: 1.
    pub v: u8,
    /// Number of the connection within the run, from 1 on.
    pub connection: u32,
    /// Both ends.
    #[serde(flatten)]
    pub ends: Ends,
    /// What the server was called on the command line.
    pub host: Option<&'a str>,
    /// What stands above.
    pub title: Option<&'a str>,
    /// From where it was seen.
    pub view: &'a str,
}

/// Addresses and ports.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Ends {
    /// Who opened it.
    pub client: IpAddr,
    /// Its port.
    pub client_port: u16,
    /// Who was asked.
    pub server: IpAddr,
    /// Its port.
    pub server_port: u16,
}

impl Ends {
    /// Of two sockets.
    #[must_use]
    pub const fn of(client: SocketAddr, server: SocketAddr) -> Self {
        let (client_port, server_port) = (client.port(), server.port());
        Self { client: client.ip(), client_port, server: server.ip(), server_port }
    }
}

/// A line of a drawing, with its connection's number.
#[derive(Clone, Debug, Serialize)]
pub struct Numbered<'a> {
    /// The line.
    #[serde(flatten)]
    pub line: &'a Line,
    /// As in [`Start`].
    pub connection: u32,
}

/// What it came to.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename = "connection")]
pub struct Connection<'a> {
    /// As in [`Start`].
    pub connection: u32,
    /// Both ends.
    #[serde(flatten)]
    pub ends: Ends,
    /// What the segments said; without its keys where none was seen.
    #[serde(flatten)]
    pub summary: Option<&'a ConnectionSummary>,
    /// Smoothed RTT of the kernel.
    pub kernel_rtt_ms: Option<f64>,
    /// How long connect(2) took.
    pub connect_ms: Option<f64>,
    /// From data to its acknowledgment, by the kernel's stamps.
    pub stamp_rtt_ms: Option<f64>,
    /// How long `TIME_WAIT` still lasts.
    pub time_wait_left_ms: Option<f64>,
    /// What else there is to say.
    pub remarks: &'a [String],
}

impl Event<'_> {
    /// What it is called in its line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Connection(_) => "connection",
            Self::Line(Numbered { line, .. }) => match line {
                Line::Segment(_) => "segment",
                Line::Icmp(_) => "icmp",
                Line::Inferred(_) => "inferred",
                Line::Caption(_) => "caption",
            },
        }
    }
}

/// One connection as JSON lines.
#[derive(Debug)]
pub(super) struct Json {
    id: u32,
    ends: [SocketAddr; 2],
    started: Duration,
    /// Of the latest line, after the first.
    latest: Duration,
}

const LINES: JsonLines = JsonLines { tool: "handshake" };

fn write(at: Duration, event: &Event<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = LINES;
    lines.event(at, event, &mut Streams { out, err: &mut io::sink() })
}

impl Json {
    pub(super) fn start(id: u32, heading: &Heading, out: &mut dyn Write) -> io::Result<Self> {
        let start = Start {
            v: 1,
            connection: id,
            ends: Ends::of(heading.client, heading.server),
            host: heading.host.as_deref(),
            title: heading.title.as_deref(),
            view: &heading.view,
        };
        write(heading.started, &Event::Start(start), out)?;
        let (ends, started) = ([heading.client, heading.server], heading.started);
        Ok(Self { id, ends, started, latest: Duration::ZERO })
    }

    pub(super) fn line(&mut self, line: &Line, out: &mut dyn Write) -> io::Result<()> {
        self.latest = match line {
            Line::Segment(step) => step.at,
            Line::Icmp(seen) => seen.at,
            Line::Inferred(line) => line.at.unwrap_or(self.latest),
            Line::Caption(_) => self.latest,
        };
        let at = self.started.saturating_add(self.latest);
        write(at, &Event::Line(Numbered { line, connection: self.id }), out)
    }

    pub(super) fn end(self, ending: &Ending, out: &mut dyn Write) -> io::Result<()> {
        // No digits past the nanosecond.
        let exact = |time: Option<Duration>| time.map(|time| (millis(time) * 1e6).round() / 1e6);
        let connection = Connection {
            connection: self.id,
            ends: Ends::of(self.ends[0], self.ends[1]),
            summary: ending.summary.as_ref(),
            kernel_rtt_ms: exact(ending.kernel_rtt),
            connect_ms: exact(ending.application),
            stamp_rtt_ms: exact(ending.data_rtt),
            time_wait_left_ms: exact(ending.time_wait_left),
            remarks: &ending.remarks,
        };
        write(self.started.saturating_add(self.latest), &Event::Connection(connection), out)
    }
}
