//! Many targets: ping's own words for it, and fping's.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use assert_cmd::cargo::cargo_bin;
use wireline_lab::{Host, Lab};

use crate::common::{Run, Socket, json, ping, run_as};

#[test]
fn listing_says_of_each_target_whether_it_is_there() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");

    let run = ping(&a, "-W 0.1 --retries 1 192.0.2.2 192.0.2.77 2001:db8::2");
    assert_eq!(run.code, Some(1));
    let mut lines: Vec<_> = run.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["192.0.2.2 is alive", "192.0.2.77 is unreachable", "2001:db8::2 is alive"]);
}

#[test]
fn listing_can_be_of_those_that_answer_or_of_those_that_do_not() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip route add 10.7.0.0/24 via 192.0.2.2");
    b.sh("ip route add local 10.7.0.0/29 dev lo; ip route add blackhole 10.7.0.0/24");

    let alive = ping(&a, "--alive --retries 0 -W 0.2 --rate 0 10.7.0.0/28");
    assert_eq!(sorted(&alive.out).len(), 7, "{alive:?}");
    assert_eq!(alive.code, Some(1));
    let silent =
        ping(&a, "--unreachable --retries 0 -W 0.2 --rate 0 10.7.0.0/28 --exclude 10.7.0.9-12");
    assert_eq!(sorted(&silent.out), ["10.7.0.13", "10.7.0.14", "10.7.0.8"]);
}

#[test]
fn counted_requests_go_round_and_end_with_a_summary_of_each() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        socket.allow(&a);
        let run = run_as(socket, &a, cargo_bin!("ping"), "-c 2 -i 0.05 192.0.2.2 2001:db8::2");
        let names: Vec<_> =
            run.out.lines().map(|line| line.split(", 64 bytes, ").next().unwrap()).collect();
        assert_eq!(
            names,
            ["192.0.2.2   : [0]", "2001:db8::2 : [0]", "192.0.2.2   : [1]", "2001:db8::2 : [1]"]
        );
        assert!(
            run.err.contains("2001:db8::2 : xmt/rcv/%loss = 2/2/0%, min/avg/max = "),
            "{run:?}"
        );
        assert_eq!(run.code, Some(0));
    }
}

#[test]
fn a_whole_16_answers_past_the_limit_of_sequence_numbers() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip route add 10.7.0.0/16 via 192.0.2.2; ip route add 10.8.0.0/24 via 192.0.2.2");
    b.sh("ip route add local 10.7.0.0/16 dev lo; ip route add local 10.8.0.0/24 dev lo");

    let run = ping(&a, "--alive --retries 2 -W 2 --rate 0 10.7.0.0/16 10.8.0.0/24");
    assert_eq!((run.code, run.out.lines().count()), (Some(0), 65_534 + 254));
}

#[test]
fn targets_come_from_files_and_standard_input_a_line_each() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let directory = scratch("files");
    let file = directory.join("targets");
    std::fs::write(
        &file,
        "# a comment\n\n  192.0.2.2 and more\n192.0.2.1/33\n\u{1b}[31m.invalid\n",
    )
    .unwrap();

    let run = ping(&a, &format!("-W 0.2 --retries 0 --file {}", file.display()));
    assert_eq!((run.code, run.out.as_str()), (Some(2), "192.0.2.2 is alive\n"));
    assert!(run.err.contains("192.0.2.1/33: no such network\n"), "{run:?}");
    assert!(run.err.contains("\\027[31m.invalid: ") && !run.err.contains('\u{1b}'), "{run:?}");

    let mut command = a.command(cargo_bin!("ping"));
    let output = command.args(["--file", "-", "-W", "0.2"]).write_stdin("192.0.2.2\n").assert();
    assert_eq!(Run::of(output.get_output().clone()).out, "192.0.2.2 is alive\n");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn flags_of_one_target_are_refused_by_name() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for flag in ["-f", "-A", "-l 2", "-w 3", "-R", "-b", "-O", "-a", "--breakdown"] {
        let run = ping(&a, &format!("{flag} 192.0.2.1 192.0.2.2"));
        let name = flag.split(' ').next().unwrap();
        assert_eq!(
            (run.code, run.err),
            (Some(2), format!("ping: {name}: not with several targets\n"))
        );
    }
    for (args, why) in [
        ("192.0.2.0/33", "192.0.2.0/33: no such network"),
        (
            "192.0.2.9-192.0.2.1",
            "192.0.2.9-192.0.2.1: a range goes from a lower address to a higher one",
        ),
        ("--rate x 192.0.2.1 192.0.2.2", "--rate: not a number of requests a second: x"),
        (
            "--backoff 9 192.0.2.1 192.0.2.2",
            "backoff factor 9 not valid, must be between 1.0 and 5.0 (--backoff)",
        ),
    ] {
        let run = ping(&a, args);
        assert_eq!((run.code, run.err), (Some(2), format!("ping: {why}\n")));
    }
}

#[test]
fn json_has_a_verdict_a_target_and_a_summary() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");

    let run = ping(&a, "--json -W 0.1 --retries 0 192.0.2.2 192.0.2.77");
    let events = json(&run.out);
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "alive", "unreachable", "summary"]);
    assert_eq!((&events[1]["clock"], &events[3]["alive"]), (&"kernel".into(), &1.into()));

    let quiet = ping(&a, "--json --alive -W 0.1 --retries 0 192.0.2.2 192.0.2.77");
    assert!(!quiet.out.contains("\"unreachable\",\"target\""), "{quiet:?}");
}

