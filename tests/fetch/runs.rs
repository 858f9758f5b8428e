//! `-n N`: the same again and again.

use super::common::Place;
use super::json::{lines, of};

#[test]
fn cold_runs_have_connections_of_their_own_and_warm_ones_share() {
    let place = Place::new();
    let cold = lines(&place.fetch("-n 3 --json http://127.0.0.1:{http}/"));
    let runs = of(&cold, "run");
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run["is_reused"] == false && run["status"] == 200));
    assert!(runs.iter().all(|run| run["phases"]["connect_ms"].is_f64()));
    let warm = lines(&place.fetch("--runs 3 --warm --json http://127.0.0.1:{http}/"));
    let reused: Vec<_> = of(&warm, "run").iter().map(|run| run["is_reused"].clone()).collect();
    assert_eq!(reused, [false, true, true, true], "the first opens it and counts for nothing");
    let last = warm.last().unwrap();
    assert_eq!((&last["succeeded"], &last["reused"]), (&3.into(), &3.into()));
}

#[test]
fn table_has_a_row_for_each_phase_that_there_was() {
    let run = Place::new().fetch("-n 2 http://127.0.0.1:{http}/");
    run.exit(0);
    let names: Vec<_> =
        run.out.lines().skip(3).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["name", "connect", "send", "wait", "receive", "total", "status"], "{run:?}");
    assert!(run.out.ends_with("status 200 x 2\n"), "{run:?}");
}

#[test]
fn failures_are_counted_and_the_first_is_the_exit_code() {
    let run = Place::new().fetch("-n 3 -f http://127.0.0.1:{http}/status/503");
    run.exit(22);
    assert!(run.out.contains("failed 3 x (22) The requested URL returned error: 503\n"), "{run:?}");
}

#[test]
fn letter_alone_is_for_logins() {
    Place::new().fetch("-s -n http://127.0.0.1:{http}/file.txt").says("a file\n");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let place = Place::new();
    for words in [
        "-n 2 --compare",
        "-n 2 -o x",
        "--warm",
        "--interval 1",
        "-n 2 --timing",
        "--json --timing",
    ] {
        place.fetch(&format!("{words} http://127.0.0.1:{{http}}/")).exit(2);
    }
    assert_eq!(place.requests(), [""; 0], "nothing was asked for");
}
