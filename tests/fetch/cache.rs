//! `--explain-cache`: what is said of caches, and whether the server keeps its word.

use super::common::Place;

#[test]
fn fresh_response_is_explained_and_its_304_is_put_to_the_test() {
    let place = Place::new();
    let run = place.fetch("--explain-cache http://127.0.0.1:{http}/cache");
    let text = &run.out;
    for part in [
        "Caches: 200 of GET http://127.0.0.1:",
        "(Cache-Control: max-age=60; RFC 9111 section 5.2.2.1)",
        "A request with If-None-Match can be answered by 304",
        "A cache keeps one for each value of accept-encoding",
        "The server answers 304 after ",
        "Asked once more without a condition: the body is the same, the 304 is true.",
    ] {
        assert!(flat(text).contains(part), "{part}: {text}");
    }
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let asked: Vec<bool> = place
        .requests()
        .iter()
        .map(|one| one.to_lowercase().contains("if-none-match: \"v1\""))
        .collect();
    assert_eq!(asked, [false, true, false]);
}

#[test]
fn nothing_is_asked_again_where_there_is_nothing_to_ask_with() {
    let place = Place::new();
    let run = place.fetch("--explain-cache -X DELETE http://127.0.0.1:{http}/echo");
    assert!(flat(&run.out).contains("No cache keeps answers to DELETE"), "{}", run.out);
    let run = place.fetch("--explain-cache http://127.0.0.1:{http}/echo");
    assert!(flat(&run.out).contains("No 304 is possible"), "{}", run.out);
    assert_eq!(place.requests().len(), 2);
}

#[test]
fn body_goes_where_somebody_says_and_the_exit_code_is_the_transfers() {
    let place = Place::new();
    let run =
        place.fetch("--explain-cache --lint -o body http://127.0.0.1:{http}/cache?cc=no-store");
    assert_eq!(place.read("body"), "to be kept, version 1\n");
    assert!(flat(&run.out).contains("No cache may keep it: no-store"), "{}", run.out);
    let run = place.fetch("-sS -f --explain-cache http://127.0.0.1:{http}/status/404");
    assert_eq!(run.code, Some(22), "{}", run.out);
}

#[test]
fn credentials_are_not_shown_to_the_server_of_a_redirect_when_it_is_asked_again() {
    let place = Place::new();
    let to = place.filled("http://localhost:{http}/cache");
    let url = format!("http://127.0.0.1:{{http}}/redirect-to?url={to}");
    let run = place.words(&["-L", "--explain-cache", "-u", "me:secret", "-H", "Cookie: a=b", &url]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let heard = place.requests();
    assert_eq!(heard.len(), 4, "{heard:?}");
    let secret = |one: &String| {
        let one = one.to_lowercase();
        one.contains("authorization:") || one.contains("cookie:")
    };
    assert!(secret(&heard[0]) && !heard[1..].iter().any(secret), "{heard:?}");
}

#[test]
fn lines_of_json_say_the_same() {
    let place = Place::new();
    let run = place.fetch("--json --explain-cache --lint http://127.0.0.1:{http}/cache");
    assert_eq!(run.code, Some(0), "{}", run.err);
    let cache = run.events("cache");
    assert_eq!(cache[0]["shared"]["lifetime_s"], 60, "{}", run.out);
    assert_eq!(cache[0]["private"]["source"], "max_age");
    let again = run.events("revalidation");
    assert_eq!((&again[0]["outcome"], &again[0]["status"]), (&"not_modified".into(), &304.into()));
    assert!(run.events("lint").iter().any(|one| one["grade"] == "warning"), "{}", run.out);
}

/// In one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
