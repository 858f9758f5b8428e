//! Frames of HTTP/2 that carry nothing: counted, so that a server cannot keep us busy with them (the h2 crate answers
//! any number of PING and SETTINGS).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use crate::failure::Failure;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// PING, SETTINGS, PRIORITY and unknown frames between two that carry something.
const MOST_IDLE: u32 = 1_000;
/// `WINDOW_UPDATE`, of which a long upload has many.
const MOST_UPDATES: u32 = 1_000_000;

/// What TLS said when it broke: the h2 crate keeps of an I/O error only its text.
pub(super) type Alert = Arc<OnceLock<Failure>>;

/// Of a connection that is dead, read so many times for its last words.
const MOST_LAST: usize = 64;

/// A connection whose frames are counted as they are received.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    frames: Frames,
    alert: Alert,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S, alert: Alert) -> Self {
        Self { inner, frames: Frames::default(), alert }
    }

    /// A server that refuses says why and closes: what was sent meanwhile fails before that was read.
    fn last_words(&mut self, cx: &mut Context<'_>) -> Poll<()>
    where
        S: AsyncRead + Unpin,
    {
        let mut room = [0; 4096];
        for _ in 0..MOST_LAST {
            let mut buffer = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                Ok(()) => break,
                Err(why) => {
                    self.note(why);
                    break;
                }
            }
        }
        Poll::Ready(())
    }

    /// The outcome of sending. It fails again each time: where the connection is dead, the end of what came is waited for.
    fn sent<T>(&mut self, outcome: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>>
    where
        S: AsyncRead + Unpin,
    {
        if let Poll::Ready(Err(why)) = &outcome
            && matches!(why.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
        {
            ready!(self.last_words(cx));
        }
        outcome
    }

    fn note(&self, why: io::Error) -> io::Error {
        if let Some(failure) = crate::transport::tls::broken(&why) {
            let _ = self.alert.set(failure);
        }
        why
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
        ready!(Pin::new(&mut this.inner).poll_read(cx, buffer)).map_err(|why| this.note(why))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        if this.frames.see(came) {
            return Poll::Ready(Ok(()));
        }
        let text = "the server floods the connection with frames that carry nothing";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(cx, octets);
        this.sent(outcome, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write_vectored(cx, parts);
        this.sent(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_flush(cx);
        this.sent(outcome, cx)
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

    /// Closed by the other end, which has said why.
    struct Closed;

    impl AsyncRead for Closed {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            use wireline_tls::rustls::{AlertDescription, Error};
            let why = Error::AlertReceived(AlertDescription::CertificateRequired);
            Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)))
        }
    }

    impl AsyncWrite for Closed {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn what_tls_said_is_heard_where_sending_fails_first() {
        let alert = Alert::default();
        let mut watched = Watched::new(Closed, Alert::clone(&alert));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let written = Pin::new(&mut watched).poll_write(&mut cx, b"x");
        assert!(matches!(written, Poll::Ready(Err(_))));
        let kind = alert.get().map(|failure| failure.kind);
        assert_eq!(kind, Some(crate::failure::Kind::CertificateWanted));
    }
}
