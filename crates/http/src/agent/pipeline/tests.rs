use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::agent::tests::server::Server;
use crate::agent::tests::{OK, Recording, Seen, spec, url};
use crate::agent::{Agent, Shared};
use crate::spec::{Body, Job, Spec};
use crate::{Event, Kind, Url};

fn pipeline(urls: Vec<Url>, spec: Spec) -> Vec<Seen> {
    let agent = Agent::new(Shared::default()).unwrap();
    let spec = Arc::new(spec);
    let seen: Vec<_> = urls.iter().map(|_| Rc::<RefCell<Seen>>::default()).collect();
    let jobs = urls.into_iter().zip(&seen).map(|(url, seen)| {
        let observer = Box::new(Recording(Rc::clone(seen)));
        Job { url, spec: Arc::clone(&spec), observer }
    });
    agent.pipeline(jobs.collect());
    seen.into_iter().map(|seen| Rc::try_unwrap(seen).unwrap().into_inner()).collect()
}

fn three(server: &Server, spec: Spec) -> Vec<Seen> {
    pipeline(["/1", "/2", "/3"].map(|path| url(server, path)).to_vec(), spec)
}

fn kinds(seen: &[Seen]) -> Vec<Option<Kind>> {
    seen.iter().map(Seen::kind).collect()
}

fn oddities(seen: &Seen) -> Vec<String> {
    let oddity = |event: &Event| match event {
        Event::Oddity { text } => Some(text.clone()),
        _ => None,
    };
    seen.events.iter().filter_map(oddity).collect()
}

#[test]
fn all_are_sent_before_the_first_is_answered_and_answers_come_in_order() {
    let other = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let server = Server::start(vec![vec![OK, other, OK]]);
    let seen = three(&server, spec());
    assert_eq!(kinds(&seen), [None; 3]);
    assert_eq!(
        seen.iter().map(|one| one.body.as_slice()).collect::<Vec<_>>(),
        [&b"hello"[..], b"abc", b"hello"]
    );
    let asked: Vec<String> =
        server.requests().iter().map(|one| one.lines().next().unwrap().to_owned()).collect();
    assert_eq!(asked, ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1", "GET /3 HTTP/1.1"]);
    assert!(
        seen.iter().all(|one| one.count(|event| matches!(event, Event::RequestSent { .. })) == 1)
    );
    assert_eq!(seen[1].count(|event| matches!(event, Event::Reused { .. })), 1);
}

#[test]
fn server_that_closes_early_is_told_with_how_many_it_answered() {
    let closing = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    for answers in [vec![closing], vec![OK, ""]] {
        let server = Server::start(vec![answers]);
        let seen = three(&server, spec());
        assert_eq!(kinds(&seen), [None, Some(Kind::Empty), Some(Kind::Empty)]);
        let text = seen[1].text().replace("broke", "closed");
        assert_eq!(text, "the server closed the connection after 1 of 3 responses");
        assert_eq!(seen[2].text(), seen[1].text());
    }
}

#[test]
fn silence_ends_by_the_limit() {
    let server = Server::start(vec![vec![OK, "…"]]);
    let mut spec = spec();
    spec.limits.total = Some(Duration::from_millis(150));
    let seen = pipeline(vec![url(&server, "/1"), url(&server, "/2")], spec);
    assert_eq!(kinds(&seen), [None, Some(Kind::TimedOut)]);
}

#[test]
fn answer_that_is_cut_or_no_http_fails_with_all_behind_it() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";
    let server = Server::start(vec![vec![cut]]);
    assert_eq!(kinds(&three(&server, spec())), [Some(Kind::Partial); 3]);
    let server = Server::start(vec![vec!["SSH-2.0-x\r\n"]]);
    let seen = three(&server, spec());
    assert!(seen.iter().all(|one| one.kind().is_some()));
    assert!(seen[1].text().starts_with("the response before it failed: "), "{}", seen[1].text());
}

#[test]
fn answers_that_nobody_asked_for_are_told() {
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb";
    let server = Server::start(vec![vec![two]]);
    let seen = pipeline(vec![url(&server, "/")], spec());
    assert_eq!(kinds(&seen), [None]);
    assert_eq!(seen[0].body, b"a");
    assert_eq!(oddities(&seen[0]), ["39 octets behind the last response, which nobody asked for"]);
}

#[test]
fn what_cannot_be_repeated_or_goes_elsewhere_is_refused_before_anything_is_sent() {
    let server = Server::start(vec![]);
    let mut posting = spec();
    posting.request.body = Body::Octets("a=b".into(), None);
    assert_eq!(kinds(&three(&server, posting)), [Some(Kind::Setup); 3]);
    let elsewhere = Url { port: Some(1), ..url(&server, "/") };
    let seen = pipeline(vec![url(&server, "/"), elsewhere], spec());
    assert_eq!(kinds(&seen), [Some(Kind::Setup); 2]);
    assert_eq!(seen[0].text(), "requests that are pipelined go to one server");
    assert!(server.requests().is_empty());
}

#[test]
fn nobody_there_is_told_to_all() {
    let nobody = Url {
        scheme: "http".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(1),
        path: "/".to_owned(),
        ..Url::default()
    };
    let seen = pipeline(vec![nobody.clone(), nobody], spec());
    assert_eq!(kinds(&seen), [Some(Kind::Connect); 2]);
}
