//! What a target answers.

use super::*;
use crate::headers::tests::{UDP4, UDP6};

/// A TCP segment to port 53 of IPv4 or IPv6, with a time stamp.
fn tcp_packet(frame: &[u8], flags: u8, acknowledged: u32) -> Packet {
    let udp = Packet::parse(frame.to_vec()).unwrap();
    let mut segment = vec![0x14, 0xe9, 0, 53, 0, 0, 0, 99];
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([0x80, flags, 0, 0, 0, 0, 0, 0, 1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0]);
    Packet::parse(udp.reply(udp.destination, 64, TCP, &segment)).unwrap()
}

fn segment_of(reply: Reply) -> Vec<u8> {
    let Reply::Datagram(TCP, segment) = reply else { panic!("{reply:?}") };
    segment
}

#[test]
fn open_port_accepts_with_the_sender_s_time_stamp() {
    let open = Target::default().open_tcp([53]);
    for frame in [UDP4, UDP6] {
        let segment = segment_of(answer(&tcp_packet(frame, SYN | ECE | CWR, 0), &open));
        assert_eq!((segment[13], &segment[8..12]), (SYN | ACK | ECE, &[0, 0, 0, 100][..]));
        assert_eq!((segment[12] >> 4, time_stamp(&segment)), (10, Some([0, 0, 0, 1])));
        assert_eq!(segment[32..36], [1, 2, 3, 4]);
    }
}

#[test]
fn closed_port_resets_in_sequence() {
    let closed = Target::default();
    let syn = segment_of(answer(&tcp_packet(UDP4, SYN, 0), &closed));
    assert_eq!((syn[13], &syn[8..12]), (RST | ACK, &[0, 0, 0, 100][..]));
    let ack = segment_of(answer(&tcp_packet(UDP4, ACK, 77), &closed));
    assert_eq!((ack[13], &ack[4..8]), (RST, &[0, 0, 0, 77][..]));
}

#[test]
fn reset_and_the_end_of_a_handshake_get_nothing() {
    let open = Target::default().open_tcp([53]);
    let handshake = tcp_packet(UDP4, ACK, FIRST_SEQUENCE + 1);
    assert_eq!(answer(&handshake, &open), Reply::Nothing);
    assert_eq!(answer(&tcp_packet(UDP4, RST, 0), &open), Reply::Nothing);
    assert_ne!(answer(&tcp_packet(UDP4, ACK, 5), &open), Reply::Nothing);
}

#[test]
fn open_udp_port_53_responds() {
    let open = Target::default().open_udp([53]);
    let packet = Packet::parse(UDP4.to_vec()).unwrap();
    let Reply::Datagram(UDP, reply) = answer(&packet, &open) else { panic!("no datagram") };
    assert_eq!(reply[..4], [0, 53, 0x14, 0xe9]);
    assert_eq!((reply[8], reply[10]), (0x77, 0x72 | 0x80));
}

#[test]
fn unknown_protocol_is_unreachable_or_a_parameter_problem() {
    let unknown = |frame: &[u8]| {
        let udp = Packet::parse(frame.to_vec()).unwrap();
        Packet::parse(udp.reply(udp.destination, 64, 253, &[0; 8])).unwrap()
    };
    let error = |kind, code, word| Reply::Error(Refusal { kind, code, word });
    assert_eq!(answer(&unknown(UDP4), &Target::default()), error(3, 2, 0));
    assert_eq!(answer(&unknown(UDP6), &Target::default()), error(4, 1, 6));
}
