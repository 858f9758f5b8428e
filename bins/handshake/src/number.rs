//! Numbers as words, and the sentence for each that makes no sense.

use std::time::Duration;

use wireline_cli::Refusal;

use crate::exit::USAGE;

/// Words that make no sense.
pub(crate) fn refuse(message: impl Into<String>) -> Refusal {
    Refusal::new(USAGE, message)
}

/// As [`whole`], of a flag that may not be there.
pub(crate) fn optional<T: TryFrom<u64>>(
    flag: &str,
    word: Option<&str>,
    least: u64,
    most: u64,
) -> Result<Option<T>, Refusal> {
    word.map(|word| whole(flag, word, least, most)).transpose()
}

/// A whole number from `least` to `most`.
pub(crate) fn whole<T: TryFrom<u64>>(
    flag: &str,
    word: &str,
    least: u64,
    most: u64,
) -> Result<T, Refusal> {
    let number = word.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        let range = if most == u64::MAX {
            format!("{least} or more")
        } else {
            format!("{least} to {most}")
        };
        refuse(format!("{flag}: {word}: a whole number, {range}, is needed"))
    })
}

/// Seconds with a decimal point whatever the locale, `least` or more and no more than a month.
pub(crate) fn seconds(flag: &str, word: &str, least: f64) -> Result<Duration, Refusal> {
    const MOST: f64 = 2_678_400.0;
    let value = word.parse::<f64>().ok().filter(|value| (least..=MOST).contains(value));
    let span = value.and_then(|value| Duration::try_from_secs_f64(value).ok());
    span.ok_or_else(|| refuse(format!("{flag}: {word}: seconds, {least} to {MOST}, are needed")))
}
