//! Numbers of the command line, with arp-scan's sentence for each bad one.

use std::fmt::Display;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;

use wireline_packet::Mac;

use super::complaint::Complaint;

/// Decimal, as strtoul(3) reads it.
pub(crate) fn decimal(
    option: &str,
    text: &str,
    range: RangeInclusive<u64>,
) -> Result<u64, Complaint> {
    within(option, text, digits(text, 10), range)
}

/// Decimal, hexadecimal with `0x` or octal with `0`, as strtol(3) reads it.
pub(crate) fn any_base(
    option: &str,
    text: &str,
    range: RangeInclusive<u64>,
) -> Result<u64, Complaint> {
    let word = text.trim();
    let lower = word.to_ascii_lowercase();
    let number = match lower.strip_prefix("0x") {
        Some(rest) => digits(rest, 16),
        None if word.len() > 1 && word.starts_with('0') => digits(&word[1..], 8),
        None => digits(word, 10),
    };
    within(option, text, number, range)
}

/// `None` where it is no number at all.
fn digits(text: &str, base: u32) -> Option<u128> {
    let word = text.trim();
    let word = word.strip_prefix('+').unwrap_or(word);
    let is_number = !word.is_empty() && word.chars().all(|digit| digit.is_digit(base));
    // What has more digits than that is out of every range.
    is_number.then(|| u128::from_str_radix(word, base).unwrap_or(u128::MAX))
}

fn within(
    option: &str,
    text: &str,
    number: Option<u128>,
    range: RangeInclusive<u64>,
) -> Result<u64, Complaint> {
    let is_negative = || {
        let bare = text.trim().strip_prefix('-').filter(|bare| !bare.starts_with('+'));
        bare.is_some_and(|bare| digits(bare, 10).is_some())
    };
    if number.is_none() && !is_negative() {
        return Err(no_number(option, text));
    }
    let number = number.and_then(|number| u64::try_from(number).ok());
    number.filter(|number| range.contains(number)).ok_or_else(|| {
        let (from, to) = range.into_inner();
        Complaint::new(format!("--{option}={text} must be between {from} and {to}"))
    })
}

fn no_number(option: &str, text: &str) -> Complaint {
    Complaint::new(format!("--{option}={text}: not a number"))
        .peers(format!("ERROR: \"{text}\" is not a valid numeric value"))
}

/// Milliseconds, microseconds with `u` and seconds with `s`.
pub(crate) fn interval(option: &str, text: &str) -> Result<Duration, Complaint> {
    let (number, unit) = suffix(text);
    let micros = match unit {
        None => 1000,
        Some('u' | 'U') => 1,
        Some('s' | 'S') => 1_000_000,
        Some(other) => return Err(unknown(option, text, "interval", other)),
    };
    // An hour between two requests is no scan.
    let number = decimal(option, number, 0..=3_600_000_000 / micros)?;
    Ok(Duration::from_micros(number * micros))
}

/// Bits a second, with `K` thousands and with `M` millions of them.
pub(crate) fn bandwidth(text: &str) -> Result<u64, Complaint> {
    let (number, unit) = suffix(text);
    let multiplier = match unit {
        None => 1,
        Some('k' | 'K') => 1000,
        Some('m' | 'M') => 1_000_000,
        Some(other) => return Err(unknown("bandwidth", text, "bandwidth", other)),
    };
    Ok(decimal("bandwidth", number, 1..=1_000_000_000_000 / multiplier)? * multiplier)
}

fn suffix(text: &str) -> (&str, Option<char>) {
    match text.chars().next_back() {
        Some(last) if !last.is_ascii_digit() => (&text[..text.len() - last.len_utf8()], Some(last)),
        _ => (text, None),
    }
}

fn unknown(option: &str, text: &str, what: &str, unit: char) -> Complaint {
    let peers = format!("ERROR: Unknown {what} multiplier character: \"{unit}\"");
    Complaint::new(format!("--{option}={text}: not a number with a unit")).peers(peers)
}

/// By how much something grows.
pub(crate) fn factor(
    option: &str,
    text: &str,
    range: RangeInclusive<f64>,
) -> Result<f64, Complaint> {
    let number: f64 = text.trim().parse().map_err(|_| no_number(option, text))?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (from, to) = range.into_inner();
    Err(Complaint::new(format!("--{option}={text} must be between {from} and {to}")))
}

