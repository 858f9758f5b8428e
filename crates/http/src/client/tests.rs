use wireline_lab::secure::{Certificate, Config as Lab, Fault, Server};
use wireline_tls::{Profile, Trust};

use super::*;

/// Far more than anything here needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a server that never says what it should.
const SOON: Duration = Duration::from_millis(700);

const POST: Method = Method::Post;

fn http(to: SocketAddr, method: Method, versions: Versions) -> Config {
    let path = "/dns-query".to_owned();
    Config {
        to,
        from: None,
        carriage: Carriage::Http { method, versions, authority: None, path },
        profile: Some(Profile::default()),
        preamble: Vec::new(),
        greeting: Vec::new(),
    }
}

fn https(server: &Server) -> Config {
    http(server.doh, POST, Versions::TwoOrOne)
}

fn h3(server: &Server) -> Config {
    http(server.h3, POST, Versions::Three)
}

fn quic(server: &Server) -> Config {
    Config { carriage: Carriage::Quic, ..http(server.doq, POST, Versions::TwoOrOne) }
}

fn strict(server: &Server, config: Config) -> Config {
    let trust = Trust::Files(vec![server.ca()]);
    let name = Some("dns.example".to_owned());
    Config { profile: Some(Profile { trust, name, ..Profile::default() }), ..config }
}

/// A query for a name of one label.
fn query(id: u16, label: &str, kind: u8) -> Vec<u8> {
    let mut query = id.to_be_bytes().to_vec();
    query.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, u8::try_from(label.len()).unwrap()]);
    query.extend(label.as_bytes());
    query.extend([0, 0, kind, 0, 1]);
    query
}

fn ask(config: &Config, within: Duration) -> Result<(Reply, Facts), Error> {
    let mut client = Client::connect(config, PATIENCE)?;
    let reply = client.ask(&query(0x1234, "h7", 1), within)?;
    Ok((reply, client.facts().clone()))
}

fn why(config: &Config) -> String {
    ask(config, PATIENCE).map(drop).unwrap_err().to_string()
}

#[test]
fn every_way_brings_the_answer_with_the_question_s_id() {
    let server = Server::with(Fault::None);
    let old = Server::start(Lab { is_old: true, ..Lab::default() });
    let plain = |config| Config { profile: None, ..config };
    for (config, protocol) in [
        (https(&server), Protocol::Http2),
        (http(server.doh, Method::Get, Versions::TwoOrOne), Protocol::Http2),
        (http(server.doh, POST, Versions::One), Protocol::Http1),
        (https(&old), Protocol::Http1),
        (http(old.doh, Method::Get, Versions::TwoOrOne), Protocol::Http1),
        (plain(http(server.http, POST, Versions::TwoOrOne)), Protocol::Http2),
        (plain(http(server.http, Method::Get, Versions::TwoOrOne)), Protocol::Http2),
        (plain(http(old.http, POST, Versions::One)), Protocol::Http1),
        (h3(&server), Protocol::Http3),
        (http(server.h3, Method::Get, Versions::Three), Protocol::Http3),
        (quic(&server), Protocol::Doq),
    ] {
        let (reply, facts) = ask(&config, PATIENCE).unwrap();
        assert_eq!(facts.protocol, protocol);
        assert!(reply.octets.starts_with(&[0x12, 0x34]), "{protocol:?}: {:?}", reply.octets);
        assert!(reply.octets.ends_with(&[10, 0, 0, 7]), "{protocol:?}: {:?}", reply.octets);
        assert!(reply.first <= reply.total);
        assert_eq!(facts.tls.is_some(), config.profile.is_some());
    }
}

#[test]
fn who_was_verified_is_known_of_every_transport() {
    let server = Server::with(Fault::None);
    for config in [https(&server), h3(&server), quic(&server)] {
        let facts = ask(&strict(&server, config), PATIENCE).unwrap().1;
        let tls = facts.tls.unwrap();
        assert_eq!(tls.verified.to_string(), "dns.example, by authority");
        assert_eq!((tls.version.as_deref(), tls.chain.len()), (Some("TLSv1.3"), 2));
    }
}

