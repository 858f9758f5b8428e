//! Flags about the socket: where requests leave from, how far they go and what they carry outside.

use wireline_lab::{Chain, Host, Lab};

use crate::common::{Run, Socket, ping, ping_by};

#[test]
fn source_is_in_the_first_line() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for (args, header) in [
            (
                "-I eth0 192.0.2.2",
                "PING 192.0.2.2 (192.0.2.2) from 192.0.2.1 eth0: 56(84) bytes of data.",
            ),
            (
                "-I 192.0.2.1 192.0.2.2",
                "PING 192.0.2.2 (192.0.2.2) from 192.0.2.1 : 56(84) bytes of data.",
            ),
            (
                "-I eth0 -I 192.0.2.1 192.0.2.2",
                "PING 192.0.2.2 (192.0.2.2) from 192.0.2.1 eth0: 56(84) bytes of data.",
            ),
            (
                "-I eth0 2001:db8::2",
                "PING 2001:db8::2(2001:db8::2) from 2001:db8::1 eth0: 56 data bytes",
            ),
            (
                "-I 2001:db8::1 2001:db8::2",
                "PING 2001:db8::2(2001:db8::2) from 2001:db8::1 : 56 data bytes",
            ),
            ("-B 192.0.2.2", "PING 192.0.2.2 (192.0.2.2) from 192.0.2.1 : 56(84) bytes of data."),
        ] {
            let run = ping_by(socket, &a, &format!("-c 1 {args}"));
            run.quiet_exit(0);
            assert_eq!(run.lines()[0], header, "{socket:?} {args}");
        }
    }
}

#[test]
fn second_address_of_a_host_can_be_the_source() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip addr add 192.0.2.77/24 dev eth0");
    b.drop_in("ip saddr 192.0.2.1");
    for socket in Socket::BOTH {
        ping_by(socket, &a, "-c 1 -I 192.0.2.77 192.0.2.2").quiet_exit(0);
    }
}

#[test]
fn source_that_is_not_ours_is_exit_2() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for (source, target, why) in [
            ("nope", "192.0.2.2", "ping: SO_BINDTODEVICE nope: No such device\n"),
            ("10.9.9.9", "192.0.2.2", "ping: bind: Cannot assign requested address\n"),
            ("2001:db8::99", "2001:db8::2", "ping: bind: Cannot assign requested address\n"),
        ] {
            let run = ping_by(socket, &a, &format!("-c 1 -I {source} {target}"));
            assert_eq!(
                (run.code, run.out.as_str(), run.err.as_str()),
                (Some(2), "", why),
                "{socket:?}"
            );
        }
    }
}

#[test]
fn own_address_is_reached_through_its_interface() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    ping(&a, "-c 1 -I eth0 192.0.2.1").quiet_exit(0);
}

#[test]
fn link_local_target_has_its_interface_in_every_line() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip addr add fe80::a/64 dev eth0 nodad");
    b.sh("ip addr add fe80::b/64 dev eth0 nodad");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 1 fe80::b%eth0");
        run.quiet_exit(0);
        assert_eq!(run.lines()[0], "PING fe80::b%eth0(fe80::b%eth0) 56 data bytes");
        assert_eq!(run.body(), ["64 bytes from fe80::b%eth0: icmp_seq=1 ttl=64 time=T ms"]);
    }
}

#[test]
fn ttl_that_ends_at_a_router_is_an_error_from_it() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    for socket in Socket::BOTH {
        let run = ping_by(socket, &hosts[0], "-c 2 -i 0.01 -t 1 10.1.2.2");
        run.quiet_exit(1);
        assert_eq!(
            run.body(),
            [
                "From 10.1.1.2 icmp_seq=1 Time to live exceeded",
                "From 10.1.1.2 icmp_seq=2 Time to live exceeded"
            ],
            "{socket:?}"
        );
        assert!(run.counts().starts_with("2 packets transmitted, 0 received, +2 errors, 100% "));
        let run = ping_by(socket, &hosts[0], "-c 1 -t 1 fd00:2::2");
        run.quiet_exit(1);
        assert_eq!(run.body(), ["From fd00:1::2 icmp_seq=1 Time exceeded: Hop limit"]);
    }
}

