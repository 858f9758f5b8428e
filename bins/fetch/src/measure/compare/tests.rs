use wireline_http::{Head, Report};

use super::*;

const PLAIN: Look = Look { width: 100, unicode: false, colored: false };

fn way(version: Version, family: Family, session: Session) -> Way {
    Way { version, family, session }
}

fn answer(way: Way, ms: u64, server: &str, digest: &str) -> Row {
    let mut head = Head { status: 200, version: way.version, ..Head::default() };
    head.fields.push("Server", server);
    let mut outcome = Outcome {
        octets: 612,
        digest: digest.repeat(32),
        report: Report { head: Some(head), version: Some(way.version), ..Report::default() },
        ..Outcome::default()
    };
    outcome.account.ended = Some(Duration::from_millis(ms));
    Row { way, came: Came::Answer(Box::new(outcome), None) }
}

fn failed(way: Way, kind: Kind) -> Row {
    Row { way, came: Came::Failed(Failure::new(kind, "no \x1b luck")) }
}

const H1: Way = Way { version: Version::Http11, family: Family::V4, session: Session::Cold };
const H2: Way = Way { version: Version::Http2, family: Family::V4, session: Session::Cold };

#[test]
fn answers_that_agree_are_one_line() {
    let rows = [answer(H1, 20, "nginx", "ab"), answer(H2, 10, "nginx", "ab")];
    assert_eq!(
        table::page("https://a/", &rows, PLAIN),
        "https://a/\n\n\
         \x20                          name  connect   secure     send     wait  receive    total  ms\n\
         HTTP/1.1 IPv4 cold             -        -        -        -        -        -    20.00\n\
         HTTP/2   IPv4 cold             -        -        -        -        -        -    10.00  *\n\n\
         * the fastest; one transfer each, so small differences say little\n\
         the same from all 2: status 200, 612 octets, sha256 abababababab...\n"
    );
    assert_eq!(code(&rows), 0);
}

#[test]
fn what_differs_is_told_with_the_ways_it_came_by() {
    let again = Way { session: Session::Resumed, ..H2 };
    let rows = [
        answer(H1, 20, "nginx", "ab"),
        answer(H2, 10, "Caddy\x1b", "ab"),
        answer(again, 9, "Caddy\x1b", "cd"),
        failed(way(Version::Http2, Family::V6, Session::Cold), Kind::Connect),
        Row {
            way: way(Version::Http3, Family::V4, Session::Cold),
            came: Came::Absent("no answer over QUIC, and no Alt-Svc that offers it".to_owned()),
        },
    ];
    let text = table::page("https://a/", &rows, PLAIN);
    for line in [
        "HTTP/2   IPv6 cold       failed: (7) no \\027 luck\n",
        "HTTP/3   IPv4 cold       - no answer over QUIC, and no Alt-Svc that offers it\n",
        "differs: server\n  nginx  from HTTP/1.1\n".replace("  nginx", "    nginx").as_str(),
        "    Caddy\\027  from HTTP/2\n".replace("  from", " from").as_str(),
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    assert_eq!(code(&rows), 7);
}

#[test]
fn way_that_nobody_promised_is_absent_and_one_that_was_is_a_failure() {
    let h3 = way(Version::Http3, Family::V4, Session::Cold);
    let silent = || Outcome {
        failure: Some(Failure::new(Kind::TimedOut, "timeout")),
        ..Outcome::default()
    };
    assert!(matches!(came(silent(), h3, false), Came::Absent(_)));
    assert!(matches!(came(silent(), h3, true), Came::Failed(_)));
    assert!(matches!(came(silent(), H1, true), Came::Failed(_)));
    let mut unknown = silent();
    unknown.failure = Some(Failure::new(Kind::Name, "no such name"));
    let mut rows = vec![Row { way: H1, came: came(unknown, H1, false) }];
    assert!(matches!(rows[0].came, Came::Absent(_)), "another family may have one");
    judge(&mut rows);
    assert_eq!(code(&rows), 6, "none has");
}

#[test]
fn version_that_the_server_did_not_choose_is_absent() {
    let Came::Answer(outcome, _) = answer(H1, 1, "x", "ab").came else { panic!() };
    assert!(matches!(came(*outcome, H2, false), Came::Absent(_)));
}
