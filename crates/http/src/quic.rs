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

/// Of one answer, unread. Octets; the length before it is in there.
const STREAM_WINDOW: u32 = 128 * 1024;
/// Of all of them.
const WINDOW: u32 = 4 << 20;

pub(crate) async fn dial(
    dial: &Dial,
    client: &tls::Client,
) -> Result<(Endpoint, quinn::Connection, Beginning), Error> {
    let begin = Instant::now();
    let endpoint = endpoint(dial)?;
    let name = client.name().to_str();
    let connecting = endpoint.connect_with(config(client)?, dial.to, &name);
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

fn endpoint(dial: &Dial) -> Result<Endpoint, Error> {
    let any = match dial.to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(dial.from.unwrap_or(any))?;
    let runtime = Arc::new(TokioRuntime);
    Ok(Endpoint::new(EndpointConfig::default(), None, socket, runtime)?)
}

fn config(client: &tls::Client) -> Result<quinn::ClientConfig, Error> {
    let crypto = QuicClientConfig::try_from(Arc::clone(client.config()));
    let crypto = crypto.map_err(|why| Error::Profile(why.to_string()))?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    let mut transport = TransportConfig::default();
    transport
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(WINDOW.into())
        // A server has nothing to ask us; HTTP/3 has three streams that tell (RFC 9114 §6.2).
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(8))
        .initial_rtt(Duration::from_millis(100))
        .datagram_receive_buffer_size(None);
    config.transport_config(Arc::new(transport));
    Ok(config)
}

fn facts(connection: &quinn::Connection, client: &tls::Client) -> tls::Facts {
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
