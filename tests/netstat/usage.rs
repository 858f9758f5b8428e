//! What netstat makes of its arguments, and of a stdout that takes nothing.

use wireline_lab::Lab;

use crate::common::{netstat, ours};

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
fn what_is_not_built_is_refused_by_name() {
    let lab = Lab::new();
    let host = lab.host("a");
    for flag in [
        "info",
        "memory",
        "cgroup",
        "summary",
        "events",
        "net-ns x",
        "pid-ns 1",
        "all-ns",
        "kill",
        "connection a b",
        "filter x",
    ] {
        for mode in ["", "-r ", "-s "] {
            let run = netstat(&host, &format!("{mode}--{flag}"));
            let name = flag.split(' ').next().unwrap();
            let err = format!("netstat: --{name}: not built yet\n");
            assert_eq!((run.code, run.out, run.err), (Some(1), String::new(), err), "{mode}{flag}");
        }
    }
}

#[test]
fn stdout_that_is_full_is_an_error() {
    let lab = Lab::new();
    let host = lab.host("a");
    for args in ["-r6", "-i", "-g", "-s", "-s6", "-ie", "-i --json", "-h", "-V"] {
        let script =
            format!("code=0; {} {args} 2>&1 > /dev/full || code=$?; echo $code", ours().display());
        let said = host.output(&script);
        assert_eq!(said, "netstat: write error: No space left on device\n1\n", "{args}");
    }
}

#[test]
fn reader_who_has_read_enough_ends_it_quietly() {
    let lab = Lab::new();
    let host = lab.host("a");
    let script = format!("{} -ic 2>&1 | head -1", ours().display());
    assert_eq!(host.output(&script), "Kernel Interface table\n");
}
