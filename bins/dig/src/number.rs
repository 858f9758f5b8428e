//! Numbers as dig reads them (strtoul(3), but beginning with a digit or a letter).

/// Why a number is none, in dig's words.
pub(crate) type Fault = &'static str;

const BAD: Fault = "not a valid number";
const RANGE: Fault = "out of range";

/// A decimal number up to `max`.
pub(crate) fn decimal(text: &str, max: u32) -> Result<u32, Fault> {
    bounded(text, 10, max)
}

/// A number up to `max`: hexadecimal behind `0x`, octal behind `0`.
pub(crate) fn any_base(text: &str, max: u32) -> Result<u32, Fault> {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("0x") {
        Some(digits) => bounded(digits, 16, max),
        None if text.len() > 1 && text.starts_with('0') => bounded(text, 8, max),
        None => bounded(text, 10, max),
    }
}

fn bounded(text: &str, base: u32, max: u32) -> Result<u32, Fault> {
    if text.is_empty() || !text.chars().all(|digit| digit.is_digit(base)) {
        return Err(BAD);
    }
    u32::from_str_radix(text, base).ok().filter(|number| *number <= max).ok_or(RANGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_strtoul_reads_them() {
        assert_eq!(decimal("0053", 65535), Ok(53), "leading zeros are none of octal");
        assert_eq!(decimal("", 9), Err(BAD));
        assert_eq!(decimal("+1", 9), Err(BAD));
        assert_eq!(decimal("1x", 9), Err(BAD));
        assert_eq!(decimal("10", 9), Err(RANGE));
        assert_eq!(decimal("99999999999999999999999", u32::MAX), Err(RANGE));
        assert_eq!(any_base("0x8000", 65535), Ok(0x8000));
        assert_eq!(any_base("017", 65535), Ok(15));
        assert_eq!(any_base("08", 65535), Err(BAD));
        assert_eq!(any_base("0x", 65535), Err(BAD));
    }
}
