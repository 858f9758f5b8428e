//! The data of a record: read once, written as text, and kept with its names expanded.

use std::cmp::Ordering;
use std::fmt::{Display, Write};

use data_encoding::{BASE32HEX_NOPAD, BASE64, HEXUPPER};

use super::idn::Written;
use super::{Split, Style, fields, line};
use crate::message::FaultKind;
use crate::{Class, Rdata, Reader, Record, RecordType};

/// The text of a record's data. In multiline it has line breaks in it, each followed by the tabs that lead
/// to the column of the data; the last line has none.
#[must_use]
pub fn rdata(kind: RecordType, class: Class, data: Rdata<'_>, style: &Style) -> String {
    if is_empty_of_update(class, data) {
        return String::new();
    }
    let mut text = Text::new(data, style);
    let written = text.whole(kind, class);
    if written.is_ok() && !text.flags.unknown_format {
        return text.out;
    }
    let octets = match written {
        Err(Unfit::Malformed(_)) => data.octets().to_vec(),
        _ => std::mem::take(&mut text.wire),
    };
    text.out.clear();
    text.unknown(&octets);
    text.out
}

/// Whether the data is what its type says it is. BIND takes a message with one that is not for malformed
/// as a whole.
#[must_use]
pub fn is_well_formed(kind: RecordType, class: Class, data: Rdata<'_>) -> bool {
    data_fault(kind, class, data).is_none()
}

/// Why BIND refuses to read a message with this record, in its words: data that is not what the type says,
/// or an NSEC3 whose owner is no hash.
#[must_use]
pub fn fault(record: &Record<'_>) -> Option<&'static str> {
    let hash = record.owner.labels().next().unwrap_or_default();
    let is_hash =
        || BASE32HEX_NOPAD.decode(&hash.to_ascii_uppercase()).is_ok_and(|hash| hash.len() <= 39);
    let owner =
        (record.kind == RecordType::NSEC3 && !is_hash()).then_some("bad owner name (check-names)");
    data_fault(record.kind, record.class, record.rdata).or(owner)
}

fn data_fault(kind: RecordType, class: Class, data: Rdata<'_>) -> Option<&'static str> {
    if is_empty_of_update(class, data) {
        return None;
    }
    match Text::new(data, &Style::default()).whole(kind, class) {
        Err(Unfit::Malformed(why)) => Some(why),
        Ok(()) | Err(Unfit::Unknown) => None,
    }
}

/// In an update, records of these classes stand for what is to be there or to go (RFC 2136 §2.4, §2.5).
fn is_empty_of_update(class: Class, data: Rdata<'_>) -> bool {
    matches!(class, Class::ANY | Class::NONE) && data.octets().is_empty()
}

/// Why data has no text of its own type's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is not what the type says, and why, in the words of BIND.
    Malformed(&'static str),
    /// It is, but of a kind that BIND writes as an unknown type.
    Unknown,
}

impl From<(usize, FaultKind)> for Unfit {
    fn from((_, kind): (usize, FaultKind)) -> Self {
        Self::Malformed(match kind {
            FaultKind::Truncated => Self::SHORT,
            FaultKind::BadLabel => "bad label type",
            FaultKind::BadPointer => "bad compression pointer",
            FaultKind::NameTooLong => "name too long",
            FaultKind::Trailing => Self::LONG,
        })
    }
}

impl Unfit {
    const SHORT: &str = "unexpected end of input";
    const LONG: &str = "extra input data";

    /// Whatever is wrong, this is what it is called.
    pub(super) const fn as_format(self) -> Self {
        match self {
            Self::Malformed(_) => Self::Malformed("FORMERR"),
            Self::Unknown => self,
        }
    }
}

pub(super) type Outcome = Result<(), Unfit>;

/// Says no to data that is not as it should be.
pub(super) const fn ensure(is_so: bool) -> Outcome {
    ensure_or(is_so, "FORMERR")
}

/// Says no for a reason of its own.
pub(super) const fn ensure_or(is_so: bool, why: &'static str) -> Outcome {
    if is_so { Ok(()) } else { Err(Unfit::Malformed(why)) }
}

/// A digest must be of its length where that is known.
pub(super) fn ensure_length(octets: &[u8], length: Option<usize>) -> Outcome {
    match length.map(|length| octets.len().cmp(&length)) {
        None | Some(Ordering::Equal) => Ok(()),
        Some(Ordering::Less) => Err(Unfit::Malformed(Unfit::SHORT)),
        Some(Ordering::Greater) => Err(Unfit::Malformed(Unfit::LONG)),
    }
}

/// What of a style has an effect on data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    pub multiline: bool,
    pub crypto: bool,
    pub comments: bool,
    pub expand_aaaa: bool,
    pub unknown_format: bool,
    pub yaml: bool,
    idn: bool,
    /// Seconds since 1970 that times of 32 bits are near to.
    pub now: u32,
    /// Characters in a word of hex or base64.
    word: Option<usize>,
}

impl Flags {
    fn of(style: &Style) -> Self {
        let multiline = style.multiline && !style.yaml;
        let word = match style.split {
            Split::Usual if multiline => Some(44),
            Split::Usual => Some(56),
            Split::Never | Split::Every(0) => None,
            Split::Every(width) => Some(usize::from(width).next_multiple_of(4)),
        };
        Self {
            multiline,
            crypto: style.crypto || style.yaml,
            comments: style.rr_comments.unwrap_or(multiline) && !style.yaml,
            expand_aaaa: style.expand_aaaa && !style.yaml,
            unknown_format: style.unknown_format && !style.yaml,
            yaml: style.yaml,
            idn: style.idn,
            now: style.now,
            word,
        }
    }
}

/// Data that is being read and written.
pub(super) struct Text<'m> {
    reader: Reader<'m>,
    /// What was read, its names expanded.
    wire: Vec<u8>,
    out: String,
    pub flags: Flags,
    /// What stands between parts that may be on lines of their own.
    newline: String,
}

