//! What ping makes of words that it cannot use: a sentence and an exit code, and nothing on stdout.

use wireline_lab::Lab;

use crate::common::{Socket, ping, ping_by};

/// Checks a table of arguments and sentences.
#[track_caller]
fn refused(code: i32, table: &[(&str, &str)]) {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (args, why) in table {
        let run = ping(&a, args);
        assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{args}: {}", run.err);
        assert_eq!(run.err, format!("ping: {why}\n"), "{args}");
    }
}

#[test]
fn numbers_out_of_range_are_exit_1_and_told_the_range() {
    refused(
        1,
        &[
            (
                "-c 0 h",
                "invalid argument: '0': out of range: 1 <= value <= 9223372036854775807 (-c)",
            ),
            (
                "-c -1 h",
                "invalid argument: '-1': out of range: 1 <= value <= 9223372036854775807 (-c)",
            ),
            ("-w -1 h", "invalid argument: '-1': out of range: 0 <= value <= 2147483647 (-w)"),
            ("-t 256 h", "invalid argument: '256': out of range: 0 <= value <= 255 (-t)"),
            ("-t -1 h", "invalid argument: '-1': out of range: 0 <= value <= 255 (-t)"),
            ("-l 0 h", "invalid argument: '0': out of range: 1 <= value <= 65536 (-l)"),
            ("-l 65537 h", "invalid argument: '65537': out of range: 1 <= value <= 65536 (-l)"),
            ("-e 65536 h", "invalid argument: '65536': out of range: 0 <= value <= 65535 (-e)"),
            ("-S 0 h", "invalid argument: '0': out of range: 1 <= value <= 2147483647 (-S)"),
            ("-s -1 h", "invalid argument: '-1': out of range: 0 <= value <= 65527 (-s)"),
            (
                "-m 4294967296 h",
                "invalid argument: '4294967296': out of range: 0 <= value <= 4294967295 (-m)",
            ),
        ],
    );
}

#[test]
fn words_for_numbers_are_exit_1() {
    refused(
        1,
        &[
            ("-c abc h", "invalid argument: 'abc' (-c)"),
            ("-c 1x h", "invalid argument: '1x' (-c)"),
            ("-w 0.5 h", "invalid argument: '0.5' (-w)"),
            ("-s abc h", "invalid argument: 'abc' (-s)"),
            ("-t abc h", "invalid argument: 'abc' (-t)"),
            ("-l abc h", "invalid argument: 'abc' (-l)"),
            ("-e abc h", "invalid argument: 'abc' (-e)"),
            ("-m abc h", "invalid argument: 'abc' (-m)"),
            ("-S abc h", "invalid argument: 'abc' (-S)"),
        ],
    );
}

#[test]
fn other_bad_words_are_exit_2() {
    refused(
        2,
        &[
            ("-i abc h", "bad timing interval: abc"),
            ("-i -1 h", "bad timing interval: -1"),
            ("-i 1,5 h", "bad timing interval: 1,5"),
            ("-W abc h", "bad linger time: abc"),
            ("-W -1 h", "bad linger time: -1"),
            ("-Q 256 h", "the decimal value of TOS bits must be in range 0-255: 256"),
            ("-Q 0x100 h", "the decimal value of TOS bits must be in range 0-255: 256"),
            ("-Q abc h", "bad TOS value: abc"),
            ("-p zz h", "patterns must be specified as hex digits: zz"),
            ("-M nope h", "invalid -M argument: nope"),
            ("-T nope h", "invalid timestamp type: nope"),
            ("-R -T tsonly h", "only one of -T or -R may be used"),
            ("-F 0x100000 ::1", "flow value is greater than 20 bits: 0x100000"),
            ("-F abc ::1", "bad value for flowinfo: abc"),
            ("-I :::: h", "invalid source address: ::::"),
            ("-4 -6 h", "only one -4 or -6 option may be specified"),
            ("-6 192.0.2.2", "192.0.2.2: Address family for hostname not supported"),
            ("-4 2001:db8::2", "2001:db8::2: Address family for hostname not supported"),
            ("a..b", "a..b: Name or service not known"),
            ("::ffff:1.2.3.4%lo", "::ffff:1.2.3.4%lo: Name or service not known"),
        ],
    );
}

