//! Datagrams that strangers might have sent: a probe with one thing changed.

use crate::edit::mend;
use crate::headers::ETHERNET;
use crate::packet::Packet;

/// The `number`-th stranger's packet. It differs from the probe in the source port or identifier,
/// the destination, the source, or the protocol, in turn; checksums are right.
pub(crate) fn like(probe: &Packet, number: u32) -> Packet {
    let mut frame = probe.frame.clone();
    let addresses = &probe.ip.addresses;
    match number % 4 {
        0 => own_port(probe, &mut frame),
        1 => frame[addresses.end - 1] ^= 1,
        2 => frame[addresses.start + addresses.len() / 2 - 1] ^= 0x40,
        _ => frame[ETHERNET + if probe.is_v4() { 9 } else { 6 }] = other(probe.ip.protocol),
    }
    mend(&mut frame);
    Packet { frame, ..probe.clone() }
}

fn own_port(probe: &Packet, frame: &mut [u8]) {
    let is_icmp = [1, 58].contains(&probe.ip.protocol);
    let at = probe.ip.transport.start + if is_icmp { 5 } else { 1 };
    if let Some(octet) = frame.get_mut(at) {
        *octet ^= 1;
    }
}

/// TCP for UDP, and UDP for all else.
const fn other(protocol: u8) -> u8 {
    if protocol == 17 { 6 } else { 17 }
}
