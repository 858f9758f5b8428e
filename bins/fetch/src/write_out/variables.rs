//! The variables of `-w`, in the order in which `%{json}` has them.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_http::tls::Fault;
use wireline_http::{Url, Version};

use super::{Summary, certificates};

/// What a variable stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(i64),
    /// Three digits in text.
    Status(u16),
    Seconds(Duration),
    /// Nothing in text and `null` in JSON where there is none.
    Text(Option<String>),
    /// As `Text`, but empty where there is none.
    Known(String),
}

/// All that `%{json}` has, in curl's order.
pub(super) const NAMES: [&str; 69] = [
    "certs",
    "conn_id",
    "content_type",
    "errormsg",
    "exitcode",
    "filename_effective",
    "ftp_entry_path",
    "http_code",
    "http_connect",
    "http_version",
    "local_ip",
    "local_port",
    "method",
    "num_certs",
    "num_connects",
    "num_headers",
    "num_redirects",
    "num_retries",
    "proxy_ssl_verify_result",
    "proxy_used",
    "redirect_url",
    "referer",
    "remote_ip",
    "remote_port",
    "response_code",
    "scheme",
    "size_delivered",
    "size_download",
    "size_header",
    "size_request",
    "size_upload",
    "speed_download",
    "speed_upload",
    "ssl_verify_result",
    "time_appconnect",
    "time_connect",
    "time_namelookup",
    "time_posttransfer",
    "time_pretransfer",
    "time_queue",
    "time_redirect",
    "time_starttransfer",
    "time_total",
    "tls_earlydata",
    "url",
    "url.fragment",
    "url.host",
    "url.options",
    "url.password",
    "url.path",
    "url.port",
    "url.query",
    "url.scheme",
    "url.user",
    "url.zoneid",
    "url_effective",
    "urle.fragment",
    "urle.host",
    "urle.options",
    "urle.password",
    "urle.path",
    "urle.port",
    "urle.query",
    "urle.scheme",
    "urle.user",
    "urle.zoneid",
    "urlnum",
    "xfer_id",
    // The last one is ours to name, as curl's is libcurl's.
    "curl_version",
];

/// What a name stands for; `None`: it is none.
pub(super) fn value(name: &str, summary: &Summary<'_>) -> Option<Value> {
    if let Some(part) = name.strip_prefix("url.") {
        return url_part(part, &summary.origin.url);
    }
    if let Some(part) = name.strip_prefix("urle.") {
        let last = some(&summary.report.url).and_then(|url| Url::parse(&url, None, true).ok());
        return url_part(part, &last.unwrap_or_default());
    }
    let found = of_time(name, summary).or_else(|| of_size(name, summary));
    found.or_else(|| of_response(name, summary)).or_else(|| of_run(name, summary))
}

fn of_time(name: &str, summary: &Summary<'_>) -> Option<Value> {
    let times = &summary.report.times;
    Some(Value::Seconds(match name {
        "time_appconnect" => times.secure,
        "time_connect" => times.connect,
        "time_namelookup" => times.name,
        "time_posttransfer" => times.sent,
        "time_pretransfer" => times.ready,
        "time_queue" => times.queue,
        "time_redirect" => times.redirect,
        "time_starttransfer" => times.first,
        "time_total" => times.total,
        _ => return None,
    }))
}

fn of_size(name: &str, summary: &Summary<'_>) -> Option<Value> {
    let report = summary.report;
    Some(number(match name {
        "size_delivered" => report.delivered,
        "size_download" => report.received_body,
        "size_header" => report.received_head,
        "size_request" => report.sent_head,
        "size_upload" => report.sent_body,
        "speed_download" => speed(report.received_body, report.times.total),
        "speed_upload" => speed(report.sent_body, report.times.total),
        "tls_earlydata" => report.early_data,
        "num_connects" => report.connects.into(),
        "num_headers" => report.fields.into(),
        "num_redirects" => report.redirects.into(),
        "num_retries" => report.retries.into(),
        "proxy_used" => report.is_proxied.into(),
        "proxy_ssl_verify_result" => 0,
        _ => return None,
    }))
}

