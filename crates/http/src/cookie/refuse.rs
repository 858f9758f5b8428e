//! Cookies that are not taken.

use super::{Cookie, is_address};

pub(super) fn told(cookie: &Cookie, why: &str) -> String {
    let name = String::from_utf8_lossy(cookie.name.get(..80).unwrap_or(&cookie.name));
    format!("cookie '{name}' refused: {why}")
}

/// What the names `__Secure-` and `__Host-` promise (RFC 6265bis §4.1.3); in any case of letters in files.
pub(super) fn prefix(cookie: &Cookie, any_case: bool) -> Result<(), String> {
    let begins = |prefix: &[u8]| {
        let begin = cookie.name.get(..prefix.len()).unwrap_or_default();
        begin == prefix || (any_case && begin.eq_ignore_ascii_case(prefix))
    };
    if begins(b"__Secure-") && !cookie.secure {
        return Err(told(cookie, "its name says that it is secure, and it is not"));
    }
    let is_bound = cookie.secure && cookie.path == b"/" && !cookie.tail_match;
    if begins(b"__Host-") && !is_bound {
        return Err(told(cookie, "its name says that it is the host's alone, and it is not"));
    }
    Ok(())
}

/// No cookie is for all of `com` or `co.uk` (RFC 6265 §5.3 step 5); a host that is a public suffix itself has those of
/// its own.
pub(super) fn public_suffix(mut cookie: Cookie, host: &str) -> Result<Cookie, String> {
    let host = host.to_ascii_lowercase();
    let domain = cookie.domain.to_ascii_lowercase();
    if is_address(&host) {
        return Ok(cookie);
    }
    let suffix = psl::suffix(host.as_bytes());
    if domain == host.as_bytes() {
        // An unlisted name of one label is a suffix, too, as far as the list goes; curl lets it have names below it.
        if suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == domain) {
            cookie.tail_match = false;
        }
        return Ok(cookie);
    }
    if suffix.is_some_and(|suffix| domain.len() <= suffix.as_bytes().len()) {
        return Err(told(&cookie, "its domain is a public suffix"));
    }
    Ok(cookie)
}
