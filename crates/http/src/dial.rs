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
use wireline_tls as tls;

use crate::Error;
use crate::transport::tls::Tap;
use crate::transport::{Socket, Stream, TlsOver, Way};

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
) -> Result<(Stream, Beginning), Error> {
    let begin = Instant::now();
    let mut socket = Socket::Prompt(Prompt(connect(dial).await?));
    let connect = begin.elapsed();
    let (local, _) = socket.ends();
    socket.write_all(&dial.preamble).await?;
    let way = Way::Socket(socket);
    let plain = Beginning { connect, local, ..Beginning::default() };
    let (mut stream, beginning) = match client {
        None => (Stream::Plain(way), plain),
        Some(client) => {
            let stream = shake(client, way).await?;
            let facts = client.facts(stream.get_ref().1);
            let handshake = Some(begin.elapsed().saturating_sub(connect));
            let beginning = Beginning { handshake, tls: Some(facts), ..plain };
            (Stream::Tls(Box::new(stream)), beginning)
        }
    };
    if !dial.greeting.is_empty() {
        stream.write_all(&dial.greeting).await?;
        stream.flush().await?;
    }
    Ok((stream, beginning))
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

async fn shake(client: &tls::Client, way: Way) -> Result<TlsOver<Way>, Error> {
    let connector = TlsConnector::from(Arc::clone(client.config()));
    connector.connect(client.name().clone(), Tap::silent(way)).await.map_err(|why| {
        let inner = why.get_ref().and_then(|inner| inner.downcast_ref::<tls::rustls::Error>());
        match inner {
            Some(inner) => Error::Tls(client.explain(inner)),
            None => why.into(),
        }
    })
}

/// A connection that acknowledges at once: a server that has sent something small and waits for the
/// acknowledgement before it sends the answer would else wait 40 ms.
#[derive(Debug)]
pub(crate) struct Prompt(TcpStream);

impl Prompt {
    /// What the kernel has.
    pub(crate) const fn get_ref(&self) -> &TcpStream {
        &self.0
    }
}

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
