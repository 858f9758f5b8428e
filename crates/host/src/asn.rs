use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;

mod ranges;

use ranges::{Ranges, Span, Value};

/// Who announces which prefix, as a local table has it. It asks nobody.
///
/// Sixteen bytes an IPv4 prefix at the most, and forty an IPv6 one: the whole of the Internet's fits
/// in less than 40 MiB.
#[derive(Debug)]
pub struct AsTable {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
    sets: Vec<Arc<[u32]>>,
    bad_lines: usize,
}

/// A table that is of no use: which, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct AsError {
    path: PathBuf,
    why: Fault,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{}", errno_text(.0))]
    Read(#[from] io::Error),
    #[error("line {line}: not a prefix and the number of its AS, and no other line is")]
    NoGoodLine { line: usize },
    #[error("no prefix in it")]
    Empty,
    #[error("more than {} MiB or {MOST_PREFIXES} prefixes", LONGEST_FILE >> 20)]
    TooLarge,
}

/// In octets.
const LONGEST_FILE: u64 = 1 << 30;

/// In octets, its end included.
const LONGEST_LINE: u64 = 4096;

/// Three times what the Internet had in 2025, of both families.
const MOST_PREFIXES: usize = 1 << 22;

/// Of one prefix. Where there are more, the rest are left out.
const MOST_ORIGINS: usize = 32;

impl AsTable {
    /// Reads a table, of prefixes of either family or of both, a line each:
    ///
    /// - as pyasn has it, `192.0.2.0/24 64496`
    /// - as `RouteViews` has it (pfx2as), `192.0.2.0 24 64496`
    ///
    /// Several origins stand with `_` or `,` between them. Empty lines, and those that begin with
    /// `;` or `#`, say nothing. A line that makes no sense, or is longer than 4 KiB, is skipped and
    /// counted. Where a prefix is there twice it has the origins of both.
    ///
    /// The error names the file: it cannot be read, has no good line, or has a GiB or more.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, AsError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Fault::Read);
        let table = file.and_then(|file| Self::parse(file, LONGEST_FILE));
        table.map_err(|why| AsError { path: path.to_owned(), why })
    }

    /// The numbers of the autonomous systems that announce the longest prefix that an address is
    /// in; none if it is in none.
    #[must_use]
    pub fn lookup(&self, address: IpAddr) -> &[u32] {
        let found = match address.to_canonical() {
            IpAddr::V4(v4) => self.v4.get(v4.into()),
            IpAddr::V6(v6) => self.v6.get(v6.into()),
        };
        found.map_or(&[], |value| &self.sets[index(value)])
    }

    /// How many lines made no sense.
    #[must_use]
    pub const fn bad_lines(&self) -> usize {
        self.bad_lines
    }

    fn parse(input: impl Read, longest: u64) -> Result<Self, Fault> {
        let mut input = BufReader::with_capacity(1 << 16, input).take(longest);
        let (mut builder, mut line) = (Builder::default(), Vec::new());
        while let Some(is_whole) = next_line(&mut input, &mut line)? {
            builder.line(if is_whole { &line } else { b"too long" })?;
        }
        if input.limit() == 0 { Err(Fault::TooLarge) } else { builder.finish() }
    }
}

/// Puts the next line into the buffer, if there is one; and whether all of it is there.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    if input.take(LONGEST_LINE).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let is_whole = line.ends_with(b"\n") || (line.len() as u64) < LONGEST_LINE;
    if !is_whole {
        input.skip_until(b'\n')?;
    }
    Ok(Some(is_whole))
}

/// A table whose lines are still being read.
#[derive(Default)]
struct Builder {
    v4: Vec<Span<u32>>,
    v6: Vec<Span<u128>>,
    sets: Sets,
    lines: usize,
    bad_lines: usize,
    first_bad: Option<usize>,
}

