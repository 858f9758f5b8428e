//! Chunks (RFC 9112 §7.1), and their data moved together.

use std::ops::Range;

use super::oddity::{self, Oddities};
use crate::failure::{Failure, Kind};

/// Octets of extensions, of all chunks: nobody reads them.
const MOST_EXTENSIONS: usize = 16 * 1024;
/// Digits of a size.
const MOST_DIGITS: u8 = 16;
/// Data up to this length are moved to those of the chunk before; longer ones are a slice of their own.
const SMALL: usize = 4096;

/// Where in a chunk it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among the digits of the size.
    Size,
    /// Behind them.
    Extension {
        /// White space, or more.
        is_blank: bool,
    },
    /// CR of the size's line came.
    SizeEnd,
    /// Among the data.
    Data,
    /// Behind them.
    DataEnd,
    /// CR of the data's line came.
    DataLf,
    /// The last chunk's line is through.
    Ended,
}

/// Reads chunks.
#[derive(Debug)]
pub(super) struct Chunks {
    place: Place,
    /// The size, while it is read; then what is left of the data.
    left: u64,
    digits: u8,
    /// White space behind this chunk's size.
    blanks: usize,
    /// Octets of extensions, of all chunks.
    extensions: usize,
}

/// What one call did.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// How many octets were used.
    pub(super) consumed: usize,
    /// Where among them data lie.
    pub(super) data: Range<usize>,
    /// What was wrong behind them.
    pub(super) failure: Option<Failure>,
}

impl Chunks {
    pub(super) fn new() -> Self {
        Self { place: Place::Size, left: 0, digits: 0, blanks: 0, extensions: 0 }
    }

    /// Whether the last chunk came: trailers follow.
    pub(super) fn has_ended(&self) -> bool {
        self.place == Place::Ended
    }

    /// Takes octets from the front, and moves data of small chunks together where `moves`.
    pub(super) fn read(&mut self, octets: &mut [u8], moves: bool, odd: &mut Oddities) -> Read {
        let mut read = Read::default();
        while read.failure.is_none() && self.place != Place::Ended {
            if self.place == Place::Data {
                if !self.take_data(octets, moves, &mut read) {
                    break;
                }
                continue;
            }
            let rest = octets.get(read.consumed..).unwrap_or_default();
            if let Some(used) = self.step_over_usual(rest) {
                read.consumed = read.consumed.saturating_add(used);
                continue;
            }
            let Some(octet) = rest.first() else { break };
            read.failure = self.step(*octet, odd).err();
            read.consumed = read.consumed.saturating_add(1);
        }
        read
    }

    /// Whether it can go on.
    fn take_data(&mut self, octets: &mut [u8], moves: bool, read: &mut Read) -> bool {
        let at = read.consumed;
        let there = octets.len().saturating_sub(at);
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(there);
        let end = at.saturating_add(length);
        if read.data.is_empty() {
            read.data = at..end;
        } else if !moves {
            read.data.end = end;
        } else if length > SMALL {
            return false;
        } else {
            octets.copy_within(at..end, read.data.end);
            read.data.end = read.data.end.saturating_add(length);
        }
        read.consumed = end;
        self.left = self.left.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
        if self.left == 0 {
            self.place = Place::DataEnd;
        }
        length > 0
    }

    /// The line's end behind data, and a size of one to four digits with its line's end, where all of it is there: how many
    /// octets that was. One by one these would be the most of a body of small chunks.
    fn step_over_usual(&mut self, octets: &[u8]) -> Option<usize> {
        match (self.place, octets) {
            (Place::DataEnd, [b'\r', b'\n', ..]) => {
                self.begin_size();
                Some(2)
            }
            (Place::Size, _) if self.digits == 0 => {
                let is_digit = |octet: &&u8| octet.is_ascii_hexdigit();
                let count = octets.iter().take(4).take_while(is_digit).count();
                let (digits, rest) = octets.split_at_checked(count)?;
                if count == 0 || !rest.starts_with(b"\r\n") {
                    return None;
                }
                digits.iter().try_for_each(|octet| self.take_digit(*octet)).ok()?;
                self.begin_data();
                count.checked_add(2)
            }
            _ => None,
        }
    }

    fn step(&mut self, octet: u8, odd: &mut Oddities) -> Result<(), Failure> {
        match (self.place, octet) {
            (Place::Size, _) if octet.is_ascii_hexdigit() => return self.take_digit(octet),
            (Place::Size, _) if self.digits == 0 => {
                let text = format!("chunk hex-length char not a hex digit: 0x{octet:x}");
                return Err(wrong(text));
            }
            (Place::Size | Place::Extension { .. }, b'\r') => self.place = Place::SizeEnd,
            (Place::Size | Place::Extension { .. }, b'\n') => {
                odd.add(oddity::BARE_LF_IN_CHUNK);
                self.begin_data();
            }
            (Place::Size | Place::Extension { is_blank: true }, b' ' | b'\t') => {
                odd.add(oddity::SPACE_IN_CHUNK);
                self.place = Place::Extension { is_blank: true };
                self.blanks = self.blanks.saturating_add(1);
                return self.check_extensions();
            }
            (Place::Size, _) if octet != b';' => {
                let text = format!("chunk hex-length followed by 0x{octet:02x}");
                return Err(Failure::new(Kind::WeirdReply, text));
            }
            (Place::Size | Place::Extension { .. }, _) => {
                self.place = Place::Extension { is_blank: false };
                self.extensions = self.extensions.saturating_add(1);
                return self.check_extensions();
            }
            (Place::SizeEnd, b'\n') => self.begin_data(),
            (Place::DataEnd, b'\r') => self.place = Place::DataLf,
            (Place::DataEnd, b'\n') => {
                odd.add(oddity::BARE_LF_IN_CHUNK);
                self.begin_size();
            }
            (Place::DataLf, b'\n') => self.begin_size(),
            (Place::SizeEnd | Place::DataEnd | Place::DataLf, _) => {
                return Err(wrong("Malformed encoding found in chunked-encoding"));
            }
            (Place::Data | Place::Ended, _) => {}
        }
        Ok(())
    }

    fn take_digit(&mut self, octet: u8) -> Result<(), Failure> {
        self.digits = self.digits.saturating_add(1);
        if self.digits > MOST_DIGITS {
            return Err(wrong(format!("chunk hex-length longer than {MOST_DIGITS}")));
        }
        let digit = char::from(octet).to_digit(16).unwrap_or(0);
        self.left = (self.left << 4) | u64::from(digit);
        if i64::try_from(self.left).is_err() {
            return Err(wrong("invalid chunk size: it has more than 63 bits"));
        }
        Ok(())
    }

    fn check_extensions(&self) -> Result<(), Failure> {
        if self.extensions.max(self.blanks) > MOST_EXTENSIONS {
            let text = format!("chunk extensions of more than {MOST_EXTENSIONS} octets");
            return Err(wrong(text));
        }
        Ok(())
    }

    fn begin_size(&mut self) {
        (self.place, self.left, self.digits, self.blanks) = (Place::Size, 0, 0, 0);
    }

    fn begin_data(&mut self) {
        self.place = if self.left == 0 { Place::Ended } else { Place::Data };
    }
}

fn wrong(text: impl Into<String>) -> Failure {
    Failure::new(Kind::Receive, text)
}
