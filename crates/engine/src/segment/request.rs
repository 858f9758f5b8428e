use std::net::Ipv4Addr;

use wireline_packet::Mac;
use wireline_packet::arp::{End, LENGTH, Message};
use wireline_packet::ethernet::{Frame, Framing};

use super::{Port, Request, Sender};

/// The request of one port, of which only the addresses change.
#[derive(Debug)]
pub(super) struct Template {
    frame: Vec<u8>,
    /// Where `ar$spa` begins, if it is the address that is asked for.
    sender: Option<usize>,
    /// Where `ar$tpa` begins.
    target: usize,
}

impl Template {
    pub(super) fn new(request: &Request, port: &Port) -> Self {
        /// Octets of a message before its `ar$spa`, and before its `ar$tpa` (RFC 826).
        const SENDER: usize = 14;
        const TARGET: usize = 24;
        let address = match request.sender_address {
            Sender::Port => port.address.unwrap_or(Ipv4Addr::UNSPECIFIED),
            Sender::Given(address) => address,
            Sender::Target => Ipv4Addr::UNSPECIFIED,
        };
        let message = Message {
            header: request.header,
            sender: End { mac: request.sender_mac.unwrap_or(port.mac), address },
            target: End { mac: request.target_mac, address: Ipv4Addr::UNSPECIFIED },
            rest: &request.padding,
        };
        let mut payload = Vec::new();
        message.emit(&mut payload);
        let mut frame = Vec::new();
        let header = Frame {
            destination: request.destination,
            source: request.source.unwrap_or(port.mac),
            tag: port.vlan,
            framing: request.framing,
            protocol: request.ether_type,
            payload: &payload,
        };
        header.emit(&mut frame);
        let start = frame.len() - payload.len();
        if request.counts_header && request.framing == Framing::Snap {
            count_header(&mut frame, start);
        }
        let sender = (request.sender_address == Sender::Target).then_some(start + SENDER);
        Self { frame, sender, target: start + TARGET }
    }

    /// Writes the request for `address` over whatever `contents` held.
    pub(super) fn write(&self, address: Ipv4Addr, contents: &mut Vec<u8>) {
        contents.clear();
        contents.extend_from_slice(&self.frame);
        for at in [self.sender, Some(self.target)].into_iter().flatten() {
            if let Some(place) = contents.get_mut(at..at + 4) {
                place.copy_from_slice(&address.octets());
            }
        }
    }
}

/// Makes the length before LLC that of all that comes before and of the message.
fn count_header(frame: &mut [u8], start: usize) {
    /// The length itself, LLC and SNAP.
    const BEFORE: usize = 10;
    let length = u16::try_from(start + LENGTH).unwrap_or(u16::MAX);
    if let Some(place) = frame.get_mut(start - BEFORE..start - BEFORE + 2) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// Which link-layer address a request says is ours.
pub(super) fn sender_mac(request: &Request, port: &Port) -> Mac {
    request.sender_mac.unwrap_or(port.mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);

    fn written(request: &Request, vlan: Option<u16>) -> Vec<u8> {
        let address = Some(Ipv4Addr::new(192, 0, 2, 1));
        let port = Port { mac: OURS, address, vlan, ..Port::default() };
        let mut contents = vec![9; 3];
        Template::new(request, &port).write(Ipv4Addr::new(192, 0, 2, 7), &mut contents);
        contents
    }

    #[test]
    fn default_is_what_rfc_826_asks() {
        let contents = written(&Request::default(), None);
        let frame = Frame::parse(&contents).unwrap();
        assert_eq!(
            (frame.destination, frame.source, frame.protocol),
            (Mac::BROADCAST, OURS, 0x0806)
        );
        let message = Message::parse(frame.payload).unwrap();
        assert_eq!((message.header.operation, message.sender.mac), (1, OURS));
        assert_eq!(message.sender.address, Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(message.target, End { mac: Mac::ZERO, address: Ipv4Addr::new(192, 0, 2, 7) });
        assert_eq!(contents.len(), 42);
    }

    #[test]
    fn every_field_is_as_it_was_asked_for() {
        let mac = |last| Mac([2, 0, 0x5e, 0, 0x53, last]);
        let request = Request {
            sender_mac: Some(mac(2)),
            sender_address: Sender::Target,
            target_mac: mac(3),
            source: Some(mac(4)),
            destination: mac(5),
            ether_type: 0x0842,
            framing: Framing::Snap,
            padding: vec![0xaa, 0xbb],
            ..Request::default()
        };
        let contents = written(&request, Some(7));
        let frame = Frame::parse(&contents).unwrap();
        assert_eq!((frame.destination, frame.source), (mac(5), mac(4)));
        assert_eq!((frame.tag, frame.protocol, frame.framing), (Some(7), 0x0842, Framing::Snap));
        let message = Message::parse(frame.payload).unwrap();
        let asked = Ipv4Addr::new(192, 0, 2, 7);
        assert_eq!(message.sender, End { mac: mac(2), address: asked });
        assert_eq!(message.target, End { mac: mac(3), address: asked });
        assert_eq!(message.rest, [0xaa, 0xbb]);
    }
}
