//! HTTP/3 (RFC 9114) over QUIC. Frames and field compression are `h3`'s affair.

use std::future::poll_fn;

use bytes::{Buf, Bytes};
use h3::client::{RequestStream, SendRequest};
use h3_quinn::{OpenStreams, RecvStream, SendStream};

use crate::agent::delivery::{Delivery, Stop};
use crate::agent::exchange::{Broken, Left, Then, multi};
use crate::agent::limits::Bucket;
use crate::agent::request::Request;
use crate::agent::upload::Source;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::head::Version;
use crate::tell::Tell;
use crate::transport::Quic;

/// A connection that carries many exchanges. Clones share it.
#[derive(Clone)]
pub(crate) struct Line {
    send: SendRequest<OpenStreams, Bytes>,
    quic: Quic,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("quic", &self.quic).finish_non_exhaustive()
    }
}

/// Of all fields of a head. Octets.
const HEAD: u64 = 300 << 10;

impl Line {
    pub(crate) async fn new(quic: Quic) -> Result<Self, Failure> {
        let (mut driver, send) = h3::client::builder()
            .max_field_section_size(HEAD)
            .send_grease(false)
            .build(h3_quinn::Connection::new(quic.connection.clone()))
            .await
            .map_err(|why| failure(&why))?;
        // What goes wrong is heard by whoever waits for a response.
        tokio::spawn(async move { drop(poll_fn(|cx| driver.poll_close(cx)).await) });
        Ok(Self { send, quic })
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.quic.connection.close_reason().is_none()
    }

    /// Says goodbye.
    pub(crate) async fn close(&self) {
        /// `H3_NO_ERROR` (RFC 9114 §8.1).
        const NO_ERROR: u32 = 0x100;
        self.quic.connection.close(quinn::VarInt::from_u32(NO_ERROR), b"");
        let soon = std::time::Duration::from_millis(2);
        let _ = tokio::time::timeout(soon, self.quic.endpoint.wait_idle()).await;
    }

    pub(crate) async fn exchange(
        &self,
        request: &mut Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<Left, Broken> {
        let (message, raw) = request.to_http(Version::Http3)?;
        let opened = self.send.clone().send_request(message).await;
        let stream = opened.map_err(|why| Broken { failure: failure(&why), then: Then::Again })?;
        let tell = Tell::clone(delivery.tell());
        tell.counters.to_send.set(request.body.length);
        tell.event(&Event::RequestHead { raw, is_tunnel: false });
        let source = std::mem::take(&mut request.body);
        let bucket = Bucket::new(delivery.transfer.spec.limits.send_rate);
        let (sending, receiving) = stream.split();
        let upload = upload(sending, source, &tell, &bucket);
        multi::both(upload, receive(receiving, request, delivery)).await?;
        delivery.end(Vec::new())?;
        Ok(Left { is_open: self.is_usable() })
    }
}

async fn receive(
    mut stream: RequestStream<RecvStream, Bytes>,
    request: &Request,
    delivery: &mut Delivery<'_>,
) -> Result<(), Broken> {
    let head = head(&mut stream, delivery).await?;
    let length = multi::length(&head, request);
    delivery.head(head, &[], length)?;
    let mut received = 0_u64;
    while let Some(mut octets) = stream.recv_data().await.map_err(|why| failure(&why))? {
        while octets.has_remaining() {
            let part = octets.chunk();
            let size = part.len();
            received = received.saturating_add(u64::try_from(size).unwrap_or(u64::MAX));
            match delivery.body(part) {
                Ok(()) => {}
                Err(Stop::Enough) => return Ok(()),
                Err(Stop::Failed(failure)) => return Err(failure.into()),
            }
            octets.advance(size);
            delivery.bucket.take(size).await;
        }
    }
    if let Some(length) = length.filter(|length| *length != received) {
        let text =
            format!("HTTP/3: the body has {received} octets, and its Content-Length is {length}");
        return Err(Failure::new(Kind::Http3, text).into());
    }
    if let Some(trailers) = stream.recv_trailers().await.map_err(|why| failure(&why))? {
        multi::trailers(&trailers, delivery);
    }
    Ok(())
}

/// The final head; `h3` hands out interim ones as if they were it.
async fn head(
    stream: &mut RequestStream<RecvStream, Bytes>,
    delivery: &mut Delivery<'_>,
) -> Result<crate::Head, Broken> {
    for _ in 0..multi::MOST_INTERIM {
        let response = stream.recv_response().await.map_err(|why| failure(&why))?;
        delivery.came();
        let head = multi::head(Version::Http3, response.status().as_u16(), response.headers());
        if !response.status().is_informational() {
            return Ok(head);
        }
        delivery.interim(head);
    }
    Err(Failure::new(Kind::TooLargeField, "Too many interim responses (1xx)").into())
}

/// Sends the body. Where the server wants no more of it, what it answers says why.
async fn upload(
    mut stream: RequestStream<SendStream<Bytes>, Bytes>,
    mut source: Source,
    tell: &Tell,
    bucket: &Bucket,
) -> Result<(), Broken> {
    while let Some(mut octets) = poll_fn(|cx| source.poll_next(cx)).await? {
        while !octets.is_empty() {
            let part = octets.split_to(octets.len().min(bucket.bite(64 * 1024)));
            let length = part.len();
            multi::count_sent(tell, &part);
            if stream.send_data(part).await.is_err() {
                return Ok(());
            }
            bucket.take(length).await;
        }
    }
    if stream.finish().await.is_ok() {
        tell.event(&Event::RequestSent { body: tell.counters.sent.get() });
    }
    Ok(())
}

fn failure(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Kind::Http3, format!("HTTP/3: {why}"))
}
