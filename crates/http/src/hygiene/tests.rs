use bytes::Bytes;

use super::*;
use crate::chance::Chance;
use crate::head::Version;

const NOW: i64 = 784_111_777;
const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT";

fn head(lines: &[&str]) -> Head {
    let mut head = Head { status: 200, raw: Bytes::from(lines.join("\r\n")), ..Head::default() };
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        head.fields.push(name, value.trim());
    }
    head
}

/// What is found, each as a grade and a sentence.
fn found(lines: &[&str], is_secure: bool, body: &[u8]) -> Vec<String> {
    let head = head(lines);
    let response =
        Response { head: &head, trailers: None, is_secure, body, oddities: &[], now: NOW };
    look(&response).iter().map(|one| format!("{:?}: {}", one.grade, one.what)).collect()
}

fn has(lines: &[&str], text: &str) -> bool {
    found(lines, false, b"x").iter().any(|one| one.contains(text))
}

#[test]
fn clean_response_has_no_finding() {
    let lines = [
        DATE,
        "Content-Type: text/html; charset=utf-8",
        "Content-Length: 1",
        "X-Content-Type-Options: nosniff",
        "Strict-Transport-Security: max-age=31536000; includeSubDomains",
        "Set-Cookie: a=1; Secure; HttpOnly; SameSite=Lax",
        "Cache-Control: private, max-age=60",
        "ETag: W/\"v1\"",
    ];
    assert_eq!(found(&lines, true, b"x"), [""; 0]);
}

#[test]
fn two_ends_are_a_danger_and_stand_first() {
    let found = found(&["Content-Length: 3", "Transfer-Encoding: chunked"], false, b"x");
    assert!(found[0].starts_with("Danger: Content-Length beside Transfer-Encoding"), "{found:?}");
    assert!(has(&["Content-Length: 5", "Content-Length: 6"], "Content-Lengths that differ"));
    assert!(has(&["Content-Length: 5, 5"], "Content-Length more than once"));
    assert!(has(&["Content-Length: +5"], "no number"));
    assert!(has(&["Transfer-Encoding: chunked, chunked"], "chunked more than once"));
    assert!(has(&["Transfer-Encoding: chunked, gzip"], "not the last"));
    assert!(has(&["Connection: close, Cache-Control"], "Connection names"));
}

#[test]
fn clocks_and_dates_are_compared() {
    assert!(has(&["X-A: b"], "no Date"));
    assert!(has(&["Date: Sun, 06 Nov 1994 08:59:37 GMT"], "600 s ahead of ours"));
    assert!(has(&["Date: Sun, 06 Nov 1994 08:39:37 GMT"], "600 s behind ours"));
    assert!(!has(&["Date: Sun, 06 Nov 1994 08:39:37 GMT", "Age: 600"], "clock"));
    assert!(has(&["Date: today"], "Date that is none"));
}

#[test]
fn fields_that_stand_once_do() {
    assert!(has(&["Location: /a", "location: /b"], "location 2 times"));
    assert!(has(&["ETag: v1"], "ETag that is none"));
    assert!(has(&["ETag: w/\"v1\""], "ETag that is none"));
    assert!(has(&["Cache-Control: no-store, public"], "no-store beside"));
    assert!(has(&["Cache-Control: max-age=1, max-age=2"], "max-age twice"));
    assert!(has(&["Cache-Control: public", "Set-Cookie: id=1"], "one user gets another's"));
    assert!(has(&["Content-Encoding: gzip, gzip"], "same content coding"));
    assert!(
        !found(&["Content-Encoding: gzip", DATE], false, b"")
            .iter()
            .any(|one| one.contains("says gzip"))
    );
    assert!(
        found(&["Content-Encoding: gzip"], false, b"plain")
            .iter()
            .any(|one| one.contains("says gzip"))
    );
}

#[test]
fn browsers_are_told_what_to_be_careful_with() {
    let lines =
        ["Set-Cookie: id=1", "Content-Type: text/html", "Strict-Transport-Security: max-age=60"];
    let found = found(&lines, true, b"x");
    for text in [
        "no Secure",
        "no HttpOnly",
        "without SameSite",
        "nosniff",
        "half a year",
        "without charset",
    ] {
        assert!(found.iter().any(|one| one.contains(text)), "{text}: {found:?}");
    }
    assert!(has(&["Strict-Transport-Security: max-age=60"], "over plain HTTP"));
    assert!(has(
        &["Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"],
        "with credentials"
    ));
}

#[test]
fn wrong_octets_and_late_fields_are_seen() {
    assert!(has(&["X-A: \u{1b}[2J"], "control octets in a field"));
    let mut late = Fields::default();
    late.push("Content-Length", "5");
    let head = Head {
        raw: Bytes::from_static(b"HTTP/1.1 200 OK\nX-A: b\r\n c\r\n\r\n"),
        version: Version::Http2,
        ..head(&["Connection: close"])
    };
    let response = Response {
        head: &head,
        trailers: Some(&late),
        is_secure: false,
        body: b"",
        oddities: &[],
        now: NOW,
    };
    let all: Vec<String> = look(&response).into_iter().map(|one| one.what).collect();
    for text in ["bare LF", "folded", "behind the body", "connection in HTTP/2"] {
        assert!(all.iter().any(|one| one.contains(text)), "{text}: {all:?}");
    }
}

#[test]
fn any_head_is_taken_and_findings_have_an_end() {
    let mut chance = Chance::new(9);
    for _ in 0..2_000 {
        let mut head = Head { raw: Bytes::from(chance.mix(b"\r\n \ta:", 40)), ..Head::default() };
        for name in
            ["Content-Length", "ETag", "Date", "Set-Cookie", "Cache-Control", "Location", "\u{1b}"]
        {
            head.fields.push(name, chance.mix(b"max-age=1,;W/\" \x1b\xff", 30));
        }
        for _ in 0..200 {
            head.fields.push("Set-Cookie", "a=1");
        }
        let response = Response {
            head: &head,
            trailers: Some(&head.fields),
            is_secure: true,
            body: b"\x1f\x8b",
            oddities: &[],
            now: i64::MIN,
        };
        assert!(look(&response).len() <= MOST);
    }
}

#[test]
fn oddities_are_findings_once_and_the_dangerous_ones_stand_first() {
    let oddities = [
        "lines end in LF without CR (RFC 9112 §2.2)",
        "a status beyond 599 (RFC 9110 §15)",
        "chunks' lines end in LF without CR (RFC 9112 §7.1)",
        "7 octets in excess of the response",
    ]
    .map(str::to_owned);
    let head = head(&[DATE]);
    let response = Response {
        head: &head,
        trailers: None,
        is_secure: false,
        body: b"",
        oddities: &oddities,
        now: NOW,
    };
    let told: Vec<_> = look(&response)
        .iter()
        .map(|one| format!("{:?}: {} ({})", one.grade, one.what, one.why))
        .collect();
    assert_eq!(
        told,
        [
            "Danger: chunks' lines end in LF without CR (RFC 9112 §7.1)",
            "Danger: 7 octets in excess of the response (RFC 9112 §6.3)",
            "Warning: a status beyond 599 (RFC 9110 §15)",
        ]
    );
    let many = vec!["x".repeat(100); 10_000];
    assert_eq!(look(&Response { oddities: &many, ..response }).len(), MOST);
}
