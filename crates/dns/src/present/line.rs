//! Lines of records and questions, and times to live.

use super::{Style, idn, rdata};
use crate::{Class, Question, Record, RecordType};
use std::fmt::Write;

/// At which columns the parts of a line begin, of eight characters a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The time to live.
    pub ttl: usize,
    /// The class.
    pub class: usize,
    /// The type.
    pub kind: usize,
    /// The data, and the further lines of it in multiline.
    pub data: usize,
}

impl Columns {
    const TAB: usize = 8;

    /// Those of dig.
    #[must_use]
    pub const fn of(style: &Style) -> Self {
        let (ttl, class, kind, data) = match (style.multiline, style.ttl, style.class) {
            (true, ..) | (_, false, false) => (24, 24, 24, 32),
            (_, true, true) => (24, 32, 40, 48),
            _ => (24, 24, 32, 40),
        };
        Self { ttl, class, kind, data }
    }
}

/// A line that is being written, which knows its column.
struct Line<'s> {
    text: String,
    column: usize,
    style: &'s Style,
}

impl Line<'_> {
    /// Goes to a column by tabs and blanks, but always at least one further.
    fn go_to(&mut self, stop: usize) {
        if self.style.yaml {
            self.text.push(' ');
            return;
        }
        let target = stop.max(self.column + 1);
        self.text.push_str(&filling(self.column, target));
        self.column = target;
    }

    fn write(&mut self, part: &str) {
        self.text.push_str(part);
        self.column += part.len();
    }

    fn part(&mut self, stop: usize, part: &str) {
        self.go_to(stop);
        self.write(part);
    }
}

/// Tabs and blanks from one column to another.
pub(super) fn filling(from: usize, to: usize) -> String {
    let tabs = (to / Columns::TAB).saturating_sub(from / Columns::TAB);
    let from = if tabs > 0 { to / Columns::TAB * Columns::TAB } else { from };
    let mut text = "\t".repeat(tabs);
    text.push_str(&" ".repeat(to.saturating_sub(from)));
    text
}

/// A record as a line of a master file, without the line's end; in YAML in single quotes.
#[must_use]
pub fn record(record: &Record<'_>, style: &Style) -> String {
    let columns = Columns::of(style);
    let mut line = Line { text: String::new(), column: 0, style };
    line.write(&idn::text(&record.owner, style.idn));
    if style.ttl || style.yaml {
        line.part(columns.ttl, &ttl(record.ttl, style.ttl_units && !style.yaml));
    }
    if style.class || style.yaml {
        line.part(columns.class, &class_text(record.class, style));
    }
    line.part(columns.kind, &kind_text(record.kind, style));
    line.part(columns.data, &rdata(record.kind, record.class, record.rdata, style));
    if style.yaml { yaml_quoted(&line.text) } else { line.text }
}

/// A question as dig writes it after the semicolon, without the line's end; in YAML in single quotes.
#[must_use]
pub fn question(question: &Question, style: &Style) -> String {
    let columns = Columns::of(style);
    let mut line = Line { text: String::new(), column: 0, style };
    line.write(&idn::text(&question.name, style.idn));
    line.part(columns.class, &class_text(question.class, style));
    line.part(columns.kind, &kind_text(question.kind, style));
    if style.yaml { yaml_quoted(&line.text) } else { line.text }
}

fn class_text(class: Class, style: &Style) -> String {
    let is_number = style.unknown_format && !style.yaml;
    if is_number { format!("CLASS{}", class.0) } else { class.to_string() }
}

fn kind_text(kind: RecordType, style: &Style) -> String {
    let is_number = style.unknown_format && !style.yaml;
    if is_number { format!("TYPE{}", kind.0) } else { kind.to_string() }
}

/// In single quotes as YAML has them: a quote in it is doubled.
#[must_use]
pub fn yaml_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A time to live in seconds, or in units as in `1h30m`.
#[must_use]
pub fn ttl(seconds: u32, in_units: bool) -> String {
    if !in_units {
        return seconds.to_string();
    }
    let letters = parts(seconds).map(|(count, unit)| format!("{count}{}", &unit[..1]));
    letters.collect()
}

/// A time in words, as in `1 hour 30 minutes`.
#[must_use]
pub fn ttl_in_words(seconds: u32) -> String {
    let mut text = String::new();
    for (count, unit) in parts(seconds) {
        let (blank, plural) =
            (if text.is_empty() { "" } else { " " }, if count == 1 { "" } else { "s" });
        let _ = write!(text, "{blank}{count} {unit}{plural}");
    }
    text
}

/// How many weeks, days, hours, minutes and seconds, without those of which there are none.
fn parts(seconds: u32) -> impl Iterator<Item = (u32, &'static str)> {
    let units = [
        (seconds / 604_800, "week"),
        (seconds / 86_400 % 7, "day"),
        (seconds / 3_600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    units.into_iter().filter(move |(count, unit)| *count > 0 || seconds == 0 && *unit == "second")
}
