//! Trouble on this machine and next to it, which ping reports and survives.

use wireline_lab::{Lab, Signal};

use crate::common::{Run, Socket, ping_by, start};

#[test]
fn neighbour_that_is_not_there_is_an_error_from_ourselves() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.sysctl("net.ipv4.neigh.eth0.retrans_time_ms", "100");
    a.sysctl("net.ipv6.neigh.eth0.retrans_time_ms", "100");
    for (socket, target, line) in [
        (Socket::Raw, "192.0.2.98", "From 192.0.2.1 icmp_seq=N Destination Host Unreachable"),
        (
            Socket::Raw,
            "2001:db8::98",
            "From 2001:db8::1 icmp_seq=N Destination unreachable: Address unreachable",
        ),
        (Socket::Datagram, "192.0.2.99", "From 192.0.2.1 icmp_seq=N Destination Host Unreachable"),
        (
            Socket::Datagram,
            "2001:db8::99",
            "From 2001:db8::1 icmp_seq=N Destination unreachable: Address unreachable",
        ),
    ] {
        let run = ping_by(socket, &a, &format!("-c 3 -i 0.01 -W 5 {target}"));
        run.quiet_exit(1);
        let expected: Vec<_> = (1..=3).map(|n| line.replace("=N", &format!("={n}"))).collect();
        assert_eq!(run.body(), expected, "{socket:?}");
        assert_eq!(
            run.counts(),
            "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time Tms"
        );
        // As iputils, which counts what is on its way by IPv4's errors and not by IPv6's.
        let pipe = if target.contains(':') { "" } else { "pipe 3" };
        assert_eq!(run.lines().pop().unwrap(), pipe, "{socket:?} {target}");
    }
}

#[test]
fn interface_that_goes_down_and_up_again_does_not_end_the_run() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for socket in Socket::BOTH {
        socket.allow(&a);
        let mut ping = start(&a, "-i 0.05 192.0.2.2");
        let mut lines = vec![];
        let mut read_one = |ping: &mut wireline_lab::Background| {
            while let Some(line) = ping.line() {
                lines.push(line);
                if lines.last().is_some_and(|line| line.contains(" bytes from ")) {
                    return;
                }
            }
        };
        read_one(&mut ping);
        a.sh("ip link set eth0 down; sleep 0.3; ip link set eth0 up");
        // What was on its way when the link went down, and what came after.
        (0..5).for_each(|_| read_one(&mut ping));
        ping.signal(Signal::SIGINT);
        let mut run = Run::of(ping.output());
        run.out.insert_str(0, &(lines.join("\n") + "\n"));
        assert_eq!(run.code, Some(0), "{socket:?}: {run:?}");
        assert!(run.err.contains("ping: sendmsg: Network is unreachable\n"), "{socket:?}: {run:?}");
        let numbers: Vec<u64> = run
            .counts()
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|n| n.parse().ok())
            .collect();
        let [sent, received, ..] = numbers[..] else { panic!("{run:?}") };
        let replies = run.round_trips();
        assert_eq!(received, replies.len() as u64, "{run:?}");
        assert!(sent > received, "{run:?}");
        assert!(u64::from(replies.last().unwrap().0) <= sent, "{run:?}");
    }
}

#[test]
fn firewall_that_refuses_to_send_is_told_and_counted_as_loss() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.nft(
        "add table inet f
        add chain inet f out { type filter hook output priority 0; }
        add rule inet f out icmp type echo-request drop
        add rule inet f out icmpv6 type echo-request drop",
    );
    for socket in Socket::BOTH {
        for target in ["192.0.2.2", "2001:db8::2"] {
            let run = ping_by(socket, &a, &format!("-c 2 -i 0.01 -W 0.1 {target}"));
            assert_eq!(run.code, Some(1), "{run:?}");
            // The kernel keeps it to itself where the socket is an IPv6 one for datagrams.
            let told = if (socket, target) == (Socket::Datagram, "2001:db8::2") { 0 } else { 2 };
            let line = "ping: sendmsg: Operation not permitted\n";
            assert_eq!(run.err, line.repeat(told), "{socket:?} {target}");
            assert_eq!(
                run.counts(),
                "2 packets transmitted, 0 received, 100% packet loss, time Tms"
            );
        }
    }
}

#[test]
fn prohibited_route_ends_before_the_first_line() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.sh("ip route add prohibit 198.51.100.0/24; ip route add unreachable 203.0.113.0/24");
    for (target, why) in [
        (
            "198.51.100.1",
            "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n",
        ),
        ("203.0.113.1", "ping: connect: No route to host\n"),
    ] {
        let run = ping_by(Socket::Datagram, &a, &format!("-c 1 {target}"));
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(2), "", why));
    }
}

#[test]
fn deadline_ends_at_the_first_error() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    let run = ping_by(Socket::Raw, &hosts[0], "-w 5 -t 1 10.1.2.2");
    run.quiet_exit(1);
    assert!(run.counts().starts_with("1 packets transmitted, 0 received, +1 errors"), "{run:?}");
}
