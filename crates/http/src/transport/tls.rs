//! TLS over a connection: the handshake, with every step told.
//!
//! What it fails with is in `failure`; whom to believe is [`wireline_tls`]'s.

mod failure;

use std::future::{Future as _, poll_fn};
use std::io;
use std::ops::Range;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wireline_tls as tls;

use crate::Event;
use crate::failure::Failure;
use crate::tell::Tell;

pub(crate) use failure::{broken, failed, setup};

/// TLS that is there.
#[derive(Debug)]
pub(crate) struct Secured<S> {
    pub(crate) stream: TlsStream<Tap<S>>,
    pub(crate) facts: tls::Facts,
    pub(crate) late: Late,
}

/// What TLS says after its handshake: session tickets.
#[derive(Clone, Debug)]
pub(crate) struct Late(tls::Recorder);

impl Late {
    /// Tells what came since. Costs next to nothing where nothing did.
    pub(crate) fn tell(&self, tell: &Tell) {
        for step in self.0.take() {
            tell.event_at(step.at, &Event::Tls(step));
        }
    }
}

/// Shakes hands, and tells every step. `alpn` is what to offer, the best first.
pub(crate) async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    client: &tls::Client,
    alpn: &[&[u8]],
    tell: &Tell,
    is_proxy: bool,
) -> Result<Secured<S>, Failure> {
    let (began, recorder) = (tell.now(), recorder(tell));
    let late = Late(recorder.clone());
    let connector = TlsConnector::from(client.config_for(alpn, Some(&recorder)));
    let tap = Tap::new(stream, recorder.clone());
    let mut connecting = pin!(connector.connect(client.name().clone(), tap));
    let outcome = poll_fn(|cx| {
        // Others may be in the middle of theirs with the same client.
        client.watch(Some(recorder.clone()));
        let outcome = connecting.as_mut().poll(cx).map_ok(|mut stream| {
            stream.get_mut().0.recorder = None;
            let facts = client.facts(stream.get_ref().1);
            (stream, facts)
        });
        client.watch(None);
        outcome
    });
    let outcome = outcome.await;
    judged(client, recorder.has_checked(), is_proxy, tell);
    let (stream, facts) = outcome.map_err(|why| {
        let failure = failed(&why, client, &recorder);
        late.tell(tell);
        failure
    })?;
    recorder.done(facts.kind.unwrap_or_default());
    late.tell(tell);
    let (took, facts_told) = (tell.now().saturating_sub(began), Box::new(facts.clone()));
    tell.event(&Event::Secured { facts: facts_told, took, is_proxy });
    Ok(Secured { stream, facts, late })
}

/// A recorder on the transfer's clock; for QUIC, whose handshake has no records, with [`tls::Client::watch`].
pub(crate) fn recorder(tell: &Tell) -> tls::Recorder {
    let begin = tell.begin();
    tls::Recorder::new(move || begin.elapsed())
}

/// Tells what the certificate is, where one was seen.
pub(crate) fn judged(client: &tls::Client, was_seen: bool, is_proxy: bool, tell: &Tell) {
    if let (true, Some(examined)) = (was_seen, client.examined()) {
        tell.event(&Event::Certificates { examined: Box::new(examined), is_proxy });
    }
}

/// A connection under TLS that is looked at until the handshake is over, and read in large pieces from then on: rustls
/// asks for 4 KiB at a time, a quarter of a record.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    inner: S,
    recorder: Option<tls::Recorder>,
    buffer: Vec<u8>,
    /// What of it was received and not yet read.
    held: Range<usize>,
}

/// Octets that are received at once: four records.
const BUFFER: usize = 64 * 1024;

impl<S> Tap<S> {
    /// That nobody looks at.
    pub(crate) const fn silent(inner: S) -> Self {
        Self { inner, recorder: None, buffer: Vec::new(), held: 0..0 }
    }

    const fn new(inner: S, recorder: tls::Recorder) -> Self {
        Self { inner, recorder: Some(recorder), buffer: Vec::new(), held: 0..0 }
    }

    /// Whether all that was received was read.
    pub(crate) const fn is_drained(&self) -> bool {
        self.held.start == self.held.end
    }

    /// What is under it.
    pub(crate) const fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(recorder) = &this.recorder {
            let before = buffer.filled().len();
            let outcome = Pin::new(&mut this.inner).poll_read(cx, buffer);
            recorder.received(buffer.filled().get(before..).unwrap_or_default());
            return outcome;
        }
        if this.is_drained() {
            this.buffer.resize(BUFFER, 0);
            let mut own = ReadBuf::new(&mut this.buffer);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut own))?;
            this.held = 0..own.filled().len();
        } else {
            // Others have their turns, as they have where the socket is asked each time.
            ready!(coop::poll_proceed(cx)).made_progress();
        }
        let held = this.buffer.get(this.held.clone()).unwrap_or_default();
        let part = held.get(..held.len().min(buffer.remaining())).unwrap_or_default();
        buffer.put_slice(part);
        this.held.start += part.len();
        Poll::Ready(Ok(()))
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

#[cfg(test)]
mod tests;
