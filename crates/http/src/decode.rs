//! Content and transfer codings (RFC 9110 §8.4, RFC 9112 §7.2), undone as octets come.
//!
//! Output is handed out in pieces of bounded size, so that whoever asks for it can stop at any point. What ends too early
//! or goes on too long is a failure, and so is a wrong checksum.

mod brotli;
mod flate;
mod zstd;

use std::fmt;

use crate::failure::{Failure, Kind};
use crate::head::Fields;

/// A coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// gzip (RFC 1952), of any number of members.
    Gzip,
    /// deflate: zlib (RFC 1950), or what many send instead (RFC 1951).
    Deflate,
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878), with windows of 8 MiB at the most (RFC 9659).
    Zstd,
}

/// What `Accept-Encoding` says of [`Coding`]s.
pub const ACCEPTED: &str = "deflate, gzip, br, zstd";
/// More codings than anybody applies to one content.
const MOST_CODINGS: usize = 5;
/// Octets of output at a time.
const PIECE: usize = 64 * 1024;

impl Coding {
    /// By its registered name, or that of before (`x-gzip`).
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        match name.to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    fn layer(self) -> Box<dyn Layer> {
        match self {
            Self::Gzip => Box::new(flate::Gzip::default()),
            Self::Deflate => Box::new(flate::Deflate::default()),
            Self::Brotli => Box::new(brotli::Brotli::default()),
            Self::Zstd => Box::new(zstd::Zstd::default()),
        }
    }
}

/// The codings of a response's content (`Content-Encoding`), in the order in which they were applied. A failure where one
/// is not known or there are more than five; only to be asked for where there is a body to decode.
pub fn content_codings(fields: &Fields) -> Result<Vec<Coding>, Failure> {
    let mut codings = Vec::new();
    for name in words(fields.all("content-encoding")) {
        if name.eq_ignore_ascii_case(b"identity") || name.eq_ignore_ascii_case(b"none") {
            continue;
        }
        let coding = Coding::named(name).ok_or_else(unknown)?;
        if codings.len() == MOST_CODINGS {
            return Err(wrong(&format!(
                "Reject response exceeding limit of {MOST_CODINGS} content encodings"
            )));
        }
        codings.push(coding);
    }
    Ok(codings)
}

/// The elements of lists (RFC 9110 §5.6.1), without the empty ones.
pub(crate) fn words<'a>(values: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    let elements = values.flat_map(|value| value.split(|octet| *octet == b','));
    elements.map(<[u8]>::trim_ascii).filter(|word| !word.is_empty())
}

fn unknown() -> Failure {
    wrong(&format!(
        "Unrecognized content encoding type. fetch understands {ACCEPTED} content encodings."
    ))
}

fn wrong(text: &str) -> Failure {
    Failure::new(Kind::Encoding, text)
}

/// What is encoded is wrong.
fn broken(why: impl fmt::Display) -> Failure {
    wrong(&format!("Error while processing content unencoding: {why}"))
}

/// What is encoded ended before its end.
fn cut(coding: &str) -> Failure {
    broken(format_args!("the body ended inside of what {coding} encoded"))
}

/// What is encoded goes on behind its end: curl fails to write that, with this code.
fn trailing(coding: &str) -> Failure {
    let text = format!("octets follow the end of what {coding} encoded");
    Failure::new(Kind::Write, text)
}

/// One coding being undone.
trait Layer {
    /// Takes from `input` and writes to `output`: how many octets of each. No output although there is space: more input
    /// is needed.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Failure>;

    /// Whether it may end here.
    fn finish(&self) -> Result<(), Failure>;
}

/// Undoes a stack of codings.
#[derive(Debug)]
pub struct Decoder {
    /// The first is that of the wire.
    stages: Vec<Stage>,
}

/// A coding, and what came of it that nobody has taken.
struct Stage {
    layer: Box<dyn Layer>,
    out: Vec<u8>,
    from: usize,
    to: usize,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.to.saturating_sub(self.from))
    }
}

/// One step of [`Decoder::decode`].
#[derive(Debug)]
pub struct Step<'a> {
    /// How many octets of the front were used.
    pub consumed: usize,
    /// What came of them, and of those before; at most 64 KiB.
    pub output: &'a [u8],
}

impl Decoder {
    /// For codings in the order in which they were applied. With none, octets are handed through.
    #[must_use]
    pub fn new(codings: &[Coding]) -> Self {
        let stage =
            |coding: &Coding| Stage { layer: coding.layer(), out: vec![0; PIECE], from: 0, to: 0 };
        Self { stages: codings.iter().rev().map(stage).collect() }
    }

    /// Takes octets from the front until there is output. To be called again, with the rest of the octets and be it none,
    /// until all are consumed and there is no output.
    pub fn decode<'a>(&'a mut self, octets: &'a [u8]) -> Result<Step<'a>, Failure> {
        if self.stages.is_empty() {
            return Ok(Step { consumed: octets.len(), output: octets });
        }
        let mut consumed = 0;
        fill(&mut self.stages, octets, &mut consumed)?;
        Ok(Step { consumed, output: self.stages.last_mut().map_or(&[], Stage::take) })
    }

    /// The body ended, behind all that [`Decoder::decode`] took. A failure where that is not the end of what was encoded.
    pub fn finish(&self) -> Result<(), Failure> {
        self.stages.iter().try_for_each(|stage| stage.layer.finish())
    }
}

impl Stage {
    fn take(&mut self) -> &[u8] {
        let taken = self.out.get(self.from..self.to).unwrap_or_default();
        self.from = self.to;
        taken
    }
}

/// Has the last stage produce something, from what the stages below it produce; what it had is gone. `false`: more octets
/// are needed.
fn fill(stages: &mut [Stage], octets: &[u8], consumed: &mut usize) -> Result<bool, Failure> {
    let Some((last, below)) = stages.split_last_mut() else { return Ok(false) };
    (last.from, last.to) = (0, 0);
    loop {
        let is_dry = match below.last() {
            Some(before) if before.from == before.to => !fill(below, octets, consumed)?,
            Some(_) => false,
            None => *consumed == octets.len(),
        };
        let input = match below.last() {
            Some(before) => before.out.get(before.from..before.to),
            None => octets.get(*consumed..),
        };
        let input = input.unwrap_or_default();
        let (used, made) = last.layer.step(input, &mut last.out)?;
        match below.last_mut() {
            Some(before) => before.from = before.to.min(before.from.saturating_add(used)),
            None => *consumed = octets.len().min(consumed.saturating_add(used)),
        }
        if made > 0 {
            last.to = made.min(last.out.len());
            return Ok(true);
        }
        if is_dry {
            return Ok(false);
        }
        if used == 0 {
            return Err(broken("no progress"));
        }
    }
}

#[cfg(test)]
mod tests;
