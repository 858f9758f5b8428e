//! `-d` and its kind, put together as they are given.

use std::fmt::Write as _;

use crate::grammar::{Done, Misuse, Reading, Word};
use crate::surroundings::contents;

/// How a word of data is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `@file` without its line ends.
    Text,
    /// `@file` as it is.
    Binary,
    /// As it stands.
    Raw,
    /// `[name]=content`, `[name]@file`, or content.
    UrlEncoded,
    /// As `Binary`, without an ampersand before it.
    Json,
}

/// Adds what a word says.
pub(crate) fn add(r: &mut Reading, kind: Kind, word: &Word<'_>) -> Done {
    let octets = match (kind, word.bytes()) {
        (Kind::UrlEncoded, bytes) => encoded(r, bytes)?,
        (Kind::Text, [b'@', path @ ..]) => {
            let mut octets = file(r, path)?;
            octets.retain(|octet| !matches!(octet, b'\r' | b'\n' | 0));
            octets
        }
        (Kind::Binary | Kind::Json, [b'@', path @ ..]) => file(r, path)?,
        (_, bytes) => bytes.to_vec(),
    };
    let asked = &mut r.op.asked;
    asked.is_json |= kind == Kind::Json;
    join(asked.data.get_or_insert_default(), &octets, kind != Kind::Json);
    Ok(())
}

/// `--url-query`: as `--data-urlencode`, and as it stands behind a plus.
pub(crate) fn add_query(r: &mut Reading, word: &Word<'_>) -> Done {
    let octets = match word.bytes() {
        [b'+', raw @ ..] => raw.to_vec(),
        bytes => encoded(r, bytes)?,
    };
    join(&mut r.op.asked.query, &octets, true);
    Ok(())
}

fn join(into: &mut Vec<u8>, octets: &[u8], separated: bool) {
    if separated && !into.is_empty() {
        into.push(b'&');
    }
    into.extend_from_slice(octets);
}

fn encoded(r: &mut Reading, bytes: &[u8]) -> Result<Vec<u8>, Misuse> {
    let at = |octet: u8| bytes.iter().position(|other| *other == octet);
    let Some(at) = at(b'=').or_else(|| at(b'@')) else { return Ok(escaped(bytes)) };
    let (name, rest) = bytes.split_at_checked(at).unwrap_or_default();
    let content = match rest {
        [b'@', path @ ..] => file(r, path)?,
        rest => rest.get(1..).unwrap_or_default().to_vec(),
    };
    let mut all = name.to_vec();
    if !name.is_empty() {
        all.push(b'=');
    }
    all.extend(escaped(&content));
    Ok(all)
}

/// As forms are encoded (HTML, application/x-www-form-urlencoded): a blank is a plus.
fn escaped(octets: &[u8]) -> Vec<u8> {
    escaped_for_path(octets).replace("%20", "+").into_bytes()
}

/// As octets are written in a URL's path: all but what is never special is encoded (RFC 3986 §2.3).
pub(crate) fn escaped_for_path(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for octet in octets {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*octet));
            }
            other => {
                let _ = write!(text, "%{other:02X}");
            }
        }
    }
    text
}

fn file(r: &mut Reading, path: &[u8]) -> Result<Vec<u8>, Misuse> {
    let path = Word::new(path).maybe_path();
    contents(&path).map_err(|_| {
        r.error(&format!("Failed to open {}", path.display()));
        Misuse::ReadError
    })
}
