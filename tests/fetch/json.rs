//! `--json` without data: what happens, as it happens, an object a line.

use serde_json::Value;

use super::common::{Place, Run};

pub(crate) fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn redirect_is_told_hop_by_hop_in_place_of_bodies() {
    let place = Place::new();
    let run = place.fetch("-L --json http://u:p@127.0.0.1:{http}/redirect/1");
    run.exit(0);
    let lines = lines(&run);
    assert_eq!((lines[0]["event"].as_str(), &lines[0]["v"]), (Some("start"), &Value::from(1)));
    let hops: Vec<_> = of(&lines, "hop").iter().map(|hop| hop["why"].clone()).collect();
    assert_eq!(hops, ["first", "redirect"]);
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["event"], &last["status"], &last["redirects"]),
        (&"summary".into(), &200.into(), &1.into())
    );
    assert!(!run.out.contains("u:p") && !run.out.contains("dTpw"), "a login: {run:?}");
    assert_eq!(run.err, "", "no meter: a report is for machines");
    assert!(
        place.fetch("-L --json --secrets http://u:p@127.0.0.1:{http}/echo").out.contains("dTpw")
    );
}

#[test]
fn failure_is_a_summary_and_the_exit_code_and_a_line() {
    let place = Place::new();
    let run = place.fetch("--json http://127.0.0.1:{http}/evil/cl-short");
    run.complains(18, &["(18)"]);
    let last = lines(&run).pop().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"summary".into(), &18.into()));
}

#[test]
fn data_behind_it_is_sent_and_nothing_is_told() {
    let place = Place::new();
    let run = place.words(&["-s", "--json", "{\"a\":1}", "http://127.0.0.1:{http}/upload"]);
    run.exit(0);
    let said: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(said["length"], 7);
}

#[test]
fn body_goes_where_it_is_told_to() {
    let place = Place::new();
    let run = place.fetch("-s --json -o x http://127.0.0.1:{http}/file.txt");
    run.exit(0);
    assert_eq!(place.read("x"), "a file\n");
    assert_eq!(lines(&run).last().unwrap()["event"], "summary");
}
