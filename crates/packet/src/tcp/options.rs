//! The options of a header: those that a SYN has a use for, and all there are, one after the other.

mod items;

pub use items::{Item, SackBlocks, items};

/// Option kinds of RFC 9293 §3.1 and of the RFCs that added to it.
mod kind {
    pub(super) const END: u8 = 0;
    pub(super) const NOP: u8 = 1;
    pub(super) const MAX_SEGMENT_SIZE: u8 = 2;
    pub(super) const WINDOW_SCALE: u8 = 3;
    pub(super) const SACK_PERMITTED: u8 = 4;
    pub(super) const SACK: u8 = 5;
    pub(super) const TIMESTAMPS: u8 = 8;
    pub(super) const MD5: u8 = 19;
    pub(super) const USER_TIMEOUT: u8 = 28;
    pub(super) const AUTHENTICATION: u8 = 29;
    pub(super) const MULTIPATH: u8 = 30;
    pub(super) const FAST_OPEN: u8 = 34;
    /// Shared by experiments, told apart by the two octets behind the length (RFC 6994 §3).
    pub(super) const EXPERIMENT: u8 = 254;
}

/// The options that a SYN has a use for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Octets of data that the sender can take in one segment (RFC 9293 §3.7.1).
    pub max_segment_size: Option<u16>,
    /// Whether selective acknowledgments may come back (RFC 2018 §2).
    pub sack_permitted: bool,
    /// RFC 7323 §3.2.
    pub timestamps: Option<Timestamps>,
    /// By how many bits windows are shifted: 0 to 14 (RFC 7323 §2.2).
    pub window_scale: Option<u8>,
}

/// The two times of a time-stamp option, in ticks that only their senders know (RFC 7323 §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timestamps {
    /// The sender's clock.
    pub value: u32,
    /// The peer's, sent back.
    pub echo: u32,
}

impl Timestamps {
    /// The two times, if nothing else is there.
    fn read(octets: &[u8]) -> Option<Self> {
        let (&[value, echo], []) = octets.as_chunks::<4>() else { return None };
        Some(Self { value: u32::from_be_bytes(value), echo: u32::from_be_bytes(echo) })
    }
}

impl Options {
    /// The octets, in the order and with the padding that Linux has: 0 to 20, a multiple of 4.
    #[must_use]
    pub fn emit(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(20);
        if let Some(size) = self.max_segment_size {
            octets.extend([kind::MAX_SEGMENT_SIZE, 4]);
            octets.extend(size.to_be_bytes());
        }
        match (self.sack_permitted, self.timestamps) {
            (true, None) => octets.extend([kind::NOP, kind::NOP, kind::SACK_PERMITTED, 2]),
            (true, Some(_)) => octets.extend([kind::SACK_PERMITTED, 2]),
            (false, Some(_)) => octets.extend([kind::NOP, kind::NOP]),
            (false, None) => {}
        }
        if let Some(Timestamps { value, echo }) = self.timestamps {
            octets.extend([kind::TIMESTAMPS, 10]);
            octets.extend([value, echo].map(u32::to_be_bytes).as_flattened());
        }
        if let Some(shift) = self.window_scale {
            octets.extend([kind::NOP, kind::WINDOW_SCALE, 3, shift]);
        }
        octets
    }

    /// Reads options up to the end, the end-of-list mark or the first that does not fit. Others than
    /// these, and these with a length that is not theirs, are passed over.
    #[must_use]
    pub fn read(mut octets: &[u8]) -> Self {
        let mut options = Self::default();
        loop {
            match *octets {
                [] | [kind::END, ..] | [_] => return options,
                [kind::NOP, ref rest @ ..] => octets = rest,
                [_, length, ..] => {
                    let Some((option, rest)) = octets.split_at_checked(length.into()) else {
                        return options;
                    };
                    if option.len() < 2 {
                        return options;
                    }
                    options.take(option);
                    octets = rest;
                }
            }
        }
    }

    /// Takes in one option, its kind and length included.
    fn take(&mut self, option: &[u8]) {
        match *option {
            [kind::MAX_SEGMENT_SIZE, 4, a, b] => {
                self.max_segment_size = Some(u16::from_be_bytes([a, b]));
            }
            [kind::WINDOW_SCALE, 3, shift] => self.window_scale = Some(shift),
            [kind::SACK_PERMITTED, 2] => self.sack_permitted = true,
            [kind::TIMESTAMPS, 10, ref times @ ..] => self.timestamps = Timestamps::read(times),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    /// What Linux sends with a SYN, captured on loopback.
    const LINUX: [u8; 20] = [
        0x02, 0x04, 0xff, 0xd7, 0x04, 0x02, 0x08, 0x0a, 0xcd, 0x71, 0x53, 0xf9, 0, 0, 0, 0, 0x01,
        0x03, 0x03, 0x0a,
    ];
    const ALL: Options = Options {
        max_segment_size: Some(65495),
        sack_permitted: true,
        timestamps: Some(Timestamps { value: 0xcd71_53f9, echo: 0 }),
        window_scale: Some(10),
    };

    #[test]
    fn options_match_the_octets_a_capture_shows() {
        assert_eq!(ALL.emit(), LINUX);
        assert_eq!(Options::read(&LINUX), ALL);
    }

    #[test]
    fn every_choice_of_options_is_aligned_and_round_trips() {
        for n in 0..16 {
            let options = Options {
                max_segment_size: ALL.max_segment_size.filter(|_| n & 1 != 0),
                sack_permitted: n & 2 != 0,
                timestamps: ALL.timestamps.filter(|_| n & 4 != 0),
                window_scale: ALL.window_scale.filter(|_| n & 8 != 0),
            };
            let octets = options.emit();
            assert_eq!(octets.len() % 4, 0, "{options:?}");
            assert_eq!(Options::read(&octets), options);
        }
    }

    #[test]
    fn option_of_a_wrong_length_is_passed_over() {
        let mss = Options { max_segment_size: Some(1460), ..Options::default() };
        assert_eq!(Options::read(&[3, 4, 9, 9, 30, 2, 2, 4, 0x05, 0xb4]), mss);
        assert_eq!(Options::read(&[2, 4, 0x05, 0xb4, 0, 4, 2]), mss, "after the end mark");
    }

    #[test]
    fn length_that_does_not_fit_ends_the_list() {
        for octets in [&[2, 0, 4, 2][..], &[2, 1, 4, 2], &[2, 5, 4, 2], &[4], &[1, 4]] {
            assert_eq!(Options::read(octets), Options::default(), "{octets:?}");
        }
    }

    #[test]
    fn read_is_total() {
        for end in 0..LINUX.len() {
            let _ = Options::read(&LINUX[..end]);
        }
        for bytes in noise(20_000) {
            let _ = Options::read(&bytes);
            let small: Vec<_> = bytes.iter().map(|octet| octet % 11).collect();
            let _ = Options::read(&small);
        }
    }
}
