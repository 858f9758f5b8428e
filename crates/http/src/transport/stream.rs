//! A stream of octets, whatever is under it.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::dial::Prompt;
use crate::transport::tls::Tap;

/// TLS over something.
pub(crate) type TlsOver<S> = tokio_rustls::client::TlsStream<Tap<S>>;

/// What the kernel has.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    /// TCP that acknowledges at once.
    Prompt(Prompt),
    Unix(UnixStream),
}

/// A way to the server: a socket, or TLS with a proxy on one.
#[derive(Debug)]
pub(crate) enum Way {
    Socket(Socket),
    Proxy(Box<TlsOver<Socket>>),
}

/// What requests are sent over.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(Way),
    Tls(Box<TlsOver<Way>>),
}

macro_rules! either {
    ($name:ident, $($one:ident),+) => {
        impl AsyncRead for $name {
            #[inline]
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                match self.get_mut() {
                    $(Self::$one(stream) => Pin::new(stream).poll_read(cx, buffer),)+
                }
            }
        }

        impl AsyncWrite for $name {
            #[inline]
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                octets: &[u8],
            ) -> Poll<io::Result<usize>> {
                match self.get_mut() {
                    $(Self::$one(stream) => Pin::new(stream).poll_write(cx, octets),)+
                }
            }

            #[inline]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                parts: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                match self.get_mut() {
                    $(Self::$one(stream) => Pin::new(stream).poll_write_vectored(cx, parts),)+
                }
            }

            fn is_write_vectored(&self) -> bool {
                match self {
                    $(Self::$one(stream) => stream.is_write_vectored(),)+
                }
            }

            #[inline]
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.get_mut() {
                    $(Self::$one(stream) => Pin::new(stream).poll_flush(cx),)+
                }
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.get_mut() {
                    $(Self::$one(stream) => Pin::new(stream).poll_shutdown(cx),)+
                }
            }
        }
    };
}

either!(Socket, Tcp, Prompt, Unix);
either!(Way, Socket, Proxy);
either!(Stream, Plain, Tls);

impl Stream {
    /// What the kernel has of it.
    pub(crate) fn socket(&self) -> &Socket {
        match self {
            Self::Plain(way) => way.socket(),
            Self::Tls(stream) => stream.get_ref().0.get_ref().socket(),
        }
    }

    /// Whether nothing is held that the kernel has handed over.
    pub(crate) fn is_drained(&self) -> bool {
        match self {
            Self::Plain(way) => way.is_drained(),
            Self::Tls(stream) => {
                let tap = stream.get_ref().0;
                tap.is_drained() && tap.get_ref().is_drained()
            }
        }
    }
}

impl Way {
    fn is_drained(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Proxy(stream) => stream.get_ref().0.is_drained(),
        }
    }

    /// What the kernel has of it.
    pub(crate) fn socket(&self) -> &Socket {
        match self {
            Self::Socket(socket) => socket,
            Self::Proxy(stream) => stream.get_ref().0.get_ref(),
        }
    }

    /// `struct tcp_info` as it is now; nothing where it is not TCP.
    pub(crate) fn tcp_info(&self) -> Vec<u8> {
        self.socket().tcp_info()
    }
}

impl Socket {
    /// `struct tcp_info` as it is now; nothing where it is not TCP.
    pub(crate) fn tcp_info(&self) -> Vec<u8> {
        match self {
            Self::Unix(_) => Vec::new(),
            tcp => wireline_net::tcp_info(tcp.as_fd()),
        }
    }

    /// Our end and the other, where they have addresses.
    pub(crate) fn ends(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        match self {
            Self::Tcp(stream) => (stream.local_addr().ok(), stream.peer_addr().ok()),
            Self::Prompt(stream) => {
                let stream = stream.get_ref();
                (stream.local_addr().ok(), stream.peer_addr().ok())
            }
            Self::Unix(_) => (None, None),
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Prompt(stream) => stream.get_ref().as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }
}
