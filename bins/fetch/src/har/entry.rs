//! An entry: a request and what came of it.

use std::time::Duration;

use serde_json::{Value, json};
use wireline_http::account::{Account, Hop, Phases, Span};
use wireline_http::{Failure, Fields, Version};

use super::Capture;
use super::parts;
use crate::json::{harmless_url, lossy, ms, named, request};

/// An entry for each hop; the body is the last one's.
pub(super) fn of(
    account: &Account,
    capture: &Capture,
    failure: Option<&Failure>,
    shows_secrets: bool,
) -> Vec<Value> {
    let last = account.hops.len().saturating_sub(1);
    let ends = account.hops.iter().skip(1).map(|next| Some(next.began)).chain([account.ended]);
    let entries = account.hops.iter().zip(ends).enumerate().map(|(at, (hop, over))| {
        let told = Told {
            hop,
            over: hop.end.as_ref().map(|end| end.at).or(over).unwrap_or(hop.began),
            capture: (at == last).then_some(capture),
            failure: failure.filter(|_| at == last),
            shows_secrets,
        };
        told.entry(capture.began.unwrap_or_default())
    });
    entries.collect()
}

/// What an entry is made of.
struct Told<'a> {
    hop: &'a Hop,
    /// When it ended.
    over: Duration,
    /// Of the last.
    capture: Option<&'a Capture>,
    failure: Option<&'a Failure>,
    shows_secrets: bool,
}

impl Told<'_> {
    fn entry(&self, began: Duration) -> Value {
        let timings = timings(self.hop, self.over);
        let mut entry = json!({
            "startedDateTime": parts::date(began.saturating_add(self.hop.began)),
            "time": ms(self.over.saturating_sub(self.hop.began)),
            "request": self.request(),
            "response": self.response(),
            "cache": {},
            "timings": timings,
        });
        let Some(link) = &self.hop.link else { return entry };
        if let Some(remote) = link.remote {
            put(&mut entry, "serverIPAddress", remote.ip().to_string().into());
        }
        put(&mut entry, "connection", link.number.to_string().into());
        entry
    }

    fn request(&self) -> Value {
        let raw = &self.hop.request.raw;
        let (_, fields) = request(raw);
        let body = self.hop.request.body;
        let mut request = json!({
            "method": self.hop.method,
            "url": harmless_url(&self.hop.url, self.shows_secrets),
            "httpVersion": version(self.hop.version),
            "cookies": parts::sent_cookies(&fields, self.shows_secrets),
            "headers": named(&fields, self.shows_secrets),
            "queryString": parts::query(&self.hop.url),
            "headersSize": size(raw.len()),
            "bodySize": body,
        });
        if body > 0 {
            let octets = self.capture.map(|capture| capture.sent.as_slice()).unwrap_or_default();
            let mime = fields.text("content-type").unwrap_or_default();
            let data = json!({ "mimeType": mime, "params": [], "text": lossy(octets) });
            put(&mut request, "postData", data);
        }
        request
    }

    fn response(&self) -> Value {
        let none = Fields::default();
        let head = self.hop.head.as_ref().map(|(_, head)| head);
        let fields = head.map_or(&none, |head| &head.fields);
        let carried = self.hop.end.as_ref().map(|end| end.carried);
        let mut response = json!({
            "status": head.map_or(0, |head| head.status),
            "statusText": head.map(|head| lossy(&head.reason)).unwrap_or_default(),
            "httpVersion": version(head.map(|head| head.version).or(self.hop.version)),
            "cookies": parts::set_cookies(fields, self.shows_secrets),
            "headers": named(fields, self.shows_secrets),
            "content": self.content(fields),
            "redirectURL": fields.text("location").unwrap_or_default(),
            "headersSize": head.map_or(-1, |head| size(head.raw.len())),
            "bodySize": carried.map_or(-1, |count| i64::try_from(count).unwrap_or(i64::MAX)),
        });
        if let Some(failure) = self.failure {
            put(&mut response, "_error", failure.text.clone().into());
        }
        response
    }

    fn content(&self, fields: &Fields) -> Value {
        let end = self.hop.end.as_ref();
        let decoded = end.map_or(0, |end| end.decoded);
        let mime = fields.text("content-type").unwrap_or("x-unknown");
        let mut content = json!({ "size": decoded, "mimeType": mime });
        if let Some(end) = end.filter(|end| end.decoded > end.carried) {
            put(&mut content, "compression", (end.decoded.saturating_sub(end.carried)).into());
        }
        let Some(capture) = self.capture else { return content };
        if let Ok(text) = std::str::from_utf8(&capture.body) {
            put(&mut content, "text", text.into());
        } else {
            let text = data_encoding::BASE64.encode(&capture.body);
            put(&mut content, "text", text.into());
            put(&mut content, "encoding", "base64".into());
        }
        if capture.is_cut {
            put(&mut content, "comment", "the rest is not kept".into());
        }
        content
    }
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn version(of: Option<Version>) -> String {
    of.map_or_else(|| "unknown".to_owned(), |version| format!("HTTP/{version}"))
}

/// Phases one behind the other; -1 for what there was not. `connect` has `ssl` in it, as the format wants it; what is in
/// no phase is `blocked`, so that the sum is the entry's time.
fn timings(hop: &Hop, over: Duration) -> Value {
    let Phases { name, connect, secure, send, wait, receive } = hop.phases();
    let length = |span: Option<Span>| span.map(Span::length);
    let joined = match (connect, secure) {
        (Some(tcp), Some(tls)) => Some(tls.to.saturating_sub(tcp.from)),
        (one, other) => length(one.or(other)),
    };
    // A transfer that failed has been waiting for what did not come.
    let late = |from: Span| Span { from: from.to, to: over }.length();
    let wait = length(wait).or_else(|| send.map(late));
    let known = [length(name), joined, length(send), wait, length(receive)];
    let sum: Duration = known.into_iter().flatten().sum();
    let blocked = over.saturating_sub(hop.began).saturating_sub(sum);
    let or_none = |span: Option<Duration>| span.map_or(-1.0, ms);
    let or_zero = |span: Option<Duration>| span.map_or(0.0, ms);
    json!({
        "blocked": ms(blocked),
        "dns": or_none(length(name)),
        "connect": or_none(joined),
        "ssl": or_none(length(secure)),
        "send": or_zero(length(send)),
        "wait": or_zero(wait),
        "receive": or_zero(length(receive)),
    })
}
