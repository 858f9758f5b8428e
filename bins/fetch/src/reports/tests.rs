use std::time::Duration;

use wireline_http::account::Account;
use wireline_http::event::{Outcome, Why};
use wireline_http::{Head, Kind};

use super::page::tests::PLAIN;
use wireline_cli::Color;

use super::{Look, Reports, Told, print};
use crate::output::OutputSpec;
use crate::verdict::tests::Made;

fn text(account: &Account, reports: Reports, look: Look) -> String {
    let spec = OutputSpec { reports, color: Color::Never, ..OutputSpec::default() };
    print(&spec, &Told { account, walks: &[], sample: None, wall: 0 }, look)
}

fn timing() -> Reports {
    Reports { timing: true, ..Reports::default() }
}

fn head(status: u16, reason: &str, fields: &[(&str, &str)]) -> Head {
    let mut head = Head { status, reason: reason.into(), ..Head::default() };
    for (name, value) in fields {
        head.fields.push(*name, *value);
    }
    head
}

#[test]
fn timing_draws_each_phase_at_its_place() {
    let account = Made::new("https://a.test/\x1b[2J")
        .name(10)
        .connected(20, 20, 0)
        .step(0, "ClientHello", true)
        .step(60, "ServerHello", false)
        .secured(60, "Full")
        .answered_by(head(200, "O\x1bK", &[]), 100, 10, 70_000)
        .done();
    let text = text(&account, timing(), PLAIN);
    assert_eq!(text, TIMING, "{text}");
}

const TIMING: &str = r"GET https://a.test/\027[2J
  HTTP/1.1 200 O\027K, 70.0 kB
  name       10.0 ms  ###
  connect    20.0 ms    #######
  TLS        60.0 ms          ##################
  send       0.00 ms                           #
  wait      100.0 ms                           #############################
  receive    10.0 ms                                                        ###

Connection 0: TCP, to 192.0.2.1:443
  connected   round trip 20.0 ms +- 0.00 ms, SYN answered at once, 0 segments
              allowed in flight (cwnd), of 0 octets
  received    70.0 kB in 10.0 ms: 56.0 Mbit/s

TLS with the server: TLSv1.3, full handshake, 60.0 ms
          at dealt with  message
     30.0 ms             -> ClientHello, 100 octets
     90.0 ms             <- ServerHello, 100 octets
  the server took 40.0 ms before ServerHello (60.0 ms after our last octet, of
  which the way takes 20.0 ms)

Verdict
  the server thought 80.0 ms before it answered, of 200.0 ms in all
  - 100.0 ms of waiting, less a round trip of 20.0 ms (TCP_INFO)
  - besides: the server is far away: 3 round trips of 20.0 ms are 60.0 ms
";

#[test]
fn timing_of_what_failed_ends_where_it_failed() {
    let refused = Outcome::Failed("Connection refused".to_owned());
    let account = Made::new("http://a.test/")
        .name(10)
        .attempt("[2001:db8::1]:80", 5, refused)
        .attempt("192.0.2.1:80", 5, Outcome::Failed("No route to host".to_owned()))
        .failed(0, Kind::Connect, "Could not connect");
    let text = text(&account, timing(), PLAIN);
    assert_eq!(text, FAILED, "{text}");
}

const FAILED: &str = r"GET http://a.test/
  no response: it ended after 10.0 ms of connecting
  name       10.0 ms  #############################
  connect    10.0 ms                              !!!!!!!!!!!!!!!!!!!!!!!!!!!!!

Addresses tried (Happy Eyeballs, RFC 8305)
       began       took  address
     10.0 ms    5.00 ms  [2001:db8::1]:80             failed: Connection refused
     15.0 ms    5.00 ms  192.0.2.1:80                 failed: No route to host

Verdict
  it failed after 20.0 ms, while connecting: Could not connect
  - went well before that: the name 10.0 ms
  - [2001:db8::1]:80: Connection refused, after 5.00 ms
  - 192.0.2.1:80: No route to host, after 5.00 ms
  - refused: the host is there, and nothing listens on that port (RST, RFC 9293
    section 3.10.7.1)
