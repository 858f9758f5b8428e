//! HTTP/2 (RFC 9113). Frames, flow control and what floods of either cost are `h2`'s affair.

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use http::Request;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::Error;
use crate::dial::Wire;
use crate::link::{Limits, Response, append};

#[derive(Clone)]
pub(crate) struct Link {
    send: SendRequest<Bytes>,
    limits: Limits,
    /// What reads the connection, until that is closed.
    reader: AbortHandle,
}

/// What a server may send of one answer before we have read any of it. Octets.
const WINDOW: u32 = 128 * 1024;

impl Link {
    pub(crate) async fn new(wire: Wire, limits: Limits) -> Result<Self, Error> {
        let (send, connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW * 16)
            .max_header_list_size(limits.head)
            .handshake(wire)
            .await
            .map_err(error)?;
        // What goes wrong is heard by whoever waits for a response.
        let reader = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Self { send, limits, reader })
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.reader.is_finished()
    }

    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Error> {
        let begin = Instant::now();
        let mut send = self.send.clone().ready().await.map_err(error)?;
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head, ());
        let (response, mut sending) = send.send_request(request, body.is_empty()).map_err(error)?;
        if !body.is_empty() {
            sending.send_data(body, true).map_err(error)?;
        }
        let response = response.await.map_err(error)?;
        let first = begin.elapsed();
        let (head, mut coming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(part) = coming.data().await {
            let part = part.map_err(error)?;
            append(&mut body, &part, self.limits)?;
            let _ = coming.flow_control().release_capacity(part.len());
        }
        let (status, total) = (head.status.as_u16(), begin.elapsed());
        Ok(Response { status, headers: head.headers, body, first, total })
    }
}

fn error(why: h2::Error) -> Error {
    if why.is_io() {
        return why.into_io().map_or(Error::Closed, |why| match why.kind() {
            std::io::ErrorKind::BrokenPipe => Error::Closed,
            _ => why.into(),
        });
    }
    Error::Protocol(format!("HTTP/2: {why}"))
}
