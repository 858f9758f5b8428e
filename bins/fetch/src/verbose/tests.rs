use std::time::Duration;

use bytes::Bytes;
use wireline_http::event::Why;
use wireline_http::tls::{Certificate, Facts, Step, What};
use wireline_http::{Failure, Head, Kind, Version};

use super::*;
use crate::trace::{Form, Pen};

fn told(events: &[Event]) -> String {
    let mut narrator = Narrator::default();
    let mut pen = Pen::new(Form::Lines { hides_data: false });
    let mut out = Vec::new();
    for event in events {
        narrator.tell(event, &mut |shown| pen.write(shown, "", &mut out));
    }
    String::from_utf8(out).unwrap()
}

fn hop(url: &str) -> Event {
    Event::Hop { url: url.to_owned(), method: "GET".to_owned(), why: Why::First }
}

fn resolved(source: NameSource) -> Event {
    Event::Resolved {
        host: "localhost".to_owned(),
        addresses: vec!["::1".parse().unwrap(), "127.0.0.1".parse().unwrap()],
        source,
        took: Duration::ZERO,
    }
}

#[test]
fn a_plain_request_reads_as_with_curl() {
    let head = Head {
        raw: Bytes::from_static(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
        status: 200,
        ..Head::default()
    };
    let request = Bytes::from_static(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let events = [
        hop("http://localhost/"),
        resolved(NameSource::System { in_hosts: false }),
        Event::Trying { to: "[::1]:80".parse().unwrap() },
        Event::Attempt(Attempt {
            to: "[::1]:80".parse().unwrap(),
            began: Duration::ZERO,
            ended: Duration::ZERO,
            outcome: Outcome::Failed("Connection refused".to_owned()),
        }),
        Event::Trying { to: "127.0.0.1:80".parse().unwrap() },
        Event::Connected {
            connection: 0,
            medium: Medium::Tcp,
            local: Some("127.0.0.1:5".parse().unwrap()),
            remote: Some("127.0.0.1:80".parse().unwrap()),
            tcp_info: Vec::new(),
        },
        Event::Ready { version: Version::Http11 },
        Event::RequestHead { raw: request, is_tunnel: false },
        Event::RequestSent { body: 0 },
        Event::FirstByte,
        Event::ResponseHead { head, is_tunnel: false },
        Event::Octets { sent: false, octets: Bytes::from_static(b"abc") },
        Event::Left { connection: 0, is_open: true },
        Event::Done { failure: None },
    ];
    let text = "* Host localhost was resolved.\n* IPv6: ::1\n* IPv4: 127.0.0.1\n\
        *   Trying [::1]:80...\n* connect to ::1 port 80 failed: Connection refused\n\
        *   Trying 127.0.0.1:80...\n\
        * Established connection to localhost (127.0.0.1 port 80) from 127.0.0.1 port 5\n\
        * using HTTP/1.x\n> GET / HTTP/1.1\r\n> Host: localhost\r\n> \r\n\
        * Request completely sent off\n< HTTP/1.1 200 OK\r\n< A: b\r\n< \r\n{ [3 bytes data]\n\
        * Connection #0 to host localhost left intact\n";
    assert_eq!(told(&events), text);
}

#[test]
fn addresses_and_names_from_before_are_not_resolved() {
    assert_eq!(told(&[resolved(NameSource::Literal)]), "");
    let known = "* Hostname localhost was found in DNS cache\n";
    assert_eq!(told(&[resolved(NameSource::Override)]), known);
}

#[test]
fn tls_is_told_message_for_message() {
    let step = |sent, what, octets| {
        Event::Tls(Step { at: Duration::ZERO, took: None, sent, what, octets })
    };
    let certificate = Certificate {
        subject: "CN=localhost".to_owned(),
        issuer: "CN=ca".to_owned(),
        not_before_s: 1_795_329_516,
        not_after_s: 0,
        key: "EC 256".to_owned(),
        ..Certificate::default()
    };
    let facts = Facts {
        version: Some("TLSv1.3".to_owned()),
        cipher: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        group: Some("X25519".to_owned()),
        alpn: Some("h2".to_owned()),
        chain: vec![certificate],
        ..Facts::default()
    };
    let events = [
        step(true, What::Message("ClientHello", 1), 517),
        step(false, What::Message("ServerHello", 2), 0),
        step(false, What::ChangeCipherSpec, 6),
        Event::Secured { facts: Box::new(facts), took: Duration::ZERO, is_proxy: false },
    ];
    let text = "* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n} [517 bytes data]\n\
        * TLSv1.3 (IN), TLS handshake, Server hello (2):\n\
        * TLSv1.3 (IN), TLS change cipher, Change cipher spec (1):\n{ [6 bytes data]\n\
        * SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519\n\
        * ALPN: server accepted h2\n* Server certificate:\n*  subject: CN=localhost\n\
        *  start date: Nov 22 06:38:36 2026 GMT\n*  expire date: Jan  1 00:00:00 1970 GMT\n\
        *  issuer: CN=ca\n*  public key: EC 256\n*  SSL certificate was not verified.\n";
    assert_eq!(told(&events), text);
}

#[test]
fn a_failure_and_a_redirect_are_told() {
    let failure = Failure::new(Kind::Empty, "Empty reply from server");
    let events = [
        hop("http://u:p@[2001:db8::1]:8/x"),
        Event::Redirecting { to: "http://b/".to_owned(), notes: vec!["a note".to_owned()] },
        Event::Left { connection: 3, is_open: true },
        Event::Left { connection: 3, is_open: false },
        Event::Done { failure: Some(failure) },
    ];
    let text = "* a note\n* Issue another request to this URL: 'http://b/'\n\
        * Connection #3 to host 2001:db8::1 left intact\n* closing connection #3\n\
        * Empty reply from server\n";
    assert_eq!(told(&events), text);
}

#[test]
fn trailers_are_shown_without_the_empty_line() {
    assert_eq!(trailers(b"A: b\r\n\r\n"), b"A: b\r\n");
    assert_eq!(trailers(b"A: b\r\n"), b"A: b\r\n");
    assert_eq!(trailers(b"\r\n"), b"");
}