#[test]
fn a_certificate_that_is_not_good_is_named_on_every_transport() {
    let expired = Server::showing(Certificate::Expired);
    for config in [https(&expired), h3(&expired), quic(&expired)] {
        let why = why(&strict(&expired, config));
        assert!(why.starts_with("certificate expired ") && why.ends_with(" days ago"), "{why}");
    }
    let wrong = Server::showing(Certificate::Wrong);
    for config in [https(&wrong), h3(&wrong), quic(&wrong)] {
        let why = why(&strict(&wrong, config));
        assert_eq!(why, "certificate is not dns.example's: has other.example");
    }
}

#[test]
fn responses_that_are_no_answers_are_named() {
    for (fault, words) in [
        (
            Fault::Status(302),
            "HTTP status 302 Found, which points to https://elsewhere.example/dns-query (not followed)",
        ),
        (Fault::Status(401), "HTTP status 401 Unauthorized"),
        (Fault::Status(500), "HTTP status 500 Internal Server Error"),
        (Fault::Html, "the answer is no DNS message but text/html; charset=utf-8"),
        (Fault::LongBody(65536), "the answer is longer than 65535 octets"),
    ] {
        let server = Server::with(fault);
        let one = http(server.doh, POST, Versions::One);
        for config in [https(&server), one, h3(&server)] {
            assert_eq!(why(&config), words, "{fault:?} {:?}", config.carriage);
        }
    }
}

#[test]
fn a_body_of_65535_octets_is_taken() {
    let server = Server::with(Fault::LongBody(65535));
    for config in [https(&server), http(server.doh, POST, Versions::One), h3(&server)] {
        assert_eq!(ask(&config, PATIENCE).unwrap().0.octets.len(), 65535);
    }
}

#[test]
fn a_path_that_is_not_there_is_a_status() {
    let server = Server::with(Fault::None);
    let mut config = https(&server);
    config.carriage = Carriage::Http {
        method: POST,
        versions: Versions::TwoOrOne,
        authority: Some("dns.example".to_owned()),
        path: "/nope".to_owned(),
    };
    assert_eq!(why(&config), "HTTP status 404 Not Found");
}

#[test]
fn a_thousand_questions_are_under_way_at_once() {
    let server = Server::with(Fault::None);
    for config in [https(&server), h3(&server), quic(&server)] {
        let mut client = Client::connect(&config, PATIENCE).unwrap();
        for number in 0..1000_u16 {
            let message = query(number, &format!("h{number}"), 1);
            client.start(number.into(), message, PATIENCE);
        }
        let mut seen = 0;
        while let Some((token, reply)) = client.next(PATIENCE) {
            let number = u16::try_from(token).unwrap().to_be_bytes();
            let octets = reply.unwrap().octets;
            assert!(octets.starts_with(&number) && octets.ends_with(&number), "{token}");
            seen += 1;
        }
        assert_eq!((seen, client.under_way()), (1000, 0));
    }
}

#[test]
fn a_long_answer_comes_whole() {
    let server = Server::with(Fault::None);
    for config in
        [https(&server), http(server.doh, POST, Versions::One), h3(&server), quic(&server)]
    {
        let mut client = Client::connect(&config, PATIENCE).unwrap();
        let reply = client.ask(&query(1, "t60000", 16), PATIENCE).unwrap();
        assert!(reply.octets.len() > 60_000, "{}", reply.octets.len());
    }
}