fn of_response(name: &str, summary: &Summary<'_>) -> Option<Value> {
    let report = summary.report;
    Some(match name {
        "http_code" | "response_code" => {
            Value::Status(report.head.as_ref().map_or(0, |h| h.status))
        }
        "http_connect" => Value::Status(report.connect_status),
        "http_version" => Value::Known(version(report.version)),
        "content_type" => Value::Text(content_type(summary)),
        "certs" => Value::Known(report.tls.as_ref().map_or_else(String::new, certificates::all)),
        "num_certs" => count(report.tls.as_ref().map_or(0, |tls| tls.chain.len())),
        "ssl_verify_result" => Value::Number(verdict(summary)),
        "local_ip" => Value::Known(address(report.local)),
        "local_port" => port(report.local),
        "remote_ip" => Value::Known(address(report.remote)),
        "remote_port" => port(report.remote),
        "redirect_url" => Value::Text(report.redirect_url.clone()),
        _ => return None,
    })
}

fn of_run(name: &str, summary: &Summary<'_>) -> Option<Value> {
    let (report, origin) = (summary.report, summary.origin);
    Some(match name {
        "conn_id" => number(report.connection.unwrap_or(0)),
        "errormsg" => Value::Text(summary.error.map(str::to_owned)),
        "exitcode" => Value::Number(summary.code.into()),
        "filename_effective" => Value::Text(summary.file.map(str::to_owned)),
        "ftp_entry_path" => Value::Text(None),
        "method" => Value::Text(some(&report.method)),
        "referer" => Value::Text(report.referer.clone()),
        "scheme" => Value::Text(some(&report.scheme).or_else(|| some(&origin.url.scheme))),
        "url" => Value::Text(Some(origin.text.clone())),
        "url_effective" => Value::Text(some(&report.url).or_else(|| some(&origin.text))),
        "urlnum" => number(origin.number),
        "xfer_id" => number(origin.transfer),
        "curl_version" => {
            Value::Known(concat!("wireline-fetch/", env!("CARGO_PKG_VERSION")).into())
        }
        _ => return None,
    })
}

fn url_part(part: &str, url: &Url) -> Option<Value> {
    let is_literal = url.host.contains(':');
    Some(Value::Text(match part {
        "scheme" => some(&url.scheme),
        "user" => url.user.clone(),
        "password" => url.password.clone(),
        "options" => None,
        "host" if is_literal => Some(format!("[{}]", url.host)),
        "host" => some(&url.host),
        "port" => (!url.host.is_empty()).then(|| url.effective_port().to_string()),
        "path" => some(&url.path),
        "query" => url.query.clone(),
        "fragment" => url.fragment.clone(),
        "zoneid" => url.zone.clone(),
        _ => return None,
    }))
}

fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn count(number: usize) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn speed(octets: u64, time: Duration) -> u64 {
    let speed = u128::from(octets) * 1_000_000 / time.as_micros().max(1);
    u64::try_from(speed).unwrap_or(u64::MAX)
}

fn version(version: Option<Version>) -> String {
    match version {
        None | Some(Version::Http09) => "0".to_owned(),
        Some(version) => version.to_string(),
    }
}

fn content_type(summary: &Summary<'_>) -> Option<String> {
    let value = summary.report.head.as_ref()?.fields.get("content-type")?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn address(end: Option<SocketAddr>) -> String {
    end.map_or_else(String::new, |end| end.ip().to_string())
}

fn port(end: Option<SocketAddr>) -> Value {
    Value::Number(end.map_or(-1, |end| end.port().into()))
}

/// OpenSSL's number for what is wrong (`X509_V_ERR_…`, `openssl/x509_vfy.h`), as curl gives it.
fn verdict(summary: &Summary<'_>) -> i64 {
    let fault = summary.report.tls.as_ref().and_then(|tls| tls.verified.fault.as_ref());
    match fault {
        // It was not believed, and no session says why.
        None if summary.code == 60 => 1,
        None => 0,
        Some(Fault::NotYetValid { .. }) => 9,
        Some(Fault::Expired { .. }) => 10,
        Some(Fault::SelfSigned { .. }) => 18,
        Some(Fault::SelfSignedInChain { .. }) => 19,
        Some(Fault::UnknownIssuer { .. }) => 20,
        Some(Fault::BadSignature) => 7,
        Some(Fault::WrongPurpose) => 26,
        Some(Fault::WrongName { .. }) => 62,
        Some(_) => 1,
    }
}
