//! `-F`: parts of forms in curl's notation (curl(1), `--form`).

use wireline_http::multipart::{Content, Form, Part};

use crate::grammar::{Done, Misuse, Reading, Word};
use crate::surroundings::contents;

/// Parts of parts of parts: deeper is not meant.
const DEEPEST: usize = 16;

/// What may stand behind a part's content.
#[derive(Clone, Copy, Debug)]
struct May {
    filename: bool,
    encoder: bool,
    /// Files are separated by commas.
    more: bool,
}

/// What stands behind a part's content.
#[derive(Debug, Default)]
struct Trimmings {
    content: Vec<u8>,
    media_type: Option<String>,
    filename: Option<String>,
    encoder: Option<String>,
    fields: Vec<String>,
}

/// Adds a part: `name=content`, `name=@file,file`, `name=<file`, `name=(` and `=)` for parts of a part.
pub(crate) fn add(r: &mut Reading, word: &Word<'_>, is_literal: bool) -> Done {
    let text = word.bytes();
    let Some(at) = text.iter().position(|octet| *octet == b'=') else {
        r.warn("Illegally formatted input field");
        return Err(Misuse::BadlyUsed);
    };
    let (name, content) = text.split_at_checked(at).unwrap_or_default();
    let name = (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned());
    let content = content.get(1..).unwrap_or_default();
    if is_literal {
        return push(
            r,
            Part { name, content: Content::Octets(content.to_vec()), ..Part::default() },
        );
    }
    match content {
        [b'(', rest @ ..] => open(r, name, rest),
        [b')', ..] if name.is_none() => close(r),
        [b'@', rest @ ..] => files(r, name, rest),
        [b'<', rest @ ..] => {
            let mut cursor = Cursor(rest);
            let read = cursor.trimmed(r, May { filename: false, encoder: true, more: false })?;
            let path = Word::new(&read.content).maybe_path();
            push(r, read.part(name, Content::File(path)))
        }
        rest => {
            let mut cursor = Cursor(rest);
            let read = cursor.trimmed(r, May { filename: true, encoder: true, more: false })?;
            let octets = Content::Octets(read.content.clone());
            push(r, read.part(name, octets))
        }
    }
}

/// One file is a part, several are parts of one.
fn files(r: &mut Reading, name: Option<String>, rest: &[u8]) -> Done {
    let mut cursor = Cursor(rest);
    let mut parts = Vec::new();
    loop {
        let read = cursor.trimmed(r, May { filename: true, encoder: true, more: true })?;
        let path = Word::new(&read.content).maybe_path();
        let base = path.file_name().map(|base| base.to_string_lossy().into_owned());
        let mut part = read.part(None, Content::File(path));
        part.filename = part.filename.or(base);
        parts.push(part);
        match cursor.0.split_first() {
            Some((b',', rest)) => cursor.0 = rest,
            _ => break,
        }
    }
    match <[Part; 1]>::try_from(parts) {
        Ok([part]) => push(r, Part { name, ..part }),
        Err(parts) => push(r, Part { name, content: Content::Parts(parts), ..Part::default() }),
    }
}

fn open(r: &mut Reading, name: Option<String>, rest: &[u8]) -> Done {
    let mut cursor = Cursor(rest);
    let read = cursor.trimmed(r, May { filename: false, encoder: false, more: false })?;
    if r.op.asked.form_depth >= DEEPEST {
        r.warn("forms within forms are too deep");
        return Err(Misuse::BadlyUsed);
    }
    push(r, read.part(name, Content::Parts(Vec::new())))?;
    r.op.asked.form_depth = r.op.asked.form_depth.saturating_add(1);
    Ok(())
}

fn close(r: &mut Reading) -> Done {
    let Some(depth) = r.op.asked.form_depth.checked_sub(1) else {
        r.warn("no multipart to terminate");
        return Err(Misuse::BadlyUsed);
    };
    r.op.asked.form_depth = depth;
    Ok(())
}

/// Into the part of parts that is open: the last one at each depth.
fn push(r: &mut Reading, part: Part) -> Done {
    let depth = r.op.asked.form_depth;
    let mut parts = &mut r.op.asked.form.get_or_insert_with(Form::default).parts;
    for _ in 0..depth {
        match parts.last_mut().map(|last| &mut last.content) {
            Some(Content::Parts(inner)) => parts = inner,
            _ => return Err(Misuse::BadlyUsed),
        }
    }
    parts.push(part);
    Ok(())
}

