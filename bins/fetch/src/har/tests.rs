use std::net::SocketAddr;

use wireline_http::event::{Medium, NameSource, Why};
use wireline_http::{Head, Version};

use super::*;

const WALL: Duration = Duration::from_secs(1_795_333_000);

fn hop(url: &str, why: Why) -> Event {
    Event::Hop { url: url.to_owned(), method: "GET".to_owned(), why }
}

fn head(status: u16, fields: &[(&str, &str)]) -> Event {
    let mut head = Head { status, version: Version::Http11, ..Head::default() };
    for (name, value) in fields {
        head.fields.push(*name, *value);
    }
    head.raw = "x".repeat(50).into();
    Event::ResponseHead { head, is_tunnel: false }
}

/// A redirect, and what it led to.
fn told() -> (Account, Capture) {
    let (mut account, mut capture) = (Account::default(), Capture::default());
    let server: SocketAddr = "192.0.2.7:80".parse().unwrap();
    let raw =
        "GET /x?q=1 HTTP/1.1\r\nHost: a\r\nAuthorization: Basic dTpw\r\nCookie: sid=1\r\n\r\n";
    let connected = Event::Connected {
        connection: 3,
        medium: Medium::Tcp,
        local: None,
        remote: Some(server),
        tcp_info: Vec::new(),
    };
    let source = NameSource::System { in_hosts: false };
    let took = Duration::from_millis(4);
    let resolved =
        Event::Resolved { host: "a".to_owned(), addresses: vec![server.ip()], source, took };
    for (at, event) in [
        (0, hop("http://u:p@a/x?q=1", Why::First)),
        (5, resolved),
        (9, connected),
        (10, Event::Ready { version: Version::Http11 }),
        (10, Event::RequestHead { raw: raw.into(), is_tunnel: false }),
        (11, Event::RequestSent { body: 0 }),
        (30, Event::FirstByte),
        (30, head(302, &[("Location", "/y"), ("Set-Cookie", "sid=2; HttpOnly")])),
        (32, Event::ResponseEnd { carried: 0, decoded: 0, tcp_info: Vec::new() }),
        (33, hop("http://a/y", Why::Redirect(302))),
        (33, Event::Ready { version: Version::Http11 }),
        (34, Event::RequestSent { body: 0 }),
        (50, Event::FirstByte),
        (50, head(200, &[("Content-Type", "image/png")])),
        (60, Event::ResponseEnd { carried: 3, decoded: 3, tcp_info: Vec::new() }),
        (61, Event::Done { failure: None }),
    ] {
        let at = Duration::from_millis(at);
        account.event(at, &event);
        capture.event(at, WALL.saturating_add(at), &event);
    }
    capture.body(&[0xff, 0, 1]);
    (account, capture)
}

fn har(shows_secrets: bool) -> Value {
    let (account, capture) = told();
    document(&entry::of(&account, &capture, None, shows_secrets), shows_secrets)
}

#[test]
fn hops_are_entries_with_phases_that_add_up() {
    let har = har(false);
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    let want = json!({
        "blocked": 2.0, "dns": 4.0, "connect": 4.0, "ssl": -1.0, "send": 1.0, "wait": 19.0,
        "receive": 2.0,
    });
    assert_eq!((&entries[0]["timings"], &entries[0]["time"]), (&want, &json!(32.0)));
    assert_eq!(entries[0]["startedDateTime"], "2026-11-22T07:36:40.000Z");
    assert_eq!(entries[1]["startedDateTime"], "2026-11-22T07:36:40.033Z");
    assert_eq!(entries[0]["serverIPAddress"], "192.0.2.7");
    assert_eq!(entries[0]["connection"], "3");
    assert_eq!(entries[0]["response"]["redirectURL"], "/y");
    for entry in entries {
        let timings = entry["timings"].as_object().unwrap();
        let known = timings.iter().filter(|(name, _)| *name != "ssl").map(|(_, one)| one);
        let sum: f64 = known.filter_map(Value::as_f64).filter(|one| *one >= 0.0).sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 1e-9, "{entry}");
    }
}

#[test]
fn secrets_are_nowhere_unless_somebody_asks() {
    let text = har(false).to_string();
    for secret in ["dTpw", "sid=1", "sid=2", "u:p", "\"value\":\"1\",\"x"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let cookie = &har(false)["log"]["entries"][0]["request"]["cookies"][0];
    assert_eq!(cookie, &json!({ "name": "sid", "value": "(concealed)" }));
    let text = har(true).to_string();
    assert!(text.contains("Basic dTpw") && text.contains("sid=2") && text.contains("u:p@a"));
}

#[test]
fn bodies_that_are_no_text_are_in_base64_and_long_ones_cut() {
    let har = har(false);
    let content = &har["log"]["entries"][1]["response"]["content"];
    let want = json!({ "size": 3, "mimeType": "image/png", "text": "/wAB", "encoding": "base64" });
    assert_eq!(content, &want);
    let mut capture = Capture::default();
    for _ in 0..3 {
        capture.body(&vec![b'x'; MOST / 2]);
    }
    assert_eq!((capture.body.len(), capture.is_cut), (MOST, true));
}

/// What the specification says must be there.
#[test]
fn every_field_that_must_be_there_is() {
    let har = har(false);
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    assert!(log["creator"]["name"].is_string() && log["creator"]["version"].is_string());
    for entry in log["entries"].as_array().unwrap() {
        let must = [
            (entry, vec!["startedDateTime", "time", "request", "response", "cache", "timings"]),
            (
                &entry["request"],
                vec![
                    "method",
                    "url",
                    "httpVersion",
                    "cookies",
                    "headers",
                    "queryString",
                    "headersSize",
                    "bodySize",
                ],
            ),
            (
                &entry["response"],
                vec![
                    "status",
                    "statusText",
                    "httpVersion",
                    "cookies",
                    "headers",
                    "content",
                    "redirectURL",
                    "headersSize",
                    "bodySize",
                ],
            ),
            (&entry["response"]["content"], vec!["size", "mimeType"]),
            (&entry["timings"], vec!["send", "wait", "receive"]),
        ];
        for (object, names) in must {
            let missing: Vec<_> = names.iter().filter(|name| object.get(name).is_none()).collect();
            assert!(missing.is_empty(), "{missing:?} in {object}");
        }
    }
}
