//! That nobody listens, as the network says it (ICMP, RFC 1122 §4.1.3.3): quinn goes on asking.

use std::fmt;
use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Runtime as _, TokioRuntime, UdpPoller};
use tokio::time::sleep;

/// Between two looks.
const LOOK_UP: Duration = Duration::from_millis(20);

/// A connected socket that is looked at before each use, which would take its error away.
pub(super) struct Watched {
    inner: Arc<dyn AsyncUdpSocket>,
    /// The same, to ask.
    socket: UdpSocket,
    is_refused: AtomicBool,
    /// There is a connection: who says otherwise may be anybody.
    is_up: AtomicBool,
}

impl Watched {
    pub(super) fn new(socket: UdpSocket) -> io::Result<Arc<Self>> {
        let own = socket.try_clone()?;
        let inner = TokioRuntime.wrap_udp_socket(socket)?;
        let (is_refused, is_up) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Arc::new(Self { inner, socket: own, is_refused, is_up }))
    }

    /// Until it is refused.
    pub(super) async fn refused(&self) {
        while !self.is_refused() {
            sleep(LOOK_UP).await;
        }
    }

    /// Looks no more.
    pub(super) fn is_connected(&self) {
        self.is_up.store(true, Ordering::Relaxed);
    }

    fn is_refused(&self) -> bool {
        if self.is_up.load(Ordering::Relaxed) {
            return false;
        }
        if let Ok(Some(why)) = self.socket.take_error()
            && why.kind() == ErrorKind::ConnectionRefused
        {
            self.is_refused.store(true, Ordering::Relaxed);
        }
        self.is_refused.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(out)
    }
}

impl AsyncUdpSocket for Watched {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let _ = self.is_refused();
        self.inner.try_send(transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let _ = self.is_refused();
        self.inner.poll_recv(cx, buffers, meta)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.inner.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.inner.max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.inner.may_fragment()
    }
}
