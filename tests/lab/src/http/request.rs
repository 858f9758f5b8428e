//! A request of HTTP/1, read octet by octet from a stream, and what the origin makes of any version's.

use std::io;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A request of any version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it came: a path, an absolute URL, or an authority.
    pub(crate) target: String,
    pub(crate) version: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// What was sent with a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    /// Octets of it.
    pub(crate) length: u64,
    /// The first of them.
    pub(crate) start: Vec<u8>,
    hash: Sha256,
}

impl Body {
    pub(crate) fn add(&mut self, octets: &[u8]) {
        /// So much is kept.
        const KEPT: usize = 1 << 16;
        self.length += octets.len() as u64;
        self.hash.update(octets);
        let room = KEPT.saturating_sub(self.start.len()).min(octets.len());
        self.start.extend_from_slice(&octets[..room]);
    }

    /// The SHA-256 of all of it, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.hash.clone().finalize())
    }
}

impl Request {
    /// A field's value, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The path without the query and whatever is before it.
    pub(crate) fn path(&self) -> &str {
        self.parts().0
    }

    /// A parameter of the query, with its percent-encoding gone.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let pairs = self.parts().1.split('&');
        let found = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        found.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next()
    }

    /// All parameters of the query as they came.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        let pairs = self.parts().1.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).collect()
    }

    fn parts(&self) -> (&str, &str) {
        let target = match self.target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => &self.target,
        };
        target.split_once('?').unwrap_or((target, ""))
    }

    /// For [`super::Server::heard`].
    pub(crate) fn told(&self, at: &str) -> String {
        let line = |(name, value): &(String, String)| format!("\n{name}: {value}");
        let fields = self.fields.iter().map(line).collect::<String>();
        format!("{at} {} {}{fields}", self.method, self.target)
    }
}

fn decoded(text: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                let digits = String::from_utf8_lossy(&digits).into_owned();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            _ => octet,
        });
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// A stream, and what was read of it too early.
pub(crate) struct Stream<S> {
    pub(crate) inner: S,
    came: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner, came: Vec::new() }
    }

    /// The head of the next request; nothing at the end.
    pub(crate) async fn head(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(at) = self.came.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            // A record of TLS: whoever speaks that here is told so, as others do.
            if self.came.first() == Some(&22) {
                self.inner.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
                return Ok(None);
            }
            if self.came.len() > 1 << 20 || !self.more().await? {
                return Ok(None);
            }
        };
        let head = self.came.drain(..end).map(char::from).collect::<String>();
        let mut lines = head.trim_end().split("\r\n");
        let mut words = lines.next().unwrap_or_default().splitn(3, ' ').map(str::to_owned);
        let field = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        let mut word = || words.next().unwrap_or_default();
        Ok(Some(Request {
            method: word(),
            target: word(),
            version: word(),
            fields: lines.filter_map(field).collect(),
            body: Body::default(),
        }))
    }

    /// Reads what follows a head.
    pub(crate) async fn body(&mut self, request: &mut Request) -> io::Result<()> {
        if request.field("expect").eq_ignore_ascii_case("100-continue") {
            self.inner.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            self.inner.flush().await?;
        }
        if request.field("transfer-encoding").eq_ignore_ascii_case("chunked") {
            loop {
                let line = self.line().await?;
                let size = line.split(';').next().unwrap_or_default().trim().to_owned();
                let size = u64::from_str_radix(&size, 16).map_err(io::Error::other)?;
                if size == 0 {
                    while !self.line().await?.is_empty() {}
                    return Ok(());
                }
                self.take(size, &mut request.body).await?;
                self.line().await?;
            }
        }
        let length = request.field("content-length").parse().unwrap_or(0);
        self.take(length, &mut request.body).await
    }

    async fn take(&mut self, mut length: u64, body: &mut Body) -> io::Result<()> {
        while length > 0 {
            if self.came.is_empty() && !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let part = self.came.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            body.add(&self.came[..part]);
            self.came.drain(..part);
            length -= part as u64;
        }
        Ok(())
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.came.windows(2).position(|two| two == b"\r\n") {
                let line = self.came.drain(..at + 2).take(at).map(char::from).collect();
                return Ok(line);
            }
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn more(&mut self) -> io::Result<bool> {
        let mut part = vec![0; 1 << 16];
        let length = self.inner.read(&mut part).await?;
        self.came.extend_from_slice(&part[..length]);
        Ok(length > 0)
    }

    /// The stream itself, where nothing was read too early.
    pub(crate) fn into_inner(self) -> S {
        self.inner
    }
}