";

#[test]
fn a_story_explains_request_and_response() {
    let mut made = Made::new("http://a.test/x?y#z");
    made.name(10).connected(20, 20, 0);
    made.raw(b"GET /x?y HTTP/1.1\r\nHost: a.test\r\nX-Own: 1\r\n\r\n");
    let answer = head(404, "Not Found", &[("Content-Length", "7"), ("X-\x07", "\x1b]0;x")]);
    let account = made.answered_by(answer, 30, 1, 7).done();
    let text = text(&account, Reports { story: true, ..Reports::default() }, PLAIN);
    assert_eq!(text, STORY, "{text}");
}

const STORY: &str = r"1. The URL is taken apart (RFC 3986)
   http://a.test/x?y#z
     scheme    http: HTTP, in the clear: everybody on the way can read it
     host      a.test: whom to ask
     port      80: as always with this scheme
     path      /x: what to ask for
     query     y: for the server to make of it what it will
     fragment  z: stays here, it is never sent

2. The name a.test becomes addresses
   The system was asked (getaddrinfo), which asks whom /etc/nsswitch.conf and
   /etc/resolv.conf name: mostly a resolver that asks DNS (RFC 1034). It took
   10.0 ms.
     A     192.0.2.1

3. A connection is made: TCP (RFC 9293)
     192.0.2.1:443 begun at 10.0 ms, connected, after 20.0 ms
   Three segments open it: SYN (we ask, with our first sequence number), SYN-ACK
   (the server agrees, with its own), ACK (we confirm). From the first to the
   second is one round trip. In all: 20.0 ms.
   The kernel measured a round trip of 20.0 ms (TCP_INFO).

4. The request is sent
   HTTP/1 is text: a line that says what is wanted, then fields, one a line (RFC
   9112 section 2):
     GET /x?y HTTP/1.1
         method, target, version: what to do, with what
     Host: a.test
         which of the sites at that address is meant (RFC 9110 section 7.2)
     X-Own: 1
   An empty line ends the head.

5. The server answers: 404 Not Found
   The first octet came 30.0 ms after the request was out.
   Not Found: there is nothing under that path (RFC 9110 section 15.5.5).
     Content-Length: 7
         how many octets of body there are (RFC 9110 section 8.6)
     X-\007: \027]0;x

6. The body comes: 7 octets
   It took 1.00 ms, which is 56.0 kbit/s.
   Content-Length says how many octets there are; the last of them is the end
   (RFC 9112 section 6.2).

Verdict
  the server is far away: 2 round trips of 20.0 ms are 40.0 ms, of 61.0 ms in
  all
  - 1 for TCP, 1 for the request
";

#[test]
fn every_account_can_be_told_in_every_width_without_a_control_character() {
    let mut redirected = Made::new("http://a.test/\r\n\x1b");
    redirected.connected(1, 1, 2).answered(200, 1, 0);
    redirected.hop("http://\u{202e}b/", Why::Redirect(301));
    let accounts = [
        Account::default(),
        Made::new("https://a/").failed(3, Kind::Name, "\x1b[31mno"),
        Made::new("https://a/").connected(1, 1, 0).failed(3, Kind::TlsHandshake, "\u{9b}"),
        Made::new("https://a/").step(0, "ClientHello", true).failed(3, Kind::TlsHandshake, ""),
        redirected.failed(1, Kind::Receive, "x"),
    ];
    let reports = Reports { timing: true, story: true, doctor: true, ..Reports::default() };
    for (account, width) in accounts.iter().zip([60, 61, 79, 80, 140]) {
        let text = text(account, reports.clone(), Look { width, ..PLAIN });
        let is_harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(is_harmful), "{text:?}");
    }
}

#[test]
fn a_thousand_hops_are_told_in_bounded_space() {
    let mut made = Made::new("http://a.test/");
    for _ in 0..1000 {
        made.answered(1, 1, 1).hop("http://a.test/", Why::Redirect(302));
    }
    let account = made.done();
    assert_eq!(account.ended, Some(Duration::from_secs(2)));
    assert!(text(&account, timing(), PLAIN).len() < 200_000);
}
