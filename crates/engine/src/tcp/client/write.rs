//! Segments as octets.

use wireline_packet::tcp::{self, Flags, Options, Segment, Timestamps};

use super::{Client, Ecn};
use crate::{Instant, Transmit};

impl Client {
    /// Our clock, as time-stamps have it.
    pub(super) fn ticks(&self, now: Instant) -> u32 {
        let base = self.config.options.timestamp.unwrap_or(0);
        // Wraps in 49 days.
        #[expect(clippy::cast_possible_truncation, reason = "a clock that wraps")]
        let millis = now.since(self.began).as_millis() as u32;
        base.wrapping_add(millis)
    }

    pub(super) fn write_syn(&self, now: Instant, is_first: bool, contents: &mut Vec<u8>) {
        let offered = &self.config.options;
        let mut options = Options {
            max_segment_size: offered.max_segment_size,
            sack_permitted: offered.sack_permitted,
            timestamps: offered.timestamp.map(|_| Timestamps { value: self.ticks(now), echo: 0 }),
            window_scale: offered.window_scale,
        }
        .emit();
        if let Some(cookie) = &offered.fast_open {
            options.extend(fast_open(cookie));
        }
        options.extend_from_slice(&offered.raw);
        let (flags, has_ae) = match self.config.ecn {
            Ecn::Off => (Flags::SYN, false),
            Ecn::Classic => (Flags::SYN | Flags::ECE | Flags::CWR, false),
            Ecn::Accurate => (Flags::SYN | Flags::ECE | Flags::CWR, true),
        };
        let payload = if is_first { self.config.syn_data.as_slice() } else { &[] };
        let syn = Segment { flags, options: &options, payload, ..self.blank(self.config.isn) };
        syn.emit(self.config.local.ip(), self.config.remote.ip(), contents);
        if has_ae && let Some(octet) = contents.get_mut(12) {
            *octet |= 1;
            tcp::seal(self.config.local.ip(), self.config.remote.ip(), contents);
        }
    }

    fn blank(&self, sequence: u32) -> Segment<'static> {
        Segment {
            source_port: self.config.local.port(),
            destination_port: self.config.remote.port(),
            sequence,
            acknowledgment: 0,
            flags: Flags::SYN,
            window: self.config.window,
            urgent: 0,
            options: &[],
            payload: &[],
        }
    }

    pub(super) fn write(
        &self,
        now: Instant,
        sequence: u32,
        flags: Flags,
        data: &[u8],
        to: &mut Vec<u8>,
    ) {
        let times = self.peer_time.map(|echo| Timestamps { value: self.ticks(now), echo });
        let options = Options { timestamps: times, ..Options::default() }.emit();
        let acknowledgment = if flags.contains(Flags::ACK) { self.receiver.next() } else { 0 };
        let segment = Segment {
            acknowledgment,
            flags,
            options: &options,
            payload: data,
            ..self.blank(sequence)
        };
        segment.emit(self.config.local.ip(), self.config.remote.ip(), to);
    }

    pub(super) fn transmit(&self, id: u32) -> Transmit {
        let hop_limit = self.config.hop_limit;
        Transmit { hop_limit, ..Transmit::new(self.config.remote, id) }
    }
}

/// RFC 7413 §4.1.1, with the padding that Linux puts before it.
fn fast_open(cookie: &[u8]) -> Vec<u8> {
    const KIND: u8 = 34;
    let cookie = &cookie[..cookie.len().min(16)];
    let length = u8::try_from(cookie.len() + 2).unwrap_or(2);
    let mut octets = [&[KIND, length], cookie].concat();
    while !octets.len().is_multiple_of(4) {
        octets.insert(0, 1);
    }
    octets
}
