//! What one of the segment's hosts answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Span;

/// Somebody who says that an address is his. Several may say so of the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Of which addresses.
    pub span: Span,
    /// Where he says that they are (`ar$sha`).
    pub mac: [u8; 6],
    /// From where his frames are, if not from there.
    pub frame_mac: Option<[u8; 6]>,
    /// How long after the request he answers.
    pub after: Duration,
    /// How often.
    pub times: u32,
    /// How many requests for an address get no answer at first.
    pub deaf_to: u32,
    /// Tags of 802.1Q, the outermost first: priority, drop eligibility and number.
    pub tags: Vec<u16>,
    /// Whether by LLC and SNAP (RFC 1042).
    pub snap: bool,
    /// What follows the message.
    pub trailer: Vec<u8>,
    /// `ar$hrd`, `ar$pro`, and `ar$op`.
    pub header: [u16; 3],
    /// Whether all are told, and not only who asked.
    pub is_broadcast: bool,
    /// What else he sends, before the answer.
    pub hostile: Vec<Hostile>,
    /// Whether there is an answer at all, besides what is hostile.
    pub is_silent: bool,
}

/// Messages that make no sense; each but the last octets of some is about the address that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hostile {
    /// The right answer, cut behind each octet from the Ethernet header on. A kernel sends no shorter frame.
    EveryTruncation,
    /// `ar$hln` and `ar$pln` with every value but the right one, each by itself and both together.
    EveryLength,
    /// `ar$op` with every value but 1 and 2.
    EveryOperation,
    /// `ar$hrd` with 0, 2 to 40, 256 and 65535.
    OtherHardware,
    /// `ar$pro` with IPv6, ARP and others.
    OtherProtocol,
    /// An answer about an address that nobody asked for: the next one.
    OtherAddress,
    /// From and about a group's link-layer address, then all zeros, then all ones.
    NobodysMac,
    /// Tags upon tags: 1 to 20 of them, and a frame that ends within one.
    ManyTags,
    /// An LLC header that promises more than there is, and one that promises nothing.
    LyingLlc,
    /// A frame as long as the link takes, filled with ones.
    Longest,
    /// So many frames of noise of this seed, each said to be ARP.
    Noise(u64, u32),
}

impl Claim {
    /// The right answer, at once, for an address or a network such as `192.0.2.0/24`, from
    /// 00:00:5e:00:53:10.
    #[must_use]
    pub fn of(span: &str) -> Self {
        Self {
            span: Span::of(span),
            mac: octets("00:00:5e:00:53:10"),
            frame_mac: None,
            after: Duration::ZERO,
            times: 1,
            deaf_to: 0,
            tags: Vec::new(),
            snap: false,
            trailer: Vec::new(),
            header: [1, 0x0800, 2],
            is_broadcast: false,
            hostile: Vec::new(),
            is_silent: false,
        }
    }

    /// Where the addresses are said to be.
    #[must_use]
    pub fn mac(self, mac: &str) -> Self {
        Self { mac: octets(mac), ..self }
    }

    /// Where the frames are from.
    #[must_use]
    pub fn frame_mac(self, mac: &str) -> Self {
        Self { frame_mac: Some(octets(mac)), ..self }
    }

    /// Answers so long after the request.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// Answers so many times.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Does not answer the first so many requests for each address.
    #[must_use]
    pub fn deaf_to(self, requests: u32) -> Self {
        Self { deaf_to: requests, ..self }
    }

    /// Answers only for the first of every `count` addresses of the span.
    #[must_use]
    pub fn one_in(mut self, count: u32) -> Self {
        self.span.step = count;
        self
    }

    /// A tag of 802.1Q, within those before.
    #[must_use]
    pub fn tag(mut self, tag: u16) -> Self {
        self.tags.push(tag);
        self
    }

    /// By LLC and SNAP.
    #[must_use]
    pub fn snap(self) -> Self {
        Self { snap: true, ..self }
    }

    /// What follows the message.
    #[must_use]
    pub fn trailer(self, octets: &[u8]) -> Self {
        Self { trailer: octets.to_vec(), ..self }
    }

    /// `ar$hrd` of the answer.
    #[must_use]
    pub fn hardware(mut self, value: u16) -> Self {
        self.header[0] = value;
        self
    }

    /// `ar$pro` of the answer.
    #[must_use]
    pub fn protocol(mut self, value: u16) -> Self {
        self.header[1] = value;
        self
    }

    /// `ar$op` of the answer.
    #[must_use]
    pub fn operation(mut self, value: u16) -> Self {
        self.header[2] = value;
        self
    }

    /// Answers to all.
    #[must_use]
    pub fn broadcast(self) -> Self {
        Self { is_broadcast: true, ..self }
    }

    /// Sends this too, before the answer.
    #[must_use]
    pub fn hostile(mut self, hostile: Hostile) -> Self {
        self.hostile.push(hostile);
        self
    }

    /// Sends only what is hostile, and no answer.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { is_silent: true, ..self }
    }
}

/// The octets of a link-layer address such as `00:00:5e:00:53:10`.
pub(crate) fn octets(mac: &str) -> [u8; 6] {
    let digits = mac.replace(':', "").to_ascii_lowercase();
    let octets = data_encoding::HEXLOWER.decode(digits.as_bytes()).expect("hexadecimal digits");
    octets.try_into().expect("six octets")
}
