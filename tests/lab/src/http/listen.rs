//! Which servers there are, and who takes their connections.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio_rustls::TlsAcceptor;

use super::certificates::{Case, Shop};
use super::{World, frames, h2, h3, proxy, serve, socks};

/// What is spoken at a port.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// HTTP/1.1.
    Http,
    /// HTTP/2 without TLS, by prior knowledge.
    H2c,
    /// HTTP/1.1, and HTTP/2 where the flag is set, behind a certificate.
    Tls(Case, bool),
    /// An alert of TLS as the answer to everything.
    Alert(u8),
    /// As `https1`, with 300 ms before each flight of the server.
    SlowTls,
    /// Frames of HTTP/2.
    Frames,
    /// A proxy of HTTP.
    Proxy(proxy::Auth),
    /// One of SOCKS 4, 4a and 5; with a password where the flag is set.
    Socks(bool),
    /// HTTP/1.1 behind a header of the PROXY protocol.
    ProxyProtocol,
    /// Takes connections and says nothing.
    Silent,
    /// Reads a request and closes.
    Close,
    /// Resets.
    Reset,
}

const SERVERS: &[(&str, Kind)] = &[
    ("http", Kind::Http),
    ("other", Kind::Http),
    ("h2c", Kind::H2c),
    ("https", Kind::Tls(Case::Good, true)),
    ("https1", Kind::Tls(Case::Good, false)),
    ("tls12", Kind::Tls(Case::Tls12, true)),
    ("expired", Kind::Tls(Case::Expired, false)),
    ("early", Kind::Tls(Case::Early, false)),
    ("wrong", Kind::Tls(Case::Wrong, false)),
    ("self-signed", Kind::Tls(Case::SelfSigned, false)),
    ("incomplete", Kind::Tls(Case::Incomplete, false)),
    ("unknown", Kind::Tls(Case::Unknown, false)),
    ("cn-only", Kind::Tls(Case::CnOnly, false)),
    ("no-server-auth", Kind::Tls(Case::NoServerAuth, false)),
    ("client", Kind::Tls(Case::WantsClient, true)),
    ("slow-tls", Kind::SlowTls),
    ("tls-alert", Kind::Alert(40)),
    ("tls-old", Kind::Alert(70)),
    ("proxy", Kind::Proxy(proxy::Auth::None)),
    ("proxy-basic", Kind::Proxy(proxy::Auth::Basic)),
    ("proxy-digest", Kind::Proxy(proxy::Auth::Digest)),
    ("proxy-refusing", Kind::Proxy(proxy::Auth::Never)),
    ("socks", Kind::Socks(false)),
    ("socks-password", Kind::Socks(true)),
    ("proxy-protocol", Kind::ProxyProtocol),
    ("silent", Kind::Silent),
    ("close", Kind::Close),
    ("reset", Kind::Reset),
];

/// Servers by name, but for those of [`super::FRAMES`], which are `h2-NAME`. `https` has HTTP/3 at the same number;
/// nobody gets into `full`, whose queue is.
pub const NAMES: [&str; 29] = {
    let mut names = ["full"; 29];
    let mut at = 0;
    while at < SERVERS.len() {
        names[at] = SERVERS[at].0;
        at += 1;
    }
    names
};

/// Sockets before anybody is served.
pub(crate) struct Sockets {
    tcp: Vec<(String, Kind, TcpListener)>,
    h3: std::net::UdpSocket,
    unix: UnixListener,
    full: Full,
}

/// A listener whose queue is full, and what fills it.
struct Full {
    listener: Socket,
    waiting: Vec<Socket>,
}

impl Sockets {
    pub(crate) async fn open(folder: &Path) -> Self {
        let mut tcp = Vec::new();
        let (https, h3) = pair().await;
        let mut https = Some(https);
        for (name, kind) in SERVERS {
            let own = if *name == "https" { https.take() } else { None };
            let listener = match own {
                Some(listener) => listener,
                None => bind().await,
            };
            tcp.push(((*name).to_owned(), *kind, listener));
        }
        for name in frames::NAMES {
            tcp.push((format!("h2-{name}"), Kind::Frames, bind().await));
        }
        let unix = UnixListener::bind(folder.join("origin.sock")).expect("a socket");
        Self { tcp, h3, unix, full: Full::open().expect("a socket") }
    }

    pub(crate) fn ports(&self) -> BTreeMap<String, u16> {
        let port = |listener: &TcpListener| listener.local_addr().expect("bound").port();
        let own = self.tcp.iter().map(|(name, _, listener)| (name.clone(), port(listener)));
        own.chain([("full".to_owned(), self.full.port())]).collect()
    }

