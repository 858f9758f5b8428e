//! Flags about when to send, what to send and what to print.

use wireline_lab::Lab;

use crate::common::{Run, Socket, ping, ping_by};

fn one_wire(args: &str) -> Run {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    ping(&a, args)
}

#[test]
fn linger_is_how_long_a_silent_target_is_waited_for() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let millis = |args| {
        let events = ping(&a, args).json();
        let at = |event: &str| {
            let found = events.iter().find(|line| line["event"] == event);
            found.unwrap()["unix_ms"].as_f64().unwrap()
        };
        at("summary") - at("start")
    };
    assert!((100.0..3000.0).contains(&millis("--json -c 1 -W 0.1 192.0.2.2")));
    assert!(millis("--json -c 1 -W 1.5 192.0.2.2") >= 1490.0);
}

#[test]
fn preload_sends_three_at_once_and_tells_the_pipe() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-l 3 -c 5 -i 0.2 192.0.2.2");
        run.quiet_exit(0);
        assert_eq!(run.body().len(), 5);
        let last = run.lines().pop().unwrap();
        assert_eq!(last, "rtt min/avg/max/mdev = T ms, pipe 3", "{socket:?}");
        assert!(run.elapsed_ms() >= 400, "two intervals: {run:?}");
    }
}

#[test]
fn flood_prints_a_dot_for_a_request_and_takes_it_back_for_a_reply() {
    let run = one_wire("-f -c 5 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(
        run.masked(),
        format!(
            "PING 192.0.2.2 (192.0.2.2) 56(84) bytes of data.\n{}\n\
             --- 192.0.2.2 ping statistics ---\n\
             5 packets transmitted, 5 received, 0% packet loss, time Tms\n\
             rtt min/avg/max/mdev = T ms, ipg/ewma T ms\n",
            ".\x08 \x08".repeat(5)
        )
    );
}

#[test]
fn flood_leaves_the_dots_of_what_is_lost() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let run = ping(&a, "-f -c 4 -W 0.1 192.0.2.2");
    run.quiet_exit(1);
    assert!(run.out.contains("bytes of data.\n....\n--- "), "{run:?}");
}

#[test]
fn flood_of_66000_requests_wraps_the_sequence_number_and_matches_every_reply() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut command = a.command_for(crate::common::program_path(), wireline_lab::ms(60_000));
    let run = command.args(["-f", "-q", "-c", "66000", "192.0.2.2"]).assert();
    let run = Run::of(run.get_output().clone());
    run.quiet_exit(0);
    assert_eq!(run.counts(), "66000 packets transmitted, 66000 received, 0% packet loss, time Tms");
}

#[test]
fn adaptive_sends_at_the_pace_of_the_replies() {
    let run = one_wire("-A -c 5 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(run.body().len(), 5);
    assert_eq!(run.lines().pop().unwrap(), "rtt min/avg/max/mdev = T ms, ipg/ewma T ms");
    assert!(run.elapsed_ms() < 2000, "four seconds at the ordinary interval: {run:?}");
}

#[test]
fn data_too_short_for_a_time_stamp_has_no_time() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (size, timed) in [(0, false), (4, false), (15, false), (16, true)] {
        let run = ping(&a, &format!("-c 1 -s {size} 192.0.2.2"));
        run.quiet_exit(0);
        let time = if timed { " time=T ms" } else { "" };
        assert_eq!(
            run.body(),
            [format!("{} bytes from 192.0.2.2: icmp_seq=1 ttl=64{time}", size + 8)]
        );
        let end = if timed { "rtt min/avg/max/mdev = T ms\n" } else { "time Tms\n\n" };
        assert!(run.masked().ends_with(end), "{run:?}");
    }
}

#[test]
fn largest_size_is_sent_in_fragments_and_comes_back() {
    let run = one_wire("-c 1 -s 65507 192.0.2.2");
    run.quiet_exit(0);
    assert!(run.out.starts_with("PING 192.0.2.2 (192.0.2.2) 65507(65535) bytes of data.\n"));
    assert!(run.body()[0].starts_with("65515 bytes from "), "{run:?}");
}

#[test]
fn pattern_has_a_line_of_its_own_and_comes_back_unharmed() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (pattern, told) in [
        ("ff00", "0xff00"),
        ("f", "0x0f"),
        ("0123456789abcdef0123456789abcdef", "0x0123456789abcdef0123456789abcdef"),
    ] {
        let run = ping(&a, &format!("-c 1 -p {pattern} 192.0.2.2"));
        run.quiet_exit(0);
        assert_eq!(run.lines()[0], format!("PATTERN: {told}"));
        assert_eq!(run.body(), ["64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms"]);
    }
}

#[test]
fn identifier_is_told_between_the_number_and_the_ttl() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (socket, target) in [
        (Socket::Raw, "192.0.2.2"),
        (Socket::Raw, "2001:db8::2"),
        (Socket::Datagram, "192.0.2.2"),
        (Socket::Datagram, "2001:db8::2"),
    ] {
        let run = ping_by(socket, &a, &format!("-c 1 -v -e 4242 {target}"));
        assert_eq!(run.code, Some(0));
        assert_eq!(
            run.body(),
            [format!("64 bytes from {target}: icmp_seq=1 ident=4242 ttl=64 time=T ms")],
            "{socket:?}"
        );
    }
}

