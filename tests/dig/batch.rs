//! Many questions of one run: each has its answer or is told and listed, whatever gets lost.

use std::fs;
use std::io::Write as _;

use serde_json::Value;
use tempfile::TempDir;
use wireline_lab::{Host, Lab, Signal};

use crate::common::{Run, dig, ours, script, served};

fn count(events: &[Value], kind: &str) -> usize {
    events.iter().filter(|event| event["event"] == kind).count()
}

fn names(events: &[Value]) -> Vec<String> {
    let answers = events.iter().filter(|event| event["event"] == "answer");
    answers.map(|answer| answer["questions"][0]["name"].as_str().unwrap().to_owned()).collect()
}

/// Asks names of a zone that has them all.
fn many(host: &Host<'_>, count: usize, args: &str) -> Vec<Value> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("names");
    let lines: Vec<_> = (0..count).map(|n| format!("n{n}.wild.example\n")).collect();
    fs::write(&path, lines.concat()).unwrap();
    dig(host, &format!("@192.0.2.2 --json {args} -f {}", path.display())).json()
}

/// Asks a few lines.
fn batch(host: &Host<'_>, lines: &str, args: &str) -> Run {
    let lines = lines.replace('\n', "\\n");
    script(host, &format!("printf '{lines}' | \"$DIG\" @192.0.2.2 {args} -f -"))
}

#[test]
fn answers_come_in_the_order_of_the_file() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = batch(&host, "slow-400.evil\nmx.example\nwww.example\nmx.example\n", "+short");
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)));
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_ne!(lines[0], "192.0.2.4", "the slow one is first");
    assert_eq!((lines[1], lines[4]), ("192.0.2.4", "192.0.2.4"));
}

#[test]
fn json_comes_as_answers_do_or_in_order_on_request() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let lines = "slow-400.evil\nmx.example\nnothere.example\n";
    let events = batch(&host, lines, "--json").json();
    assert_eq!(names(&events).last().unwrap(), "slow-400.evil.", "{events:#?}");
    let events = batch(&host, lines, "--json --in-order").json();
    assert_eq!(names(&events), ["slow-400.evil.", "mx.example.", "nothere.example."]);
}

#[test]
fn summary_counts_answers_by_their_code() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let lines = "mx.example\nnothere.example\nrcode-2.evil\nmx.example\n";
    let run = batch(&host, lines, "--json");
    let events = run.json();
    assert_eq!((count(&events, "start"), count(&events, "answer")), (1, 4), "{events:#?}");
    let summary = events.last().unwrap();
    assert_eq!(summary["event"], "summary");
    let counts = ["queries", "answered", "failed"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!(counts, [4, 4, 0]);
    assert_eq!(summary["stopped"], false);
    let statuses = serde_json::json!([
        { "status": "NOERROR", "count": 2 },
        { "status": "SERVFAIL", "count": 1 },
        { "status": "NXDOMAIN", "count": 1 },
    ]);
    assert_eq!(summary["statuses"], statuses);
    let times = ["min_ms", "p50_ms", "max_ms"].map(|key| summary["time"][key].as_f64().unwrap());
    assert!(times.is_sorted() && times[0] > 0.0, "{times:?}");
    assert_eq!(run.code, Some(0));
}

#[test]
fn what_failed_is_listed_for_a_second_run() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let directory = TempDir::new().unwrap();
    let commands = "printf 'mx.example\\ndrop.evil MX\\nwww.example\\n' > names
        \"$DIG\" @192.0.2.2 +short +tries=1 +time=1 --retry-file again -f names
        echo \"exit $?\"; cat again
        sed 's/drop/ok/' again > names; \"$DIG\" @192.0.2.2 --json -f names";
    let run = script(&host, &format!("cd {}\n{commands}", directory.path().display()));
    assert!(run.out.contains("no servers could be reached"), "{run:#?}");
    let (text, json) = run.out.split_once("exit 9\ndrop.evil. IN MX\n").unwrap();
    assert_eq!(text.matches("192.0.2.").count(), 4, "three addresses, and a server: {text}");
    let answer: Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        (&answer["event"], &answer["questions"][0]["type"]),
        (&"answer".into(), &"MX".into())
    );
}

#[test]
fn failure_is_told_with_its_name_in_json() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = batch(&host, "drop.evil AAAA\nmx.example\n", "--json +tries=1 +time=1");
    let events = run.json();
    let notice = events.iter().find(|event| event["event"] == "notice").unwrap();
    assert_eq!((&notice["name"], &notice["type"]), (&"drop.evil.".into(), &"AAAA".into()));
    assert_eq!((run.code, &events.last().unwrap()["failed"]), (Some(9), &1.into()));
}

/// One answer in three is lost on its way.
#[test]
fn nothing_is_lost_where_a_third_is() {
    const NAMES: usize = 3000;
    let lab = Lab::new();
    let (host, servers) = served(&lab);
    host.drop_at_random(33, "udp sport 53");
    let events = many(&host, NAMES, "+time=20");
    let mut names = names(&events);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), NAMES, "{:?}", events.last());
    let summary = events.last().unwrap();
    assert_eq!((&summary["answered"], &summary["failed"]), (&NAMES.into(), &0.into()));
    assert!(summary["retried"].as_u64().unwrap() > 0, "{summary:#}");
    assert!(servers.asked().len() > NAMES);
}