impl Builder {
    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        self.lines += 1;
        let line = line.trim_ascii();
        if matches!(line.first(), None | Some(b';' | b'#')) {
            return Ok(());
        }
        match parse_line(line) {
            Some((prefix, origins)) => self.add(prefix, origins),
            None => self.skip(),
        }
        let prefixes = self.v4.len() + self.v6.len();
        if prefixes > MOST_PREFIXES { Err(Fault::TooLarge) } else { Ok(()) }
    }

    fn add(&mut self, prefix: IpNet, origins: Vec<u32>) {
        let value = self.sets.intern(origins);
        match prefix {
            IpNet::V4(net) => {
                let (first, last) = (net.network().into(), net.broadcast().into());
                self.v4.push(Span { first, last, value });
            }
            IpNet::V6(net) => {
                let (first, last) = (net.network().into(), net.broadcast().into());
                self.v6.push(Span { first, last, value });
            }
        }
    }

    fn skip(&mut self) {
        self.bad_lines += 1;
        self.first_bad.get_or_insert(self.lines);
    }

    fn finish(mut self) -> Result<AsTable, Fault> {
        if self.v4.is_empty() && self.v6.is_empty() {
            return Err(self.first_bad.map_or(Fault::Empty, |line| Fault::NoGoodLine { line }));
        }
        let v4 = Ranges::new(self.v4, |a, b| self.sets.merge(a, b));
        let v6 = Ranges::new(self.v6, |a, b| self.sets.merge(a, b));
        Ok(AsTable { v4, v6, sets: self.sets.all, bad_lines: self.bad_lines })
    }
}

/// Each set of origins once: a hundred thousand systems announce a million prefixes.
#[derive(Default)]
struct Sets {
    all: Vec<Arc<[u32]>>,
    values: HashMap<Arc<[u32]>, Value>,
}

impl Sets {
    fn intern(&mut self, origins: Vec<u32>) -> Value {
        if let Some(value) = self.values.get(origins.as_slice()) {
            return *value;
        }
        let origins: Arc<[u32]> = origins.into();
        self.all.push(origins.clone());
        let count = u32::try_from(self.all.len()).ok();
        let value = count.and_then(Value::new).expect("no more than MOST_PREFIXES, twice");
        self.values.insert(origins, value);
        value
    }

    fn merge(&mut self, a: Value, b: Value) -> Value {
        let mut merged = self.all[index(a)].to_vec();
        for origin in self.all[index(b)].iter() {
            add_origin(&mut merged, *origin);
        }
        self.intern(merged)
    }
}

/// Where in `all` a set lies: they are counted from one.
const fn index(value: Value) -> usize {
    value.get() as usize - 1
}

/// A prefix and its origins, of which there is one at least.
fn parse_line(line: &[u8]) -> Option<(IpNet, Vec<u32>)> {
    let mut words = str::from_utf8(line).ok()?.split_ascii_whitespace();
    let first = words.next()?;
    let (address, length) = match first.split_once('/') {
        Some(prefix) => prefix,
        None => (first, words.next()?),
    };
    let prefix = IpNet::new(address.parse().ok()?, length.parse().ok()?).ok()?;
    let origins = parse_origins(words.next()?)?;
    words.next().is_none().then_some((prefix, origins))
}

/// `64496`, or several as `64496_64497`, `64496,64497` or `{64496,64497}`.
fn parse_origins(word: &str) -> Option<Vec<u32>> {
    let mut origins = Vec::with_capacity(1);
    for origin in word.split(['_', ',']) {
        add_origin(&mut origins, parse_origin(origin.trim_matches(['{', '}']))?);
    }
    Some(origins)
}

/// `64496` or `AS64496` (RFC 5396 §2, asplain).
pub(crate) fn parse_origin(word: &str) -> Option<u32> {
    let has_prefix = word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("AS"));
    let number = if has_prefix { &word[2..] } else { word };
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| number.parse().ok())?
}

/// Adds one that is not there yet, while there is room.
pub(crate) fn add_origin(origins: &mut Vec<u32>, origin: u32) {
    if origins.len() < MOST_ORIGINS && !origins.contains(&origin) {
        origins.push(origin);
    }
}

/// As C has it: without the ` (os error 2)` that Rust adds.
fn errno_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(plain, _)| plain).to_owned()
}

#[cfg(test)]
mod tests;
