//! `--lint`: findings, the worst first.

use super::common::Place;

fn lint(place: &Place, path: &str) -> (String, Option<i32>) {
    let run = place.fetch(&format!("-sS --lint http://127.0.0.1:{{http}}{path}"));
    (run.out.clone(), run.code)
}

#[test]
fn dangers_stand_first_and_leave_the_exit_code_alone() {
    let place = Place::new();
    let (text, status) = lint(&place, "/evil/cl-and-te");
    let first = text.lines().nth(2).unwrap_or_default();
    assert!(first.starts_with("  danger   Content-Length beside Transfer-Encoding"), "{text}");
    assert_eq!(status, Some(0));
}

#[test]
fn oddities_of_the_octets_are_findings() {
    let place = Place::new();
    let (text, _) = lint(&place, "/evil/space-colon");
    assert!(text.contains("white space between a field's name and its colon"), "{text}");
    let (text, _) = lint(&place, "/evil/lf-only");
    assert_eq!(text.matches("LF").count(), 1, "{text}");
}

#[test]
fn escapes_of_a_head_reach_no_terminal() {
    let place = Place::new();
    let (text, _) = lint(&place, "/evil/esc-header");
    assert!(text.contains("control octets in a field: \\027"), "{text}");
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn every_response_of_a_transfer_is_looked_at() {
    let place = Place::new();
    let run = place.fetch("-sS -L --lint http://127.0.0.1:{http}/cookies/set?a=1");
    let heads: Vec<&str> = run.out.lines().filter(|line| line.starts_with("Lint: ")).collect();
    assert_eq!(heads.len(), 2, "{}", run.out);
    assert!(run.out.contains("a cookie that scripts can read: no HttpOnly: a"), "{}", run.out);
}
