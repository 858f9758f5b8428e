//! What is sent octet by octet, whatever the protocol says of it.
//!
//! No script outlives [`LONGEST`] nor sends more than [`MOST`], should a client take all of it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// No script lasts longer.
const LONGEST: Duration = Duration::from_secs(60);
/// Nor sends more octets.
const MOST: usize = 512 << 20;

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// These octets.
    Send(Vec<u8>),
    /// These, so often.
    Times(Vec<u8>, usize),
    /// These, over and over, with this wait after each.
    Endless(Vec<u8>, Duration),
    /// Each of these octets, with this wait after it.
    Drip(Vec<u8>, Duration),
    /// Nothing for so long.
    Wait(Duration),
    /// The connection is reset.
    Reset,
}

/// What is sent, and what becomes of the connection.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) acts: Vec<Act>,
    /// Whether the connection is kept.
    pub(crate) keeps: bool,
}

/// A connection that can be reset.
pub(crate) trait Cut {
    /// Makes its end a RST.
    fn cut(&self);
}

impl Cut for tokio::net::TcpStream {
    fn cut(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Cut for tokio::net::UnixStream {
    fn cut(&self) {}
}

impl<S: Cut> Cut for tokio_rustls::server::TlsStream<S> {
    fn cut(&self) {
        self.get_ref().0.cut();
    }
}

impl Script {
    /// Octets, and the end.
    pub(crate) fn of(octets: impl Into<Vec<u8>>) -> Self {
        Self { acts: vec![Act::Send(octets.into())], keeps: false }
    }

    pub(crate) fn then(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    /// These octets without end, and no wait.
    pub(crate) fn endless(self, octets: impl Into<Vec<u8>>) -> Self {
        self.then(Act::Endless(octets.into(), Duration::ZERO))
    }

    /// Nothing any more.
    pub(crate) fn stall(self) -> Self {
        self.then(Act::Wait(LONGEST))
    }

    pub(crate) fn keeping(self) -> Self {
        Self { keeps: true, ..self }
    }

    /// Does all of it.
    pub(crate) async fn play<S: AsyncWrite + Cut + Unpin>(&self, stream: &mut S) -> io::Result<()> {
        for act in &self.acts {
            act.play(stream).await?;
        }
        stream.flush().await
    }
}

impl Act {
    async fn play<S: AsyncWrite + Cut + Unpin>(&self, stream: &mut S) -> io::Result<()> {
        match self {
            Self::Send(octets) => stream.write_all(octets).await,
            Self::Times(octets, times) => {
                // Many small ones are put together, for the sake of speed.
                let at_once = (1 << 16) / octets.len().max(1) + 1;
                let many = octets.repeat(at_once);
                for _ in 0..times / at_once {
                    stream.write_all(&many).await?;
                }
                stream.write_all(&octets.repeat(times % at_once)).await
            }
            Self::Endless(octets, wait) => endless(stream, octets, *wait).await,
            Self::Drip(octets, wait) => {
                for octet in octets {
                    stream.write_all(&[*octet]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(*wait).await;
                }
                Ok(())
            }
            Self::Wait(wait) => {
                stream.flush().await?;
                tokio::time::sleep(*wait).await;
                Ok(())
            }
            Self::Reset => {
                stream.flush().await?;
                stream.cut();
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }
}

async fn endless<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
    wait: Duration,
) -> io::Result<()> {
    let many = if wait.is_zero() {
        octets.repeat((1 << 16) / octets.len().max(1) + 1)
    } else {
        octets.to_vec()
    };
    let flood = async {
        let mut sent = 0;
        while sent < MOST {
            stream.write_all(&many).await?;
            stream.flush().await?;
            sent += many.len();
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
        Ok(())
    };
    tokio::time::timeout(LONGEST, flood).await.unwrap_or(Ok(()))
}
