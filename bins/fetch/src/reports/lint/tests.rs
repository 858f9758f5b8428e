use std::borrow::Cow;
use std::time::Duration;

use wireline_http::account::Account;
use wireline_http::event::Why;
use wireline_http::{Event, Fields, Head};

use super::*;
use crate::reports::page::tests::PLAIN;

fn finding(grade: Grade, what: &str, evidence: &str) -> Finding {
    let why = Cow::Borrowed("RFC 9112 §6.3");
    Finding { what: what.to_owned(), evidence: evidence.to_owned(), why, grade }
}

fn page_of(found: &[Finding]) -> String {
    let mut page = Page::new(PLAIN);
    findings(&mut page, found);
    page.finish()
}

#[test]
fn findings_are_counted_and_the_worst_stand_first() {
    let found = [
        finding(Grade::Danger, "two ends", "5\x1b[2J"),
        finding(Grade::Warning, "no Date", ""),
        finding(Grade::Warning, "no type", ""),
    ];
    assert_eq!(
        page_of(&found),
        "  1 danger, 2 warnings.\n  \
         danger   two ends: 5\\027[2J (RFC 9112 section 6.3)\n  \
         warning  no Date (RFC 9112 section 6.3)\n  \
         warning  no type (RFC 9112 section 6.3)\n"
    );
    assert_eq!(page_of(&[]), "  Nothing to find fault with.\n");
    assert!(page_of(&[finding(Grade::Hint, &"x".repeat(9999), &"y".repeat(9999))]).len() < 500);
}

/// What is printed of a response with these fields.
fn printed(fields: Fields, oddities: usize, wall: i64) -> String {
    let mut account = Account::default();
    let hop =
        |url: &str| Event::Hop { url: url.to_owned(), method: "GET".to_owned(), why: Why::First };
    account.event(Duration::ZERO, &hop("http://a.example/\x1b[2J"));
    for at in 0..oddities {
        account.event(Duration::ZERO, &Event::Oddity { text: format!("odd \x1b{at}") });
    }
    let head = Head { status: 200, fields, ..Head::default() };
    account.event(Duration::ZERO, &Event::ResponseHead { head, is_tunnel: false });
    let told = Told { account: &account, walks: &[], sample: None, wall };
    let mut page = Page::new(PLAIN);
    write(&mut page, &told);
    super::super::cache::write(&mut page, &told);
    page.finish()
}

#[test]
fn no_head_is_too_hostile_to_be_told() {
    let all: Vec<_> =
        (0..3000).map(|n| format!("max-age={n}, \x1b]0;x\x07, no-cache=\"a\"")).collect();
    let all = all.join(", ");
    let mut fields = Fields::default();
    for (name, value) in [
        ("Cache-Control", all.as_str()),
        ("Vary", &"\u{9b}31m,User-Agent,".repeat(4000)),
        ("ETag", &"\x1b[2J".repeat(9000)),
        ("Date", "Mon, 99 Zzz 99999999999999999999 99:99:99 GMT"),
        ("Expires", "-99999999999999999999"),
        ("Age", "99999999999999999999999"),
        ("Last-Modified", "Thu, 01 Jan 0000 00:00:00 GMT"),
        ("Content-Encoding", "gzip, \r"),
        ("Access-Control-Allow-Origin", "\x1b\u{202e}"),
    ] {
        fields.push(name, value);
    }
    for at in 0..5000 {
        fields.push("Set-Cookie", format!("a{at}=\x1b[31m; Secure"));
        fields.push(format!("\x1b{at}"), "\x07");
    }
    for wall in [i64::MIN, 0, i64::MAX] {
        let text = printed(fields.clone(), 5000, wall);
        let is_raw = |one: char| one.is_control() && one != '\n';
        assert!(!text.contains(is_raw), "{text:?}");
        assert!(text.len() < 40_000, "{}", text.len());
    }
}
