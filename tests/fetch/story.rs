//! `--timing`, `--story`, `--doctor`: what is told of transfers as they really go.

use wireline_lab::{Lab, NameServer, Run};

use super::common::{Place, ours};

/// The report takes the body's place, and every word of `words` is in it, in this order.
#[track_caller]
fn told(place: &Place, args: &str, code: i32, words: &[&str]) -> String {
    let run = place.fetch(args);
    assert_eq!(run.code, Some(code), "{run:#?}");
    let mut rest = run.out.as_str();
    for word in words {
        let (_, behind) =
            rest.split_once(word).unwrap_or_else(|| panic!("no {word:?}: {}", run.out));
        rest = behind;
    }
    run.out
}

#[test]
fn timing_has_every_phase_in_place_of_the_body() {
    let place = Place::new();
    let phases =
        ["GET http://", "HTTP/1.1 200 OK, 7 octets", "name", "connect", "send", "wait", "receive"];
    let out = told(&place, "--timing http://127.0.0.1:{http}/file.txt", 0, &phases);
    assert!(!out.contains("a file") && out.contains("Connection 0: TCP, from 127.0.0.1:"), "{out}");
    assert!(out.contains("\nVerdict\n"), "{out}");
}

#[test]
fn body_goes_where_it_is_told_and_the_report_stands_behind_it() {
    let place = Place::new();
    let run = place.fetch("-s --timing -o - http://127.0.0.1:{http}/file.txt");
    assert!(run.out.starts_with("a file\nGET http://"), "{run:#?}");
    let run = place.fetch("-s --story -o here http://127.0.0.1:{http}/file.txt");
    assert!(run.out.starts_with("1. The URL is taken apart"), "{run:#?}");
    assert_eq!((place.read("here").as_str(), run.err.as_str()), ("a file\n", ""));
}

#[test]
fn a_server_that_thinks_is_named_and_so_is_one_that_sends_bit_by_bit() {
    let place = Place::new();
    let thought = ["Verdict\n  the server thought ", "ms before it answered"];
    told(&place, "--timing http://127.0.0.1:{http}/delay/400", 0, &thought);
    let dripped = ["Verdict\n  the body came slowly: 13 octets in ", "bit by bit"];
    told(&place, "--timing http://127.0.0.1:{http}/drip/50", 0, &dripped);
}

#[test]
fn messages_of_tls_are_there_and_a_slow_flight_is_named() {
    let place = Place::new();
    let args = "--timing --cacert {dir}/ca.pem https://localhost:{slow-tls}/file.txt";
    let words = [
        "TLS with the server: TLSv1.3, ",
        "-> ClientHello, ",
        "<- ServerHello, ",
        "<- EncryptedExtensions",
        "<- Certificate\n",
        "<- CertificateVerify",
        "<- Finished",
        "chain of ",
        "-> Finished",
        "the server took ",
        "ms before ServerHello",
    ];
    told(&place, args, 0, &words);
}

#[test]
fn every_version_is_told_as_what_it_is() {
    let place = Place::new();
    let url = "--cacert {dir}/ca.pem https://localhost:{https}/file.txt";
    told(&place, &format!("--timing --http2 {url}"), 0, &["HTTP/2 200, 7 octets", "ALPN h2"]);
    let words = ["HTTP/3 200, 7 octets", "QUIC", "Connection 0: QUIC (over UDP)", "inside QUIC"];
    told(&place, &format!("--timing --http3-only {url}"), 0, &words);
    let words = ["QUIC over UDP (RFC 9000)", "GET /file.txt HTTP/3", "200: "];
    let out = place.fetch(&format!("--story --http3-only {url}")).out;
    assert!(out.contains(words[0]) && out.contains(words[1]), "{out}");
}

#[test]
fn each_redirect_has_its_phases_and_its_step() {
    let place = Place::new();
    let url = "-L http://127.0.0.1:{http}/redirect/2";
    let words = [
        "302",
        ", on to http",
        "1. redirect (302): GET ",
        "2. redirect (302): GET ",
        "over connection 0 again",
    ];
    told(&place, &format!("--timing {url}"), 0, &words);
    let words = [
        "The server answers: 302",
        "Location leads on to ",
        "A connection from before is used again",
        "The server answers: 200",
    ];
    told(&place, &format!("--story {url}"), 0, &words);
}

#[test]
fn an_address_that_does_not_answer_is_in_the_table() {
    let place = Place::new();
    let url = "--resolve a.test:{http}:127.0.0.2,127.0.0.1 http://a.test:{http}/file.txt";
    let words = [
        "Addresses tried (Happy Eyeballs, RFC 8305)",
        "127.0.0.2:",
        "failed: Connection refused",
        "127.0.0.1:",
        "connected",
    ];
    told(&place, &format!("--timing {url}"), 0, &words);
}

