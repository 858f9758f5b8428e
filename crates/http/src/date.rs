//! Dates: of HTTP (RFC 9110 §5.6.7), of cookies (RFC 6265 §5.1.1), and as people type them (`curl_getdate(3)`).
//!
//! All in seconds since 1970, UTC, as if there were no leap seconds. Never reads a clock.

mod civil;
mod lenient;

use std::time::UNIX_EPOCH;

pub(crate) use civil::Civil;

/// A date of HTTP, in any of its three forms.
#[must_use]
pub fn parse_http(text: &[u8]) -> Option<i64> {
    let date = httpdate::parse_http_date(std::str::from_utf8(text).ok()?.trim()).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
#[must_use]
pub fn format_http(seconds: i64) -> String {
    let at = Civil::of(seconds);
    let (weekday, month) = (at.weekday_name(), at.month_name());
    let Civil { year, day, hour, minute, second, .. } = at;
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// What cookies' `Expires` has: what `curl_getdate(3)` takes, and what RFC 6265 §5.1.1 takes besides.
#[must_use]
pub fn parse_cookie(text: &[u8]) -> Option<i64> {
    lenient::read(text).or_else(|| lenient::read_rfc6265(text))
}

/// As people type dates (`-z`): `curl_getdate(3)`, and ISO 8601's extended form, which that does not take.
#[must_use]
pub fn parse_typed(text: &[u8]) -> Option<i64> {
    lenient::read(text).or_else(|| lenient::read_iso(text))
}

#[cfg(test)]
mod tests;
