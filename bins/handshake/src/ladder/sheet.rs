//! Where a form is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use wireline_engine::tcp::Line;

use super::fold::Folded;
use super::json::Json;
use super::mermaid::Mermaid;
use super::packetdrill::Packetdrill;
use super::svg::Svg;
use super::text::Text;
use super::{Ending, Form, Heading, Look, Painter};

/// One form on its way to one file.
pub(super) struct Sheet {
    out: BufWriter<Box<dyn Write>>,
    hand: Hand,
}

/// Who draws.
enum Hand {
    /// Each line as it happens.
    AtOnce(BTreeMap<u32, Json>),
    /// One connection after the other.
    InTurn(Box<dyn Painter>),
}

/// What is written at once.
pub(super) struct AtOnce<'a> {
    out: &'a mut dyn Write,
    connections: &'a mut BTreeMap<u32, Json>,
}

fn drawn_by(painter: impl Painter + 'static, look: Look) -> Hand {
    Hand::InTurn(if look.all { Box::new(painter) } else { Box::new(Folded::new(painter)) })
}

impl Sheet {
    /// Creates the file, or takes stdout.
    pub(super) fn open(form: Form, file: Option<&Path>, look: Look) -> Result<Self> {
        let out: Box<dyn Write> = match file {
            Some(path) => Box::new(File::create(path).with_context(|| path.display().to_string())?),
            None => Box::new(io::stdout()),
        };
        let hand = match form {
            Form::Json | Form::Pcapng => Hand::AtOnce(BTreeMap::new()),
            Form::Text => drawn_by(Text::new(look), look),
            Form::Svg => drawn_by(Svg::new(look), look),
            Form::Mermaid => drawn_by(Mermaid::new(look), look),
            Form::Packetdrill => Hand::InTurn(Box::new(Packetdrill::new())),
        };
        Ok(Self { out: BufWriter::new(out), hand })
    }

    /// Writes, if this form does not wait.
    pub(super) fn at_once(
        &mut self,
        draw: impl FnOnce(&mut AtOnce<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Hand::AtOnce(connections) = &mut self.hand else { return Ok(()) };
        draw(&mut AtOnce { out: &mut self.out, connections })?;
        self.out.flush()
    }

    /// Draws, if this form takes one connection at a time.
    pub(super) fn in_turn(
        &mut self,
        draw: impl FnOnce(&mut dyn Painter, &mut String),
    ) -> io::Result<()> {
        let Hand::InTurn(painter) = &mut self.hand else { return Ok(()) };
        let mut text = String::new();
        draw(&mut **painter, &mut text);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Writes what belongs at the end.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.in_turn(|painter, out| painter.finish(out))
    }
}

impl AtOnce<'_> {
    pub(super) fn start(&mut self, id: u32, heading: &Heading) -> io::Result<()> {
        self.connections.insert(id, Json::start(id, heading, self.out)?);
        Ok(())
    }

    pub(super) fn line(&mut self, id: u32, line: &Line) -> io::Result<()> {
        self.connections.get_mut(&id).map_or(Ok(()), |json| json.line(line, self.out))
    }

    pub(super) fn end(&mut self, id: u32, ending: &Ending) -> io::Result<()> {
        self.connections.remove(&id).map_or(Ok(()), |json| json.end(ending, self.out))
    }
}
