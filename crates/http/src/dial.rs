//! TCP connections, with TLS over them where it is asked for.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wireline_tls as tls;

use crate::Error;

/// Where to connect to, and what to say before anything else.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) to: SocketAddr,
    pub(crate) from: Option<SocketAddr>,
    /// Before TLS.
    pub(crate) preamble: Vec<u8>,
    /// Within TLS.
    pub(crate) greeting: Vec<u8>,
}

/// A connection, whatever is under it.
pub(crate) enum Wire {
    Plain(Prompt),
    Tls(Box<TlsStream<Prompt>>),
}

/// What is known of how a connection began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beginning {
    pub(crate) connect: Duration,
    pub(crate) handshake: Option<Duration>,
    pub(crate) tls: Option<tls::Facts>,
    pub(crate) local: Option<SocketAddr>,
}

pub(crate) async fn dial(
    dial: &Dial,
    client: Option<&tls::Client>,
) -> Result<(Wire, Beginning), Error> {
    let begin = Instant::now();
    let mut stream = Prompt(connect(dial).await?);
    let connect = begin.elapsed();
    let local = stream.0.local_addr().ok();
    stream.write_all(&dial.preamble).await?;
    let plain = Beginning { connect, local, ..Beginning::default() };
    let (mut wire, beginning) = match client {
        None => (Wire::Plain(stream), plain),
        Some(client) => {
            let stream = shake(client, stream).await?;
            let facts = client.facts(stream.get_ref().1);
            let handshake = Some(begin.elapsed().saturating_sub(connect));
            let beginning = Beginning { handshake, tls: Some(facts), ..plain };
            (Wire::Tls(Box::new(stream)), beginning)
        }
    };
    if !dial.greeting.is_empty() {
        wire.write_all(&dial.greeting).await?;
        wire.flush().await?;
    }
    Ok((wire, beginning))
}

async fn connect(dial: &Dial) -> io::Result<TcpStream> {
    let socket = if dial.to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(from) = dial.from {
        socket.set_reuseaddr(true)?;
        socket.bind(from)?;
    }
    let stream = socket.connect(dial.to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn shake(client: &tls::Client, stream: Prompt) -> Result<TlsStream<Prompt>, Error> {
    let connector = TlsConnector::from(Arc::clone(client.config()));
    connector.connect(client.name().clone(), stream).await.map_err(|why| {
        let inner = why.get_ref().and_then(|inner| inner.downcast_ref::<tls::rustls::Error>());
        match inner {
            Some(inner) => Error::Tls(client.explain(inner)),
            None => why.into(),
        }
    })
}

/// A connection that acknowledges at once: a server that has sent something small and waits for the
/// acknowledgement before it sends the answer would else wait 40 ms.
pub(crate) struct Prompt(TcpStream);

impl AsyncRead for Prompt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // The kernel forgets this with every segment.
        let _ = self.0.set_quickack(true);
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Prompt {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
