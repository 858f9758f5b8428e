use wireline_http::{Kind, Report};

use super::*;
use crate::reports::Look;

const PLAIN: Look = Look { width: 80, unicode: false, colored: false };

fn outcome(total_ms: u64, status: u16, failure: Option<Kind>) -> Outcome {
    let head = wireline_http::Head { status, ..wireline_http::Head::default() };
    let mut outcome = Outcome {
        report: Report { head: (status > 0).then_some(head), ..Report::default() },
        failure: failure.map(|kind| Failure::new(kind, "no\x1b[2J luck")),
        ..Outcome::default()
    };
    outcome.account.ended = Some(Duration::from_millis(total_ms));
    outcome
}

#[test]
fn percentiles_are_of_runs_that_succeeded() {
    let mut tally = Tally::default();
    for total in 1..=100 {
        tally.take(&outcome(total, 200, None));
    }
    tally.take(&outcome(9999, 0, Some(Kind::TimedOut)));
    let text = tally.page("http://a/\x1b", false, PLAIN);
    assert_eq!(
        text,
        "http://a/\\027  101 runs, each over a new connection\n\n\
         \x20                  min        p50        p90        p99        max\n\
         total        1.00 ms    50.0 ms    90.0 ms    99.0 ms   100.0 ms\n\n\
         status 200 x 100\n\
         failed 1 x (28) no\\027[2J luck\n"
    );
    assert_eq!(tally.code(), 28);
}

#[test]
fn phase_that_only_some_runs_had_says_so() {
    let mut tally = Tally::default();
    let mut one = tests_outcome();
    one.account.event(Duration::from_millis(25), &wireline_http::Event::Done { failure: None });
    tally.take(&one);
    tally.take(&outcome(7, 204, None));
    let text = tally.page("http://a/", true, PLAIN);
    assert!(text.contains("wait         20.5 ms    20.5 ms    20.5 ms    20.5 ms    20.5 ms  in 1 of 2\n"), "{text}");
    assert!(text.contains("status 200 x 1, 204 x 1\n2 runs found no connection that was kept\n"), "{text}");
}

#[test]
fn failures_of_a_kind_are_one_line_and_the_first_is_the_exit_code() {
    let mut tally = Tally::default();
    for kind in [Kind::Connect, Kind::TimedOut, Kind::Connect] {
        tally.take(&outcome(5, 0, Some(kind)));
    }
    let text = tally.page("http://a/", false, PLAIN);
    let want = "http://a/  3 runs, each over a new connection\n\n\
        failed 2 x (7) no\\027[2J luck\nfailed 1 x (28) no\\027[2J luck\n";
    assert_eq!((text.as_str(), tally.code()), (want, 7));
}
