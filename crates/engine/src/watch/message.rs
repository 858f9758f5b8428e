//! What a frame says, as far as a watch wants to know.

use std::net::{IpAddr, Ipv4Addr};

use wireline_packet::arp::{self, operation};
use wireline_packet::ethernet::{Frame, ethertype};
use wireline_packet::{Mac, arp::Message};

use super::Place;
use crate::segment::Source;

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody has an address.
    Claim(Claim),
    /// Somebody wants to know if an address is free (RFC 5227 §1.1).
    Probe { place: Place, address: IpAddr, mac: Mac },
    /// About IPv4, and making no sense.
    Strange,
    /// Not ARP.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) place: Place,
    pub(super) address: IpAddr,
    pub(super) mac: Mac,
    pub(super) frame_mac: Mac,
    pub(super) source: Source,
    /// By its operation, whatever else it is.
    pub(super) is_reply: bool,
}

/// Reads a frame that came in by `port`.
pub(super) fn read(port: u32, octets: &[u8]) -> Heard {
    let Ok(frame) = Frame::parse(octets) else { return Heard::Strange };
    if frame.protocol != ethertype::ARP {
        return Heard::Other;
    }
    let Ok(message) = Message::parse(frame.payload) else { return Heard::Strange };
    if !makes_sense(&message) {
        return Heard::Strange;
    }
    // VLAN 0 is a priority and no VLAN (IEEE 802.1Q §9.6).
    let place = Place { port, vlan: frame.vlan().filter(|&vlan| vlan != 0) };
    let (sender, target) = (message.sender, message.target.address);
    if sender.address.is_unspecified() {
        return match message.header.operation {
            operation::REQUEST => Heard::Probe { place, address: target.into(), mac: sender.mac },
            _ => Heard::Strange,
        };
    }
    let source = match message.header.operation {
        _ if sender.address == target => Source::Announcement,
        operation::REQUEST => Source::Request,
        _ => Source::Reply,
    };
    let (address, mac, frame_mac) = (sender.address.into(), sender.mac, frame.source);
    let is_reply = message.header.operation == operation::REPLY;
    Heard::Claim(Claim { place, address, mac, frame_mac, source, is_reply })
}

fn makes_sense(message: &Message<'_>) -> bool {
    let arp::Header { protocol, operation, .. } = message.header;
    message.is_consistent()
        && protocol == ethertype::IPV4
        && matches!(operation, operation::REQUEST | operation::REPLY)
        && message.sender.mac != Mac::ZERO
        && is_of_a_host(message.sender.address)
}

/// Nobody is at such an address (RFC 1122 §3.2.1.3), but for 0.0.0.0: that is a probe.
fn is_of_a_host(address: Ipv4Addr) -> bool {
    let is_class_e = address.octets()[0] >= 240;
    address.is_unspecified()
        || !(address.octets()[0] == 0
            || address.is_loopback()
            || address.is_multicast()
            || is_class_e)
}

#[cfg(test)]
mod tests {
    use wireline_packet::arp::{End, Header};
    use wireline_packet::ethernet::Framing;

    use super::*;

    const A: Mac = Mac([2, 0, 0, 0, 0, 0xa]);

    fn frame(tag: Option<u16>, operation: u16, sender: [u8; 4], target: [u8; 4]) -> Vec<u8> {
        let end = |address: [u8; 4]| End { mac: A, address: address.into() };
        let header = Header::ipv4(operation);
        let mut payload = Vec::new();
        Message { header, sender: end(sender), target: end(target), rest: &[] }.emit(&mut payload);
        let mut out = Vec::new();
        let framing = Framing::Ethernet2;
        let (source, protocol) = (A, ethertype::ARP);
        let destination = Mac::BROADCAST;
        Frame { destination, source, tag, framing, protocol, payload: &payload }.emit(&mut out);
        out
    }

    fn source(heard: Heard) -> Option<Source> {
        match heard {
            Heard::Claim(claim) => Some(claim.source),
            _ => None,
        }
    }

    #[test]
    fn rfc_5227_messages_are_told_apart() {
        let heard = |operation, sender, target| read(1, &frame(None, operation, sender, target));
        let (one, two) = ([192, 0, 2, 1], [192, 0, 2, 2]);
        let probe = heard(1, [0; 4], one);
        let address = Ipv4Addr::from(one).into();
        assert_eq!(probe, Heard::Probe { place: Place { port: 1, vlan: None }, address, mac: A });
        assert_eq!(source(heard(1, one, one)), Some(Source::Announcement));
        assert_eq!(source(heard(2, one, one)), Some(Source::Announcement));
        assert_eq!(source(heard(1, one, two)), Some(Source::Request));
        assert_eq!(source(heard(2, one, two)), Some(Source::Reply));
    }

    #[test]
    fn addresses_that_nobody_has_are_no_claim() {
        for sender in [[0, 0, 0, 1], [127, 0, 0, 1], [224, 0, 0, 1], [255; 4], [240, 0, 0, 1]] {
            assert_eq!(
                read(1, &frame(None, 2, sender, [192, 0, 2, 1])),
                Heard::Strange,
                "{sender:?}"
            );
        }
        let reply_without_sender = frame(None, 2, [0; 4], [192, 0, 2, 1]);
        assert_eq!(read(1, &reply_without_sender), Heard::Strange, "and not a probe");
        assert_eq!(read(1, &frame(None, 9, [192, 0, 2, 1], [192, 0, 2, 2])), Heard::Strange);
    }

    #[test]
    fn tag_is_part_of_the_place_and_priority_is_not() {
        let vlan = |tag| match read(1, &frame(Some(tag), 2, [192, 0, 2, 1], [192, 0, 2, 2])) {
            Heard::Claim(claim) => claim.place.vlan,
            other => panic!("{other:?}"),
        };
        assert_eq!(vlan(0xe007), Some(7));
        assert_eq!(vlan(0xe000), None);
    }

    #[test]
    fn every_shorter_frame_is_strange_and_lengths_are_not_believed() {
        let whole = frame(Some(7), 2, [192, 0, 2, 1], [192, 0, 2, 2]);
        for length in 0..whole.len() {
            assert!(matches!(read(1, &whole[..length]), Heard::Strange | Heard::Other), "{length}");
        }
        for at in [22, 23] {
            let mut lying = whole.clone();
            lying[at] = 255;
            assert_eq!(read(1, &lying), Heard::Strange, "octet {at}");
        }
    }
}
