//! TLS, HTTPS, HTTP and QUIC, on servers of the test's own, on loopback.

use std::net::SocketAddr;
use std::process::Command;

use wireline_lab::secure::{Certificate, Config, Fault, Server};

use crate::common::{Run, ours};

/// Asks for `h7.`, which has the address 10.0.0.7; arguments are cut at spaces.
fn dig(server: SocketAddr, args: &str) -> Run {
    let mut command = Command::new(ours());
    command.args([format!("@{}", server.ip()), format!("-p{}", server.port())]);
    command.args(["-r", "h7.", "+tries=1"]).args(args.split_whitespace());
    Run::of(&command.output().unwrap())
}

fn ca(server: &Server) -> String {
    server.ca().to_str().unwrap().to_owned()
}

/// Every way of a sound server, and what `;; SERVER` calls it.
fn ways(server: &Server) -> [(SocketAddr, &'static str, &'static str); 7] {
    [
        (server.dot, "+tls", "TLS"),
        (server.doh, "+https", "HTTPS"),
        (server.doh, "+https-get", "HTTPS-GET"),
        (server.http, "+http-plain", "HTTP"),
        (server.http, "+http-plain-get", "HTTP-GET"),
        (server.h3, "+http3", "HTTPS"),
        (server.doq, "+quic", "QUIC"),
    ]
}

#[test]
fn every_way_brings_the_answer_and_says_which_it_was() {
    let server = Server::with(Fault::None);
    for (at, option, word) in ways(&server) {
        dig(at, &format!("{option} +short")).says("10.0.0.7\n");
        let run = dig(at, option);
        let line = format!(";; SERVER: 127.0.0.1#{}(127.0.0.1) ({word})", at.port());
        run.has(&line, 0);
        assert_eq!(run.err, "", "{option}");
    }
}

#[test]
fn who_was_verified_is_printed() {
    let server = Server::with(Fault::None);
    for (at, option) in [(server.dot, "+tls"), (server.doh, "+https"), (server.doq, "+quic")] {
        let session = |args: &str| {
            let run = dig(at, &format!("{option} {args}"));
            let line = run.out.lines().find(|line| line.starts_with(";; SESSION: "));
            line.unwrap_or_else(|| panic!("{run:#?}")).to_owned()
        };
        assert!(session("").ends_with("verified: nobody"), "{option}");
        let by_address = session(&format!("+tls-ca={}", ca(&server)));
        assert!(by_address.ends_with("verified: 127.0.0.1"), "{by_address}");
        let by_name = session(&format!("+tls-ca={} +tls-hostname=dns.example", ca(&server)));
        assert!(by_name.ends_with("verified: dns.example"), "{by_name}");
    }
}

#[test]
fn certificates_that_are_not_good_are_told_in_dig_s_words_and_explained_beside() {
    for (certificate, words, beside) in [
        (Certificate::Expired, "certificate has expired", " days ago"),
        (Certificate::Early, "certificate is not yet valid", "(or the clock is wrong)"),
        (Certificate::Wrong, "hostname mismatch", "has other.example"),
        (
            Certificate::SelfSigned,
            "self-signed certificate",
            "is self-signed (CN=a server of the lab)",
        ),
    ] {
        let server = Server::showing(certificate);
        for (at, option) in [
            (server.dot, "+tls"),
            (server.doh, "+https"),
            (server.doq, "+quic"),
            (server.h3, "+http3"),
        ] {
            let more = format!("{option} +tls-ca={} +tls-hostname=dns.example", ca(&server));
            let run = dig(at, &more);
            let line = format!(
                ";; TLS peer certificate verification for 127.0.0.1#{} failed: {words}",
                at.port()
            );
            run.has(&line, 0);
            dig(at, &format!("{more} --exit-code")).has(&line, 9);
            assert!(run.err.starts_with("dig: 127.0.0.1: certificate"), "{run:#?}");
            assert!(run.err.trim_end().ends_with(beside), "{run:#?}");
            dig(at, &format!("{option} +short")).says("10.0.0.7\n");
        }
    }
}

#[test]
fn a_pin_is_found_by_one_run_and_verified_by_the_next() {
    let server = Server::with(Fault::None);
    let run = dig(server.dot, "+tls --json");
    let session = run.json().into_iter().find(|event| event["event"] == "session").unwrap();
    assert_eq!(session["certificates"][0]["names"][0], "dns.example");
    let pin = session["certificates"][0]["pin"].as_str().unwrap();
    let run = dig(server.dot, &format!("+tls-pin={pin}"));
    assert!(run.out.contains(", verified: its pin\n"), "{run:#?}");
    let other = session["certificates"][1]["pin"].as_str().unwrap();
    assert_ne!(pin, other);
    let server = Server::with(Fault::None);
    let run = dig(server.dot, &format!("+tls-pin={pin} --exit-code"));
    assert!(run.err.starts_with("dig: 127.0.0.1: key is not pinned: it is "), "{run:#?}");
    assert_eq!(run.code, Some(9));
}

