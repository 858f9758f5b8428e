//! Globs in URLs: `{a,b}`, `[1-9]`, `[a-z:2]` (curl(1), GLOBBING).
//!
//! One URL after the other: there may be more of them than there is memory.

use std::fmt;

/// Globs of a URL: more than anybody writes.
const MOST_GLOBS: usize = 100;
/// Octets of a text that is shown when it is wrong.
const SHOWN: usize = 512;
/// From the first letter to the last.
const ALPHABET: u8 = 25;

/// What of a URL's text is written by globs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    pieces: Vec<Piece>,
    count: u64,
}

/// A part of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// The same in every URL.
    Fixed(String),
    /// One of these.
    Set(Vec<String>),
    /// Letters.
    Letters { first: u8, last: u8, step: u8 },
    /// Numbers, with zeros before them up to a width.
    Numbers { first: u64, last: u64, step: u64, width: usize },
}

/// Where a glob is wrong, for exit code 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GlobError {
    /// In three lines, with a caret below the place; in one, where the URL is too long for that.
    pub(crate) text: String,
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A URL that a glob stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Globbed {
    /// Its text.
    pub(crate) url: String,
    /// What stands for each glob, in order.
    pub(crate) parts: Vec<String>,
}

impl Glob {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Result<Self, GlobError> {
        let mut reader = Reader { text: text.as_bytes(), at: 0 };
        let pieces = reader.pieces();
        let counted = pieces.and_then(|pieces| {
            let count = count(&pieces).ok_or(Wrong { what: "range overflow", at: text.len() })?;
            Ok(Self { pieces, count })
        });
        counted.map_err(|wrong| wrong.in_text(text))
    }

    /// Without globs (`-g`).
    pub(crate) fn literal(text: &str) -> Self {
        Self { pieces: vec![Piece::Fixed(text.to_owned())], count: 1 }
    }

    /// How many URLs it stands for.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// One of them, from 0.
    pub(crate) fn nth(&self, nth: u64) -> Option<Globbed> {
        if nth >= self.count {
            return None;
        }
        let (mut texts, mut rest) = (Vec::with_capacity(self.pieces.len()), nth);
        // The last is the fastest.
        for piece in self.pieces.iter().rev() {
            let many = piece.count().unwrap_or(1).max(1);
            texts.push(piece.nth(rest.checked_rem(many)?));
            rest = rest.checked_div(many)?;
        }
        texts.reverse();
        let url = texts.concat();
        let globs = self.pieces.iter().zip(texts);
        let globs = globs.filter(|(piece, _)| !matches!(piece, Piece::Fixed(_)));
        Some(Globbed { url, parts: globs.map(|(_, text)| text).collect() })
    }

    /// All of them, in order.
    pub(crate) fn urls(&self) -> impl Iterator<Item = Globbed> {
        (0..self.count).filter_map(|nth| self.nth(nth))
    }
}

impl Globbed {
    /// An output name with `#1`, `#2` … replaced; those that there are not are left.
    pub(crate) fn name(&self, template: &str) -> String {
        let mut pieces = template.split('#');
        let mut name = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|it: char| !it.is_ascii_digit()).unwrap_or(piece.len());
            let (number, rest) = piece.split_at_checked(end).unwrap_or((piece, ""));
            let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            if let Some(part) = index.and_then(|index| self.parts.get(index)) {
                name.push_str(part);
            } else {
                name.push('#');
                name.push_str(number);
            }
            name.push_str(rest);
        }
        name
    }
}

/// `None` where it is more than can be counted.
fn count(pieces: &[Piece]) -> Option<u64> {
    let mut counts = pieces.iter().map(Piece::count);
    let count = counts.try_fold(1_u64, |all, more| all.checked_mul(more?))?;
    i64::try_from(count).ok().map(|_| count)
}

impl Piece {
    fn count(&self) -> Option<u64> {
        match self {
            Self::Fixed(_) => Some(1),
            Self::Set(set) => u64::try_from(set.len()).ok(),
            Self::Letters { first, last, step } => {
                let more = last.checked_sub(*first)?.checked_div(*step)?;
                Some(u64::from(more).saturating_add(1))
            }
            Self::Numbers { first, last, step, .. } => {
                last.checked_sub(*first)?.checked_div(*step)?.checked_add(1)
            }
        }
    }

