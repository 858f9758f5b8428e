//! First segments, and how what comes back is known to be an answer without remembering them.

use std::hash::{DefaultHasher, Hasher as _};

use wireline_packet::tcp::{self, Flags, Options, Segment, Timestamps};

/// Writes first segments, all alike but for ports, sequence number and time.
#[derive(Debug)]
pub(super) struct Template {
    octets: Vec<u8>,
    secret: u64,
}

/// Where in a segment the time is: behind the size of segments and the permission for SACK.
const TIME: std::ops::Range<usize> = 28..32;

impl Template {
    pub(super) fn new(secret: u64, max_segment_size: u16) -> Self {
        let options = Options {
            max_segment_size: Some(max_segment_size),
            sack_permitted: true,
            timestamps: Some(Timestamps::default()),
            window_scale: Some(10),
        };
        let segment = Segment {
            source_port: 0,
            destination_port: 0,
            sequence: 0,
            acknowledgment: 0,
            flags: Flags::SYN,
            window: 64240,
            urgent: 0,
            options: &options.emit(),
            payload: &[],
        };
        let mut octets = Vec::new();
        let nobody = std::net::IpAddr::from([0; 4]);
        segment.emit(nobody, nobody, &mut octets);
        // Zero: whoever knows the source address fills it in.
        octets[16..18].fill(0);
        Self { octets, secret }
    }

    /// Over whatever `out` held. `tick` comes back as the echoed time of a SYN,ACK.
    pub(super) fn write(&self, target: u64, ports: (u16, u16), tick: u32, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.octets);
        let (source, destination) = ports;
        out[0..2].copy_from_slice(&source.to_be_bytes());
        out[2..4].copy_from_slice(&destination.to_be_bytes());
        out[4..8].copy_from_slice(&self.sequence(target).to_be_bytes());
        out[TIME].copy_from_slice(&tick.to_be_bytes());
    }

    /// The sequence number of a target's first segments, which no stranger can guess.
    pub(super) fn sequence(&self, target: u64) -> u32 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.secret);
        hasher.write_u64(target);
        let hash = hasher.finish();
        #[expect(clippy::cast_possible_truncation, reason = "half of it is enough")]
        let sequence = hash as u32;
        sequence
    }
}

/// What a host says to a first segment, if it says anything to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Open,
    Closed,
}

/// Whether a segment answers the first segment with this number.
pub(super) fn said(segment: &Segment<'_>, sequence: u32) -> Option<Said> {
    let has = |flags: Flags| segment.flags.0 & flags.0 == flags.0;
    if !has(Flags::ACK) || segment.acknowledgment != sequence.wrapping_add(1) {
        return None;
    }
    match (has(Flags::SYN), has(Flags::RST)) {
        (_, true) => Some(Said::Closed),
        (true, false) => Some(Said::Open),
        (false, false) => None,
    }
}

/// Ports and sequence number of one of ours that somebody quotes.
pub(super) fn quoted(octets: &[u8]) -> Option<(u16, u16, u32)> {
    let start = tcp::read_start(octets).ok()?;
    Some((start.source_port, start.destination_port, start.sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_segment_is_what_it_says() {
        let template = Template::new(7, 1460);
        let mut octets = vec![1; 3];
        template.write(5, (40_000, 22), 0x0102_0304, &mut octets);
        let segment = Segment::parse(&octets).unwrap();
        let options = Options::read(segment.options);
        assert_eq!((segment.source_port, segment.destination_port), (40_000, 22));
        assert_eq!((segment.sequence, segment.flags), (template.sequence(5), Flags::SYN));
        assert_eq!(options.timestamps.unwrap().value, 0x0102_0304);
        assert_eq!((options.max_segment_size, options.window_scale), (Some(1460), Some(10)));
        assert_eq!((&octets[16..18], octets.len()), (&[0, 0][..], 40));
    }

    #[test]
    fn only_the_right_acknowledgment_counts() {
        let segment = |flags, acknowledgment| Segment {
            source_port: 1,
            destination_port: 2,
            sequence: 0,
            acknowledgment,
            flags,
            window: 0,
            urgent: 0,
            options: &[],
            payload: &[],
        };
        let both = Flags(Flags::SYN.0 | Flags::ACK.0);
        let reset = Flags(Flags::RST.0 | Flags::ACK.0);
        assert_eq!(said(&segment(both, 0), u32::MAX), Some(Said::Open));
        assert_eq!(said(&segment(reset, 0), u32::MAX), Some(Said::Closed));
        for flags in [both, reset, Flags::ACK, Flags::RST, Flags::SYN, Flags(0xff)] {
            assert_eq!(said(&segment(flags, 1), u32::MAX), None, "{flags:?}");
        }
        assert_eq!(said(&segment(Flags::ACK, 8), 7), None);
        assert_eq!(said(&segment(Flags::SYN, 8), 7), None);
    }

    #[test]
    fn another_secret_is_another_number() {
        let of = |secret| Template::new(secret, 1460).sequence(1);
        assert_ne!(of(1), of(2));
        assert_ne!(Template::new(1, 1460).sequence(2), of(1));
    }
}
