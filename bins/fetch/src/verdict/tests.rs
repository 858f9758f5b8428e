use std::net::SocketAddr;
use std::time::Duration;

use wireline_http::account::Account;
use wireline_http::event::{Attempt, Event, Medium, NameSource, Outcome, Why};
use wireline_http::tls::{Facts, Step, What};
use wireline_http::{Failure, Head, Kind, Version};

use super::{Verdict, verdict};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A transfer that is made up: what happened when.
pub(crate) struct Made {
    account: Account,
    at: Duration,
}

impl Made {
    pub(crate) fn new(url: &str) -> Self {
        let mut made = Self { account: Account::default(), at: ms(0) };
        made.hop(url, Why::First);
        made
    }

    fn tell(&mut self, after: u64, event: &Event) -> &mut Self {
        self.at += ms(after);
        self.account.event(self.at, event);
        self
    }

    pub(crate) fn hop(&mut self, url: &str, why: Why) -> &mut Self {
        self.tell(0, &Event::Hop { url: url.to_owned(), method: "GET".to_owned(), why })
    }

    pub(crate) fn name(&mut self, took: u64) -> &mut Self {
        let source = NameSource::System { in_hosts: false };
        let addresses = vec!["192.0.2.1".parse().unwrap()];
        let event =
            Event::Resolved { host: "a.test".to_owned(), addresses, source, took: ms(took) };
        self.tell(took, &event)
    }

    pub(crate) fn attempt(&mut self, to: &str, took: u64, outcome: Outcome) -> &mut Self {
        let to: SocketAddr = to.parse().unwrap();
        let began = self.at;
        self.tell(0, &Event::Trying { to });
        let ended = began + ms(took);
        self.tell(took, &Event::Attempt(Attempt { to, began, ended, outcome }))
    }

    /// With what the kernel would say: round trip in ms, repeated segments.
    pub(crate) fn connected(&mut self, took: u64, rtt_ms: u32, repeated: u32) -> &mut Self {
        self.attempt("192.0.2.1:443", took, Outcome::Won);
        let event = Event::Connected {
            connection: 0,
            medium: Medium::Tcp,
            local: None,
            remote: Some("192.0.2.1:443".parse().unwrap()),
            tcp_info: tcp_info(rtt_ms, repeated),
        };
        self.tell(0, &event)
    }

    pub(crate) fn step(&mut self, after: u64, name: &'static str, sent: bool) -> &mut Self {
        let what = What::Message(name, if name == "ClientHello" { 1 } else { 2 });
        let at = self.at + ms(after);
        let step = Step { at, took: None, sent, what, octets: 100 };
        self.tell(after, &Event::Tls(step))
    }

    pub(crate) fn secured(&mut self, took: u64, kind: &'static str) -> &mut Self {
        let version = Some("TLSv1.3".to_owned());
        let facts = Box::new(Facts { version, kind: Some(kind), ..Facts::default() });
        self.tell(0, &Event::Secured { facts, took: ms(took), is_proxy: false })
    }

    pub(crate) fn answered(&mut self, thought: u64, receiving: u64, carried: u64) -> &mut Self {
        self.answered_by(Head { status: 200, ..Head::default() }, thought, receiving, carried)
    }

    pub(crate) fn answered_by(
        &mut self,
        head: Head,
        thought: u64,
        receiving: u64,
        carried: u64,
    ) -> &mut Self {
        self.asked().tell(thought, &Event::FirstByte);
        self.tell(0, &Event::ResponseHead { head, is_tunnel: false });
        let end = Event::ResponseEnd { carried, decoded: carried, tcp_info: Vec::new() };
        self.tell(receiving, &end)
    }

    pub(crate) fn asked(&mut self) -> &mut Self {
        self.tell(0, &Event::Ready { version: Version::Http11 });
        self.tell(0, &Event::RequestSent { body: 0 })
    }

    pub(crate) fn done(&mut self) -> Account {
        self.tell(0, &Event::Done { failure: None });
        self.account.clone()
    }

    pub(crate) fn failed(&mut self, after: u64, kind: Kind, text: &str) -> Account {
        self.tell(after, &Event::Done { failure: Some(Failure::new(kind, text)) });
        self.account.clone()
    }
}

