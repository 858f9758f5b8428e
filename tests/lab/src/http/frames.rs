//! What a server of HTTP/2 should not do, in frames put together by hand. The client must begin with HTTP/2.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::script::{Act, Script};

/// Names of what is done; the server of each is `h2-NAME`.
pub const NAMES: [&str; 15] = [
    "goaway",
    "rst",
    "refused",
    "continuation",
    "settings",
    "ping",
    "stall",
    "huge-frame",
    "push",
    "cl-mismatch",
    "empty-data",
    "crlf-header",
    "garbage",
    "cut",
    "window",
];

/// `:status: 200`, of the static table.
const STATUS: &[u8] = &[0x88];

/// Waits for the first request and does it.
pub(crate) async fn serve(mut stream: TcpStream, name: &str) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(4, 0, 0, &[])).await?;
    let id = loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize]).await?;
        match head[3] {
            1 => break u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]),
            4 if head[4] & 1 == 0 => stream.write_all(&frame(4, 1, 0, &[])).await?,
            _ => {}
        }
    };
    script(name, id).play(&mut stream).await?;
    // What the client still says is read, so that the end is none by RST.
    stream.shutdown().await?;
    let drain = async { while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {} };
    let _ = tokio::time::timeout(Duration::from_secs(5), drain).await;
    Ok(())
}

/// Length, type, flags and stream (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, id: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
    [&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat()
}

fn script(name: &str, id: u32) -> Script {
    let head = frame(1, 4, id, STATUS);
    let data = |flags, octets: &[u8]| frame(0, flags, id, octets);
    let with = |fields: &[u8]| frame(1, 4, id, &[STATUS, fields].concat());
    match name {
        // ENHANCE_YOUR_CALM, and words for a terminal.
        "goaway" => Script::of(frame(7, 0, 0, b"\0\0\0\0\0\0\0\x0bcalm down \x1b[31m")),
        "rst" => Script::of([head, data(0, b"part"), frame(3, 0, id, &[0, 0, 0, 2])].concat()),
        "refused" => Script::of(frame(3, 0, id, &[0, 0, 0, 7])),
        "continuation" => {
            let fields = [&[0, 3][..], b"x-a", &[0x7f, 0x81, 0x01], &[b'a'; 256]].concat();
            Script::of(frame(1, 0, id, STATUS)).endless(frame(9, 0, id, &fields))
        }
        "settings" => Script::of("").endless(frame(4, 0, 0, &[0, 3, 0, 0, 0, 100])),
        "ping" => Script::of("").endless(frame(6, 0, 0, b"12345678")),
        "stall" => Script::of([head, data(0, b"part")].concat()).stall(),
        "huge-frame" => {
            let long = [&[0xff, 0xff, 0xff, 0, 0][..], &id.to_be_bytes(), &vec![b'a'; 100_000]];
            Script::of([head, long.concat()].concat())
        }
        "push" => Script::of(frame(5, 4, id, b"\0\0\0\x02\x82\x87\x84\x41\x01a")),
        // content-length: 10, and five octets.
        "cl-mismatch" => Script::of([with(b"\x0f\x0d\x0210"), data(1, b"short")].concat()),
        "empty-data" => Script::of(head).endless(data(0, b"")),
        "crlf-header" => {
            Script::of([with(b"\0\x03x-a\x0ab\r\nX-B: c\n\x1b"), data(1, b"ok\n")].concat())
        }
        "garbage" => Script::of([0xff; 4096]),
        "cut" => Script::of([head, data(0, b"part")].concat())
            .then(Act::Wait(Duration::from_millis(100))),
        // A window of more than 2^31 - 1 octets.
        "window" => {
            let most = frame(8, 0, id, &0x7fff_ffff_u32.to_be_bytes());
            Script::of([head, most.repeat(2)].concat()).stall()
        }
        _ => Script::of(""),
    }
}
