//! What the origin has, and how each path behaves. Paths of its own are in the table below; nothing in it breaks a
//! rule.

mod auth;
mod coding;
mod range;
mod state;

use std::time::Duration;

use serde_json::json;

use super::World;
use super::reply::Reply;
use super::request::Request;

pub(crate) use auth::is_right as is_right_digest;
pub(crate) use coding::{gzip, zeros as gzip_of_zeros};

/// 9000 octets of text.
pub(crate) fn text() -> Vec<u8> {
    b"The quick brown fox jumps over the lazy dog. ".repeat(200)
}

/// The reply to a request.
pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let mut words = request.path().trim_start_matches('/').splitn(2, '/');
    let (first, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let number = || rest.parse().unwrap_or(0_u64);
    match first {
        "" => Reply::ok("origin of the lab\n").with("Content-Type", "text/plain"),
        "file.txt" => Reply::ok("a file\n").with("Last-Modified", state::MODIFIED),
        "echo" => echo(request),
        "upload" => {
            Reply::json(&json!({ "length": request.body.length, "sha256": request.body.sha256() }))
        }
        "status" => status(u16::try_from(number()).unwrap_or(500)),
        "big" => Reply { zeros: number(), ..Reply::ok("") },
        "delay" => {
            Reply { wait: Duration::from_millis(number().min(30_000)), ..Reply::ok("late\n") }
        }
        "drip" => {
            let pace = Some((1, Duration::from_millis(number().min(1000))));
            Reply { pace, ..Reply::ok("drop by drop\n") }
        }
        "chunked" => {
            Reply { is_chunked: true, pace: Some((10, Duration::ZERO)), ..Reply::ok(lines()) }
        }
        "trailers" => trailers(),
        "early" => early(),
        "redirect" | "redirect-to" => redirect(first, number(), request),
        "gzip" | "deflate" | "rawdeflate" | "br" | "zstd" | "multigzip" => coding::answer(first),
        "cookies" => state::cookies(rest, request),
        "auth" => auth::answer(world, rest, request),
        "range" => range::answer(request),
        "norange" => Reply::ok(vec![b'n'; 1000]),
        "flaky" => state::flaky(world, number(), request),
        "cache" => state::cache(request),
        "hsts" => Reply::ok("hsts\n")
            .with("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        "altsvc" => {
            Reply::ok("alt\n").with("Alt-Svc", format!("h3=\":{}\"; ma=3600", world.ports["https"]))
        }
        "cd" => {
            let usual = || "attachment; filename=\"good.txt\"".to_owned();
            Reply::ok("cd\n").with("Content-Disposition", request.query("v").unwrap_or_else(usual))
        }
        "expect417" if !request.field("expect").is_empty() => {
            Reply::new(417, "").with("Connection", "close")
        }
        "expect417" => Reply::ok("ok\n"),
        "upload-reject" => Reply::new(413, "too big\n").with("Connection", "close"),
        "aia" => Reply::ok(world.intermediate.clone()),
        _ if request.method == "OPTIONS" => Reply::new(204, "").with("Allow", "GET, HEAD, OPTIONS"),
        _ => Reply::new(404, "no such path\n"),
    }
}

/// The request as it came.
fn echo(request: &Request) -> Reply {
    Reply::json(&json!({
        "method": request.method,
        "target": request.target,
        "version": request.version,
        "fields": request.fields,
        "length": request.body.length,
        "sha256": request.body.sha256(),
        "body": String::from_utf8_lossy(&request.body.start),
    }))
}

fn status(status: u16) -> Reply {
    let status = if (200..=999).contains(&status) { status } else { 500 };
    Reply::new(status, format!("status {status}\n"))
}

/// Fifty octets.
fn lines() -> Vec<u8> {
    let lines: Vec<_> = (0..5).map(|n| format!("chunk {n} ..\n")).collect();
    lines.concat().into_bytes()
}

fn trailers() -> Reply {
    let trailers = [("X-Checksum", "abc123"), ("Server-Timing", "db;dur=53.2")];
    let trailers = trailers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply { is_chunked: true, trailers, ..Reply::ok(lines()) }
        .with("Trailer", "X-Checksum, Server-Timing")
}

fn early() -> Reply {
    let hint = ("Link".to_owned(), "</style.css>; rel=preload".to_owned());
    Reply { early: vec![hint], ..Reply::ok("after the hints\n") }
}

/// `/redirect/3?code=301` leads by 2 and 1 to `/echo`; `/redirect-to?url=…&code=…` anywhere.
fn redirect(first: &str, left: u64, request: &Request) -> Reply {
    let code = request.query("code").and_then(|code| code.parse().ok()).unwrap_or(302);
    let onward = || match left {
        0 | 1 => "/echo".to_owned(),
        _ => format!("/redirect/{}?code={code}", left - 1),
    };
    let location =
        if first == "redirect" { onward() } else { request.query("url").unwrap_or_default() };
    Reply::new(code, "moved\n").with("Location", location)
}
