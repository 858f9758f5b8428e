//! The lines of `-f`: each is a command line, and one that makes no sense does not end the batch.

use std::io::{self, BufRead, Read as _};
use std::sync::Arc;

use crate::options::{Defaults, Options, Query, Said};
use crate::reader::{Reader, Source, class, finish, kind, serial};
use crate::state::State;
use crate::stop::Stop;

/// Octets of a line that dig takes, without the newline.
const OCTETS: usize = 1022;

impl Defaults {
    pub(crate) fn new(state: State) -> Self {
        Self(state)
    }
}

/// What a line of a batch comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its queries: one, mostly.
    pub queries: Vec<Query>,
    /// Warnings.
    pub said: Said,
}

/// Why a line cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: u64,
    /// Why, in one line.
    pub why: String,
}

/// The lines of a batch, as they are read: no more than one is kept.
pub struct Batch<R> {
    input: R,
    state: State,
    /// The options of a line that is a name and no more.
    plain: Option<Arc<Options>>,
    number: u64,
    line: Vec<u8>,
    has_failed: bool,
}

impl<R: BufRead> Batch<R> {
    /// The lines of `input`, each beginning with what the command line said.
    pub fn new(input: R, defaults: Defaults) -> Self {
        let line = Vec::with_capacity(256);
        Self { input, state: defaults.0, plain: None, number: 0, line, has_failed: false }
    }

    /// The next line that is neither empty nor a comment. `Ok(None)` at the end.
    ///
    /// # Errors
    /// Where the file cannot be read further.
    pub fn next_line(&mut self) -> io::Result<Option<Result<Line, BadLine>>> {
        while self.fill()? {
            self.number += 1;
            let is_comment = matches!(self.line.first(), Some(b'#' | b';'));
            if !is_comment && !self.line.trim_ascii().is_empty() {
                return Ok(Some(self.read()));
            }
        }
        Ok(None)
    }

    /// Takes in one line, of a long one only the beginning.
    fn fill(&mut self) -> io::Result<bool> {
        self.line.clear();
        let limit = u64::try_from(OCTETS + 2).unwrap_or(u64::MAX);
        if self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if self.line.len() > OCTETS {
            skip_line(&mut self.input)?;
        }
        Ok(true)
    }

    fn read(&mut self) -> Result<Line, BadLine> {
        let number = self.number;
        let bad = |why: &str| BadLine { number, why: why.to_owned() };
        if self.line.len() > OCTETS {
            return Err(bad("line has more than 1022 octets"));
        }
        let text = escaped(&self.line);
        let lone = lone_name(&text).filter(|_| !self.state.process.command);
        if let Some(name) = lone.map(str::to_owned) {
            let options = self.plain().map_err(|stop| bad(&stop.why))?;
            let query = Query { name, greeting: None, options };
            return Ok(Line { number, queries: vec![query], said: Said::default() });
        }
        let words = text.split_ascii_whitespace().map(Into::into).collect();
        let mut said = Said::default();
        let before = self.state.clone();
        let read = Reader::new(&mut self.state, &mut said, Source::Batch, words).read(false);
        self.plain = None;
        match read.and_then(|drafts| finish(drafts, &self.state)) {
            Ok(queries) => Ok(Line { number, queries, said }),
            Err(stop) => {
                self.state = before;
                let first = stop.stdout.lines().chain(stop.why.lines());
                let why: Vec<_> = first.filter(|line| !line.is_empty()).collect();
                Err(bad(&why.join(": ")))
            }
        }
    }

    fn plain(&mut self) -> Result<Arc<Options>, Stop> {
        if let Some(options) = &self.plain {
            return Ok(Arc::clone(options));
        }
        let mut options = self.state.template.clone();
        self.state.process.stamp(&mut options)?;
        Ok(Arc::clone(self.plain.insert(Arc::new(options))))
    }
}

impl<R: BufRead> Iterator for Batch<R> {
    type Item = Result<Line, BadLine>;

    /// A file that cannot be read further is one more bad line, and the last.
    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        self.next_line().unwrap_or_else(|error| {
            self.has_failed = true;
            Some(Err(BadLine { number: self.number + 1, why: error.to_string() }))
        })
    }
}

/// The one word of a line, if it can be nothing but a name.
fn lone_name(line: &str) -> Option<&str> {
    let word = line.trim_ascii();
    let is_plain = !word.bytes().any(|octet| octet.is_ascii_whitespace())
        && !matches!(word.as_bytes().first(), None | Some(b'@' | b'+' | b'-' | b'%'));
    // Types and classes have no dot, and nearly all names have.
    let is_name = is_plain
        && serial(word).is_none()
        && (word.contains('.') || (kind(word).is_none() && class(word).is_none()));
    is_name.then_some(word)
}

fn escaped(line: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => text.into(),
        Err(_) => crate::grammar::text(line).into(),
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, is_end) = match buffer.iter().position(|octet| *octet == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if is_end {
            return Ok(());
        }
    }
}