#[test]
fn many_arguments_are_a_batch_too() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let names: Vec<_> = (0..40).map(|n| format!(" n{n}.wild.example")).collect();
    let run = script(&host, &format!("exec \"$DIG\" @192.0.2.2 +noall +answer{}", names.concat()));
    let owners: Vec<_> = run.out.lines().map(|line| line.split('.').next().unwrap()).collect();
    let expected: Vec<_> = (0..40).map(|n| format!("n{n}")).collect();
    assert_eq!(owners, expected, "{run:#?}");
}

#[test]
fn rate_is_kept() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let events = many(&host, 40, "--rate 50");
    let summary = events.last().unwrap();
    assert_eq!(summary["answered"], 40);
    // 39 intervals of 20 ms, less what may be made up for.
    assert!(summary["took_ms"].as_f64().unwrap() > 700.0, "{summary:#}");
}

#[test]
fn connection_carries_many() {
    let lab = Lab::new();
    let (host, servers) = served(&lab);
    let events = many(&host, 500, "+tcp");
    assert_eq!(events.last().unwrap()["answered"], 500, "{:?}", events.last());
    let asked = servers.asked();
    let mut from: Vec<_> = asked.iter().map(|asked| asked.from).collect();
    from.dedup();
    assert!(asked.iter().all(|asked| asked.tcp));
    assert!(from.len() < 10, "{} connections", from.len());
}

#[test]
fn stop_sums_up_and_lists_what_is_open() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let directory = TempDir::new().unwrap();
    let [names, again] = ["names", "again"].map(|name| directory.path().join(name));
    fs::write(&names, "mx.example\ndrop.evil\n").unwrap();
    let args = format!(
        "@192.0.2.2 --json +time=60 --retry-file {} -f {}",
        again.display(),
        names.display()
    );
    let mut run = host.spawn(ours(), args.split(' '));
    while !run.line().unwrap().contains("\"answer\"") {}
    run.signal(Signal::SIGINT);
    let mut last = String::new();
    while let Some(line) = run.line() {
        last = line;
    }
    let summary: Value = serde_json::from_str(&last).unwrap();
    let counts = ["queries", "answered", "failed"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!((&summary["event"], counts), (&"summary".into(), [2, 1, 1]));
    assert_eq!(summary["stopped"], true);
    assert_eq!(fs::read_to_string(again).unwrap(), "drop.evil. IN A\n");
}

/// Whoever writes lines one by one has each answer before the next question.
#[test]
fn line_of_stdin_is_answered_before_the_next_one_comes() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let mut run = host.spawn(ours(), ["@192.0.2.2", "+short", "-f", "-"]);
    let mut stdin = run.stdin().unwrap();
    for (line, answer) in [("mx.example\n", "192.0.2.4"), ("mail.example MX\n", "10 mx.example.")] {
        stdin.write_all(line.as_bytes()).unwrap();
        assert_eq!(run.line().as_deref(), Some(answer));
    }
    drop(stdin);
    assert_eq!((run.line(), run.wait().code()), (None, Some(0)));
}

#[test]
fn exit_code_is_the_gravest() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let hasty = "+short +tries=1 +time=1";
    for (lines, args, code) in [
        ("mx.example\nnothere.example\n", "+short", 0),
        ("mx.example\nnothere.example\n", "+short --exit-code", 2),
        ("rcode-2.evil\nmx.example\n", "+short --exit-code", 3),
        ("mx.example\ndrop.evil\n", hasty, 9),
        ("mx.example\na..b\n", hasty, 10),
        ("drop.evil\na..b\nmx.example\n", hasty, 10),
    ] {
        let run = batch(&host, lines, args);
        assert_eq!(run.code, Some(code), "{lines:?} {args}: {run:#?}");
    }
    let run = script(&host, "exec \"$DIG\" @192.0.2.2 -f /nonexistent");
    assert_eq!((run.code, run.err.lines().count()), (Some(8), 1), "{run:#?}");
}

#[test]
fn answer_to_another_question_is_not_taken() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let lines = "onlywrongq.evil\nonlywrongid.evil\nonlywrongaddr.evil\nmx.example\n";
    let summary = batch(&host, lines, "--json +tries=1 +time=1").json().pop().unwrap();
    assert_eq!((&summary["answered"], &summary["failed"]), (&1.into(), &3.into()), "{summary:#}");
}

#[test]
fn answer_in_another_case_is_not_taken_where_case_is_mixed() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for (args, answered) in [("", 2), ("+0x20", 1)] {
        let args = format!("--json +tries=1 +time=1 {args}");
        let summary = batch(&host, "caseflip.evil\nmx.example\n", &args).json().pop().unwrap();
        assert_eq!(summary["answered"], answered, "{args}: {summary:#}");
    }
}
