//! HTTP/3 (RFC 9114) over QUIC. Frames and field compression are `h3`'s affair.

use bytes::{Buf, Bytes};
use h3::client::SendRequest;
use h3_quinn::OpenStreams;
use http::Request;
use tokio::time::Instant;

use crate::Error;
use crate::link::{Limits, Response, append};

#[derive(Clone)]
pub(crate) struct Link {
    send: SendRequest<OpenStreams, Bytes>,
    limits: Limits,
}

impl Link {
    pub(crate) async fn new(connection: quinn::Connection, limits: Limits) -> Result<Self, Error> {
        let (mut driver, send) = h3::client::builder()
            .max_field_section_size(limits.head.into())
            .send_grease(false)
            .build(h3_quinn::Connection::new(connection))
            .await
            .map_err(error)?;
        // What goes wrong is heard by whoever waits for a response.
        tokio::spawn(async move { drop(driver.wait_idle().await) });
        Ok(Self { send, limits })
    }

    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Error> {
        let begin = Instant::now();
        let (head, body) = request.into_parts();
        let mut send = self.send.clone();
        let mut stream = send.send_request(Request::from_parts(head, ())).await.map_err(error)?;
        if !body.is_empty() {
            stream.send_data(body).await.map_err(error)?;
        }
        stream.finish().await.map_err(error)?;
        let (head, ()) = stream.recv_response().await.map_err(error)?.into_parts();
        let first = begin.elapsed();
        let mut body = Vec::new();
        while let Some(mut part) = stream.recv_data().await.map_err(error)? {
            while part.has_remaining() {
                let length = part.chunk().len();
                append(&mut body, part.chunk(), self.limits)?;
                part.advance(length);
            }
        }
        let (status, total) = (head.status.as_u16(), begin.elapsed());
        Ok(Response { status, headers: head.headers, body, first, total })
    }
}

fn error(why: impl std::fmt::Display) -> Error {
    Error::Protocol(format!("HTTP/3: {why}"))
}