#[test]
fn slow_servers_have_their_time_and_no_more() {
    let hang = Server::with(Fault::Hang);
    let one = http(hang.doh, POST, Versions::One);
    for config in [https(&hang), one, h3(&hang), quic(&hang)] {
        let why = ask(&config, SOON).map(drop).unwrap_err();
        assert!(matches!(why, Error::TimedOut), "{why:?}");
    }
    let dribble = Server::with(Fault::Dribble);
    for config in [https(&dribble), http(dribble.doh, POST, Versions::One)] {
        assert!(ask(&config, PATIENCE).is_ok(), "octet by octet is slow, and no fault");
    }
}

#[test]
fn floods_of_frames_end_with_their_name() {
    for (fault, word) in
        [(Fault::EndlessHead, "HTTP/2"), (Fault::EmptyData, "HTTP/2"), (Fault::Resets, "HTTP/2")]
    {
        let server = Server::with(fault);
        let why = why(&https(&server));
        assert!(why.starts_with(word), "{fault:?}: {why}");
    }
    // Whoever pings without end is answered until the time is over.
    let server = Server::with(Fault::Pings);
    assert!(ask(&https(&server), SOON).is_err());
    let server = Server::with(Fault::EndlessHead);
    let why = why(&http(server.doh, POST, Versions::One));
    assert!(why.starts_with("HTTP/1.1"), "{why}");
}

#[test]
fn answers_cut_short_and_garbage_are_errors() {
    let cut = Server::with(Fault::CloseInAnswer);
    let one = http(cut.doh, POST, Versions::One);
    for config in [https(&cut), one, quic(&cut)] {
        assert!(ask(&config, PATIENCE).is_err(), "{:?}", config.carriage);
    }
    let garbage = Server::with(Fault::Garbage);
    for config in [https(&garbage), http(garbage.doh, POST, Versions::One)] {
        assert!(ask(&config, PATIENCE).is_err(), "{:?}", config.carriage);
    }
}

#[test]
fn streams_of_quic_have_one_answer_whose_id_is_0() {
    let two = why(&quic(&Server::with(Fault::TwoAnswers)));
    assert_eq!(two, "DNS over QUIC: more than one answer in a stream");
    let id = why(&quic(&Server::with(Fault::BadId)));
    assert_eq!(id, "DNS over QUIC: an answer whose ID is not 0");
    assert!(ask(&quic(&Server::with(Fault::Resets)), PATIENCE).is_err());
}

#[test]
fn what_is_neither_tls_nor_quic_is_left_in_time() {
    let server = Server::with(Fault::NotTls);
    assert!(why(&https(&server)).contains("not TLS"));
    for config in [h3(&server), quic(&server)] {
        let why = Client::connect(&config, SOON).map(drop).unwrap_err();
        assert!(matches!(why, Error::TimedOut), "{why:?}");
    }
}

#[test]
fn a_server_of_another_protocol_says_so() {
    let server = Server::with(Fault::None);
    let config = Config { to: server.h3, ..quic(&server) };
    assert!(why(&config).contains("does not speak this protocol"), "{}", why(&config));
}

#[test]
fn nobody_there_is_told_in_the_words_of_the_kernel() {
    let config = https(&Server::with(Fault::None));
    assert_eq!(why(&config), "Connection refused");
}

#[test]
fn a_connection_that_was_closed_is_known_to_be() {
    for config in [https, |server: &Server| http(server.doh, POST, Versions::One), quic] {
        let server = Server::with(Fault::None);
        let mut client = Client::connect(&config(&server), PATIENCE).unwrap();
        for number in 0..3 {
            assert!(client.ask(&query(number, "h7", 1), PATIENCE).is_ok());
            assert!(client.is_usable(), "{:?}", client.facts().protocol);
        }
        if client.facts().protocol == Protocol::Doq {
            continue;
        }
        drop(server);
        // The end is on its way; loopback takes no second.
        let gone = (0..1000).any(|_| {
            let _ = client.next(Duration::from_millis(1));
            !client.is_usable()
        });
        assert!(gone, "{:?}", client.facts().protocol);
    }
}
