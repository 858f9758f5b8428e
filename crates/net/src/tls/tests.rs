use wireline_lab::secure::{Certificate, Fault, Server};
use wireline_tls::{Fault as Wrong, Identity, Pin, Profile, Trust};

use super::*;

/// Far more than anything here needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a server that never says what it should.
const SOON: Duration = Duration::from_millis(700);

fn dial(to: SocketAddr) -> Dial {
    Dial { to, from: None, preamble: Vec::new() }
}

fn connect(server: &Server, profile: &Profile, within: Duration) -> Result<TlsStream, Broken> {
    let client = profile.client(&[b"dot"], server.dot.ip()).unwrap();
    TlsStream::connect(&dial(server.dot), &client, Clock.now() + within)
}

fn strict(server: &Server, name: &str) -> Profile {
    let trust = Trust::Files(vec![server.ca()]);
    Profile { trust, name: Some(name.to_owned()), ..Profile::default() }
}

/// A query for the address of `hN`.
fn query(number: u16) -> Vec<u8> {
    let label = format!("h{number}");
    let mut query = number.to_be_bytes().to_vec();
    query.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, u8::try_from(label.len()).unwrap()]);
    query.extend(label.as_bytes());
    query.extend([0, 0, 1, 0, 1]);
    query
}

fn ask(stream: TlsStream, within: Duration) -> Result<Vec<u8>, Broken> {
    let mut messages = Messages::new(stream);
    assert!(messages.queue(&query(7)));
    messages.receive(Clock.now() + within).map(<[u8]>::to_vec)
}

fn fault(server: &Server, profile: &Profile) -> Wrong {
    match connect(server, profile, PATIENCE).map(drop) {
        Err(Broken::Tls(TlsError::Certificate(fault))) => *fault,
        other => panic!("no fault of a certificate: {other:?}"),
    }
}

#[test]
fn a_question_is_answered_by_somebody_who_was_verified() {
    let server = Server::with(Fault::None);
    let stream = connect(&server, &strict(&server, "dns.example"), PATIENCE).unwrap();
    let facts = stream.facts();
    assert_eq!(facts.verified.to_string(), "dns.example, by authority");
    assert_eq!((facts.alpn.as_deref(), facts.chain.len()), (Some("dot"), 2));
    assert!(stream.timings().handshake > Duration::ZERO);
    let answer = ask(stream, PATIENCE).unwrap();
    assert!(answer.ends_with(&[10, 0, 0, 7]), "{answer:?}");
}

#[test]
fn certificates_that_are_not_good_are_refused_with_their_fault() {
    let words = |certificate, name| {
        let server = Server::showing(certificate);
        fault(&server, &strict(&server, name)).openssl_words().to_owned()
    };
    assert_eq!(words(Certificate::Expired, "dns.example"), "certificate has expired");
    assert_eq!(words(Certificate::Early, "dns.example"), "certificate is not yet valid");
    assert_eq!(words(Certificate::Wrong, "dns.example"), "hostname mismatch");
    assert_eq!(words(Certificate::Wrong, "127.0.0.1"), "IP address mismatch");
    assert_eq!(words(Certificate::SelfSigned, "dns.example"), "self-signed certificate");
}

#[test]
fn nobody_need_be_verified_and_a_long_chain_is_read() {
    for certificate in [Certificate::Expired, Certificate::SelfSigned, Certificate::Long] {
        let server = Server::showing(certificate);
        let stream = connect(&server, &Profile::default(), PATIENCE).unwrap();
        assert!(stream.facts().verified.is_nobody());
        let length: usize = stream.facts().chain.iter().map(|one| one.der.len()).sum();
        assert!(certificate != Certificate::Long || length > 10_000, "{length}");
        assert!(ask(stream, PATIENCE).is_ok(), "{certificate:?}");
    }
}

#[test]
fn a_pin_is_checked_without_any_authority() {
    let server = Server::with(Fault::None);
    let stream = connect(&server, &Profile::default(), PATIENCE).unwrap();
    let pin = stream.facts().chain[0].pin.unwrap();
    let pinned = Profile { pins: vec![pin], ..Profile::default() };
    let stream = connect(&server, &pinned, PATIENCE).unwrap();
    assert_eq!(stream.facts().verified.pin, Some(pin));
    let other: Pin = "foxZRnIh9gZpWnl+zEiKa0EJ2rdCGroMWm02gaxSc9Q=".parse().unwrap();
    let pinned = Profile { pins: vec![other], ..Profile::default() };
    assert_eq!(fault(&server, &pinned), Wrong::NotPinned { found: Some(pin) });
}

