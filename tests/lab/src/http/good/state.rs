//! What depends on what was before: cookies, validators, and servers that are busy at first.

use super::super::World;
use super::super::reply::Reply;
use super::super::request::Request;

/// When `/cache` and `/file.txt` changed.
pub(super) const MODIFIED: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// `/cookies` says what came, `/cookies/set?a=1` sets and redirects there, `/cookies/all` sets one of each kind.
pub(super) fn cookies(rest: &str, request: &Request) -> Reply {
    match rest {
        "set" => request.pairs().iter().fold(
            Reply::new(302, "").with("Location", "/cookies"),
            |reply, (name, value)| {
                reply.with("Set-Cookie", format!("{name}={value}; Path=/; Max-Age=3600"))
            },
        ),
        "all" => KINDS.iter().fold(Reply::ok(""), |reply, one| reply.with("Set-Cookie", *one)),
        _ => {
            let came = request.field("cookie");
            Reply::ok(format!("{}\n", if came.is_empty() { "(none)" } else { came }))
        }
    }
}

const KINDS: [&str; 8] = [
    "session=1; HttpOnly",
    "persist=2; Max-Age=600; Path=/",
    "old=3; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "sec=4; Secure",
    "pth=5; Path=/cookies",
    "__Host-h=6; Secure; Path=/",
    "quoted=\"a b\"",
    "dom=7; Domain=lab.test",
];

/// `/flaky/2?k=x&ra=1`: 503 with Retry-After for the first two that ask for x.
pub(super) fn flaky(world: &World, times: u64, request: &Request) -> Reply {
    let key = request.query("k").unwrap_or_default();
    if u64::from(world.count(&format!("flaky {key}"))) >= times {
        return Reply::ok("finally\n");
    }
    let reply = Reply::new(503, "busy\n");
    match request.query("ra") {
        Some(after) => reply.with("Retry-After", after),
        None => reply,
    }
}

/// `/cache?cc=no-store`: what may be kept, with both validators.
pub(super) fn cache(request: &Request) -> Reply {
    let control = request.query("cc").unwrap_or_else(|| "max-age=60".to_owned());
    let matched = request.field("if-none-match");
    let since = request.field("if-modified-since");
    let is_same = match matched {
        "" => since == MODIFIED,
        tags => tags == "*" || tags.contains("\"v1\""),
    };
    let reply = if is_same { Reply::new(304, "") } else { Reply::ok("to be kept, version 1\n") };
    reply
        .with("Cache-Control", control)
        .with("Vary", "Accept-Encoding")
        .with("ETag", "\"v1\"")
        .with("Last-Modified", MODIFIED)
}
