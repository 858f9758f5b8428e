//! Replies within the rules that only HTTP/1 has: ends that are the connection's, and breaks.

use std::time::Duration;

use super::World;
use super::request::Request;
use super::script::{Act, Script};

/// The script of a path, if it has one.
pub(crate) fn script(world: &World, request: &Request) -> Option<Script> {
    Some(match request.path() {
        "/http10" => Script::of("HTTP/1.0 200 OK\r\n\r\nold body until close\n"),
        "/http10-keepalive" => {
            Script::of("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nok\n")
                .keeping()
        }
        "/until-close" => Script::of("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end\n"),
        "/no-reason" => Script::of("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nok\n").keeping(),
        "/slow" => Script::of("HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n")
            .then(Act::Endless(vec![b's'; 1024], Duration::from_millis(100))),
        "/sse" => Script::of("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            .then(Act::Send(b"data: one\n\n".to_vec()))
            .then(Act::Wait(Duration::from_millis(300)))
            .then(Act::Send(b"data: two\n\n".to_vec())),
        "/te-gzip" => {
            let body = super::good::gzip(&super::good::text());
            let head = format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{:x}\r\n",
                body.len()
            );
            Script::of([head.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()).keeping()
        }
        "/retry-partial" => retry_partial(world, request),
        _ => return None,
    })
}

/// 2000 octets `p`: the first who asks (by `k`) gets half of them and the end; ranges are served.
fn retry_partial(world: &World, request: &Request) -> Script {
    const HEAD: &str = "Accept-Ranges: bytes\r\nETag: \"p1\"\r\n";
    let key = request.query("k").unwrap_or_default();
    let body = [b'p'; 2000];
    if world.count(&format!("partial {key}")) == 0 {
        let head = format!("HTTP/1.1 200 OK\r\n{HEAD}Content-Length: 2000\r\n\r\n");
        return Script::of([head.as_bytes(), &body[..1000]].concat());
    }
    let from = request.field("range").strip_prefix("bytes=");
    let from = from.and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok());
    let head = match from {
        Some(from) if from < 2000 => format!(
            "HTTP/1.1 206 Partial Content\r\n{HEAD}Content-Range: bytes {from}-1999/2000\r\n"
        ),
        _ => format!("HTTP/1.1 200 OK\r\n{HEAD}"),
    };
    let body = &body[from.unwrap_or(0).min(2000)..];
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    Script::of([head.as_bytes(), body].concat()).keeping()
}
