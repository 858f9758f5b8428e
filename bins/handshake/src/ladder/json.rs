//! JSON lines: what the engine says, as it is.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_engine::millis;
use wireline_engine::tcp::{ConnectionSummary, Line};

use super::{Ending, Heading};

/// The first line of a connection.
#[derive(Serialize)]
#[serde(tag = "event", rename = "start")]
struct Start<'a> {
    v: u8,
    connection: u32,
    #[serde(flatten)]
    ends: Ends,
    host: Option<&'a str>,
    title: Option<&'a str>,
    view: &'a str,
}

#[derive(Clone, Copy, Serialize)]
struct Ends {
    client: IpAddr,
    client_port: u16,
    server: IpAddr,
    server_port: u16,
}

impl Ends {
    const fn of(client: SocketAddr, server: SocketAddr) -> Self {
        let (client_port, server_port) = (client.port(), server.port());
        Self { client: client.ip(), client_port, server: server.ip(), server_port }
    }
}

/// A line of a drawing, with its connection's number.
#[derive(Serialize)]
struct Numbered<'a> {
    #[serde(flatten)]
    line: &'a Line,
    connection: u32,
}

/// The last line of a connection.
#[derive(Serialize)]
#[serde(tag = "event", rename = "connection")]
struct Connection<'a> {
    connection: u32,
    #[serde(flatten)]
    ends: Ends,
    #[serde(flatten)]
    summary: Option<&'a ConnectionSummary>,
    kernel_rtt_ms: Option<f64>,
    connect_ms: Option<f64>,
    ack_stamp_rtt_ms: Option<f64>,
    time_wait_left_ms: Option<f64>,
    remarks: &'a [String],
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

fn write<E: Serialize>(at: Duration, event: &E, out: &mut dyn Write) -> io::Result<()> {
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
        write(heading.started, &start, out)?;
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
        write(at, &Numbered { line, connection: self.id }, out)
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
            ack_stamp_rtt_ms: exact(ending.data_rtt),
            time_wait_left_ms: exact(ending.time_wait_left),
            remarks: &ending.remarks,
        };
        write(self.started.saturating_add(self.latest), &connection, out)
    }
}
