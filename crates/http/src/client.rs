use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout;
use wireline_tls as tls;

use crate::agent::exchange::{self, h1, h2, h3};
use crate::dial::{Beginning, Dial};
use crate::doh::{LONGEST, Manner};
use crate::link::Link;
use crate::transport::Quic;
use crate::{Error, Failure, Version, dial, doq, quic};

/// How messages are carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// DNS over HTTPS (RFC 8484), or over HTTP where there is no TLS.
    Http {
        /// How the query is put.
        method: Method,
        /// Over which versions.
        versions: Versions,
        /// Whom the request names; `None` for the server's address.
        authority: Option<String>,
        /// `/dns-query`
        path: String,
    },
    /// DNS over QUIC (RFC 9250).
    Quic,
}

/// How a query is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// In the body.
    #[default]
    Post,
    /// In the URI, which caches can use.
    Get,
}

/// Over which versions of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// 2 or 1.1, as TLS agrees upon; without TLS 2, known beforehand (RFC 9113 §3.3).
    #[default]
    TwoOrOne,
    /// 1.1.
    One,
    /// 3, over QUIC.
    Three,
}

/// A server and how it is asked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it is.
    pub to: SocketAddr,
    /// Our end; `None` for what the kernel chooses.
    pub from: Option<SocketAddr>,
    /// How messages are carried.
    pub carriage: Carriage,
    /// What is asked of the server before it is believed; `None` for no TLS at all.
    pub profile: Option<tls::Profile>,
    /// Octets sent first, before TLS. Not with QUIC.
    pub preamble: Vec<u8>,
    /// Octets sent first within TLS. Not with QUIC.
    pub greeting: Vec<u8>,
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
    /// HTTP/3.
    Http3,
    /// DNS over QUIC.
    Doq,
}

/// What is known of a connection.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What it speaks.
    pub protocol: Protocol,
    /// Our end.
    pub local: Option<SocketAddr>,
    /// How long TCP's handshake took; zero with QUIC, which has none of its own.
    pub connect: Duration,
    /// How long that of TLS took, or of QUIC and TLS together.
    pub handshake: Option<Duration>,
    /// The session.
    pub tls: Option<tls::Facts>,
}

/// An answer and how it came.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The message.
    pub octets: Vec<u8>,
    /// From the query to the answer's first octet (its head, with HTTP).
    pub first: Duration,
    /// From the query to its last.
    pub total: Duration,
    /// Of HTTP.
    pub status: Option<u16>,
}

/// A connection to a server. Waits where it says so; many queries may be under way.
pub struct Client {
    line: Rc<Line>,
    facts: Facts,
    under_way: JoinSet<(u64, Result<Reply, Error>)>,
    tasks: LocalSet,
    runtime: Runtime,
}

enum Line {
    Http { link: Box<Link>, manner: Manner, quic: Option<Quic> },
    Quic(Quic),
}

impl Client {
    /// Connects and shakes hands; waits for `within` at the most.
    pub fn connect(config: &Config, within: Duration) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let opening = async { timeout(within, open(config)).await };
        let (line, facts) = runtime.block_on(opening).map_err(|_| Error::TimedOut)??;
        let (line, under_way, tasks) = (Rc::new(line), JoinSet::new(), LocalSet::new());
        Ok(Self { line, facts, under_way, tasks, runtime })
    }

    /// What is known of the connection.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the other side has not closed the connection, as far as can be seen without asking.
    #[must_use]
    pub fn is_usable(&mut self) -> bool {
        let line = Rc::clone(&self.line);
        self.tasks.block_on(&self.runtime, async {
            // Whoever reads the connection has its turn, and hears of a goodbye that is there.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            line.is_usable().await
        })
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, message: &[u8], within: Duration) -> Result<Reply, Error> {
        let line = Rc::clone(&self.line);
        let asking = async { timeout(within, line.ask(message)).await };
        self.tasks.block_on(&self.runtime, asking).map_err(|_| Error::TimedOut)?
    }

    /// Asks, and goes on. The answer is told by [`Client::next`], with the `token`.
    pub fn start(&mut self, token: u64, message: Vec<u8>, within: Duration) {
        let line = Rc::clone(&self.line);
        let ask = async move {
            let asked = timeout(within, line.ask(&message)).await;
            (token, asked.unwrap_or(Err(Error::TimedOut)))
        };
        self.under_way.spawn_local_on(ask, &self.tasks);
    }

    /// How many queries are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Waits for an answer to any of those that were started. `None`: none within the time, or none is
    /// under way.
    pub fn next(&mut self, within: Duration) -> Option<(u64, Result<Reply, Error>)> {
        let under_way = &mut self.under_way;
        let waiting = async { timeout(within, under_way.join_next()).await };
        let joined = self.tasks.block_on(&self.runtime, waiting);
        joined.ok()??.ok()
    }
}

impl Drop for Client {
    /// Says goodbye, where that is a datagram that must be sent before the runtime ends.
    fn drop(&mut self) {
        let (Line::Quic(quic) | Line::Http { quic: Some(quic), .. }) = &*self.line else { return };
        let Quic { connection, endpoint, .. } = quic;
        connection.close(doq::NO_ERROR, b"");
        let soon = Duration::from_millis(1);
        let _ = self.runtime.block_on(async { timeout(soon, endpoint.wait_idle()).await });
    }
}

