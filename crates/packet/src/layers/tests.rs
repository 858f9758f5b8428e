use std::net::Ipv4Addr;

use super::*;
use crate::noise::noise;
use crate::tcp::Flags;

const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const B: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const A6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const B6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

fn segment(payload: &[u8]) -> Segment<'_> {
    Segment {
        source_port: 1000,
        destination_port: 80,
        sequence: 7,
        acknowledgment: 9,
        flags: Flags::ACK,
        window: 500,
        urgent: 0,
        options: &[1, 1, 1, 1],
        payload,
    }
}

fn tcp_octets(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    segment(payload).emit(A.into(), B.into(), &mut out);
    out
}

fn ip4(protocol: u8, flags: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let [f, g] = flags.to_be_bytes();
    let mut out = vec![0x45, 3, length[0], length[1], 0x12, 0x34, f, g, 61, protocol, 0, 0];
    out.extend([A.octets(), B.octets()].as_flattened());
    out.extend(payload);
    out
}

fn ip6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (source, destination) = (A6, B6);
    ipv6::Header { source, destination, hop_limit: 61, next_header, payload }.emit(&mut out);
    (out[0], out[1]) = (0x60, 0x30);
    out
}

fn whole(link: LinkType, octets: &[u8]) -> Result<Packet<'_>> {
    read(link, octets, u32::try_from(octets.len()).unwrap())
}

