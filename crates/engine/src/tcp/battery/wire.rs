use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use wireline_packet::tcp::{self, Flags, Options, Segment, Timestamps};

use crate::Instant;

/// A segment that came in.
#[derive(Debug)]
pub(super) struct Got<'a> {
    pub(super) at: Instant,
    pub(super) hop_limit: Option<u8>,
    /// The AE flag, which stands beside the data offset (RFC 9768 §3.1).
    pub(super) accurate: bool,
    pub(super) segment: Segment<'a>,
}

impl Got<'_> {
    pub(super) const fn has(&self, flags: Flags) -> bool {
        self.segment.flags.contains(flags)
    }
}

/// Segments on their way out, and what all of them have in common.
#[derive(Debug)]
pub(super) struct Wire {
    local: SocketAddr,
    remote: SocketAddr,
    random: u64,
    next_id: u32,
    out: VecDeque<(u32, Vec<u8>)>,
}

/// Of all our segments, not shifted: there is always room, for nothing is kept.
pub(super) const WINDOW: u16 = u16::MAX;

/// What our SYNs offer to shift our window by (RFC 7323 §2.2).
const WINDOW_SCALE: u8 = 7;

impl Wire {
    pub(super) const fn new(local: SocketAddr, remote: SocketAddr, seed: u64) -> Self {
        Self { local, remote, random: seed, next_id: 0, out: VecDeque::new() }
    }

    /// `SplitMix64` (Steele et al., 2014): sequence numbers that nobody beside the path can guess from a seed of the
    /// kernel's.
    pub(super) fn random(&mut self) -> u32 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.random;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((word ^ (word >> 31)) >> 32).unwrap_or(0)
    }

    /// What a SYN of a usual host offers: all that we ask about.
    pub(super) fn usual_options(&self, now: Instant) -> Vec<u8> {
        let mss = if self.remote.is_ipv4() { 1460 } else { 1440 };
        let options = Options {
            max_segment_size: Some(mss),
            sack_permitted: true,
            timestamps: Some(Timestamps { value: Self::ticks(now), echo: 0 }),
            window_scale: Some(WINDOW_SCALE),
        };
        options.emit()
    }

    /// Our clock of time stamps: milliseconds (RFC 7323 §5.4).
    pub(super) fn ticks(now: Instant) -> u32 {
        let ms = now.as_nanos() / 1_000_000;
        u32::try_from(ms & u64::from(u32::MAX)).unwrap_or(0) | 1
    }

    /// Sends from a port of ours, and says by which number.
    pub(super) fn send(&mut self, port: u16, parts: &Parts<'_>) -> u32 {
        let segment = Segment {
            source_port: port,
            destination_port: self.remote.port(),
            sequence: parts.sequence,
            acknowledgment: parts.acknowledgment,
            flags: parts.flags,
            window: WINDOW,
            urgent: 0,
            options: parts.options,
            payload: parts.payload,
        };
        let mut octets = Vec::new();
        segment.emit(self.local.ip(), self.remote.ip(), &mut octets);
        if parts.accurate {
            seal_accurate(&mut octets, (self.local.ip(), self.remote.ip()));
        }
        self.next_id = self.next_id.wrapping_add(1);
        self.out.push_back((self.next_id, octets));
        self.next_id
    }

    pub(super) fn next(&mut self) -> Option<(u32, Vec<u8>)> {
        self.out.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty()
    }
}

/// Sets AE, which [`Segment`] has no place for.
fn seal_accurate(octets: &mut [u8], (source, destination): (IpAddr, IpAddr)) {
    const AE: u8 = 1;
    if let Some(offset) = octets.get_mut(12) {
        *offset |= AE;
    }
    tcp::seal(source, destination, octets);
}

/// What differs from segment to segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) sequence: u32,
    pub(super) acknowledgment: u32,
    pub(super) flags: Flags,
    /// Whether AE is set.
    pub(super) accurate: bool,
    pub(super) options: &'a [u8],
    pub(super) payload: &'a [u8],
}
