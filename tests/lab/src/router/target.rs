//! What is at the end of a path, and a router that is itself asked.
//!
//! It remembers nothing: a TCP connection can be opened, and that is all.

use wireline_lab::{Port, Refusal, Target};

use crate::packet::{IPV6_HEADER, Packet, length};

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A datagram of this protocol, still without its checksum.
    Datagram(u8, Vec<u8>),
    /// An error of the target's own.
    Error(Refusal),
    /// An error of the router before it.
    Prohibited(Refusal),
    Nothing,
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
/// The fragment header and "no next header": RFC 8200 §4.5 and §4.7.
const SILENT: [u8; 2] = [44, 59];

/// Flags of TCP: RFC 9293 §3.1.
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const ECE: u8 = 0x40;
const CWR: u8 = 0x80;

/// What `target` makes of a packet.
pub(crate) fn answer(packet: &Packet, target: &Target) -> Reply {
    match packet.ip.protocol {
        ICMP if packet.is_v4() => echo(packet, target, 8, 0),
        ICMPV6 if !packet.is_v4() => echo(packet, target, 128, 129),
        TCP => tcp(packet, target),
        UDP => udp(packet, target),
        protocol if SILENT.contains(&protocol) => Reply::Nothing,
        _ if packet.is_v4() => Reply::Error(Refusal { kind: 3, code: 2, word: 0 }),
        // RFC 4443 §3.4: the pointer is to the field that named the protocol.
        _ => Reply::Error(Refusal { kind: 4, code: 1, word: next_header_at(packet) }),
    }
}

fn next_header_at(packet: &Packet) -> u32 {
    const OF_THE_FIRST_HEADER: u32 = 6;
    // The last extension header before the protocol begins nowhere else than eight octets before
    // it, but for longer ones, of which a probe has none.
    let behind = packet.ip.transport.start - crate::headers::ETHERNET - IPV6_HEADER;
    u32::try_from(IPV6_HEADER + behind - 8)
        .ok()
        .filter(|_| behind > 0)
        .unwrap_or(OF_THE_FIRST_HEADER)
}

fn echo(packet: &Packet, target: &Target, request: u8, reply: u8) -> Reply {
    let message = packet.transport();
    if target.ignores_echo || message.len() < 8 || message[0] != request {
        return Reply::Nothing;
    }
    let answer = [&[reply, 0], &message[2..]].concat();
    Reply::Datagram(packet.ip.protocol, answer)
}

fn udp(packet: &Packet, target: &Target) -> Reply {
    let Some((header, data)) = packet.transport().split_first_chunk::<8>() else {
        return Reply::Nothing;
    };
    let number = u16::from_be_bytes([header[2], header[3]]);
    match target.udp.get(&number).copied().unwrap_or(target.other_udp) {
        Port::Filtered => Reply::Nothing,
        Port::Prohibited => Reply::Prohibited(prohibited(packet)),
        Port::Closed if packet.is_v4() => Reply::Error(Refusal { kind: 3, code: 3, word: 0 }),
        Port::Closed => Reply::Error(Refusal { kind: 1, code: 4, word: 0 }),
        Port::Open => Reply::Datagram(UDP, udp_reply(*header, data, number)),
    }
}

/// The ports turned round, and what came; from port 53 with the mark of a response, RFC 1035
/// §4.1.1.
fn udp_reply(header: [u8; 8], data: &[u8], number: u16) -> Vec<u8> {
    const DNS: u16 = 53;
    let [high, low] = length(8 + data.len());
    // Any checksum but the one that says that there is none: it is made right later.
    let mut reply = [&header[2..4], &header[..2], &[high, low, 0xff, 0xff], data].concat();
    if let (DNS, Some(flags)) = (number, reply.get_mut(8 + 2)) {
        *flags |= 0x80;
    }
    reply
}

