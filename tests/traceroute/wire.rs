//! What leaves for the wire, by the path's own account of it.

use wireline_lab::{Lab, Probe};

use crate::common::{Way, before, short, trace, trace_by};

/// What reaches a path of two hops, of a run that succeeds.
#[track_caller]
fn sent(args: &str) -> Vec<Probe> {
    sent_in(Way::ALL[0], args)
}

#[track_caller]
fn sent_in(way: Way, args: &str) -> Vec<Probe> {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(2).target(|target| target.open_tcp([80])));
    let run =
        trace_by(way.who, &host, &format!("-n {args}").replace('@', &way.target().to_string()));
    run.quiet_exit(0);
    let probes = path.stop();
    assert!(!probes.is_empty(), "{args}: {run:?}");
    // What the kernel says to an open port is no probe.
    probes.into_iter().filter(|probe| probe.tcp_flags.is_none_or(|flags| flags & 4 == 0)).collect()
}

fn all<T: PartialEq>(probes: &[Probe], value: &T, of: impl Fn(&Probe) -> T) -> bool {
    probes.iter().all(|probe| of(probe) == *value)
}

#[test]
fn udp_goes_to_rising_ports_hop_by_hop() {
    let probes = sent("-N 16 -m 2 @");
    let found: Vec<_> = probes.iter().map(|probe| (probe.ttl, probe.ports.unwrap().1)).collect();
    let expected = [(1, 33434), (1, 33435), (1, 33436), (2, 33437), (2, 33438), (2, 33439)];
    assert_eq!(found, expected);
    assert!(all(&probes, &60, |probe| probe.length));
    assert!(all(&probes, &17, |probe| probe.protocol));
    assert!(all(&probes, &false, |probe| probe.dont_fragment));
    assert!(all(&probes, &0, |probe| probe.tos));
    let pattern: Vec<u8> = (0x40..0x60).collect();
    assert!(all(&probes, &pattern, |probe| probe.payload().to_vec()));
}

#[test]
fn udp_of_ipv6_is_eighty_octets() {
    for way in [Way::ALL[1], Way::ALL[3]] {
        let probes = sent_in(way, "-N 16 -m 2 @");
        assert_eq!(probes.len(), 6);
        assert!(all(&probes, &80, |probe| probe.length));
        assert_eq!(probes[5].ports.unwrap().1, 33439);
    }
}

#[test]
fn first_port_is_the_one_asked_for() {
    for (port, first) in [("700", 700), ("0", 33434), ("0x2bc", 700)] {
        let probes = sent(&format!("-N 1 -q 2 -m 1 -p {port} @"));
        let ports: Vec<_> = probes.iter().map(|probe| probe.ports.unwrap().1).collect();
        assert_eq!(ports, [first, first + 1], "{port}");
    }
    let probes = sent("-U -q 2 -m 1 @");
    assert!(all(&probes, &53, |probe| probe.ports.unwrap().1));
    let probes = sent("-U -q 2 -m 1 -p 1234 @");
    assert!(all(&probes, &1234, |probe| probe.ports.unwrap().1));
}

#[test]
fn udp_to_one_port_has_a_source_port_for_each_probe() {
    let probes = sent("-U -N 16 -m 2 @");
    let mut ports: Vec<_> = probes.iter().map(|probe| probe.ports.unwrap().0).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 6);
}

#[test]
fn source_port_is_the_one_asked_for() {
    for method in ["", "-U", "-T", "-M tcpconn"] {
        let probes = sent(&format!("{method} --sport=4321 -q 1 -m 1 @"));
        assert!(all(&probes, &4321, |probe| probe.ports.unwrap().0), "{method}");
    }
    let probes = sent("--sport=4321 -q 2 -m 1 @");
    let ports: Vec<_> = probes.iter().map(|probe| probe.ports.unwrap()).collect();
    assert_eq!(ports, [(4321, 33434), (4321, 33435)]);
}

#[test]
fn echo_requests_count_from_one_with_one_identifier() {
    for way in &Way::ALL[..2] {
        let probes = sent_in(*way, "-I -N 1 -m 2 @");
        let echo: Vec<_> = probes.iter().map(|probe| probe.echo.unwrap()).collect();
        let numbers: Vec<_> = echo.iter().map(|(_, seq)| *seq).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
        assert!(echo.iter().all(|(ident, _)| *ident == echo[0].0));
        assert!(all(&probes, &way.size(), |probe| probe.length));
        let pattern: Vec<u8> = (0x48..0x68).collect();
        assert!(all(&probes, &pattern, |probe| probe.payload().to_vec()));
    }
    let probes = sent("-I -p 7 -N 1 -q 2 -m 1 @");
    let numbers: Vec<_> = probes.iter().map(|probe| probe.echo.unwrap().1).collect();
    assert_eq!(numbers, [7, 8]);
}

#[test]
fn segments_are_those_of_linux_traceroute() {
    let probes = sent("-T -N 1 -m 2 @");
    assert_eq!(probes.len(), 6);
    assert!(all(&probes, &60, |probe| probe.length));
    assert!(all(&probes, &Some(2), |probe| probe.tcp_flags));
    assert!(all(&probes, &80, |probe| probe.ports.unwrap().1));
    let mut ports: Vec<_> = probes.iter().map(|probe| probe.ports.unwrap().0).collect();
    ports.dedup();
    assert_eq!(ports.len(), 6, "each its own source port");
    for probe in &probes {
        let tcp = &probe.datagram[20..];
        assert_eq!(tcp[14..16], 5840_u16.to_be_bytes(), "window");
        assert_eq!(tcp[20..28], [2, 4, 5, 0xb4, 4, 2, 8, 10], "options");
        assert_eq!(tcp[32..40], [0, 0, 0, 0, 1, 3, 3, 2], "options");
        assert_eq!(tcp[8..12], [0; 4], "acknowledgment");
    }
}

