//! Every method over a healthy path, by both families and both users: each line, but for its times.

use wireline_lab::{Lab, Path};

use crate::common::{Way, Who, before, each_way, each_way_by, short, trace, trace_by};

#[test]
fn udp_shows_every_hop_to_the_target() {
    each_way(&short(4), "-n", |way, run| run.says(&way.healthy(4, way.size())));
}

#[test]
fn echo_requests_show_every_hop_to_the_target() {
    each_way(&short(4), "-n -I", |way, run| run.says(&way.healthy(4, way.size())));
}

#[test]
fn tcp_shows_every_hop_to_an_open_and_to_a_closed_port() {
    let path = short(4).target(|target| target.open_tcp([443]));
    for port in ["", "-p 443"] {
        let args = format!("-n -T {port}");
        each_way(&path, &args, |way, run| run.says(&way.healthy(4, way.size())));
    }
}

#[test]
fn connections_show_every_hop_to_an_open_and_to_a_closed_port() {
    let path = short(4).target(|target| target.open_tcp([80]));
    for port in ["80", "81"] {
        let args = format!("-n -M tcpconn -p {port}");
        each_way(&path, &args, |way, run| run.says(&way.healthy(4, way.size())));
    }
}

#[test]
fn udp_to_one_port_shows_every_hop_to_who_answers_there() {
    let path = short(4).target(|target| target.open_udp([53]));
    for port in ["", "-p 54"] {
        let args = format!("-n -U {port}");
        each_way(&path, &args, |way, run| run.says(&way.healthy(4, way.size())));
    }
}

#[test]
fn protocol_that_the_target_does_not_know_ends_with_its_refusal() {
    each_way_by(&short(3), &Way::ALL[..2], "-n -P 253", |way, run| {
        let mark = if way.v6 { "!<4-1>" } else { "!P" };
        let last = format!(" 3  {}  T ms {mark}  T ms {mark}  T ms {mark}", way.target());
        run.says_hops(&[&way.line(1), &way.line(2), &last]);
    });
}

#[test]
fn raw_methods_are_refused_to_nobody_on_one_line() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    for args in ["-P 253", "-T -O ack", "-T -O flags=1"] {
        let run = trace_by(Who::Nobody, &host, &format!("-n {args} 203.0.113.9"));
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{args}: {}", run.err);
        let is_one = run.err.starts_with("traceroute: ") && run.err.lines().count() == 1;
        assert!(is_one, "{args}: {}", run.err);
        assert!(run.err.contains("needs a raw socket"), "{args}: {}", run.err);
    }
}

#[test]
fn last_method_counts() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(1));
    for args in ["-I -T", "-IT", "-U -I -M tcp", "-M icmp -T"] {
        trace(&host, &format!("-n -q 1 -N 1 -m 1 {args} 203.0.113.9")).quiet_exit(0);
    }
    for args in ["-T -I", "-TI", "-M ICMP"] {
        trace(&host, &format!("-n -q 1 -N 1 -m 1 {args} 203.0.113.9")).quiet_exit(0);
    }
    let probes = path.stop();
    let protocols: Vec<_> = probes.iter().map(|probe| probe.protocol).collect();
    assert_eq!(protocols, [6, 6, 6, 6, 1, 1, 1]);
}

#[test]
fn kernels_in_a_row_are_shown_by_every_method() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "s", "b"]);
    hosts[0].open_ping_sockets();
    hosts[3].sysctl("net.ipv4.icmp_ratelimit", "0");
    hosts[3].sysctl("net.ipv6.icmp.ratelimit", "0");
    for who in [Who::Root, Who::Nobody] {
        for method in ["", "-I", "-T", "-U -p 54", "-M tcpconn"] {
            trace_by(who, &hosts[0], &format!("-n {method} 10.1.3.2")).says(
                "traceroute to 10.1.3.2 (10.1.3.2), 30 hops max, 60 byte packets\n \
                 1  10.1.1.2  T ms  T ms  T ms\n \
                 2  10.1.2.2  T ms  T ms  T ms\n \
                 3  10.1.3.2  T ms  T ms  T ms\n",
            );
            trace_by(who, &hosts[0], &format!("-n {method} fd00:3::2")).says(
                "traceroute to fd00:3::2 (fd00:3::2), 30 hops max, 80 byte packets\n \
                 1  fd00:1::2  T ms  T ms  T ms\n \
                 2  fd00:2::2  T ms  T ms  T ms\n \
                 3  fd00:3::2  T ms  T ms  T ms\n",
            );
        }
    }
}

#[test]
fn loopback_is_one_hop() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    trace(&host, "-n 127.0.0.1").says(
        "traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 60 byte packets\n \
         1  127.0.0.1  T ms  T ms  T ms\n",
    );
    trace(&host, "-n ::1").says(
        "traceroute to ::1 (::1), 30 hops max, 80 byte packets\n \
         1  ::1  T ms  T ms  T ms\n",
    );
}

#[test]
fn flags_of_the_last_segment_are_shown_once() {
    let path = short(2).target(|target| target.open_tcp([80]));
    let lab = Lab::new();
    let (host, _path) = before(&lab, &path);
    for (args, flags) in [
        ("-O info", "syn,ack"),
        ("-O info -p 81", "rst,ack"),
        ("-O info,ack -p 81", "rst"),
        ("-O info,ecn", "syn,ack,ece"),
    ] {
        let run = trace(&host, &format!("-n -T {args} 203.0.113.9"));
        let last = format!(" 2  203.0.113.9 <{flags}>  T ms  T ms  T ms");
        run.says_hops(&[" 1  10.200.1.1  T ms  T ms  T ms", &last]);
    }
}

#[test]
fn longest_path_is_shown_whole() {
    each_way_by(&Path::new(30).delay(wireline_lab::ms(0)), &Way::ALL[..2], "-n", |way, run| {
        run.says(&way.healthy(30, way.size()));
    });
}
