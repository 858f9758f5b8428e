//! `Set-Cookie` (RFC 6265 §5.2), read as curl reads it.

use super::{Cookie, Origin, is_address};
use crate::date;

/// Octets of a field, and of a line of a file, that are looked at.
pub(super) const LONGEST_LINE: usize = 8_192;
/// Octets of a name and its value together (RFC 6265bis §5.6).
const LONGEST_PAIR: usize = 4_096;
/// Octets of a date.
const LONGEST_DATE: usize = 80;
/// 400 days, the longest that a cookie lives (RFC 6265bis §5.5).
const LONGEST_LIFE: i64 = 400 * 24 * 3_600;

/// An attribute, or the pair that stands first.
struct Pair<'a> {
    name: &'a [u8],
    value: &'a [u8],
    has_sign: bool,
}

/// Reads a field; without an origin it is a line of a file, which may say anything.
pub(super) fn set_cookie(
    field: &[u8],
    origin: Option<&Origin<'_>>,
    now: i64,
) -> Result<Cookie, String> {
    if field.len() > LONGEST_LINE {
        return Err(format!("cookie of {} octets refused: too long", field.len()));
    }
    let end = field.iter().position(|one| matches!(one, b'\r' | b'\n')).unwrap_or(field.len());
    let field = field.get(..end).unwrap_or_default();
    let mut pairs = field.split(|one| *one == b';').map(pair);
    let first = pairs.next().ok_or("empty cookie refused")?;
    check(&first)?;
    let mut cookie =
        Cookie { name: first.name.to_vec(), value: first.value.to_vec(), ..Cookie::default() };
    let mut path = None;
    for pair in pairs {
        check_octets(&pair)?;
        if pair.name.eq_ignore_ascii_case(b"path") {
            path = Some(pair.value.to_vec());
        } else {
            attribute(&mut cookie, &pair, origin, now)?;
        }
    }
    if let Some(origin) = origin.filter(|_| cookie.domain.is_empty()) {
        cookie.domain = origin.host.as_bytes().to_vec();
    }
    cookie.path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| default_path(origin));
    Ok(cookie)
}

fn pair(text: &[u8]) -> Pair<'_> {
    let sign = text.iter().position(|one| *one == b'=');
    let at = sign.unwrap_or(text.len());
    let value = text.get(at + 1..).unwrap_or_default();
    Pair {
        name: trim(text.get(..at).unwrap_or_default()),
        value: trim(value),
        has_sign: sign.is_some(),
    }
}

/// Without the blanks and tabs around it.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// What the first pair must be.
fn check(pair: &Pair<'_>) -> Result<(), String> {
    // Without a name, a value must not pass for a pair whose name promises something (RFC 6265bis §5.7).
    let is_promise = |begin: &[u8]| {
        pair.value.get(..begin.len()).is_some_and(|own| own.eq_ignore_ascii_case(begin))
    };
    let is_sham = pair.name.is_empty() && (is_promise(b"__Host-") || is_promise(b"__Secure-"));
    if !pair.has_sign || is_sham {
        return Err("cookie without a name refused".to_owned());
    }
    check_octets(pair)?;
    let is_control = |one: &u8| matches!(one, 0x01..=0x08 | 0x0a..=0x1f | 0x7f | 0);
    if pair.name.iter().chain(pair.value).any(is_control) {
        return Err("cookie with control octets refused".to_owned());
    }
    Ok(())
}

fn check_octets(pair: &Pair<'_>) -> Result<(), String> {
    let (name, value) = (pair.name.len(), pair.value.len());
    if name >= LONGEST_PAIR - 1 || value >= LONGEST_PAIR - 1 || name + value > LONGEST_PAIR {
        return Err(format!("cookie refused: name and value of {name} and {value} octets"));
    }
    if pair.name.iter().chain(pair.value).any(|one| *one == b'\t') {
        return Err("cookie with a tab refused".to_owned());
    }
    Ok(())
}

fn attribute(
    cookie: &mut Cookie,
    pair: &Pair<'_>,
    origin: Option<&Origin<'_>>,
    now: i64,
) -> Result<(), String> {
    let is = |name: &str| pair.name.eq_ignore_ascii_case(name.as_bytes());
    let has_value = !pair.value.is_empty();
    if is("secure") && !has_value {
        if origin.is_some_and(|origin| !origin.is_secure) {
            return Err("cookie for TLS only refused: it came without TLS".to_owned());
        }
        cookie.secure = true;
    } else if is("httponly") && !has_value {
        cookie.http_only = true;
    } else if is("domain") && has_value {
        domain(cookie, pair.value, origin)?;
    } else if is("max-age") && has_value {
        cookie.expires = Some(max_age(pair.value, now));
    } else if is("expires") && has_value && cookie.expires.is_none() {
        let date = Some(pair.value).filter(|text| text.len() < LONGEST_DATE);
        let date = date.and_then(date::parse_cookie).filter(|date| *date >= 0);
        // In files 0 is no date at all.
        cookie.expires = date.map(|date| capped(date.max(1), now));
    }
    Ok(())
}

/// RFC 6265 §5.2.3 and §5.3 step 6.
fn domain(cookie: &mut Cookie, value: &[u8], origin: Option<&Origin<'_>>) -> Result<(), String> {
    let value = value.strip_prefix(b".").unwrap_or(value);
    let given = std::str::from_utf8(value).unwrap_or_default();
    let is_numeric = origin.map_or_else(|| is_address(given), Origin::is_address);
    let is_covered = origin.is_none_or(|origin| {
        if is_numeric { value == origin.host.as_bytes() } else { is_below(origin.host, value) }
    });
    if !is_covered {
        return Err("cookie for a foreign domain refused".to_owned());
    }
    cookie.domain = value.to_vec();
    cookie.tail_match = !is_numeric;
    Ok(())
}

/// Whether a host is that domain, or below it.
fn is_below(host: &str, domain: &[u8]) -> bool {
    let host = host.as_bytes();
    let Some(at) = host.len().checked_sub(domain.len()) else { return false };
    let (begin, end) = host.split_at_checked(at).unwrap_or_default();
    end.eq_ignore_ascii_case(domain)
        && !end.is_empty()
        && (begin.is_empty() || begin.ends_with(b"."))
}

/// When it ends; what is no number, or nothing, has ended long ago.
fn max_age(value: &[u8], now: i64) -> i64 {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let figures = value.iter().take_while(|one| one.is_ascii_digit()).count();
    let number = std::str::from_utf8(value.get(..figures).unwrap_or_default()).unwrap_or_default();
    if number.is_empty() {
        return 1;
    }
    match number.parse::<i64>() {
        Ok(0) => 1,
        Ok(seconds) => capped(now.saturating_add(seconds), now),
        Err(_) => capped(i64::MAX, now),
    }
}

/// No later than 400 days from now, to the minute.
fn capped(date: i64, now: i64) -> i64 {
    let last = now.saturating_add(LONGEST_LIFE);
    if date <= last {
        return date;
    }
    let last = last.saturating_add(30);
    last - last % 60
}

/// The request's path up to its last `/` (RFC 6265 §5.1.4; curl keeps the `/`).
fn default_path(origin: Option<&Origin<'_>>) -> Vec<u8> {
    let path = origin.map_or("/", |origin| origin.path);
    let path = path.split('?').next().unwrap_or_default();
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/").as_bytes().to_vec()
}