#[track_caller]
fn length_of(packet: Result<Packet<'_>>) -> u32 {
    match packet.unwrap().content {
        Content::Tcp { length, .. } => length,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_families_are_read_alike() {
    let tcp = tcp_octets(b"abc");
    let (v4, v6) = (ip4(6, 0x4000, &tcp), ip6(6, &tcp));
    for (octets, source, identification) in [(&v4, IpAddr::from(A), 0x1234), (&v6, A6.into(), 0)] {
        let packet = whole(LinkType::RAW, octets).unwrap();
        assert_eq!((packet.source, packet.identification), (source, identification));
        assert_eq!((packet.hop_limit, packet.traffic_class), (61, 3));
        assert_eq!((packet.dont_fragment, packet.fragment), (true, None));
        let want = Content::Tcp { segment: segment(b"abc"), length: 3 };
        assert_eq!(packet.content, want);
    }
}

#[test]
fn every_link_is_taken_off() {
    let packet = ip4(6, 0, &tcp_octets(b""));
    let behind = |header: &[u8]| [header, &packet].concat();
    let mac = [1; 12];
    let none = Link::default();
    let tagged = Link { vlan: Some(7), ..none };
    let out = Link { direction: Direction::Out, ..none };
    for (link, octets, want) in [
        (LinkType::RAW, behind(&[]), none),
        (LinkType::IPV4, behind(&[]), none),
        (LinkType::NULL, behind(&[2, 0, 0, 0]), none),
        (LinkType::NULL, behind(&[0, 0, 0, 2]), none),
        (LinkType::LOOP, behind(&[0, 0, 0, 2]), none),
        (LinkType::ETHERNET, behind(&[&mac[..], &[8, 0]].concat()), none),
        (LinkType::ETHERNET, behind(&[&mac[..], &[0x81, 0, 0x60, 7, 8, 0]].concat()), tagged),
        (
            LinkType::ETHERNET,
            behind(&[&mac[..], &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 8, 0]].concat()),
            tagged,
        ),
        (
            LinkType::ETHERNET,
            behind(&[&mac[..], &[0x88, 0x64, 0x11, 0, 0, 1, 0, 46, 0, 0x21]].concat()),
            none,
        ),
        (LinkType::LINUX_SLL, behind(&[0, 4, 0, 1, 0, 6, 1, 1, 1, 1, 1, 1, 0, 0, 8, 0]), out),
        (
            LinkType::LINUX_SLL2,
            behind(&[8, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 6, 1, 1, 1, 1, 1, 1, 0, 0]),
            Link { interface: Some(9), direction: Direction::In, ..none },
        ),
    ] {
        let read = whole(link, &octets).unwrap();
        assert_eq!((read.link, read.source), (want, IpAddr::from(A)), "{link:?}");
        assert!(matches!(read.content, Content::Tcp { .. }), "{link:?}");
        for end in 0..octets.len() {
            let cut = super::read(link, &octets[..end], u32::try_from(octets.len()).unwrap());
            let is_whole = cut.is_ok_and(|cut| matches!(cut.content, Content::Tcp { .. }));
            assert!(!is_whole, "{link:?} cut at {end}");
        }
    }
    assert!(whole(LinkType(147), &packet).is_err(), "a type of somebody's own");
    assert!(whole(LinkType::ETHERNET, &[&mac[..], &[8, 6], &packet].concat()).is_err(), "ARP");
}

#[test]
fn what_a_frame_was_filled_up_with_is_not_data() {
    let mut octets = ip4(6, 0, &tcp_octets(b""));
    octets.extend([0; 2]);
    assert_eq!(length_of(whole(LinkType::RAW, &octets)), 0);
    let mut octets = ip6(6, &tcp_octets(b"x"));
    octets.extend([0; 20]);
    assert_eq!(length_of(whole(LinkType::RAW, &octets)), 1);
}

#[test]
fn length_on_the_wire_is_told_of_what_the_capture_cut() {
    for octets in [ip4(6, 0, &tcp_octets(&[9; 1000])), ip6(6, &tcp_octets(&[9; 1000]))] {
        let length = u32::try_from(octets.len()).unwrap();
        let packet = read(LinkType::RAW, &octets[..80], length).unwrap();
        let Content::Tcp { segment, length } = packet.content else { panic!("{packet:?}") };
        assert_eq!((length, segment.payload.len() < 60), (1000, true));
    }
}

#[test]
fn packet_greater_than_its_header_can_tell_is_as_long_as_its_frame() {
    let mut octets = ip4(6, 0, &tcp_octets(b"abc"));
    octets[2..4].fill(0);
    assert_eq!(length_of(read(LinkType::RAW, &octets, 100_044)), 100_000);
    let mut octets = ip6(6, &tcp_octets(b"abc"));
    octets[4..6].fill(0);
    assert_eq!(length_of(read(LinkType::RAW, &octets, 100_064)), 100_000);
}

#[test]
fn length_that_lies_adds_no_octets() {
    let mut octets = ip4(6, 0, &tcp_octets(b"abc"));
    octets[2] = 0xff;
    assert_eq!(length_of(whole(LinkType::RAW, &octets)), 3);
    octets[2..4].copy_from_slice(&[0, 19]);
    assert!(whole(LinkType::RAW, &octets).is_err(), "less than its own header");
    octets[2..4].copy_from_slice(&[0, 39]);
    let packet = whole(LinkType::RAW, &octets).unwrap();
    let Content::BrokenTcp { start: Some(start), .. } = packet.content else {
        panic!("{packet:?}")
    };
    assert_eq!((start.source_port, start.sequence), (1000, 7));
}

#[test]
fn parts_of_packets_are_told() {
    let tcp = tcp_octets(b"abcd");
    let first = ip4(6, 0x2000, &tcp);
    let packet = whole(LinkType::RAW, &first).unwrap();
    assert_eq!(packet.fragment, Some(Fragment { offset: 0, more: true }));
    assert!(matches!(packet.content, Content::Tcp { length: 4, .. }));
    let second = ip4(6, 3, &tcp);
    let packet = whole(LinkType::RAW, &second).unwrap();
    assert_eq!(packet.fragment, Some(Fragment { offset: 24, more: false }));
    assert_eq!(packet.content, Content::Other(6), "whatever it begins with");

    let first = ip6(44, &[&[6, 0, 0, 1, 0, 0, 0, 5][..], &tcp].concat());
    let packet = whole(LinkType::RAW, &first).unwrap();
    assert_eq!(packet.fragment, Some(Fragment { offset: 0, more: true }));
    assert_eq!((packet.identification, length_of(Ok(packet))), (5, 4));
    let second = ip6(44, &[&[6, 0, 0, 0x18, 0, 0, 0, 5][..], &tcp].concat());
    let packet = whole(LinkType::RAW, &second).unwrap();
    assert_eq!(packet.fragment, Some(Fragment { offset: 24, more: false }));
    assert_eq!(packet.content, Content::Other(6));
    let atomic = ip6(44, &[&[6, 0, 0, 0, 0, 0, 0, 5][..], &tcp].concat());
    assert_eq!(whole(LinkType::RAW, &atomic).unwrap().fragment, None, "all of it (RFC 6946)");
}

#[test]
fn extension_headers_are_passed_over_and_have_an_end() {
    let tcp = tcp_octets(b"ab");
    let options = [60, 0, 5, 2, 0, 0, 1, 0, 51, 0, 1, 4, 0, 0, 0, 0, 6, 4];
    let authentication = [&options[..], &[0; 22], &tcp].concat();
    assert_eq!(length_of(whole(LinkType::RAW, &ip6(0, &authentication))), 2);
    let endless = ip6(60, &[60, 0, 0, 0, 0, 0, 0, 0].repeat(300));
    assert_eq!(whole(LinkType::RAW, &endless).unwrap().content, Content::Other(60));
    let lying = ip6(60, &[6, 255, 0, 0, 0, 0, 0, 0]);
    assert_eq!(whole(LinkType::RAW, &lying).unwrap().content, Content::Other(60));
}

#[test]
fn icmp_errors_tell_what_they_quote() {
    let quote = ip4(6, 0, &tcp_octets(b""));
    let unreachable = [&[3, 13, 0, 0, 0, 0, 0, 0][..], &quote[..28]].concat();
    let error = ip4(1, 0, &unreachable);
    let packet = whole(LinkType::RAW, &error).unwrap();
    let Content::IcmpError { icmp_type, code, quoted, .. } = packet.content else {
        panic!("{packet:?}")
    };
    assert_eq!((icmp_type, code, quoted.ports()), (3, 13, Some((1000, 80))));
    let quote = ip6(6, &tcp_octets(b""));
    let error = ip6(58, &[&[1, 4, 0, 0, 0, 0, 0, 0][..], &quote].concat());
    let packet = whole(LinkType::RAW, &error).unwrap();
    assert!(matches!(packet.content, Content::IcmpError { icmp_type: 1, code: 4, .. }));
    let echo = ip4(1, 0, &[8, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(whole(LinkType::RAW, &echo).unwrap().content, Content::Other(1));
}

#[test]
fn any_octets_will_do() {
    const LINKS: [LinkType; 8] = [
        LinkType::NULL,
        LinkType::ETHERNET,
        LinkType::RAW,
        LinkType::LOOP,
        LinkType::LINUX_SLL,
        LinkType::LINUX_SLL2,
        LinkType::IPV4,
        LinkType(999),
    ];
    let mut found = 0;
    for (n, mut octets) in noise(40_000).enumerate() {
        let link = LINKS[n % LINKS.len()];
        let _ = read(link, &octets, 9);
        if let [first, .., _] = &mut octets[..] {
            *first = if n % 3 == 0 { 0x45 } else { 0x60 };
        }
        let protocols = [6, 1, 58, 44, 60, 0];
        if let Some(next) = octets.get_mut(if n % 3 == 0 { 9 } else { 6 }) {
            *next = protocols[n % 5];
        }
        let length = u32::try_from(n * 7919 % 100_000).unwrap();
        if let Ok(packet) = read(LinkType::RAW, &octets, length)
            && let Content::Tcp { segment, length } = packet.content
        {
            found += 1;
            assert!(segment.payload.len() <= length as usize);
        }
    }
    assert!(found > 100, "{found} segments");
}
