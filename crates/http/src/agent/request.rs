//! A request, made of what was asked for.

use bytes::Bytes;

use crate::agent::hop::{Hop, Verb};
use crate::agent::upload::Source;
use crate::decode;
use crate::failure::{Failure, Kind};
use crate::head::{Fields, Version};
use crate::spec::{Body, FieldEdit, Spec, Versions};

/// A request that can be sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, or what was asked for in their place.
    pub(crate) target: Vec<u8>,
    /// The whole URL, for proxies that are sent no less.
    pub(crate) absolute: String,
    pub(crate) scheme: String,
    /// What `Host` says; with HTTP/2 and 3 that is `:authority`.
    pub(crate) authority: String,
    /// In order; `Host` is the first of them.
    pub(crate) fields: Fields,
    /// For a proxy that requests are sent to (not through).
    pub(crate) proxy_fields: Fields,
    pub(crate) body: Source,
    /// It is waited for 100 (Continue) first.
    pub(crate) expects: bool,
    pub(crate) is_chunked: bool,
    pub(crate) is_http10: bool,
    pub(crate) is_head: bool,
    pub(crate) is_upgrade: bool,
}

/// Bodies of more octets than this are offered before they are sent.
const EXPECT: u64 = 1024 * 1024;

/// Fields in the making: ours go in only where a person did not say otherwise.
struct Making<'a> {
    fields: Fields,
    edits: Vec<&'a FieldEdit>,
}

impl Making<'_> {
    /// Ours, where nothing was said about a field of this name.
    fn ours(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        if !self.is_edited(name) {
            self.fields.push(name, value);
        }
    }

    fn is_edited(&self, name: &str) -> bool {
        self.edits.iter().any(|edit| edited(edit).eq_ignore_ascii_case(name.as_bytes()))
    }

    /// What a person said of this field.
    fn said(&self, name: &str) -> Option<&FieldEdit> {
        let mut edits = self.edits.iter();
        edits.find(|edit| edited(edit).eq_ignore_ascii_case(name.as_bytes())).copied()
    }
}

pub(crate) fn edited(edit: &FieldEdit) -> &[u8] {
    match edit {
        FieldEdit::Set(name, _) | FieldEdit::Empty(name) | FieldEdit::Remove(name) => name,
    }
}

/// What is to be shown, as it is known when a request is made.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// The value of Authorization.
    pub(crate) authorization: Option<Vec<u8>>,
    /// The value of Cookie.
    pub(crate) cookie: Option<Vec<u8>>,
    /// Only to be challenged: the body stays at home.
    pub(crate) without_body: bool,
    /// It goes to a proxy, which makes a request of its own from it.
    pub(crate) is_forwarded: bool,
    /// It was said that this server takes no Expect.
    pub(crate) without_expect: bool,
}

/// Makes a request of a hop.
pub(crate) fn make(hop: &Hop, spec: &Spec, shown: &Shown) -> Result<Request, Failure> {
    let is_http10 = spec.versions == Versions::Http10;
    let edits = spec.request.fields.iter().filter(|edit| hop.may_show(edit, spec)).collect();
    let mut making = Making { fields: Fields::default(), edits };
    let authority = host(&mut making, hop);
    let opened = if hop.verb.has_body() {
        Source::open(&spec.request.body, hop.resume)?
    } else {
        Source::open(&Body::None, 0)?
    };
    preamble(&mut making, hop, spec, shown, opened.source.length);
    if let Some(cookie) = &shown.cookie {
        making.ours("Cookie", cookie.clone());
    }
    time_condition(&mut making, spec);
    let mut source = opened.source;
    if shown.without_body {
        source = Source::none();
    }
    let is_chunked = is_chunked(&making, &source, is_http10)?;
    if is_chunked {
        making.ours("Transfer-Encoding", "chunked");
    }
    persons(&mut making);
    let length = source.length;
    if hop.verb.has_body() {
        body_fields(&mut making, length, is_chunked, opened.content_type);
    }
    let expects =
        expects(&mut making, length, is_http10 || shown.without_expect, shown.without_body);
    let target = spec.request.target.clone().map(String::into_bytes);
    Ok(Request {
        method: hop.method(spec),
        target: target.unwrap_or_else(|| hop.url.request_target().into_bytes()),
        absolute: hop.url.absolute_target(),
        scheme: hop.url.scheme.clone(),
        authority,
        fields: making.fields,
        proxy_fields: Fields::default(),
        body: source,
        expects,
        is_chunked,
        is_http10,
        is_head: hop.verb == Verb::Head,
        is_upgrade: spec
            .request
            .fields
            .iter()
            .any(|edit| edited(edit).eq_ignore_ascii_case(b"upgrade")),
    })
}

