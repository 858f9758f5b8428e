//! What traceroute makes of words that it cannot use: a sentence, exit 2, and nothing on stdout.

use wireline_lab::Lab;

use crate::common::{Run, Who, before, program_path, run_by, short, trace};

/// Checks a table of arguments and sentences. Words are cut at spaces; `''` is an empty one.
#[track_caller]
fn refused(code: i32, table: &[(&str, &str)]) {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, why) in table {
        let words = args.split(' ').map(|word| if word == "''" { "" } else { word });
        let run: Run = run_by(Who::Root, &host, &program_path(), words);
        assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{args}: {}", run.err);
        assert_eq!(run.err, format!("traceroute: {why}\n"), "{args}");
    }
}

#[test]
fn unknown_options_are_named_with_their_place() {
    refused(
        2,
        &[
            ("-j h", "Bad option `-j' (argc 1)"),
            ("h -j", "Bad option `-j' (argc 2)"),
            ("-nj h", "Bad option `-j' (argc 1)"),
            ("-h", "Bad option `-h' (argc 1)"),
            ("-n --bogus h", "Bad option `--bogus' (argc 2)"),
            ("-n --bogus=3 h", "Bad option `--bogus=3' (with arg `3') (argc 2)"),
            ("--icmp=3 h", "Bad option `--icmp=3' (with arg `3') (argc 1)"),
            ("--fir=3 h", "Bad option `--fir=3' (with arg `3') (argc 1)"),
            ("--icm h", "Bad option `--icm' (argc 1)"),
            ("h -1", "Bad option `-1' (argc 2)"),
        ],
    );
}

#[test]
fn missing_values_are_told_by_their_names() {
    refused(
        2,
        &[
            ("h -f", "Option `-f' (argc 2) requires an argument: `-f first_ttl'"),
            ("h -m", "Option `-m' (argc 2) requires an argument: `-m max_ttl'"),
            ("h -q", "Option `-q' (argc 2) requires an argument: `-q nqueries'"),
            ("h -N", "Option `-N' (argc 2) requires an argument: `-N squeries'"),
            ("h -p", "Option `-p' (argc 2) requires an argument: `-p port'"),
            ("h -t", "Option `-t' (argc 2) requires an argument: `-t tos'"),
            ("h -l", "Option `-l' (argc 2) requires an argument: `-l flow_label'"),
            ("h -w", "Option `-w' (argc 2) requires an argument: `-w MAX,HERE,NEAR'"),
            ("h -z", "Option `-z' (argc 2) requires an argument: `-z sendwait'"),
            ("h -nq1", "Option `-q' (argc 2) requires an argument: `-q nqueries'"),
            ("--first 3 h", "Option `--first' (argc 1) requires an argument: `--first=first_ttl'"),
        ],
    );
}

#[test]
fn values_that_are_no_numbers_are_told_with_their_place() {
    refused(
        2,
        &[
            ("-n -f abc h", "Cannot handle `-f' option with arg `abc' (argc 3)"),
            ("-f=3 h", "Cannot handle `-f' option with arg `=3' (argc 1)"),
            ("-f3x h", "Cannot handle `-f' option with arg `3x' (argc 1)"),
            ("--first=3.5 h", "Cannot handle `--first' option with arg `3.5' (argc 1)"),
            ("-q '' h", "Cannot handle `-q' option with arg `' (argc 2)"),
            ("h -p nosuchservice", "Cannot handle `-p' option with arg `nosuchservice' (argc 3)"),
            ("--sport= h", "Cannot handle `--sport' option with arg `' (argc 1)"),
            ("-w 5, h", "Cannot handle `-w' option with arg `5,' (argc 2)"),
            ("-w ,3 h", "Cannot handle `-w' option with arg `,3' (argc 2)"),
            ("-w 5,,10 h", "Cannot handle `-w' option with arg `5,,10' (argc 2)"),
            ("-w 1,2,3,4 h", "Cannot handle `-w' option with arg `1,2,3,4' (argc 2)"),
            ("-w 5x h", "Cannot handle `-w' option with arg `5x' (argc 2)"),
            ("-z x h", "Cannot handle `-z' option with arg `x' (argc 2)"),
        ],
    );
}

#[test]
fn values_out_of_range_are_told_what_the_range_is() {
    refused(
        2,
        &[
            ("-f 0 127.0.0.1", "first hop out of range"),
            ("-f -1 127.0.0.1", "first hop out of range"),
            ("-f 31 127.0.0.1", "first hop out of range"),
            ("-m 0 127.0.0.1", "first hop out of range"),
            ("-m 256 127.0.0.1", "max hops cannot be more than 255"),
            ("-m -1 127.0.0.1", "max hops cannot be more than 255"),
            ("-q 0 127.0.0.1", "no more than 10 probes per hop"),
            ("-q 11 127.0.0.1", "no more than 10 probes per hop"),
            ("-w -1 127.0.0.1", "bad wait specifications `-1,0,0' used"),
            ("-z -1 127.0.0.1", "bad sendtime `-1' specified"),
            ("127.0.0.1 65535", "too big packetlen 65535 specified"),
        ],
    );
}

