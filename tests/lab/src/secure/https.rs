//! HTTP/2, and what a response is made of.

use std::io;

use bytes::Bytes;
use http::{Method, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Fault, answer, strange};

/// A status, fields and a body.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn head(&self) -> Response<()> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.fields {
            response = response.header(*name, value);
        }
        response.body(()).expect("fields of ours")
    }
}

/// The response to a request whose query is in `body` or in its URI, as the fault has it.
pub(crate) fn page(method: &Method, uri: &http::Uri, body: &[u8], fault: Fault) -> Page {
    let kind = ("content-type", "application/dns-message".to_owned());
    let page = |status, fields, body| Page { status, fields, body };
    match fault {
        Fault::Status(code @ 300..400) => {
            let location = ("location", "https://elsewhere.example/dns-query".to_owned());
            return page(code, vec![location], Vec::new());
        }
        Fault::Status(code) => return page(code, Vec::new(), b"no".to_vec()),
        Fault::Html => {
            let html = ("content-type", "text/html; charset=utf-8".to_owned());
            return page(200, vec![html], b"<html>".to_vec());
        }
        Fault::LongBody(length) => return page(200, vec![kind], vec![0; length]),
        Fault::Garbage => return page(200, vec![kind], vec![0xff; 300]),
        _ => {}
    }
    if uri.path() != "/dns-query" {
        return page(404, Vec::new(), Vec::new());
    }
    let query = if method == Method::GET { in_uri(uri) } else { Some(body.to_vec()) };
    match query.and_then(|query| answer(&query)) {
        Some(reply) => page(200, vec![kind], reply),
        None => page(400, Vec::new(), Vec::new()),
    }
}

fn in_uri(uri: &http::Uri) -> Option<Vec<u8>> {
    let text = uri.query()?.split('&').find_map(|part| part.strip_prefix("dns="))?;
    let digit = |c: u8| -> Option<u32> {
        Some(match c {
            b'A'..=b'Z' => u32::from(c - b'A'),
            b'a'..=b'z' => u32::from(c - b'a') + 26,
            b'0'..=b'9' => u32::from(c - b'0') + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        })
    };
    let mut octets = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for c in four {
            bits = bits << 6 | digit(*c)?;
        }
        bits <<= 6 * (4 - four.len());
        octets.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    Some(octets)
}

pub(crate) async fn serve<S>(mut stream: S, fault: Fault) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if strange::frames(fault, &mut stream).await? {
        return Ok(());
    }
    let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
    while let Some(request) = connection.accept().await {
        let (request, respond) = request.map_err(io::Error::other)?;
        tokio::spawn(async move { drop(respond_to(request, respond, fault).await) });
    }
    Ok(())
}

async fn respond_to(
    request: Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    fault: Fault,
) -> Result<(), h2::Error> {
    let (head, mut coming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(part) = coming.data().await {
        let part = part?;
        let _ = coming.flow_control().release_capacity(part.len());
        body.extend_from_slice(&part);
    }
    let page = page(&head.method, &head.uri, &body, fault);
    if fault == Fault::Hang {
        return std::future::pending().await;
    }
    let mut send = respond.send_response(page.head(), false)?;
    match fault {
        Fault::CloseInAnswer => {
            send.send_data(Bytes::copy_from_slice(&page.body[..page.body.len() / 2]), false)?;
            send.send_reset(h2::Reason::INTERNAL_ERROR);
        }
        Fault::Dribble => {
            for octet in page.body {
                send.send_data(Bytes::copy_from_slice(&[octet]), false)?;
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            send.send_data(Bytes::new(), true)?;
        }
        _ => send.send_data(page.body.into(), true)?,
    }
    Ok(())
}
