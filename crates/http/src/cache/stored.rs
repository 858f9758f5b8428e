//! Whether a response may be kept (RFC 9111 §3).

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_cache_semantics::{CacheOptions, CachePolicy};

use super::control::Control;
use super::{About, Explanation, Request, Statement};
use crate::head::{Fields, Head};

/// Fields that storing depends on; no other goes to the library, which adds up ages that a stranger wrote.
const ASKED: [&str; 2] = ["cache-control", "authorization"];
const ANSWERED: [&str; 4] = ["cache-control", "expires", "pragma", "last-modified"];

pub(super) fn is_storable(request: &Request, head: &Head, is_shared: bool) -> bool {
    let Ok(status) = StatusCode::from_u16(head.status) else { return false };
    let Ok(method) = http::Method::from_bytes(request.method.as_bytes()) else { return false };
    let (mut asked, mut answered) = (http::Request::new(()), http::Response::new(()));
    *asked.method_mut() = method;
    *asked.headers_mut() = map(&request.fields, &ASKED);
    *answered.status_mut() = status;
    *answered.headers_mut() = map(&head.fields, &ANSWERED);
    let options = CacheOptions { shared: is_shared, ..CacheOptions::default() };
    let received = UNIX_EPOCH + Duration::from_secs(1);
    CachePolicy::new_options(&asked, &answered, received, options).is_storable()
}

fn map(fields: &Fields, names: &[&'static str]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for name in names {
        for value in fields.all(name).take(64) {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                let _ = map.try_append(HeaderName::from_static(name), value);
            }
        }
    }
    map
}

pub(super) fn reasons(
    request: &Request,
    head: &Head,
    control: &Control,
    told: &Explanation,
) -> Vec<Statement> {
    let clause = "RFC 9111 §3";
    let control_field = || super::quoted(&head.fields, "Cache-Control");
    let state = |text: String, field: String, clause| Statement {
        about: About::Storing,
        text,
        field,
        clause,
    };
    let none = String::new;
    match (told.private.is_storable, told.shared.is_storable) {
        (true, true) => {
            return vec![state("every cache may keep it".to_owned(), control_field(), clause)];
        }
        (true, false) if control.has("private") => {
            return vec![state(
                "only the user's own cache may keep it, no shared one: private".to_owned(),
                control_field(),
                "RFC 9111 §5.2.2.7",
            )];
        }
        (true, false) => {
            let text = "only the user's own cache may keep it: the request had Authorization, and none of public, s-maxage, must-revalidate says otherwise";
            return vec![state(text.to_owned(), none(), "RFC 9111 §3.5")];
        }
        _ => {}
    }
    let asked = Control::of(&request.fields);
    let (text, field, clause) = if control.has("no-store") {
        ("no cache may keep it: no-store".to_owned(), control_field(), "RFC 9111 §5.2.2.5")
    } else if asked.has("no-store") {
        ("no cache may keep it: the request said no-store".to_owned(), none(), "RFC 9111 §5.2.1.5")
    } else if !matches!(request.method.as_str(), "GET" | "HEAD" | "POST") {
        (format!("no cache keeps answers to {}", request.method), none(), clause)
    } else if request.method == "POST" {
        let text = "no cache keeps an answer to POST that does not say for how long";
        (text.to_owned(), none(), "RFC 9110 §9.3.3")
    } else {
        let status = head.status;
        let text =
            format!("no cache keeps an answer of status {status} that does not say for how long");
        (text, none(), "RFC 9110 §15.1")
    };
    vec![state(text, field, clause)]
}