#[test]
fn a_server_that_wants_a_certificate_is_shown_one() {
    let server = Server::with(Fault::WantsClient);
    let (certificate, key) = server.client();
    let identity = Some(Identity { certificate, key });
    let stream = connect(&server, &Profile { identity, ..Profile::default() }, PATIENCE).unwrap();
    assert!(ask(stream, PATIENCE).is_ok());
    // With TLS 1.3 the refusal comes after our handshake is over.
    let why = connect(&server, &Profile::default(), PATIENCE)
        .and_then(|stream| ask(stream, PATIENCE))
        .unwrap_err()
        .to_string();
    assert!(why.contains("certificate") || why == "end of file", "{why}");
}

#[test]
fn ten_thousand_questions_share_a_connection_and_none_is_lost() {
    let server = Server::with(Fault::None);
    let mut messages = Messages::new(connect(&server, &Profile::default(), PATIENCE).unwrap());
    let (mut asked, mut answered) = (0_u16, vec![false; 10_000]);
    while answered.contains(&false) {
        while asked < 10_000 && !messages.stream().is_congested() {
            for number in asked..asked + 50 {
                assert!(messages.queue(&query(number)));
            }
            asked += 50;
            messages.turn().unwrap();
        }
        let answer = messages.receive(Clock.now() + PATIENCE).unwrap();
        let number = u16::from_be_bytes([answer[0], answer[1]]);
        assert!(answer.ends_with(&number.to_be_bytes()), "an answer to another question");
        answered[usize::from(number)] = true;
    }
}

#[test]
fn a_message_that_has_no_length_is_not_sent() {
    let server = Server::with(Fault::None);
    let mut messages = Messages::new(connect(&server, &Profile::default(), PATIENCE).unwrap());
    assert!(!messages.queue(&vec![0; 65536]));
    assert!(messages.queue(&query(1)));
    assert!(messages.receive(Clock.now() + PATIENCE).is_ok());
}

#[test]
fn a_proxy_header_goes_before_tls_or_within_it() {
    let header = [&b"\r\n\r\n\0\r\nQUIT\n"[..], &[0x20, 0, 0, 0]].concat();
    let server = Server::with(Fault::None);
    let client = Profile::default().client(&[b"dot"], server.dot.ip()).unwrap();
    let before = Dial { preamble: header.clone(), ..dial(server.dot) };
    let stream = TlsStream::connect(&before, &client, Clock.now() + PATIENCE).unwrap();
    assert!(ask(stream, PATIENCE).is_ok());
    let mut stream = connect(&server, &Profile::default(), PATIENCE).unwrap();
    stream.queue(&header);
    assert!(ask(stream, PATIENCE).is_ok());
    assert_eq!(server.told(), [header.clone(), header]);
}

#[test]
fn servers_that_shake_no_hands_are_left_in_time_and_named() {
    for (strange, words) in [
        (Fault::NotTls, "what came is not TLS"),
        (Fault::OldTls, "neither TLS 1.2 nor 1.3"),
        (Fault::LongRecord, "what came is not TLS"),
        (Fault::AlertFlood, "the server does not keep to TLS: TooManyWarningAlertsReceived"),
        (Fault::EmptyRecords, "what came is not TLS"),
    ] {
        let server = Server::with(strange);
        let why = connect(&server, &Profile::default(), PATIENCE).map(drop).unwrap_err();
        assert!(!matches!(why, Broken::TimedOut), "{strange:?} took all the time there was");
        let why = why.to_string();
        assert!(why.contains(words), "{strange:?}: {why}");
    }
}

/// Anybody on the way could have sent that goodbye: it is not heard (RUSTSEC-2024-0336 was to loop).
#[test]
fn a_goodbye_in_the_handshake_is_waited_out() {
    let server = Server::with(Fault::GoodbyeInHandshake);
    let why = connect(&server, &Profile::default(), SOON).map(drop).unwrap_err();
    assert!(matches!(why, Broken::TimedOut), "{why:?}");
}

#[test]
fn answers_that_are_none_end_in_time() {
    let after = |strange| {
        let server = Server::with(strange);
        let stream = connect(&server, &Profile::default(), PATIENCE).unwrap();
        ask(stream, SOON).unwrap_err()
    };
    assert!(matches!(after(Fault::Hang), Broken::TimedOut));
    // A length of 65535, and then nothing more.
    assert!(matches!(after(Fault::Garbage), Broken::TimedOut));
    assert!(matches!(after(Fault::CloseInAnswer), Broken::Closed));
    let server = Server::with(Fault::Dribble);
    let stream = connect(&server, &Profile::default(), PATIENCE).unwrap();
    assert!(ask(stream, PATIENCE).is_ok(), "octet by octet is slow, and no fault");
}

#[test]
fn nobody_there_is_told_in_the_words_of_the_kernel() {
    let gone = Server::with(Fault::None).dot;
    let client = Profile::default().client(&[b"dot"], gone.ip()).unwrap();
    let why = TlsStream::connect(&dial(gone), &client, Clock.now() + PATIENCE).map(drop);
    assert_eq!(why.unwrap_err().to_string(), "Connection refused");
}