#[test]
fn node_information_queries_are_refused_by_name() {
    refused(2, &[("-N name ::1", "-N name: node information queries are not supported")]);
}

#[test]
fn flag_that_nobody_knows_is_exit_2() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (args, why) in [
        ("-z 192.0.2.2", "ping: invalid option -- 'z'"),
        ("-c", "ping: option requires an argument -- 'c'"),
    ] {
        let run = ping(&a, args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args}");
        assert!(run.err.starts_with(why), "{args}: {}", run.err);
    }
}

#[test]
fn help_is_on_stdout_and_exit_0() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "--help");
    run.quiet_exit(0);
    assert!(run.out.contains("Usage: ping"), "{run:?}");
}

#[test]
fn short_help_is_on_stderr_and_exit_2() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-h");
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("Usage"), "{run:?}");
}

#[test]
fn version_names_what_it_is_compatible_with() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-V");
    run.quiet_exit(0);
    assert!(run.out.starts_with("ping from "), "{run:?}");
    assert!(run.out.contains("iputils 20221126"), "{run:?}");
}

#[test]
fn missing_destination_is_exit_2() {
    refused(
        2,
        &[
            ("", "usage error: Destination address required"),
            ("-c 1", "usage error: Destination address required"),
        ],
    );
}

#[test]
fn old_spellings_of_addresses_are_read() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for word in ["0", "127.1", "0x7f.1", "2130706433", "0177.0.0.1"] {
        let run = ping(&a, &format!("-c 1 {word}"));
        run.quiet_exit(0);
        assert_eq!(run.lines()[0], format!("PING {word} (127.0.0.1) 56(84) bytes of data."));
        assert!(run.out.contains(&format!("\n--- {word} ping statistics ---\n")), "{run:?}");
    }
}

#[test]
fn nobody_in_ipv6_is_this_machine() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-c 1 ::");
    run.quiet_exit(0);
    assert_eq!(run.lines()[0], "PING ::(::) 56 data bytes");
    assert_eq!(run.body(), ["64 bytes from ::1: icmp_seq=1 ttl=64 time=T ms"]);
}

#[test]
fn name_of_300_letters_and_no_name_are_exit_2() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    for name in ["x".repeat(300), String::new()] {
        let run =
            a.command(crate::common::program_path()).args(["-c", "1", &name]).assert().code(2);
        let run = crate::common::Run::of(run.get_output().clone());
        assert_eq!(
            (run.out.as_str(), run.err),
            ("", format!("ping: {name}: Name or service not known\n"))
        );
    }
}

#[test]
fn nobody_but_root_may_flood_faster_than_every_2_ms() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, _b] = lab.wire("a", "b");
    for args in ["-i 0 -c 1000000000 192.0.2.2", "-i 0.001 -c 2 192.0.2.2", "-f -c 2 192.0.2.2"] {
        let run = ping_by(Socket::Datagram, &a, args);
        assert_eq!(run.code, Some(2), "{args}: {run:?}");
        assert!(run.err.starts_with("ping: cannot flood"), "{run:?}");
    }
    ping_by(Socket::Datagram, &a, "-i 0.002 -c 2 192.0.2.2").quiet_exit(0);
}

#[test]
fn nobody_but_root_may_preload_more_than_three() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, _b] = lab.wire("a", "b");
    let run = ping_by(Socket::Datagram, &a, "-l 4 -c 4 192.0.2.2");
    assert_eq!(run.code, Some(2));
    assert_eq!(run.err, "ping: cannot set preload to value greater than 3: 4\n");
    ping_by(Socket::Datagram, &a, "-l 3 -c 3 192.0.2.2").quiet_exit(0);
}
