//! Fields that are wrong by themselves, or beside each other.

use super::{Found, Grade, Response, words};
use crate::cache::control::Control;
use crate::date;
use crate::head::Fields;

/// Fields that stand once at the most (RFC 9110 §5.3).
const SINGLE: [&str; 14] = [
    "age",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
    "server",
    "strict-transport-security",
    "access-control-allow-origin",
    "x-content-type-options",
];
/// Seconds that two clocks may differ.
const DRIFT: u64 = 60;

pub(super) fn look(response: &Response<'_>, found: &mut Found) {
    let fields = &response.head.fields;
    for name in SINGLE {
        let count = fields.all(name).count();
        if count > 1 {
            let value = fields.all(name).collect::<Vec<_>>().join(&b" | "[..]);
            found.add(
                Grade::Warning,
                format!("{name} {count} times, which stands once"),
                &value,
                "RFC 9110 §5.3",
            );
        }
    }
    clock(response, found);
    content(response, found);
    etag(fields, found);
    control(fields, found);
    if let Some(location) = fields.get("location") {
        // A 201's names what was made, and may be relative as others; what it must not be is empty.
        if location.is_empty() || location.iter().any(u8::is_ascii_whitespace) {
            found.add(
                Grade::Warning,
                "a Location that is no reference",
                location,
                "RFC 9110 §10.2.2",
            );
        } else if response.head.status == 201 && !location.contains(&b':') {
            found.add(
                Grade::Hint,
                "the Location of what was made is relative",
                location,
                "RFC 9110 §15.3.2",
            );
        }
    } else if matches!(response.head.status, 301 | 302 | 303 | 307 | 308) {
        found.add(Grade::Warning, "a redirect to nowhere: no Location", b"", "RFC 9110 §15.4");
    }
}

fn clock(response: &Response<'_>, found: &mut Found) {
    let Some(value) = response.head.fields.get("date") else {
        if response.head.status < 500 {
            found.add(Grade::Warning, "no Date", b"", "RFC 9110 §6.6.1");
        }
        return;
    };
    let Some(told) = date::parse_http(value) else {
        found.add(Grade::Warning, "a Date that is none", value, "RFC 9110 §5.6.7");
        return;
    };
    let off = told.abs_diff(response.now);
    // What comes from a cache was made earlier (RFC 9111 §4.2.3).
    let is_cached = response.head.fields.get("age").is_some() && told < response.now;
    if off > DRIFT && !is_cached {
        let side = if told > response.now { "ahead of" } else { "behind" };
        found.add(
            Grade::Warning,
            format!("the server's clock is {off} s {side} ours"),
            value,
            "RFC 9110 §6.6.1",
        );
    }
}

fn content(response: &Response<'_>, found: &mut Found) {
    let (fields, body) = (&response.head.fields, response.body);
    let media_type = fields.get("content-type").map(<[u8]>::to_ascii_lowercase);
    match &media_type {
        None if !body.is_empty() => {
            found.add(Grade::Warning, "a body without Content-Type", b"", "RFC 9110 §8.3");
        }
        Some(value)
            if value.starts_with(b"text/") && !value.windows(8).any(|part| part == b"charset=") =>
        {
            found.add(Grade::Hint, "text without charset", value, "RFC 9110 §8.3.2");
        }
        _ => {}
    }
    let codings: Vec<Vec<u8>> =
        words(fields, "content-encoding").map(<[u8]>::to_ascii_lowercase).collect();
    let list = codings.join(&b", "[..]);
    if codings.iter().any(|coding| coding == b"identity") {
        found.add(
            Grade::Hint,
            "Content-Encoding: identity, which is not sent",
            &list,
            "RFC 9110 §8.4.1",
        );
    }
    let doubled = codings
        .iter()
        .enumerate()
        .any(|(at, one)| codings.iter().skip(at + 1).any(|other| one == other));
    if doubled {
        found.add(Grade::Warning, "the same content coding more than once", &list, "RFC 9110 §8.4");
    }
    let is_gzip = body.starts_with(&[0x1f, 0x8b]);
    let says_gzip = codings.last().is_some_and(|last| last == b"gzip" || last == b"x-gzip");
    if says_gzip && !is_gzip && body.len() >= 2 {
        found.add(
            Grade::Warning,
            "Content-Encoding says gzip, and the body is not",
            &list,
            "RFC 9110 §8.4.1.3",
        );
    }
    let is_text = media_type.is_some_and(|value| value.starts_with(b"text/"));
    if is_gzip && codings.is_empty() && is_text {
        found.add(
            Grade::Warning,
            "the body is gzip, and Content-Encoding does not say so",
            b"",
            "RFC 9110 §8.4",
        );
    }
}

/// `W/"…"` or `"…"` (RFC 9110 §8.8.3).
fn etag(fields: &Fields, found: &mut Found) {
    let Some(value) = fields.get("etag") else { return };
    let opaque = value.strip_prefix(b"W/").unwrap_or(value);
    let inner = opaque.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let is_plain = |one: &u8| *one == 0x21 || (0x23..=0x7e).contains(one) || *one >= 0x80;
    if !inner.is_some_and(|inner| inner.iter().all(is_plain)) {
        found.add(
            Grade::Warning,
            "an ETag that is none: it stands in quotes, W/ before them",
            value,
            "RFC 9110 §8.8.3",
        );
    }
}

fn control(fields: &Fields, found: &mut Found) {
    let control = Control::of(fields);
    let value = fields.get("cache-control").unwrap_or_default();
    let clash =
        |found: &mut Found, what: &str| found.add(Grade::Warning, what, value, "RFC 9111 §5.2.2");
    if control.has("no-store")
        && (control.has("max-age") || control.has("public") || control.has("s-maxage"))
    {
        let is_zero = control.seconds("max-age") == Some(0) && !control.has("public");
        if !is_zero {
            clash(found, "no-store beside a directive that says how to store");
        }
    }
    if control.has("public") && control.has("private") {
        clash(found, "public beside private");
    }
    if control.has("immutable") && control.has("no-cache") {
        clash(found, "immutable beside no-cache");
    }
    let repeated = control.0.iter().enumerate().find(|(at, (name, value))| {
        control.0.iter().skip(at + 1).any(|(other, given)| name == other && value != given)
    });
    if let Some((_, (name, _))) = repeated {
        found.add(
            Grade::Warning,
            format!("{name} twice, with different values"),
            value,
            "RFC 9111 §4.2.1",
        );
    }
    let is_kept = control.has("public") || control.has("s-maxage");
    if let Some(cookie) = fields.get("set-cookie").filter(|_| is_kept && !control.has("no-store")) {
        let name = cookie.split(|one| *one == b'=').next().unwrap_or_default();
        found.add(
            Grade::Danger,
            "Set-Cookie in a response that shared caches keep: one user gets another's",
            name,
            "RFC 9111 §7.3",
        );
    }
}
