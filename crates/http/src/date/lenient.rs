//! Dates in whatever order their parts come.

use super::civil::{Civil, MONTHS};

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Minutes west of Greenwich: what is added to get UTC (RFC 822 §5.1, and other names that are seen).
#[rustfmt::skip]
const ZONES: [(&str, i64); 44] = [
    ("gmt", 0), ("ut", 0), ("utc", 0), ("wet", 0), ("bst", -60), ("wat", 60), ("ast", 240), ("adt", 180),
    ("est", 300), ("edt", 240), ("cst", 360), ("cdt", 300), ("mst", 420), ("mdt", 360), ("pst", 480),
    ("pdt", 420), ("yst", 540), ("ydt", 480), ("hst", 600), ("hdt", 540), ("cat", 600), ("ahst", 600),
    ("nt", 660), ("idlw", 720), ("cet", -60), ("met", -60), ("mewt", -60), ("mest", -120), ("cest", -120),
    ("mesz", -120), ("fwt", -60), ("fst", -120), ("eet", -120), ("wast", -420), ("wadt", -480),
    ("cct", -480), ("jst", -540), ("east", -600), ("eadt", -660), ("gst", -600), ("nzt", -720),
    ("nzst", -720), ("nzdt", -780), ("idle", -720),
];

/// Dates of this many parts at the most are read; what comes behind is passed over, as curl does.
const MOST_PARTS: usize = 6;

/// What is known of a date.
#[derive(Default)]
struct Parts {
    weekday: bool,
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    time: Option<(i64, i64, i64)>,
    /// Seconds to add.
    zone: Option<i64>,
    /// A number that can be both is a year next.
    expects_year: bool,
}

/// As curl reads dates (`curl_getdate(3)`): words and numbers, anything between them.
pub(super) fn read(text: &[u8]) -> Option<i64> {
    let mut parts = Parts::default();
    let (mut rest, mut before) = (text, 0);
    for _ in 0..MOST_PARTS {
        let skipped = rest.iter().take_while(|one| !one.is_ascii_alphanumeric()).count();
        if let Some(last) = skipped.checked_sub(1) {
            before = rest.get(last).copied().unwrap_or_default();
        }
        rest = rest.get(skipped..)?;
        let Some(first) = rest.first() else { break };
        let taken = if first.is_ascii_alphabetic() {
            parts.word(rest)
        } else {
            parts.number(rest, before)
        }?;
        before = rest.get(taken.checked_sub(1)?).copied()?;
        rest = rest.get(taken..)?;
    }
    parts.seconds()
}

/// ISO 8601's extended form: `2012-09-11`, and a time behind `T` or a blank.
pub(super) fn read_iso(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let mut numbers = date.splitn(3, '-');
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let number = |text: &str| digits(text.as_bytes());
    let (time, zone) = split_zone(time.trim())?;
    let mut parts = Parts {
        year: Some(number(year)?),
        month: Some(number(month)?.checked_sub(1)?),
        day: Some(number(day)?),
        zone: Some(zone),
        ..Parts::default()
    };
    if !time.is_empty() {
        let whole = time.split_once(['.', ',']).map_or(time, |(whole, _)| whole).as_bytes();
        let (read, taken) = time_of_day(whole)?;
        if taken != whole.len() {
            return None;
        }
        parts.time = Some(read);
    }
    parts.seconds()
}

/// A time's zone, in seconds to add: `Z`, `+02:00`, `+0200`, `+02`.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (time, zone) = time.split_at(at);
    let figures: Vec<u8> = zone.bytes().filter(u8::is_ascii_digit).collect();
    let value = digits(&figures)?;
    let minutes = match figures.len() {
        2 => value * 60,
        4 => value / 100 * 60 + value % 100,
        _ => return None,
    };
    Some((time.trim_end(), if zone.starts_with('+') { -minutes * 60 } else { minutes * 60 }))
}

/// As RFC 6265 §5.1.1 reads the dates of cookies: what is not known is passed over.
pub(super) fn read_rfc6265(text: &[u8]) -> Option<i64> {
    let mut parts = Parts::default();
    let is_delimiter =
        |one: &u8| matches!(one, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        let figures = token.iter().take_while(|one| one.is_ascii_digit()).count();
        let number = token.get(..figures).and_then(digits);
        let read = time_of_day(token).filter(|_| token.split(|one| *one == b':').count() > 2);
        if let (None, Some((time, _))) = (parts.time, read) {
            parts.time = Some(time);
        } else if parts.day.is_none() && matches!(figures, 1 | 2) {
            parts.day = number;
        } else if let (None, Some(month)) = (parts.month, token.get(..3).and_then(month)) {
            parts.month = Some(month);
        } else if parts.year.is_none() && (2..=4).contains(&figures) {
            parts.year = number.map(|year| match year {
                70..=99 => year + 1_900,
                0..=69 => year + 2_000,
                _ => year,
            });
        }
    }
    let has_day = matches!(parts.day, Some(1..=31)) && matches!(parts.year, Some(1_601..));
    parts.time.filter(|time| has_day && time.2 < 60)?;
    parts.seconds()
}

