//! `--pipeline`: requests one after the other, pipelined, as streams.

use std::time::Duration;

use super::common::Place;

/// No run may take longer, whatever the server does.
const PATIENCE: Duration = Duration::from_secs(20);

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn slow_response_holds_up_those_behind_it_over_http11_and_not_over_streams() {
    let place = Place::new();
    let run = place.fetch(
        "--cacert {dir}/ca.pem --pipeline 4 https://localhost:{https}/delay/400 https://localhost:{https}/file.txt",
    );
    let text = flat(&run.out);
    assert!(text.contains("Head-of-line blocking: pipelined, "), "{text}");
    assert!(text.contains(" (/delay/400), which takes "), "{text}");
    for way in ["HTTP/1.1, one after the other: all answered", "HTTP/1.1, pipelined: all answered"]
    {
        assert!(text.contains(way), "{way}: {text}");
    }
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
}

#[test]
fn lines_of_json_have_every_request_of_every_way() {
    let place = Place::new();
    let run = place.fetch(
        "--json --cacert {dir}/ca.pem --pipeline 2 https://localhost:{https}/delay/1000 https://localhost:{https}/file.txt",
    );
    run.quiet_exit(0);
    let second = |way: &str| {
        let all = run.events("exchange");
        let mut found = all.iter().filter(|one| one["way"] == way && one["number"] == 2);
        let found = found.next().unwrap_or_else(|| panic!("{way}: {}", run.out));
        found["end_ms"].as_f64().unwrap() - found["sent_ms"].as_f64().unwrap()
    };
    assert!(second("pipelined") > 900.0, "{}", run.out);
    for way in ["one_by_one", "http2", "http3"] {
        assert!(second(way) < 900.0, "{way}: {}", run.out);
    }
    assert_eq!(run.events("pipeline_summary").len(), 1);
}

#[test]
fn server_that_closes_after_the_first_is_told() {
    let place = Place::new();
    let run = place.fetch("--pipeline 3 http://127.0.0.1:{http}/upload-reject");
    let text = flat(&run.out);
    assert!(
        text.contains(
            "The server does not pipeline: the server closed the connection after 1 of 3 responses."
        ),
        "{text}"
    );
    assert!(text.contains("HTTP/1.1, one after the other: all answered"), "{text}");
    assert_eq!(run.code, Some(0));
}

#[test]
fn nothing_hangs() {
    let place = Place::new();
    for path in ["never-reply", "stall-body", "endless-1xx", "endless-headers", "slow-headers"] {
        let line = format!("-m 1 --pipeline 3 http://127.0.0.1:{{http}}/evil/{path}");
        let run = place.watched(&line, PATIENCE);
        assert!(!run.is_late, "{path}");
    }
}

#[test]
fn what_has_no_place_beside_it_is_refused_by_name() {
    let place = Place::new();
    for (words, name) in [
        ("-L", "--location"),
        ("-d a=b", "a request with a body"),
        ("-o x", "--output"),
        ("--timing", "another report"),
        ("-Z", "--parallel"),
        ("--http2", "a version of HTTP"),
    ] {
        let run = place.fetch(&format!("--pipeline 2 {words} http://127.0.0.1:{{http}}/"));
        let want = format!("fetch: (2) --pipeline: {name} has no place beside it\n");
        assert_eq!((run.code, run.err.as_str()), (Some(2), want.as_str()));
    }
    let run = place.fetch("--pipeline 2 http://127.0.0.1:{http}/ http://localhost:{http}/");
    assert!(run.err.as_str().contains("is another server"), "{}", run.err);
    assert!(place.requests().is_empty());
}
