//! How long a body is (RFC 9112 §6.3).

use super::Asked;
use super::oddity::{self, Oddities};
use crate::decode::{Coding, words};
use crate::failure::{Failure, Kind};
use crate::head::{Fields, Head, Version};

/// More codings than anybody applies to one message.
const MOST_CODINGS: usize = 5;

/// What follows a head.
#[derive(Debug)]
pub(super) struct Framing {
    pub(super) body: Body,
    /// Whether the connection can carry more, once the body is through.
    pub(super) keeps_alive: bool,
    /// What is to be undone behind the chunks, in the order of application.
    pub(super) codings: Vec<Coding>,
}

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// There is none.
    None,
    /// After so many octets.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

impl Framing {
    pub(super) fn of(head: &Head, asked: Asked, odd: &mut Oddities) -> Result<Self, Failure> {
        let keeps_alive = keeps_alive(head, asked);
        let fields = &head.fields;
        if has_no_body(head.status, asked) {
            if length(fields, odd).is_err() {
                odd.add(oddity::BAD_LENGTH_UNUSED);
            }
            if !asked.is_head && head.status != 304 && fields.get("transfer-encoding").is_some() {
                odd.add(oddity::UNUSED_CODING);
            }
            return Ok(Self { body: Body::None, keeps_alive, codings: Vec::new() });
        }
        let length = if asked.ignore_content_length { None } else { length(fields, odd)? };
        let codings = Codings::of(fields, asked, odd)?;
        if codings.is_none {
            let body = length.map_or(Body::UntilClose, Body::Length);
            return Ok(Self {
                body,
                keeps_alive: keeps_alive && length.is_some(),
                codings: Vec::new(),
            });
        }
        if head.version == Version::Http10 {
            odd.add(oddity::OLD_CHUNKS);
        }
        if fields.get("content-length").is_some() {
            odd.add(oddity::LENGTH_AND_CHUNKS);
        }
        // Who was confused about one length may be about where the next response begins.
        let is_clear = fields.get("content-length").is_none() && head.version != Version::Http10;
        let body = if codings.is_chunked { Body::Chunked } else { Body::UntilClose };
        let keeps_alive = keeps_alive && codings.is_chunked && is_clear;
        Ok(Self { body, keeps_alive, codings: codings.others })
    }
}

/// RFC 9110 §6.4.1.
fn has_no_body(status: u16, asked: Asked) -> bool {
    asked.is_head
        || (asked.is_connect && (200..300).contains(&status))
        || matches!(status, 100..=199 | 204 | 304)
}

/// RFC 9112 §9.3.
fn keeps_alive(head: &Head, asked: Asked) -> bool {
    let has = |wanted: &str| {
        let proxy = asked.is_proxied.then_some("proxy-connection");
        let names = ["connection"].into_iter().chain(proxy);
        let mut all = names.flat_map(|name| words(head.fields.all(name)));
        all.any(|word| word.eq_ignore_ascii_case(wanted.as_bytes()))
    };
    let is_usual = head.version == Version::Http11 && head.raw.starts_with(b"HTTP/1.");
    !has("close") && (is_usual || (head.version == Version::Http10 && has("keep-alive")))
}

/// What Content-Length says: the same number, however often (RFC 9110 §8.6).
fn length(fields: &Fields, odd: &mut Oddities) -> Result<Option<u64>, Failure> {
    let mut length = None;
    let elements = fields.all("content-length").flat_map(|value| value.split(|it| *it == b','));
    for element in elements {
        let number = number(element.trim_ascii()).ok_or_else(bad_length)?;
        match length.replace(number) {
            None => {}
            Some(before) if before == number => odd.add(oddity::REPEATED_LENGTH),
            Some(_) => return Err(bad_length()),
        }
    }
    Ok(length)
}

fn bad_length() -> Failure {
    Failure::new(Kind::WeirdReply, "Invalid Content-Length: value")
}

/// Digits alone, and no more than a file can be long.
fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok())
}

/// What Transfer-Encoding says.
#[derive(Debug, Default)]
struct Codings {
    is_none: bool,
    is_chunked: bool,
    others: Vec<Coding>,
}

impl Codings {
    fn of(fields: &Fields, asked: Asked, odd: &mut Oddities) -> Result<Self, Failure> {
        let mut codings = Self { is_none: true, ..Self::default() };
        for word in words(fields.all("transfer-encoding")) {
            if codings.is_chunked {
                return Err(coding("A Transfer-Encoding was listed after chunked", word));
            }
            if word.eq_ignore_ascii_case(b"identity") {
                odd.add(oddity::IDENTITY);
                continue;
            }
            codings.is_none = false;
            if word.eq_ignore_ascii_case(b"chunked") {
                codings.is_chunked = true;
            } else if !asked.raw {
                codings.others.push(other(word, asked)?);
            }
            if codings.others.len() > MOST_CODINGS {
                return Err(coding("too many transfer codings", word));
            }
        }
        Ok(codings)
    }
}

fn other(word: &[u8], asked: Asked) -> Result<Coding, Failure> {
    let known = Coding::named(word);
    let known = known.filter(|one| matches!(one, Coding::Gzip | Coding::Deflate));
    match known {
        Some(known) if asked.takes_transfer_codings => Ok(known),
        _ => Err(coding("Unsolicited Transfer-Encoding found", word)),
    }
}

fn coding(what: &str, word: &[u8]) -> Failure {
    Failure::new(Kind::Encoding, format!("{what}: {}", String::from_utf8_lossy(word)))
}
