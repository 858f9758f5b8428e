//! What the other end says, in order.

use wireline_packet::tcp::{Flags, Segment};

/// Where we are in its stream.
#[derive(Debug)]
pub(super) struct Receiver {
    first: u32,
    next: u32,
    window: u32,
    shift: u8,
    octets: u64,
    has_fin: bool,
}

/// What came of a segment.
pub(super) struct Taken<'a> {
    /// New, and in order.
    pub(super) data: &'a [u8],
    pub(super) must_acknowledge: bool,
}

impl Receiver {
    pub(super) const fn new(window: u32, shift: u8) -> Self {
        Self { first: 0, next: 0, window, shift, octets: 0, has_fin: false }
    }

    /// Begins behind its SYN.
    pub(super) const fn begin(&mut self, next: u32) {
        self.first = next;
        self.next = next;
    }

    /// It does not know of shifts (RFC 7323 §2.2).
    pub(super) const fn forget_scale(&mut self) {
        self.shift = 0;
    }

    pub(super) const fn next(&self) -> u32 {
        self.next
    }

    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    pub(super) const fn has_fin(&self) -> bool {
        self.has_fin
    }

    const fn room(&self) -> u32 {
        self.window << self.shift
    }

    /// Only the very next number resets (RFC 5961 §3.2).
    pub(super) const fn is_reset(&self, segment: &Segment<'_>) -> bool {
        segment.flags.contains(Flags::RST) && segment.sequence == self.next
    }

    pub(super) const fn is_in_window(&self, segment: &Segment<'_>) -> bool {
        segment.sequence.wrapping_sub(self.next) < self.room()
    }

    /// RFC 9293 §3.10.7.4, first: something of it is in the window, or nothing is in it and it is at the edge.
    pub(super) fn is_acceptable(&self, segment: &Segment<'_>) -> bool {
        let length = length(segment);
        let begin = segment.sequence.wrapping_sub(self.next);
        if length == 0 {
            return begin == 0 || begin < self.room();
        }
        let last = segment.sequence.wrapping_add(length - 1).wrapping_sub(self.next);
        self.room() > 0 && (begin < self.room() || last < self.room())
    }

    pub(super) fn take<'a>(&mut self, segment: &Segment<'a>) -> Taken<'a> {
        let is_syn = u32::from(segment.flags.contains(Flags::SYN));
        let must_acknowledge = length(segment) > is_syn;
        let known = self.next.wrapping_sub(segment.sequence.wrapping_add(is_syn));
        let whole = segment.payload;
        let new = usize::try_from(known).ok().and_then(|known| whole.get(known..));
        let (Some(new), false) = (new, self.has_fin) else {
            return Taken { data: &[], must_acknowledge };
        };
        let room = usize::try_from(self.room()).unwrap_or(usize::MAX);
        let data = &new[..new.len().min(room)];
        // A segment is shorter than 64 KiB.
        let count = u32::try_from(data.len()).unwrap_or(0);
        self.next = self.next.wrapping_add(count);
        self.octets += u64::from(count);
        if segment.flags.contains(Flags::FIN) && data.len() == new.len() {
            self.next = self.next.wrapping_add(1);
            self.has_fin = true;
        }
        Taken { data, must_acknowledge }
    }
}

/// Numbers that a segment takes up.
fn length(segment: &Segment<'_>) -> u32 {
    let data = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
    let flag = |flag| u32::from(segment.flags.contains(flag));
    data.saturating_add(flag(Flags::SYN) + flag(Flags::FIN))
}
