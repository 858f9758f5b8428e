use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use tls::{Profile, Trust, What, rustls};
use tokio::net::TcpStream;
use wireline_lab::secure::{Certificate, Config as Lab, Server};

use super::*;
use crate::failure::Kind;
use crate::head::Head;
use crate::report::Report;
use crate::tell::Teller;

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Keeper(Rc<RefCell<Vec<Event>>>);

impl crate::Observer for Keeper {
    fn event(&mut self, _: Duration, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }

    fn begin(&mut self, _: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        Ok(0)
    }

    fn done(&mut self, _: &Report, _: Result<(), Failure>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Keeper {
    fn steps(&self) -> Vec<tls::Step> {
        let events = self.0.borrow();
        let steps = events.iter().filter_map(|event| match event {
            Event::Tls(step) => Some(step.clone()),
            _ => None,
        });
        steps.collect()
    }

    fn names(&self) -> Vec<String> {
        let name = |step: &tls::Step| {
            let way = if step.sent { ">" } else { "<" };
            match &step.what {
                What::Message(name, _) => Some(format!("{way} {name}")),
                What::Alert(name) => Some(format!("{way} alert {name}")),
                What::ChainChecked(count) => Some(format!("checked {count}")),
                What::Done(kind) => Some(kind.clone()),
                _ => None,
            }
        };
        self.steps().iter().filter_map(name).collect()
    }

    fn diagnosis(&self) -> Option<tls::Diagnosis> {
        self.0.borrow().iter().find_map(|event| match event {
            Event::Certificates { examined, .. } => Some(examined.diagnosis()),
            _ => None,
        })
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn shake(to: u16, client: &tls::Client) -> (Keeper, Result<Secured<TcpStream>, Failure>) {
    let keeper = Keeper::default();
    let tell = Teller::new(tokio::time::Instant::now(), Box::new(keeper.clone()));
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await.unwrap();
    let outcome = secure(stream, client, &[b"h2", b"http/1.1"], &tell, false).await;
    (keeper, outcome)
}

fn here(profile: &Profile) -> tls::Client {
    profile.client(&[], Ipv4Addr::LOCALHOST.into()).unwrap()
}

/// Trusts the server's authority.
fn strict(server: &Server, name: &str) -> Profile {
    let trust = Trust::Files(vec![server.ca()]);
    Profile { trust, name: Some(name.to_owned()), ..Profile::default() }
}

fn refused(server: &Server, profile: &Profile) -> (Keeper, Failure) {
    run(async {
        let (keeper, outcome) = shake(server.doh.port(), &here(profile)).await;
        (keeper, outcome.map(|done| done.facts).unwrap_err())
    })
}

#[test]
fn every_step_is_told_before_the_session_is() {
    let server = Server::start(Lab::default());
    run(async {
        let (keeper, outcome) =
            shake(server.doh.port(), &here(&strict(&server, "dns.example"))).await;
        let done = outcome.unwrap();
        assert_eq!(done.facts.kind, Some("Full"));
        assert!(done.facts.signature.is_some());
        assert!(done.stream.get_ref().0.recorder.is_none(), "the tap is off");
        let names = keeper.names();
        let expected = ["> ClientHello", "< ServerHello", "< EncryptedExtensions", "< Certificate"];
        assert_eq!(names[..4], expected, "{names:?}");
        assert_eq!(names.last().map(String::as_str), Some("Full"));
        let is_secured = |event: &Event| matches!(event, Event::Secured { is_proxy: false, .. });
        assert!(keeper.0.borrow().last().is_some_and(is_secured));
    });
}

#[test]
fn a_second_session_is_resumed_with_the_ticket_of_the_first() {
    let server = Server::start(Lab::default());
    let clients = tls::Clients::default();
    let profile = strict(&server, "dns.example");
    run(async {
        for expected in ["Full", "Resumed"] {
            let client = clients.get(&profile, None).unwrap();
            let (keeper, outcome) = shake(server.doh.port(), &client).await;
            let mut done = outcome.unwrap();
            assert_eq!(done.facts.kind, Some(expected));
            assert_eq!(keeper.diagnosis().is_some(), expected == "Full");
            // Tickets come behind the handshake, with whatever comes first.
            let mut one = [0];
            let first = tokio::io::AsyncReadExt::read(&mut done.stream, &mut one);
            let _ = tokio::time::timeout(Duration::from_millis(300), first).await;
            assert!(done.late.0.take().iter().any(|step| matches!(step.what, What::Message(_, 4))));
        }
    });
}

#[test]
fn a_certificate_that_is_not_believed_is_60_and_told_for_what_it_is() {
    for (certificate, words, code) in [
        (Certificate::Expired, "SSL certificate problem: certificate has expired: ", "expired"),
        (
            Certificate::Early,
            "SSL certificate problem: certificate is not yet valid: ",
            "not_yet_valid",
        ),
        (Certificate::Wrong, "SSL: no alternative certificate subject name matches", "wrong_name"),
        (
            Certificate::SelfSigned,
            "SSL certificate problem: self-signed certificate: ",
            "self_signed",
        ),
    ] {
        let server = Server::showing(certificate);
        let profile = strict(&server, "dns.example");
        let (keeper, failure) = refused(&server, &profile);
        assert_eq!(failure.kind, Kind::Verify);
        assert!(failure.text.starts_with(words), "{}", failure.text);
        assert_eq!(keeper.diagnosis().unwrap().findings[0].code, code);
        let lenient = Profile { is_opportunistic: true, ..profile };
        run(async {
            let (keeper, outcome) = shake(server.doh.port(), &here(&lenient)).await;
            assert!(outcome.unwrap().facts.verified.fault.is_some(), "it goes on, and knows");
            assert_eq!(keeper.diagnosis().unwrap().findings[0].code, code);
        });
    }
}

#[test]
fn a_pinned_key_is_asked_for_even_where_anybody_is_believed() {
    let server = Server::start(Lab::default());
    let wrong = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let profile = Profile { pinned_key: Some(wrong), ..Profile::default() };
    let lenient = Profile { is_opportunistic: true, ..profile.clone() };
    let (_, failure) = refused(&server, &lenient);
    assert_eq!(failure.kind, Kind::Pin);
    let start = "SSL: public key does not match pinned public key (it is ";
    let found = failure.text.strip_prefix(start).unwrap().strip_suffix(')').unwrap();
    let right = Profile { pinned_key: Some(found.to_owned()), ..profile };
    run(async {
        let (_, outcome) = shake(server.doh.port(), &here(&right)).await;
        assert!(outcome.unwrap().facts.verified.pin.is_some());
    });
}

#[test]
fn what_cannot_begin_has_the_kind_that_curl_has() {
    let server = Server::start(Lab::default());
    let (certificate, key) = server.client();
    let kind = |profile: Profile| {
        let why = profile.client(&[], Ipv4Addr::LOCALHOST.into()).unwrap_err();
        setup(&why).kind
    };
    let some = |text: &str| Some(text.to_owned());
    let files = |file: &str| Trust::Files(vec![file.into()]);
    let own = |certificate, key| Some(tls::Identity { certificate, key });
    let profile = Profile::default;
    assert_eq!(kind(Profile { trust: files("/nowhere"), ..profile() }), Kind::Setup);
    assert_eq!(kind(Profile { trust: files("/dev/null"), ..profile() }), Kind::CaFile);
    assert_eq!(kind(Profile { ciphers: some("nonsense"), ..profile() }), Kind::Cipher);
    assert_eq!(kind(Profile { groups: some("nonsense"), ..profile() }), Kind::Cipher);
    assert_eq!(kind(Profile { pinned_key: some("/nowhere"), ..profile() }), Kind::Pin);
    let highest = Some(tls::Version::Tls11);
    assert_eq!(kind(Profile { highest, ..profile() }), Kind::TlsHandshake);
    let identity = own("/nowhere".into(), key);
    assert_eq!(kind(Profile { identity, ..profile() }), Kind::ClientCertificate);
    let identity = own(certificate, server.ca());
    assert_eq!(kind(Profile { identity, ..profile() }), Kind::ClientCertificate);
}

#[test]
fn a_server_that_wants_a_certificate_after_the_handshake_is_98() {
    let alert = rustls::AlertDescription::CertificateRequired;
    let why = io::Error::other(rustls::Error::AlertReceived(alert));
    assert_eq!(broken(&why).unwrap().kind, Kind::CertificateWanted);
    let why = io::Error::other(rustls::Error::DecryptError);
    assert_eq!(broken(&why).unwrap().kind, Kind::Receive);
    assert_eq!(broken(&io::ErrorKind::ConnectionReset.into()), None);
}

/// A server that reads what comes first, says this, and closes.
fn saying(octets: &'static [u8]) -> u16 {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(octets);
    });
    port
}

fn failure(port: u16) -> Failure {
    let (_, outcome) = run(shake(port, &here(&Profile::default())));
    outcome.map(|done| done.facts).unwrap_err()
}

#[test]
fn a_server_that_speaks_something_else_is_quoted() {
    let failure = failure(saying(b"HTTP/1.1 400 \x1b[2J"));
    assert_eq!(failure.kind, Kind::TlsHandshake);
    assert_eq!(failure.text, "TLS connect error: what came is not TLS: HTTP/1.1 400 \\x1b[2J");
}

#[test]
fn a_server_that_closes_at_once_is_told_from_one_that_closes_later() {
    for (says, when) in [(&b""[..], "at the beginning of"), (&[22, 3, 3, 0, 9], "during")] {
        let failure = failure(saying(says));
        let text =
            format!("TLS connect error: the server closed the connection {when} the handshake");
        assert_eq!((failure.kind, failure.text), (Kind::TlsHandshake, text));
    }
}

#[test]
fn alerts_are_told_by_their_names() {
    let failure = failure(saying(&[21, 3, 3, 0, 2, 2, 80]));
    assert_eq!(failure.text, "TLS connect error: the server sent the alert internal_error");
    let failure = self::failure(saying(&[21, 3, 3, 0, 2, 2, 70]));
    assert_eq!(failure.text, "TLS connect error: the server has neither TLS 1.2 nor 1.3");
}

#[test]
fn what_is_received_after_the_handshake_is_read_in_large_pieces() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let sent: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut theirs, ours) = tokio::io::duplex(1 << 20);
        theirs.write_all(&sent).await.unwrap();
        drop(theirs);
        let mut tap =
            Tap { recorder: None, ..Tap::new(ours, tls::Recorder::new(|| Duration::ZERO)) };
        let mut first = [0; 4096];
        tap.read_exact(&mut first).await.unwrap();
        assert_eq!(tap.held, 4096..BUFFER);
        assert!(!tap.is_drained(), "an idle connection with this is not quiet");
        let mut rest = Vec::new();
        tap.read_to_end(&mut rest).await.unwrap();
        assert!(tap.is_drained());
        assert!([&first[..], &rest].concat() == sent);
    });
}
