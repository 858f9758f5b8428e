//! Where a response of HTTP/1.1 ends (RFC 9112 §6.3).

use http::HeaderMap;

use crate::Error;
use crate::h1::Line;
use crate::link::{Limits, append};

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has so many octets.
    Length(usize),
    /// It comes in chunks.
    Chunked,
    /// It ends with the connection.
    UntilClosed,
}

/// A chunk's line, with extensions that nobody reads.
const LONGEST_CHUNK_LINE: usize = 1024;

impl Framing {
    pub(crate) fn of(status: u16, headers: &HeaderMap) -> Result<Self, Error> {
        if matches!(status, 204 | 304) {
            return Ok(Self::Length(0));
        }
        let mut codings = headers.get_all("transfer-encoding").iter();
        match (codings.next(), codings.next()) {
            (Some(one), None) if one.as_bytes().eq_ignore_ascii_case(b"chunked") => {
                return Ok(Self::Chunked);
            }
            (None, _) => {}
            _ => return Err(Error::protocol("HTTP/1.1: a transfer coding that is not known")),
        }
        let mut lengths = headers.get_all("content-length").iter();
        let Some(first) = lengths.next() else { return Ok(Self::UntilClosed) };
        if lengths.any(|other| other != first) {
            return Err(Error::protocol("HTTP/1.1: two lengths"));
        }
        let digits = first.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let length = digits.and_then(|text| text.parse().ok());
        length.map(Self::Length).ok_or_else(|| Error::protocol("HTTP/1.1: a length that is none"))
    }
}

pub(crate) async fn read_body(
    line: &mut Line,
    framing: Framing,
    limits: Limits,
) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    match framing {
        Framing::Length(length) if length > limits.body => Err(Error::TooLong(limits.body)),
        Framing::Length(length) => {
            take(line, length, &mut body, limits).await?;
            Ok(body)
        }
        Framing::Chunked => read_chunks(line, limits).await,
        Framing::UntilClosed => loop {
            append(&mut body, &std::mem::take(&mut line.came), limits)?;
            if line.read_some().await? == 0 {
                return Ok(body);
            }
        },
    }
}

async fn read_chunks(line: &mut Line, limits: Limits) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    loop {
        let length = chunk_length(line).await?;
        if length == 0 {
            skip_trailers(line, limits).await?;
            return Ok(body);
        }
        if length > limits.body {
            return Err(Error::TooLong(limits.body));
        }
        take(line, length, &mut body, limits).await?;
        let mut end = Vec::new();
        take(line, 2, &mut end, limits).await?;
        if end != b"\r\n" {
            return Err(Error::protocol("HTTP/1.1: a chunk longer than it says"));
        }
    }
}

async fn chunk_length(line: &mut Line) -> Result<usize, Error> {
    loop {
        match httparse::parse_chunk_size(&line.came) {
            Ok(httparse::Status::Complete((used, length))) => {
                line.came.drain(..used);
                return usize::try_from(length).map_err(Error::protocol);
            }
            Ok(httparse::Status::Partial) if line.came.len() <= LONGEST_CHUNK_LINE => {
                line.read_more().await?;
            }
            _ => return Err(Error::protocol("HTTP/1.1: a chunk's length that is none")),
        }
    }
}

/// Fields behind the last chunk: read, so that what follows begins where it should, and forgotten.
async fn skip_trailers(line: &mut Line, limits: Limits) -> Result<(), Error> {
    let mut skipped = 0;
    loop {
        while let Some(end) = line.came.windows(2).position(|two| two == b"\r\n") {
            line.came.drain(..end + 2);
            if end == 0 {
                return Ok(());
            }
            skipped += end;
        }
        if skipped + line.came.len() > limits.head as usize {
            return Err(Error::protocol("HTTP/1.1: trailers without end"));
        }
        line.read_more().await?;
    }
}

async fn take(
    line: &mut Line,
    length: usize,
    body: &mut Vec<u8>,
    limits: Limits,
) -> Result<(), Error> {
    while line.came.len() < length {
        line.read_more().await?;
    }
    let part: Vec<u8> = line.came.drain(..length).collect();
    append(body, &part, limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(fields: &[(&'static str, &'static str)]) -> Option<Framing> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        Framing::of(200, &headers).ok()
    }

    #[test]
    fn two_ways_to_tell_an_end_are_one_too_many() {
        assert_eq!(framing(&[("content-length", "5")]), Some(Framing::Length(5)));
        assert_eq!(framing(&[]), Some(Framing::UntilClosed));
        assert_eq!(framing(&[("transfer-encoding", "Chunked")]), Some(Framing::Chunked));
        let twice = [("content-length", "5"), ("content-length", "6")];
        assert_eq!(framing(&twice), None);
        assert_eq!(framing(&[("transfer-encoding", "gzip")]), None);
        for length in ["-1", "+5", "5 5", "", "99999999999999999999999"] {
            assert_eq!(framing(&[("content-length", length)]), None, "{length}");
        }
    }
}
