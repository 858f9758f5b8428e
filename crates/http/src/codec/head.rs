//! Heads and trailers, line for line as they come.

use bytes::{Bytes, BytesMut};

use super::oddity::{self, Oddities};
use crate::failure::{Failure, Kind};
use crate::head::{Field, Head, Version};

/// Octets of a line.
const LONGEST_LINE: usize = 100 * 1024;
/// Octets of heads, those of interim responses included; and of trailers.
const LONGEST_HEAD: usize = 300 * 1024;
/// Fields of a response, those of interim responses and trailers included; each interim response counts as one.
const MOST_FIELDS: usize = 5000;
/// Octets of most heads.
const USUAL_HEAD: usize = 1024;
/// What every status line begins with.
const PREFIX: &[u8] = b"HTTP/";

/// Which lines come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    StatusLine,
    Fields,
    Trailers,
}

/// Lines, gathered until they are a head.
#[derive(Debug)]
pub(super) struct Lines {
    section: Section,
    raw: BytesMut,
    /// Where in `raw` the line begins that is being gathered.
    line: usize,
    head: Head,
    /// Octets of heads before this, then of trailers.
    octets: usize,
    /// Fields, of everything.
    count: usize,
}

/// What a line did.
#[derive(Debug)]
pub(super) enum Gathered {
    /// There is no whole line.
    Partial,
    /// It is no head: all that came is a body.
    NoHead(Bytes),
    /// A line; more will come.
    Line,
    /// All of it.
    Whole(Head),
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            section: Section::StatusLine,
            raw: BytesMut::new(),
            line: 0,
            head: Head::default(),
            octets: 0,
            count: 0,
        }
    }

    /// Another head follows the last.
    pub(super) fn begin_next_head(&mut self) -> Result<(), Failure> {
        self.section = Section::StatusLine;
        self.count_one()
    }

    /// Trailers follow.
    pub(super) fn begin_trailers(&mut self) {
        self.section = Section::Trailers;
        self.octets = 0;
    }

    /// What there is of a head that is not whole.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.raw
    }

    /// Whether a head came before this: who spoke HTTP goes on speaking it.
    pub(super) fn has_had_head(&self) -> bool {
        self.octets > 0
    }

    /// Whether a status line came.
    pub(super) fn has_status_line(&self) -> bool {
        self.section != Section::StatusLine
    }

    /// Takes octets up to the end of a line: how many, and what they did.
    pub(super) fn gather(
        &mut self,
        octets: &[u8],
        odd: &mut Oddities,
    ) -> Result<(usize, Gathered), Failure> {
        let end = octets.iter().position(|octet| *octet == b'\n');
        let taken = end.map_or(octets.len(), |end| end.saturating_add(1));
        let piece = octets.get(..taken).unwrap_or_default();
        // Whether it is HTTP at all shows before its line is whole.
        if self.section == Section::StatusLine && !self.may_be_http(piece) {
            self.raw.extend_from_slice(piece);
            return Ok((taken, Gathered::NoHead(self.raw.split().freeze())));
        }
        self.check_length(taken)?;
        if self.raw.is_empty() {
            self.raw.reserve(USUAL_HEAD.max(taken));
        }
        self.raw.extend_from_slice(piece);
        if end.is_none() {
            return Ok((taken, Gathered::Partial));
        }
        Ok((taken, self.take_line(odd)?))
    }

    fn may_be_http(&self, piece: &[u8]) -> bool {
        let begun = self.raw.iter().chain(piece).take(PREFIX.len());
        begun.zip(PREFIX).all(|(octet, wanted)| octet.eq_ignore_ascii_case(wanted))
    }

    /// The same failure however the octets are split: that of the limit that is reached first.
    fn check_length(&self, more: usize) -> Result<(), Failure> {
        let line = self.raw.len().saturating_sub(self.line);
        let in_line = LONGEST_LINE.saturating_sub(line);
        let in_all = LONGEST_HEAD.saturating_sub(self.octets.saturating_add(self.raw.len()));
        if more > in_line && in_line <= in_all {
            let text = "A value or data field grew larger than allowed";
            return Err(Failure::new(Kind::TooLargeField, text));
        }
        if more <= in_all {
            return Ok(());
        }
        let (kind, what) = match self.section {
            Section::Trailers => (Kind::TooLargeField, "trailers"),
            _ => (Kind::Receive, "headers"),
        };
        let text = format!("Too large response {what}: more than {LONGEST_HEAD} octets");
        Err(Failure::new(kind, text))
    }

    fn count_one(&mut self) -> Result<(), Failure> {
        self.count = self.count.saturating_add(1);
        if self.count > MOST_FIELDS {
            let text = format!("Too many response headers, {MOST_FIELDS} is max");
            return Err(Failure::new(Kind::TooLargeField, text));
        }
        Ok(())
    }

    fn take_line(&mut self, odd: &mut Oddities) -> Result<Gathered, Failure> {
        let raw = std::mem::take(&mut self.raw);
        let line = raw.get(self.line..).unwrap_or_default();
        let result = self.read_line(line, odd);
        self.raw = raw;
        self.line = self.raw.len();
        if result? { Ok(Gathered::Whole(self.finish())) } else { Ok(Gathered::Line) }
    }

    fn finish(&mut self) -> Head {
        self.octets = self.octets.saturating_add(self.raw.len());
        self.line = 0;
        let mut head = std::mem::take(&mut self.head);
        head.raw = self.raw.split().freeze();
        head
    }

    /// Whether that is the last.
    fn read_line(&mut self, line: &[u8], odd: &mut Oddities) -> Result<bool, Failure> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or_else(|| {
            odd.add(oddity::BARE_LF);
            line
        });
        check_octets(line, odd)?;
        if self.section == Section::StatusLine {
            read_status_line(line, &mut self.head, odd)?;
            self.section = Section::Fields;
            return Ok(false);
        }
        if line.is_empty() {
            return Ok(true);
        }
        if let (Some(b' ' | b'\t'), Some(last)) = (line.first(), self.head.fields.0.last_mut()) {
            odd.add(oddity::FOLDED);
            unfold(last, line);
            return Ok(false);
        }
        self.count_one()?;
        let field = read_field(line, odd)?;
        self.head.fields.0.push(field);
        Ok(false)
    }
}