    pub(crate) fn serve(self, shop: &Shop, world: &Arc<World>) {
        for (name, kind, listener) in self.tcp {
            let tls = match kind {
                Kind::Tls(case, has_h2) => Some(acceptor(shop, case, has_h2)),
                _ => None,
            };
            let server = Server { name, kind, tls, world: Arc::clone(world) };
            tokio::spawn(server.serve(listener));
        }
        tokio::spawn(h3::serve(self.h3, shop.config(Case::Good), Arc::clone(world)));
        tokio::spawn(serve_unix(self.unix, Arc::clone(world)));
        // The queue is full for as long as the servers are there.
        let full = self.full;
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(full);
        });
    }
}

async fn bind() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port")
}

/// A port of TCP whose number is free in UDP too.
async fn pair() -> (TcpListener, std::net::UdpSocket) {
    loop {
        let tcp = bind().await;
        if let Ok(udp) = std::net::UdpSocket::bind(tcp.local_addr().expect("bound")) {
            udp.set_nonblocking(true).expect("a socket");
            return (tcp, udp);
        }
    }
}

fn acceptor(shop: &Shop, case: Case, has_h2: bool) -> TlsAcceptor {
    let mut config = shop.config(case);
    let protocols: &[&[u8]] = if has_h2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
    config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve_unix(listener: UnixListener, world: Arc<World>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve::http1(stream, Arc::clone(&world), "unix"));
    }
}

#[derive(Clone)]
struct Server {
    name: String,
    kind: Kind,
    tls: Option<TlsAcceptor>,
    world: Arc<World>,
}

impl Server {
    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let server = self.clone();
            tokio::spawn(async move { drop(server.connection(stream).await) });
        }
    }

    async fn connection(self, mut stream: TcpStream) -> io::Result<()> {
        let (world, name) = (self.world, self.name.as_str());
        match self.kind {
            Kind::Http => serve::http1(stream, world, name).await,
            Kind::H2c => h2::serve(stream, world, name).await,
            Kind::Tls(..) => {
                let Some(tls) = self.tls else { return Ok(()) };
                let stream = tls.accept(stream).await?;
                match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => h2::serve(stream, world, name).await,
                    _ => serve::http1(stream, world, name).await,
                }
            }
            Kind::Alert(description) => {
                stream.read_u8().await?;
                stream.write_all(&[21, 3, 3, 0, 2, 2, description]).await?;
                end(stream).await
            }
            Kind::SlowTls => slow(stream, world.ports["https1"]).await,
            Kind::Frames => frames::serve(stream, name.trim_start_matches("h2-")).await,
            Kind::Proxy(auth) => proxy::serve(stream, world, name, auth).await,
            Kind::Socks(has_password) => socks::serve(stream, &world, name, has_password).await,
            Kind::ProxyProtocol => proxy::behind_header(stream, world, name).await,
            Kind::Silent => {
                tokio::time::sleep(Duration::from_secs(120)).await;
                Ok(())
            }
            Kind::Close => {
                // As much of a request as there is.
                let _ = stream.read(&mut [0; 4096]).await?;
                end(stream).await
            }
            Kind::Reset => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                stream.set_zero_linger()
            }
        }
    }
}

/// Closes, and reads until the other end does: nothing unread makes it a RST.
async fn end(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

/// Relays to a port, with 300 ms before what comes back.
async fn slow(stream: TcpStream, port: u16) -> io::Result<()> {
    let onward = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let (mut from_client, mut to_client) = stream.into_split();
    let (mut from_server, mut to_server) = onward.into_split();
    tokio::spawn(async move { drop(tokio::io::copy(&mut from_client, &mut to_server).await) });
    let mut octets = vec![0; 1 << 16];
    loop {
        let length = from_server.read(&mut octets).await?;
        if length == 0 {
            return to_client.shutdown().await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        to_client.write_all(&octets[..length]).await?;
    }
}

impl Full {
    fn open() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?;
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            // In progress is an error, and what is wanted.
            let _ = socket.connect(&address);
            waiting.push(socket);
        }
        Ok(Self { listener, waiting })
    }

    fn port(&self) -> u16 {
        assert_eq!(self.waiting.len(), 3, "the queue is full");
        let address = self.listener.local_addr().ok().and_then(|address| address.as_socket());
        address.map_or(0, |address| address.port())
    }
}
