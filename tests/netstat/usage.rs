//! What netstat makes of its arguments, and of a stdout that takes nothing.

use wireline_lab::Lab;

use crate::common::{netstat, netstat_with, ours};

#[test]
fn exit_codes_are_the_originals() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    for (args, code) in [
        ("-i", 0),
        ("-g", 0),
        ("-s", 0),
        ("-s6", 0),
        ("-h", 0),
        ("-V", 0),
        ("-y", 3),
        ("--zork", 3),
        ("-A", 3),
        ("-ri", 3),
        ("-rs", 3),
        ("-rM", 3),
        ("-rr", 3),
        ("-rx", 3),
        ("-A bogus", 1),
        ("-M", 1),
        ("-r --ax25", 1),
        ("-s46", 1),
    ] {
        assert_eq!(netstat(&host, args).code, Some(code), "{args}");
    }
}

#[test]
fn flags_that_do_not_go_together_are_refused_by_name() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, one, other) in [
        ("-r --info", "--info", "-r"),
        ("-ie --memory", "--memory", "-i"),
        ("-g --cgroup", "--cgroup", "-g"),
        ("-s --summary", "--summary", "-s"),
        ("-t --summary --events", "--events", "--summary"),
        ("--summary -tanp", "-p", "--summary"),
        ("--summary -e", "-e", "--summary"),
        ("--summary -o", "-o", "--summary"),
        ("--summary -l", "-l", "--summary"),
        ("--summary --info", "--info", "--summary"),
        ("--summary dport = :80", "filter expression", "--summary"),
        ("--events --memory", "--memory", "--events"),
        ("--events -x", "-x", "--events"),
        ("--events -A unix", "-x", "--events"),
        ("--events -c", "-c", "--events"),
        ("--events -l", "-l", "--events"),
        ("--events --all-ns", "--all-ns", "--events"),
        ("--net-ns a --pid-ns 1", "--pid-ns", "--net-ns"),
        ("--net-ns a --all-ns", "--all-ns", "--net-ns"),
        ("--pid-ns 1 --all-ns", "--all-ns", "--pid-ns"),
    ] {
        let run = netstat(&host, args);
        let err = format!("netstat: {one}: not with {other}\n");
        assert_eq!((run.code, run.out.as_str(), run.err), (Some(3), "", err), "{args}");
    }
}

#[test]
fn stdout_that_is_full_is_an_error() {
    let lab = Lab::new();
    let host = lab.host("a");
    for args in [
        "-r6",
        "-i",
        "-g",
        "-s",
        "-s6",
        "-ie",
        "-i --json",
        "--summary",
        "--net-ns a",
        "--events",
        "-h",
        "-V",
    ] {
        let script =
            format!("code=0; {} {args} 2>&1 > /dev/full || code=$?; echo $code", ours().display());
        let said = host.output(&script);
        assert_eq!(said, "netstat: write error: No space left on device\n1\n", "{args}");
    }
}

#[test]
fn table_that_cannot_be_read_is_a_failure_like_any_other() {
    let lab = Lab::new();
    let host = lab.host("a");
    for args in ["-x", "-x --all-ns", "-x --net-ns a", "-x --json"] {
        let run = netstat_with(&host, &[], args);
        assert_eq!((run.code, run.err.lines().count()), (Some(1), 1), "{args}: {run:?}");
        assert!(run.err.starts_with("netstat: ") && run.err.contains("No such file"), "{run:?}");
    }
}

#[test]
fn reader_who_has_read_enough_ends_it_quietly() {
    let lab = Lab::new();
    let host = lab.host("a");
    let script = format!("{} -ic 2>&1 | head -1", ours().display());
    assert_eq!(host.output(&script), "Kernel Interface table\n");
}

#[test]
fn arguments_move_no_cursor() {
    let lab = Lab::new();
    let host = lab.host("a");
    for args in ["-A \x1b[31m", "--\x1b[2J", "-tn sport = :\x1b[2J", "--connection \x1b[2J x"] {
        let run = netstat(&host, args);
        assert!(!run.err.contains('\x1b') && !run.err.is_empty(), "{run:?}");
    }
}