/// Offsets of `struct tcp_info` (linux/tcp.h): `tcpi_rtt` 68, `tcpi_total_retrans` 100.
pub(crate) fn tcp_info(rtt_ms: u32, repeated: u32) -> Vec<u8> {
    let mut octets = vec![0; 104];
    octets[68..72].copy_from_slice(&(rtt_ms * 1000).to_ne_bytes());
    octets[100..104].copy_from_slice(&repeated.to_ne_bytes());
    octets
}

#[track_caller]
fn says(account: &Account, sentence: &str, evidence: &[&str]) {
    let Verdict { sentence: said, evidence: why } = verdict(account);
    assert_eq!(said, sentence);
    assert_eq!(why, evidence);
}

#[test]
fn what_is_fast_is_not_blamed_on_anybody() {
    let account = Made::new("http://a.test/").name(1).connected(2, 1, 0).answered(5, 1, 9).done();
    says(
        &account,
        "nothing was slow: 9.00 ms in all",
        &["the longest part is waiting for the server: 5.00 ms"],
    );
}

#[test]
fn a_name_that_takes_long_to_find() {
    let account = Made::new("http://a.test/").name(400).connected(2, 1, 0).answered(5, 1, 9).done();
    says(
        &account,
        "the name a.test took 400.0 ms to find, of 408.0 ms in all",
        &["the system's resolver was asked (getaddrinfo)"],
    );
}

#[test]
fn an_address_that_leads_nowhere() {
    let account = Made::new("http://a.test/")
        .name(1)
        .attempt("[2001:db8::1]:443", 200, Outcome::Abandoned)
        .connected(2, 1, 0)
        .answered(5, 1, 9)
        .done();
    says(
        &account,
        "the first address ([2001:db8::1]:443) led nowhere: 200.0 ms later 192.0.2.1:443 was tried, of 209.0 ms in all",
        &["[2001:db8::1]:443 did not answer within 200.0 ms"],
    );
}

#[test]
fn a_syn_that_was_lost() {
    let account =
        Made::new("http://a.test/").name(1).connected(1021, 20, 1).answered(25, 1, 9).done();
    says(
        &account,
        "a SYN lost: connecting took 1001.0 ms longer, of 1048.0 ms in all",
        &["TCP_INFO: SYN repeated 1 time; the first after 1 s (RFC 6298 \u{a7}2.1)"],
    );
}

#[test]
fn a_server_that_is_far_away() {
    let account = Made::new("https://a.test/")
        .name(1)
        .connected(51, 51, 0)
        .step(0, "ClientHello", true)
        .step(51, "ServerHello", false)
        .secured(51, "Full")
        .answered(51, 1, 9)
        .done();
    says(
        &account,
        "the server is far away: 3 round trips of 51.0 ms are 153.0 ms, of 155.0 ms in all",
        &["1 for TCP, 1 for TLS, 1 for the request"],
    );
}

#[test]
fn another_round_trip_for_hello_retry_request() {
    let account = Made::new("https://a.test/")
        .connected(50, 50, 0)
        .step(0, "ClientHello", true)
        .step(50, "HelloRetryRequest", false)
        .step(0, "ClientHello", true)
        .step(50, "ServerHello", false)
        .secured(100, "FullWithHelloRetryRequest")
        .answered(50, 0, 9)
        .done();
    let said = verdict(&account);
    assert!(
        said.sentence.starts_with("the server is far away: 4 round trips of 50.0 ms are 200.0 ms")
    );
    assert_eq!(said.evidence[0], "1 for TCP, 2 for TLS, 1 for the request");
    assert!(said.evidence[1].starts_with("HelloRetryRequest: the server wanted another group"));
}

#[test]
fn a_server_that_takes_its_time_in_the_handshake() {
    let account = Made::new("https://a.test/")
        .connected(1, 1, 0)
        .step(0, "ClientHello", true)
        .step(301, "ServerHello", false)
        .secured(301, "Full")
        .answered(2, 1, 9)
        .done();
    says(
        &account,
        "the server took 300.0 ms before ServerHello (301.0 ms after our last octet, of which the way takes 1.00 ms), of 305.0 ms in all",
        &["TCP's round trip is short: either the server is slow, or something near answers for it"],
    );
}

