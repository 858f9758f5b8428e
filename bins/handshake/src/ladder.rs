//! A connection drawn: the segments between its ends, and the states beside them, as text and in other forms.
//!
//! Nothing is measured here: a [`Drawing`] is fed with what the engine says.

mod flags;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::{ConnectionSummary, Line};

pub(crate) use flags::OutputFlags;

/// A form that a connection is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The ladder of a terminal.
    Text,
    /// One object a line.
    Json,
    /// A picture.
    Svg,
    /// `sequenceDiagram` of mermaid.js.org.
    Mermaid,
    /// A script of packetdrill(1).
    Packetdrill,
    /// The frames themselves: not drawn here, but written by whoever has them ([`Choice::pcapng`]).
    Pcapng,
}

/// How many words there are beside a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Explain {
    /// None.
    #[default]
    #[value(skip)]
    Nothing,
    /// One sentence a segment.
    Short,
    /// The sentence, its reason, and the clause of RFC 9293 that says so.
    Long,
}

/// How it is drawn, whatever the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Sentences beside the segments.
    pub(crate) explain: Explain,
    /// Sequence numbers as they are on the wire.
    pub(crate) absolute: bool,
    /// With colours.
    pub(crate) colored: bool,
    /// With characters past ASCII.
    pub(crate) unicode: bool,
    /// Columns of text.
    pub(crate) width: usize,
}

/// What is drawn, and where it goes: `None` is stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) outputs: Vec<(Form, Option<PathBuf>)>,
    pub(crate) look: Look,
}

impl Choice {
    /// Where the frames are wanted as a capture file: `Some(None)` is stdout.
    pub(crate) fn pcapng(&self) -> Option<Option<&PathBuf>> {
        let found = self.outputs.iter().find(|(form, _)| *form == Form::Pcapng);
        found.map(|(_, file)| file.as_ref())
    }
}

/// What is known before the first segment.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    /// Who opens it.
    pub(crate) client: SocketAddr,
    /// Who is asked.
    pub(crate) server: SocketAddr,
    /// What the server was called on the command line. Escaped here.
    pub(crate) host: Option<String>,
    /// What stands above: a scenario's name, a command. Escaped here.
    pub(crate) title: Option<String>,
    /// From where it was seen: `wire`, `inferred`, a file's name. Escaped here.
    pub(crate) view: String,
    /// When [`Line`]s' `at` is zero, after 1970 UTC.
    pub(crate) started: Duration,
}

/// What is known after the last.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// What the segments said; `None` where none was seen.
    pub(crate) summary: Option<ConnectionSummary>,
    /// Smoothed RTT of the kernel (`tcpi_rtt`, tcp(7)).
    pub(crate) kernel_rtt: Option<Duration>,
    /// How long `connect(2)` took, as a program sees it.
    pub(crate) application: Option<Duration>,
    /// Time from data to its acknowledgment by the kernel's stamps (`SOF_TIMESTAMPING_TX_ACK`).
    pub(crate) data_rtt: Option<Duration>,
    /// How long `TIME_WAIT` still lasts (sock_diag(7)), where it is here.
    pub(crate) time_wait_left: Option<Duration>,
    /// What else there is to say, one line each. Escaped here.
    pub(crate) remarks: Vec<String>,
}

/// Connections being drawn, in every form that was asked for.
///
/// Lines of several connections may come mixed, each with its connection's `id`; as text they come one connection
/// after the other.
pub(crate) struct Drawing {}

impl Drawing {
    /// Creates the files. Belongs after privileges were given up.
    pub(crate) fn open(choice: &Choice) -> Result<Self> {
        let _ = choice;
        Ok(Self {})
    }

    /// Begins a connection.
    pub(crate) fn start(&mut self, id: u32, heading: Heading) -> io::Result<()> {
        let _ = (id, heading);
        Ok(())
    }

    /// Draws a line of a connection that was begun.
    pub(crate) fn line(&mut self, id: u32, line: &Line) -> io::Result<()> {
        let _ = (id, line);
        Ok(())
    }

    /// Ends a connection.
    pub(crate) fn end(&mut self, id: u32, ending: &Ending) -> io::Result<()> {
        let _ = (id, ending);
        Ok(())
    }

    /// Writes what is still held, and closes the files.
    pub(crate) fn finish(self) -> io::Result<()> {
        Ok(())
    }
}
