//! QUIC connections (RFC 9000).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{HandshakeData, QuicClientConfig};
use quinn::{ConnectionError, Endpoint, EndpointConfig, TokioRuntime, TransportConfig, VarInt};
use tokio::time::Instant;
use wireline_tls as tls;
use wireline_tls::rustls::pki_types::CertificateDer;

use crate::Error;
use crate::dial::{Beginning, Dial};

/// How much may be under way that nobody has read yet. Octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    /// On one stream.
    pub(crate) stream: u32,
    /// On all of them.
    pub(crate) all: u32,
}

/// One answer, with the length before it, and many of them.
const MESSAGES: Windows = Windows { stream: 128 * 1024, all: 4 << 20 };
/// 100 ms of a gigabit on one stream fit.
pub(crate) const DOWNLOADS: Windows = Windows { stream: 6 << 20, all: 8 << 20 };

pub(crate) async fn dial(
    dial: &Dial,
    client: &tls::Client,
) -> Result<(Endpoint, quinn::Connection, Beginning), Error> {
    let begin = Instant::now();
    let endpoint = endpoint(socket(dial)?)?;
    let name = client.name().to_str();
    let config = config(Arc::clone(client.config()), MESSAGES).map_err(Error::Profile)?;
    let connecting = endpoint.connect_with(config, dial.to, &name);
    let connecting = connecting.map_err(Error::protocol)?;
    let connection = connecting.await.map_err(|why| explain(&why, client))?;
    let beginning = Beginning {
        handshake: Some(begin.elapsed()),
        tls: Some(facts(&connection, client)),
        local: endpoint.local_addr().ok(),
        ..Beginning::default()
    };
    Ok((endpoint, connection, beginning))
}

fn socket(dial: &Dial) -> std::io::Result<UdpSocket> {
    let any = match dial.to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    UdpSocket::bind(dial.from.unwrap_or(any))
}

/// One that asks, and is asked nothing.
pub(crate) fn endpoint(socket: UdpSocket) -> std::io::Result<Endpoint> {
    Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))
}

/// For connections with TLS of this kind. The failure is in words.
pub(crate) fn config(
    tls: Arc<tls::rustls::ClientConfig>,
    windows: Windows,
) -> Result<quinn::ClientConfig, String> {
    let crypto = QuicClientConfig::try_from(tls).map_err(|why| why.to_string())?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    let mut transport = TransportConfig::default();
    transport
        .stream_receive_window(windows.stream.into())
        .receive_window(windows.all.into())
        // A server has nothing to ask us; HTTP/3 has three streams that tell (RFC 9114 §6.2).
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(8))
        .initial_rtt(Duration::from_millis(100))
        .datagram_receive_buffer_size(None);
    config.transport_config(Arc::new(transport));
    Ok(config)
}

pub(crate) fn facts(connection: &quinn::Connection, client: &tls::Client) -> tls::Facts {
    let data = connection.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
    let chain = connection.peer_identity();
    let chain = chain.and_then(|chain| chain.downcast::<Vec<CertificateDer<'static>>>().ok());
    client.facts_of(&chain.unwrap_or_default(), data.and_then(|data| data.protocol))
}

fn explain(why: &ConnectionError, client: &tls::Client) -> Error {
    client.fault().map_or_else(|| error(why), Error::Tls)
}

/// TLS alerts are this and their number (RFC 9001 §4.8).
const CRYPTO: u64 = 0x100;
const NO_APPLICATION_PROTOCOL: u64 = CRYPTO + 120;

pub(crate) fn error(why: &ConnectionError) -> Error {
    match why {
        ConnectionError::TimedOut => Error::TimedOut,
        ConnectionError::Reset => Error::Closed,
        ConnectionError::ConnectionClosed(close) => {
            if u64::from(close.error_code) == NO_APPLICATION_PROTOCOL {
                return Error::protocol("QUIC: the server does not speak this protocol (ALPN)");
            }
            Error::Protocol(format!("QUIC: closed by the server: {close}"))
        }
        ConnectionError::ApplicationClosed(close) => {
            Error::Protocol(format!("QUIC: closed by the server: {close}"))
        }
        other => Error::Protocol(format!("QUIC: {other}")),
    }
}