#[test]
fn identifier_0_is_for_raw_sockets() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-c 1 -v -e 0 192.0.2.2");
    assert_eq!(
        run.body(),
        ["64 bytes from 192.0.2.2: icmp_seq=1 ident=0 ttl=64 time=T ms"],
        "{}",
        run.err
    );
}

#[test]
fn recorded_route_is_told_once_and_then_is_the_same() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 2 -i 0.01 -R 192.0.2.2");
        run.quiet_exit(0);
        assert!(run.out.starts_with("PING 192.0.2.2 (192.0.2.2) 56(124) bytes of data.\n"));
        assert_eq!(
            run.body(),
            [
                "64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms",
                "RR: \t192.0.2.1",
                "\t192.0.2.2",
                "\t192.0.2.2",
                "\t192.0.2.1",
                "",
                "64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=T ms\t(same route)",
            ],
            "{socket:?}"
        );
    }
}

#[test]
fn route_through_a_router_is_recorded() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    let run = ping(&hosts[0], "-c 1 -R 10.1.2.2");
    let hops: Vec<_> = run.body()[1..]
        .iter()
        .map(|line| line.trim_start_matches("RR: ").trim().to_owned())
        .collect();
    assert_eq!(hops, ["10.1.1.1", "10.1.2.1", "10.1.2.2", "10.1.2.2", "10.1.1.2", "10.1.1.1", ""]);
}

/// The lines of a time stamp option with `N` for each number that is a time.
fn stamps(run: &Run) -> Vec<String> {
    let masked = |line: &String| {
        let mut words: Vec<_> = line.split('\t').map(str::to_owned).collect();
        let last = words.last_mut().unwrap();
        *last =
            last.replace(|c: char| c.is_ascii_digit() || c == '-', "").replace(" absolute", "A");
        words.join("\t")
    };
    run.body()[1..].iter().map(masked).collect()
}

#[test]
fn time_stamps_are_absolute_first_and_differences_then() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 1 -T tsonly 192.0.2.2");
        run.quiet_exit(0);
        assert_eq!(stamps(&run), ["TS: \tA", "\t", "\t", "\t", ""], "{socket:?}: {run:?}");
        let run = ping_by(socket, &a, "-c 1 -T tsandaddr 192.0.2.2");
        assert_eq!(
            stamps(&run),
            ["TS: \t192.0.2.1\tA", "\t192.0.2.2\t", "\t192.0.2.2\t", "\t192.0.2.1\t", ""],
            "{socket:?}: {run:?}"
        );
    }
}

#[test]
fn time_stamps_of_named_hosts_only() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-c 1 -T tsprespec 192.0.2.1 192.0.2.2 192.0.2.2");
    run.quiet_exit(0);
    assert!(run.out.starts_with("PING 192.0.2.2 (192.0.2.2) 56(124) bytes of data.\n"), "{run:?}");
    assert_eq!(stamps(&run), ["TS: \t192.0.2.1\tA", "\t192.0.2.2\t", ""], "{run:?}");
}

#[test]
fn hosts_that_had_no_room_for_a_time_stamp_are_counted() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r1", "r2", "r3", "b"]);
    let run = ping(&hosts[0], "-c 1 -T tsandaddr 10.1.4.2");
    run.quiet_exit(0);
    // Ten stamps, of which four have room.
    assert!(run.body().iter().any(|line| line.starts_with("Unrecorded hops: ")), "{run:?}");
}

#[test]
fn user_latency_is_no_shorter_than_what_the_kernel_measures() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let least = |args| {
        let trips = ping(&a, args).round_trips();
        assert_eq!(trips.len(), 50);
        trips.into_iter().map(|(_, ms)| ms).fold(f64::MAX, f64::min)
    };
    let user = least("-U -c 50 -i 0.002 192.0.2.2");
    let kernel = least("-c 50 -i 0.002 192.0.2.2");
    assert!(user > kernel, "{user} and {kernel} ms");
}

#[test]
fn precise_times_have_three_decimals() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-3 -c 1 192.0.2.2");
    let (_, time) = run.out.split_once("time=").unwrap();
    let (time, _) = time.split_once(" ms").unwrap();
    assert_eq!(time.split_once('.').unwrap().1.len(), 3, "{time}");
}

#[test]
fn audible_rings_at_each_reply() {
    let run = one_wire("-a -c 2 -i 0.01 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(run.out.matches('\x07').count(), 2, "{run:?}");
}

#[test]
fn percentiles_are_a_line_after_the_round_trips() {
    let run = one_wire("-q --percentiles -c 5 -i 0.01 192.0.2.2");
    run.quiet_exit(0);
    let last = run.out.lines().last().unwrap();
    assert!(last.starts_with("rtt p50/p90/p95/p99 = "), "{run:?}");
    assert!(last.contains(" ms, jitter "), "{run:?}");
}
