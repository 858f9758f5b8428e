//! A server of HTTP/1.1 whose response is as many chunks as it can be.
//!
//! ```text
//! wireline-bench --chunks ADDRESS
//! ```

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context as _, Result};

/// The first argument that means this server.
pub(crate) const FLAG: &str = "--chunks";

/// Chunks of one octet each.
pub(crate) const CHUNKS: usize = 2_000_000;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Serves one after the other, until it is killed.
pub(crate) fn main(mut words: impl Iterator<Item = String>) -> Result<()> {
    let listener = TcpListener::bind(words.next().context("no address")?)?;
    let response = [HEAD, &b"1\r\nx\r\n".repeat(CHUNKS), b"0\r\n\r\n"].concat();
    for stream in listener.incoming() {
        // Whoever hangs up is measured by what it says of that.
        drop(answer(stream?, &response));
    }
    Ok(())
}

fn answer(mut stream: TcpStream, response: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&part[..length]);
    }
    stream.write_all(response)
}
