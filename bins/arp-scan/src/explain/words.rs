//! What numbers stand for, and what a frame says as a whole.

use wireline_packet::arp::{self, Message};
use wireline_packet::ethernet::{Frame, ethertype};

/// IANA, "IEEE 802 Numbers"; up to 1500 it is a length.
pub(super) const fn ether_type(kind: u16) -> &'static str {
    match kind {
        0..=1500 => "a length: what follows tells its type by LLC",
        ethertype::IPV4 => "IPv4 (RFC 894)",
        ethertype::ARP => "ARP (RFC 826)",
        ethertype::VLAN => "a VLAN's tag follows (IEEE 802.1Q)",
        ethertype::QINQ => "a provider's tag follows (IEEE 802.1ad)",
        ethertype::IPV6 => "IPv6 (RFC 2464)",
        0x8035 => "reverse ARP (RFC 903)",
        0x8137 => "IPX",
        _ => "something else",
    }
}

/// IANA, "Address Resolution Protocol (ARP) Parameters".
pub(super) const fn hardware(kind: u16) -> &'static str {
    match kind {
        0 | 0xffff => "reserved (RFC 5494)",
        1 => "Ethernet",
        6 => "IEEE 802 networks",
        7 => "ARCNET (RFC 1201)",
        15 => "Frame Relay (RFC 2390)",
        18 => "Fibre Channel (RFC 4338)",
        24 => "IEEE 1394 (RFC 2734)",
        32 => "InfiniBand (RFC 4391)",
        36 | 256 => "for experiments (RFC 5494)",
        _ => "something else than Ethernet",
    }
}

/// The same page.
pub(super) const fn operation(operation: u16) -> &'static str {
    match operation {
        0 | 0xffff => "reserved (RFC 5494)",
        arp::operation::REQUEST => "request: who has the target's protocol address?",
        arp::operation::REPLY => "reply: the sender has its protocol address",
        3 => "reverse request (RFC 903)",
        4 => "reverse reply (RFC 903)",
        8 => "inverse request (RFC 2390)",
        9 => "inverse reply (RFC 2390)",
        10 => "refusal on ATM (RFC 1577)",
        24 | 25 => "for experiments (RFC 5494)",
        _ => "none that a host should answer",
    }
}

/// What it says, to a person.
pub(super) fn sentence(octets: &[u8]) -> String {
    let Ok(frame) = Frame::parse(octets) else {
        return "too short for a frame of Ethernet".into();
    };
    if frame.protocol != ethertype::ARP {
        return "no ARP".into();
    }
    let Ok(message) = Message::parse(frame.payload) else {
        return "ARP, cut off".into();
    };
    let (sender, target) = (message.sender, message.target.address);
    match message.header.operation {
        1 | 2 if sender.address == target => {
            format!("{target} is at {}, I tell everybody", sender.mac)
        }
        1 if sender.address.is_unspecified() => format!("Does anybody have {target}?"),
        1 => format!("Who has {target}? Tell {}", sender.address),
        2 => format!("{} is at {}", sender.address, sender.mac),
        other => format!("ARP, operation {other}"),
    }
}