/// Host is the first, also where a person says what it is.
fn host(making: &mut Making<'_>, hop: &Hop) -> String {
    let ours = hop.url.host_header();
    match making.said("Host") {
        Some(FieldEdit::Set(name, value)) => {
            let (name, value) = (name.clone(), value.clone());
            let authority = String::from_utf8_lossy(&value).into_owned();
            making.fields.push(name, value);
            authority
        }
        Some(FieldEdit::Empty(name)) => {
            let name = name.clone();
            making.fields.push(name, "");
            String::new()
        }
        Some(FieldEdit::Remove(_)) => ours,
        None => {
            making.fields.push("Host", ours.clone());
            ours
        }
    }
}

/// What stands before the cookies, in curl's order.
fn preamble(making: &mut Making<'_>, hop: &Hop, spec: &Spec, shown: &Shown, length: Option<u64>) {
    let request = &spec.request;
    if let Some(authorization) = &shown.authorization {
        making.ours("Authorization", authorization.clone());
    }
    range(making, hop, spec, length);
    if let Some(agent) = request.agent.as_ref().filter(|agent| !agent.is_empty()) {
        making.ours("User-Agent", agent.clone());
    }
    making.ours("Accept", "*/*");
    if request.transfer_encoding {
        making.ours("Connection", "TE");
        making.ours("TE", "gzip");
    }
    if request.compressed {
        making.ours("Accept-Encoding", decode::ACCEPTED);
    }
    if let Some(referer) = &hop.referer {
        making.ours("Referer", referer.clone());
    }
    if shown.is_forwarded {
        making.ours("Proxy-Connection", "Keep-Alive");
    }
}

/// What part is wanted, or, of an upload that goes on, sent. `length` is what is left of that.
fn range(making: &mut Making<'_>, hop: &Hop, spec: &Spec, length: Option<u64>) {
    match (&spec.request.range, hop.resume) {
        _ if hop.verb == Verb::Put => {
            if let (Some(length), 1..) = (length, hop.resume) {
                let whole = length.saturating_add(hop.resume);
                let last = whole.saturating_sub(1);
                making.ours("Content-Range", format!("bytes {}-{last}/{whole}", hop.resume));
            }
        }
        (Some(range), _) => making.ours("Range", format!("bytes={range}")),
        (None, 1..) => making.ours("Range", format!("bytes={}-", hop.resume)),
        (None, 0) => {}
    }
}

fn time_condition(making: &mut Making<'_>, spec: &Spec) {
    let Some((seconds, is_unmodified)) = spec.request.time_condition else { return };
    let name = if is_unmodified { "If-Unmodified-Since" } else { "If-Modified-Since" };
    making.ours(name, crate::date::format_http(seconds));
}

/// What a person said, in their order. Host has been said.
fn persons(making: &mut Making<'_>) {
    for edit in &making.edits {
        match edit {
            FieldEdit::Set(name, _) | FieldEdit::Empty(name)
                if name.eq_ignore_ascii_case(b"host") => {}
            FieldEdit::Set(name, value) => making.fields.push(name.clone(), value.clone()),
            FieldEdit::Empty(name) => making.fields.push(name.clone(), ""),
            FieldEdit::Remove(_) => {}
        }
    }
}

