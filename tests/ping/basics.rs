//! What everybody's script relies on: lines, counters and exit codes of a good day and of silence.

use std::os::unix::fs::symlink;

use wireline_lab::Lab;

use crate::common::{Socket, ping, ping_by, program_path, run_as};

#[test]
fn three_replies_are_five_lines_and_exit_0() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 3 -i 0.01 192.0.2.2");
        run.quiet_exit(0);
        assert_eq!(
            run.masked(),
            "PING 192.0.2.2 (192.0.2.2) 56(84) bytes of data.\n\
             64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms\n\
             64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=T ms\n\
             64 bytes from 192.0.2.2: icmp_seq=3 ttl=64 time=T ms\n\
             \n\
             --- 192.0.2.2 ping statistics ---\n\
             3 packets transmitted, 3 received, 0% packet loss, time Tms\n\
             rtt min/avg/max/mdev = T ms\n",
            "{socket:?}"
        );
    }
}

#[test]
fn three_replies_over_ipv6_have_the_header_of_ipv6() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 3 -i 0.01 2001:db8::2");
        run.quiet_exit(0);
        assert_eq!(
            run.masked(),
            "PING 2001:db8::2(2001:db8::2) 56 data bytes\n\
             64 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=T ms\n\
             64 bytes from 2001:db8::2: icmp_seq=2 ttl=64 time=T ms\n\
             64 bytes from 2001:db8::2: icmp_seq=3 ttl=64 time=T ms\n\
             \n\
             --- 2001:db8::2 ping statistics ---\n\
             3 packets transmitted, 3 received, 0% packet loss, time Tms\n\
             rtt min/avg/max/mdev = T ms\n",
            "{socket:?}"
        );
    }
}

#[test]
fn silence_is_an_empty_line_in_the_place_of_the_round_trips_and_exit_1() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    for (socket, target) in [(Socket::Raw, "192.0.2.2"), (Socket::Datagram, "2001:db8::2")] {
        let run = ping_by(socket, &a, &format!("-c 1 -W 0.1 {target}"));
        run.quiet_exit(1);
        let end = format!(
            "\n\n--- {target} ping statistics ---\n\
             1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n"
        );
        assert!(run.out.ends_with(&end), "{run:?}");
    }
}

#[test]
fn network_that_cannot_be_reached_is_exit_2_and_nothing_on_stdout() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for target in ["198.51.100.1", "2001:db8:bad::1"] {
            let run = ping_by(socket, &a, &format!("-c 1 {target}"));
            assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{target}");
            assert_eq!(run.err, "ping: connect: Network is unreachable\n");
        }
    }
}

#[test]
fn name_that_nobody_knows_is_exit_2_and_named() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    let run = ping(&a, "-c 1 nowhere.invalid");
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert_eq!(run.err, "ping: nowhere.invalid: Name or service not known\n");
}

#[test]
fn name_from_the_hosts_file_stands_before_its_address() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.2 target.example\n2001:db8::2 target6.example");
    let run = ping(&a, "-c 1 target.example");
    run.quiet_exit(0);
    assert_eq!(
        run.lines()[..2],
        [
            "PING target.example (192.0.2.2) 56(84) bytes of data.",
            "64 bytes from target.example (192.0.2.2): icmp_seq=1 ttl=64 time=T ms"
        ]
    );
    assert!(run.out.contains("\n--- target.example ping statistics ---\n"), "{run:?}");
    let run = ping(&a, "-c 1 target6.example");
    assert_eq!(
        run.lines()[..2],
        [
            "PING target6.example(target6.example (2001:db8::2)) 56 data bytes",
            "64 bytes from target6.example (2001:db8::2): icmp_seq=1 ttl=64 time=T ms"
        ]
    );
}

#[test]
fn names_of_addresses_are_left_out_by_n_and_put_in_by_h() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.2 target.example");
    let first = |args| ping(&a, args).body().remove(0);
    assert_eq!(
        first("-n -c 1 target.example"),
        "64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms"
    );
    assert_eq!(first("-c 1 192.0.2.2"), "64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms");
    assert_eq!(
        first("-H -c 1 192.0.2.2"),
        "64 bytes from target.example (192.0.2.2): icmp_seq=1 ttl=64 time=T ms"
    );
}

#[test]
fn quiet_has_the_first_line_and_the_statistics_only() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-q -c 2 -i 0.01 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(
        run.masked(),
        "PING 192.0.2.2 (192.0.2.2) 56(84) bytes of data.\n\
         \n\
         --- 192.0.2.2 ping statistics ---\n\
         2 packets transmitted, 2 received, 0% packet loss, time Tms\n\
         rtt min/avg/max/mdev = T ms\n"
    );
}

