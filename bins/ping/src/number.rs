//! Numbers as iputils reads them, with the sentence and the exit code that it has for each bad one.

use std::time::Duration;

use wireline_cli::{Exit, Refusal};

/// What iputils exits with for a number out of range.
const OUT_OF_RANGE: Exit = Exit(1);

/// A whole number from `least` to `most`, decimal, `0x` hexadecimal or `0` octal as strtol(3).
pub(crate) fn whole<T: TryFrom<u64>>(
    flag: &str,
    word: &str,
    least: u64,
    most: u64,
) -> Result<T, Refusal> {
    let garbage = || Refusal::new(OUT_OF_RANGE, format!("invalid argument: '{word}' ({flag})"));
    let range = || {
        let message = format!(
            "invalid argument: '{word}': out of range: {least} <= value <= {most} ({flag})"
        );
        Refusal::new(OUT_OF_RANGE, message)
    };
    let number = signed(word).ok_or_else(garbage)?;
    let number = u64::try_from(number).ok().filter(|n| (least..=most).contains(n));
    number.and_then(|n| T::try_from(n).ok()).ok_or_else(range)
}

/// Digits with a sign; more digits than fit are as far out of range as a number goes.
fn signed(word: &str) -> Option<i128> {
    let trimmed = word.trim_start();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(i128::MAX);
    Some(if negative { -number } else { number })
}

/// Decimal or `0x` hexadecimal, as `-Q` and `-F` take it.
pub(crate) fn decimal_or_hex(word: &str) -> Option<u32> {
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => word.parse().ok(),
    }
}

/// Seconds with a decimal point whatever the locale, not negative and no more than an `int` of
/// milliseconds.
pub(crate) fn seconds(what: &str, word: &str) -> Result<Duration, Refusal> {
    const MOST: f64 = 2_147_483.0;
    let refuse = || Refusal::new(Exit::FAILED, format!("{what}: {word}"));
    let value: f64 = word.trim_start().parse().map_err(|_| refuse())?;
    if !(0.0..=MOST).contains(&value) {
        return Err(refuse());
    }
    Duration::try_from_secs_f64(value).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_number_gets_the_sentence_of_iputils() {
        for (word, why) in [
            ("0", "invalid argument: '0': out of range: 1 <= value <= 9 (-c)"),
            ("10", "invalid argument: '10': out of range: 1 <= value <= 9 (-c)"),
            ("-1", "invalid argument: '-1': out of range: 1 <= value <= 9 (-c)"),
            (
                "99999999999999999999999999999999999999999999",
                "invalid argument: '99999999999999999999999999999999999999999999': out of range: 1 <= value <= 9 (-c)",
            ),
            ("1.1", "invalid argument: '1.1' (-c)"),
            ("1x", "invalid argument: '1x' (-c)"),
            ("", "invalid argument: '' (-c)"),
            ("١", "invalid argument: '١' (-c)"),
        ] {
            assert_eq!(whole::<u64>("-c", word, 1, 9).unwrap_err().to_string(), why);
        }
        assert_eq!(whole::<u8>("-c", " +7", 1, 9).unwrap(), 7);
    }

    #[test]
    fn seconds_are_finite_and_not_negative() {
        for word in ["-1", "nan", "inf", "1e300", "abc", "", "1,5", "0x1p3"] {
            let why = seconds("bad timing interval", word).unwrap_err().to_string();
            assert_eq!(why, format!("bad timing interval: {word}"));
        }
        assert_eq!(seconds("", ".2").unwrap(), Duration::from_millis(200));
    }
}
