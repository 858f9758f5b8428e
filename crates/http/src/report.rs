//! What is known of a transfer at its end.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_tls as tls;

use crate::head::{Head, Version};

/// What is known of a transfer at its end: curl's `--write-out` has a name for each. Of several hops it is the last
/// one's, where a field does not say otherwise.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The last URL, as it was asked for.
    pub url: String,
    /// Its scheme, in small letters.
    pub scheme: String,
    /// The last method.
    pub method: String,
    /// Over what the response came.
    pub version: Option<Version>,
    /// The last final head; of a proxy, where that said no.
    pub head: Option<Head>,
    /// The status of a proxy's answer to CONNECT; 0 where there was none.
    pub connect_status: u16,
    /// Where a redirect that was not followed points to, whole.
    pub redirect_url: Option<String>,
    /// What the Referer field was.
    pub referer: Option<String>,
    /// The connection's number.
    pub connection: Option<u64>,
    /// Our end.
    pub local: Option<SocketAddr>,
    /// The other end.
    pub remote: Option<SocketAddr>,
    /// Whether a proxy was used.
    pub is_proxied: bool,
    /// Connections that were made, over all hops.
    pub connects: u32,
    /// Redirects that were followed, and challenges that were answered, which curl counts with them.
    pub redirects: u32,
    /// Retries.
    pub retries: u32,
    /// Fields in the last head.
    pub fields: u32,
    /// Octets of all requests' heads and bodies.
    pub sent_head: u64,
    /// Octets of the last request's body.
    pub sent_body: u64,
    /// Octets of all heads that came.
    pub received_head: u64,
    /// Octets of the last body, as carried.
    pub received_body: u64,
    /// Octets of the last body that were delivered, decoded.
    pub delivered: u64,
    /// When what was.
    pub times: Times,
    /// The last TLS session with a server; where none came about, the chain and what is wrong with it.
    pub tls: Option<tls::Facts>,
    /// Whether early data were sent (RFC 8446 §2.3).
    pub early_data: u64,
}

/// When what was, since the transfer began, over all hops, as curl has it: what did not happen is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Waited for its turn (of many).
    pub queue: Duration,
    /// The name was looked up.
    pub name: Duration,
    /// TCP (or a proxy's) connection was there.
    pub connect: Duration,
    /// TLS was there.
    pub secure: Duration,
    /// All was ready for the request.
    pub ready: Duration,
    /// The request was sent, all of it.
    pub sent: Duration,
    /// The first octet came.
    pub first: Duration,
    /// Of it, spent in hops before the last.
    pub redirect: Duration,
    /// All.
    pub total: Duration,
}
