//! The whole way to a connection.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use wireline_tls as tls;

use crate::auth::Authenticator;
use crate::event::{Event, Medium};
use crate::failure::{Failure, Kind};
use crate::head::Version;
use crate::spec::{Spec, Versions};
use crate::tell::Tell;
use crate::transport::eyeballs::Race;
use crate::transport::proxy::{Proxy, ProxyKind, authority, http, socks};
use crate::transport::race::{self, Lost};
use crate::transport::resolve::{self, Name};
use crate::transport::socket::{self, Source};
use crate::transport::stream::{Socket, Way};
use crate::transport::{Carrier, Connection, Key, State, Stream, Want, quic, tls as secure};

/// For name, connection and TLS, where nobody says otherwise (curl's).
const PATIENCE: Duration = Duration::from_secs(300);
/// IPv6's, and QUIC's before TCP (curl's).
const HEAD_START: Duration = Duration::from_millis(200);
/// How often a proxy is asked for one tunnel: it may ask for Digest, and say that the nonce is old.
const ROUNDS: usize = 5;

/// What is wanted, on its way.
pub(super) struct Opening<'a> {
    pub(super) want: Want<'a>,
    pub(super) state: &'a State,
    pub(super) tell: &'a Tell,
    pub(super) spec: &'a Spec,
    pub(super) source: Source,
    proxy: Option<Proxy>,
    is_absolute: bool,
    /// Since the transfer began.
    began: Duration,
    deadline: Duration,
    is_resolving: Cell<bool>,
}

/// A way to the server, before TLS.
struct Reached {
    way: Way,
    number: u64,
    connect_status: u16,
}

pub(super) async fn open(
    want: Want<'_>,
    state: &State,
    tell: &Tell,
) -> Result<Connection, Failure> {
    let key = Key::of(want)?;
    let began = tell.now();
    let patience = want.spec.limits.connect.unwrap_or(PATIENCE);
    let total = want.deadline.map(|end| end.saturating_duration_since(tell.begin()));
    let own = began.saturating_add(patience);
    let deadline = total.map_or(own, |total| total.min(own));
    let proxy = key.proxy().cloned();
    let is_absolute =
        proxy.as_ref().is_some_and(|one| one.is_forwarding(want.url, &want.spec.connect));
    let opening = Opening {
        want,
        state,
        tell,
        spec: want.spec,
        source: Source::of(&want.spec.connect).await?,
        proxy,
        is_absolute,
        began,
        deadline,
        is_resolving: Cell::new(false),
    };
    let opened = timeout(deadline.saturating_sub(tell.now()), opening.run(key)).await;
    let connection = opened.map_err(|_| opening.timed_out())??;
    tell.event(&Event::Ready { version: connection.version });
    Ok(connection)
}

