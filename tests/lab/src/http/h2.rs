//! The origin over HTTP/2.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use super::reply::Reply;
use super::request::Request;
use super::{World, good};

/// Answers requests until the connection ends.
pub(crate) async fn serve<S>(stream: S, world: Arc<World>, name: &str) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
    while let Some(request) = connection.accept().await {
        let (request, respond) = request.map_err(io::Error::other)?;
        let (world, name) = (Arc::clone(&world), name.to_owned());
        tokio::spawn(async move { drop(answer(request, respond, &world, &name).await) });
    }
    Ok(())
}

/// A request of HTTP/2 or HTTP/3, as the origin takes it.
pub(crate) fn request<T>(head: &http::Request<T>, version: &str) -> Request {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let host = head.uri().authority().map(|host| (":authority".to_owned(), host.to_string()));
    let target = head.uri().path_and_query().map_or("*", |target| target.as_str());
    Request {
        method: head.method().to_string(),
        target: target.to_owned(),
        version: version.to_owned(),
        fields: host.into_iter().chain(head.headers().iter().map(field)).collect(),
        ..Request::default()
    }
}

/// The head of a reply without what HTTP/1 alone has.
pub(crate) fn head(reply: &Reply) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = http::StatusCode::from_u16(reply.status).expect("200 to 999");
    let fields = reply.all_fields().into_iter().filter(|field| field.0 != "Connection");
    *response.headers_mut() = map(fields);
    response
}

pub(crate) fn map(fields: impl IntoIterator<Item = (String, String)>) -> HeaderMap {
    let field = |(name, value): (String, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    };
    fields.into_iter().filter_map(field).collect()
}

async fn answer(
    request: http::Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    world: &World,
    name: &str,
) -> Result<(), h2::Error> {
    let (head_only, mut coming) = request.into_parts();
    let mut request = self::request(&http::Request::from_parts(head_only, ()), "HTTP/2");
    world.hear(request.told(name));
    while let Some(part) = coming.data().await {
        let part = part?;
        let _ = coming.flow_control().release_capacity(part.len());
        request.body.add(&part);
    }
    let reply = good::answer(world, &request);
    tokio::time::sleep(reply.wait).await;
    if !reply.early.is_empty() {
        let mut early = Response::new(());
        *early.status_mut() = http::StatusCode::EARLY_HINTS;
        *early.headers_mut() = map(reply.early.clone());
        respond.send_informational(early)?;
    }
    let is_empty = !reply.has_body(&request.method) || reply.length() == 0;
    let mut send = respond.send_response(head(&reply), is_empty && reply.trailers.is_empty())?;
    if is_empty {
        return Ok(());
    }
    body(&reply, &mut send).await?;
    if reply.trailers.is_empty() {
        return send.send_data(Bytes::new(), true);
    }
    send.send_trailers(map(reply.trailers))
}

async fn body(reply: &Reply, send: &mut h2::SendStream<Bytes>) -> Result<(), h2::Error> {
    let (size, wait) = reply.pace.unwrap_or((1 << 14, std::time::Duration::ZERO));
    for part in reply.body.chunks(size) {
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        room(send, part.len()).await?;
        send.send_data(Bytes::copy_from_slice(part), false)?;
    }
    let zeros = Bytes::from(vec![0; 1 << 16]);
    let mut left = reply.zeros;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
        room(send, part).await?;
        send.send_data(zeros.slice(..part), false)?;
        left -= part as u64;
    }
    Ok(())
}

/// Waits until the client takes so many octets.
async fn room(send: &mut h2::SendStream<Bytes>, size: usize) -> Result<(), h2::Error> {
    send.reserve_capacity(size);
    while send.capacity() < size {
        let more = std::future::poll_fn(|context| send.poll_capacity(context)).await;
        more.unwrap_or_else(|| Err(h2::Reason::CANCEL.into()))?;
    }
    Ok(())
}