#[test]
fn network_that_a_router_does_not_know_is_an_error_from_it() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    for socket in Socket::BOTH {
        let run = ping_by(socket, &hosts[0], "-c 1 -W 1 10.1.9.9");
        run.quiet_exit(1);
        assert_eq!(run.body(), ["From 10.1.1.2 icmp_seq=1 Destination Net Unreachable"]);
        let run = ping_by(socket, &hosts[0], "-c 1 -W 1 fd00:9::9");
        run.quiet_exit(1);
        assert_eq!(run.body(), ["From fd00:1::2 icmp_seq=1 Destination unreachable: No route"]);
    }
}

#[test]
fn ttl_of_a_reply_tells_the_routers_on_the_way() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r1", "r2", "b"]);
    let run = ping(&hosts[0], "-c 1 10.1.3.2");
    assert_eq!(run.body(), ["64 bytes from 10.1.3.2: icmp_seq=1 ttl=62 time=T ms"]);
    let run = ping(&hosts[0], "-c 1 fd00:3::2");
    assert_eq!(run.body(), ["64 bytes from fd00:3::2: icmp_seq=1 ttl=62 time=T ms"]);
}

#[test]
fn ttl_0_is_refused_by_the_kernel() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "-c 1 -t 0 192.0.2.2");
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert_eq!(run.err, "ping: cannot set unicast time-to-live: Invalid argument\n");
}

#[test]
fn request_longer_than_the_link_is_a_local_error() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 1 -M do -s 2000 192.0.2.2");
        assert_eq!(run.code, Some(1));
        assert_eq!(run.err, "ping: local error: message too long, mtu=1500\n", "{socket:?}");
        assert!(run.counts().starts_with("1 packets transmitted, 0 received, +1 errors, 100% "));
        let run = ping_by(socket, &a, "-c 1 -M do -s 2000 2001:db8::2");
        assert_eq!(run.code, Some(1));
        assert_eq!(run.err, "ping: local error: message too long, mtu: 1500\n", "{socket:?}");
    }
}

#[test]
fn request_longer_than_a_link_behind_a_router_is_an_error_with_its_mtu() {
    for (socket, v6) in [
        (Socket::Raw, false),
        (Socket::Datagram, false),
        (Socket::Raw, true),
        (Socket::Datagram, true),
    ] {
        // A host remembers what it was told, so each has a network of its own.
        let lab = Lab::new();
        let hosts = lab.chain_with(&Chain::of(&["a", "r", "b"]).mtu(2, 1400));
        let (target, line) = if v6 {
            ("fd00:2::2", "From fd00:1::2 icmp_seq=1 Packet too big: mtu=1400")
        } else {
            ("10.1.2.2", "From 10.1.1.2 icmp_seq=1 Frag needed and DF set (mtu = 1400)")
        };
        let run = ping_by(socket, &hosts[0], &format!("-c 1 -M do -s 1450 {target}"));
        run.quiet_exit(1);
        assert_eq!(run.body(), [line], "{socket:?}");
        let again = ping_by(socket, &hosts[0], &format!("-c 1 -M do -s 1450 {target}"));
        assert!(again.err.starts_with("ping: local error: message too long, mtu"), "{again:?}");
    }
}

#[test]
fn probe_goes_out_whole_whatever_the_host_remembers_of_the_path() {
    let lab = Lab::new();
    let hosts = lab.chain_with(&Chain::of(&["a", "r", "b"]).mtu(2, 1400));
    for _ in 0..2 {
        let run = ping(&hosts[0], "-c 1 -M probe -s 1450 10.1.2.2");
        run.quiet_exit(1);
        assert_eq!(run.body(), ["From 10.1.1.2 icmp_seq=1 Frag needed and DF set (mtu = 1400)"]);
    }
}

#[test]
fn request_that_may_be_fragmented_gets_through() {
    let lab = Lab::new();
    let hosts = lab.chain_with(&Chain::of(&["a", "r", "b"]).mtu(2, 1400));
    for socket in Socket::BOTH {
        ping_by(socket, &hosts[0], "-c 1 -M dont -s 1450 10.1.2.2").quiet_exit(0);
    }
}

#[test]
fn broadcast_address_needs_b() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 1 192.0.2.255");
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert_eq!(
            run.err,
            "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n"
        );
    }
}

#[test]
fn broadcast_warns_and_takes_replies_from_everybody() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for host in [&a, &b] {
        host.sysctl("net.ipv4.icmp_echo_ignore_broadcasts", "0");
    }
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-b -c 1 -W 1 192.0.2.255");
        assert_eq!(run.code, Some(0), "{socket:?}: {run:?}");
        assert_eq!(run.err, "WARNING: pinging broadcast address\n");
        assert_eq!(run.lines()[0], "PING 192.0.2.255 (192.0.2.255) 56(84) bytes of data.");
        assert!(!run.out.contains("DUP!") && !run.out.contains("DIFFERENT"), "{run:?}");
    }
}

