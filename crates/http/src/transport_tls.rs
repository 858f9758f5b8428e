//! TLS over a connection: the handshake, with every step told, and what it failed with.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wireline_tls as tls;

use crate::failure::{Failure, Kind};
use crate::tell::Tell;

/// TLS that is there.
pub(crate) struct Secured<S> {
    pub(crate) stream: TlsStream<Tap<S>>,
    pub(crate) facts: tls::Facts,
    pub(crate) late: Late,
}

/// What TLS says after its handshake: session tickets.
#[derive(Clone, Debug)]
pub(crate) struct Late(tls::Recorder);

impl Late {
    /// Tells what came since. Costs nothing where nothing did.
    pub(crate) fn tell(&self, tell: &Tell) {
        for step in self.0.take() {
            tell.event_at(step.at, &crate::Event::Tls(step));
        }
    }
}

/// Shakes hands. `alpn` is what to offer, the best first.
pub(crate) async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    client: &tls::Client,
    alpn: &[&[u8]],
    tell: &Tell,
    is_proxy: bool,
) -> Result<Secured<S>, Failure> {
    let _ = (stream, client, alpn, tell, is_proxy);
    Err(Failure::new(Kind::TlsHandshake, "not there yet"))
}

/// Why there can be no session, as curl has it.
pub(crate) fn setup(why: &tls::Error) -> Failure {
    Failure::new(Kind::Setup, why.to_string())
}

/// A connection under TLS that is looked at until the handshake is over.
pub(crate) struct Tap<S> {
    inner: S,
    recorder: Option<tls::Recorder>,
}

impl<S> Tap<S> {
    /// What is under it.
    pub(crate) const fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if let Some(recorder) = &self.recorder {
            recorder.received(buffer.filled().get(before..).unwrap_or_default());
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, octets);
        if let (Some(recorder), Poll::Ready(Ok(count))) = (&self.recorder, &outcome) {
            recorder.sent(octets.get(..*count).unwrap_or_default());
        }
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        if let (Some(recorder), Poll::Ready(Ok(count))) = (&self.recorder, &outcome) {
            let mut left = *count;
            for part in parts {
                let went = part.get(..left.min(part.len())).unwrap_or_default();
                recorder.sent(went);
                left = left.saturating_sub(went.len());
            }
        }
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