impl Line {
    async fn is_usable(&self) -> bool {
        match self {
            Self::Quic(quic) => quic.connection.close_reason().is_none(),
            Self::Http { link, .. } => link.is_usable().await,
        }
    }

    async fn ask(&self, message: &[u8]) -> Result<Reply, Error> {
        match self {
            Self::Http { link, manner, .. } => {
                let response = manner.ask(link, message).await?;
                let status = Some(response.head.status);
                let (first, total) = (response.first, response.total);
                Ok(Reply { octets: response.body, first, total, status })
            }
            Self::Quic(quic) => doq::ask(&quic.connection, message).await,
        }
    }
}

async fn open(config: &Config) -> Result<(Line, Facts), Error> {
    let client = profile(config)?;
    let (preamble, greeting) = (config.preamble.clone(), config.greeting.clone());
    let dial = Dial { to: config.to, from: config.from, preamble, greeting };
    match &config.carriage {
        Carriage::Quic => open_doq(&dial, client.as_ref()).await,
        Carriage::Http { method, versions, authority, path } => {
            let scheme = if client.is_some() { "https" } else { "http" };
            let authority = authority.clone().unwrap_or_else(|| default_authority(config));
            let manner = Manner { method: *method, scheme, authority, path: path.clone() };
            open_http(&dial, client.as_ref(), *versions, manner).await
        }
    }
}

async fn open_doq(dial: &Dial, client: Option<&tls::Client>) -> Result<(Line, Facts), Error> {
    let (quic, beginning) = quic::dial(dial, need(client)?).await?;
    Ok((Line::Quic(quic), facts(Protocol::Doq, beginning)))
}

async fn open_http(
    dial: &Dial,
    client: Option<&tls::Client>,
    versions: Versions,
    manner: Manner,
) -> Result<(Line, Facts), Error> {
    if versions == Versions::Three {
        let (quic, beginning) = quic::dial(dial, need(client)?).await?;
        let line = exchange::Line::H3(h3::Line::new(quic.clone()).await.map_err(begun)?);
        return Ok(over(line, beginning, manner, Some(quic)));
    }
    let (stream, beginning) = dial::dial(dial, client).await?;
    let agreed = beginning.tls.as_ref().map(|tls| tls.alpn.as_deref());
    let is_h2 = match agreed {
        // Silence is no agreement to speak HTTP/2: what dig asks for, and what RFC 8484 §5.2 has.
        Some(None) if versions == Versions::TwoOrOne => return Err(Error::NoCommonProtocol),
        Some(alpn) => alpn == Some("h2"),
        None => versions == Versions::TwoOrOne,
    };
    let line = if is_h2 {
        exchange::Line::H2(h2::Line::new(stream).await.map_err(begun)?)
    } else {
        exchange::Line::H1(Box::new(h1::Line::new(stream, false)))
    };
    Ok(over(line, beginning, manner, None))
}

/// Why HTTP did not begin. Only 2 and 3 have something to say first, whose failures name them.
fn begun(why: Failure) -> Error {
    Error::broken(why, Version::Http2, LONGEST)
}

fn over(
    line: exchange::Line,
    beginning: Beginning,
    manner: Manner,
    quic: Option<Quic>,
) -> (Line, Facts) {
    let protocol = match line {
        exchange::Line::H1(_) => Protocol::Http1,
        exchange::Line::H2(_) => Protocol::Http2,
        exchange::Line::H3(_) => Protocol::Http3,
    };
    let line = Line::Http { link: Box::new(Link::new(line, LONGEST)), manner, quic };
    (line, facts(protocol, beginning))
}

fn facts(protocol: Protocol, beginning: Beginning) -> Facts {
    let Beginning { connect, handshake, tls, local } = beginning;
    Facts { protocol, local, connect, handshake, tls }
}

fn profile(config: &Config) -> Result<Option<tls::Client>, Error> {
    let alpn: &[&[u8]] = match &config.carriage {
        Carriage::Quic => &[b"doq"],
        Carriage::Http { versions: Versions::Three, .. } => &[b"h3"],
        Carriage::Http { versions: Versions::One, .. } => &[b"http/1.1"],
        Carriage::Http { versions: Versions::TwoOrOne, .. } => &[b"h2", b"http/1.1"],
    };
    let client = config.profile.as_ref().map(|profile| profile.client(alpn, config.to.ip()));
    client.transpose().map_err(|why| Error::Profile(why.to_string()))
}

fn need(client: Option<&tls::Client>) -> Result<&tls::Client, Error> {
    client.ok_or_else(|| Error::Profile("there is no QUIC without TLS".to_owned()))
}

/// The name that was asked for where there is one, else the address; the port where it is not the
/// scheme's own.
fn default_authority(config: &Config) -> String {
    let name = config.profile.as_ref().and_then(|profile| profile.name.clone());
    let host = name.filter(|name| name.parse::<IpAddr>().is_err());
    let host = host.unwrap_or_else(|| match config.to.ip() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    });
    let usual = if config.profile.is_some() { 443 } else { 80 };
    if config.to.port() == usual { host } else { format!("{host}:{}", config.to.port()) }
}

#[cfg(test)]
mod tests;