#[test]
fn what_fails_is_told_as_far_as_it_came_and_the_exit_code_stays() {
    let place = Place::new();
    let port = "http://127.0.0.1:1/";
    told(
        &place,
        &format!("--timing {port}"),
        7,
        &["no response", "connecting", "Verdict\n  it failed after ", "refused: the host is there"],
    );
    told(
        &place,
        &format!("--story {port}"),
        7,
        &["A connection is tried", "failed: Connection refused", "It ends here"],
    );
    let silent = "-m 1 http://127.0.0.1:{silent}/";
    told(
        &place,
        &format!("--timing {silent}"),
        28,
        &["wait ", "!!!!", "the server said nothing for "],
    );
    let close = "--story http://127.0.0.1:{close}/";
    told(&place, close, 52, &["The request is sent", "It ends here"]);
    let name = "--timing http://no.invalid/";
    told(&place, name, 6, &["looking up the name", "!!!!", "Verdict"]);
    told(
        &place,
        "--timing https://127.0.0.1:{tls-alert}/",
        35,
        &["TLS with the server: it failed", "<- alert: handshake_failure"],
    );
}

#[test]
fn the_doctor_names_every_fault_at_its_link() {
    let place = Place::new();
    for (server, code, words) in [
        ("https", 0, &["trusted", "good", "good", "believed: it is localhost's"][..]),
        ("expired", 60, &["bad", "expired ", "days ago", "refused: expired"]),
        ("wrong", 60, &["bad", "it is not localhost's: it is for ", "refused: wrong_name"]),
        ("self-signed", 60, &["bad", "self-signed", "refused: self_signed", "what helps: "]),
        (
            "incomplete",
            60,
            &[
                "not sent",
                "good",
                "refused: incomplete_chain",
                "what helps: the server should send it",
            ],
        ),
        ("unknown", 60, &["bad", "nobody here trusts", "refused: root_not_trusted"]),
        ("no-server-auth", 60, &["not for servers", "refused: wrong_purpose"]),
        ("tls-old", 35, &["No certificates from ", "it failed: "]),
    ] {
        let args = format!("--doctor --cacert {{dir}}/ca.pem https://localhost:{{{server}}}/");
        told(&place, &args, code, words);
    }
    let words = ["expired ", "used all the same, as was asked for (-k)"];
    told(&place, "-k --doctor --cacert {dir}/ca.pem https://localhost:{expired}/", 0, &words);
    told(&place, "--doctor http://127.0.0.1:{http}/", 0, &["the connection is without TLS"]);
}

#[test]
fn nothing_of_a_server_reaches_the_terminal_raw() {
    let place = Place::new();
    for (mode, path) in
        [("--timing", "esc-reason"), ("--story", "esc-header"), ("--doctor", "esc-body")]
    {
        let run = place.fetch(&format!("{mode} http://127.0.0.1:{{http}}/evil/{path}"));
        let is_harmful = |c: char| c.is_control() && c != '\n';
        assert!(!run.out.contains(is_harmful), "{mode}: {:?}", run.out);
    }
}

#[test]
fn combinations_without_sense_are_refused_by_name() {
    let place = Place::new();
    let run = place.fetch("--trace-dns http://127.0.0.1:{http}/");
    assert_eq!((run.out.as_str(), run.code), ("", Some(2)));
    assert!(run.err.contains("--trace-dns is shown by --timing and --story"), "{run:#?}");
    place.fetch("--trace-dns=nonsense --story http://127.0.0.1:{http}/").exit(2);
    place.fetch("--timing=x http://127.0.0.1:{http}/").exit(2);
}

#[test]
fn a_name_is_followed_from_the_root_down() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("for last in 10 11 80; do ip addr add 192.0.2.$last/24 dev eth0; done");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.10\n");
    let root = "@ SOA a.root. host. 1 2 3 4 5\n@ NS a.root.\na.root. A 192.0.2.10\n\
        lab. NS ns1.lab.\nns1.lab. A 192.0.2.11";
    let zone = "@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.11\nwww A 192.0.2.80";
    let _servers = b.name_servers(&[
        NameServer::at("192.0.2.10:53").zone(".", root).zone("lab.", zone).recursive(),
        NameServer::at("192.0.2.11:53").zone("lab.", zone),
    ]);
    let mut command = a.command(ours());
    command.args(["-q", "--story", "--trace-dns=192.0.2.10", "http://www.lab/"]);
    let run = Run::lossy(command.assert().get_output());
    assert_eq!(run.code, Some(7), "{run:#?}");
    let words = [
        "The name www.lab becomes addresses",
        "192.0.2.80",
        "www.lab, from the root down",
        "the root: 1 server asked for www.lab",
        "has the answer",
        "an authoritative server has the answer",
        "failed: Connection refused",
    ];
    let mut rest = run.out.as_str();
    for word in words {
        rest = rest.split_once(word).unwrap_or_else(|| panic!("no {word:?}: {}", run.out)).1;
    }
}
