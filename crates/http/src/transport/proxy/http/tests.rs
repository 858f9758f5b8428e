use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::spec::{AuthSchemes, ConnectSpec};
use crate::transport::told::{run, told};

const TO: &str = "a.example:443";

/// Asks a proxy that says `says` and goes; what came of it, and what is left to read of the tunnel.
async fn talk(
    says: &[u8],
    spec: &Spec,
    auth: &mut Authenticator,
) -> (Result<Answer, Failure>, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut theirs, _) = listener.accept().await.unwrap();
    theirs.write_all(says).await.unwrap();
    theirs.shutdown().await.unwrap();
    let mut way = Way::Socket(Socket::Tcp(stream));
    let (tell, _told) = told();
    let asked = ask(&mut way, TO, spec, auth, &tell).await;
    let mut left = Vec::new();
    way.read_to_end(&mut left).await.unwrap();
    (asked, left)
}

fn nobody() -> Authenticator {
    Authenticator::new(AuthSchemes::Basic, None, None)
}

#[test]
fn what_follows_a_yes_is_the_tunnels() {
    run(async {
        let says = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
        let (asked, left) = talk(says, &Spec::default(), &mut nobody()).await;
        assert_eq!(asked, Ok(Answer::Open(200)));
        assert_eq!(left, b"hello", "a length in a yes to CONNECT means nothing (RFC 9110 §9.3.6)");
    });
}

#[test]
fn refusals_are_told_by_their_status() {
    run(async {
        for (says, status) in [
        (&b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nhi"[..], 407),
        (b"HTTP/1.1 503 No\r\n\r\n", 503),
        (b"HTTP/1.1 301 No\r\nLocation: http://evil.example/\r\n\r\n", 301),
        (b"HTTP/1.1 101 No\r\n\r\n", 101),
    ] {
        let (asked, _) = talk(says, &Spec::default(), &mut nobody()).await;
        let text = format!("CONNECT tunnel failed, response {status}");
        assert_eq!(asked, Err(Failure::new(Kind::Connect, text)));
    }
    });
}

#[test]
fn end_before_the_heads_end_is_an_abort() {
    run(async {
        for says in [&b""[..], b"HTTP/1.1 200 OK\r\nFoo: b"] {
            let (asked, _) = talk(says, &Spec::default(), &mut nobody()).await;
            assert_eq!(asked, Err(Failure::new(Kind::Receive, "Proxy CONNECT aborted")));
        }
    });
}

#[test]
fn garbage_is_no_tunnel() {
    run(async {
        for says in [
            &b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..],
            b"garbage\r\n\r\n",
            b"\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
        ] {
            let (asked, _) = talk(says, &Spec::default(), &mut nobody()).await;
            let kind = asked.unwrap_err().kind;
            assert!(matches!(kind, Kind::Connect | Kind::Receive), "{kind:?}");
        }
    });
}

#[test]
fn endless_head_and_endless_interim_responses_end() {
    run(async {
        let endless = [&b"HTTP/1.1 200 OK\r\n"[..], &b"X: y\r\n".repeat(200_000)].concat();
        let (asked, ()) = talk_on(&endless).await;
        assert!(asked.is_err());
        let interim = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10_000);
        let (asked, ()) = talk_on(&interim).await;
        assert_eq!(asked, Err(refused(103)));
    });
}

/// As `talk`, with a proxy that says more than fits.
async fn talk_on(says: &[u8]) -> (Result<Answer, Failure>, ()) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut theirs, _) = listener.accept().await.unwrap();
    let mut way = Way::Socket(Socket::Tcp(stream));
    let (tell, _told) = told();
    let (mut auth, spec) = (nobody(), Spec::default());
    let says = says.to_vec();
    let saying = tokio::spawn(async move { theirs.write_all(&says).await });
    let asked = ask(&mut way, TO, &spec, &mut auth, &tell).await;
    saying.abort();
    (asked, ())
}

#[test]
fn digest_is_shown_on_the_same_connection_once_it_is_asked() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut theirs, _) = listener.accept().await.unwrap();
        let says =
        b"HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\
                 Content-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n";
        theirs.write_all(says).await.unwrap();
        let mut way = Way::Socket(Socket::Tcp(stream));
        let (tell, _told) = told();
        let login = Some(("me".to_owned(), "pw".to_owned()));
        let mut auth = Authenticator::new(AuthSchemes::Digest, login, None);
        let spec = Spec::default();
        let first = ask(&mut way, TO, &spec, &mut auth, &tell).await;
        assert_eq!(first, Ok(Answer::Again { keeps_alive: true }));
        let second = ask(&mut way, TO, &spec, &mut auth, &tell).await;
        assert_eq!(second, Ok(Answer::Open(200)));
        drop(way);
        let mut sent = String::new();
        theirs.read_to_string(&mut sent).await.unwrap();
        assert_eq!(sent.matches("CONNECT a.example:443 HTTP/1.1\r\n").count(), 2);
        assert_eq!(sent.matches("Proxy-Authorization: Digest ").count(), 1);
    });
}

#[test]
fn fields_are_curls_and_a_persons_replace_them() {
    let mut spec = Spec::default();
    spec.request.agent = Some("agent/1".to_owned());
    let lines = |spec: &Spec| -> Vec<String> {
        let fields = fields(TO, Some(b"Basic eDp5".to_vec()), spec);
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        fields.0.iter().map(|one| format!("{}: {}", text(&one.name), text(&one.value))).collect()
    };
    let usual = [
        "Host: a.example:443",
        "Proxy-Authorization: Basic eDp5",
        "User-Agent: agent/1",
        "Proxy-Connection: Keep-Alive",
    ];
    assert_eq!(lines(&spec), usual);
    let set = |name: &str, value: &str| FieldEdit::Set(name.into(), value.into());
    spec.connect = ConnectSpec {
        proxy_fields: vec![
            set("user-agent", "other"),
            FieldEdit::Remove(b"Proxy-Connection".to_vec()),
            FieldEdit::Empty(b"X-Empty".to_vec()),
            set("X-A", "b"),
        ],
        ..ConnectSpec::default()
    };
    let edited = [usual[0], usual[1], "user-agent: other", "X-Empty: ", "X-A: b"];
    assert_eq!(lines(&spec), edited);
}
