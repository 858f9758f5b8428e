//! Targets and routers that answer what they should not: each gets its line and its counter, none
//! a panic.

use std::fs;

use wireline_lab::{Lab, Signal};

use crate::common::{
    Run, Socket, Strange, Way, all_at_once, counts, each_way, nothing_heard, ping_by, start,
};

#[test]
fn right_reply_is_a_reply() {
    each_way(&["normal"], "-c 2 -i 0.01", |way, n, run| {
        run.quiet_exit(0);
        assert_eq!(run.body(), [way.reply(n, 1), way.reply(n, 2)], "{way:?}");
    });
}

#[test]
fn replies_to_others_and_messages_that_are_no_replies_are_not_heard() {
    let words = [
        "silent",
        "foreign-seq:5",
        "foreign-seq:-1",
        "request-back",
        "type:255:255",
        "type:2:0",
        "type:13:0",
        "type:127:3",
        "truncate:0",
        "truncate:4",
        "truncate:7",
        "error-badsum:3:1",
        "error-badsum:1:0",
        "error-truncated:3:1:27",
        "error-truncated:11:0:20",
        "error:255:255",
    ];
    all_at_once(&words, "-c 1 -W 0.5", nothing_heard);
}

#[test]
fn replies_and_errors_of_a_neighbouring_identifier_are_not_heard() {
    // One after another: beside each other the next identifier is the next ping's.
    let words = ["foreign-ident", "error-foreign:3:1", "error-foreign:1:0"];
    each_way(&words, "-c 1 -W 0.1", nothing_heard);
}

#[test]
fn duplicates_are_marked_and_counted_apart() {
    each_way(&["dup:3"], "-c 2 -i 0.2", |way, n, run| {
        run.quiet_exit(0);
        let dup = way.reply(n, 1) + " (DUP!)";
        assert_eq!(run.body()[..4], [way.reply(n, 1), dup.clone(), dup, way.reply(n, 2)]);
        counts(run, "2 packets transmitted, 2 received, +");
        let marked = run.body().iter().filter(|line| line.ends_with(" (DUP!)")).count();
        counts(run, &format!("2 packets transmitted, 2 received, +{marked} duplicates, 0% "));
    });
}

#[test]
fn flood_of_duplicates_ends_in_time_and_fills_no_memory() {
    let lab = Lab::new();
    let strange = Strange::new(&lab, &["flood:100000"]);
    for way in [Way::ALL[0], Way::ALL[3]] {
        way.socket.allow(&strange.a);
        let ping = start(&strange.a, &format!("-q -i 30 {}", way.target(1)));
        strange.a.sh("sleep 1.5");
        let status = fs::read_to_string(format!("/proc/{}/status", ping.pid())).unwrap();
        ping.signal(Signal::SIGINT);
        let run = Run::of(ping.output());
        run.quiet_exit(0);
        counts(&run, "1 packets transmitted, 1 received, +");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kilobytes < 32 << 10, "{kilobytes} kB");
    }
}

#[test]
fn requests_that_nothing_comes_back_for_are_lost() {
    each_way(&["drop-even"], "-O -c 3 -i 0.1 -W 0.3", |way, n, run| {
        run.quiet_exit(0);
        let silence = "no answer yet for icmp_seq=2".to_owned();
        assert_eq!(run.body(), [way.reply(n, 1), silence, way.reply(n, 3)]);
        counts(run, "3 packets transmitted, 2 received, 33.3333% packet loss");
    });
}

#[test]
fn target_that_wakes_up_late_is_a_target() {
    let lab = Lab::new();
    let strange = Strange::new(&lab, &["first-silent:1"; 4]);
    for (way, n) in Way::ALL.into_iter().zip(1..) {
        let args = format!("-O -c 3 -i 0.1 -W 0.3 {}", way.target(n));
        let run = ping_by(way.socket, &strange.a, &args);
        run.quiet_exit(0);
        let silence = "no answer yet for icmp_seq=1".to_owned();
        assert_eq!(run.body(), [silence, way.reply(n, 2), way.reply(n, 3)], "{way:?}");
    }
}

#[test]
fn late_reply_is_waited_for_and_timed_from_its_own_request() {
    each_way(&["late:300"], "-c 2 -i 0.1 -W 2", |way, _, run| {
        run.quiet_exit(0);
        let trips = run.round_trips();
        assert_eq!(trips.iter().map(|trip| trip.0).collect::<Vec<_>>(), [1, 2], "{way:?}");
        assert!(trips.iter().all(|(_, ms)| *ms >= 300.0), "{trips:?}");
    });
}

#[test]
fn replies_in_the_wrong_order_are_matched_by_number() {
    each_way(&["swap"], "-c 2 -i 0.1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        assert_eq!(run.body(), [way.reply(n, 2), way.reply(n, 1)]);
        let trips = run.round_trips();
        assert!(trips[1].1 >= 90.0, "the first waited for the second: {trips:?}");
        counts(run, "2 packets transmitted, 2 received, 0% packet loss");
    });
}

#[test]
fn reply_with_a_wrong_checksum_is_shown_and_not_counted_as_received() {
    each_way(&["wrong-checksum"], "-c 1 -W 0.3", |way, n, run| {
        if way.v6 || way.socket == Socket::Datagram {
            return nothing_heard(way, n, run);
        }
        run.quiet_exit(1);
        assert_eq!(run.body(), [way.reply(n, 1) + " (BAD CHECKSUM!)"]);
        counts(run, "1 packets transmitted, 0 received, +1 corrupted, 100% packet loss");
    });
}

