//! Files of options (`-K`, `~/.curlrc`): curl's form, one option on a line.

use std::path::Path;

use crate::grammar::{Done, Misuse, Reading};
use crate::surroundings::contents;

/// Files within files.
const DEEPEST: u8 = 10;

/// Reads one. What is wrong with it has been said where this fails.
pub(crate) fn read(reading: &mut Reading, path: &Path) -> Done {
    let shown = path.to_string_lossy().into_owned();
    if reading.depth >= DEEPEST {
        reading.error(&format!("config file recursion level limit reached at '{shown}'"));
        return Err(Misuse::ReadError);
    }
    let octets = contents(path).map_err(|_| Misuse::ReadError)?;
    reading.depth = reading.depth.saturating_add(1);
    let read = lines(reading, if shown == "-" { "<stdin>" } else { &shown }, &octets);
    reading.depth = reading.depth.saturating_sub(1);
    read
}

/// What `-K` names must be there.
pub(crate) fn read_named(reading: &mut Reading, path: &Path) -> Done {
    let read = read(reading, path);
    if matches!(read, Err(Misuse::ReadError)) {
        reading.error(&format!("cannot read config from '{}'", path.to_string_lossy()));
    }
    read
}

fn lines(reading: &mut Reading, name: &str, octets: &[u8]) -> Done {
    for (line, number) in octets.split(|octet| *octet == b'\n').zip(1_u32..) {
        let Some(line) = Line::read(line) else { continue };
        let option = String::from_utf8_lossy(line.option).into_owned();
        if line.has_rest {
            reading.warn(&format!("{name}:{number}: warning: '{option}' uses unquoted whitespace"));
            reading.warn("This may cause side-effects. Consider using double quotes?");
        }
        let word = line.word.as_deref();
        let misuse = match reading.option(line.option, word) {
            Ok(took) if took || word.is_none_or(<[u8]>::is_empty) => continue,
            Ok(_) => Misuse::Trailing,
            Err(Misuse::Stop(stop)) => return Err(Misuse::Stop(stop)),
            Err(misuse) => misuse,
        };
        reading.error(&format!("{name}:{number}: '{option}' {}", misuse.text()));
        return Err(Misuse::ReadError);
    }
    Ok(())
}

/// A line with an option.
struct Line<'a> {
    option: &'a [u8],
    word: Option<Vec<u8>>,
    /// There is more behind a word without quotes.
    has_rest: bool,
}

impl<'a> Line<'a> {
    /// `None` for comments and empty lines.
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_start();
        let first = line.first()?;
        if matches!(first, b'#' | b'/' | b'*' | 0) {
            return None;
        }
        let is_dashed = *first == b'-';
        let separates = |octet: &u8| {
            octet.is_ascii_whitespace() || (!is_dashed && matches!(octet, b'=' | b':'))
        };
        let end = line.iter().position(separates).unwrap_or(line.len());
        let (option, rest) = line.split_at_checked(end)?;
        let start = rest.iter().position(|octet| !separates(octet)).unwrap_or(rest.len());
        let rest = rest.get(start..).unwrap_or_default();
        let (word, has_rest) = match rest.strip_prefix(b"\"") {
            Some(quoted) => (Some(unquoted(quoted)), false),
            None => bare(rest),
        };
        Some(Self { option, word, has_rest })
    }
}

/// Up to the next quote: `\t`, `\n`, `\r`, `\v` are what they are in C, and other letters behind a backslash are
/// themselves.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut word = Vec::new();
    let mut octets = text.iter().copied();
    while let Some(octet) = octets.next() {
        match octet {
            b'"' => break,
            b'\\' => word.extend(octets.next().map(|octet| match octet {
                b't' => b'\t',
                b'n' => b'\n',
                b'r' => b'\r',
                b'v' => 0x0b,
                other => other,
            })),
            other => word.push(other),
        }
    }
    word
}

/// Up to the next white space, and whether there is something behind that is no comment.
fn bare(text: &[u8]) -> (Option<Vec<u8>>, bool) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or_default();
    let has_rest = !matches!(rest.trim_ascii().first(), None | Some(b'#'));
    ((!word.is_empty()).then(|| word.to_vec()), has_rest)
}

#[cfg(test)]
mod tests;
