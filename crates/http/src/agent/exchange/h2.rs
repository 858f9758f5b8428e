//! HTTP/2 (RFC 9113). Frames and flow control are `h2`'s affair.

use std::future::poll_fn;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use tokio::task::AbortHandle;

use crate::agent::delivery::{Delivery, Stop};
use crate::agent::exchange::flood::{Alert, Watched};
use crate::agent::exchange::{Broken, Left, Then, closed, multi, receive};
use crate::agent::limits::Bucket;
use crate::agent::request::Request;
use crate::agent::upload::Source;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::head::Version;
use crate::tell::Tell;
use crate::transport::{Socket, Stream};

/// A connection that carries many exchanges. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    send: SendRequest<Bytes>,
    /// What reads the connection, until that is closed.
    reader: AbortHandle,
    /// To ask the kernel about it.
    socket: Option<Rc<OwnedFd>>,
    alert: Alert,
}

/// What a server may send of one response before we have taken any of it. Octets.
const WINDOW: u32 = 10 << 20;
/// And of all of them together.
const CONNECTION_WINDOW: u32 = 16 << 20;
/// Larger ones cost less; one is in memory at a time.
const FRAME: u32 = 256 << 10;
/// Of all fields of a head.
const HEAD: u32 = 300 << 10;

impl Line {
    pub(crate) async fn new(stream: Stream) -> Result<Self, Failure> {
        let socket = descriptor(&stream).map(Rc::new);
        let alert = Alert::default();
        let (send, connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(FRAME)
            .max_header_list_size(HEAD)
            .handshake(Watched::new(stream, Alert::clone(&alert)))
            .await
            .map_err(|why| alert.get().cloned().unwrap_or_else(|| failure(why).failure))?;
        // What goes wrong is heard by whoever waits for a response.
        let reader = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Self { send, reader, socket, alert })
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.reader.is_finished()
    }

