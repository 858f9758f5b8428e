//! One request and its response, over whichever version the other side speaks.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};

use crate::Error;
use crate::client::Protocol;
use crate::dial::Wire;
use crate::{h1, h2, h3};

/// A response, whole.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// From the request to the response's head.
    pub(crate) first: Duration,
    /// From the request to the response's end.
    pub(crate) total: Duration,
}

/// What of a response is read at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Octets of all fields of its head (RFC 9110 §5.4).
    pub(crate) head: u32,
    /// Octets of its body.
    pub(crate) body: usize,
}

/// A connection that requests are sent over. Clones share it.
#[derive(Clone)]
pub(crate) enum Link {
    H1(h1::Link),
    H2(h2::Link),
    H3(h3::Link),
}

impl Link {
    /// Over `wire`: version 2 where that was agreed upon, or is known beforehand.
    pub(crate) async fn over(wire: Wire, is_h2: bool, limits: Limits) -> Result<Self, Error> {
        if is_h2 {
            return h2::Link::new(wire, limits).await.map(Self::H2);
        }
        Ok(Self::H1(h1::Link::new(wire, limits)))
    }

    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Error> {
        match self {
            Self::H1(link) => link.exchange(request).await,
            Self::H2(link) => link.exchange(request).await,
            Self::H3(link) => link.exchange(request).await,
        }
    }

    /// Whether it is not known to be closed. What QUIC knows, its connection says.
    pub(crate) async fn is_usable(&self) -> bool {
        match self {
            Self::H1(link) => link.is_usable().await,
            Self::H2(link) => link.is_usable(),
            Self::H3(_) => true,
        }
    }

    pub(crate) const fn protocol(&self) -> Protocol {
        match self {
            Self::H1(_) => Protocol::Http1,
            Self::H2(_) => Protocol::Http2,
            Self::H3(_) => Protocol::Http3,
        }
    }
}

/// Adds to a body, up to a limit.
pub(crate) fn append(body: &mut Vec<u8>, more: &[u8], limits: Limits) -> Result<(), Error> {
    if body.len() + more.len() > limits.body {
        return Err(Error::TooLong(limits.body));
    }
    body.extend_from_slice(more);
    Ok(())
}
