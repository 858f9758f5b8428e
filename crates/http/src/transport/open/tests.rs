use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

use super::*;
use crate::event::Outcome;
use crate::spec::{Elsewhere, Override, ProxyChoice};
use crate::transport::told::{Told, both, run, told};
use crate::url::Url;

impl Connection {
    /// `struct tcp_info` as it is now; nothing where it is not TCP.
    fn tcp_info(&self) -> Vec<u8> {
        match &self.carrier {
            Carrier::Stream(stream) => stream.tcp_info(),
            Carrier::Quic(_) => Vec::new(),
        }
    }

    /// Whether it can be used again, as far as can be seen without asking: nothing is to be read, and nobody said goodbye.
    fn is_usable(&self) -> bool {
        match &self.carrier {
            Carrier::Stream(stream) => stream.is_quiet(),
            Carrier::Quic(quic) => quic.connection.close_reason().is_none(),
        }
    }
}

fn url(host: &str, port: u16) -> Url {
    Url {
        scheme: "http".to_owned(),
        host: host.to_owned(),
        port: Some(port),
        path: "/".to_owned(),
        ..Url::default()
    }
}

async fn dial(url: &Url, spec: Spec) -> (Result<Connection, Failure>, Told) {
    let (tell, told) = told();
    let spec = Arc::new(spec);
    let want = Want { url, spec: &spec, versions: spec.versions, elsewhere: None, deadline: None };
    (open(want, &State::default(), &tell).await, told)
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port that nobody listens at.
async fn closed() -> u16 {
    listener().await.1
}

#[test]
fn plain_connection_tells_each_step() {
    run(async {
        let (listener, port) = listener().await;
        let (opened, told) = dial(&url("localhost", port), Spec::default()).await;
        let connection = opened.unwrap();
        assert_eq!(connection.remote, Some(listener.local_addr().unwrap()));
        assert!(connection.is_usable() && !connection.tcp_info().is_empty());
        assert_eq!((connection.number, connection.version), (0, Version::Http11));
        let ended = told.all(|one| match one {
            Event::Attempt(attempt) => Some((attempt.to.is_ipv6(), attempt.outcome.clone())),
            _ => None,
        });
        let refused = Outcome::Failed("Connection refused".to_owned());
        assert_eq!(ended, [(true, refused), (false, Outcome::Won)], "IPv6 goes first");
        assert!(told.has(|one| matches!(one, Event::Ready { version: Version::Http11 })));
    });
}

#[test]
fn refused_connection_has_curls_words() {
    run(async {
        let port = closed().await;
        let (opened, _) = dial(&url("127.0.0.1", port), Spec::default()).await;
        let failure = opened.unwrap_err();
        let text = format!("Failed to connect to 127.0.0.1 port {port} after ");
        assert!(failure.text.starts_with(&text), "{failure}");
        assert!(failure.text.ends_with(" ms: Could not connect to server"), "{failure}");
        assert_eq!(failure.kind, Kind::Connect);
    });
}

#[test]
fn silent_tls_server_ends_at_the_time_to_connect() {
    run(async {
        let (_listener, port) = listener().await;
        let url = Url { scheme: "https".to_owned(), ..url("127.0.0.1", port) };
        let mut spec = Spec::default();
        spec.limits.connect = Some(Duration::from_millis(50));
        let failure = dial(&url, spec).await.0.unwrap_err();
        assert_eq!(failure.kind, Kind::TimedOut);
        assert!(failure.text.starts_with("Connection timed out after "), "{failure}");
    });
}

#[test]
fn idle_connection_that_has_something_to_read_is_not_used_again() {
    run(async {
        let (listener, port) = listener().await;
        for says in [&b""[..], b"HTTP/1.1 408 Request Timeout\r\n\r\n"] {
            let connection = dial(&url("127.0.0.1", port), Spec::default()).await.0.unwrap();
            let (mut theirs, _) = listener.accept().await.unwrap();
            assert!(connection.is_usable());
            theirs.write_all(says).await.unwrap();
            theirs.shutdown().await.unwrap();
            drop(theirs);
            assert!(!connection.is_usable(), "{says:?}");
        }
    });
}

#[test]
fn override_and_elsewhere_lead_to_another_place() {
    run(async {
        let (_listener, port) = listener().await;
        let mut spec = Spec::default();
        let addresses = vec!["127.0.0.1".parse().unwrap()];
        spec.connect.overrides = vec![Override { host: "a.example".to_owned(), port, addresses }];
        assert!(dial(&url("a.example", port), spec).await.0.is_ok());
        let mut spec = Spec::default();
        spec.connect.elsewhere = vec![Elsewhere {
            host: None,
            port: Some(80),
            to_host: Some("127.0.0.1".to_owned()),
            to_port: Some(port),
        }];
        assert!(dial(&url("a.example", 80), spec).await.0.is_ok());
    });
}

#[test]
fn unix_socket_is_reached_and_its_lack_is_no_connection() {
    run(async {
        let path = std::env::temp_dir().join(format!("wireline-wire-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let _listener = UnixListener::bind(&path).unwrap();
        let mut spec = Spec::default();
        spec.connect.unix_socket = path.to_str().map(str::to_owned);
        let connection = dial(&url("a.example", 80), spec.clone()).await.0.unwrap();
        assert!(connection.is_usable() && connection.remote.is_none());
        std::fs::remove_file(&path).unwrap();
        let failure = dial(&url("a.example", 80), spec).await.0.unwrap_err();
        assert!(failure.text.starts_with("Failed to connect to a.example port 80 after"));
    });
}

#[test]
fn proxy_protocol_is_the_first_line() {
    run(async {
        let (listener, port) = listener().await;
        let mut spec = Spec::default();
        spec.connect.haproxy = Some(Some("192.0.2.7".parse().unwrap()));
        let connection = dial(&url("127.0.0.1", port), spec).await.0.unwrap();
        let (mut theirs, from) = listener.accept().await.unwrap();
        drop(connection);
        let mut line = String::new();
        theirs.read_to_string(&mut line).await.unwrap();
        let expected = format!("PROXY TCP4 192.0.2.7 127.0.0.1 {} {port}\r\n", from.port());
        assert_eq!(line, expected);
    });
}

fn proxied(scheme: &str, port: u16) -> Spec {
    let mut spec = Spec::default();
    let all = Some(format!("{scheme}://127.0.0.1:{port}"));
    spec.connect.proxy = ProxyChoice { all, ..ProxyChoice::default() };
    spec
}

#[test]
fn plain_request_is_the_proxys_and_names_are_not_looked_up() {
    run(async {
        let (_listener, port) = listener().await;
        let (opened, told) = dial(&url("a.example", 80), proxied("http", port)).await;
        let connection = opened.unwrap();
        assert!(connection.is_absolute && connection.proxy.is_some());
        assert!(!told.has(|one| matches!(one, Event::Resolving { .. })));
    });
}

#[test]
fn refused_proxy_is_the_one_that_is_named() {
    run(async {
        let port = closed().await;
        let failure = dial(&url("a.example", 80), proxied("socks5", port)).await.0.unwrap_err();
        let text = format!("Failed to connect to 127.0.0.1 port {port} after ");
        assert!(failure.text.starts_with(&text), "{failure}");
    });
}

#[test]
fn socks_tunnel_is_told() {
    run(async {
        let (listener, port) = listener().await;
        let proxy = async {
            let (mut theirs, _) = listener.accept().await.unwrap();
            let mut asked = [0; 3];
            theirs.read_exact(&mut asked).await.unwrap();
            theirs.write_all(&[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            theirs
        };
        let url = url("a.example", 80);
        let ((opened, told), _theirs) =
            Box::pin(both(dial(&url, proxied("socks5h", port)), proxy)).await;
        let connection = opened.unwrap();
        assert!(!connection.is_absolute && connection.proxy.is_some());
        assert!(told.has(|one| matches!(one, Event::Tunnel { to, .. } if to == "a.example:80")));
    });
}

#[test]
fn proxy_that_closes_after_its_challenge_is_asked_on_a_new_connection() {
    run(async {
        let (listener, port) = listener().await;
        let proxy = async {
            for says in [
                &b"HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\
                   Connection: close\r\n\r\n"[..],
                b"HTTP/1.1 200 OK\r\n\r\n",
            ] {
                let (mut theirs, _) = listener.accept().await.unwrap();
                theirs.write_all(says).await.unwrap();
                theirs.shutdown().await.unwrap();
            }
        };
        let mut spec = proxied("http", port);
        spec.connect.tunnels = true;
        spec.connect.proxy_login = Some(("me".to_owned(), "pw".to_owned()));
        spec.connect.proxy_schemes = crate::spec::AuthSchemes::Digest;
        let url = url("a.example", 80);
        let ((opened, told), ()) = Box::pin(both(dial(&url, spec), proxy)).await;
        assert_eq!(opened.unwrap().connect_status, 200);
        let asked = told.all(|one| matches!(one, Event::RequestHead { .. }).then_some(1));
        assert_eq!(asked.len(), 2);
    });
}

#[test]
fn http3_alone_is_not_for_everything() {
    run(async {
        let mut spec = Spec { versions: Versions::Http3Only, ..Spec::default() };
        let failure = dial(&url("127.0.0.1", 80), spec.clone()).await.0.unwrap_err();
        assert_eq!(failure.kind, Kind::MalformedUrl);
        let secure = Url { scheme: "https".to_owned(), ..url("127.0.0.1", 443) };
        spec.connect.proxy.all = Some("127.0.0.1:1".to_owned());
        assert_eq!(dial(&secure, spec).await.0.unwrap_err().kind, Kind::MalformedUrl);
    });
}

#[test]
fn stream_is_taken_at_once_where_quic_fails() {
    run(async {
        let (tell, told) = told();
        let no = async { Err::<u8, _>(Failure::new(Kind::QuicConnect, "no")) };
        let won = first_of(no, Duration::from_secs(60), async { Ok(2) }, &tell).await;
        assert_eq!(won, Ok(2));
        assert!(told.has(|one| matches!(one, Event::Note(text) if text == "HTTP/3: no")));
    });
}

#[test]
fn quic_wins_where_the_stream_fails_first() {
    run(async {
        let (tell, _told) = told();
        let late = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<u8, Failure>(3)
        };
        let no = async { Err(Failure::new(Kind::Connect, "no")) };
        assert_eq!(first_of(late, Duration::from_millis(1), no, &tell).await, Ok(3));
    });
}

#[test]
fn both_failing_is_the_streams_failure() {
    run(async {
        let (tell, _told) = told();
        let no =
            |text: &'static str| async move { Err::<u8, _>(Failure::new(Kind::Connect, text)) };
        let late = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(Failure::new(Kind::QuicConnect, "quic"))
        };
        let won = first_of(late, Duration::from_millis(1), no("tcp"), &tell).await;
        assert_eq!(won, Err(Failure::new(Kind::Connect, "tcp")));
    });
}

#[test]
fn keys_differ_where_the_way_does() {
    let spec = Arc::new(Spec::default());
    let key = |url: &Url, spec: &Arc<Spec>| {
        Key::of(Want { url, spec, versions: Versions::Usual, elsewhere: None, deadline: None })
            .unwrap()
    };
    let (one, other) = (url("a.example", 80), url("b.example", 80));
    assert_eq!(key(&one, &spec), key(&one, &Arc::new(Spec::default())));
    assert_ne!(key(&one, &spec), key(&other, &spec));
    let proxy = Arc::new(proxied("http", 3128));
    assert_eq!(key(&one, &proxy), key(&other, &proxy), "one proxy takes requests for all");
    let socks = Arc::new(proxied("socks5", 1080));
    assert_ne!(key(&one, &socks), key(&other, &socks));
    let mut named = Spec::default();
    named.connect.interface = Some("lo".to_owned());
    assert_ne!(key(&one, &spec), key(&one, &Arc::new(named)));
}
