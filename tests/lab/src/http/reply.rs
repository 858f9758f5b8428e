//! A reply of any version, and how HTTP/1 writes it.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::request::Request;

/// The moment that all replies are from.
pub(crate) const DATE: &str = "Sun, 22 Nov 2026 07:00:00 GMT";

/// A reply.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// So many octets of zero follow the body.
    pub(crate) zeros: u64,
    /// Fields of a 103 before it.
    pub(crate) early: Vec<(String, String)>,
    pub(crate) trailers: Vec<(String, String)>,
    /// Before the head.
    pub(crate) wait: Duration,
    /// The body in parts of so many octets, and the wait before each.
    pub(crate) pace: Option<(usize, Duration)>,
    /// Without Content-Length.
    pub(crate) is_chunked: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            reason: reason(status),
            fields: Vec::new(),
            body: body.into(),
            zeros: 0,
            early: Vec::new(),
            trailers: Vec::new(),
            wait: Duration::ZERO,
            pace: None,
            is_chunked: false,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::ok(format!("{value}\n")).with("Content-Type", "application/json")
    }

    /// Octets of the body.
    pub(crate) fn length(&self) -> u64 {
        self.body.len() as u64 + self.zeros
    }

    pub(crate) fn has_body(&self, method: &str) -> bool {
        method != "HEAD" && !matches!(self.status, 204 | 304)
    }

    /// All fields in their order, with those that every reply has.
    pub(crate) fn all_fields(&self) -> Vec<(String, String)> {
        let own = |name: &str| self.fields.iter().any(|(field, _)| field == name);
        let mut fields = self.fields.clone();
        if !own("Content-Length") && !self.is_chunked && !matches!(self.status, 204 | 304) {
            fields.push(("Content-Length".to_owned(), self.length().to_string()));
        }
        fields.push(("Date".to_owned(), DATE.to_owned()));
        fields
    }

    fn head(&self) -> String {
        let mut head = String::new();
        if !self.early.is_empty() {
            head.push_str("HTTP/1.1 103 Early Hints\r\n");
            lines(&mut head, &self.early);
        }
        let _ = write!(head, "HTTP/1.1 {} {}\r\n", self.status, self.reason);
        let mut fields = self.all_fields();
        if self.is_chunked {
            fields.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
        }
        lines(&mut head, &fields);
        head
    }

    /// Writes it as HTTP/1.1 does.
    pub(crate) async fn write<S: AsyncWrite + Unpin>(
        &self,
        request: &Request,
        stream: &mut S,
    ) -> io::Result<()> {
        tokio::time::sleep(self.wait).await;
        let head = self.head();
        if !self.has_body(&request.method) {
            stream.write_all(head.as_bytes()).await?;
            return stream.flush().await;
        }
        let size = self.pace.map_or(1 << 16, |(size, _)| size);
        if self.pace.is_none() && !self.is_chunked {
            stream.write_all(&[head.as_bytes(), &self.body].concat()).await?;
        } else {
            stream.write_all(head.as_bytes()).await?;
            for part in self.body.chunks(size) {
                stream.flush().await?;
                tokio::time::sleep(self.pace.map_or(Duration::ZERO, |(_, wait)| wait)).await;
                stream.write_all(&self.framed(part)).await?;
            }
        }
        zeros(stream, self.zeros).await?;
        if self.is_chunked {
            let mut end = "0\r\n".to_owned();
            lines(&mut end, &self.trailers);
            stream.write_all(end.as_bytes()).await?;
        }
        stream.flush().await
    }

    fn framed(&self, part: &[u8]) -> Vec<u8> {
        if !self.is_chunked {
            return part.to_vec();
        }
        [format!("{:x};extension=1\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()
    }
}

/// Fields, and the empty line behind them.
fn lines(text: &mut String, fields: &[(String, String)]) {
    for (name, value) in fields {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
}

async fn zeros<S: AsyncWrite + Unpin>(stream: &mut S, mut count: u64) -> io::Result<()> {
    let many = vec![0; 1 << 18];
    while count > 0 {
        let part = usize::try_from(count).unwrap_or(usize::MAX).min(many.len());
        stream.write_all(&many[..part]).await?;
        count -= part as u64;
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or("X")
}
