//! How what is told of a transfer looks: `-v`, `--trace` and `--trace-ascii`.
//!
//! What is told is decided in [`crate::verbose`].

use std::borrow::Cow;

/// A part of a transfer that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// A line of ours; may hold a stranger's texts.
    Info(Cow<'a, str>),
    /// A request's head, all of it.
    SentHead(&'a [u8]),
    /// A line of a response's head, its end included.
    ReceivedHead(&'a [u8]),
    /// A part of a body.
    Data { sent: bool, octets: &'a [u8] },
    /// Octets of TLS, which are not known.
    Tls { sent: bool, octets: usize },
}

/// How it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Prefixes and lines; `hides_data`: that there are octets is not said, as they are on the terminal anyway.
    Lines { hides_data: bool },
    /// Hexadecimal and text.
    Hex,
    /// Text.
    Ascii,
}

/// Writes what is shown.
#[derive(Debug)]
pub(crate) struct Pen {
    form: Form,
    /// Of octets in a row only the first are told, in lines.
    told_data: bool,
}

impl Pen {
    pub(crate) const fn new(form: Form) -> Self {
        Self { form, told_data: false }
    }

    /// One part behind `out`; `stamp` goes first on each line that begins one (`--trace-time`, `--trace-ids`).
    pub(crate) fn write(&mut self, shown: &Shown<'_>, stamp: &str, out: &mut Vec<u8>) {
        match self.form {
            Form::Lines { hides_data } => self.line(shown, hides_data, stamp, out),
            Form::Hex => dump(shown, stamp, Layout::Hex, out),
            Form::Ascii => dump(shown, stamp, Layout::Ascii, out),
        }
    }

    fn line(&mut self, shown: &Shown<'_>, hides_data: bool, stamp: &str, out: &mut Vec<u8>) {
        let told = std::mem::take(&mut self.told_data);
        match shown {
            Shown::Info(text) => prefixed(b"* ", text.as_bytes(), stamp, out),
            Shown::SentHead(head) => prefixed(b"> ", head, stamp, out),
            Shown::ReceivedHead(line) => prefixed(b"< ", line, stamp, out),
            Shown::Data { sent, octets } => {
                self.told_data = true;
                octets_line(*sent, octets.len(), told || hides_data, stamp, out);
            }
            Shown::Tls { sent, octets } => {
                self.told_data = true;
                octets_line(*sent, *octets, told || hides_data, stamp, out);
            }
        }
    }
}

fn octets_line(sent: bool, octets: usize, is_hidden: bool, stamp: &str, out: &mut Vec<u8>) {
    if !is_hidden {
        let brace = if sent { '}' } else { '{' };
        out.extend_from_slice(format!("{stamp}{brace} [{octets} bytes data]\n").as_bytes());
    }
}

/// Each line of a text behind a prefix.
fn prefixed(prefix: &[u8], text: &[u8], stamp: &str, out: &mut Vec<u8>) {
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        out.extend_from_slice(stamp.as_bytes());
        out.extend_from_slice(prefix);
        out.extend_from_slice(line);
    }
    if !text.ends_with(b"\n") {
        out.push(b'\n');
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Hex,
    Ascii,
}

fn dump(shown: &Shown<'_>, stamp: &str, layout: Layout, out: &mut Vec<u8>) {
    let (title, octets, length) = match shown {
        Shown::Info(text) => return prefixed(b"== Info: ", text.as_bytes(), stamp, out),
        Shown::SentHead(head) => ("=> Send header", *head, head.len()),
        Shown::ReceivedHead(line) => ("<= Recv header", *line, line.len()),
        Shown::Data { sent: true, octets } => ("=> Send data", *octets, octets.len()),
        Shown::Data { sent: false, octets } => ("<= Recv data", *octets, octets.len()),
        Shown::Tls { sent: true, octets } => ("=> Send SSL data", &[][..], *octets),
        Shown::Tls { sent: false, octets } => ("<= Recv SSL data", &[][..], *octets),
    };
    out.extend_from_slice(format!("{stamp}{title}, {length} bytes (0x{length:x})\n").as_bytes());
    match layout {
        Layout::Hex => hex(octets, out),
        Layout::Ascii => ascii(octets, out),
    }
}

fn hex(octets: &[u8], out: &mut Vec<u8>) {
    for (row, line) in octets.chunks(16).enumerate() {
        out.extend_from_slice(format!("{:04x}: ", row * 16).as_bytes());
        for octet in line {
            push_hex(*octet, out);
        }
        out.extend(std::iter::repeat_n(b' ', (16 - line.len()) * 3));
        out.extend(line.iter().map(|octet| plain(*octet)));
        out.push(b'\n');
    }
}

fn push_hex(octet: u8, out: &mut Vec<u8>) {
    for digit in [octet >> 4, octet & 15] {
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
    out.push(b' ');
}

/// Rows of 64 octets; a line's end ends a row too, and is not shown.
fn ascii(octets: &[u8], out: &mut Vec<u8>) {
    let mut rest = octets;
    while !rest.is_empty() {
        let at = octets.len() - rest.len();
        out.extend_from_slice(format!("{at:04x}: ").as_bytes());
        let row = rest.get(..64).unwrap_or(rest);
        let end = rest.windows(2).take(row.len()).position(|pair| pair == b"\r\n");
        let (shown, skipped) = end.map_or((row.len(), 0), |end| (end, 2));
        out.extend(row.iter().take(shown).map(|octet| plain(*octet)));
        out.push(b'\n');
        rest = rest.get(shown + skipped..).unwrap_or_default();
    }
}

const fn plain(octet: u8) -> u8 {
    if octet >= 0x20 && octet < 0x7f { octet } else { b'.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: Form, shown: &[Shown<'_>], stamp: &str) -> String {
        let mut pen = Pen::new(form);
        let mut out = Vec::new();
        for one in shown {
            pen.write(one, stamp, &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[test]
    fn lines_have_curls_prefixes() {
        let shown = [
            Shown::Info("using HTTP/1.x".into()),
            Shown::SentHead(REQUEST),
            Shown::ReceivedHead(b"HTTP/1.1 200 OK\r\n"),
            Shown::Data { sent: false, octets: b"abc" },
            Shown::Data { sent: false, octets: b"defg" },
            Shown::Info("a\nb".into()),
            Shown::Data { sent: true, octets: b"" },
        ];
        let text = "* using HTTP/1.x\n> GET / HTTP/1.1\r\n> Host: x\r\n> \r\n< HTTP/1.1 200 OK\r\n\
            { [3 bytes data]\n* a\n* b\n} [0 bytes data]\n";
        assert_eq!(written(Form::Lines { hides_data: false }, &shown, ""), text);
        let hidden = written(Form::Lines { hides_data: true }, &shown, "");
        assert!(!hidden.contains("bytes data"), "{hidden}");
    }

    #[test]
    fn stamps_stand_before_every_line_but_not_within_a_dump() {
        let shown = [Shown::SentHead(REQUEST)];
        let stamp = "06:40:40.722353 [0-0] ";
        let lines = written(Form::Lines { hides_data: false }, &shown, stamp);
        assert!(lines.split_inclusive('\n').all(|line| line.starts_with(stamp)), "{lines}");
        let dump = written(Form::Ascii, &shown, stamp);
        let first = "06:40:40.722353 [0-0] => Send header, 27 bytes (0x1b)\n";
        assert_eq!(dump, format!("{first}0000: GET / HTTP/1.1\n0010: Host: x\n0019: \n"));
    }

    #[test]
    fn hexadecimal_dumps_are_curls() {
        let shown = [Shown::Data { sent: true, octets: b"hello world\n01234567" }];
        let text = "=> Send data, 20 bytes (0x14)\n\
            0000: 68 65 6c 6c 6f 20 77 6f 72 6c 64 0a 30 31 32 33 hello world.0123\n\
            0010: 34 35 36 37                                     4567\n";
        assert_eq!(written(Form::Hex, &shown, ""), text);
    }

    #[test]
    fn text_dumps_break_at_64_octets_and_at_ends_of_lines() {
        let long = "a".repeat(70) + "\r\nb\nc";
        let text =
            written(Form::Ascii, &[Shown::Data { sent: false, octets: long.as_bytes() }], "");
        let rows = format!("0000: {}\n0040: aaaaaa\n0048: b.c\n", "a".repeat(64));
        assert_eq!(text, format!("<= Recv data, 75 bytes (0x4b)\n{rows}"));
    }
}
