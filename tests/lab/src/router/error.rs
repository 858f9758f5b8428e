//! ICMP errors about a packet: RFC 792, RFC 4443 §3, RFC 4884 and RFC 4950.
//!
//! Nothing here decides whether there is one.

use std::net::IpAddr;

use pnet_packet::util::checksum;
use wireline_lab::{Fault, Labels, Nat, Quote, Refusal};

use crate::edit::mend;
use crate::headers::ETHERNET;
use crate::packet::{IPV4_HEADER, IPV6_HEADER, Packet};

const ICMP: u8 = 1;
const ICMPV6: u8 = 58;
const ICMP_HEADER: usize = 8;
/// Before an extension the quote has at least so many octets: RFC 4884 §3.
const QUOTE_BEFORE_EXTENSION: usize = 128;

/// The frame of an error. `left` is the TTL or hop limit that the packet had when it came there.
pub(crate) fn about(
    packet: &Packet,
    error: Refusal,
    quote: &Quote,
    left: u8,
    (from, ttl): (IpAddr, u8),
) -> Vec<u8> {
    let mut message = vec![error.kind, error.code, 0, 0];
    message.extend(error.word.to_be_bytes());
    let quoted = quoted(packet, quote, left);
    let room = if packet.is_v4() { 576 - IPV4_HEADER } else { 1280 - IPV6_HEADER } - ICMP_HEADER;
    match quote.labels.as_ref().filter(|_| may_be_extended(packet, error)) {
        Some(labels) => extend(&mut message, quoted, labels, room, packet.is_v4()),
        None => message.extend(&quoted[..quoted.len().min(room)]),
    }
    packet.reply(from, ttl, if packet.is_v4() { ICMP } else { ICMPV6 }, &message)
}

/// Which errors have a length attribute: RFC 4884 §4.
fn may_be_extended(packet: &Packet, error: Refusal) -> bool {
    let kinds: &[u8] = if packet.is_v4() { &[3, 11, 12] } else { &[1, 3] };
    kinds.contains(&error.kind)
}

/// The packet as it came, or as it is told to have come, cut to what is told.
fn quoted(packet: &Packet, quote: &Quote, left: u8) -> Vec<u8> {
    let mut frame = packet.frame.clone();
    if let Some(nat) = &quote.nat {
        translate(packet, &mut frame, nat);
    }
    let mut datagram = frame.split_off(ETHERNET);
    if packet.is_v4() {
        datagram[1] = quote.tos.unwrap_or(datagram[1]);
        datagram[8] = quote.ttl.unwrap_or(left);
        mend_header(&mut datagram);
    } else {
        if let Some(class) = quote.tos {
            datagram[0] = 0x60 | class >> 4;
            datagram[1] = class << 4 | datagram[1] & 0x0f;
        }
        datagram[7] = quote.ttl.unwrap_or(left);
    }
    datagram.truncate(quote.octets.unwrap_or(usize::MAX));
    datagram
}

/// What a translator does: the checksums are right for the new source.
fn translate(packet: &Packet, frame: &mut [u8], nat: &Nat) {
    let source = packet.ip.addresses.start;
    match packet.source {
        IpAddr::V4(old) => put(frame, source, &nat.v4.unwrap_or(old).octets()),
        IpAddr::V6(old) => put(frame, source, &nat.v6.unwrap_or(old).octets()),
    }
    if let (Some(ip_id), true) = (nat.ip_id, packet.is_v4()) {
        put(frame, ETHERNET + 4, &ip_id.to_be_bytes());
    }
    let at = packet.ip.transport.start + if is_icmp(packet) { 4 } else { 0 };
    if let (Some(port), true) = (nat.port, at + 2 <= frame.len()) {
        put(frame, at, &port.to_be_bytes());
    }
    mend(frame);
}

fn is_icmp(packet: &Packet) -> bool {
    [ICMP, ICMPV6].contains(&packet.ip.protocol)
}

/// The checksum of an IPv4 header, options included, whose octets may have changed.
fn mend_header(datagram: &mut [u8]) {
    let end = usize::from(datagram[0] & 0x0f) * 4;
    let sum = checksum(&datagram[..end], 5);
    put(datagram, 10, &sum.to_be_bytes());
}

/// Adds a quote and an extension, and the length attribute that belongs to them.
fn extend(message: &mut Vec<u8>, mut quoted: Vec<u8>, labels: &Labels, room: usize, is_v4: bool) {
    let unit = if is_v4 { 4 } else { 8 };
    let extension = extension(labels);
    let room = room.saturating_sub(extension.len()) / unit * unit;
    let room = room.max(QUOTE_BEFORE_EXTENSION);
    let is_compliant = labels.fault != Some(Fault::NonCompliant);
    quoted.truncate(if is_compliant { room } else { QUOTE_BEFORE_EXTENSION });
    quoted.resize(quoted.len().next_multiple_of(unit).max(QUOTE_BEFORE_EXTENSION), 0);
    message[if is_v4 { 5 } else { 4 }] = match labels.fault {
        Some(Fault::NonCompliant) => 0,
        Some(Fault::Length(units)) => units,
        // What fits into 1280 octets is at most 160 units of eight.
        _ => u8::try_from(quoted.len() / unit).unwrap_or(u8::MAX),
    };
    message.extend(quoted);
    message.extend(extension);
}

/// The extension structure: RFC 4884 §7.
fn extension(labels: &Labels) -> Vec<u8> {
    const VERSION: u8 = 2;
    const LABEL_STACK: (u8, u8) = (1, 1);
    let version = if let Some(Fault::Version(version)) = labels.fault { version } else { VERSION };
    let mut extension = vec![version << 4, 0, 0, 0];
    if !labels.stack.is_empty() {
        extension.extend(object(LABEL_STACK, &stack(labels)));
    }
    for (class, kind, data) in &labels.others {
        extension.extend(object((*class, *kind), data));
    }
    if let (Some(Fault::ObjectLength(octets)), true) = (labels.fault, extension.len() > 4) {
        put(&mut extension, 4, &octets.to_be_bytes());
    }
    if labels.fault != Some(Fault::NoChecksum) {
        let sum = checksum(&extension, 1);
        let wrong = u16::from(labels.fault == Some(Fault::Checksum));
        put(&mut extension, 2, &(sum ^ wrong).to_be_bytes());
    }
    extension
}

fn object((class, kind): (u8, u8), data: &[u8]) -> Vec<u8> {
    const HEADER: usize = 4;
    let [high, low] = crate::packet::length(HEADER + data.len());
    [&[high, low, class, kind], data].concat()
}

/// RFC 3032 §2.1: 20 bits of label, three of class, one that marks the bottom, and the TTL.
fn stack(labels: &Labels) -> Vec<u8> {
    let last = labels.stack.len().saturating_sub(1);
    let entry = |(position, label): (usize, &wireline_lab::Label)| {
        let bottom = u32::from(position == last);
        let word = label.label << 12 | u32::from(label.class) << 9 | bottom << 8;
        (word | u32::from(label.ttl)).to_be_bytes()
    };
    labels.stack.iter().enumerate().flat_map(entry).collect()
}

fn put(octets: &mut [u8], at: usize, value: &[u8]) {
    octets[at..at + value.len()].copy_from_slice(value);
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
