//! What ends a run early, what only asks how it goes, and where the lines cannot go.

use wireline_lab::{Background, Class, Direction, Host, Lab, Link, Signal};

use crate::common::{Run, program_path, round_trip, start};

/// Reads lines until so many replies have come.
fn await_replies(ping: &mut Background, count: usize) {
    let mut left = count;
    while left > 0 {
        let line = ping.line().expect("more replies");
        left -= usize::from(line.contains(" bytes from "));
    }
}

#[test]
fn sigint_ends_with_the_statistics_and_exit_0() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGALRM] {
        let mut ping = start(&a, "-i 30 192.0.2.2");
        await_replies(&mut ping, 1);
        ping.signal(signal);
        let run = Run::of(ping.output());
        run.quiet_exit(0);
        assert_eq!(
            run.masked(),
            "\n--- 192.0.2.2 ping statistics ---\n\
             1 packets transmitted, 1 received, 0% packet loss, time Tms\n\
             rtt min/avg/max/mdev = T ms\n",
            "{signal}"
        );
    }
}

#[test]
fn sigint_without_a_reply_is_exit_1() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let mut ping = start(&a, "-i 30 192.0.2.2");
    let header = ping.line();
    assert!(header.unwrap().starts_with("PING "));
    ping.signal(Signal::SIGINT);
    let run = Run::of(ping.output());
    run.quiet_exit(1);
    assert!(run.counts().starts_with("1 packets transmitted, 0 received, 100% packet loss"));
}

#[test]
fn sigquit_prints_the_status_on_stderr_and_goes_on() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut ping = start(&a, "-c 2 -i 0.5 192.0.2.2");
    await_replies(&mut ping, 1);
    ping.signal(Signal::SIGQUIT);
    let run = Run::of(ping.output());
    assert_eq!(run.code, Some(0));
    assert!(run.counts().starts_with("2 packets transmitted, 2 received"), "{run:?}");
    assert_eq!(
        crate::common::masked(&run.err),
        "\r1/1 packets, 0% loss, min/avg/ewma/max = T ms\n"
    );
}

#[test]
fn status_without_a_reply_has_no_times() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let mut ping = start(&a, "-c 1 -W 2 192.0.2.2");
    assert!(ping.line().unwrap().starts_with("PING "));
    a.sh("sleep 0.1");
    ping.signal(Signal::SIGQUIT);
    let run = Run::of(ping.output());
    assert_eq!(run.err, "\r0/1 packets, 100% loss\n");
}

#[test]
fn stopped_ping_makes_up_for_nothing_when_it_goes_on() {
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(1));
    let mut ping = start(&wire.a, "-c 40 -i 0.02 192.0.2.2");
    await_replies(&mut ping, 5);
    ping.signal(Signal::SIGSTOP);
    wire.a.sh("sleep 0.7");
    ping.signal(Signal::SIGCONT);
    let run = Run::of(ping.output());
    run.quiet_exit(0);
    let truth = wire.stop();
    let sent: Vec<_> =
        truth.of(Direction::AToB, Class::Icmp).map(|frame| frame.arrived_ns).collect();
    // Two in 40 ms are right; the 35 that were missed would be a burst.
    let burst = sent.windows(7).find(|seven| seven[6] - seven[0] < 40_000_000);
    assert_eq!(burst, None, "{sent:?}");
    let longest = run.out.lines().filter_map(round_trip).map(|(_, ms)| ms).fold(0.0, f64::max);
    assert!(longest < 500.0, "{longest} ms, as if the stop had been the network's");
    assert!(run.counts().starts_with("40 packets transmitted, 40 received"), "{run:?}");
}

/// A shell's run of a line in which `P` is ping.
fn shell(host: &Host<'_>, line: &str) -> Run {
    let path = program_path();
    let line = line.replace('P', path.to_str().unwrap());
    Run::of(host.command("/bin/sh").args(["-c", &line]).assert().get_output().clone())
}

#[test]
fn reader_that_has_read_enough_ends_the_run_quietly() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = shell(&a, "{ timeout 30 P -i 0.01 192.0.2.2; echo $? >&2; } | head -1");
    assert_eq!(run.out, "PING 192.0.2.2 (192.0.2.2) 56(84) bytes of data.\n");
    let code: i32 = run.err.trim().parse().expect(&run.err);
    assert_ne!(code, 124, "it must not go on for five seconds");
}

#[test]
fn full_disk_is_an_error() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = shell(&a, "exec timeout 30 P -c 2 -i 0.01 192.0.2.2 > /dev/full");
    assert!(run.code.is_some_and(|code| code != 0 && code != 124), "{run:?}");
    assert!(run.err.contains("No space left on device"), "{run:?}");
}

#[test]
fn closed_stdout_is_no_panic() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = shell(&a, "exec timeout 30 P -c 2 -i 0.01 192.0.2.2 >&-");
    assert!(!run.err.contains("panic"), "{run:?}");
    assert!(run.code.is_some_and(|code| code < 100), "{run:?}");
}

#[test]
fn messages_come_after_the_lines_before_them() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = shell(&a, "exec P -c 1 -M do -s 2000 192.0.2.2 2>&1");
    assert!(run.out.starts_with("PING 192.0.2.2"), "the terminal shows both: {run:?}");
}

#[test]
fn lines_come_as_soon_as_there_is_something_to_say() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut ping = start(&a, "-i 60 192.0.2.2");
    assert!(ping.line().unwrap().starts_with("PING "));
    assert!(ping.line().unwrap().starts_with("64 bytes from "), "into a pipe, without a delay");
}