    fn nth(&self, nth: u64) -> String {
        match self {
            Self::Fixed(text) => text.clone(),
            Self::Set(set) => {
                let nth = usize::try_from(nth).unwrap_or(usize::MAX);
                set.get(nth).cloned().unwrap_or_default()
            }
            Self::Letters { first, step, .. } => {
                let nth = u8::try_from(nth).unwrap_or(u8::MAX);
                char::from(first.saturating_add(step.saturating_mul(nth))).to_string()
            }
            Self::Numbers { first, step, width, .. } => {
                format!("{:0width$}", first.saturating_add(step.saturating_mul(nth)))
            }
        }
    }
}

/// What is wrong, and where, in octets from 0.
#[derive(Debug)]
struct Wrong {
    what: &'static str,
    at: usize,
}

impl Wrong {
    /// In curl's words, on one line: the number says where, also on a line that is shown escaped.
    fn in_text(&self, text: &str) -> GlobError {
        let position = self.at.saturating_add(1);
        let line = format!("{} in URL position {position}:", self.what);
        if text.len() > SHOWN {
            return GlobError { text: line };
        }
        GlobError { text: format!("{line} {text}") }
    }
}

/// Reads a URL's text.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.peek_behind(0)
    }

    fn peek_behind(&self, more: usize) -> Option<u8> {
        self.text.get(self.at.checked_add(more)?).copied()
    }

    fn skip(&mut self, octets: usize) {
        self.at = self.at.saturating_add(octets);
    }

    fn wrong<T>(&self, what: &'static str) -> Result<T, Wrong> {
        Err(Wrong { what, at: self.at })
    }

    fn pieces(&mut self) -> Result<Vec<Piece>, Wrong> {
        let (mut pieces, mut globs) = (Vec::new(), 0_usize);
        while self.peek().is_some() {
            let fixed = self.fixed()?;
            if !fixed.is_empty() {
                pieces.push(Piece::Fixed(fixed));
            }
            let piece = match self.peek() {
                Some(b'{') => self.set()?,
                Some(b'[') => self.range()?,
                _ => continue,
            };
            globs = globs.saturating_add(1);
            if globs > MOST_GLOBS {
                return self.wrong("too many {} sets");
            }
            pieces.push(piece);
            // What the next glob counts for is wrong where it stands.
            if count(&pieces).is_none() {
                return self.wrong("range overflow");
            }
        }
        Ok(pieces)
    }

    /// Up to a glob or the end.
    fn fixed(&mut self) -> Result<String, Wrong> {
        let mut fixed = Vec::new();
        while let Some(octet) = self.peek() {
            let escaped = self.peek_behind(1).filter(|next| b"{}[]".contains(next));
            match (octet, escaped) {
                (b'\\', Some(escaped)) => {
                    fixed.push(escaped);
                    self.skip(2);
                    continue;
                }
                (b'{', _) => break,
                (b'[', _) => match self.brackets() {
                    Some(literal) => {
                        fixed.extend_from_slice(literal.as_bytes());
                        self.skip(literal.len());
                        continue;
                    }
                    None => break,
                },
                (b'}' | b']', _) => return self.wrong("unmatched close brace/bracket"),
                _ => fixed.push(octet),
            }
            self.skip(1);
        }
        Ok(String::from_utf8_lossy(&fixed).into_owned())
    }

    /// Brackets that are none of a glob: `[]`, and around an IPv6 address.
    fn brackets(&self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let end = rest.iter().position(|octet| *octet == b']')?;
        let inside = std::str::from_utf8(rest.get(1..end)?).ok()?;
        let address = inside.split_once('%').map_or(inside, |(address, _)| address);
        let is_literal = inside.is_empty() || address.parse::<std::net::Ipv6Addr>().is_ok();
        is_literal.then(|| format!("[{inside}]"))
    }

    /// Behind `{`.
    fn set(&mut self) -> Result<Piece, Wrong> {
        let begin = self.at;
        let (mut set, mut element) = (Vec::new(), Vec::new());
        let text =
            |element: &mut Vec<u8>| String::from_utf8_lossy(&std::mem::take(element)).into_owned();
        self.skip(1);
        loop {
            match self.peek() {
                None => return Err(Wrong { what: "unmatched brace", at: begin }),
                Some(b'{' | b'[') => return self.wrong("nested brace"),
                Some(b']') => return self.wrong("unexpected close bracket"),
                Some(b'}') if set.is_empty() && element.is_empty() => {
                    return self.wrong("empty string within braces");
                }
                Some(b'}') => break,
                Some(b',') => set.push(text(&mut element)),
                Some(b'\\') => {
                    element.push(self.peek_behind(1).unwrap_or(b'\\'));
                    self.skip(1);
                }
                Some(octet) => element.push(octet),
            }
            self.skip(1);
        }
        set.push(text(&mut element));
        self.skip(1);
        Ok(Piece::Set(set))
    }

    /// Behind `[`.
    fn range(&mut self) -> Result<Piece, Wrong> {
        self.skip(1);
        match self.peek() {
            Some(octet) if octet.is_ascii_alphabetic() => self.letters(octet),
            Some(octet) if octet.is_ascii_digit() => self.numbers(octet),
            _ => self.wrong("bad range specification"),
        }
    }

    fn letters(&mut self, first: u8) -> Result<Piece, Wrong> {
        let parts = (self.peek_behind(1), self.peek_behind(2), self.peek_behind(3));
        let (Some(b'-'), Some(last), Some(b']' | b':')) = parts else {
            return self.wrong("bad range");
        };
        self.skip(3);
        let step = self.step()?;
        let span = u64::from(last.saturating_sub(first));
        let is_good = first <= last && span <= u64::from(ALPHABET) && is_step(step, span);
        match u8::try_from(step) {
            Ok(step) if is_good => Ok(Piece::Letters { first, last, step }),
            _ => self.wrong("bad range"),
        }
    }

    fn numbers(&mut self, begin: u8) -> Result<Piece, Wrong> {
        let start = self.at;
        let first = self.number()?;
        let width = if begin == b'0' { self.at.saturating_sub(start) } else { 0 };
        if self.peek() != Some(b'-') {
            return self.wrong("bad range");
        }
        self.skip(1);
        while self.peek() == Some(b' ') {
            self.skip(1);
        }
        let last = self.number()?;
        let step = self.step()?;
        let is_good = last.checked_sub(first).is_some_and(|span| is_step(step, span));
        if is_good {
            Ok(Piece::Numbers { first, last, step, width })
        } else {
            self.wrong("bad range")
        }
    }

    /// `:` and a step, where there is one, and `]`.
    fn step(&mut self) -> Result<u64, Wrong> {
        let mut step = 1;
        if self.peek() == Some(b':') {
            self.skip(1);
            step = self.number()?;
        }
        if self.peek() != Some(b']') {
            return self.wrong("bad range");
        }
        self.skip(1);
        Ok(step)
    }

    /// Not more than is in 63 bits.
    fn number(&mut self) -> Result<u64, Wrong> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|octet| !octet.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..end).and_then(|digits| std::str::from_utf8(digits).ok());
        let number = digits.and_then(|digits| digits.parse::<i64>().ok());
        let Some(number) = number.and_then(|number| u64::try_from(number).ok()) else {
            return self.wrong("bad range");
        };
        self.skip(end);
        Ok(number)
    }
}

