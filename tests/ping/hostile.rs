//! Targets and routers that answer what they should not: each gets its line and its counter, none
//! a panic.

use std::fs;

use wireline_lab::{Lab, Signal};

use crate::common::{Run, Socket, Strange, Way, all_at_once, each_way, ping_by, start};

/// Asserts that nothing came that counts or is worth a line.
#[track_caller]
fn nothing_heard(way: Way, n: usize, run: &Run) {
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{way:?} {n}: {run:?}");
    assert_eq!(run.body(), [""; 0], "{way:?} {n}");
    assert_eq!(run.counts(), "1 packets transmitted, 0 received, 100% packet loss, time Tms");
}

#[track_caller]
fn counts(run: &Run, start: &str) {
    assert!(run.counts().starts_with(start), "{run:?}");
}

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
fn errors_of_ipv4_that_the_kernel_keeps_to_itself_are_not_heard() {
    each_way(&["error:3:200", "error:11:1"], "-c 1 -W 0.1", |way, n, run| {
        if !way.v6 {
            nothing_heard(way, n, run);
        }
    });
}

#[test]
fn errors_that_quote_garbage_of_any_length_are_not_heard() {
    let lab = Lab::new();
    let words: Vec<_> = (0..=60)
        .flat_map(|n| [format!("error-garbage:3:1:{n}"), format!("error-garbage:1:0:{n}")])
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let strange = Strange::new(&lab, &words);
    for way in Way::ALL {
        way.socket.allow(&strange.a);
        let family = usize::from(way.v6);
        let pings: Vec<_> = (0..=60)
            .map(|n| start(&strange.a, &format!("-c 1 -W 0.5 {}", way.target(2 * n + 1 + family))))
            .collect();
        for (n, ping) in pings.into_iter().enumerate() {
            nothing_heard(way, n, &Run::of(ping.output()));
        }
    }
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

/// Each word is an error about the request of number 1.
fn errors(v6: bool, table: &[(&str, &str)]) {
    let words: Vec<_> = table.iter().map(|(word, _)| *word).collect();
    each_way(&words, "-c 1 -W 1", |way, n, run| {
        if way.v6 == v6 {
            run.quiet_exit(1);
            let (word, text) = table[n - 1];
            assert_eq!(
                run.body(),
                [format!("From {} icmp_seq=1 {text}", way.router())],
                "{word} {way:?}"
            );
            counts(run, "1 packets transmitted, 0 received, +1 errors, 100% packet loss");
        }
    });
}

#[test]
fn errors_of_ipv4_have_their_words() {
    errors(
        false,
        &[
            ("error:3:0", "Destination Net Unreachable"),
            ("error:3:1", "Destination Host Unreachable"),
            ("error:3:2", "Destination Protocol Unreachable"),
            ("error:3:3", "Destination Port Unreachable"),
            ("error:3:4:0", "Frag needed and DF set (mtu = 0)"),
            ("error:3:4:67", "Frag needed and DF set (mtu = 67)"),
            ("error:3:4:65535", "Frag needed and DF set (mtu = 65535)"),
            ("error:3:5", "Source Route Failed"),
            ("error:3:6", "Destination Net Unknown"),
            ("error:3:7", "Destination Host Unknown"),
            ("error:3:8", "Source Host Isolated"),
            ("error:3:9", "Destination Net Prohibited"),
            ("error:3:10", "Destination Host Prohibited"),
            ("error:3:11", "Destination Net Unreachable for Type of Service"),
            ("error:3:12", "Destination Host Unreachable for Type of Service"),
            ("error:3:13", "Packet filtered"),
            ("error:3:14", "Precedence Violation"),
            ("error:3:15", "Precedence Cutoff"),
            ("error:11:0", "Time to live exceeded"),
            ("error:12:0:0x05000000", "Parameter problem: pointer = 5"),
            ("error-full:3:1", "Destination Host Unreachable"),
            ("error-truncated:3:1:28", "Destination Host Unreachable"),
        ],
    );
}

#[test]
fn errors_of_ipv6_have_their_words() {
    errors(
        true,
        &[
            ("error:1:0", "Destination unreachable: No route"),
            ("error:1:1", "Destination unreachable: Administratively prohibited"),
            ("error:1:2", "Destination unreachable: Beyond scope of source address"),
            ("error:1:3", "Destination unreachable: Address unreachable"),
            ("error:1:4", "Destination unreachable: Port unreachable"),
            ("error:1:5", "Destination unreachable: Source address failed ingress/egress policy"),
            ("error:1:6", "Destination unreachable: Reject route to destination"),
            ("error:3:0", "Time exceeded: Hop limit"),
            ("error:3:1", "Time exceeded: Defragmentation failure"),
            ("error:3:200", "Time exceeded: code 200"),
            ("error:4:0:6", "Parameter problem: Wrong header field at 6"),
            ("error:4:1:40", "Parameter problem: Unknown header at 40"),
            ("error:4:2:41", "Parameter problem: Unknown option at 41"),
            ("error-full:1:3", "Destination unreachable: Address unreachable"),
            ("error-truncated:1:3:48", "Destination unreachable: Address unreachable"),
        ],
    );
}

#[test]
fn packet_too_big_tells_its_mtu() {
    errors(
        true,
        &[
            ("error:2:0:1280", "Packet too big: mtu=1280"),
            ("error:2:0:1400", "Packet too big: mtu=1400"),
        ],
    );
}

#[test]
fn advice_is_shown_and_is_no_error() {
    let words = ["redirect:1:192.0.2.9", "quench"];
    each_way(&words, "-c 1 -W 1", |way, n, run| {
        run.quiet_exit(0);
        counts(run, "1 packets transmitted, 1 received, 0% packet loss");
        let text = ["Redirect Host(New nexthop: 192.0.2.9)", "Source Quench"][n - 1];
        let body = run.body();
        match way {
            Way { v6: true, .. } => assert_eq!(body, [way.reply(n, 1)]),
            Way { socket: Socket::Raw, .. } => {
                assert_eq!(body, [format!("From 192.0.2.2: icmp_seq=1 {text}"), way.reply(n, 1)]);
            }
            Way { socket: Socket::Datagram, .. } => {
                assert_eq!(body, [format!("From 192.0.2.2 icmp_seq=1 {text}"), way.reply(n, 1)]);
            }
        }
    });
}

#[test]
fn flood_shows_an_error_as_an_e() {
    each_way(&["error:3:1"], "-f -i 0.01 -c 3", |way, _, run| {
        if !way.v6 {
            run.quiet_exit(1);
            assert!(run.out.contains("\n.\x08E.\x08E.\x08E\n---"), "{way:?} {run:?}");
            counts(run, "3 packets transmitted, 0 received, +3 errors, 100% packet loss");
        }
    });
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
