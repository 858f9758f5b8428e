//! A connection drawn: the segments between its ends, and the states beside them, as text and in other forms.
//!
//! Nothing is measured here: a [`Drawing`] is fed with what the engine says.

mod explain;
mod flags;
mod fold;
mod json;
mod mermaid;
mod packetdrill;
mod sheet;
mod svg;
mod text;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::{Caption, ConnectionSummary, Line};

pub(crate) use flags::OutputFlags;
pub use json::{Connection, Ends, Event, Numbered, Start};

use self::sheet::Sheet;

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
    /// With every segment of a long run of data.
    pub(crate) all: bool,
}

/// What is drawn, and where it goes: `None` is stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) outputs: Vec<(Form, Option<PathBuf>)>,
    pub(crate) look: Look,
}

impl Choice {
    /// Whether JSON goes to stdout.
    pub(crate) fn is_json(&self) -> bool {
        self.outputs.contains(&(Form::Json, None))
    }

    #[expect(clippy::option_option, reason = "not at all, or to a file, or to stdout")]
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
    /// How long `TIME_WAIT` still lasts (`sock_diag(7)`), where it is here.
    pub(crate) time_wait_left: Option<Duration>,
    /// What else there is to say, one line each. Escaped here.
    pub(crate) remarks: Vec<String>,
}

/// Lines that wait for their turn, at the most.
const WAITING: usize = 50_000;

/// Connections being drawn, in every form that was asked for.
///
/// Lines of several connections may come mixed, each with its connection's `id`, which is used once. As text they
/// come one connection after the other: of those that came later, lines wait. What is written is seen at once.
pub(crate) struct Drawing {
    sheets: Vec<Sheet>,
    /// The connection that is being drawn, and those that wait for it to end.
    stage: Option<u32>,
    waiting: BTreeMap<u32, Waiting>,
    order: VecDeque<u32>,
    lines: usize,
}

/// A connection that waits to be drawn.
struct Waiting {
    heading: Heading,
    lines: Vec<Line>,
    /// Lines for which there was no room.
    omitted: usize,
    ending: Option<Ending>,
}

/// A form that is drawn one connection after the other.
trait Painter {
    /// Begins a connection.
    fn heading(&mut self, heading: &Heading, out: &mut String);

    /// Draws a line.
    fn line(&mut self, line: &Line, out: &mut String);

    /// Ends it.
    fn ending(&mut self, ending: &Ending, out: &mut String);

    /// Writes what belongs behind all of them.
    fn finish(&mut self, _out: &mut String) {}
}

impl Drawing {
    /// Creates the files. Belongs after privileges were given up.
    pub(crate) fn open(choice: &Choice) -> Result<Self> {
        let drawn = choice.outputs.iter().filter(|(form, _)| *form != Form::Pcapng);
        let sheets = drawn.map(|(form, file)| Sheet::open(*form, file.as_deref(), choice.look));
        Ok(Self {
            sheets: sheets.collect::<Result<_>>()?,
            stage: None,
            waiting: BTreeMap::new(),
            order: VecDeque::new(),
            lines: 0,
        })
    }

    /// Begins a connection.
    pub(crate) fn start(&mut self, id: u32, heading: Heading) -> io::Result<()> {
        self.each(|sheet| sheet.at_once(|sheet| sheet.start(id, &heading)))?;
        if self.stage.is_none() {
            self.stage = Some(id);
            return self.each(|sheet| sheet.in_turn(|painter, out| painter.heading(&heading, out)));
        }
        let (lines, omitted, ending) = (Vec::new(), 0, None);
        self.waiting.insert(id, Waiting { heading, lines, omitted, ending });
        self.order.push_back(id);
        Ok(())
    }

    /// Draws a line of a connection that was begun.
    pub(crate) fn line(&mut self, id: u32, line: &Line) -> io::Result<()> {
        self.each(|sheet| sheet.at_once(|sheet| sheet.line(id, line)))?;
        if self.stage == Some(id) {
            return self.each(|sheet| sheet.in_turn(|painter, out| painter.line(line, out)));
        }
        let has_room = self.lines < WAITING;
        if let Some(waiting) = self.waiting.get_mut(&id) {
            if has_room {
                waiting.lines.push(line.clone());
                self.lines += 1;
            } else {
                waiting.omitted += 1;
            }
        }
        Ok(())
    }

    /// Ends a connection.
    pub(crate) fn end(&mut self, id: u32, ending: &Ending) -> io::Result<()> {
        self.each(|sheet| sheet.at_once(|sheet| sheet.end(id, ending)))?;
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.ending = Some(ending.clone());
        }
        if self.stage != Some(id) {
            return Ok(());
        }
        self.each(|sheet| sheet.in_turn(|painter, out| painter.ending(ending, out)))?;
        self.stage = None;
        while self.stage.is_none() {
            let Some(next) = self.order.pop_front() else { break };
            self.draw_waiting(next)?;
        }
        Ok(())
    }

    /// Draws what waited, and lets the rest of it come if it has not ended.
    fn draw_waiting(&mut self, id: u32) -> io::Result<()> {
        let Some(mut waiting) = self.waiting.remove(&id) else { return Ok(()) };
        self.lines -= waiting.lines.len();
        if waiting.omitted > 0 {
            let (count, form) = (waiting.omitted, "-o json has them");
            let text = format!("{count} lines after this had to be left out; {form}.");
            waiting.lines.push(Line::Caption(Caption { text }));
        }
        let is_open = waiting.ending.is_none();
        self.stage = is_open.then_some(id);
        self.each(|sheet| {
            sheet.in_turn(|painter, out| {
                painter.heading(&waiting.heading, out);
                waiting.lines.iter().for_each(|line| painter.line(line, out));
                waiting.ending.iter().for_each(|ending| painter.ending(ending, out));
            })
        })
    }

    /// Writes what is still held, and closes the files.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        while let Some(next) = self.order.pop_front() {
            self.draw_waiting(next)?;
        }
        self.each(Sheet::finish)
    }

    fn each(&mut self, draw: impl FnMut(&mut Sheet) -> io::Result<()>) -> io::Result<()> {
        self.sheets.iter_mut().try_for_each(draw)
    }
}

#[cfg(test)]
mod tests;