#[test]
fn interrupt_reports_what_is_known() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut ping = a.spawn(cargo_bin!("ping"), ["--loop", "-i", "0.05", "192.0.2.1", "192.0.2.2"]);
    for _ in 0..4 {
        assert!(ping.line().unwrap().contains(" : ["));
    }
    ping.signal(wireline_lab::Signal::SIGINT);
    let run = Run::of(ping.output());
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("192.0.2.2 : xmt/rcv/%loss = "), "{run:?}");
}

#[test]
fn called_as_fping_it_takes_the_flags_of_fping() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("ip route add local 10.7.0.0/24 dev lo");
    a.sh("ip route add 10.7.0.0/24 via 192.0.2.2");
    let fping = Fping::new(&a, "ours");

    let run = fping.run("-C 3 -q -B1 -r1 -i10 -p 50 192.0.2.2");
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""));
    let times: Vec<_> = run.err.strip_prefix("192.0.2.2 : ").unwrap().split_whitespace().collect();
    assert!(times.len() == 3 && times.iter().all(|time| time.parse::<f64>().is_ok()), "{run:?}");

    let run = fping.run("-a -g 10.7.0.0/30 -r 0 -t 200");
    assert_eq!((run.code, run.out.as_str()), (Some(0), "10.7.0.1\n10.7.0.2\n"));
    let run = fping.run("-x 1 192.0.2.2 192.0.2.77 -r 0 -t 100");
    assert_eq!(run.out, "Enough hosts reachable (required: 1, reachable: 1)\n");
    let run = fping.run("-e 192.0.2.2");
    assert!(
        run.out.starts_with("192.0.2.2 is alive (0.") && run.out.ends_with(" ms)\n"),
        "{run:?}"
    );
    let run = fping.run("-u 192.0.2.2 192.0.2.77 -r 0 -t 100");
    assert_eq!((run.code, run.out.as_str()), (Some(1), "192.0.2.77\n"));
    let run = fping.run("-Q 1 192.0.2.2");
    assert_eq!(run.code, Some(1), "not supported, and so refused: {run:?}");
}

#[test]
#[ignore = "needs fping"]
fn fping_and_ours_say_the_same() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip route add 10.7.0.0/24 via 192.0.2.2");
    b.sh("ip route add local 10.7.0.0/29 dev lo; ip route add blackhole 10.7.0.0/24");
    let ours = Fping::new(&a, "interop");
    for args in [
        "192.0.2.2",
        "192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-a 192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-u 192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-q 192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-e 192.0.2.2",
        "-A 192.0.2.2",
        "-c 2 -p 50 192.0.2.2",
        "-c 2 -p 50 -q 192.0.2.2 10.7.0.9",
        "-C 2 -p 50 -q 192.0.2.2 10.7.0.10",
        "-c 2 -p 50 -o 10.7.0.9",
        "-c 1 -D 192.0.2.2",
        "-s -r 0 -t 100 192.0.2.2 10.7.0.9",
        "-x 1 192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-x 2 192.0.2.2 10.7.0.9 -r 0 -t 100",
        "-g 10.7.0.0/29 -r 0 -t 100",
        "-g 10.7.0.1 10.7.0.4 -r 0 -t 100",
        "-g 10.7.0.4 10.7.0.1",
        "-g 10.0.0.0/33",
        "-b 70000 192.0.2.2",
        "-H 300 192.0.2.2",
        "-B 6 192.0.2.2",
        "-c 1 -l 192.0.2.2",
        "-a -u 192.0.2.2",
        "-S 1.2.3 192.0.2.2",
        "-4 2001:db8::2",
        "2001:db8::2",
        "-M -b 1000 192.0.2.2",
    ] {
        let theirs = shape(&run_as(Socket::Raw, &a, "/usr/bin/fping", args));
        assert_eq!(shape(&ours.run(args)), theirs, "fping {args}");
    }
}

/// Ours under the other name.
struct Fping<'lab> {
    host: &'lab Host<'lab>,
    directory: PathBuf,
}

impl<'lab> Fping<'lab> {
    fn new(host: &'lab Host<'lab>, name: &str) -> Self {
        let directory = scratch(name);
        symlink(cargo_bin!("ping"), directory.join("fping")).unwrap();
        Self { host, directory }
    }

    fn run(&self, args: &str) -> Run {
        run_as(Socket::Raw, self.host, self.directory.join("fping"), args)
    }
}

impl Drop for Fping<'_> {
    fn drop(&mut self) {
        // What is left behind is a link in a temporary directory.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn scratch(name: &str) -> PathBuf {
    let directory =
        std::env::temp_dir().join(format!("wireline-many-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// A run with every number that has a point masked: times differ from run to run.
fn shape(run: &Run) -> (Option<i32>, String, String) {
    let mask = |text: &str| {
        let word = |word: &str| {
            let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
            let is_time =
                |part: &str| part.matches('.').count() == 1 && part.parse::<f64>().is_ok();
            if bare.split('/').all(is_time) { word.replace(bare, "T") } else { word.to_owned() }
        };
        let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    };
    (run.code, mask(&run.out), mask(&run.err))
}
