//! Dates of the calendar.

use std::fmt;

/// A moment, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) second_of_day: u32,
}

const DAY: i64 = 86400;
/// Days of four centuries.
const ERA: i64 = 146_097;

impl Civil {
    /// Of seconds since 1970. The year begins in March, so that the day that comes and goes is its last.
    pub(crate) fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY).saturating_add(719_468);
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let of_month = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era.saturating_mul(400).saturating_add(year);
        Self {
            year: year.saturating_add(i64::from(month <= 2)),
            month: u8::try_from(month).unwrap_or(0),
            day: u8::try_from(of_month).unwrap_or(0),
            second_of_day: u32::try_from(seconds.rem_euclid(DAY)).unwrap_or(0),
        }
    }

    /// As OpenSSL prints dates of certificates: `Nov  1 06:35:07 2026 GMT`.
    pub(crate) fn openssl(self) -> String {
        let names =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = names.get(usize::from(self.month).wrapping_sub(1)).unwrap_or(&"?");
        let (time, day, year) = (self.second_of_day, self.day, self.year);
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        format!("{month} {day:>2} {hour:02}:{minute:02}:{second:02} {year} GMT")
    }
}

/// `2026-11-01`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_795_336_507, "2026-11-22"),
            (-1, "1969-12-31"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(Civil::of(seconds).to_string(), text);
        }
        assert_eq!(Civil::of(1_793_514_907).openssl(), "Nov  1 06:35:07 2026 GMT");
    }

    #[test]
    fn no_number_is_too_large() {
        for seconds in [i64::MIN, i64::MAX] {
            let _ = Civil::of(seconds).openssl();
        }
    }
}
