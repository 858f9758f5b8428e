//! ICMP errors: those about our requests have their words, the others are not heard.

use wireline_lab::Lab;

use crate::common::{Run, Socket, Strange, Way, counts, each_way, nothing_heard, start};

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
