//! Where a transfer ends (RFC 5936 §2.2, RFC 1995 §4). Keeps sums and serials, no record.

use super::Transfer;
use crate::{Message, Record, RecordType, Section};

/// How far a transfer is.
#[derive(Clone, Debug)]
pub(super) struct Course {
    kind: Kind,
    /// The serial of the SOA that it began with.
    first: Option<u32>,
    /// Whether the record after that was seen, which says what kind of transfer this is.
    has_second: bool,
    /// Whether the first serial came again: the additions of an IXFR have begun.
    has_repeat: bool,
    /// The sums.
    pub(super) sums: Transfer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// All of the zone: ends with the second SOA.
    Whole,
    /// What changed since the serial; it may turn out to be all of the zone.
    Since(u32),
}

/// What a message means for a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is to come.
    More,
    /// This was the last.
    Over,
    /// It has no records, or an SOA that cannot be read.
    Failed,
    /// It did not begin with an SOA.
    NoSoa,
}

impl Course {
    /// Of an AXFR, or of an IXFR since a serial.
    pub(super) fn new(since: Option<u32>) -> Self {
        let kind = since.map_or(Kind::Whole, Kind::Since);
        Self { kind, first: None, has_second: false, has_repeat: false, sums: Transfer::default() }
    }

    /// Whether its first SOA has come.
    pub(super) const fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    /// Takes the next message.
    pub(super) fn take(&mut self, message: &Message<'_>) -> Progress {
        self.sums.messages += 1;
        self.sums.octets += message.octets.len() as u64;
        let mut is_empty = true;
        for record in message.section(Section::Answer) {
            is_empty = false;
            self.sums.records += 1;
            match self.record(record) {
                Progress::More => {}
                end => return end,
            }
        }
        if is_empty { Progress::Failed } else { Progress::More }
    }

    fn record(&mut self, record: &Record<'_>) -> Progress {
        if record.kind != RecordType::SOA {
            if self.first.is_none() {
                return Progress::NoSoa;
            }
            if !self.has_second {
                // An IXFR whose second record is no SOA is all of the zone (RFC 1995 §4).
                (self.has_second, self.kind) = (true, Kind::Whole);
            }
            return Progress::More;
        }
        let Some(serial) = serial_of(record) else { return Progress::Failed };
        let Some(first) = self.first else {
            self.first = Some(serial);
            return match self.kind {
                Kind::Since(since) if is_at_least(since, serial) => Progress::Over,
                _ => Progress::More,
            };
        };
        if self.kind == Kind::Whole || (!self.has_second && first == serial) {
            return Progress::Over;
        }
        if !self.has_second {
            self.has_second = true;
        } else if first == serial {
            if self.has_repeat {
                return Progress::Over;
            }
            self.has_repeat = true;
        }
        Progress::More
    }
}

/// The serial of an SOA (RFC 1035 §3.3.13).
fn serial_of(record: &Record<'_>) -> Option<u32> {
    let mut reader = record.rdata.reader();
    reader.name().ok()?;
    reader.name().ok()?;
    reader.u32().ok()
}

/// `a >= b` in the arithmetic of serials (RFC 1982 §3.2).
const fn is_at_least(a: u32, b: u32) -> bool {
    a.wrapping_sub(b) < 0x8000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message whose answers are SOAs with these serials, and As where there is none.
    fn message(serials: &[Option<u32>]) -> Vec<u8> {
        let mut octets = b"\0\0\x84\0\0\0\0\0\0\0\0\0".to_vec();
        octets[7] = u8::try_from(serials.len()).unwrap();
        for serial in serials {
            match serial {
                Some(serial) => {
                    octets.extend_from_slice(b"\0\0\x06\0\x01\0\0\0\0\0\x16\0\0");
                    octets.extend_from_slice(&serial.to_be_bytes());
                    octets.extend_from_slice(&[0; 16]);
                }
                None => octets.extend_from_slice(b"\0\0\x01\0\x01\0\0\0\0\0\x04\x7f\0\0\x01"),
            }
        }
        octets
    }

    fn course(since: Option<u32>, messages: &[&[Option<u32>]]) -> (Progress, Transfer) {
        let mut course = Course::new(since);
        let mut last = Progress::More;
        for serials in messages {
            assert_eq!(last, Progress::More, "it ended too early");
            last = course.take(&Message::parse(&message(serials)).unwrap());
        }
        (last, course.sums)
    }

    #[test]
    fn axfr_ends_with_its_second_soa() {
        let (end, sums) = course(None, &[&[Some(5), None], &[None, None], &[None, Some(5)]]);
        assert_eq!((end, sums.messages, sums.records), (Progress::Over, 3, 6));
        assert_eq!(course(None, &[&[Some(5), Some(5)]]).0, Progress::Over, "an empty zone");
        assert_eq!(course(None, &[&[Some(5)]]).0, Progress::More);
    }

    #[test]
    fn ixfr_of_who_is_up_to_date_is_one_soa() {
        assert_eq!(course(Some(5), &[&[Some(5)]]).0, Progress::Over);
        assert_eq!(course(Some(6), &[&[Some(5)]]).0, Progress::Over);
        assert_eq!(course(Some(u32::MAX), &[&[Some(2)]]).0, Progress::More, "serials wrap");
    }

    #[test]
    fn ixfr_ends_when_the_new_serial_came_for_the_third_time() {
        let steps: &[&[Option<u32>]] = &[
            &[Some(7), Some(5), None, Some(6), None],
            &[Some(6), None, Some(7), None],
            &[Some(7)],
        ];
        assert_eq!(course(Some(5), steps).0, Progress::Over);
        assert_eq!(course(Some(5), &steps[..2]).0, Progress::More);
    }

    #[test]
    fn ixfr_may_be_all_of_the_zone() {
        assert_eq!(course(Some(5), &[&[Some(7), None, None, Some(7)]]).0, Progress::Over);
    }

    #[test]
    fn what_is_no_transfer_fails() {
        assert_eq!(course(None, &[&[]]).0, Progress::Failed);
        assert_eq!(course(None, &[&[None]]).0, Progress::NoSoa);
    }
}