impl Opening<'_> {
    async fn run(&self, key: Key) -> Result<Connection, Failure> {
        let is_only = self.want.versions == Versions::Http3Only;
        match self.why_no_quic() {
            Some(why) if is_only => Err(why),
            None if is_only => self.over_quic(key).await,
            None if self.want.versions == Versions::Http3 => {
                let (quic, stream) = (self.over_quic(key.clone()), self.over_stream(key));
                first_of(quic, self.head_start(), stream, self.tell).await
            }
            _ => self.over_stream(key).await,
        }
    }

    /// What keeps QUIC from being tried, in curl's words.
    fn why_no_quic(&self) -> Option<Failure> {
        let no = |kind, text: &str| Some(Failure::new(kind, text));
        match &self.proxy {
            _ if !self.want.url.is_secure() => {
                no(Kind::MalformedUrl, "HTTP/3 requested for non-HTTPS URL")
            }
            Some(proxy) if proxy.speaks_http() => {
                no(Kind::MalformedUrl, "HTTP/3 is not supported over an HTTP proxy")
            }
            Some(_) => no(Kind::MalformedUrl, "HTTP/3 is not supported over a SOCKS proxy"),
            None if self.spec.connect.unix_socket.is_some() => {
                no(Kind::QuicConnect, "HTTP/3 is not supported over a Unix socket")
            }
            None => None,
        }
    }

    fn head_start(&self) -> Duration {
        self.spec.connect.happy_eyeballs.unwrap_or(HEAD_START)
    }

    /// Where the server is: the URL's host and port, or what is to be taken for them.
    fn target(&self) -> (String, u16) {
        let url = self.want.url;
        let (host, port) = match self.want.elsewhere {
            Some(there) => there,
            None => (url.host.as_str(), url.effective_port()),
        };
        let given = resolve::elsewhere(&self.spec.connect.elsewhere, host, port);
        given.unwrap_or_else(|| (host.to_owned(), port))
    }

    pub(super) async fn resolve(
        &self,
        host: &str,
        port: u16,
        is_proxy: bool,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let is_urls = host == self.want.url.host && !is_proxy;
        let zone = self.want.url.zone.as_deref().filter(|_| is_urls);
        let name = Name { host, port, zone, is_proxy };
        self.is_resolving.set(true);
        let found = resolve::resolve(name, &self.spec.connect, &self.state.names, self.tell).await;
        self.is_resolving.set(false);
        found
    }

    pub(super) fn race(&self, addresses: &[SocketAddr]) -> Race {
        Race::new(addresses, self.head_start(), self.deadline, self.tell.now())
    }

    /// The addresses of the server, for QUIC.
    pub(super) async fn addresses(&self) -> Result<(String, u16, Vec<SocketAddr>), Failure> {
        let (host, port) = self.target();
        let found = self.resolve(&host, port, false).await?;
        Ok((host, port, found))
    }

    async fn over_quic(&self, key: Key) -> Result<Connection, Failure> {
        // Large, and rarely needed.
        Box::pin(quic::open(self, key)).await
    }

    async fn over_stream(&self, key: Key) -> Result<Connection, Failure> {
        let Reached { way, number, connect_status } = self.reach().await?;
        let (local, remote) = way.socket().ends();
        let is_secure = self.want.url.is_secure();
        let (stream, facts, late) = if is_secure {
            let client = self.client(&self.spec.tls, &self.want.url.host)?;
            let alpn = offers(self.want.versions);
            let done = secure::secure(way, &client, alpn, self.tell, false).await?;
            (Stream::Tls(Box::new(done.stream)), Some(done.facts), Some(done.late))
        } else {
            (Stream::Plain(way), None, None)
        };
        let version = version(self.want.versions, facts.as_ref());
        Ok(Connection {
            number,
            carrier: Carrier::Stream(stream),
            version,
            tls: facts,
            late,
            local,
            remote,
            proxy: self.proxy.clone(),
            is_absolute: self.is_absolute,
            connect_status,
            key,
        })
    }

    /// What sessions with this host are made from.
    pub(super) fn client(
        &self,
        profile: &tls::Profile,
        host: &str,
    ) -> Result<tls::Client, Failure> {
        let mut profile = profile.clone();
        profile.name.get_or_insert_with(|| host.to_owned());
        let address = host.parse::<IpAddr>().ok();
        self.state.clients.get(&profile, address).map_err(|why| secure::setup(&why))
    }

    /// A way to the server: through the proxy where there is one.
    async fn reach(&self) -> Result<Reached, Failure> {
        let (host, port) = self.target();
        let mut reached = match (&self.spec.connect.unix_socket, &self.proxy) {
            (Some(path), _) => self.reach_unix(path, &host, port).await?,
            (None, None) => self.reach_tcp(&host, port, None).await?,
            (None, Some(proxy)) if self.is_absolute => self.reach_proxy(proxy).await?,
            (None, Some(proxy)) if proxy.speaks_http() => {
                self.through_http(proxy, &authority(&host, port)).await?
            }
            (None, Some(proxy)) => self.through_socks(proxy, &host, port).await?,
        };
        self.greet(&mut reached.way).await?;
        Ok(reached)
    }

    async fn reach_unix(&self, path: &str, host: &str, port: u16) -> Result<Reached, Failure> {
        let stream = socket::connect_unix(path).await.map_err(|why| {
            self.tell.note(format!("{path}: {}", socket::errno_text(&why)));
            self.no_connection(host, port)
        })?;
        let medium = Medium::Unix(path.to_owned());
        Ok(self.reached(Socket::Unix(stream), medium))
    }

    async fn reach_tcp(
        &self,
        host: &str,
        port: u16,
        proxy: Option<&Proxy>,
    ) -> Result<Reached, Failure> {
        let addresses = self.resolve(host, port, proxy.is_some()).await?;
        let connect = |to| socket::connect(to, &self.source, &self.spec.connect);
        let raced = race::run(self.race(&addresses), connect, self.tell).await;
        let (_, stream) = raced.map_err(|lost| self.lost(lost, host, port))?;
        let medium = match proxy {
            Some(proxy) => Medium::Proxied { proxy: proxy.to_url() },
            None => Medium::Tcp,
        };
        Ok(self.reached(Socket::Tcp(stream), medium))
    }

    fn reached(&self, socket: Socket, medium: Medium) -> Reached {
        let number = self.state.number();
        let (local, remote) = socket.ends();
        let way = Way::Socket(socket);
        let tcp_info = way.tcp_info();
        self.tell.event(&Event::Connected { connection: number, medium, local, remote, tcp_info });
        Reached { way, number, connect_status: 0 }
    }

    /// The proxy, ready to be asked.
    async fn reach_proxy(&self, proxy: &Proxy) -> Result<Reached, Failure> {
        let reached = self.reach_tcp(&proxy.host, proxy.port, Some(proxy)).await?;
        let Way::Socket(socket) = reached.way else { return Ok(reached) };
        if proxy.kind != ProxyKind::Https {
            return Ok(Reached { way: Way::Socket(socket), ..reached });
        }
        let client = self.client(&self.spec.connect.proxy_tls, &proxy.host)?;
        let done = secure::secure(socket, &client, &[b"http/1.1"], self.tell, true).await?;
        Ok(Reached { way: Way::Proxy(Box::new(done.stream)), ..reached })
    }

    async fn through_http(&self, proxy: &Proxy, to: &str) -> Result<Reached, Failure> {
        let schemes = self.spec.connect.proxy_schemes;
        let mut auth = Authenticator::new(schemes, proxy.login.clone(), None);
        let mut kept: Option<Reached> = None;
        for _ in 0..ROUNDS {
            let mut reached = match kept.take() {
                Some(reached) => reached,
                None => self.reach_proxy(proxy).await?,
            };
            let asked = self.tell.now();
            match http::ask(&mut reached.way, to, self.spec, &mut auth, self.tell).await? {
                http::Answer::Open(status) => {
                    self.tunnelled(proxy, to, asked);
                    return Ok(Reached { connect_status: status, ..reached });
                }
                http::Answer::Again { keeps_alive: true } => kept = Some(reached),
                http::Answer::Again { keeps_alive: false } => {
                    self.tell.event(&Event::Left { connection: reached.number, is_open: false });
                }
            }
        }
        Err(Failure::new(Kind::Connect, "CONNECT tunnel failed, response 407"))
    }

    async fn through_socks(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
    ) -> Result<Reached, Failure> {
        let mut reached = self.reach_proxy(proxy).await?;
        let (asked, shown) = (self.tell.now(), authority(host, port));
        let end = match proxy.kind {
            ProxyKind::Socks4 | ProxyKind::Socks5 => self.socks_end(proxy, host, port).await?,
            _ => match host.parse::<IpAddr>() {
                Ok(address) => socks::End::Address(SocketAddr::new(address, port)),
                Err(_) => socks::End::Name(host, port),
            },
        };
        socks::ask(&mut reached.way, proxy, end, host).await?;
        self.tunnelled(proxy, &shown, asked);
        Ok(reached)
    }

    /// Looked up here, for a proxy that knows no names.
    async fn socks_end(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
    ) -> Result<socks::End<'static>, Failure> {
        let is_4 = proxy.kind == ProxyKind::Socks4;
        let found = self.resolve(host, port, false).await.map_err(|_| {
            let number = if is_4 { 4 } else { 5 };
            let text = format!("Failed to resolve \"{host}\" for SOCKS{number} connect.");
            Failure::new(Kind::Proxy, text)
        })?;
        let fitting = found.iter().find(|one| !is_4 || one.is_ipv4()).or(found.first());
        let none = || Failure::new(Kind::Proxy, format!("Failed to resolve \"{host}\"."));
        fitting.copied().map(socks::End::Address).ok_or_else(none)
    }

    fn tunnelled(&self, proxy: &Proxy, to: &str, asked: Duration) {
        let took = self.tell.now().saturating_sub(asked);
        self.tell.event(&Event::Tunnel { proxy: proxy.to_url(), to: to.to_owned(), took });
    }

    /// The line of the PROXY protocol (its specification, §2.1), where it is asked for.
    async fn greet(&self, way: &mut Way) -> Result<(), Failure> {
        let Some(client) = self.spec.connect.haproxy else { return Ok(()) };
        let line = greeting(way.socket().ends(), client);
        let sent = async {
            way.write_all(line.as_bytes()).await?;
            way.flush().await
        };
        sent.await.map_err(|why| {
            let text = format!("Send failure: {}", socket::errno_text(&why));
            Failure::new(Kind::Send, text)
        })
    }

    pub(super) fn lost(&self, lost: Lost, host: &str, port: u16) -> Failure {
        match lost {
            Lost::Final(failure) => failure,
            Lost::TimedOut => self.timed_out(),
            Lost::Failed(why) => {
                let mut failure = self.no_connection(host, port);
                // The fault is here, and not with the server.
                if why.starts_with("Too many open files") {
                    failure.text = format!("{}: {why}", failure.text);
                }
                failure
            }
        }
    }

    fn no_connection(&self, host: &str, port: u16) -> Failure {
        let after = self.spent();
        let text = format!(
            "Failed to connect to {host} port {port} after {after} ms: Could not connect to server"
        );
        Failure::new(Kind::Connect, text)
    }

    fn timed_out(&self) -> Failure {
        let what = if self.is_resolving.get() { "Resolving" } else { "Connection" };
        let text = format!("{what} timed out after {} milliseconds", self.spent());
        Failure::new(Kind::TimedOut, text)
    }

    fn spent(&self) -> u128 {
        self.tell.now().saturating_sub(self.began).as_millis()
    }
}

