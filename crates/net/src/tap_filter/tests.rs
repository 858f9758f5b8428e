use std::net::{Ipv4Addr, Ipv6Addr};

use wireline_packet::tcp::{Flags, Segment};

use super::*;
use crate::filter_program::machine;

const A: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const B: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2));
const A6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
const B6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 1, 2));
const ETHERNET: u32 = 1;
const LOOPBACK: u32 = 772;

fn ip(source: IpAddr, destination: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut out = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0];
            out.extend([source.octets(), destination.octets()].as_flattened());
            [out, payload.to_vec()].concat()
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let mut out = vec![0x60, 0, 0, 0, 0, 0, protocol, 64];
            out.extend([source.octets(), destination.octets()].as_flattened());
            [out, payload.to_vec()].concat()
        }
        _ => panic!("two families"),
    }
}

fn tcp(from: (IpAddr, u16), to: (IpAddr, u16)) -> Vec<u8> {
    let segment = Segment {
        source_port: from.1,
        destination_port: to.1,
        sequence: 0,
        acknowledgment: 0,
        flags: Flags::SYN,
        window: 0,
        urgent: 0,
        options: &[],
        payload: &[],
    };
    let mut out = Vec::new();
    segment.emit(from.0, to.0, &mut out);
    ip(from.0, to.0, 6, &out)
}

fn passes_as(filter: &TapFilter, packet: &[u8], hardware: u32, kind: u32) -> bool {
    let program = filter.instructions(96);
    machine::check(&program);
    match machine::run(&program, packet, &[(HARDWARE, hardware), (KIND, kind)]) {
        0 => false,
        96 => true,
        octets => panic!("{octets} octets"),
    }
}

fn passes(filter: &TapFilter, packet: &[u8]) -> bool {
    passes_as(filter, packet, ETHERNET, 0)
}

#[test]
fn without_words_all_tcp_passes_and_nothing_else() {
    let all = TapFilter::default();
    assert!(passes(&all, &tcp((A, 1), (B, 2))) && passes(&all, &tcp((A6, 1), (B6, 2))));
    for protocol in (0..=u8::MAX).filter(|protocol| *protocol != 6) {
        assert!(!passes(&all, &ip(A, B, protocol, &[0; 60])), "{protocol}");
        let passed = passes(&all, &ip(A6, B6, protocol, &[0; 60]));
        assert_eq!(passed, EXTENSIONS.contains(&protocol), "{protocol}");
        let report = ip(A6, B6, protocol, &[58; 60]);
        assert!(!passes(&all, &report), "of a router's groups");
    }
    assert!(!passes(&all, &[0x50; 60]) && !passes(&all, &[]));
}

#[test]
fn loopback_is_heard_on_the_way_out_alone() {
    let (all, packet) = (TapFilter::default(), tcp((A, 1), (A, 2)));
    for (hardware, kind, want) in [
        (LOOPBACK, OUTGOING, true),
        (LOOPBACK, 0, false),
        (ETHERNET, OUTGOING, true),
        (ETHERNET, 0, true),
        (ETHERNET, 3, true),
    ] {
        assert_eq!(passes_as(&all, &packet, hardware, kind), want, "{hardware} {kind}");
    }
}

#[test]
fn either_end_may_be_in_a_network() {
    for (network, length, far, near) in [
        (A, 32, B, A),
        (Ipv4Addr::new(192, 0, 2, 99).into(), 25, B, A),
        (A6, 128, B6, A6),
        (A6, 111, Ipv6Addr::LOCALHOST.into(), A6),
        (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9).into(), 64, Ipv6Addr::LOCALHOST.into(), B6),
    ] {
        let filter = TapFilter { networks: vec![(network, length)], ..TapFilter::default() };
        assert!(passes(&filter, &tcp((near, 1), (far, 2))), "{network}/{length}");
        assert!(passes(&filter, &tcp((far, 1), (near, 2))), "{network}/{length}");
        assert!(!passes(&filter, &tcp((far, 1), (far, 2))), "{network}/{length}");
    }
    let other = TapFilter { networks: vec![(A6, 0)], ..TapFilter::default() };
    assert!(passes(&other, &tcp((B6, 1), (B6, 1))) && !passes(&other, &tcp((A, 1), (A, 1))));
}

#[test]
fn either_port_may_be_in_a_range() {
    let ports = vec![80..=80, 8000..=8010];
    let filter = TapFilter { ports, ..TapFilter::default() };
    for (port, want) in [(80, true), (79, false), (81, false), (7999, false), (8000, true)] {
        for (a, b) in [(A, B), (A6, B6)] {
            assert_eq!(passes(&filter, &tcp((a, port), (b, 9))), want, "{port}");
            assert_eq!(passes(&filter, &tcp((a, 9), (b, port))), want, "{port}");
        }
    }
    let mut options = tcp((A, 9), (B, 80));
    options[0] = 0x46;
    options.splice(20..20, [1, 1, 1, 1]);
    assert!(passes(&filter, &options), "behind options");
    let mut fragment = tcp((A, 9), (B, 9));
    fragment[7] = 1;
    assert!(passes(&filter, &fragment), "there are no ports in it");
    assert!(passes(&filter, &ip(A6, B6, 44, &[6; 30])));
}

#[test]
fn hundred_words_are_not_too_many() {
    let networks = (0..100_u128).map(|n| (Ipv6Addr::from(n << 64).into(), 128)).collect();
    let ports = (1..100).map(|n| n * 100..=n * 100 + 5).collect();
    let filter = TapFilter { networks, ports, icmp_errors: true };
    let last: IpAddr = Ipv6Addr::from(99_u128 << 64).into();
    assert!(passes(&filter, &tcp((last, 1), (A6, 9905))));
    assert!(!passes(&filter, &tcp((last, 1), (A6, 9906))));
    assert!(!passes(&filter, &tcp((A6, 1), (A6, 9905))));
    assert!(filter.instructions(96).len() <= 4096, "what the kernel takes");
}

#[test]
fn icmp_errors_about_tcp_pass_where_they_are_wanted() {
    let wanted = TapFilter { networks: vec![(A, 32)], ports: vec![1..=1], icmp_errors: true };
    let unwanted = TapFilter { icmp_errors: false, ..wanted.clone() };
    let router: IpAddr = Ipv4Addr::new(203, 0, 113, 1).into();
    for icmp_type in 0..=u8::MAX {
        let about = |quote: &[u8]| [&[icmp_type, 0, 0, 0, 0, 0, 0, 0], quote].concat();
        let v4 = ip(router, A, 1, &about(&tcp((A, 1), (B, 2))));
        assert_eq!(passes(&wanted, &v4), [3, 4, 11, 12].contains(&icmp_type), "{icmp_type}");
        let v6 = ip(B6, A6, 58, &about(&tcp((A6, 1), (B6, 2))));
        assert_eq!(passes(&wanted, &v6), (1..5).contains(&icmp_type), "{icmp_type}");
        assert!(!passes(&unwanted, &v4) && !passes(&unwanted, &v6));
        let udp = ip(router, A, 1, &about(&ip(A, B, 17, &[0; 8])));
        assert!(!passes(&wanted, &udp));
    }
}

#[test]
fn connection_is_one_port_here_and_one_host_there() {
    let filter = TapFilter::connection((A, 5000).into(), (B, 80).into());
    assert!(passes(&filter, &tcp((A, 5000), (B, 80))) && passes(&filter, &tcp((B, 80), (A, 5000))));
    assert!(
        !passes(&filter, &tcp((A, 5001), (B, 80))) && !passes(&filter, &tcp((A, 5000), (A, 80)))
    );
}