/// By what a person said, or because the length is not known.
fn is_chunked(making: &Making<'_>, source: &Source, is_http10: bool) -> Result<bool, Failure> {
    if let Some(FieldEdit::Set(_, value)) = making.said("Transfer-Encoding") {
        return Ok(value.eq_ignore_ascii_case(b"chunked"));
    }
    let unknown = source.length.is_none() && making.said("Content-Length").is_none();
    if unknown && is_http10 {
        return Err(Failure::new(Kind::Setup, "Chunky upload is not supported by HTTP 1.0"));
    }
    Ok(unknown)
}

fn body_fields(
    making: &mut Making<'_>,
    length: Option<u64>,
    is_chunked: bool,
    content_type: Option<String>,
) {
    if let (Some(length), false) = (length, is_chunked) {
        making.ours("Content-Length", length.to_string());
    }
    if let Some(content_type) = content_type {
        making.ours("Content-Type", content_type);
    }
}

fn expects(making: &mut Making<'_>, length: Option<u64>, is_never: bool, is_empty: bool) -> bool {
    if let Some(FieldEdit::Set(_, value)) = making.said("Expect") {
        return value.eq_ignore_ascii_case(b"100-continue");
    }
    if is_never
        || is_empty
        || making.is_edited("Expect")
        || length.is_some_and(|length| length <= EXPECT)
    {
        return false;
    }
    making.fields.push("Expect", "100-continue");
    true
}

impl Request {
    /// In HTTP/1, as it goes over a connection.
    pub(crate) fn encode(&self, is_absolute: bool) -> Result<Vec<u8>, Failure> {
        let version = if self.is_http10 { Version::Http10 } else { Version::Http11 };
        let target = if is_absolute { self.absolute.as_bytes() } else { &self.target };
        if self.proxy_fields.is_empty() {
            return crate::codec::encode_head(&self.method, target, version, &self.fields);
        }
        let mut fields = self.fields.clone();
        let after_host = usize::from(!fields.is_empty());
        fields.0.splice(after_host..after_host, self.proxy_fields.0.iter().cloned());
        crate::codec::encode_head(&self.method, target, version, &fields)
    }

    /// In HTTP/2 and 3, where names are in small letters and what is about one connection has no place (RFC 9113 §8.2.2).
    pub(crate) fn to_http(&self, version: Version) -> Result<(http::Request<()>, Bytes), Failure> {
        let bad = |what: &dyn std::fmt::Display| {
            Failure::new(
                Kind::BadArgument,
                format!("the request cannot be put into HTTP/{version}: {what}"),
            )
        };
        let uri = http::Uri::builder()
            .scheme(self.scheme.as_str())
            .authority(self.authority.as_str())
            .path_and_query(self.target.as_slice())
            .build()
            .map_err(|why| bad(&why))?;
        let mut raw = self.method.as_bytes().to_vec();
        raw.push(b' ');
        raw.extend_from_slice(&self.target);
        raw.extend_from_slice(
            format!(" HTTP/{version}\r\nHost: {}\r\n", self.authority).as_bytes(),
        );
        let method = http::Method::from_bytes(self.method.as_bytes()).map_err(|why| bad(&why))?;
        let mut request = http::Request::new(());
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        for field in self.fields.0.iter().filter(|field| goes_along(&field.name, &field.value)) {
            let name = http::HeaderName::from_bytes(&field.name).map_err(|why| bad(&why))?;
            let value = http::HeaderValue::from_bytes(&field.value).map_err(|why| bad(&why))?;
            raw.extend_from_slice(&field.name);
            raw.extend_from_slice(b": ");
            raw.extend_from_slice(&field.value);
            raw.extend_from_slice(b"\r\n");
            request.headers_mut().append(name, value);
        }
        raw.extend_from_slice(b"\r\n");
        Ok((request, Bytes::from(raw)))
    }
}

fn goes_along(name: &[u8], value: &[u8]) -> bool {
    const STAYS: [&[u8]; 7] = [
        b"host",
        b"connection",
        b"proxy-connection",
        b"keep-alive",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    ];
    if name.eq_ignore_ascii_case(b"te") {
        return value.eq_ignore_ascii_case(b"trailers");
    }
    !STAYS.iter().any(|one| name.eq_ignore_ascii_case(one))
}