fn greeting(ends: (Option<SocketAddr>, Option<SocketAddr>), client: Option<IpAddr>) -> String {
    let (Some(local), Some(remote)) = ends else { return "PROXY UNKNOWN\r\n".to_owned() };
    let from = client.unwrap_or_else(|| local.ip());
    let family = if from.is_ipv4() { "TCP4" } else { "TCP6" };
    format!("PROXY {family} {from} {} {} {}\r\n", remote.ip(), local.port(), remote.port())
}

fn offers(versions: Versions) -> &'static [&'static [u8]] {
    match versions {
        Versions::Http10 => &[b"http/1.0"],
        Versions::Http11 => &[b"http/1.1"],
        Versions::Http2PriorKnowledge => &[b"h2"],
        Versions::Http3Only => &[b"h3"],
        Versions::Usual | Versions::Http2 | Versions::Http3 => &[b"h2", b"http/1.1"],
    }
}

fn version(wanted: Versions, facts: Option<&tls::Facts>) -> Version {
    let agreed = facts.and_then(|facts| facts.alpn.as_deref());
    if agreed == Some("h2") || wanted == Versions::Http2PriorKnowledge {
        return Version::Http2;
    }
    Version::Http11
}

/// QUIC's, unless that fails or takes longer than its head start, and a stream is there first.
async fn first_of<T>(
    quic: impl Future<Output = Result<T, Failure>>,
    head_start: Duration,
    stream: impl Future<Output = Result<T, Failure>>,
    tell: &Tell,
) -> Result<T, Failure> {
    let (mut quic, mut stream) = (pin!(quic), pin!(stream));
    let failed = |why: &Failure| tell.note(format!("HTTP/3: {}", why.text));
    let mut is_quic_over = match timeout(head_start, quic.as_mut()).await {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(why)) => {
            failed(&why);
            true
        }
        Err(_) => false,
    };
    let mut stream_failure = None;
    poll_fn(|cx| {
        if !is_quic_over && let Poll::Ready(ended) = quic.as_mut().poll(cx) {
            match ended {
                Ok(connection) => return Poll::Ready(Ok(connection)),
                Err(why) => failed(&why),
            }
            is_quic_over = true;
        }
        if stream_failure.is_none()
            && let Poll::Ready(ended) = stream.as_mut().poll(cx)
        {
            match ended {
                Ok(connection) => return Poll::Ready(Ok(connection)),
                Err(why) => stream_failure = Some(why),
            }
        }
        match stream_failure.take() {
            Some(why) if is_quic_over => Poll::Ready(Err(why)),
            kept => {
                stream_failure = kept;
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests;
