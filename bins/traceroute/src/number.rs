//! Numbers as strtol(3) and strtod(3) read them, which is how the original does.

use std::time::Duration;

use wireline_cli::{Exit, Refusal};

use crate::grammar::Places;

/// An option's value that makes no sense, in the words of the original.
pub(crate) fn cannot_handle(places: &Places, id: &str, word: &str) -> Refusal {
    let (spelled, place) = places.of(id);
    let message = format!("Cannot handle `{spelled}' option with arg `{word}' (argc {place})");
    Refusal::new(Exit::FAILED, message)
}

/// Decimal, `0x` hexadecimal or `0` octal, with a sign and spaces in front; no more than 64 bits.
pub(crate) fn integer(word: &str) -> Option<i64> {
    let word = word.trim_start();
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (digits, radix) = match digits.get(..2) {
        Some("0x" | "0X") => (&digits[2..], 16),
        _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        _ => (digits, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let number = i64::from_str_radix(digits, radix).unwrap_or(i64::MAX);
    Some(if negative { -number } else { number })
}

/// Any number of seconds that a clock can be asked to wait.
pub(crate) fn seconds(value: f64) -> Duration {
    const MOST: f64 = 1e9;
    Duration::try_from_secs_f64(value.clamp(0.0, MOST)).unwrap_or(Duration::ZERO)
}

/// A decimal number, with an exponent or not.
pub(crate) fn float(word: &str) -> Option<f64> {
    word.trim_start().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_strtol() {
        let table = [("3", 3), ("0x3", 3), ("010", 8), (" +3", 3), ("-1", -1), ("0", 0)];
        for (word, number) in table {
            assert_eq!(integer(word), Some(number), "{word}");
        }
        for word in ["", "3x", "3.5", "0x", "09", "x", "-", "٣"] {
            assert_eq!(integer(word), None, "{word}");
        }
        assert_eq!(integer("99999999999999999999"), Some(i64::MAX));
    }
}
