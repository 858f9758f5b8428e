use wireline_http::fingerprint::Fingerprint;
use wireline_http::{Failure, Kind};

use super::super::told::Way;
use super::*;
use crate::reports::page::tests::PLAIN;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Path, sent, first octet, end; milliseconds.
fn seen(path: &str, (sent, first, end): (u64, u64, u64)) -> Seen {
    let mut body = Fingerprint::default();
    body.put(path.as_bytes());
    Seen {
        url: format!("http://192.0.2.1{path}"),
        connection: Some(0),
        sent: Some(ms(sent)),
        first: Some(ms(first)),
        end: Some(ms(end)),
        status: Some(200),
        body,
        ..Seen::default()
    }
}

fn lost(path: &str, kind: Kind, text: &str) -> Seen {
    let failure = Some(Failure::new(kind, text));
    let url = format!("http://192.0.2.1{path}");
    Seen { url, sent: Some(ms(5)), connection: Some(0), failure, ..Seen::default() }
}

fn told(alone: Vec<Seen>, ahead: Vec<Seen>, http2: Vec<Seen>) -> Told {
    let way = |way, seen| WayTold { way, seen };
    let ways = vec![way(Way::Alone, alone), way(Way::Ahead, ahead), way(Way::Http2, http2)];
    Told { url: "http://192.0.2.1".to_owned(), ways }
}

fn alone() -> Vec<Seen> {
    vec![seen("/slow", (5, 305, 306)), seen("/a", (306, 308, 309)), seen("/b", (309, 311, 312))]
}

fn verdict(told: &Told) -> Vec<String> {
    verdict::sentences(told)
}

#[test]
fn slow_response_is_seen_to_hold_up_those_behind_it() {
    let ahead =
        vec![seen("/slow", (5, 305, 306)), seen("/a", (5, 306, 307)), seen("/b", (5, 307, 308))];
    let http2 = vec![seen("/slow", (5, 305, 306)), seen("/a", (5, 7, 8)), seen("/b", (5, 8, 9))];
    let want = "\
3 requests to http://192.0.2.1
  Times in ms, since the first request of each way; bars are of one scale.

HTTP/1.1, one after the other: all answered after 307.0 ms, 1 connection
      path                                            sent    first      end
   1  /slow              200  .................#       0.0    300.0    301.0
   2  /a                 200                   #     301.0    303.0    304.0
   3  /b                 200                    #    304.0    306.0    307.0

HTTP/1.1, pipelined: all answered after 303.0 ms, 1 connection
      path                                            sent    first      end
   1  /slow              200  .................#       0.0    300.0    301.0
   2  /a                 200  .................#       0.0    301.0    302.0
   3  /b                 200  .................#       0.0    302.0    303.0

HTTP/2, streams: all answered after 301.0 ms, 1 connection
      path                                            sent    first      end
   1  /slow              200  .................#       0.0    300.0    301.0
   2  /a                 200  #                        0.0      2.0      3.0
   3  /b                 200  #                        0.0      3.0      4.0

Verdict
  Head-of-line blocking: pipelined, 2 responses waited up to 300.0 ms behind
  request 1 (/slow), which takes 301.0 ms by itself.
  - HTTP/2, streams: no response waited for another.
  - For all: 307.0 ms one after the other, 303.0 ms pipelined, 301.0 ms over
    HTTP/2.
";
    let got = page(&told(alone(), ahead, http2), PLAIN);
    assert_eq!(got, want, "{got}");
}

#[test]
fn server_that_stops_is_said_not_to_pipeline() {
    let why = "the server closed the connection after 1 of 3 responses";
    let none = |path| lost(path, Kind::Empty, why);
    let ahead = vec![seen("/slow", (5, 305, 306)), none("/a"), none("/b")];
    let refused =
        vec![lost("/slow", Kind::Http2, "no\x1b[2J"), lost("/a", Kind::Aborted, "given up")];
    let told = told(alone(), ahead, refused);
    assert_eq!(
        verdict(&told)[0],
        "The server does not pipeline: the server closed the connection after 1 of 3 responses."
    );
    let text = page(&told, PLAIN);
    assert!(text.contains("   2  /a                   -  x"), "{text}");
    assert!(
        text.contains("HTTP/2, streams\n  Not spoken without TLS, as it seems: no\\027[2J\n"),
        "{text}"
    );
    assert_eq!(text.replace("\n  ", " ").matches(why).count(), 2, "{text}");
}

#[test]
fn answers_out_of_step_are_told_before_all_else() {
    let mut ahead = alone();
    let first = ahead[1].body.clone();
    ahead[1].body = ahead[2].body.clone();
    ahead[2].body = first;
    let swapped = verdict(&told(alone(), ahead, Vec::new()));
    assert!(
        swapped[0].starts_with("Out of step: pipelined, request 2 got the answer to /b."),
        "{swapped:?}"
    );
    let mut ahead = alone();
    ahead[2].oddities =
        vec!["9 octets behind the last response, which nobody asked for".to_owned()];
    let more = verdict(&told(alone(), ahead, Vec::new()));
    assert!(more[0].starts_with("Out of step: pipelined, the server sends more"), "{more:?}");
}

#[test]
fn nothing_slow_and_nothing_there_are_told() {
    let quick = vec![seen("/a", (0, 50, 50)), seen("/a", (50, 100, 100))];
    let ahead = vec![seen("/a", (0, 50, 50)), seen("/a", (0, 50, 51))];
    assert_eq!(
        verdict(&told(quick.clone(), ahead, Vec::new()))[0],
        "Pipelining works and blocks nothing here: 51.0 ms in place of 100.0 ms."
    );
    let turns = vec![seen("/a", (0, 50, 50)), seen("/a", (0, 150, 150))];
    assert_eq!(
        verdict(&told(quick, turns, Vec::new()))[0],
        "Head-of-line blocking: pipelined, 1 response came up to 100.0 ms later than alone, each behind those before it; none is slow by itself (about 50.0 ms each, 100.0 ms one after the other)."
    );
    let nobody = || vec![lost("/", Kind::Connect, "refused"), lost("/", Kind::Connect, "refused")];
    assert_eq!(verdict(&told(nobody(), nobody(), nobody())), ["The server does not answer."]);
}

#[test]
fn many_and_hostile_requests_make_no_long_page() {
    let path = format!("/{}\x1b[2J", "long".repeat(5000));
    let many: Vec<Seen> =
        (0..100).map(|_| seen(&path, (0, u64::MAX / 2000, u64::MAX / 2000))).collect();
    let mut odd = many.clone();
    for (at, one) in odd.iter_mut().enumerate() {
        one.oddities = (0..20).map(|n| format!("\x07{at} {n}")).collect();
    }
    let text = page(&told(many.clone(), odd, many), PLAIN);
    assert!(text.contains("... 76 more"), "{text}");
    assert!(!text.contains(|one: char| one.is_control() && one != '\n'), "{text:?}");
    assert!(text.len() < 20_000, "{}", text.len());
}
