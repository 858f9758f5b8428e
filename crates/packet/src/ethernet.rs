//! Ethernet frames: type or length, 802.1Q tags, LLC with SNAP.

use crate::{Error, Mac, Result};

/// Octets of a header without tags.
pub const HEADER: usize = 14;

/// What a frame has at the least without its checksum: senders fill up to that (IEEE 802.3 §4A.2.3.2.4).
pub const SHORTEST: usize = 60;

/// Types (IANA, "IEEE 802 Numbers").
pub mod ethertype {
    /// RFC 791.
    pub const IPV4: u16 = 0x0800;
    /// RFC 826.
    pub const ARP: u16 = 0x0806;
    /// IEEE 802.1Q.
    pub const VLAN: u16 = 0x8100;
    /// IEEE 802.1Q, the outer of two.
    pub const QINQ: u16 = 0x88a8;
    /// RFC 8200.
    pub const IPV6: u16 = 0x86dd;
}

/// How the type of what a frame carries is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Straight behind the addresses (RFC 894).
    #[default]
    Ethernet2,
    /// By LLC and SNAP behind a length (RFC 1042).
    Snap,
}

/// A frame taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// To whom.
    pub destination: Mac,
    /// From whom.
    pub source: Mac,
    /// Priority, drop eligibility and number of the VLAN, of the outermost tag (IEEE 802.1Q §9.6).
    pub tag: Option<u16>,
    /// How `protocol` was told.
    pub framing: Framing,
    /// One of [`ethertype`]; 0 of a frame with LLC and no SNAP.
    pub protocol: u16,
    /// What it carries, and what it was filled up with.
    pub payload: &'a [u8],
}

const SNAP: [u8; 6] = [0xaa, 0xaa, 3, 0, 0, 0];

impl<'a> Frame<'a> {
    /// Reads a frame, without its checksum.
    pub fn parse(octets: &'a [u8]) -> Result<Self> {
        let (addresses, mut rest) = octets.split_first_chunk::<12>().ok_or(short(octets))?;
        let (mut tag, mut protocol) = (None, take_word(&mut rest).ok_or(short(octets))?);
        // Two tags are usual, more are not.
        for _ in 0..2 {
            if !matches!(protocol, ethertype::VLAN | ethertype::QINQ) {
                break;
            }
            let inner = take_word(&mut rest).ok_or(short(octets))?;
            tag = tag.or(Some(inner));
            protocol = take_word(&mut rest).ok_or(short(octets))?;
        }
        let mut frame = Self {
            destination: Mac::from_slice(&addresses[..6]).unwrap_or_default(),
            source: Mac::from_slice(&addresses[6..]).unwrap_or_default(),
            tag,
            framing: Framing::Ethernet2,
            protocol,
            payload: rest,
        };
        if protocol < 0x600 {
            frame.read_llc(rest);
        }
        Ok(frame)
    }

    fn read_llc(&mut self, rest: &'a [u8]) {
        (self.framing, self.protocol) = (Framing::Snap, 0);
        if let Some(mut rest) = rest.strip_prefix(&SNAP)
            && let Some(protocol) = take_word(&mut rest)
        {
            (self.protocol, self.payload) = (protocol, rest);
        }
    }

    /// Number of the VLAN.
    #[must_use]
    pub fn vlan(&self) -> Option<u16> {
        self.tag.map(|tag| tag & 0xfff)
    }

    /// Writes the frame over whatever `out` held. It is not filled up: the driver does that.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.destination.0);
        out.extend_from_slice(&self.source.0);
        if let Some(tag) = self.tag {
            out.extend_from_slice(&ethertype::VLAN.to_be_bytes());
            out.extend_from_slice(&tag.to_be_bytes());
        }
        if self.framing == Framing::Snap {
            let length = u16::try_from(SNAP.len() + 2 + self.payload.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&SNAP);
        }
        out.extend_from_slice(&self.protocol.to_be_bytes());
        out.extend_from_slice(self.payload);
    }
}

fn take_word(rest: &mut &[u8]) -> Option<u16> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u16::from_be_bytes(*word))
}

const fn short(octets: &[u8]) -> Error {
    Error::Truncated { what: "Ethernet", need: HEADER, got: octets.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    const TO: Mac = Mac([1; 6]);
    const FROM: Mac = Mac([2, 0, 0, 0, 0, 2]);

    fn frame(tag: Option<u16>, framing: Framing) -> Frame<'static> {
        let (protocol, payload) = (ethertype::ARP, &b"payload"[..]);
        Frame { destination: TO, source: FROM, tag, framing, protocol, payload }
    }

    fn emitted(frame: &Frame<'_>) -> Vec<u8> {
        let mut out = vec![9; 99];
        frame.emit(&mut out);
        out
    }

    #[test]
    fn frames_round_trip_with_and_without_tag_and_snap() {
        for tag in [None, Some(0x6007)] {
            for framing in [Framing::Ethernet2, Framing::Snap] {
                let frame = frame(tag, framing);
                assert_eq!(Frame::parse(&emitted(&frame)), Ok(frame));
                assert_eq!(frame.vlan(), tag.map(|_| 7), "without its priority");
            }
        }
    }

    /// 36 octets, where arp-scan 1.10 writes 50.
    #[test]
    fn length_before_llc_counts_what_is_behind_it() {
        let frame = Frame { payload: &[0; 28], ..frame(None, Framing::Snap) };
        let octets = emitted(&frame);
        assert_eq!(octets[12..22], [0, 36, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6]);
        assert_eq!(octets.len(), HEADER + 36);
    }

    #[test]
    fn frame_cut_short_in_its_header_is_none() {
        for (tag, header) in [(None, 14), (Some(7), 18)] {
            let octets = emitted(&frame(tag, Framing::Ethernet2));
            for end in 0..octets.len() {
                assert_eq!(Frame::parse(&octets[..end]).is_ok(), end >= header, "cut at {end}");
            }
        }
    }

    #[test]
    fn outermost_of_two_tags_is_told_and_a_third_is_no_header() {
        let tags = |count: usize| {
            let mut octets = [TO.0, FROM.0].concat();
            (0..count).for_each(|n| octets.extend([0x88, 0xa8, 0, u8::try_from(n).unwrap() + 5]));
            octets.extend([8, 6]);
            octets
        };
        let (two, three) = (tags(2), tags(3));
        let two = Frame::parse(&two).unwrap();
        assert_eq!((two.vlan(), two.protocol), (Some(5), ethertype::ARP));
        assert_eq!(Frame::parse(&three).unwrap().protocol, ethertype::QINQ);
    }

    #[test]
    fn llc_without_snap_carries_nothing_that_is_known() {
        let whole = emitted(&frame(None, Framing::Snap));
        for end in 14..22 {
            let cut = Frame::parse(&whole[..end]).unwrap();
            assert_eq!((cut.framing, cut.protocol), (Framing::Snap, 0), "cut at {end}");
        }
        for at in 14..20 {
            let mut other = whole.clone();
            other[at] ^= 1;
            assert_eq!(Frame::parse(&other).unwrap().protocol, 0, "octet {at}");
        }
    }

    #[test]
    fn any_octets_will_do() {
        for mut octets in noise(5_000) {
            let _ = Frame::parse(&octets);
            octets.get_mut(12..14).into_iter().for_each(|kind| kind.copy_from_slice(&[0x81, 0]));
            let _ = Frame::parse(&octets);
        }
    }
}
