//! The lines of `-f`: each is a command line, and one that makes no sense does not end the batch.

use std::io::{self, BufRead, Read as _};
use std::sync::Arc;

use crate::options::{Defaults, Greeting, Options, Query, Said};
use crate::reader::{Reader, Source, class, finish, kind, serial};
use crate::state::State;
use crate::stop::Stop;

/// Octets of a line that dig takes, without the newline.
const OCTETS: usize = 1022;

impl Defaults {
    pub(crate) fn new(state: State) -> Self {
        Self(state)
    }

    /// How a name is asked of which a line says no more.
    pub(crate) fn options(&self) -> Result<Options, Stop> {
        let State { template, process, .. } = &self.0;
        let mut options = template.clone();
        process.stamp(&mut options)?;
        Ok(options)
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
                let line = std::mem::take(&mut self.line);
                let read = self.read(&line);
                self.line = line;
                return Ok(Some(read));
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

    fn read(&mut self, line: &[u8]) -> Result<Line, BadLine> {
        let number = self.number;
        let bad = |why: &str| BadLine { number, why: why.to_owned() };
        if line.len() > OCTETS {
            return Err(bad("line has more than 1022 octets"));
        }
        let text = escaped(line);
        if let Some(name) = lone_name(&text).map(str::to_owned) {
            let options = self.plain().map_err(|stop| bad(&stop.why))?;
            let greeting = self.greeting(&name);
            let query = Query { name, greeting, options };
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

    /// As the reader greets, whose line has this word only. No JSON has it.
    fn greeting(&mut self, name: &str) -> Option<Greeting> {
        let State { process, globals, .. } = &mut self.state;
        (process.command && !globals.json).then(|| Greeting {
            words: vec![name.to_owned()],
            is_first: !std::mem::replace(&mut process.greeted, true),
            server: process.server.clone(),
            short: process.short,
        })
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

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::grammar::{Surroundings, read};

    fn batch<'a>(words: &str, text: &'a [u8]) -> Batch<&'a [u8]> {
        let words: Vec<OsString> = words.split_whitespace().map(Into::into).collect();
        let line = read(&words, &Surroundings::default()).map_err(|_| ()).unwrap();
        Batch::new(text, line.defaults)
    }

    fn told(words: &str, text: &[u8]) -> Vec<String> {
        let told = |line: Result<Line, BadLine>| match line {
            Ok(line) => {
                let queries = line.queries.iter();
                let queries =
                    queries.map(|query| format!(" {} {}", query.name, query.options.kind));
                format!("{}{}", line.number, queries.collect::<String>())
            }
            Err(bad) => format!("{} {}", bad.number, bad.why),
        };
        batch(words, text).map(told).collect()
    }

    #[test]
    fn lines_are_command_lines() {
        let text =
            b"a.lab\n# no\n\n;no\nmx b.lab\r\nc.lab d.lab txt\n  e.lab  \nMX\n-x 192.0.2.1\nlast";
        for words in ["-f x", "+short -f x"] {
            assert_eq!(
                told(words, text),
                [
                    "1 a.lab A",
                    "5 b.lab MX",
                    "6 c.lab A d.lab TXT",
                    "7 e.lab A",
                    "8 . NS",
                    "9 1.2.0.192.in-addr.arpa. PTR",
                    "10 last A"
                ]
            );
        }
    }

    #[test]
    fn bad_lines_are_told_and_do_not_end_the_batch() {
        let long = [b"a".repeat(100_000).as_slice(), b"\nb.lab\n"].concat();
        assert_eq!(told("-f x", &long), ["1 line has more than 1022 octets", "2 b.lab A"]);
        assert_eq!(
            told("-f x", b"a +foo\na +edns=300\n-k x a\nb.lab"),
            [
                "1 Invalid option: +foo",
                "2 invalid edns '300': out of range: Couldn't parse edns",
                "3 -k is for a whole run, not for a line of it",
                "4 b.lab A"
            ]
        );
        assert_eq!(told("-f x", b"\xff.lab"), ["1 \\255.lab A"]);
    }

    #[test]
    fn lines_begin_with_what_the_command_line_said() {
        let text = b"a.lab\na.lab txt +cd\nb.lab\n";
        let lines: Vec<_> = batch("+short +aa -t mx -f x", text).map(Result::unwrap).collect();
        let kinds: Vec<_> =
            lines.iter().map(|line| line.queries[0].options.kind.to_string()).collect();
        assert_eq!(kinds, ["MX", "TXT", "MX"]);
        assert!(lines.iter().all(|line| line.queries[0].options.header.aa));
    }

    #[test]
    fn names_share_their_options() {
        let lines: Vec<_> = batch("+short -f x", b"a.lab\nb.lab\n").map(Result::unwrap).collect();
        assert!(Arc::ptr_eq(&lines[0].queries[0].options, &lines[1].queries[0].options));
    }
}
