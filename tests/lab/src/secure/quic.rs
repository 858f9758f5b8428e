//! DNS over QUIC, and over HTTP/3.

use std::net::UdpSocket;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, EndpointConfig, ServerConfig, TokioRuntime};

use super::certificates::Shop;
use super::{Fault, answer, https};

fn endpoint(socket: UdpSocket, shop: &Shop, alpn: &[u8], fault: Fault) -> Endpoint {
    let config = shop.config(&[alpn], fault == Fault::WantsClient);
    let crypto = QuicServerConfig::try_from(config).expect("TLS 1.3");
    let config = ServerConfig::with_crypto(Arc::new(crypto));
    let endpoint = EndpointConfig::default();
    Endpoint::new(endpoint, Some(config), socket, Arc::new(TokioRuntime)).expect("an endpoint")
}

/// Whether nothing here is QUIC: every datagram is answered by garbage.
async fn is_garbage(socket: &UdpSocket, fault: Fault) {
    if fault != Fault::NotTls {
        return;
    }
    let socket = socket.try_clone().expect("a socket");
    let socket = tokio::net::UdpSocket::from_std(socket).expect("a socket");
    let mut datagram = [0; 2048];
    while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
        let garbage: Vec<u8> = datagram[..length].iter().map(|octet| !octet).collect();
        let _ = socket.send_to(&garbage, from).await;
    }
}

pub(crate) async fn serve_doq(socket: UdpSocket, shop: Arc<Shop>, fault: Fault) {
    is_garbage(&socket, fault).await;
    let endpoint = endpoint(socket, &shop, b"doq", fault);
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move {
            let Ok(connection) = incoming.await else { return };
            while let Ok((send, receive)) = connection.accept_bi().await {
                tokio::spawn(serve_stream(send, receive, fault));
            }
        });
    }
}

async fn serve_stream(
    mut send: quinn::SendStream,
    mut receive: quinn::RecvStream,
    fault: Fault,
) -> Option<()> {
    let framed = receive.read_to_end(65537).await.ok()?;
    // RFC 9250 §4.2.1: whoever sends another ID breaks the protocol.
    if framed.get(2..4)? != [0, 0] {
        return None;
    }
    let mut reply = answer(framed.get(2..)?)?;
    if fault == Fault::BadId {
        reply[1] = 7;
    }
    let length = u16::try_from(reply.len()).ok()?;
    let mut framed = [&length.to_be_bytes()[..], &reply].concat();
    match fault {
        Fault::Hang => return std::future::pending().await,
        Fault::TwoAnswers => framed.extend_from_within(..),
        Fault::CloseInAnswer => framed.truncate(framed.len() / 2),
        Fault::Garbage => framed = vec![0xff; 300],
        Fault::Resets => {
            send.reset(5u32.into()).ok()?;
            return Some(());
        }
        _ => {}
    }
    send.write_all(&framed).await.ok()?;
    send.finish().ok()?;
    let _ = send.stopped().await;
    Some(())
}

pub(crate) async fn serve_h3(socket: UdpSocket, shop: Arc<Shop>, fault: Fault) {
    is_garbage(&socket, fault).await;
    let endpoint = endpoint(socket, &shop, b"h3", fault);
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move { serve_h3_connection(incoming, fault).await });
    }
}

async fn serve_h3_connection(incoming: quinn::Incoming, fault: Fault) -> Option<()> {
    let connection = h3_quinn::Connection::new(incoming.await.ok()?);
    let mut connection: h3::server::Connection<_, Bytes> =
        h3::server::Connection::new(connection).await.ok()?;
    while let Some(resolver) = connection.accept().await.ok()? {
        tokio::spawn(async move {
            let (request, mut stream) = resolver.resolve_request().await.ok()?;
            let mut body = Vec::new();
            while let Some(mut part) = stream.recv_data().await.ok()? {
                body.extend_from_slice(&part.copy_to_bytes(part.remaining()));
            }
            if fault == Fault::Hang {
                return std::future::pending().await;
            }
            let page = https::page(request.method(), request.uri(), &body, fault);
            stream.send_response(page.head()).await.ok()?;
            stream.send_data(page.body.into()).await.ok()?;
            stream.finish().await.ok()
        });
    }
    Some(())
}