#[test]
fn segments_of_ipv6_are_eighty_octets() {
    let probes = sent_in(Way::ALL[1], "-T -N 1 -q 1 -m 1 @");
    assert_eq!((probes[0].length, probes[0].tcp_flags), (80, Some(2)));
    let tcp = &probes[0].datagram[40..];
    assert_eq!(tcp[14..16], 5760_u16.to_be_bytes());
    assert_eq!(tcp[20..24], [2, 4, 5, 0xa0]);
}

#[test]
fn flags_and_options_of_segments_are_those_asked_for() {
    for (options, flags, length) in [
        ("syn", 0x02, 44),
        ("ack", 0x10, 40),
        ("fin", 0x01, 40),
        ("rst", 0x04, 40),
        ("psh", 0x08, 40),
        ("urg", 0x20, 40),
        ("ece", 0x40, 40),
        ("cwr", 0x80, 40),
        ("syn,ack", 0x12, 44),
        ("flags=0", 0, 40),
        ("flags=0x3f", 0x3f, 44),
        ("sack", 0x02, 48),
        ("timestamps", 0x02, 56),
        ("window_scaling", 0x02, 48),
        ("ecn", 0xc2, 44),
        ("syn,ecn", 0x02, 44),
        ("mss=1000", 0x02, 60),
        ("syn,mss=536", 0x02, 44),
        ("ack,sack", 0x10, 44),
        ("info,reuse", 0x02, 60),
    ] {
        let lab = Lab::new();
        let (host, path) = before(&lab, &short(2));
        let run = trace(&host, &format!("-n -T -O {options} -q 1 -m 1 203.0.113.9"));
        run.quiet_exit(0);
        let header = format!(", 1 hops max, {length} byte packets\n");
        assert!(run.out.contains(&header), "{options}: {}", run.out);
        let [probe] = &path.stop()[..] else { panic!("{options}") };
        assert_eq!((probe.tcp_flags, probe.length), (Some(flags), length), "{options}");
    }
}

#[test]
fn data_of_other_protocols_is_as_long_as_told() {
    let probes = sent("-P 253 -q 1 -m 1 @");
    assert_eq!((probes[0].protocol, probes[0].length), (253, 60));
    let probes = sent("-P 253 -q 1 -m 1 @ 100");
    assert_eq!(probes[0].length, 100);
}

#[test]
fn length_is_the_one_asked_for_and_never_less_than_the_headers() {
    for (args, shown, length) in [
        ("@ 100", 100, 100),
        ("@ 0x64", 100, 100),
        ("@ 1500", 1500, 1500),
        ("@ 0", 28, 28),
        ("-I @ 20", 28, 28),
        ("-T @ 1000", 60, 60),
    ] {
        let lab = Lab::new();
        let (host, path) = before(&lab, &short(2));
        let run = trace(&host, &format!("-n -q 1 -m 1 {args}").replace('@', "203.0.113.9"));
        assert!(run.out.contains(&format!(", {shown} byte packets\n")), "{args}: {}", run.out);
        run.quiet_exit(0);
        assert_eq!(path.stop()[0].length, length, "{args}");
    }
    assert_eq!(sent_in(Way::ALL[1], "-q 1 -m 1 @ 0")[0].length, 48);
}

#[test]
fn type_of_service_is_the_one_asked_for() {
    for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
        for (tos, value) in [("16", 16), ("0x20", 0x20), ("300", 0x2c), ("-1", 0xff)] {
            // Connections are the kernel's, which keeps ECN's bits of them to itself.
            let value = if method == "-M tcpconn" { value & !3 } else { value };
            let probes = sent(&format!("{method} -t {tos} -q 1 -m 1 @"));
            assert!(all(&probes, &value, |probe| probe.tos & !3 | value & 3), "{method} {tos}");
        }
        let probes = sent_in(Way::ALL[1], &format!("{method} -t 0x20 -q 1 -m 1 @"));
        assert!(all(&probes, &0x20, |probe| probe.tos), "{method}");
    }
}

#[test]
fn fragments_are_forbidden_if_asked_for() {
    for method in ["", "-I", "-T", "-U"] {
        let probes = sent(&format!("{method} -F -q 1 -m 1 @"));
        assert!(all(&probes, &true, |probe| probe.dont_fragment), "{method}");
    }
}

#[test]
fn source_is_the_one_asked_for() {
    for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
        let lab = Lab::new();
        let (host, path) = before(&lab, &short(2));
        host.sh("ip addr add 10.200.0.77/24 dev path0");
        trace(&host, &format!("-n {method} -s 10.200.0.77 -q 1 -m 1 203.0.113.9")).quiet_exit(0);
        let probes = path.stop();
        let from = "10.200.0.77".parse().unwrap();
        assert!(!probes.is_empty() && all(&probes, &from, |probe| probe.source), "{method}");
    }
}

#[test]
fn interface_is_the_one_asked_for() {
    for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
        let probes = sent(&format!("{method} -i path0 -q 1 -m 1 @"));
        assert_eq!(probes.len(), 1, "{method}");
    }
}
