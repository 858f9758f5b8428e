//! Transfers against servers that say what they were told to.

pub(super) mod server;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Agent, Parallel, Shared};
use crate::spec::{Body, Fail, FieldEdit, Job, Spec};
use crate::{Event, Failure, Head, Kind, Observer, Report, Url};
use server::Server;

/// What an observer saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) events: Vec<Event>,
    pub(super) body: Vec<u8>,
    restarts: u32,
    outcome: Option<(Report, Result<(), Failure>)>,
}

pub(super) struct Recording(pub(super) Rc<RefCell<Seen>>);

impl Observer for Recording {
    fn event(&mut self, _at: Duration, event: &Event) {
        self.0.borrow_mut().events.push(event.clone());
    }

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().body.extend_from_slice(octets);
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        self.0.borrow_mut().restarts += 1;
        Ok(0)
    }

    fn done(&mut self, report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        self.0.borrow_mut().outcome = Some((report.clone(), result));
        ControlFlow::Continue(())
    }
}

const SERIAL: Parallel = Parallel { most: 1, most_per_host: None, is_immediate: false };

pub(super) fn url(server: &Server, path: &str) -> Url {
    let host = "127.0.0.1".to_owned();
    let (scheme, path) = ("http".to_owned(), path.to_owned());
    Url { scheme, host, port: Some(server.port()), path, ..Url::default() }
}

pub(super) fn spec() -> Spec {
    let mut spec = Spec::default();
    spec.request.agent = Some("test".to_owned());
    spec.limits.total = Some(Duration::from_secs(20));
    spec
}

/// Does these, one after the other.
fn fetch_all(urls: Vec<Url>, spec: Spec, parallel: Parallel) -> Vec<Seen> {
    let agent = Agent::new(Shared::default()).unwrap();
    let spec = Arc::new(spec);
    let seen: Vec<_> = urls.iter().map(|_| Rc::<RefCell<Seen>>::default()).collect();
    let mut jobs = urls.into_iter().zip(&seen).map(|(url, seen)| {
        let observer = Box::new(Recording(Rc::clone(seen)));
        Job { url, spec: Arc::clone(&spec), observer }
    });
    agent.run(&mut jobs, parallel);
    seen.into_iter().map(|seen| Rc::try_unwrap(seen).unwrap().into_inner()).collect()
}

fn fetch(url: Url, spec: Spec) -> Seen {
    fetch_all(vec![url], spec, SERIAL).pop().unwrap()
}

impl Seen {
    fn report(&self) -> &Report {
        &self.outcome.as_ref().unwrap().0
    }

    pub(in crate::agent) fn kind(&self) -> Option<Kind> {
        self.outcome.as_ref().unwrap().1.as_ref().err().map(|failure| failure.kind)
    }

    pub(in crate::agent) fn text(&self) -> String {
        let failure = self.outcome.as_ref().unwrap().1.as_ref().err();
        failure.map(|failure| failure.text.clone()).unwrap_or_default()
    }

    pub(in crate::agent) fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }
}

pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn body_comes_and_all_is_reported() {
    let server = Server::start(vec![vec![OK]]);
    let seen = fetch(url(&server, "/x?y"), spec());
    assert_eq!(seen.text(), "");
    assert_eq!(seen.body, b"hello");
    let report = seen.report();
    assert_eq!(report.head.as_ref().unwrap().status, 200);
    assert_eq!((report.received_body, report.delivered), (5, 5));
    assert_eq!(report.received_head, 38);
    assert_eq!(report.connects, 1);
    let times = report.times;
    assert!(times.connect <= times.ready && times.first <= times.total, "{times:?}");
    let expected = format!(
        "GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n",
        server.port()
    );
    assert_eq!(server.requests(), [expected]);
}

#[test]
fn connection_is_used_again() {
    let server = Server::start(vec![vec![OK, OK]]);
    let seen = fetch_all(vec![url(&server, "/1"), url(&server, "/2")], spec(), SERIAL);
    assert!(seen.iter().all(|seen| seen.body == b"hello"));
    assert_eq!(seen[1].report().connects, 0);
    assert_eq!(seen[1].count(|event| matches!(event, Event::Reused { .. })), 1);
}

#[test]
fn dead_connection_is_replaced() {
    let server = Server::start(vec![vec![OK, ""], vec![OK]]);
    let seen = fetch_all(vec![url(&server, "/1"), url(&server, "/2")], spec(), SERIAL);
    assert_eq!(seen[1].text(), "");
    assert_eq!(seen[1].body, b"hello");
}

#[test]
fn fresh_connection_that_says_nothing_is_an_empty_reply() {
    let server = Server::start(vec![vec![""]]);
    let seen = fetch(url(&server, "/"), spec());
    assert_eq!(seen.kind(), Some(Kind::Empty));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn redirect_is_followed_and_post_becomes_get() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 3\r\n\r\nbye";
    let server = Server::start(vec![vec![redirect, OK]]);
    let mut spec = spec();
    spec.redirects.follow = true;
    spec.request.body = Body::Octets(Bytes::from_static(b"a=b"), Some("text/x"));
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!(seen.text(), "");
    assert_eq!(seen.body, b"hello", "the redirect's body is nobody's business");
    assert_eq!(seen.report().redirects, 1);
    let requests = server.requests();
    assert!(
        requests[0].ends_with("Content-Length: 3\r\nContent-Type: text/x\r\n\r\na=b"),
        "{requests:?}"
    );
    assert!(requests[1].starts_with("GET /there HTTP/1.1\r\n"), "{requests:?}");
    assert!(!requests[1].contains("Content-"), "{requests:?}");
}