#[test]
fn a_long_chain_is_read_and_a_client_s_certificate_shown() {
    dig(Server::showing(Certificate::Long).dot, "+tls +short").says("10.0.0.7\n");
    let server = Server::with(Fault::WantsClient);
    let (certificate, key) = server.client();
    let own = format!(
        "+tls-ca={} +tls-certfile={} +tls-keyfile={} +short",
        ca(&server),
        certificate.display(),
        key.display()
    );
    dig(server.dot, &own).says("10.0.0.7\n");
}

#[test]
fn files_that_are_not_there_are_named() {
    let server = Server::with(Fault::None);
    let run = dig(server.dot, "+tls-ca=/nowhere");
    run.has(";; TLS context cannot be created", 9);
    assert_eq!(run.err, "dig: 127.0.0.1: /nowhere: No such file or directory\n");
    let half = dig(server.dot, "+tls-certfile=/nowhere");
    let words = ";; both TLS client certificate and key file must be specified a the same time";
    half.has(words, 9);
}

#[test]
fn responses_that_are_no_answers_are_named() {
    for (fault, words) in [
        (
            Fault::Status(302),
            "HTTP status 302 Found, which points to https://elsewhere.example/dns-query (not followed)",
        ),
        (Fault::Status(401), "HTTP status 401 Unauthorized"),
        (Fault::Html, "the answer is no DNS message but text/html; charset=utf-8"),
        (Fault::LongBody(65536), "the answer is longer than 65535 octets"),
    ] {
        let server = Server::with(fault);
        let one = Server::start(Config { fault, is_old: true, ..Config::default() });
        for at in [server.doh, one.doh] {
            let line = format!(";; communications error to 127.0.0.1#{}: {words}", at.port());
            dig(at, "+https").has(&line, 9);
        }
    }
}

#[test]
fn servers_that_keep_to_no_protocol_are_left_in_time() {
    for fault in [
        Fault::NotTls,
        Fault::AlertFlood,
        Fault::EmptyRecords,
        Fault::LongRecord,
        Fault::OldTls,
        Fault::GoodbyeInHandshake,
        Fault::Hang,
        Fault::Garbage,
        Fault::CloseInAnswer,
    ] {
        let server = Server::with(fault);
        let run = dig(server.dot, "+tls +time=1");
        assert_eq!(run.code, Some(9), "{fault:?}: {run:#?}");
        assert!(run.out.contains(";; no servers could be reached\n"), "{fault:?}: {run:#?}");
    }
    for fault in
        [Fault::EndlessHead, Fault::EmptyData, Fault::Pings, Fault::Resets, Fault::CloseInAnswer]
    {
        let run = dig(Server::with(fault).doh, "+https +time=1");
        assert_eq!(run.code, Some(9), "{fault:?}: {run:#?}");
    }
    for fault in [Fault::NotTls, Fault::Hang, Fault::TwoAnswers, Fault::BadId, Fault::Resets] {
        let run = dig(Server::with(fault).doq, "+quic +time=1");
        assert_eq!(run.code, Some(9), "{fault:?}: {run:#?}");
    }
}

#[test]
fn a_proxy_header_is_within_tls_or_before_it() {
    let server = Server::with(Fault::None);
    for (option, more) in [
        ("+proxy=192.0.2.1#4000-198.51.100.2#853", 12),
        ("+proxy-plain=192.0.2.1#4000-198.51.100.2#853", 12),
        ("+proxy", 0),
    ] {
        dig(server.dot, &format!("+tls +short {option}")).says("10.0.0.7\n");
        let told = server.told();
        let last = told.last().unwrap();
        assert_eq!(usize::from(last[15]), more, "{option}: {last:?}");
    }
    assert_eq!(server.told().len(), 3);
    assert_eq!(server.told()[0], server.told()[1]);
}

#[test]
fn two_queries_share_a_connection_that_is_kept() {
    let server = Server::with(Fault::None);
    for (at, option) in [(server.dot, "+tls"), (server.doh, "+https"), (server.doq, "+quic")] {
        let begun = |keep: &str| {
            let run = dig(at, &format!("{option} {keep} --json h8. {option}"));
            let events = run.json();
            let count = |name: &str| events.iter().filter(|e| e["event"] == name).count();
            (count("session"), count("answer"))
        };
        assert_eq!(begun("+keepopen"), (1, 2), "{option}");
        assert_eq!(begun(""), (2, 2), "{option}");
    }
}