#[test]
fn a_server_that_thinks_and_says_so_or_not() {
    let timed = |value: &str| {
        let mut head = Head { status: 200, ..Head::default() };
        head.fields.push("Server-Timing", value);
        let mut made = Made::new("http://a.test/");
        verdict(&made.connected(1, 1, 0).answered_by(head, 301, 1, 9).done())
    };
    let agrees = timed("cache;desc=\"x\";dur=1, db;dur=290.5");
    assert_eq!(
        agrees.sentence,
        "the server thought 300.0 ms before it answered, of 303.0 ms in all"
    );
    assert_eq!(
        agrees.evidence,
        [
            "301.0 ms of waiting, less a round trip of 1.00 ms (TCP_INFO)",
            "Server-Timing says 290.5 ms, which agrees"
        ]
    );
    let differs = timed("db;dur=3");
    assert_eq!(differs.evidence[1], "Server-Timing says 3.00 ms, which does not agree");
    assert_eq!(timed("db;dur=NaN, x;dur=-1, y;dur=1e400").evidence.len(), 1);
}

#[test]
fn a_body_that_is_large_or_comes_bit_by_bit() {
    let of = |carried| {
        let mut made = Made::new("http://a.test/");
        verdict(&made.connected(1, 1, 0).answered(2, 1000, carried).done())
    };
    assert_eq!(
        of(125_000_000).sentence,
        "the body is large: 125.0 MB took 1000.0 ms, 1.0 Gbit/s, of 1003.0 ms in all"
    );
    let slow = of(500);
    assert_eq!(slow.sentence, "the body came slowly: 500 octets in 1000.0 ms, of 1003.0 ms in all");
    assert_eq!(
        slow.evidence,
        ["nothing on the way accounts for it: the server sent it bit by bit"]
    );
}

#[test]
fn a_body_that_takes_round_trips_as_tcp_begins_slowly() {
    let account = Made::new("http://a.test/").connected(50, 50, 0).answered(50, 150, 90_000).done();
    says(
        &account,
        "the body came slowly: 90.0 kB in 150.0 ms, of 250.0 ms in all",
        &[
            "that is 3 round trips of 50.0 ms: TCP begins slowly (RFC 5681 \u{a7}3.1)",
            "besides: the server is far away: 2 round trips of 50.0 ms are 100.0 ms",
        ],
    );
}

#[test]
fn redirects_that_take_longer_than_the_answer() {
    let mut made = Made::new("http://a.test/");
    made.connected(1, 1, 0).answered(200, 1, 0);
    made.tell(0, &Event::Redirecting { to: "http://a.test/b".to_owned(), notes: Vec::new() });
    made.hop("http://a.test/b", Why::Redirect(301));
    let account = made.connected(1, 1, 0).answered(5, 1, 9).done();
    let said = verdict(&account);
    assert_eq!(said.sentence, "1 redirect took 202.0 ms, of 209.0 ms in all");
    assert_eq!(said.evidence[0], "202.0 ms: http://a.test/ on to http://a.test/b");
    assert_eq!(said.evidence[1], "of that: the server thought 199.0 ms before it answered");
}

#[test]
fn what_failed_says_in_which_phase_and_what_went_well_before() {
    let account = Made::new("http://a.test/").name(3).connected(1, 1, 0).asked().failed(
        2000,
        Kind::TimedOut,
        "too late",
    );
    says(
        &account,
        "it failed after 2004.0 ms, while waiting for the response: too late",
        &[
            "went well before that: the name 3.00 ms, connecting 1.00 ms, sending 0.00 ms",
            "the connection stands, and the server said nothing for 2000.0 ms",
        ],
    );
}

#[test]
fn a_port_where_nobody_listens() {
    let refused = Outcome::Failed("Connection refused".to_owned());
    let mut made = Made::new("http://a.test/");
    let account = made.name(3).attempt("192.0.2.1:80", 1, refused).failed(0, Kind::Connect, "no");
    says(
        &account,
        "it failed after 4.00 ms, while connecting: no",
        &[
            "went well before that: the name 3.00 ms",
            "192.0.2.1:80: Connection refused, after 1.00 ms",
            "refused: the host is there, and nothing listens on that port (RST, RFC 9293 \u{a7}3.10.7.1)",
        ],
    );
}

#[test]
fn a_transfer_of_which_nothing_is_known_has_a_verdict_too() {
    says(&Account::default(), "nothing was slow: 0.00 ms in all", &[]);
    let failure = Some(Failure::new(Kind::MalformedUrl, "no URL"));
    let account = Account { failure, ..Account::default() };
    says(&account, "it failed after 0.00 ms: no URL", &[]);
}
