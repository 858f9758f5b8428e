//! What HTTP/2 and 3 have in common.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::HeaderMap;

use crate::agent::delivery::Delivery;
use crate::agent::request::Request;
use crate::event::Event;
use crate::head::{Fields, Head, Version};

/// More interim heads than this are no information (RFC 9110 §15.2).
pub(super) const MOST_INTERIM: u32 = 1_000;

/// A head, also in the words of HTTP/1.
pub(super) fn head(version: Version, status: u16, headers: &HeaderMap) -> Head {
    let mut raw = format!("HTTP/{version} {status} \r\n").into_bytes();
    let fields = fields(headers, &mut raw);
    raw.extend_from_slice(b"\r\n");
    Head { version, status, reason: Vec::new(), fields, raw: Bytes::from(raw) }
}

pub(super) fn trailers(headers: &HeaderMap, delivery: &Delivery<'_>) {
    let mut raw = Vec::new();
    let fields = fields(headers, &mut raw);
    raw.extend_from_slice(b"\r\n");
    delivery.trailers(Bytes::from(raw), fields);
}

fn fields(headers: &HeaderMap, raw: &mut Vec<u8>) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in headers {
        raw.extend_from_slice(name.as_str().as_bytes());
        raw.extend_from_slice(b": ");
        raw.extend_from_slice(value.as_bytes());
        raw.extend_from_slice(b"\r\n");
        fields.push(name.as_str(), value.as_bytes());
    }
    fields
}

/// How long the body is, where the head says so.
pub(super) fn length(head: &Head, request: &Request) -> Option<u64> {
    if request.is_head || matches!(head.status, 204 | 304) {
        return None;
    }
    head.fields.text("content-length").and_then(|length| length.parse().ok())
}

/// Tells of a piece of the request's body.
pub(super) fn count_sent(delivery: &crate::tell::Tell, octets: &Bytes) {
    let sent = &delivery.counters.sent;
    sent.set(sent.get().saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX)));
    if delivery.wants_octets() {
        delivery.event(&Event::Octets { sent: true, octets: octets.clone() });
    }
}

/// Both at the same time, until the response is there, or sending fails for a reason that is ours.
pub(super) async fn both<T, E>(
    upload: impl Future<Output = Result<(), E>>,
    response: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let (mut upload, mut response) = (pin!(upload), pin!(response));
    let mut is_sent = false;
    poll_fn(|cx| {
        if !is_sent && let Poll::Ready(sent) = upload.as_mut().poll(cx) {
            is_sent = true;
            if let Err(why) = sent {
                return Poll::Ready(Err(why));
            }
        }
        response.as_mut().poll(cx)
    })
    .await
}