impl<'m> Text<'m> {
    fn new(data: Rdata<'m>, style: &Style) -> Self {
        let flags = Flags::of(style);
        let mut newline = String::from(" ");
        if flags.multiline {
            newline = format!("\n{}", line::filling(0, line::Columns::of(style).data));
        }
        Self { reader: data.reader(), wire: Vec::new(), out: String::new(), flags, newline }
    }

    fn whole(&mut self, kind: RecordType, class: Class) -> Outcome {
        ensure(kind.0 != 0)?;
        let written = fields::write(self, kind, class);
        if written == Err(Unfit::Unknown) {
            // Whatever else there is, it is shown.
            self.rest();
        }
        written?;
        ensure_or(self.left() == 0, Unfit::LONG)
    }

    /// As RFC 3597 §5 has it.
    fn unknown(&mut self, octets: &[u8]) {
        self.put("\\# ");
        self.put(octets.len());
        if octets.is_empty() {
            return;
        }
        self.put(if self.flags.multiline { " ( " } else { " " });
        self.words(&HEXUPPER.encode(octets));
        if self.flags.multiline {
            self.put(" )");
        }
    }

    // What is read.

    pub(super) const fn left(&self) -> usize {
        self.reader.left()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'m [u8], Unfit> {
        let octets = self.reader.take(count)?;
        self.wire.extend_from_slice(octets);
        Ok(octets)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Unfit> {
        self.take(N)?.try_into().map_err(|_| Unfit::Malformed(Unfit::SHORT))
    }

    pub(super) fn rest(&mut self) -> &'m [u8] {
        let octets = self.reader.rest();
        self.wire.extend_from_slice(octets);
        octets
    }

    /// All that is left, of which there must be some.
    pub(super) fn some_rest(&mut self) -> Result<&'m [u8], Unfit> {
        ensure_or(self.left() > 0, Unfit::SHORT)?;
        Ok(self.rest())
    }

    /// There must be so many octets left.
    pub(super) const fn need(&self, count: usize) -> Outcome {
        ensure_or(self.left() >= count, Unfit::SHORT)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Unfit> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, Unfit> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Unfit> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A `<character-string>` (RFC 1035 §3.3).
    pub(super) fn string(&mut self) -> Result<&'m [u8], Unfit> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    pub(super) fn name(&mut self) -> Result<Written, Unfit> {
        let name = self.reader.name()?;
        self.wire.extend_from_slice(name.octets());
        Ok(Written::new(name, self.flags.idn))
    }

    /// What was read from a place on, its names expanded; see [`Self::read`].
    pub(super) fn since(&self, place: usize) -> Vec<u8> {
        self.wire.get(place..).unwrap_or_default().to_vec()
    }

    /// How much was read, its names expanded.
    pub(super) const fn read(&self) -> usize {
        self.wire.len()
    }

    // What is written.

    pub(super) fn put(&mut self, part: impl Display) {
        // A String takes whatever there is.
        let _ = write!(self.out, "{part}");
    }

    pub(super) fn blank(&mut self) {
        self.put(' ');
    }

    pub(super) fn newline(&mut self) {
        self.out.push_str(&self.newline);
    }

    /// ` (` and a new line in multiline, a blank otherwise.
    pub(super) fn open(&mut self) {
        if self.flags.multiline {
            self.put(" (");
        }
        self.newline();
    }

    /// `( ` in multiline.
    pub(super) fn open_at_once(&mut self) {
        if self.flags.multiline {
            self.put("( ");
        }
    }

    pub(super) fn close(&mut self) {
        if self.flags.multiline {
            self.put(" )");
        }
    }

    /// Hex or base64, cut into words.
    fn words(&mut self, digits: &str) {
        let part = self.newline.clone();
        self.cut(digits, self.flags.word, &part);
    }

    fn cut(&mut self, digits: &str, word: Option<usize>, part: &str) {
        let word = word.unwrap_or(digits.len()).max(1);
        for (number, chunk) in digits.as_bytes().chunks(word).enumerate() {
            self.out.push_str(if number > 0 { part } else { "" });
            // Digits are ASCII.
            self.out.extend(chunk.iter().copied().map(char::from));
        }
    }

    pub(super) fn hex_words(&mut self, octets: &[u8]) {
        self.words(&HEXUPPER.encode(octets));
    }

    pub(super) fn base64_words(&mut self, octets: &[u8]) {
        self.words(&BASE64.encode(octets));
    }

    /// Hex in words between [`Self::open`] and [`Self::close`].
    pub(super) fn hex_box(&mut self, octets: &[u8]) {
        self.open();
        self.hex_words(octets);
        self.close();
    }

    /// Base64 in words between [`Self::open`] and [`Self::close`].
    pub(super) fn base64_box(&mut self, octets: &[u8]) {
        self.open();
        self.base64_words(octets);
        self.close();
    }

    /// Base64 in words of the usual length, in the same line.
    pub(super) fn base64_in_line(&mut self, octets: &[u8]) {
        let word = self.flags.word.map(|_| 56);
        self.cut(&BASE64.encode(octets), word, " ");
    }
}
