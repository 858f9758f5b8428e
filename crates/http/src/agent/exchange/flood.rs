//! Frames of HTTP/2 that carry nothing: counted, so that a server cannot keep us busy with them (the h2 crate answers
//! any number of PING and SETTINGS).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// PING, SETTINGS, PRIORITY and unknown frames between two that carry something.
const MOST_IDLE: u32 = 1_000;
/// `WINDOW_UPDATE`, of which a long upload has many.
const MOST_UPDATES: u32 = 1_000_000;

/// A connection whose frames are counted as they are received.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    frames: Frames,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, frames: Frames::default() }
    }
}

/// Frame heads (RFC 9113 §4.1), found in octets that come in any pieces.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 9],
    /// How much of a head there is.
    have: usize,
    /// How much of a frame is still to come.
    left: usize,
    idle: u32,
    updates: u32,
}

impl Frames {
    /// Whether it is still bearable.
    fn see(&mut self, mut octets: &[u8]) -> bool {
        while !octets.is_empty() {
            if self.left > 0 {
                let skipped = self.left.min(octets.len());
                self.left -= skipped;
                octets = octets.get(skipped..).unwrap_or_default();
                continue;
            }
            let Some((first, rest)) = octets.split_first() else { break };
            if let Some(place) = self.head.get_mut(self.have) {
                *place = *first;
            }
            (self.have, octets) = (self.have + 1, rest);
            if self.have == self.head.len() && !self.count() {
                return false;
            }
        }
        true
    }

    /// A head is whole.
    fn count(&mut self) -> bool {
        let [a, b, c, kind, ..] = self.head;
        self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        self.have = 0;
        match kind {
            // DATA, HEADERS, RST_STREAM, PUSH_PROMISE, GOAWAY, CONTINUATION: h2 has limits of its own for these.
            0 | 1 | 3 | 5 | 7 | 9 => (self.idle, self.updates) = (0, 0),
            8 => self.updates += 1,
            _ => self.idle += 1,
        }
        self.idle <= MOST_IDLE && self.updates <= MOST_UPDATES
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buffer))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        if this.frames.see(came) {
            return Poll::Ready(Ok(()));
        }
        let text = "the server floods the connection with frames that carry nothing";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, octets)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, length, kind, 0, 0, 0, 0, 0];
        frame.resize(9 + usize::from(length), 0);
        frame
    }

    #[test]
    fn pings_without_end_are_too_many() {
        let mut frames = Frames::default();
        let all: Vec<u8> = (0..=MOST_IDLE).flat_map(|_| frame(6, 8)).collect();
        assert!(all.chunks(7).any(|part| !frames.see(part)));
    }

    #[test]
    fn pings_between_data_are_none_too_many() {
        let mut frames = Frames::default();
        for _ in 0..5 {
            let mut all: Vec<u8> = (0..MOST_IDLE).flat_map(|_| frame(6, 8)).collect();
            all.extend(frame(0, 100));
            assert!(frames.see(&all));
        }
    }
}
