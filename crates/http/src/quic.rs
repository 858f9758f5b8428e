//! QUIC connections (RFC 9000).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{HandshakeData, QuicClientConfig};
use quinn::{
    AsyncUdpSocket, ConnectionError, Endpoint, EndpointConfig, TokioRuntime, TransportConfig,
    VarInt,
};
use tokio::time::Instant;
use wireline_tls as tls;
use wireline_tls::rustls::pki_types::CertificateDer;

use crate::Error;
use crate::dial::{Beginning, Dial};
use crate::transport::Quic;

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

pub(crate) async fn dial(dial: &Dial, client: &tls::Client) -> Result<(Quic, Beginning), Error> {
    let begin = Instant::now();
    let config = config(Arc::clone(client.config()), MESSAGES).map_err(Error::Profile)?;
    let quic = connect(endpoint(socket(dial)?)?, dial.to, config, client, false).await;
    let quic = quic.map_err(|why| match why {
        Broken::Unbegun(why) => Error::protocol(why),
        Broken::Lost(why) => explain(&why, client),
    })?;
    let beginning = Beginning {
        handshake: Some(begin.elapsed()),
        tls: Some(facts(&quic.connection, client)),
        local: quic.endpoint.local_addr().ok(),
        ..Beginning::default()
    };
    Ok((quic, beginning))
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It was not begun.
    Unbegun(quinn::ConnectError),
    /// It was begun.
    Lost(ConnectionError),
}

/// Connects to one address, and shakes hands.
pub(crate) async fn connect(
    endpoint: Endpoint,
    to: SocketAddr,
    config: quinn::ClientConfig,
    client: &tls::Client,
    may_send_early: bool,
) -> Result<Quic, Broken> {
    let connecting = endpoint.connect_with(config, to, &client.name().to_str());
    let mut connecting = connecting.map_err(Broken::Unbegun)?;
    if may_send_early {
        // With a session from before, the request goes with the first flight (RFC 9001 §4.6).
        connecting = match connecting.into_0rtt() {
            Ok((connection, _)) => return Ok(Quic { endpoint, connection, is_early: true }),
            Err(connecting) => connecting,
        };
    }
    let connection = connecting.await.map_err(Broken::Lost)?;
    Ok(Quic { endpoint, connection, is_early: false })
}

fn socket(dial: &Dial) -> std::io::Result<UdpSocket> {
    let any = match dial.to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    UdpSocket::bind(dial.from.unwrap_or(any))
}

/// One that asks, and is asked nothing.
fn endpoint(socket: UdpSocket) -> std::io::Result<Endpoint> {
    Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))
}

/// The same, with a socket that is used otherwise than usually.
pub(crate) fn endpoint_on(socket: Arc<dyn AsyncUdpSocket>) -> std::io::Result<Endpoint> {
    let config = EndpointConfig::default();
    Endpoint::new_with_abstract_socket(config, None, socket, Arc::new(TokioRuntime))
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
