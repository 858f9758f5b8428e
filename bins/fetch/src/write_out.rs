//! `-w`: what is written at the end of a transfer, from a template (curl(1), --write-out).
//!
//! It opens nothing: what goes where is said, in order.

use std::path::PathBuf;
use std::time::Duration;

use wireline_http::Report;

use crate::sink::Origin;

mod certificates;
mod json;
mod variables;

use variables::Value;

/// What a template can speak of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) report: &'a Report,
    pub(crate) origin: &'a Origin,
    /// The exit code of this transfer.
    pub(crate) code: u8,
    /// Why it failed.
    pub(crate) error: Option<&'a str>,
    /// The file that was written.
    pub(crate) file: Option<&'a str>,
    /// The time of the day, since 1970.
    pub(crate) wall: Duration,
}

/// Octets, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) to: Place,
    pub(crate) octets: Vec<u8>,
}

/// Where octets of a template go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Stdout,
    Stderr,
    File { path: PathBuf, is_appended: bool },
}

/// What a template makes of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) parts: Vec<Part>,
    /// Names that are none, in order.
    pub(crate) unknown: Vec<String>,
}

/// Fills a template in.
pub(crate) fn write(template: &str, summary: &Summary<'_>) -> Written {
    let mut writing = Writing { summary, out: Written::default(), to: Place::Stdout };
    let mut rest = template;
    while let Some(at) = rest.find(['%', '\\']) {
        let (plain, special) = rest.split_at(at);
        writing.push(plain.as_bytes());
        match writing.special(special) {
            Some(next) => rest = next,
            None => return writing.out,
        }
    }
    writing.push(rest.as_bytes());
    writing.out
}

struct Writing<'a> {
    summary: &'a Summary<'a>,
    out: Written,
    to: Place,
}

impl Writing<'_> {
    fn push(&mut self, octets: &[u8]) {
        match self.out.parts.last_mut() {
            Some(last) if last.to == self.to => last.octets.extend_from_slice(octets),
            _ if octets.is_empty() => {}
            _ => self.out.parts.push(Part { to: self.to.clone(), octets: octets.to_vec() }),
        }
    }

    /// What begins with `%` or `\`; what is behind it. `None`: the rest is not for this transfer.
    fn special<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = text.strip_prefix("%%") {
            self.push(b"%");
            return Some(rest);
        }
        let braced = [
            ("%{", Kind::Variable),
            ("%header{", Kind::Header),
            ("%output{", Kind::Output),
            ("%time{", Kind::Time),
        ];
        for (prefix, kind) in braced {
            let Some(inside) = text.strip_prefix(prefix) else { continue };
            // Without its end it is a text.
            let Some((name, rest)) = inside.split_once('}') else {
                self.push(prefix.as_bytes());
                return Some(inside);
            };
            return self.fill(kind, name).then_some(rest);
        }
        Some(self.escape(text))
    }

    fn escape<'t>(&mut self, text: &'t str) -> &'t str {
        let escapes = [("\\n", b"\n"), ("\\r", b"\r"), ("\\t", b"\t")];
        for (prefix, octet) in escapes {
            if let Some(rest) = text.strip_prefix(prefix) {
                self.push(octet);
                return rest;
            }
        }
        // What means nothing stands for itself.
        let (mark, rest) = text.split_at_checked(1).unwrap_or((text, ""));
        self.push(mark.as_bytes());
        rest
    }

    fn fill(&mut self, kind: Kind, name: &str) -> bool {
        match (kind, name) {
            (Kind::Variable, "stdout") => self.to = Place::Stdout,
            (Kind::Variable, "stderr") => self.to = Place::Stderr,
            (Kind::Variable, "onerror") => return self.summary.code != 0,
            (Kind::Variable, _) => self.variable(name),
            (Kind::Header, _) => self.header(name),
            (Kind::Time, _) => self.time(name),
            (Kind::Output, _) => self.output(name),
        }
        true
    }

    fn variable(&mut self, name: &str) {
        match name {
            "json" => self.push(json::all(self.summary).as_bytes()),
            "header_json" => self.push(&json::headers(self.summary)),
            _ => match variables::value(name, self.summary) {
                Some(value) => self.push(text(&value).as_bytes()),
                None => self.out.unknown.push(name.to_owned()),
            },
        }
    }

    /// `name`, or `name:all:separator`.
    fn header(&mut self, name: &str) {
        let Some(head) = &self.summary.report.head else { return };
        let (name, how) = name.split_once(':').unwrap_or((name, ""));
        let separator = how.strip_prefix("all:");
        let mut values = head.fields.all(name);
        if let Some(first) = values.next() {
            self.push(first);
        }
        for value in values.take_while(|_| separator.is_some()) {
            self.push(separator.unwrap_or_default().as_bytes());
            self.push(value);
        }
    }

    fn output(&mut self, name: &str) {
        let (name, is_appended) = match name.strip_prefix(">>") {
            Some(name) => (name, true),
            None => (name, false),
        };
        if !name.is_empty() {
            self.to = Place::File { path: PathBuf::from(name), is_appended };
            self.out.parts.push(Part { to: self.to.clone(), octets: Vec::new() });
        }
    }

    /// strftime(3) of the time now, in UTC, with `%f` for microseconds.
    fn time(&mut self, format: &str) {
        let format = format.replace("%f", "%6f").replace("%Z", "UTC").replace("%z", "+0000");
        let wall = i128::try_from(self.summary.wall.as_nanos()).unwrap_or_default();
        let Ok(now) = jiff::Timestamp::from_nanosecond(wall) else { return };
        let formatted = jiff::fmt::strtime::format(&format, now);
        // What strftime(3) does not know stays as it is.
        self.push(formatted.unwrap_or(format).as_bytes());
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Variable,
    Header,
    Output,
    Time,
}

fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Status(status) => format!("{status:03}"),
        Value::Seconds(time) => seconds(*time),
        Value::Text(text) => text.clone().unwrap_or_default(),
        Value::Known(text) => text.clone(),
    }
}

/// With six decimals.
fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

#[cfg(test)]
mod tests;