#[test]
fn multicast_target_is_answered_without_a_word_about_duplicates() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (socket, target) in [(Socket::Raw, "ff02::1%eth0"), (Socket::Datagram, "ff02::1%eth0")] {
        for flag in ["", "-L"] {
            let run = ping_by(socket, &a, &format!("-c 1 -W 1 {flag} {target}"));
            run.quiet_exit(0);
            assert_eq!(run.lines()[0], "PING ff02::1%eth0(ff02::1%eth0) 56 data bytes");
            assert!(!run.out.contains("(D"), "{run:?}");
        }
    }
}

/// How many echo requests with these marks on them reached the host.
fn counted(host: &Host<'_>, matching: &str, ping: impl FnOnce() -> Run) -> u64 {
    host.nft(&format!(
        "add table inet count
        add chain inet count in {{ type filter hook input priority 0; }}
        add rule inet count in {matching} counter"
    ));
    ping().quiet_exit(0);
    let rules = host.output("nft list table inet count; nft delete table inet count");
    let (_, rest) = rules.split_once("counter packets ").unwrap();
    rest.split_once(' ').unwrap().0.parse().unwrap()
}

#[test]
fn traffic_class_is_on_the_wire() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for (matching, args) in [
            ("icmp type echo-request ip dscp 46", "-Q 0xb8 192.0.2.2"),
            ("icmp type echo-request ip dscp 4 ip ecn 2", "-Q 18 192.0.2.2"),
            ("icmpv6 type echo-request ip6 dscp 46", "-Q 184 2001:db8::2"),
        ] {
            let ping = || ping_by(socket, &a, &format!("-c 2 -i 0.01 {args}"));
            assert_eq!(counted(&b, matching, ping), 2, "{socket:?} {args}");
        }
    }
}

#[test]
fn ttl_is_on_the_wire() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for (matching, target) in [("ip ttl 9", "192.0.2.2"), ("ip6 hoplimit 9", "2001:db8::2")] {
            let ping = || ping_by(socket, &a, &format!("-c 1 -t 9 {target}"));
            assert_eq!(counted(&b, matching, ping), 1, "{socket:?} {target}");
        }
    }
}

#[test]
fn mark_is_seen_by_the_firewall() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.nft(
        "add table inet f
        add chain inet f out { type filter hook output priority 0; }
        add rule inet f out icmp type echo-request meta mark != 5 drop",
    );
    ping(&a, "-c 1 -m 5 192.0.2.2").quiet_exit(0);
}

#[test]
fn mark_that_may_not_be_set_is_a_warning() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping_by(Socket::Datagram, &a, "-c 1 -m 5 192.0.2.2");
    assert_eq!(run.code, Some(0));
    assert_eq!(run.err, "ping: WARNING: failed to set mark: 5: Operation not permitted\n");
}

#[test]
fn flow_label_is_in_the_first_line_and_on_the_wire() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        let run = ping_by(socket, &a, "-c 1 -F 0x123 2001:db8::2");
        run.quiet_exit(0);
        assert_eq!(run.lines()[0], "PING 2001:db8::2(2001:db8::2) , flow 0x00123, 56 data bytes");
        let ping = || ping_by(socket, &a, "-c 1 -F 291 2001:db8::2");
        assert_eq!(counted(&b, "ip6 flowlabel 0x123", ping), 1, "{socket:?}");
    }
}

#[test]
fn flags_that_change_nothing_here_do_no_harm() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        for target in ["192.0.2.2", "2001:db8::2"] {
            for flags in ["-L", "-r", "-d", "-C", "-S 20000", "-U", "-n", "-B -C", "-M want"] {
                let run = ping_by(socket, &a, &format!("-c 1 {flags} {target}"));
                run.quiet_exit(0);
                let from = if flags.contains("-B") { " from " } else { "PING " };
                assert!(run.lines()[0].contains(from), "{socket:?} {flags}: {run:?}");
            }
        }
    }
}

#[test]
fn target_behind_a_router_is_out_of_reach_without_routing() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    let run = ping(&hosts[0], "-r -c 1 -W 0.2 10.1.2.2");
    assert_ne!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("Network is unreachable"), "{run:?}");
}
