//! Name servers behind TLS, HTTPS and QUIC, on loopback: sound ones, and such as do what none should.
//!
//! One lives in a thread of the test; its ports are the kernel's choice. Answers: `hN` has the address
//! 10.x.y.z of that number, `lN` 127.x.y.z, `tN` a TXT of N octets, every other name 192.0.2.1.

mod answer;
mod certificates;
mod http1;
mod https;
mod quic;
mod strange;
mod stream;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::oneshot;

pub use answer::answer;
pub use certificates::Certificate;

/// What a server does that it should not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Takes queries and says nothing.
    Hang,
    /// Closes in the middle of an answer.
    CloseInAnswer,
    /// Sends an answer octet by octet, each ten milliseconds after the one before.
    Dribble,
    /// Octets that are none of the protocol's, where an answer should be.
    Garbage,
    /// Speaks no TLS.
    NotTls,
    /// Warns without end, in the handshake.
    AlertFlood,
    /// Says goodbye in the handshake, and keeps the connection.
    GoodbyeInHandshake,
    /// Records with nothing in them, without end.
    EmptyRecords,
    /// A record longer than any may be.
    LongRecord,
    /// Has only versions of TLS that nobody should.
    OldTls,
    /// Wants a client's certificate.
    WantsClient,
    /// This status; one that redirects points elsewhere.
    Status(u16),
    /// An answer that is a page.
    Html,
    /// So many octets.
    LongBody(usize),
    /// A head of HTTP/1.1 or fields of HTTP/2 without end.
    EndlessHead,
    /// Frames of HTTP/2 with nothing in them, without end.
    EmptyData,
    /// Pings of HTTP/2 without end.
    Pings,
    /// Refuses every stream.
    Resets,
    /// Two answers in one stream of DNS over QUIC.
    TwoAnswers,
    /// An answer over QUIC whose ID is not 0.
    BadId,
}

/// What a server is.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What it shows.
    pub certificate: Certificate,
    /// What it does.
    pub fault: Fault,
    /// Whether it speaks HTTP/1.1 only.
    pub is_old: bool,
    /// Its address.
    pub address: Option<Ipv4Addr>,
}

/// A server, until it is dropped.
pub struct Server {
    /// DNS over TLS.
    pub dot: SocketAddr,
    /// DNS over HTTPS.
    pub doh: SocketAddr,
    /// DNS over HTTP.
    pub http: SocketAddr,
    /// DNS over QUIC.
    pub doq: SocketAddr,
    /// DNS over HTTP/3.
    pub h3: SocketAddr,
    folder: TempDir,
    told: Told,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What servers have heard before a query: PROXY headers.
pub(crate) type Told = Arc<Mutex<Vec<Vec<u8>>>>;

/// Sockets before anybody listens.
struct Sockets {
    dot: TcpListener,
    doh: TcpListener,
    http: TcpListener,
    doq: std::net::UdpSocket,
    h3: std::net::UdpSocket,
}

impl Server {
    /// Starts one.
    #[must_use]
    pub fn start(config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = certificates::shop(config.certificate, folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let address = config.address.unwrap_or(Ipv4Addr::LOCALHOST);
        let sockets = runtime.block_on(Sockets::open(address));
        let local = |socket: &TcpListener| socket.local_addr().expect("bound");
        let (end, ended) = oneshot::channel();
        let told = Told::default();
        let mut server = Self {
            dot: local(&sockets.dot),
            doh: local(&sockets.doh),
            http: local(&sockets.http),
            doq: sockets.doq.local_addr().expect("bound"),
            h3: sockets.h3.local_addr().expect("bound"),
            folder,
            told: Arc::clone(&told),
            end: Some(end),
            thread: None,
        };
        let serve = move || {
            runtime.block_on(async move {
                serve(sockets, &Arc::new(shop), &config, &told);
                let _ = ended.await;
            });
            runtime.shutdown_background();
        };
        server.thread = Some(std::thread::spawn(serve));
        server
    }

    /// One with this fault.
    #[must_use]
    pub fn with(fault: Fault) -> Self {
        Self::start(Config { fault, ..Config::default() })
    }

    /// One that shows this.
    #[must_use]
    pub fn showing(certificate: Certificate) -> Self {
        Self::start(Config { certificate, ..Config::default() })
    }

    /// The file of the authority, in PEM.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Files of a client's certificate and key, in PEM.
    #[must_use]
    pub fn client(&self) -> (PathBuf, PathBuf) {
        (self.folder.path().join("client.pem"), self.folder.path().join("client.key"))
    }

    /// The file of the server's own certificate, in PEM.
    #[must_use]
    pub fn own(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    /// PROXY headers that came.
    #[must_use]
    pub fn told(&self) -> Vec<Vec<u8>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Sockets {
    async fn open(address: Ipv4Addr) -> Self {
        let tcp = || async { TcpListener::bind((address, 0)).await.expect("a port") };
        let udp = || async {
            let socket = UdpSocket::bind((address, 0)).await.expect("a port");
            socket.into_std().expect("a socket")
        };
        Self {
            dot: tcp().await,
            doh: tcp().await,
            http: tcp().await,
            doq: udp().await,
            h3: udp().await,
        }
    }
}

fn serve(sockets: Sockets, shop: &Arc<certificates::Shop>, config: &Config, told: &Told) {
    let fault = config.fault;
    let web: &[&[u8]] = if config.is_old { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
    let dot = stream::Tls::new(shop, &[b"dot"], fault, Arc::clone(told));
    let doh = stream::Tls::new(shop, web, fault, Arc::clone(told));
    tokio::spawn(stream::serve(sockets.dot, dot, stream::Kind::Dns));
    tokio::spawn(stream::serve(sockets.doh, doh, stream::Kind::Web));
    tokio::spawn(stream::serve_plain(sockets.http, config.is_old, fault));
    tokio::spawn(quic::serve_doq(sockets.doq, Arc::clone(shop), fault));
    tokio::spawn(quic::serve_h3(sockets.h3, Arc::clone(shop), fault));
}
