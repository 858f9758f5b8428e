//! One request and its response, over whichever version the other side speaks.

mod flood;
pub(crate) mod h1;
pub(crate) mod h2;
pub(crate) mod h3;
mod multi;

use crate::agent::delivery::Delivery;
use crate::agent::request::Request;
use crate::failure::{Failure, Kind};
use crate::transport::{Carrier, Connection};

/// What requests are sent over.
#[derive(Debug)]
pub(crate) enum Line {
    /// One at a time.
    H1(Box<h1::Line>),
    /// Many; clones share the connection.
    H2(h2::Line),
    /// Many; clones share the connection.
    H3(h3::Line),
}

/// How an exchange ended well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Whether the connection can carry another.
    pub(crate) is_open: bool,
}

/// How it did not.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) failure: Failure,
    /// Whether the server cannot have done anything with it: it may be asked again.
    pub(crate) then: Then,
}

/// What may come after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    Over,
    /// The server has done nothing with it: on a fresh connection, once.
    Again,
    /// The server asks for HTTP/1.1 (RFC 9113 §7, `HTTP_1_1_REQUIRED`).
    AgainIn11,
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self { failure, then: Then::Over }
    }
}

impl Line {
    /// Over a new connection, whose carrier is taken out of it.
    pub(crate) async fn new(connection: Connection) -> Result<Self, Failure> {
        match connection.carrier {
            Carrier::Stream(stream) if connection.version == crate::Version::Http2 => {
                h2::Line::new(stream).await.map(Self::H2)
            }
            Carrier::Stream(stream) => {
                let is_absolute = connection.is_absolute;
                Ok(Self::H1(Box::new(h1::Line::new(stream, is_absolute))))
            }
            Carrier::Quic(quic) => h3::Line::new(quic).await.map(Self::H3),
        }
    }

    pub(crate) async fn exchange(
        &mut self,
        request: &mut Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<Left, Broken> {
        match self {
            Self::H1(line) => line.exchange(request, delivery).await,
            Self::H2(line) => line.exchange(request, delivery).await,
            Self::H3(line) => line.exchange(request, delivery).await,
        }
    }

    /// Another handle to the same connection, where that can carry several exchanges.
    pub(crate) fn share(&self) -> Option<Self> {
        match self {
            Self::H1(_) => None,
            Self::H2(line) => Some(Self::H2(line.clone())),
            Self::H3(line) => Some(Self::H3(line.clone())),
        }
    }

    /// What is spoken.
    pub(crate) const fn version(&self) -> crate::Version {
        match self {
            Self::H1(_) => crate::Version::Http11,
            Self::H2(_) => crate::Version::Http2,
            Self::H3(_) => crate::Version::Http3,
        }
    }

    /// Whether it is not known to be closed.
    pub(crate) fn is_usable(&self) -> bool {
        match self {
            Self::H1(line) => line.is_usable(),
            Self::H2(line) => line.is_usable(),
            Self::H3(line) => line.is_usable(),
        }
    }
}

/// The other side has closed the connection.
fn closed(text: &str) -> Failure {
    Failure::new(Kind::Receive, text).because(std::io::ErrorKind::UnexpectedEof)
}

/// What receiving failed with.
pub(crate) fn receive(why: &std::io::Error) -> Failure {
    let text = || format!("Recv failure: {}", words(why));
    let otherwise = || Failure::new(Kind::Receive, text()).because(why.kind());
    crate::transport::tls::broken(why).unwrap_or_else(otherwise)
}

/// What sending failed with.
fn send(why: &std::io::Error) -> Failure {
    let text = || format!("Send failure: {}", words(why));
    let otherwise = || Failure::new(Kind::Send, text()).because(why.kind());
    crate::transport::tls::broken(why).unwrap_or_else(otherwise)
}

/// In C's words, without the number that Rust adds.
fn words(why: &std::io::Error) -> String {
    let text = why.to_string();
    match text.find(" (os error") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}
