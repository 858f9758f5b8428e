//! HTTP/1.1, as much as a test needs.

use std::fmt::Write as _;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::https::{Page, page};
use super::{Fault, stream};

pub(crate) async fn serve<S>(mut stream: S, fault: Fault) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut came = Vec::new();
    loop {
        let (method, uri, body) = request(&mut stream, &mut came).await?;
        if fault == Fault::EndlessHead {
            return endless(&mut stream).await;
        }
        let page = page(&method, &uri, &body, fault);
        let octets = written(&page, fault == Fault::Dribble);
        stream::send(&mut stream, &octets, fault).await?;
    }
}

async fn request<S: AsyncRead + Unpin>(
    stream: &mut S,
    came: &mut Vec<u8>,
) -> io::Result<(http::Method, http::Uri, Vec<u8>)> {
    let end = loop {
        if let Some(at) = came.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        read(stream, came).await?;
    };
    let head = String::from_utf8_lossy(&came[..end]).into_owned();
    came.drain(..end);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    while came.len() < length {
        read(stream, came).await?;
    }
    let body = came.drain(..length).collect();
    let mut words = head.split(' ');
    let method = words.next().and_then(|word| word.parse().ok());
    let uri = words.next().and_then(|word| word.parse().ok());
    let bad = || io::Error::from(io::ErrorKind::InvalidData);
    Ok((method.ok_or_else(bad)?, uri.ok_or_else(bad)?, body))
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, came: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(came).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn written(page: &Page, is_chunked: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} whatever\r\n", page.status);
    for (name, value) in &page.fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !is_chunked {
        let _ = write!(head, "content-length: {}\r\n\r\n", page.body.len());
        return [head.as_bytes(), &page.body].concat();
    }
    head.push_str("transfer-encoding: chunked\r\n\r\n");
    let mut octets = head.into_bytes();
    for part in page.body.chunks(7) {
        octets.extend(format!("{:x};extension=1\r\n", part.len()).into_bytes());
        octets.extend_from_slice(part);
        octets.extend(b"\r\n");
    }
    octets.extend(b"0\r\ntrailer: yes\r\n\r\n");
    octets
}

async fn endless<S: AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
    loop {
        stream.write_all(&b"x: y\r\n".repeat(1000)).await?;
        stream.flush().await?;
    }
}
