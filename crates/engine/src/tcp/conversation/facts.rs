use wireline_packet::tcp::options::{Item, items};
use wireline_packet::tcp::{Flags, Options, Segment};

use super::Observed;
use crate::Instant;
use crate::tcp::End;

/// What a segment says by itself.
pub(super) struct Facts<'a> {
    pub(super) from: End,
    pub(super) at: Instant,
    pub(super) hop_limit: u8,
    pub(super) segment: Segment<'a>,
    /// Octets of data on the wire.
    pub(super) length: u32,
    /// Where ACK is set.
    pub(super) acknowledgment: Option<u32>,
    /// One behind its last number, those of SYN and FIN included.
    pub(super) end: u32,
    pub(super) options: Options,
    pub(super) is_malformed: bool,
    /// Octets of the cookie, where the option is there; none is a request.
    pub(super) cookie: Option<usize>,
    pub(super) has_sack: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn new(from: End, seen: &Observed<'a>) -> Self {
        let segment = seen.segment;
        let is_set = |flag| u32::from(segment.flags.contains(flag));
        let numbers = is_set(Flags::SYN) + is_set(Flags::FIN);
        let items = || items(segment.options);
        let is_wrong = |item| matches!(item, Item::Malformed(_) | Item::Misshapen { .. });
        Self {
            from,
            at: seen.at,
            hop_limit: seen.hop_limit,
            segment,
            length: seen.length,
            acknowledgment: segment.flags.contains(Flags::ACK).then_some(segment.acknowledgment),
            end: segment.sequence.wrapping_add(seen.length).wrapping_add(numbers),
            options: Options::read(segment.options),
            is_malformed: items().any(is_wrong),
            cookie: items().find_map(|item| match item {
                Item::FastOpen { cookie, .. } => Some(cookie.len()),
                _ => None,
            }),
            has_sack: items().any(|item| matches!(item, Item::Sack(_))),
        }
    }

    pub(super) const fn has(&self, flag: Flags) -> bool {
        self.segment.flags.contains(flag)
    }

    /// A SYN that asks.
    pub(super) const fn is_first_syn(&self) -> bool {
        self.has(Flags::SYN) && !self.has(Flags::ACK) && !self.has(Flags::RST)
    }

    /// A SYN that answers.
    pub(super) const fn is_syn_ack(&self) -> bool {
        self.has(Flags::SYN) && self.has(Flags::ACK) && !self.has(Flags::RST)
    }

    /// Number of the FIN.
    pub(super) const fn fin(&self) -> u32 {
        self.end.wrapping_sub(1)
    }

    /// Nothing but an acknowledgment.
    pub(super) const fn is_pure_ack(&self) -> bool {
        let others = Flags(Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0);
        self.length == 0 && self.has(Flags::ACK) && self.segment.flags.0 & others.0 == 0
    }
}