#[test]
fn reply_cut_short_is_shown_as_truncated_and_has_no_time() {
    let words = ["truncate:8", "truncate:12", "truncate:36", "truncate:63"];
    each_way(&words, "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        let octets = words[n - 1].split_once(':').unwrap().1;
        assert_eq!(
            run.body(),
            [format!("{octets} bytes from {}: icmp_seq=1 ttl=64 (truncated)", way.target(n))]
        );
        counts(run, "1 packets transmitted, 1 received, 0% packet loss");
    });
}

#[test]
fn reply_cut_to_every_length_is_one_reply_and_its_duplicates() {
    each_way(&["every-truncation"], "-c 2 -i 0.3", |way, n, run| {
        run.quiet_exit(0);
        let cut = (8..64).map(|octets| {
            format!("{octets} bytes from {}: icmp_seq=1 ttl=64 (truncated)", way.target(n))
        });
        let all: Vec<_> = cut.chain([way.reply(n, 1) + " (DUP!)"]).collect();
        assert_eq!(run.body()[..57], all, "{way:?}");
        counts(run, "2 packets transmitted, 2 received, +");
    });
}

#[test]
fn reply_from_another_address_is_told_and_counted() {
    each_way(&["other-source"], "-c 1 -W 1", |way, _, run| {
        run.quiet_exit(0);
        let line = format!(
            "64 bytes from {}: icmp_seq=1 ttl=64 time=T ms (DIFFERENT ADDRESS!)",
            way.router()
        );
        assert_eq!(run.body(), [line], "{way:?}");
        counts(run, "1 packets transmitted, 1 received, 0% packet loss");
    });
}

#[test]
fn connected_raw_socket_does_not_hear_another_address() {
    each_way(&["other-source"], "-C -c 1 -W 0.1", |way, n, run| {
        // The kernel gives a datagram socket every reply with its identifier.
        if way.socket == Socket::Raw {
            nothing_heard(way, n, run);
        }
    });
}

#[test]
fn octet_that_came_back_altered_is_named_and_dumped() {
    each_way(&["flip:52"], "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        assert_eq!(
            run.body(),
            [
                way.reply(n, 1),
                "wrong data byte #52 should be 0x34 but was 0xcb".into(),
                "#16\t10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 29 \
                 2a 2b 2c 2d 2e 2f "
                    .into(),
                "#48\t30 31 32 33 cb 35 36 37 ".into(),
            ],
            "{way:?}"
        );
    });
}

#[test]
fn time_in_the_data_of_a_reply_is_not_believed() {
    each_way(&["odd-payload"], "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        assert_eq!(run.body(), [way.reply(n, 1)]);
        let trips = run.round_trips();
        assert!((0.0..1000.0).contains(&trips[0].1), "{trips:?}");
    });
}

#[test]
fn reply_longer_than_its_request_is_a_reply() {
    each_way(&["longer:8", "longer:1000"], "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        // As many octets as there is room for; which may be all.
        let octets = run.body()[0].split_once(' ').map(|(octets, _)| octets.to_owned()).unwrap();
        let line = format!("{octets} bytes from {}: icmp_seq=1 ttl=64 time=T ms", way.target(n));
        assert_eq!(run.body(), [line], "{way:?}");
        let octets: usize = octets.parse().unwrap();
        assert!(if n == 1 { octets == 72 } else { octets > 72 }, "{octets}");
    });
}

#[test]
fn options_that_were_not_asked_for_do_no_harm() {
    // Record route: of length 0, 1, 3, 41, with a pointer past its end, and a good one; time
    // stamps, source routes, an unknown option, nothing but no-operations.
    let words = [
        "options:07000000",
        "options:07010400",
        "options:07030400",
        "options:0729040000000000",
        "options:0707ff0000000000",
        "options:070708c0000202",
        "options:4408090000000000",
        "options:44240500",
        "options:830704c6336401",
        "options:890700c6336401",
        "options:9f0400",
        "options:9f00",
        "options:01010101",
        "options:0101010101010101010101010101010101010101",
    ];
    each_way(&words, "-c 1 -W 0.3", |way, n, run| {
        assert!(run.code == Some(0) || (run.code == Some(1) && !way.v6), "{n} {way:?}: {run:?}");
        assert_eq!(run.err, "");
        counts(run, "1 packets transmitted, ");
        if way.v6 {
            assert_eq!(run.body(), [way.reply(n, 1)]);
        }
    });
}

#[test]
fn reply_behind_extension_headers_is_a_reply() {
    each_way(&["ext-headers:1", "ext-headers:7"], "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        assert_eq!(run.body(), [way.reply(n, 1)], "{way:?}");
    });
}

#[test]
fn noise_before_a_reply_is_not_taken_for_it() {
    each_way(
        &["random:1:300", "random:2:300", "random:3:300"],
        "-c 2 -i 0.1 -W 2",
        |way, n, run| {
            run.quiet_exit(0);
            assert_eq!(run.body(), [way.reply(n, 1), way.reply(n, 2)], "{way:?}");
            counts(run, "2 packets transmitted, 2 received, 0% packet loss");
        },
    );
}

#[test]
fn name_that_steers_the_terminal_is_escaped() {
    let lab = Lab::new();
    let strange = Strange::new(&lab, &["normal", "error:3:1"]);
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file(
        "/etc/hosts",
        "198.51.100.1 evil\x1b[31mname\n192.0.2.2 evil\x07router\u{202e}\n198.51.100.2 plain",
    );
    for target in ["-H 198.51.100.1", "-H 198.51.100.2", "plain"] {
        let run = ping_by(Socket::Raw, &strange.a, &format!("-c 1 -W 1 {target}"));
        let raw = run.out.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(raw, None, "{run:?}");
        assert_eq!(run.body().len(), 1, "{run:?}");
    }
}
