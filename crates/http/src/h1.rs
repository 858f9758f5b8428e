//! HTTP/1.1 (RFC 9112): one exchange after the other. Heads are `httparse`'s affair.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Error;
use crate::dial::Wire;
use crate::h1_body::{Framing, read_body};
use crate::link::{Limits, Response};

#[derive(Clone)]
pub(crate) struct Link {
    line: Arc<Mutex<Line>>,
    limits: Limits,
}

/// A connection and what has come over it that nobody has read.
pub(crate) struct Line {
    wire: Wire,
    pub(crate) came: Vec<u8>,
    /// Whether another request may be sent.
    is_usable: bool,
}

/// No response has more fields that matter to anybody.
const MOST_FIELDS: usize = 100;
/// Responses that only say that another one comes (RFC 9110 §15.2).
const MOST_INTERIM: usize = 8;

impl Link {
    pub(crate) fn new(wire: Wire, limits: Limits) -> Self {
        let line = Line { wire, came: Vec::new(), is_usable: true };
        Self { line: Arc::new(Mutex::new(line)), limits }
    }

    /// Octets between two exchanges are none that anybody asked for, and an end is an end.
    pub(crate) async fn is_usable(&self) -> bool {
        let mut line = self.line.lock().await;
        let unasked = tokio::time::timeout(Duration::ZERO, line.read_some()).await;
        line.is_usable && unasked.is_err() && line.came.is_empty()
    }

    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Error> {
        let mut line = self.line.lock().await;
        let line = &mut *line;
        // Whoever gives up in the middle leaves half a response behind, which is not the next one's.
        if !std::mem::replace(&mut line.is_usable, false) {
            return Err(Error::Closed);
        }
        let begin = Instant::now();
        line.wire.write_all(&written(&request)).await?;
        line.wire.flush().await?;
        let (status, headers) = line.read_head(self.limits).await?;
        let first = begin.elapsed();
        let framing = Framing::of(status, &headers)?;
        let body = read_body(line, framing, self.limits).await?;
        line.is_usable = framing != Framing::UntilClosed && !says_close(&headers);
        Ok(Response { status, headers, body, first, total: begin.elapsed() })
    }
}

fn written(request: &Request<Bytes>) -> Vec<u8> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\n", request.method());
    for (name, value) in request.headers() {
        // Ours are all ASCII.
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head.push_str("\r\n");
    let mut octets = head.into_bytes();
    octets.extend_from_slice(request.body());
    octets
}

fn says_close(headers: &HeaderMap) -> bool {
    let is_close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    headers.get_all("connection").iter().any(is_close)
}

impl Line {
    /// Reads more; an end is an error.
    pub(crate) async fn read_more(&mut self) -> Result<(), Error> {
        if self.read_some().await? == 0 { Err(Error::Closed) } else { Ok(()) }
    }

    /// Reads more; 0 is the end.
    pub(crate) async fn read_some(&mut self) -> Result<usize, Error> {
        Ok(self.wire.read_buf(&mut self.came).await?)
    }

    async fn read_head(&mut self, limits: Limits) -> Result<(u16, HeaderMap), Error> {
        let mut interim = 0;
        loop {
            match parse(&self.came)? {
                Some((length, status, _)) if (100..200).contains(&status) && status != 101 => {
                    self.came.drain(..length);
                    interim += 1;
                    if interim > MOST_INTERIM {
                        return Err(Error::protocol("HTTP/1.1: interim responses without end"));
                    }
                }
                Some((length, status, headers)) => {
                    self.came.drain(..length);
                    return Ok((status, headers));
                }
                None if self.came.len() > limits.head as usize => {
                    return Err(Error::protocol("HTTP/1.1: a head without end"));
                }
                None => self.read_more().await?,
            }
        }
    }
}

/// How long a head is, its status and its fields; `None` where it is not whole.
fn parse(came: &[u8]) -> Result<Option<(usize, u16, HeaderMap)>, Error> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let length = match head.parse(came) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(why) => return Err(Error::Protocol(format!("HTTP/1.1: {why}"))),
    };
    let mut headers = HeaderMap::new();
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(Error::protocol)?;
        headers.append(name, HeaderValue::from_bytes(field.value).map_err(Error::protocol)?);
    }
    Ok(Some((length, head.code.unwrap_or_default(), headers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_of_a_head_is_partial() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n\r\n";
        for end in 0..whole.len() {
            assert!(parse(&whole[..end]).unwrap().is_none(), "cut at {end}");
        }
        let (length, status, headers) = parse(whole).unwrap().unwrap();
        assert_eq!((length, status), (whole.len(), 200));
        assert_eq!(headers["content-type"], "application/dns-message");
    }

    #[test]
    fn what_is_no_head_is_named() {
        for text in
            ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
