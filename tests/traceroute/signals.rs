//! What ends a run early, and where the lines cannot go.

use std::time::{Duration, Instant};

use wireline_lab::{Host, Lab, Signal};

use crate::common::{Run, Who, before, masked, program_path, run_by, short, start};

/// Runs a line of shell in which P is the program.
fn shell(host: &Host<'_>, line: &str) -> Run {
    let program = program_path();
    let line = line.replace('P', program.to_str().unwrap());
    run_by(Who::Root, host, "/bin/sh".as_ref(), ["-c", &line])
}

#[test]
fn signal_ends_it_with_exit_130_and_what_is_known_printed() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(9).dead_after(2));
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut trace = start(&host, "-n -w 50 203.0.113.9");
        // The end of a line comes with the beginning of the next, and that of hop 2 with nothing.
        let lines: Vec<_> = (0..2).map(|_| masked(&trace.line().unwrap())).collect();
        assert_eq!(lines[1], " 1  10.200.1.1  T ms  T ms  T ms");
        std::thread::sleep(Duration::from_millis(300));
        let begin = Instant::now();
        trace.signal(signal);
        let run = Run::of(trace.output());
        run.quiet_exit(130);
        assert_eq!(run.masked(), " 2  10.200.2.1  T ms  T ms  T ms\n", "{signal}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    }
}

#[test]
fn signal_before_any_answer_leaves_the_first_line() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(9).dead_after(0));
    let trace = start(&host, "-n -w 50 203.0.113.9");
    std::thread::sleep(Duration::from_millis(1500));
    trace.signal(Signal::SIGINT);
    let run = Run::of(trace.output());
    run.quiet_exit(130);
    let header = "traceroute to 203.0.113.9 (203.0.113.9), 30 hops max, 60 byte packets\n";
    assert_eq!(run.out, header);
}

#[test]
fn signal_with_json_still_has_a_summary() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(9).dead_after(2));
    let mut trace = start(&host, "--json -q 1 -w 50 203.0.113.9");
    let lines: Vec<_> = (0..3).map(|_| trace.line().unwrap()).collect();
    assert!(lines[2].contains("\"hop\":2"), "{lines:?}");
    trace.signal(Signal::SIGINT);
    let run = Run::of(trace.output());
    run.quiet_exit(130);
    let [summary] = &run.json()[..] else { panic!("{run:?}") };
    assert_eq!(summary["event"], "summary");
    assert_eq!((&summary["reached"], &summary["last_hop"]), (&false.into(), &2.into()));
}

#[test]
fn lines_come_as_soon_as_there_is_something_to_say() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(9).dead_after(2));
    let mut trace = start(&host, "-n -w 50 203.0.113.9");
    let begin = Instant::now();
    assert!(trace.line().unwrap().starts_with("traceroute to "));
    assert!(trace.line().unwrap().starts_with(" 1  10.200.1.1  "));
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[test]
fn closed_stdout_is_no_panic_and_no_endless_run() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(3));
    for redirection in [">&-", "> /dev/full", "| true", "| head -n 1", "2>&- >&-"] {
        let run = shell(&host, &format!("timeout -k 1 30 P -n 203.0.113.9 {redirection}"));
        assert!(!run.err.contains("panic"), "{redirection}: {run:?}");
        assert!(run.code.is_some_and(|code| code < 100), "{redirection}: {run:?}");
    }
}

#[test]
fn path_that_is_taken_away_ends_in_stars() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(3).dead_after(1));
    let mut trace = start(&host, "-n -N 1 -q 1 -m 4 -w 1 203.0.113.9");
    let header = trace.line();
    assert!(header.unwrap().starts_with("traceroute to "));
    host.sh("ip link set path0 down");
    let run = Run::of(trace.output());
    assert!(run.code.is_some_and(|code| code < 100), "{run:?}");
    assert!(!run.err.contains("panic"), "{run:?}");
}