fn tcp(packet: &Packet, target: &Target) -> Reply {
    let Some(segment) = packet.transport().first_chunk::<20>() else { return Reply::Nothing };
    let number = u16::from_be_bytes([segment[2], segment[3]]);
    let flags = segment[13];
    match target.tcp.get(&number).copied().unwrap_or(target.other_tcp) {
        Port::Filtered => Reply::Nothing,
        Port::Prohibited => Reply::Prohibited(prohibited(packet)),
        _ if flags & RST != 0 => Reply::Nothing,
        Port::Open if flags & (SYN | ACK) == SYN => Reply::Datagram(TCP, accept(packet)),
        Port::Open if flags & (ACK | FIN) == ACK && acknowledges(segment) => Reply::Nothing,
        Port::Open | Port::Closed => Reply::Datagram(TCP, reset(packet)),
    }
}

fn prohibited(packet: &Packet) -> Refusal {
    let (kind, code) = if packet.is_v4() { (3, 13) } else { (1, 1) };
    Refusal { kind, code, word: 0 }
}

/// Every connection's, so that it need not be remembered.
const FIRST_SEQUENCE: u32 = 0x1000_0000;

/// Whether it ends the handshake that [`accept`] began.
fn acknowledges(segment: &[u8; 20]) -> bool {
    segment[8..12] == (FIRST_SEQUENCE + 1).to_be_bytes()
}

/// SYN and ACK, with a segment size, selective acknowledgements, a time stamp and a window scale.
fn accept(packet: &Packet) -> Vec<u8> {
    const OPTIONS: [u8; 20] = [2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
    let asked = packet.transport()[13];
    // RFC 3168 §6.1.1: who can do congestion notification says so with ECE alone.
    let ecn = if asked & (ECE | CWR) == ECE | CWR { ECE } else { 0 };
    let mut options = OPTIONS;
    if let Some(stamp) = time_stamp(packet.transport()) {
        options[12..16].copy_from_slice(&stamp);
    }
    segment(packet, SYN | ACK | ecn, FIRST_SEQUENCE, &options)
}

/// RFC 9293 §3.5.2: the reset of what acknowledges something is in sequence with it, and any
/// other acknowledges what came.
fn reset(packet: &Packet) -> Vec<u8> {
    let asked = packet.transport();
    if asked[13] & ACK == 0 {
        return segment(packet, RST | ACK, 0, &[]);
    }
    let sequence = u32::from_be_bytes([asked[8], asked[9], asked[10], asked[11]]);
    segment(packet, RST, sequence, &[])
}

fn segment(packet: &Packet, flags: u8, sequence: u32, options: &[u8]) -> Vec<u8> {
    let asked = packet.transport();
    let acknowledged = if flags & ACK == 0 { 0 } else { after(asked) };
    let words = u8::try_from((20 + options.len()) / 4).expect("options of at most 40 octets");
    let window = if flags & RST == 0 { [0xfa, 0xf0] } else { [0, 0] };
    let mut segment = [&asked[2..4], &asked[..2]].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([words << 4, flags]);
    segment.extend(window);
    segment.extend([0, 0, 0, 0]);
    segment.extend(options);
    segment
}

/// The sequence number that follows a segment: RFC 9293 §3.4.
fn after(segment: &[u8]) -> u32 {
    let sequence = u32::from_be_bytes([segment[4], segment[5], segment[6], segment[7]]);
    let data = segment.len().saturating_sub(usize::from(segment[12] >> 4) * 4);
    let marks = u32::from(segment[13] & SYN != 0) + u32::from(segment[13] & FIN != 0);
    sequence.wrapping_add(u32::try_from(data).unwrap_or(0)).wrapping_add(marks)
}

/// The sender's time stamp, if it sent one: RFC 7323 §3.2.
fn time_stamp(segment: &[u8]) -> Option<[u8; 4]> {
    let end = (usize::from(segment[12] >> 4) * 4).min(segment.len());
    let mut options = segment.get(20..end)?;
    loop {
        match options {
            [1, rest @ ..] => options = rest,
            [8, 10, a, b, c, d, ..] => return Some([*a, *b, *c, *d]),
            [kind, length, ..] if *kind > 1 && *length > 1 => {
                options = options.get(usize::from(*length)..)?;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
