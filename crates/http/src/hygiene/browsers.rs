//! What browsers are told to be careful with.

use super::{Found, Grade, Response};
use crate::head::Fields;
use crate::hsts;

/// Half a year, below which HSTS leaves gaps. Seconds.
const SHORT: i64 = 15_552_000;

pub(super) fn look(response: &Response<'_>, found: &mut Found) {
    let fields = &response.head.fields;
    for cookie in fields.all("set-cookie") {
        cookie_flags(cookie, response.is_secure, found);
    }
    transport(response, found);
    let is_page = fields.get("content-type").is_some();
    let nosniff = fields.get("x-content-type-options");
    if is_page && !nosniff.is_some_and(|value| value.eq_ignore_ascii_case(b"nosniff")) {
        found.add(
            Grade::Hint,
            "browsers may guess the type: no X-Content-Type-Options: nosniff",
            b"",
            "Fetch standard §3.5",
        );
    }
    sharing(fields, found);
}

fn cookie_flags(cookie: &[u8], is_secure: bool, found: &mut Found) {
    let name = cookie.split(|one| *one == b'=').next().unwrap_or_default();
    let has = |flag: &[u8]| {
        let mut flags = cookie.split(|one| *one == b';').skip(1).map(<[u8]>::trim_ascii);
        flags.any(|one| {
            one.split(|one| *one == b'=')
                .next()
                .is_some_and(|own| own.trim_ascii().eq_ignore_ascii_case(flag))
        })
    };
    if is_secure && !has(b"secure") {
        found.add(
            Grade::Warning,
            "a cookie that goes over plain HTTP, too: no Secure",
            name,
            "RFC 6265 §4.1.2.5",
        );
    } else if !is_secure && has(b"secure") {
        found.add(
            Grade::Warning,
            "a cookie for TLS only that came without TLS",
            name,
            "RFC 6265 §8.6",
        );
    }
    if !has(b"httponly") {
        found.add(
            Grade::Hint,
            "a cookie that scripts can read: no HttpOnly",
            name,
            "RFC 6265 §4.1.2.6",
        );
    }
    if !has(b"samesite") {
        found.add(Grade::Hint, "a cookie without SameSite", name, "RFC 6265bis §4.1.2.7");
    }
}

fn transport(response: &Response<'_>, found: &mut Found) {
    let field = response.head.fields.get("strict-transport-security");
    let why = "RFC 6797 §6.1";
    match (field, response.is_secure) {
        (None, true) => {
            found.add(Grade::Hint, "no Strict-Transport-Security", b"", "RFC 6797 §7.1");
        }
        (Some(value), false) => {
            found.add(
                Grade::Warning,
                "Strict-Transport-Security over plain HTTP, where it says nothing",
                value,
                "RFC 6797 §7.2",
            );
        }
        (Some(value), true) => match hsts::parse(value) {
            None => {
                found.add(Grade::Warning, "a Strict-Transport-Security that is void", value, why);
            }
            Some(policy) if policy.max_age.is_some_and(|seconds| seconds < SHORT) => {
                found.add(
                    Grade::Hint,
                    "Strict-Transport-Security for less than half a year",
                    value,
                    why,
                );
            }
            Some(_) => {}
        },
        (None, false) => {}
    }
}

/// Other origins' scripts (CORS).
fn sharing(fields: &Fields, found: &mut Found) {
    let origin = fields.get("access-control-allow-origin").unwrap_or_default();
    let with_login = fields.get("access-control-allow-credentials").unwrap_or_default();
    if origin == b"*" && with_login.eq_ignore_ascii_case(b"true") {
        found.add(
            Grade::Warning,
            "Access-Control-Allow-Origin: * with credentials, which browsers refuse",
            with_login,
            "Fetch standard §3.3.5",
        );
    }
    if origin.eq_ignore_ascii_case(b"null") {
        found.add(
            Grade::Danger,
            "Access-Control-Allow-Origin: null, which any sandboxed page has",
            origin,
            "Fetch standard §3.3",
        );
    }
}
