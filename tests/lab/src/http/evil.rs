//! What an origin of HTTP/1 should not do: `/evil/NAME`, on raw octets.

mod table;

use std::time::Duration;

use super::World;
use super::good::{gzip, gzip_of_zeros, text};
use super::request::Request;
use super::script::{Act, Script};

/// A status line of success.
const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";
const SECOND: Duration = Duration::from_secs(1);

/// Every name.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let constant = table::OCTETS.iter().map(|(name, _)| *name);
    let fields = table::FIELDS.iter().map(|(name, _)| *name);
    let locations = table::LOCATIONS.iter().map(|(name, _)| *name);
    constant.chain(fields).chain(locations).chain(COMPUTED).collect()
}

/// Those that no constant holds.
const COMPUTED: [&str; 41] = [
    "auth-loop",
    "cd-long",
    "ck-huge",
    "ck-many",
    "ce-20-layers",
    "chunk-of-1mib-lines",
    "endless-1xx",
    "endless-body",
    "endless-chunk-ext",
    "endless-chunk-size",
    "endless-header",
    "endless-headers",
    "endless-status-line",
    "endless-trailers",
    "garbage",
    "gzip-bad-crc",
    "gzip-bomb",
    "gzip-bomb-nested",
    "gzip-trailing",
    "gzip-truncated",
    "header-300k",
    "huge-header",
    "many-headers",
    "never-reply",
    "auth-garbage",
    "binary-body",
    "redir-badhost",
    "redir-grow",
    "redir-gopher",
    "redir-long",
    "redir-otherhost",
    "redir-otherport",
    "redir-proto-rel",
    "redir-userinfo",
    "rst-body",
    "rst-headers",
    "slow-body",
    "slow-headers",
    "slow-status",
    "stall-body",
    "tiny-chunks",
];

/// What is sent for a name; nothing for one that is none.
pub(crate) fn script(world: &World, name: &str, request: &Request) -> Option<Script> {
    if let Some((_, octets)) = table::OCTETS.iter().find(|row| row.0 == name) {
        return Some(Script::of(*octets));
    }
    if let Some((_, fields)) = table::FIELDS.iter().find(|row| row.0 == name) {
        let script = Script::of([OK, fields, b"\r\nContent-Length: 6\r\n\r\npwned\n"].concat());
        return Some(script.keeping());
    }
    if let Some((_, location)) = table::LOCATIONS.iter().find(|row| row.0 == name) {
        return Some(redirect(location));
    }
    endless(name)
        .or_else(|| slow(name))
        .or_else(|| large(name))
        .or_else(|| coded(name))
        .or_else(|| elsewhere(world, name, request))
}

fn ok(rest: impl AsRef<[u8]>) -> Script {
    Script::of([OK, rest.as_ref()].concat())
}

fn redirect(location: &[u8]) -> Script {
    let head = [b"HTTP/1.1 302 Found\r\nLocation: ", location, b"\r\nContent-Length: 0\r\n\r\n"];
    Script::of(head.concat()).keeping()
}

