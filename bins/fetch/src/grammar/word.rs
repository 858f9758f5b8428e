//! What stands behind an option, read as what it is meant to be.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::{Misuse, text};

/// What stands behind an option.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a>(&'a [u8]);

impl<'a> Word<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// For people.
    pub(crate) fn shown(&self) -> String {
        text(self.0)
    }

    /// As text: there is nothing that could be meant by octets that are none.
    pub(crate) fn text(&self) -> Result<String, Misuse> {
        std::str::from_utf8(self.0).map(str::to_owned).map_err(|_| Misuse::BadlyUsed)
    }

    /// As [`Word::text`], and there is some.
    pub(crate) fn content(&self) -> Result<String, Misuse> {
        if self.0.is_empty() { Err(Misuse::Blank) } else { self.line() }
    }

    /// As [`Word::text`], and it fits into a line of a head: a line end would begin another.
    pub(crate) fn line(&self) -> Result<String, Misuse> {
        let breaks = |octet: &u8| matches!(octet, b'\r' | b'\n' | 0);
        if self.0.iter().any(breaks) { Err(Misuse::BadlyUsed) } else { self.text() }
    }

    /// Octets that are no UTF-8 are written as in URLs.
    pub(crate) fn url(&self) -> String {
        let mut url = String::new();
        for chunk in self.0.utf8_chunks() {
            url.push_str(chunk.valid());
            for octet in chunk.invalid() {
                let _ = write!(url, "%{octet:02X}");
            }
        }
        url
    }

    /// A file's name; there is one.
    pub(crate) fn path(&self) -> Result<PathBuf, Misuse> {
        if self.0.is_empty() { Err(Misuse::Blank) } else { Ok(self.maybe_path()) }
    }

    /// A file's name, or nothing.
    pub(crate) fn maybe_path(&self) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(self.0))
    }

    /// A whole number, 0 or more.
    pub(crate) fn count(&self) -> Result<u64, Misuse> {
        let number = self.number()?;
        u64::try_from(number).map_err(|_| Misuse::Negative)
    }

    /// A whole number.
    pub(crate) fn number(&self) -> Result<i64, Misuse> {
        let text = std::str::from_utf8(self.0).map_err(|_| Misuse::BadNumber)?;
        if text.starts_with('+') {
            return Err(Misuse::BadNumber);
        }
        text.parse().map_err(|_| Misuse::BadNumber)
    }

    /// Seconds with a fraction, as curl reads them: what stands behind is not looked at. Zero is no limit.
    pub(crate) fn seconds(&self) -> Result<Option<Duration>, Misuse> {
        let digits = |bytes: &'a [u8]| {
            let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            bytes.split_at_checked(count).unwrap_or_default()
        };
        let (whole, rest) = digits(self.0);
        if whole.is_empty() {
            return Err(Misuse::BadNumber);
        }
        let fraction = rest.strip_prefix(b".").map_or(&b""[..], |rest| digits(rest).0);
        let whole = whole.iter().try_fold(0_u64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))
        });
        let (nanos, _) = fraction.iter().fold((0_u32, 100_000_000_u32), |(sum, unit), digit| {
            (
                sum.saturating_add(unit.saturating_mul(u32::from(digit.wrapping_sub(b'0')))),
                unit / 10,
            )
        });
        // curl counts milliseconds in a long.
        let whole = whole.filter(|whole| *whole < u64::MAX / 2_000).ok_or(Misuse::TooLarge)?;
        let time = Duration::new(whole, nanos);
        Ok((!time.is_zero()).then_some(time))
    }

    /// Octets, with `K`, `M`, `G`, `T` or `P` for powers of 1024; `what` is for the complaint.
    pub(crate) fn octets(&self, what: &str) -> Result<u64, SizeFault> {
        let shown = self.shown();
        let end = shown.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(shown.len());
        let (digits, unit) = shown.split_at_checked(end).unwrap_or_default();
        let number: u64 = digits
            .parse()
            .map_err(|_| SizeFault::said(&["invalid number specified for ", what]))?;
        let shift = match unit {
            "" | "b" | "B" => 0,
            "k" | "K" => 10,
            "m" | "M" => 20,
            "g" | "G" => 30,
            "t" | "T" => 40,
            "p" | "P" => 50,
            _ => {
                let text = ["unsupported ", what, " unit. Use G, M, K or B"];
                return Err(SizeFault::said(&text));
            }
        };
        let most = i64::MAX.cast_unsigned() >> shift;
        if number > most { Err(SizeFault(None)) } else { Ok(number << shift) }
    }
}

/// Why a size is none; what is said of it first.
#[derive(Clone, Debug)]
pub(crate) struct SizeFault(pub(crate) Option<String>);

impl SizeFault {
    fn said(parts: &[&str]) -> Self {
        Self(Some(parts.concat()))
    }
}
