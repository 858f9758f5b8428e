//! Where a message ends, and what its octets are: what two readers can read in two ways.

use super::{Found, Grade, Response, words};
use crate::head::Version;

/// Fields that say how a message is carried, and so have no place behind its body (RFC 9110 §6.5.1).
const NOT_IN_TRAILERS: [&str; 8] = [
    "content-length",
    "transfer-encoding",
    "host",
    "content-encoding",
    "content-type",
    "set-cookie",
    "location",
    "cache-control",
];
/// Fields that Connection must not take away (RFC 9110 §7.6.1).
const END_TO_END: [&str; 6] =
    ["cache-control", "content-length", "content-type", "date", "set-cookie", "etag"];

pub(super) fn look(response: &Response<'_>, found: &mut Found) {
    lengths(response, found);
    connection(response, found);
    octets(response, found);
    for field in response.trailers.iter().flat_map(|trailers| &trailers.0) {
        if NOT_IN_TRAILERS.iter().any(|name| field.name.eq_ignore_ascii_case(name.as_bytes())) {
            found.add(
                Grade::Danger,
                "a field behind the body that must not be there",
                &field.name,
                "RFC 9110 §6.5.1",
            );
        }
    }
}

fn lengths(response: &Response<'_>, found: &mut Found) {
    let fields = &response.head.fields;
    let codings: Vec<&[u8]> = words(fields, "transfer-encoding").collect();
    let mut lengths: Vec<&[u8]> = words(fields, "content-length").collect();
    if let (Some(length), Some(_)) = (lengths.first(), codings.first()) {
        let what =
            "Content-Length beside Transfer-Encoding: two readers may see two ends (smuggling)";
        found.add(Grade::Danger, what, length, "RFC 9112 §6.3");
    }
    let count = lengths.len();
    lengths.sort_unstable();
    lengths.dedup();
    if lengths.len() > 1 {
        found.add(
            Grade::Danger,
            "several Content-Lengths that differ",
            &lengths.join(&b", "[..]),
            "RFC 9112 §6.3",
        );
    } else if let (true, Some(length)) = (count > 1, lengths.first()) {
        found.add(Grade::Warning, "Content-Length more than once", length, "RFC 9110 §8.6");
    }
    if let Some(length) = lengths.iter().find(|length| !length.iter().all(u8::is_ascii_digit)) {
        found.add(Grade::Danger, "a Content-Length that is no number", length, "RFC 9110 §8.6");
    }
    let chunked = codings.iter().filter(|coding| coding.eq_ignore_ascii_case(b"chunked")).count();
    if chunked > 1 {
        found.add(
            Grade::Danger,
            "chunked more than once",
            &codings.join(&b", "[..]),
            "RFC 9112 §6.1",
        );
    }
    if chunked == 1 && !codings.last().is_some_and(|last| last.eq_ignore_ascii_case(b"chunked")) {
        found.add(
            Grade::Danger,
            "chunked is not the last coding",
            &codings.join(&b", "[..]),
            "RFC 9112 §6.1",
        );
    }
    if let (Some(coding), 100..=199 | 204) = (codings.first(), response.head.status) {
        found.add(
            Grade::Warning,
            "Transfer-Encoding in a response that has no body",
            coding,
            "RFC 9112 §6.1",
        );
    }
    if let (Some(coding), Version::Http10) = (codings.first(), response.head.version) {
        found.add(
            Grade::Danger,
            "Transfer-Encoding in HTTP/1.0, which has none",
            coding,
            "RFC 9112 §6.1",
        );
    }
}

fn connection(response: &Response<'_>, found: &mut Found) {
    let fields = &response.head.fields;
    for word in words(fields, "connection") {
        if END_TO_END.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes())) {
            found.add(
                Grade::Danger,
                "Connection names a field that is not of the connection",
                word,
                "RFC 9110 §7.6.1",
            );
        }
    }
    let is_new = matches!(response.head.version, Version::Http2 | Version::Http3);
    for name in ["connection", "transfer-encoding", "keep-alive", "upgrade", "proxy-connection"] {
        if let Some(value) = fields.get(name).filter(|_| is_new) {
            found.add(
                Grade::Warning,
                format!("{name} in HTTP/2 or 3, which have none"),
                value,
                "RFC 9113 §8.2.2",
            );
        }
    }
}

fn octets(response: &Response<'_>, found: &mut Found) {
    let is_control = |one: &u8| (*one < 0x20 && *one != b'\t') || *one == 0x7f;
    for field in &response.head.fields.0 {
        if field.name.iter().chain(&field.value).any(is_control) {
            found.add(Grade::Danger, "control octets in a field", &field.value, "RFC 9110 §5.5");
        }
        let is_token = |one: &u8| one.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(one);
        if field.name.is_empty() || !field.name.iter().all(is_token) {
            found.add(Grade::Warning, "a field's name that is none", &field.name, "RFC 9110 §5.1");
        }
    }
    if response.head.reason.iter().any(is_control) {
        found.add(
            Grade::Danger,
            "control octets in the status line",
            &response.head.reason,
            "RFC 9112 §4",
        );
    }
    let raw = &response.head.raw;
    let is_bare = |pair: &[u8]| matches!(pair, [before, b'\n'] if *before != b'\r');
    if raw.windows(2).any(is_bare) || raw.first() == Some(&b'\n') {
        found.add(Grade::Warning, "lines that end in a bare LF", b"", "RFC 9112 §2.2");
    }
    let folded = raw.windows(3).any(|three| matches!(three, [_, b'\n', b' ' | b'\t']));
    if folded {
        found.add(Grade::Warning, "a field folded over lines", b"", "RFC 9112 §5.2");
    }
}