/// Whether a step leads from the first to another, or there is no other.
fn is_step(step: u64, span: u64) -> bool {
    step > 0 && (step <= span || (span == 0 && step == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        Glob::parse(text).unwrap().urls().map(|one| one.url).collect()
    }

    #[test]
    fn globs_are_written_out_as_curl_does() {
        for (text, wanted) in [
            ("h/[1-3]", "h/1 h/2 h/3"),
            ("h/[08-11]", "h/08 h/09 h/10 h/11"),
            ("h/[001-100:50]", "h/001 h/051"),
            ("h/[0-10:5]", "h/0 h/5 h/10"),
            ("h/[1-5:4]", "h/1 h/5"),
            ("h/[1- 2]", "h/1 h/2"),
            ("h/[a-z:10]", "h/a h/k h/u"),
            ("h/[a-a]", "h/a"),
            ("h/{a,b}/{1,2}", "h/a/1 h/a/2 h/b/1 h/b/2"),
            ("h/{,a}", "h/ h/a"),
            ("h/{a\\,b,c\\}}", "h/a,b h/c}"),
            ("h/\\{a\\}\\[1\\]\\x", "h/{a}[1]\\x"),
            ("[::1]/[1-2]", "[::1]/1 [::1]/2"),
            ("[fe80::1%25lo]/[]{é}", "[fe80::1%25lo]/[]é"),
        ] {
            assert_eq!(urls(text).join(" "), wanted, "{text}");
        }
    }

    #[test]
    fn wrong_globs_are_shown_where_they_are_wrong() {
        for (text, what, position) in [
            ("http://h/[1-", "bad range", 13),
            ("http://h/[5-1]", "bad range", 15),
            ("http://h/{a", "unmatched brace", 10),
            ("http://h/{a\\", "unmatched brace", 10),
            ("http://h/{}", "empty string within braces", 11),
            ("http://h/a}", "unmatched close brace/bracket", 11),
            ("http://h/]", "unmatched close brace/bracket", 10),
            ("http://h/[a-zz]", "bad range", 11),
            ("http://h/[1-5:0]", "bad range", 17),
            ("http://h/[1-5:5]", "bad range", 17),
            ("http://h/[A-z]", "bad range", 15),
            ("http://h/[a-c:]", "bad range", 15),
            ("http://h/[a-c:2", "bad range", 16),
            ("http://h/[1:2]", "bad range", 12),
            ("http://h/[1-3 ]", "bad range", 14),
            ("http://h/[001-100:10x]", "bad range", 21),
            ("http://h/{a}{[1-2],b}", "nested brace", 14),
            ("http://h/{a,b]}", "unexpected close bracket", 14),
            ("http://h/[-1-3]", "bad range specification", 11),
            ("http://[::1/[1-2]", "bad range specification", 9),
            ("http://h/[1-99999999999999999999]", "bad range", 13),
            ("http://h/[1-9999999999999][1-99999999999]", "range overflow", 42),
        ] {
            let wanted = format!("{what} in URL position {position}: {text}");
            assert_eq!(Glob::parse(text).unwrap_err().text, wanted);
        }
    }

    #[test]
    fn very_many_urls_are_counted_and_not_held() {
        let glob = Glob::parse("h/[1-9223372036854775807]").unwrap();
        assert_eq!(glob.count(), 9_223_372_036_854_775_807);
        assert_eq!(glob.nth(glob.count() - 1).unwrap().url, "h/9223372036854775807");
        assert_eq!(glob.nth(glob.count()), None);
        assert!(Glob::parse("h/[0-9223372036854775807]").is_err());
        assert!(Glob::parse(&"{a}".repeat(101)).is_err());
    }

    #[test]
    fn names_have_what_stands_for_globs() {
        let one = Glob::parse("http://{a,b}/[1-2]").unwrap().nth(3).unwrap();
        assert_eq!(
            (one.url.as_str(), one.name("#1-#2.#3#x##1").as_str()),
            ("http://b/2", "b-2.#3#x#b")
        );
        let one = Glob::literal("h/{a}").nth(0).unwrap();
        assert_eq!((one.url.as_str(), one.name("#1").as_str()), ("h/{a}", "#1"));
    }

    #[test]
    fn no_text_panics() {
        let mut seed = 5_u64;
        for _ in 0..100_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let pieces =
                    ["{", "}", "[", "]", ",", "-", ":", "\\", "1", "09", "a", "z", "é", "#"];
                text.push_str(pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]);
            }
            if let Ok(glob) = Glob::parse(&text) {
                assert!(glob.count() >= 1, "{text}");
                assert_eq!(
                    glob.urls().take(20).count(),
                    usize::try_from(glob.count().min(20)).unwrap()
                );
            }
        }
    }
}
