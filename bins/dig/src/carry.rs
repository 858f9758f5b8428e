//! Carries queries that leave by TLS, HTTPS or QUIC. A plain query comes by none of this.

mod http;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;

use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Failure, Heard};
use wireline_http::tls::{Identity, Pin, Profile, Trust};
use wireline_net::tls::Messages;
use wireline_packet::proxy::Via;

use crate::options::{self, Options};
use crate::session::Session;

use http::Web;
use tls::Tls;

/// Encrypted connections, and those of HTTP that are not.
pub(crate) struct Secure {
    source: Option<SocketAddr>,
    line: Option<(Key, Line)>,
}

/// What one connection can be used again for.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    server: SocketAddr,
    transport: Transport,
    carrier: options::Carrier,
    tls: options::Tls,
}

enum Line {
    Tls(Box<Tls>),
    Web(Box<Web>),
}

/// Why no connection was made: as dig says it, and what there is to say beside.
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    pub(crate) detail: Option<String>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, detail: None }
    }
}

/// What is heard, and whether to go on.
pub(crate) type Taker<'a> = &'a mut dyn FnMut(Heard<'_>) -> ControlFlow<()>;

/// What a connection is made with.
pub(crate) struct Manner<'a> {
    pub(crate) source: Option<SocketAddr>,
    pub(crate) options: &'a Options,
    /// `None` for plain HTTP.
    pub(crate) profile: Option<Profile>,
    pub(crate) preamble: Vec<u8>,
    pub(crate) greeting: Vec<u8>,
}

impl Secure {
    /// Sends from `source`, or from where the kernel chooses.
    pub(crate) const fn new(source: Option<SocketAddr>) -> Self {
        Self { source, line: None }
    }

    /// Makes the connection that `ask` needs, unless it is there. A new one is told of.
    pub(crate) fn open(
        &mut self,
        ask: &Ask,
        options: &Options,
    ) -> Result<Option<Session>, Refused> {
        let key = Key::new(ask, options);
        let is_there = |(kept, line): &mut (Key, Line)| *kept == key && line.is_usable();
        if self.line.as_mut().is_some_and(is_there) {
            return Ok(None);
        }
        self.line = None;
        let manner = manner(self.source, ask, options)?;
        let (line, session) = if ask.transport == Transport::Tls {
            let (tls, session) = Tls::open(ask, manner)?;
            (Line::Tls(Box::new(tls)), session)
        } else {
            let (web, session) = Web::open(ask, manner)?;
            (Line::Web(Box::new(web)), session)
        };
        self.line = Some((key, line));
        Ok(Some(session))
    }

    /// Carries `ask` over what was opened for it.
    pub(crate) fn carry(&mut self, ask: &Ask, heard: Taker<'_>) {
        let Some((key, mut line)) = self.line.take() else {
            let _ = heard(Heard::Unconnected(Failure::EndOfFile));
            return;
        };
        let is_whole = match &mut line {
            Line::Tls(tls) => tls.carry(ask, heard),
            Line::Web(web) => web.carry(ask, heard),
        };
        if is_whole && ask.keeps_open {
            self.line = Some((key, line));
        }
    }
}

impl Key {
    fn new(ask: &Ask, options: &Options) -> Self {
        let (carrier, tls) = (options.carrier.clone(), options.tls.clone());
        Self { server: ask.server.address, transport: ask.transport, carrier, tls }
    }
}

impl Line {
    /// Whether a kept connection was not closed meanwhile, as far as can be seen.
    fn is_usable(&mut self) -> bool {
        match self {
            Self::Tls(tls) => tls.is_usable(),
            Self::Web(web) => web.is_usable(),
        }
    }
}

/// A session of its own over TLS, for many queries at once.
pub(crate) fn messages(
    source: Option<SocketAddr>,
    ask: &Ask,
    options: &Options,
) -> Result<Messages, Refused> {
    let stream = tls::connect(ask, manner(source, ask, options)?)?;
    Ok(Messages::new(stream))
}

fn manner<'a>(
    source: Option<SocketAddr>,
    ask: &Ask,
    options: &'a Options,
) -> Result<Manner<'a>, Refused> {
    let header = options.carrier.proxy.map(|proxy| proxy.header(Via::Stream)).unwrap_or_default();
    let is_encrypted = !matches!(ask.transport, Transport::HttpPost | Transport::HttpGet);
    let is_before = options.carrier.proxy_plain || !is_encrypted;
    let (preamble, greeting) = if is_before { (header, Vec::new()) } else { (Vec::new(), header) };
    let profile = is_encrypted.then(|| profile(ask, &options.tls)).transpose()?;
    Ok(Manner { source, options, profile, preamble, greeting })
}

fn profile(ask: &Ask, tls: &options::Tls) -> Result<Profile, Refused> {
    let identity = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => {
            Some(Identity { certificate: certificate.clone(), key: key.clone() })
        }
        (None, None) => None,
        // dig's own words, with its slip: scripts have them.
        _ => {
            let why = "both TLS client certificate and key file must be specified a the same time";
            return Err(Failure::TlsContext(why.to_owned()).into());
        }
    };
    let trust = match (&tls.ca, tls.verify) {
        (_, false) => Trust::Nobody,
        (Some(file), true) => Trust::Files(vec![file.clone()]),
        (None, true) => Trust::System,
    };
    let pins = tls.pins.iter().map(|pin| pin.parse::<Pin>()).collect::<Result<_, _>>();
    let pins = pins.map_err(|why| no_context(&why.to_string()))?;
    let name = tls.hostname.clone().or_else(|| name_of(ask, trust == Trust::Nobody));
    let sni = tls.sni.clone();
    Ok(Profile { trust, name, pins, sni, identity, ..Profile::default() })
}

/// What the person called the server. Where nobody is verified, an address without a name is no error.
fn name_of(ask: &Ask, may_be_none: bool) -> Option<String> {
    let name = ask.server.name.split('%').next().unwrap_or_default().to_owned();
    let is_address = name.parse::<IpAddr>().is_ok();
    (!may_be_none || !is_address).then_some(name)
}

/// dig says no more than that; why stands beside.
pub(crate) fn no_context(why: &str) -> Refused {
    let failure = Failure::TlsContext("TLS context cannot be created".to_owned());
    Refused { failure, detail: Some(why.to_owned()) }
}

/// A certificate that is not taken: OpenSSL's words for it, and ours.
pub(crate) fn not_taken(why: &wireline_http::tls::TlsError) -> Refused {
    match why {
        wireline_http::tls::TlsError::Certificate(fault) => {
            let failure = Failure::Certificate(fault.openssl_words().to_owned());
            Refused { failure, detail: Some(fault.to_string()) }
        }
        other => Failure::Other(other.to_string()).into(),
    }
}