#[test]
fn redirects_without_end_end() {
    let redirect = "HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![vec![redirect; 9]]);
    let mut spec = spec();
    spec.redirects.follow = true;
    spec.redirects.most = Some(3);
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!(seen.kind(), Some(Kind::TooManyRedirects));
    assert_eq!(seen.text(), "Maximum (3) redirects followed");
    assert_eq!(seen.report().redirects, 3);
}

#[test]
fn secrets_stay_behind_when_it_goes_to_another_server() {
    let other = Server::start(vec![vec![OK]]);
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://evil:pw@localhost:{}/\r\nContent-Length: 0\r\n\r\n",
        other.port()
    );
    let server = Server::start(vec![vec![Box::leak(redirect.into_boxed_str())]]);
    let mut spec = spec();
    spec.redirects.follow = true;
    spec.request.fields = vec![
        FieldEdit::Set(b"Authorization".to_vec(), b"Bearer secret".to_vec()),
        FieldEdit::Set(b"Cookie".to_vec(), b"secret=1".to_vec()),
        FieldEdit::Set(b"X-Mine".to_vec(), b"1".to_vec()),
    ];
    spec.credentials.cookies = vec!["secret=2".to_owned()];
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!(seen.body, b"hello", "{}", seen.text());
    assert!(server.requests()[0].contains("Authorization: Bearer secret\r\n"));
    let shown = &other.requests()[0];
    assert!(!shown.contains("secret") && !shown.contains("Authorization"), "{shown}");
    assert!(shown.contains("X-Mine: 1"), "{shown}");
}

#[test]
fn status_is_a_failure_where_that_was_asked_for() {
    let no = "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nwhy";
    let server = Server::start(vec![vec![no, no]]);
    let mut without = spec();
    without.request.fail = Fail::WithoutBody;
    let seen = fetch(url(&server, "/"), without);
    assert_eq!((seen.kind(), seen.body.as_slice()), (Some(Kind::Status), &b""[..]));
    assert_eq!(seen.text(), "The requested URL returned error: 404");
    let server = Server::start(vec![vec![no]]);
    let mut with = spec();
    with.request.fail = Fail::WithBody;
    let seen = fetch(url(&server, "/"), with);
    assert_eq!((seen.kind(), seen.body.as_slice()), (Some(Kind::Status), &b"why"[..]));
}

#[test]
fn overloaded_server_is_asked_again() {
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
    let server = Server::start(vec![vec![busy, OK]]);
    let mut spec = spec();
    spec.retry.count = 2;
    spec.retry.delay = Some(Duration::from_millis(10));
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!((seen.text().as_str(), seen.body.as_slice()), ("", &b"hello"[..]));
    assert_eq!((seen.restarts, seen.report().retries), (1, 1));
}

#[test]
fn upload_waits_for_the_servers_yes() {
    let server = Server::start(vec![vec!["HTTP/1.1 100 Continue\r\n\r\n", OK]]);
    let mut spec = spec();
    spec.request.body = Body::Octets(Bytes::from(vec![b'x'; 2 << 20]), None);
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!((seen.text().as_str(), seen.body.as_slice()), ("", &b"hello"[..]));
    assert!(server.requests()[0].contains("Expect: 100-continue\r\n"));
    assert_eq!(seen.report().sent_body, 2 << 20);
}

#[test]
fn upload_goes_without_asking_where_the_server_does_not_expect_that() {
    let no = "HTTP/1.1 417 What\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![vec![no], vec![OK]]);
    let mut spec = spec();
    spec.request.body = Body::Octets(Bytes::from(vec![b'x'; 2 << 20]), None);
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!((seen.text().as_str(), seen.body.as_slice()), ("", &b"hello"[..]));
    assert!(!server.requests()[1].contains("Expect"));
}

#[test]
fn server_that_never_answers_is_given_up() {
    let server = Server::start(vec![vec!["…"]]);
    let mut spec = spec();
    spec.limits.total = Some(Duration::from_millis(300));
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!(seen.kind(), Some(Kind::TimedOut));
    let text = seen.text();
    assert!(
        text.starts_with("Operation timed out after 3") && text.ends_with("with 0 bytes received"),
        "{text}"
    );
}

#[test]
fn too_large_is_not_taken() {
    let server = Server::start(vec![vec![OK]]);
    let mut spec = spec();
    spec.limits.file_size = Some(4);
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!((seen.kind(), seen.body.as_slice()), (Some(Kind::TooLarge), &b""[..]));
}

#[test]
fn cut_body_is_partial() {
    let server = Server::start(vec![vec!["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"]]);
    let seen = fetch(url(&server, "/"), spec());
    assert_eq!((seen.kind(), seen.body.as_slice()), (Some(Kind::Partial), &b"hello"[..]));
    assert_eq!(seen.text(), "end of response with 45 bytes missing");
}

#[test]
fn body_is_received_no_faster_than_allowed() {
    let mut response = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n".to_owned();
    response.push_str(&"x".repeat(20000));
    let server = Server::start(vec![vec![Box::leak(response.into_boxed_str())]]);
    let mut spec = spec();
    spec.limits.receive_rate = Some(50_000);
    let seen = fetch(url(&server, "/"), spec);
    assert_eq!(seen.body.len(), 20000);
    assert!(seen.report().times.total >= Duration::from_millis(350), "{:?}", seen.report().times);
}

#[test]
fn several_are_done_at_a_time_and_all_are_told() {
    let server = Server::start(vec![vec![OK]; 4]);
    let urls = (0..4).map(|number| url(&server, &format!("/{number}"))).collect();
    let together = Parallel { most: 4, ..SERIAL };
    let seen = fetch_all(urls, spec(), together);
    assert!(seen.iter().all(|seen| seen.body == b"hello"), "{seen:?}");
}
