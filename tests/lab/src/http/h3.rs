//! The origin over HTTP/3.

use std::net::UdpSocket;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, EndpointConfig, ServerConfig, TokioRuntime};

use super::{World, good, h2};

/// Answers whoever comes.
pub(crate) async fn serve(socket: UdpSocket, mut config: rustls::ServerConfig, world: Arc<World>) {
    config.alpn_protocols = vec![b"h3".to_vec()];
    config.max_early_data_size = u32::MAX;
    let crypto = QuicServerConfig::try_from(config).expect("TLS 1.3");
    let config = ServerConfig::with_crypto(Arc::new(crypto));
    let endpoint = EndpointConfig::default();
    let endpoint = Endpoint::new(endpoint, Some(config), socket, Arc::new(TokioRuntime));
    let endpoint = endpoint.expect("an endpoint");
    while let Some(incoming) = endpoint.accept().await {
        let world = Arc::clone(&world);
        tokio::spawn(async move { connection(incoming, &world).await });
    }
}

async fn connection(incoming: quinn::Incoming, world: &Arc<World>) -> Option<()> {
    let connection = h3_quinn::Connection::new(incoming.await.ok()?);
    let mut connection: h3::server::Connection<_, Bytes> =
        h3::server::Connection::new(connection).await.ok()?;
    while let Some(resolver) = connection.accept().await.ok()? {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let (head, mut stream) = resolver.resolve_request().await.ok()?;
            let mut request = h2::request(&head, "HTTP/3");
            world.hear(request.told("h3"));
            while let Some(mut part) = stream.recv_data().await.ok()? {
                request.body.add(&part.copy_to_bytes(part.remaining()));
            }
            let reply = good::answer(&world, &request);
            tokio::time::sleep(reply.wait).await;
            if !reply.early.is_empty() {
                let mut early = http::Response::new(());
                *early.status_mut() = http::StatusCode::EARLY_HINTS;
                *early.headers_mut() = h2::map(reply.early.clone());
                stream.send_response(early).await.ok()?;
            }
            stream.send_response(h2::head(&reply)).await.ok()?;
            if reply.has_body(&request.method) {
                for part in reply.body.chunks(1 << 14) {
                    stream.send_data(Bytes::copy_from_slice(part)).await.ok()?;
                }
                let zeros = Bytes::from(vec![0; 1 << 16]);
                let mut left = reply.zeros;
                while left > 0 {
                    let part = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
                    stream.send_data(zeros.slice(..part)).await.ok()?;
                    left -= part as u64;
                }
            }
            if !reply.trailers.is_empty() {
                stream.send_trailers(h2::map(reply.trailers)).await.ok()?;
            }
            stream.finish().await.ok()
        });
    }
    Some(())
}