/// Octets that end a line for some and not for others are in none.
fn check_octets(line: &[u8], odd: &mut Oddities) -> Result<(), Failure> {
    let is_strange = |octet: &&u8| (**octet < 0x20 && **octet != b'\t') || **octet == 0x7f;
    for octet in line.iter().filter(is_strange) {
        match octet {
            b'\0' => return Err(weird("Nul byte in header")),
            b'\r' => return Err(weird("Carriage return found in header")),
            _ => odd.add(oddity::CONTROL),
        }
    }
    Ok(())
}

fn weird(text: &str) -> Failure {
    Failure::new(Kind::WeirdReply, text)
}

/// RFC 9112 §4, as loosely as curl 8 reads it.
fn read_status_line(line: &[u8], head: &mut Head, odd: &mut Oddities) -> Result<(), Failure> {
    let unsupported = |text: &str| Failure::new(Kind::UnsupportedProtocol, text);
    let words = line.get(PREFIX.len()..).unwrap_or_default();
    if !line.starts_with(PREFIX) {
        odd.add(oddity::LOOSE_STATUS_LINE);
    }
    let blank = words.iter().position(|octet| matches!(octet, b' ' | b'\t'));
    let (version, rest) = words.split_at_checked(blank.unwrap_or(words.len())).unwrap_or_default();
    head.version = match version {
        b"1.1" => Version::Http11,
        b"1.0" => Version::Http10,
        [b'1', ..] => return Err(unsupported("Unsupported HTTP/1 subversion in response")),
        [b'2' | b'3'] | [b'2' | b'3', b'.', ..] => {
            odd.add(oddity::OTHER_VERSION);
            Version::Http11
        }
        _ => return Err(unsupported("Unsupported HTTP version in response")),
    };
    let (status, reason) = read_status(rest, odd).ok_or_else(|| {
        if head.version == Version::Http11 && !version.starts_with(b"1") {
            unsupported("Unsupported HTTP version in response")
        } else {
            unsupported("Unsupported HTTP/1 subversion in response")
        }
    })?;
    if status < 100 {
        return Err(unsupported("Unsupported response code in HTTP response"));
    }
    if status > 599 {
        odd.add(oddity::HIGH_STATUS);
    }
    (head.status, head.reason) = (status, reason.to_vec());
    Ok(())
}

/// The status, and what is behind it.
fn read_status<'a>(rest: &'a [u8], odd: &mut Oddities) -> Option<(u16, &'a [u8])> {
    let [_, a, b, c, reason @ ..] = rest else { return None };
    let digit = |octet: &u8| octet.is_ascii_digit().then(|| u16::from(octet & 0x0f));
    let status = digit(a)? * 100 + digit(b)? * 10 + digit(c)?;
    if reason.first() != Some(&b' ') {
        odd.add(oddity::LOOSE_STATUS_LINE);
    }
    Some((status, reason.strip_prefix(b" ").unwrap_or(reason)))
}

fn read_field(line: &[u8], odd: &mut Oddities) -> Result<Field, Failure> {
    let colon = line.iter().position(|octet| *octet == b':');
    let Some((name, value)) = colon.and_then(|colon| line.split_at_checked(colon)) else {
        return Err(weird("Header without colon"));
    };
    let trimmed = trim(name);
    if trimmed.len() != name.len() {
        odd.add(oddity::SPACE_BEFORE_COLON);
    }
    if trimmed.is_empty() {
        odd.add(oddity::NO_NAME);
    } else if !trimmed.iter().all(|octet| is_token(*octet)) {
        odd.add(oddity::BAD_NAME);
    }
    let value = value.get(1..).unwrap_or_default();
    Ok(Field { name: trimmed.to_vec(), value: trim(value).to_vec() })
}

/// RFC 9110 §5.6.2.
fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// The rest of a value, one space behind what there is of it.
fn unfold(field: &mut Field, line: &[u8]) {
    let more = trim(line);
    if !more.is_empty() {
        if !field.value.is_empty() {
            field.value.push(b' ');
        }
        field.value.extend_from_slice(more);
    }
}

fn trim(octets: &[u8]) -> &[u8] {
    let is_text = |octet: &u8| !matches!(octet, b' ' | b'\t');
    let begin = octets.iter().position(is_text).unwrap_or(octets.len());
    let end = octets.iter().rposition(is_text).map_or(begin, |last| last.saturating_add(1));
    octets.get(begin..end).unwrap_or_default()
}