impl Trimmings {
    fn part(self, name: Option<String>, content: Content) -> Part {
        Part {
            name,
            content,
            media_type: self.media_type,
            filename: self.filename,
            fields: self.fields,
            encoder: self.encoder,
        }
    }
}

/// What is left to be read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// The content, and what stands behind it, up to a comma where there may be more.
    fn trimmed(&mut self, r: &mut Reading, may: May) -> Result<Trimmings, Misuse> {
        self.skip_blanks();
        let mut read = Trimmings { content: self.word(r, may.more), ..Trimmings::default() };
        let mut in_type = false;
        while let Some((b';', rest)) = self.0.split_first() {
            self.0 = rest;
            self.skip_blanks();
            if self.took("type=") && !in_type {
                in_type = true;
                self.skip_blanks();
                read.media_type = Some(text(self.until(may.more).trim_ascii_end()));
            } else if self.took("filename=") {
                in_type = false;
                read.filename = Some(self.text(r, may.more));
            } else if self.took("encoder=") {
                in_type = false;
                read.encoder = Some(self.text(r, may.more));
            } else if self.took("headers=") {
                in_type = false;
                self.fields(r, may.more, &mut read.fields)?;
            } else {
                let rest = self.text(r, may.more);
                match &mut read.media_type {
                    // A parameter of the media type.
                    Some(media_type) if in_type => *media_type = format!("{media_type}; {rest}"),
                    _ if !rest.is_empty() => r.warn(&format!("skip unknown form field: {rest}")),
                    _ => {}
                }
            }
        }
        if let Some(name) = read.filename.take_if(|_| !may.filename) {
            r.warn(&format!("Field filename not allowed here: {name}"));
        }
        if let Some(encoder) = read.encoder.take_if(|_| !may.encoder) {
            r.warn(&format!("Field encoder not allowed here: {encoder}"));
        }
        Ok(read)
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn took(&mut self, prefix: &str) -> bool {
        let head = self.0.get(..prefix.len());
        let found = head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()));
        if found {
            self.0 = self.0.get(prefix.len()..).unwrap_or_default();
        }
        found
    }

    fn text(&mut self, r: &mut Reading, more: bool) -> String {
        self.skip_blanks();
        text(&self.word(r, more))
    }

    /// Up to a semicolon (or a comma); in quotes those are letters as others, and blanks at the end stay.
    fn word(&mut self, r: &mut Reading, more: bool) -> Vec<u8> {
        if let Some((word, rest)) = quoted(self.0) {
            self.0 = rest;
            if !self.until(more).trim_ascii().is_empty() {
                r.warn("Trailing data after quoted form parameter");
            }
            return word;
        }
        self.until(more).trim_ascii_end().to_vec()
    }

    fn until(&mut self, more: bool) -> &[u8] {
        let ends = |octet: &u8| *octet == b';' || (more && *octet == b',');
        let end = self.0.iter().position(ends).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        word
    }

    /// `headers="Name: value"`, or a file of them.
    fn fields(&mut self, r: &mut Reading, more: bool, into: &mut Vec<String>) -> Done {
        let is_file = self.took("@") || self.took("<");
        let word = self.text(r, more);
        if !is_file {
            into.push(word);
            return Ok(());
        }
        let Ok(octets) = contents(std::path::Path::new(&word)) else {
            r.warn(&format!("Cannot read from {word}: No such file or directory"));
            return Err(Misuse::ReadError);
        };
        unfold(&octets, into);
        Ok(())
    }
}

/// Fields of a file, one on each line; lines that begin with a blank go on with the one before, `#` is for comments.
fn unfold(octets: &[u8], into: &mut Vec<String>) {
    for line in octets.split(|octet| *octet == b'\n') {
        let is_more = line.first().is_some_and(u8::is_ascii_whitespace);
        let line = text(line.trim_ascii());
        match into.last_mut() {
            _ if line.is_empty() || line.starts_with('#') => {}
            Some(last) if is_more => {
                last.push(' ');
                last.push_str(&line);
            }
            _ => into.push(line),
        }
    }
}

/// What is in quotes, and what is behind them; backslashes stand before quotes and backslashes.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut word = Vec::new();
    loop {
        rest = match rest {
            [] => return None,
            [b'"', rest @ ..] => return Some((word, rest)),
            [b'\\', octet @ (b'"' | b'\\'), rest @ ..] | [octet, rest @ ..] => {
                word.push(*octet);
                rest
            }
        }
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests;
