//! TCP, TLS, and messages with two octets of length before them.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::Shop;
use super::{Fault, Told, answer, http1, https, strange};

/// What begins a PROXY header of version 2.
const PROXY: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// What is spoken within TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Dns,
    Web,
}

#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    fault: Fault,
    told: Told,
}

impl Tls {
    pub(crate) fn new(shop: &Shop, alpn: &[&[u8]], fault: Fault, told: Told) -> Self {
        let config = shop.config(alpn, fault == Fault::WantsClient);
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), fault, told }
    }

    async fn serve(self, mut stream: TcpStream, kind: Kind) -> io::Result<()> {
        if strange::below_tls(self.fault, &mut stream).await? {
            return Ok(());
        }
        let mut first = [0; 1];
        if stream.peek(&mut first).await? == 1 && first == PROXY[..1] {
            self.hear_proxy(&mut stream).await?;
        }
        let mut stream = self.acceptor.accept(stream).await?;
        match (kind, stream.get_ref().1.alpn_protocol()) {
            (Kind::Dns, _) => self.serve_messages(&mut stream).await,
            (Kind::Web, Some(b"h2")) => https::serve(stream, self.fault).await,
            (Kind::Web, _) => http1::serve(stream, self.fault).await,
        }
    }

    async fn hear_proxy<S: AsyncRead + Unpin>(&self, stream: &mut S) -> io::Result<()> {
        let mut head = [0; 16];
        stream.read_exact(&mut head).await?;
        self.rest_of_proxy(stream, &head).await
    }

    async fn rest_of_proxy<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        head: &[u8; 16],
    ) -> io::Result<()> {
        let length = usize::from(u16::from_be_bytes([head[14], head[15]]));
        let mut rest = vec![0; length];
        stream.read_exact(&mut rest).await?;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push([&head[..], &rest].concat());
        Ok(())
    }

    async fn serve_messages<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
    ) -> io::Result<()> {
        loop {
            let mut length = [0; 2];
            stream.read_exact(&mut length).await?;
            if length == PROXY[..2] {
                let mut head = [0; 16];
                head[..2].copy_from_slice(&length);
                stream.read_exact(&mut head[2..]).await?;
                self.rest_of_proxy(stream, &head).await?;
                continue;
            }
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).await?;
            let Some(reply) = answer(&query) else { continue };
            let length = u16::try_from(reply.len()).unwrap_or(u16::MAX);
            let framed = [&length.to_be_bytes()[..], &reply].concat();
            send(stream, &framed, self.fault).await?;
        }
    }
}

/// Sends an answer as the fault has it.
pub(crate) async fn send<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
    fault: Fault,
) -> io::Result<()> {
    match fault {
        Fault::Hang => return Ok(()),
        Fault::CloseInAnswer => {
            stream.write_all(&octets[..octets.len() / 2]).await?;
            stream.flush().await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Fault::Garbage => stream.write_all(&[0xff; 4096]).await?,
        Fault::Dribble => {
            for octet in octets {
                stream.write_all(&[*octet]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        _ => stream.write_all(octets).await?,
    }
    stream.flush().await
}

pub(crate) async fn serve(listener: TcpListener, tls: Tls, kind: Kind) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move { drop(tls.serve(stream, kind).await) });
    }
}

pub(crate) async fn serve_plain(listener: TcpListener, is_old: bool, fault: Fault) {
    while let Ok((stream, _)) = listener.accept().await {
        if is_old {
            tokio::spawn(async move { drop(http1::serve(stream, fault).await) });
        } else {
            tokio::spawn(async move { drop(https::serve(stream, fault).await) });
        }
    }
}