/// A link-layer address; arp-scan calls it the source's or the target's.
pub(crate) fn mac(option: &str, whose: &str, text: &str) -> Result<Mac, Complaint> {
    let bad = |why: &dyn Display| {
        Complaint::new(format!("--{option}={text}: {why}"))
            .peers(format!("Invalid {whose} MAC address: {text}"))
    };
    if text.contains(':') && text.contains('-') {
        return Err(bad(&"colons and hyphens are mixed"));
    }
    text.parse().map_err(|why| bad(&why))
}

/// An address of IPv4 in four parts.
pub(crate) fn address(option: &str, text: &str) -> Result<Ipv4Addr, Complaint> {
    text.parse().map_err(|_| {
        Complaint::new(format!("--{option}={text}: no address of IPv4"))
            .peers(format!("inet_pton failed for {text}: Success"))
    })
}

/// Octets in hexadecimal.
pub(crate) fn octets(text: &str) -> Result<Vec<u8>, Complaint> {
    if !text.len().is_multiple_of(2) {
        let why = "Length of --padding argument must be even (multiple of 2).";
        return Err(Complaint::error(why));
    }
    let octet = |pair: &[u8]| {
        let is_hex = pair.iter().all(u8::is_ascii_hexdigit);
        let pair = std::str::from_utf8(pair).ok().filter(|_| is_hex)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let octets: Option<_> = text.as_bytes().chunks(2).map(octet).collect();
    octets.ok_or_else(|| Complaint::new("--padding argument must be hexadecimal digits."))
}

/// Numbers of VLANs: `7`, or `1-20,30`; each in any base, none twice.
pub(crate) fn vlans(text: &str) -> Result<Vec<u16>, Complaint> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let ends = part.split_once('-').filter(|(first, _)| !first.is_empty());
        let (first, last) = ends.unwrap_or((part, part));
        let number = |text| any_base("vlan", text, 0..=4094);
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(Complaint::new(format!("--vlan={text}: {part} ends before it begins")));
        }
        for number in (first..=last).filter_map(|number| u16::try_from(number).ok()) {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_peer_reads_them() {
        assert_eq!(decimal("retry", "3", 1..=10).unwrap(), 3);
        assert_eq!(any_base("vlan", "0xddd", 0..=4094).unwrap(), 0xddd);
        assert_eq!(any_base("vlan", "010", 0..=4094).unwrap(), 8, "octal");
        assert_eq!(any_base("vlan", "0", 0..=4094).unwrap(), 0);
        assert_eq!(decimal("retry", " 5 ", 1..=10).unwrap(), 5);
    }

    #[test]
    fn what_is_no_number_is_named() {
        for text in ["", "x", "3x", "0x", "-", "1.5", "--5"] {
            let why = any_base("vlan", text, 0..=9).unwrap_err().to_string();
            assert_eq!(why, format!("ERROR: \"{text}\" is not a valid numeric value"));
        }
    }

    #[test]
    fn what_is_out_of_range_is_not_cut_to_fit() {
        for text in ["70000", "-1", "99999999999999999999999999999999999999999999999"] {
            let why = any_base("arpop", text, 0..=65535).unwrap_err().to_string();
            assert_eq!(why, format!("--arpop={text} must be between 0 and 65535"));
        }
    }

    #[test]
    fn intervals_have_units() {
        let read = |text| interval("interval", text).map_err(|why| why.to_string());
        assert_eq!(read("5"), Ok(Duration::from_millis(5)));
        assert_eq!(read("1000u"), Ok(Duration::from_millis(1)));
        assert_eq!(read("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(read("12x"), Err("ERROR: Unknown interval multiplier character: \"x\"".into()));
        assert!(read("u").is_err() && read("").is_err() && read("é").is_err());
    }

    #[test]
    fn bandwidth_has_decimal_multiples_and_is_never_nothing() {
        assert_eq!(bandwidth("256000").unwrap(), 256_000);
        assert_eq!((bandwidth("1K").unwrap(), bandwidth("2m").unwrap()), (1000, 2_000_000));
        assert!(bandwidth("0").is_err() && bandwidth("999999999999999999999M").is_err());
    }

    #[test]
    fn padding_is_hexadecimal() {
        assert_eq!(octets("00Ff").unwrap(), [0, 0xff]);
        assert!(octets("abc").is_err() && octets("zz").is_err() && octets("+1").is_err());
        assert!(octets("é").is_err(), "two octets, no digits");
    }

    #[test]
    fn vlans_are_lists_of_numbers_and_ranges() {
        assert_eq!(vlans("7").unwrap(), [7]);
        assert_eq!(vlans("1-3,0x5,2").unwrap(), [1, 2, 3, 5]);
        for text in ["4095", "3-1", "", "1,", "a"] {
            assert!(vlans(text).is_err(), "{text}");
        }
    }
}
