use std::time::Duration;

use wireline_http::Head;
use wireline_http::cache::{Explanation, Request, explain};

use super::*;
use crate::reports::page::tests::PLAIN;

const NOW: i64 = 784_111_777; // Sun, 06 Nov 1994 08:49:37 GMT

fn told(control: &str) -> Explanation {
    let mut head = Head { status: 200, ..Head::default() };
    head.fields.push("Cache-Control", control);
    let request = Request { method: "GET".into(), ..Request::default() };
    explain(&request, &head, NOW, NOW + 19)
}

#[test]
fn summary_says_who_may_use_it_for_how_long() {
    for (control, want) in [
        ("max-age=60", "Any cache may keep it, and use it for 41 s more without asking."),
        ("no-store", "No cache may keep it: each request goes to the origin."),
        (
            "private, max-age=60",
            "Only the user's own cache may keep it, and use it for 41 s more without asking.",
        ),
        ("max-age=60, no-cache", "Any cache may keep it, and must ask the origin before each use."),
        (
            "max-age=1",
            "Any cache may keep it, and must ask the origin before using it, as it is stale.",
        ),
        (
            "max-age=60, s-maxage=20",
            "Any cache may keep it: the user's own, and use it for 41 s more without asking; a shared one, and use it for 1 s more without asking.",
        ),
    ] {
        assert_eq!(summary(&told(control)), want, "{control}");
    }
}

fn answer(status: u16, body: &[u8], took: u64) -> Answer {
    Answer::of(status, body, Duration::from_millis(took))
}

fn checked(outcome: Outcome, conditional: Answer, whole: Option<Answer>) -> Checked {
    let conditions = vec![("If-None-Match".to_owned(), "\"v\x1b1\"".to_owned())];
    let first = answer(200, b"abc", 0).body;
    Checked { conditions, first, conditional, whole, lacks: Vec::new(), outcome }
}

fn page(checked: &Checked) -> String {
    super::super::again::page(checked, PLAIN)
}

#[test]
fn true_304_is_told_and_its_tag_is_harmless() {
    let mut checked =
        checked(Outcome::NotModified, answer(304, b"", 12), Some(answer(200, b"abc", 5)));
    checked.lacks = vec!["ETag", "Vary"];
    assert_eq!(
        page(&checked),
        "  Asked again, with If-None-Match: \"v\\0271\":\n  \
         - The server answers 304 after 12.0 ms: no body in place of 3 octets.\n  \
         - Asked once more without a condition: the body is the same, the 304 is true.\n  \
         - The 304 lacks ETag, Vary, which the response had: caches cannot renew that\n    \
         (RFC 9110 section 15.4.5).\n"
    );
}

#[test]
fn whatever_else_comes_is_told() {
    let told = |outcome, conditional, whole| outcome_text(&checked(outcome, conditional, whole));
    let text =
        told(Outcome::NotModifiedButDifferent, answer(304, b"", 1), Some(answer(200, b"abcd", 1)));
    assert!(
        text.ends_with("the body is another (4 octets now): the 304 keeps an old body in caches."),
        "{text}"
    );
    let text = told(Outcome::SentAgain, answer(200, b"abc", 1), None);
    assert_eq!(
        text,
        "The server answers 200 after 1.00 ms, and the same body again (3 octets): the server does not heed the condition, each check costs the whole body."
    );
    let text = told(Outcome::Changed, answer(200, b"x", 1), None);
    assert!(
        text.ends_with("another body (1 octet now, 3 octets before): it has changed meanwhile."),
        "{text}"
    );
    let text = told(Outcome::ChangedUnderSameTag, answer(200, b"x", 1), None);
    assert!(text.contains("under the same ETag"), "{text}");
    let text = told(Outcome::Unexpected, answer(500, b"x", 1), None);
    assert!(text.contains("answers 500") && text.contains("neither 304 nor"), "{text}");
    let mut failed = answer(0, b"", 1);
    failed.failure = Some("Connection refused".to_owned());
    failed.status = None;
    assert_eq!(told(Outcome::Failed, failed, None), "It failed after 1.00 ms: Connection refused.");
}

fn outcome_text(checked: &Checked) -> String {
    outcome(checked).join(" ")
}

#[test]
fn long_values_are_cut() {
    let mut long = checked(Outcome::Failed, answer(304, b"", 1), None);
    long.conditions = vec![("If-None-Match".to_owned(), "x".repeat(100_000))];
    assert!(page(&long).len() < 1000);
    assert_eq!(sentence("\u{e9}t\u{e9}"), "\u{c9}t\u{e9}.");
}
