use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use wireline_http::Url;
use wireline_http::spec::Body;

use super::{Jobs, add_name, with_query};
use crate::grammar::read;
use crate::sink::{Run, Shared};
use crate::surroundings::Surroundings;

fn jobs(words: &[&str]) -> Jobs {
    let words: Vec<OsString> = words.iter().map(Into::into).collect();
    let operations = read(&words, Surroundings::default()).1.unwrap().operations;
    let shared = Shared::open(&operations[0].output, Run::default()).unwrap();
    Jobs::new(operations, None, shared)
}

/// URLs as they are asked for, each with the file that is sent.
fn told(words: &[&str]) -> Vec<String> {
    let told = jobs(words).map(|job| match &job.spec.request.body {
        Body::Upload(upload) => format!("{} < {}", job.url.request_target(), upload.path.display()),
        _ => job.url.request_target(),
    });
    told.collect()
}

#[test]
fn globs_stand_for_a_transfer_each() {
    assert_eq!(
        told(&["-s", "http://h/{a,b}[1-2]", "http://h/c"]),
        ["/a1", "/a2", "/b1", "/b2", "/c"]
    );
    assert_eq!(told(&["-s", "http://h/a", "-:", "http://h/b"]), ["/a", "/b"]);
}

#[test]
fn every_url_is_asked_for_with_the_first_file_and_then_with_the_next() {
    let want = ["/1/f < f", "/2/f < f", "/1/g < g", "/2/g < g"];
    assert_eq!(told(&["-s", "-T", "{f,g}", "http://h/[1-2]/"]), want);
}

#[test]
fn transfers_without_anything_of_their_own_share_their_specification() {
    let specs: Vec<_> = jobs(&["-s", "http://h/[1-3]"]).map(|job| job.spec).collect();
    assert!(Arc::ptr_eq(&specs[0], &specs[2]));
}

#[test]
fn bad_glob_ends_the_run_and_a_bad_url_only_itself() {
    assert_eq!(told(&["-s", "http://h/a", "http://h/[1", "http://h/b"]), ["/a"]);
    assert_eq!(told(&["-s", "http://h/a", "http://h:99999/", "http://h/b"]), ["/a", "/b"]);
}

#[test]
fn queries_go_behind_what_is_there_and_before_the_fragment() {
    for (url, want) in [
        ("http://h", "http://h?q"),
        ("http://h/?a", "http://h/?a&q"),
        ("http://h/?a&", "http://h/?a&q"),
        ("http://h/?", "http://h/?q"),
        ("http://h/#f?x", "http://h/?q#f?x"),
    ] {
        assert_eq!(with_query(url, b"q"), want);
        assert_eq!(with_query(url, b""), url);
    }
    assert_eq!(with_query("http://h/", b"\xff"), "http://h/?%FF");
}

#[test]
fn names_of_files_go_behind_a_slash_at_the_end() {
    for (url, want) in [
        ("http://h", "/a%20b"),
        ("http://h/d/", "/d/a%20b"),
        ("http://h/d", "/d"),
        ("http://h/?q", "/?q"),
    ] {
        let mut url = Url::parse(url, None, false).unwrap();
        add_name(&mut url, "dir/a b");
        assert_eq!(url.request_target(), want);
    }
}

#[test]
fn rate_keeps_beginnings_apart() {
    let mut jobs = jobs(&["-s", "http://h/[1-3]"]);
    jobs.between = Some(Duration::from_millis(30));
    let begin = wireline_net::Clock.now().as_nanos();
    assert_eq!(jobs.by_ref().count(), 3);
    let took = wireline_net::Clock.now().as_nanos().saturating_sub(begin);
    assert!(took >= 60_000_000, "two pauses, and none before the first: {took} ns");
}