#[test]
fn timestamps_stand_before_replies_and_before_silence() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(2, "icmp type echo-request");
    let run = ping(&a, "-D -O -c 2 -i 0.1 -W 0.2 192.0.2.2");
    let stamps: Vec<_> = run.out.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(
        run.body(),
        [
            "[T] no answer yet for icmp_seq=1",
            "[T] 64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=T ms"
        ]
    );
    for line in stamps {
        let (stamp, _) = line[1..].split_once(']').unwrap();
        let (seconds, micros) = stamp.split_once('.').unwrap();
        assert_eq!((seconds.len(), micros.len()), (10, 6), "{line}");
    }
}

#[test]
fn outstanding_request_is_told_before_the_next_is_sent() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    // Numbers 1 and 3 are lost.
    b.drop_each(2, "icmp type echo-request");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-O -c 4 -i 0.1 -W 0.2 192.0.2.2");
        run.quiet_exit(0);
        assert_eq!(
            run.body(),
            [
                "no answer yet for icmp_seq=1",
                "64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=T ms",
                "no answer yet for icmp_seq=3",
                "64 bytes from 192.0.2.2: icmp_seq=4 ttl=64 time=T ms",
            ],
            "{socket:?}"
        );
        assert_eq!(run.counts(), "4 packets transmitted, 2 received, 50% packet loss, time Tms");
    }
}

#[test]
fn loss_of_one_in_three_is_told_in_six_figures() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(3, "icmp type echo-request");
    let run = ping(&a, "-c 3 -i 0.05 -W 0.2 192.0.2.2");
    assert_eq!(run.counts(), "3 packets transmitted, 2 received, 33.3333% packet loss, time Tms");
}

#[test]
fn deadline_with_too_few_replies_is_exit_1() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-w 1 -c 5 192.0.2.2");
    run.quiet_exit(1);
    assert!(!run.counts().contains(" 0 received"), "{run:?}");
}

#[test]
fn deadline_with_a_reply_and_no_count_is_exit_0() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    ping(&a, "-q -w 1 192.0.2.2").quiet_exit(0);
}

#[test]
fn deadline_counts_replies_and_not_requests() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(2, "icmp type echo-request");
    let run = ping(&a, "-w 5 -c 2 -i 0.05 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(run.counts(), "4 packets transmitted, 2 received, 50% packet loss, time Tms");
}

#[test]
fn symlinks_ping4_and_ping6_choose_the_family() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.2 both.example\n2001:db8::2 both.example");
    let directory = std::env::temp_dir().join(format!("wireline-ping-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let first = |name: &str, args: &str| {
        let link = directory.join(name);
        let _ = symlink(program_path(), &link);
        run_as(Socket::Raw, &a, &link, args)
    };
    let [four, six, wrong] = [
        first("ping4", "-q -c 1 both.example"),
        first("ping6", "-q -c 1 both.example"),
        first("ping6", "-c 1 192.0.2.2"),
    ];
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(four.out.starts_with("PING both.example (192.0.2.2) 56(84)"), "{four:?}");
    assert!(six.out.starts_with("PING both.example("), "{six:?}");
    assert!(six.out.contains("2001:db8::2)) 56 data bytes\n"), "{six:?}");
    assert_eq!(wrong.code, Some(2));
    assert_eq!(wrong.err, "ping6: 192.0.2.2: Address family for hostname not supported\n");
}

#[test]
fn flags_may_be_clustered() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-nqc1 192.0.2.2");
    run.quiet_exit(0);
    assert!(run.body().is_empty(), "{run:?}");
    assert!(run.counts().starts_with("1 packets transmitted"), "{run:?}");
}

#[test]
fn last_of_two_counts_wins() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-c 2 -c 5 -i 0.01 192.0.2.2");
    assert!(run.counts().starts_with("5 packets transmitted, 5 received"), "{run:?}");
}

#[test]
fn options_may_follow_the_destination() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "192.0.2.2 -c 2 -i 0.01 -q");
    assert!(run.counts().starts_with("2 packets transmitted, 2 received"), "{run:?}");
}

#[test]
fn time_of_a_run_is_from_the_first_request_to_the_last() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let run = ping(&a, "-c 3 -i 0.1 -W 0.5 192.0.2.2");
    let ms = run.elapsed_ms();
    assert!((195..480).contains(&ms), "two intervals without the wait for the last reply: {ms}");
}