impl Parts {
    /// Takes a word; how many octets that were.
    fn word(&mut self, text: &[u8]) -> Option<usize> {
        let taken = text.iter().take_while(|one| one.is_ascii_alphabetic()).count();
        let word = text.get(..taken)?;
        if !self.weekday && weekday(word) {
            self.weekday = true;
        } else if let (None, Some(month)) = (self.month, month(word)) {
            self.month = Some(month);
        } else if let (None, Some(zone)) = (self.zone, zone(word)) {
            self.zone = Some(zone * 60);
        } else {
            return None;
        }
        Some(taken)
    }

    /// Takes a number, or a time; how many octets that were.
    fn number(&mut self, text: &[u8], before: u8) -> Option<usize> {
        if let (None, Some((time, taken))) = (self.time, time_of_day(text)) {
            self.time = Some(time);
            return Some(taken);
        }
        let taken = text.iter().take_while(|one| one.is_ascii_digit()).count();
        let value = text.get(..taken).and_then(digits).filter(|value| *value <= 99_999_999)?;
        let is_signed = matches!(before, b'+' | b'-');
        if self.zone.is_none() && taken == 4 && value <= 1_400 && is_signed {
            let seconds = (value / 100 * 60 + value % 100) * 60;
            self.zone = Some(if before == b'+' { -seconds } else { seconds });
            return Some(taken);
        }
        let has_date = self.year.or(self.month).or(self.day).is_some();
        if taken == 8 && !has_date {
            self.year = Some(value / 10_000);
            self.month = (value % 10_000 / 100).checked_sub(1).filter(|month| *month >= 0);
            self.day = Some(value % 100);
            return Some(taken);
        }
        self.day_or_year(value).then_some(taken)
    }

    fn day_or_year(&mut self, value: i64) -> bool {
        if !self.expects_year && self.day.is_none() {
            self.expects_year = true;
            if (1..32).contains(&value) {
                self.day = Some(value);
                return true;
            }
        }
        if !self.expects_year || self.year.is_some() {
            return false;
        }
        self.year = Some(match value {
            71..=99 => value + 1_900,
            0..=70 => value + 2_000,
            _ => value,
        });
        self.expects_year = self.day.is_some();
        true
    }

    fn seconds(&self) -> Option<i64> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let (hour, minute, second) = self.time.unwrap_or_default();
        // The Gregorian calendar began in October 1582.
        if year < 1_583 || !(0..12).contains(&month) || !(0..32).contains(&day) {
            return None;
        }
        let days = Civil::days(year, month + 1, day);
        let time = hour * 3_600 + minute * 60 + second;
        Some(days * 86_400 + time + self.zone.unwrap_or_default())
    }
}

/// `7:05`, `07:05:03`; and how many octets that were.
fn time_of_day(text: &[u8]) -> Option<((i64, i64, i64), usize)> {
    let (hour, taken) = two_digits(text, 0)?;
    let (minute, mut taken) = behind_colon(text, taken)?;
    let mut second = 0;
    if let Some((value, end)) = behind_colon(text, taken) {
        (second, taken) = (value, end);
    }
    (hour < 24 && minute < 60 && second <= 60).then_some(((hour, minute, second), taken))
}

fn behind_colon(text: &[u8], at: usize) -> Option<(i64, usize)> {
    (*text.get(at)? == b':').then_some(())?;
    two_digits(text, at + 1)
}

/// One or two digits, and where they end.
fn two_digits(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let digit = |at: usize| {
        text.get(at).filter(|one| one.is_ascii_digit()).map(|one| i64::from(one - b'0'))
    };
    let first = digit(at)?;
    Some(digit(at + 1).map_or((first, at + 1), |second| (first * 10 + second, at + 2)))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().all(u8::is_ascii_digit).then_some(())?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn weekday(word: &[u8]) -> bool {
    let is = |name: &&'static str| {
        let name = if word.len() > 3 { Some(*name) } else { name.get(..3) };
        name.is_some_and(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    WEEKDAYS.iter().any(is)
}

fn month(word: &[u8]) -> Option<i64> {
    let index = MONTHS.iter().position(|name| word.eq_ignore_ascii_case(name.as_bytes()))?;
    i64::try_from(index).ok()
}

/// Minutes to add; a letter is one of the military's, as everybody but RFC 822 reads them backwards.
fn zone(word: &[u8]) -> Option<i64> {
    if let [letter] = word {
        return match letter.to_ascii_uppercase() {
            one @ b'A'..=b'I' => Some(i64::from(one - b'A' + 1) * 60),
            one @ b'K'..=b'M' => Some(i64::from(one - b'K' + 10) * 60),
            one @ b'N'..=b'Y' => Some(-i64::from(one - b'N' + 1) * 60),
            b'Z' => Some(0),
            _ => None,
        };
    }
    let known = ZONES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()));
    known.map(|(_, minutes)| *minutes)
}
