//! ARP messages in their frames (RFC 826): what a request asks, and what a claim answers.

use std::net::Ipv4Addr;

use wireline_lab::segment::Claim;

const ARP: [u8; 2] = [8, 6];
const SNAP: [u8; 6] = [0xaa, 0xaa, 3, 0, 0, 0];
/// Octets of a message about IPv4 on Ethernet.
pub(crate) const MESSAGE: usize = 28;

/// What somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// From where the frame is.
    pub(crate) from: [u8; 6],
    /// Who says that he asks.
    pub(crate) sender: ([u8; 6], Ipv4Addr),
    /// About which address.
    pub(crate) target: Ipv4Addr,
}

/// Whether a frame is said to carry ARP, by its type or by SNAP.
pub(crate) fn is_arp(frame: &[u8]) -> bool {
    message(frame).is_some()
}

fn message(frame: &[u8]) -> Option<&[u8]> {
    let behind = frame.get(14..)?;
    if frame[12..14] == ARP {
        return Some(behind);
    }
    behind.strip_prefix(&SNAP)?.strip_prefix(&ARP)
}

impl Request {
    /// A request about IPv4, in whatever frame.
    pub(crate) fn parse(frame: &[u8]) -> Option<Self> {
        let message = message(frame)?.first_chunk::<MESSAGE>()?;
        let is_request = message[2..4] == [8, 0] && message[6..8] == [0, 1];
        let mac = |octets: &[u8]| octets.try_into().ok();
        let address = |at: usize| <[u8; 4]>::try_from(&message[at..at + 4]).ok().map(Into::into);
        let sender = (mac(&message[8..14])?, address(14)?);
        let request = Self { from: mac(&frame[6..12])?, sender, target: address(24)? };
        is_request.then_some(request)
    }
}

/// An answer, whose parts can be made wrong before it is a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) to: [u8; 6],
    pub(crate) from: [u8; 6],
    pub(crate) tags: Vec<u16>,
    pub(crate) snap: bool,
    /// `ar$hrd`, `ar$pro`, `ar$op`.
    pub(crate) header: [u16; 3],
    /// `ar$hln` and `ar$pln`.
    pub(crate) lengths: [u8; 2],
    pub(crate) sender: ([u8; 6], Ipv4Addr),
    pub(crate) target: ([u8; 6], Ipv4Addr),
    pub(crate) trailer: Vec<u8>,
}

impl Answer {
    /// What a claim says to a request.
    pub(crate) fn of(claim: &Claim, request: &Request) -> Self {
        Self {
            to: if claim.is_broadcast { [0xff; 6] } else { request.from },
            from: claim.frame_mac.unwrap_or(claim.mac),
            tags: claim.tags.clone(),
            snap: claim.snap,
            header: claim.header,
            lengths: [6, 4],
            sender: (claim.mac, request.target),
            target: request.sender,
            trailer: claim.trailer.clone(),
        }
    }

    pub(crate) fn frame(&self) -> Vec<u8> {
        let mut frame = [self.to, self.from].concat();
        for tag in &self.tags {
            frame.extend([0x81, 0]);
            frame.extend(tag.to_be_bytes());
        }
        if self.snap {
            // What the frame is filled up with does not count (IEEE 802.3 §3.2.6).
            frame.extend([0, 36]);
            frame.extend(SNAP);
        }
        frame.extend(ARP);
        frame.extend(self.message());
        frame.extend(&self.trailer);
        frame
    }

    fn message(&self) -> Vec<u8> {
        let [hardware, protocol, operation] = self.header.map(u16::to_be_bytes);
        let mut message = [hardware, protocol, self.lengths, operation].concat();
        for (mac, address) in [self.sender, self.target] {
            message.extend(mac);
            message.extend(address.octets());
        }
        message
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn request() -> Request {
        let sender = ([0, 0, 0x5e, 0, 0x53, 1], Ipv4Addr::new(192, 0, 2, 1));
        Request { from: sender.0, sender, target: Ipv4Addr::new(192, 0, 2, 9) }
    }

    #[test]
    fn right_answer_is_as_rfc_826_has_it() {
        let frame = Answer::of(&Claim::of("192.0.2.9"), &request()).frame();
        let wanted = "00005e00530100005e005310080600010800060400 0200005e005310c0000209\
                      00005e005301c0000201";
        let wanted = wanted.replace(' ', "");
        assert_eq!(data_encoding::HEXLOWER.encode(&frame), wanted);
    }

    #[test]
    fn request_is_read_from_both_framings() {
        let mut answer = Answer::of(&Claim::of("192.0.2.9").operation(1), &request());
        for snap in [false, true] {
            answer.snap = snap;
            let read = Request::parse(&answer.frame()).unwrap();
            assert_eq!((read.from, read.target), ([0, 0, 0x5e, 0, 0x53, 0x10], request().sender.1));
        }
        answer.header[2] = 2;
        assert_eq!(Request::parse(&answer.frame()), None, "an answer is no request");
    }

    #[test]
    fn tags_and_trailer_stand_where_they_belong() {
        let claim = Claim::of("192.0.2.9").tag(0x2007).tag(9).trailer(b"abc").snap();
        let frame = Answer::of(&claim, &request()).frame();
        assert_eq!(frame[12..20], [0x81, 0, 0x20, 7, 0x81, 0, 0, 9]);
        assert_eq!(frame[20..30], [0, 36, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6]);
        assert!(frame.ends_with(b"abc"));
    }
}