    pub(crate) async fn exchange(
        &self,
        request: &mut Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<Left, Broken> {
        let exchanged = self.converse(request, delivery).await;
        // Where TLS broke, that is the reason, and not what HTTP/2 makes of it.
        exchanged.map_err(|broken| match self.alert.get() {
            Some(failure) if matches!(broken.failure.kind, Kind::Http2 | Kind::Receive) => {
                failure.clone().into()
            }
            _ => broken,
        })
    }

    async fn converse(
        &self,
        request: &mut Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<Left, Broken> {
        let (message, raw) = request.to_http(Version::Http2)?;
        let ready = self.send.clone().ready().await;
        let mut send = ready.map_err(|why| Broken { then: Then::Again, ..failure(why) })?;
        let tell = Tell::clone(delivery.tell());
        tell.counters.to_send.set(request.body.length);
        tell.event(&Event::RequestHead { raw, is_tunnel: false });
        let source = std::mem::take(&mut request.body);
        let is_bodiless = source.length == Some(0);
        let (response, sending) = send.send_request(message, is_bodiless).map_err(failure)?;
        let bucket = Bucket::new(delivery.transfer.spec.limits.send_rate);
        let upload = upload(sending, source, is_bodiless, &tell, &bucket);
        multi::both(upload, self.receive(response, request, delivery)).await?;
        delivery.end(self.tcp_info())?;
        Ok(Left { is_open: self.is_usable() })
    }

    fn tcp_info(&self) -> Vec<u8> {
        self.socket.as_ref().map_or_else(Vec::new, |socket| wireline_net::tcp_info(socket.as_fd()))
    }

    async fn receive(
        &self,
        mut response: ResponseFuture,
        request: &Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<(), Broken> {
        self.interim(&mut response, delivery).await?;
        let response = response.await.map_err(|why| unanswered(why, delivery))?;
        delivery.came();
        let (parts, mut body) = response.into_parts();
        let head = multi::head(Version::Http2, parts.status.as_u16(), &parts.headers);
        let length = multi::length(&head, request);
        delivery.head(head, &[], length)?;
        while let Some(octets) = body.data().await {
            let octets = octets.map_err(|why| cut(failure(why)))?;
            match delivery.body(&octets) {
                Ok(()) => {}
                Err(Stop::Enough) => return Ok(()),
                Err(Stop::Failed(failure)) => return Err(failure.into()),
            }
            delivery.bucket.take(octets.len()).await;
            let _ = body.flow_control().release_capacity(octets.len());
        }
        trailers(&mut body, delivery).await
    }

    /// Heads before the head.
    async fn interim(
        &self,
        response: &mut ResponseFuture,
        delivery: &mut Delivery<'_>,
    ) -> Result<(), Broken> {
        for _ in 0..multi::MOST_INTERIM {
            let next = poll_fn(|cx| response.poll_informational(cx)).await;
            let Some(next) = next else { return Ok(()) };
            let next = next.map_err(|why| unanswered(why, delivery))?;
            delivery.came();
            delivery.interim(multi::head(Version::Http2, next.status().as_u16(), next.headers()));
        }
        Err(Failure::new(Kind::TooLargeField, "Too many interim responses (1xx)").into())
    }
}

/// Another descriptor of the same socket.
fn descriptor(stream: &Stream) -> Option<OwnedFd> {
    let socket = match stream.socket() {
        Socket::Unix(_) => return None,
        tcp => tcp.as_fd(),
    };
    socket.try_clone_to_owned().ok()
}

async fn trailers(body: &mut RecvStream, delivery: &Delivery<'_>) -> Result<(), Broken> {
    if let Some(trailers) = body.trailers().await.map_err(failure)? {
        multi::trailers(&trailers, delivery);
    }
    Ok(())
}

/// Sends the body. Where the server wants no more of it, what it answers says why.
async fn upload(
    mut sending: SendStream<Bytes>,
    mut source: Source,
    is_bodiless: bool,
    tell: &Tell,
    bucket: &Bucket,
) -> Result<(), Broken> {
    let mut is_over = is_bodiless;
    while !is_over {
        let Some(mut octets) = poll_fn(|cx| source.poll_next(cx)).await? else {
            let _ = sending.send_data(Bytes::new(), true);
            break;
        };
        while !octets.is_empty() {
            sending.reserve_capacity(octets.len().min(bucket.bite(usize::MAX)));
            let Some(Ok(capacity)) = poll_fn(|cx| sending.poll_capacity(cx)).await else {
                return Ok(());
            };
            let part = octets.split_to(capacity.min(octets.len()));
            if part.is_empty() {
                continue;
            }
            multi::count_sent(tell, &part);
            let length = part.len();
            // The end goes with the last octets, where these are known to be the last.
            is_over = octets.is_empty() && source.is_over();
            if sending.send_data(part, is_over).is_err() {
                return Ok(());
            }
            bucket.take(length).await;
        }
    }
    tell.event(&Event::RequestSent { body: tell.counters.sent.get() });
    Ok(())
}

/// Nothing was heard of this request.
fn unanswered(why: h2::Error, delivery: &Delivery<'_>) -> Broken {
    let is_closed = why.is_io()
        || (why.is_go_away() && why.is_remote() && why.reason() == Some(Reason::NO_ERROR));
    let broken = failure(why);
    if is_closed && !delivery.has_begun() && broken.failure.kind != Kind::Http2 {
        return Broken { then: Then::Again, ..broken };
    }
    broken
}

/// The body had begun.
fn cut(broken: Broken) -> Broken {
    if broken.failure.cause != Some(std::io::ErrorKind::UnexpectedEof) {
        return broken;
    }
    let text = format!("Transferred a partial file: {}", broken.failure.text);
    Broken { failure: Failure { kind: Kind::Partial, text, ..broken.failure }, ..broken }
}

fn failure(why: h2::Error) -> Broken {
    let reason = why.reason();
    let text = |what: &str| match reason {
        Some(reason) => format!("{what}: {} ({})", code(reason), reason.description()),
        None => format!("{what}: {why}"),
    };
    let (kind, text) = if why.is_go_away() && why.is_remote() {
        (Kind::Receive, text("HTTP/2: the server ended the connection (GOAWAY)"))
    } else if why.is_reset() && why.is_remote() {
        (Kind::Http2Stream, text("HTTP/2 stream was reset by the server"))
    } else if why.is_reset() {
        (Kind::Http2Stream, text("HTTP/2 stream was not closed cleanly"))
    } else if why.is_io() {
        return io(why);
    } else {
        (Kind::Http2, text("Error in the HTTP2 framing layer"))
    };
    let then = match reason {
        Some(Reason::REFUSED_STREAM) => Then::Again,
        Some(Reason::HTTP_1_1_REQUIRED) => Then::AgainIn11,
        _ => Then::Over,
    };
    Broken { failure: Failure::new(kind, text), then }
}

fn io(why: h2::Error) -> Broken {
    let Some(why) = why.into_io() else {
        return closed("the connection was closed").into();
    };
    match why.kind() {
        std::io::ErrorKind::InvalidData => {
            Failure::new(Kind::Http2, format!("Error in the HTTP2 framing layer: {why}")).into()
        }
        std::io::ErrorKind::BrokenPipe | std::io::ErrorKind::UnexpectedEof => {
            closed("the server closed the connection of HTTP/2").into()
        }
        _ => receive(&why).into(),
    }
}

/// As RFC 9113 §7 calls it.
fn code(reason: Reason) -> String {
    const NAMES: [&str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    let number = u32::from(reason);
    let name = usize::try_from(number).ok().and_then(|index| NAMES.get(index));
    name.map_or_else(|| format!("error {number}"), |name| (*name).to_owned())
}