fn endless(name: &str) -> Option<Script> {
    let chunked = || ok("Transfer-Encoding: chunked\r\n\r\n");
    Some(match name {
        "endless-headers" => {
            let line = |n| format!("X-{n}: {}\r\n", "a".repeat(200));
            ok("").endless((0..500).map(line).collect::<String>())
        }
        "endless-header" => ok("X-Big: ").endless("a"),
        "endless-1xx" => {
            Script::of("").endless("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
        }
        "endless-status-line" => Script::of("HTTP/1.1 200 ").endless("A"),
        "endless-body" => ok("Connection: close\r\n\r\n").endless([0]),
        "endless-trailers" => chunked()
            .then(Act::Send(b"0\r\n".to_vec()))
            .endless(format!("X-T: {}\r\n", "a".repeat(200))),
        "endless-chunk-ext" => chunked().then(Act::Send(b"5;".to_vec())).endless("a"),
        "endless-chunk-size" => chunked().endless("0"),
        "tiny-chunks" => chunked()
            .then(Act::Times(b"1\r\nx\r\n".to_vec(), 2_000_000))
            .then(Act::Send(b"0\r\n\r\n".to_vec())),
        "chunk-of-1mib-lines" => chunked()
            .then(Act::Times([b"100000\r\n", &vec![b'\n'; 1 << 20][..], b"\r\n"].concat(), 8))
            .then(Act::Send(b"0\r\n\r\n".to_vec())),
        _ => return None,
    })
}

fn slow(name: &str) -> Option<Script> {
    let part = || ok([&b"Content-Length: 1000000\r\n\r\n"[..], &[b'a'; 500]].concat());
    Some(match name {
        "slow-status" => Script::of("").then(Act::Drip(OK.to_vec(), SECOND)),
        "slow-headers" => ok("").then(Act::Endless(b"X-A: b\r\n".to_vec(), SECOND)),
        "slow-body" => {
            ok("Content-Length: 1000000\r\n\r\n").then(Act::Endless(b"a".to_vec(), SECOND))
        }
        "stall-body" => part().stall(),
        "never-reply" => Script::of("").stall(),
        "rst-body" => part().then(Act::Wait(SECOND / 10)).then(Act::Reset),
        "rst-headers" => ok("X-A: b\r\n").then(Act::Wait(SECOND / 10)).then(Act::Reset),
        _ => return None,
    })
}

fn large(name: &str) -> Option<Script> {
    let small = "\r\nContent-Length: 3\r\n\r\nok\n";
    let many = |count, line: &dyn Fn(u32) -> String| (0..count).map(line).collect::<String>();
    Some(match name {
        "huge-header" => {
            ok("X-Big: ").then(Act::Times(vec![b'a'; 1 << 16], 160)).then(Act::Send(small.into()))
        }
        "header-300k" => ok(format!("X-Big: {}{small}", "a".repeat(310_000))),
        "many-headers" => ok(format!("{}X: 1{small}", many(6000, &|n| format!("X-{n}: 1\r\n")))),
        "ck-huge" => ok(format!("Set-Cookie: a={}{small}", "x".repeat(9000))).keeping(),
        "ck-many" => {
            let line = |n| format!("Set-Cookie: c{n}=1\r\n");
            ok(format!("{}X: 1{small}", many(400, &line))).keeping()
        }
        "cd-long" => {
            ok(format!("Content-Disposition: attachment; filename=\"{}\"{small}", "a".repeat(5000)))
        }
        "garbage" => Script::of((0..=u8::MAX).cycle().take(2048).collect::<Vec<_>>()),
        "binary-body" => ok([&b"Content-Length: 300\r\n\r\n"[..], &[0; 300]].concat()),
        "auth-garbage" => Script::of(format!(
            "HTTP/1.1 401 U\r\nWWW-Authenticate: Digest realm=\"\x1b[2J\r\nWWW-Authenticate: {}\r\n\
             Content-Length: 0\r\n\r\n",
            "x".repeat(9000)
        )),
        _ => return None,
    })
}

fn coded(name: &str) -> Option<Script> {
    let gzipped = |body: &[u8], coding: &str| {
        let head = format!("Content-Encoding: {coding}\r\nConnection: close\r\n\r\n");
        ok([head.as_bytes(), body].concat())
    };
    let small = || gzip(b"ok\n");
    Some(match name {
        "gzip-truncated" => {
            let whole = gzip(&text());
            gzipped(&whole[..whole.len() - 12], "gzip")
        }
        "gzip-trailing" => gzipped(&[&small()[..], b"GARBAGE"].concat(), "gzip"),
        "gzip-bad-crc" => {
            let mut body = small();
            let end = body.len() - 8;
            body[end..].fill(0);
            gzipped(&body, "gzip")
        }
        "ce-20-layers" => gzipped(b"ok\n", &["gzip"; 20].join(", ")),
        "gzip-bomb" => gzipped(&gzip_of_zeros(BOMB), "gzip"),
        "gzip-bomb-nested" => gzipped(&gzip(&gzip_of_zeros(BOMB)), "gzip, gzip"),
        _ => return None,
    })
}

/// MiB that a bomb becomes.
const BOMB: u32 = 2048;

fn elsewhere(world: &World, name: &str, request: &Request) -> Option<Script> {
    let [port, other] = ["http", "other"].map(|name| world.ports[name]);
    let location = match name {
        "redir-gopher" => format!("gopher://127.0.0.1:{other}/x"),
        "redir-userinfo" => format!("http://evil@localhost:{port}/echo"),
        "redir-otherhost" => format!("http://localhost:{port}/echo"),
        "redir-otherport" => format!("http://127.0.0.1:{other}/echo"),
        "redir-proto-rel" => format!("//127.0.0.1:{port}/echo"),
        "redir-badhost" => "http://a b/".to_owned(),
        "redir-long" => format!("/echo?{}", "a".repeat(60_000)),
        "redir-grow" => {
            format!("/evil/redir-grow?{}", "a".repeat((request.target.len() * 2).min(60_000)))
        }
        "auth-loop" => {
            let nonce = world.count("nonce");
            return Some(
                Script::of(format!(
                    "HTTP/1.1 401 U\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"{nonce}\", \
                     stale=true, qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"
                ))
                .keeping(),
            );
        }
        _ => return None,
    };
    Some(redirect(location.as_bytes()))
}
