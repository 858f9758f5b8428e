//! Dates: of HTTP (RFC 9110 §5.6.7), of cookies (RFC 6265 §5.1.1), and as people type them (`curl_getdate(3)`).
//!
//! All in seconds since 1970, UTC. Never reads a clock.

/// A date of HTTP, in any of its three forms.
#[must_use]
pub fn parse_http(_text: &[u8]) -> Option<i64> {
    todo!("state")
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
#[must_use]
pub fn format_http(_seconds: i64) -> String {
    todo!("state")
}

/// What cookies' `Expires` has (RFC 6265 §5.1.1, and what `curl_getdate(3)` takes besides).
#[must_use]
pub fn parse_cookie(_text: &[u8]) -> Option<i64> {
    todo!("state")
}

/// As people type dates (`-z`): `curl_getdate(3)`.
#[must_use]
pub fn parse_typed(_text: &[u8]) -> Option<i64> {
    todo!("state")
}
