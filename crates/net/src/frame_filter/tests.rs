use super::*;
use std::ops::RangeInclusive;

use wireline_packet::ethernet::{Frame, Framing};
use wireline_packet::ndp::{ALL_NODES, Extension, Message, Packet};

use crate::filter_program::machine;

const ME: Mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);
const OTHER: Mac = Mac([2, 0, 0x5e, 0, 0x53, 2]);
/// `PACKET_HOST` and `PACKET_OUTGOING`.
const TO_US: u32 = 0;
const OURS: u32 = 4;

fn run(program: &[Instruction], frame: &[u8], kind: u32) -> u32 {
    machine::run(program, frame, &[(KIND, kind)])
}

fn frame(protocol: u16, tag: Option<u16>, framing: Framing, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Frame { destination: ME, source: OTHER, tag, framing, protocol, payload }.emit(&mut out);
    out
}

fn icmpv6(message: Message<'_>, extension: Extension) -> Vec<u8> {
    let source = std::net::Ipv6Addr::LOCALHOST;
    let mut out = Vec::new();
    Packet { source, destination: ALL_NODES, hop_limit: 255, message }.emit(extension, &mut out);
    out
}

fn passes(filter: FrameFilter, frame: &[u8]) -> bool {
    match run(&filter.instructions(), frame, TO_US) {
        0 => false,
        LONGEST => true,
        octets => panic!("{octets} octets"),
    }
}

const FRAMINGS: [Framing; 2] = [Framing::Ethernet2, Framing::Snap];
const BOTH: FrameFilter = FrameFilter { arp: ArpFrames::All, icmpv6: true };
const MINE: FrameFilter = FrameFilter { arp: ArpFrames::To(ME), icmpv6: false };
const NEITHER: FrameFilter = FrameFilter { arp: ArpFrames::Nobody, icmpv6: false };

#[test]
fn arp_is_heard_however_it_is_framed() {
    for framing in FRAMINGS {
        let arp = frame(ethertype::ARP, None, framing, &[0; 28]);
        for filter in [FrameFilter::ARP, BOTH, MINE] {
            assert!(passes(filter, &arp), "{framing:?}");
        }
        assert!(!passes(NEITHER, &arp));
    }
    let tagged = frame(ethertype::ARP, Some(7), Framing::Ethernet2, &[0; 28]);
    assert!(passes(FrameFilter::ARP, &tagged), "the inner of two tags is left in");
    assert!(passes(FrameFilter::ARP, &tagged[..18]), "cut short, so that it can be counted");
}

#[test]
fn arp_to_others_is_not_heard_where_only_ours_is_wanted() {
    let mut arp = frame(ethertype::ARP, None, Framing::Ethernet2, &[0; 28]);
    for octet in 0..6 {
        arp[octet] ^= 0x40;
        assert!(!passes(MINE, &arp), "octet {octet}");
        assert!(passes(FrameFilter::ARP, &arp));
        arp[octet] ^= 0x40;
    }
}

#[test]
fn our_own_frames_are_never_heard() {
    let arp = frame(ethertype::ARP, None, Framing::Ethernet2, &[0; 28]);
    assert_eq!(run(&BOTH.instructions(), &arp, OURS), 0);
}

#[test]
fn hosts_that_tell_of_themselves_by_icmpv6_are_heard() {
    let told: [u8; 11] = [4, 129, 130, 131, 132, 133, 134, 135, 136, 143, 143];
    for icmp_type in 0..=u8::MAX {
        for extension in [Extension::None, Extension::RouterAlert] {
            let packet = icmpv6(Message::Other(icmp_type), extension);
            for tag in [None, Some(7)] {
                let frame = frame(ethertype::IPV6, tag, Framing::Ethernet2, &packet);
                assert_eq!(passes(BOTH, &frame), told.contains(&icmp_type), "{icmp_type} {tag:?}");
                assert!(!passes(FrameFilter::ARP, &frame));
            }
        }
    }
}

#[test]
fn other_protocols_are_not_heard() {
    let types: [RangeInclusive<u16>; 3] = [0..=0x0805, 0x0807..=0x80ff, 0x86de..=0x88a7];
    for protocol in types.into_iter().flatten() {
        let other = frame(protocol, None, Framing::Ethernet2, &[0; 60]);
        assert!(!passes(BOTH, &other), "{protocol:#x}");
    }
    for protocol in [6, 17, 43, 44] {
        let mut packet = icmpv6(Message::Other(135), Extension::None);
        packet[6] = protocol;
        assert!(!passes(BOTH, &frame(ethertype::IPV6, None, Framing::Ethernet2, &packet)));
    }
    let other = frame(ethertype::IPV4, None, Framing::Snap, &[0; 28]);
    assert!(!passes(BOTH, &other), "behind SNAP");
}

#[test]
fn frames_cut_short_are_nobodys() {
    let packet = icmpv6(Message::Other(135), Extension::None);
    for octets in [
        frame(ethertype::IPV6, None, Framing::Ethernet2, &packet),
        frame(ethertype::ARP, None, Framing::Snap, &[]),
        frame(ethertype::ARP, Some(7), Framing::Ethernet2, &[]),
    ] {
        let most = octets.len().min(55);
        for end in 0..most {
            let is_whole = end >= 14 && octets[12..14] == [8, 6];
            assert_eq!(passes(BOTH, &octets[..end]), is_whole, "cut at {end}");
        }
    }
}

#[test]
fn programs_are_such_as_the_kernel_takes() {
    for filter in [FrameFilter::ARP, BOTH, MINE, NEITHER] {
        let program = filter.instructions();
        assert!(program.len() <= 64, "{} instructions", program.len());
        machine::check(&program);
    }
}
