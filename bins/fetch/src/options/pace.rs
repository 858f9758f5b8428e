//! `--rate`: so many transfers in a time.

use std::time::Duration;

use crate::grammar::Misuse;

/// From the beginning of one to that of the next: `10/s`, `3/m`, `2/5h`, `24/d`.
pub(super) fn between(text: &str) -> Result<Duration, Misuse> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end).unwrap_or_default();
    let number: u64 = number.parse().map_err(|_| Misuse::BadNumber)?;
    let span = match rest.strip_prefix('/') {
        None if rest.is_empty() => 1_000,
        None => return Err(Misuse::BadNumber),
        Some(unit) => span(unit)?,
    };
    match span.checked_div(number) {
        None => Err(Misuse::BadlyUsed),
        Some(0) => Err(Misuse::TooLarge),
        Some(between) => Ok(Duration::from_millis(between)),
    }
}

/// Milliseconds.
fn span(text: &str) -> Result<u64, Misuse> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or_default();
    let number: u64 =
        if number.is_empty() { 1 } else { number.parse().map_err(|_| Misuse::BadNumber)? };
    let unit: u64 = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(Misuse::BadlyUsed),
    };
    number.checked_mul(unit).ok_or(Misuse::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::between;
    use crate::grammar::Misuse;
    use std::time::Duration;

    #[test]
    fn time_is_shared_among_transfers() {
        for (text, milliseconds) in
            [("2/s", 500), ("3/m", 20_000), ("2/5m", 150_000), ("24/d", 3_600_000), ("4", 250)]
        {
            assert_eq!(between(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused_as_curl_does() {
        assert_eq!(between("0/s"), Err(Misuse::BadlyUsed));
        assert_eq!(between("2/x"), Err(Misuse::BadlyUsed));
        assert_eq!(between("foo"), Err(Misuse::BadNumber));
        assert_eq!(between("10x"), Err(Misuse::BadNumber));
        assert_eq!(between("1000000000/s"), Err(Misuse::TooLarge));
    }
}