#[test]
fn of_several_faults_one_is_told() {
    refused(
        2,
        &[
            ("-q 11 -m 300 127.0.0.1", "max hops cannot be more than 255"),
            ("-w -1 -q 11 127.0.0.1", "no more than 10 probes per hop"),
        ],
    );
}

#[test]
fn operands_are_told_with_their_position() {
    refused(
        2,
        &[
            ("127.0.0.1 60 70", "Extra arg `70' (position 3, argc 3)"),
            ("127.0.0.1 x", "Cannot handle \"packetlen\" cmdline arg `x' on position 2 (argc 2)"),
            (
                "127.0.0.1 -n 64x",
                "Cannot handle \"packetlen\" cmdline arg `64x' on position 2 (argc 3)",
            ),
            ("-n", "Specify \"host\" missing argument."),
            ("-n -m1 -4", "Specify \"host\" missing argument."),
        ],
    );
}

#[test]
fn methods_and_their_options_are_told() {
    refused(
        2,
        &[
            ("-M nosuch 127.0.0.1", "Unknown traceroute module nosuch"),
            ("-M tc 127.0.0.1", "Unknown traceroute module tc"),
            ("-T -O bogus 127.0.0.1", "`bogus' (argc 1): arguments are not allowed"),
            ("-T -O syn,bogus 127.0.0.1", "`bogus' (argc 2): arguments are not allowed"),
            ("-I -O bogus 127.0.0.1", "`bogus' (argc 1): arguments are not allowed"),
            ("-T -O flags 127.0.0.1", "Keyword `flags' (argc 1) requires an argument: `flags=NUM'"),
            ("-T -O flags=x 127.0.0.1", "Cannot handle `flags' keyword with arg `x' (argc 1)"),
            ("-P nosuch 127.0.0.1", "Cannot handle `protocol' keyword with arg `nosuch' (argc 1)"),
        ],
    );
}

#[test]
fn hosts_of_another_family_are_told() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(1));
    for (args, name) in [("-6 203.0.113.9", "203.0.113.9"), ("-4 ::1", "::1")] {
        let run = trace(&host, args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args}");
        let why = format!("traceroute: {name}: Address family for hostname not supported");
        assert!(run.err.starts_with(&why), "{args}: {}", run.err);
        assert!(run.err.contains(&format!("cmdline arg `{name}' on position 1 (argc 2)")));
    }
    let run = trace(&host, "-s ::1 203.0.113.9");
    assert_eq!(run.err, "traceroute: IP version mismatch in addresses specified\n");
    assert_eq!(run.code, Some(2));
}

#[test]
fn what_the_machine_refuses_is_exit_1() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    for (args, why) in [
        ("-s 192.0.2.99 203.0.113.9", "bind: Cannot assign requested address"),
        ("-i nosuch 203.0.113.9", "setsockopt SO_BINDTODEVICE: No such device"),
        ("255.255.255.255", "connect: Permission denied"),
        ("-t 256 2001:db8:113::9", "setsockopt IPV6_TCLASS: Invalid argument"),
    ] {
        let run = trace(&host, &format!("-n {args}"));
        assert_eq!(run.code, Some(1), "{args}: {run:?}");
        assert_eq!(run.err, format!("traceroute: {why}\n"), "{args}");
    }
}

#[test]
fn without_a_route_it_is_exit_1() {
    let lab = Lab::new();
    let host = lab.host("a");
    for args in ["203.0.113.9", "2001:db8:113::9", "-I 203.0.113.9", "-T 203.0.113.9"] {
        let run = trace(&host, &format!("-n {args}"));
        assert_eq!(run.err, "traceroute: connect: Network is unreachable\n", "{args}");
        assert_eq!(run.code, Some(1), "{args}");
    }
}

#[test]
fn help_and_version_are_told_on_stderr_with_exit_0() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, word) in [
        ("", "Usage: traceroute"),
        ("--help", "Usage: traceroute"),
        ("--help 203.0.113.9", "Usage: traceroute"),
        ("-V", "wireline"),
        ("--version 203.0.113.9", "wireline"),
        ("-O help", "No options for module `default'"),
        ("-T -O help", "mss=NUM"),
        ("-I -O help", "dgram"),
    ] {
        let run = trace(&host, args);
        assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{args}");
        assert!(run.err.contains(word), "{args}: {}", run.err);
    }
}

#[test]
fn numbers_are_read_as_the_original_reads_them() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(5));
    let last = " 3  10.200.3.1  T ms";
    for args in
        ["-f 0x3 -m 03", "-f +3 -m 3", "-m3 -f3", "-f 4 -f 3 -m 3", "--first=3 --max-hops=3"]
    {
        let run = trace(&host, &format!("-n -q1 {args} 203.0.113.9"));
        run.says_hops(&[last]);
    }
    trace(&host, "-q1 203.0.113.9 -n 60 -f3 -m 3").says_hops(&[last]);
    trace(&host, "-nq 1 -f3 -m 3 -- 203.0.113.9").says_hops(&[last]);
}
