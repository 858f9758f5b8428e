//! Hosts: names, and addresses in the forms that `inet_aton`(3) reads.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::path;

pub(super) const BAD_NAME: &str = "Bad hostname";
/// What is no URL in curl's words for the name's encoding and the login's.
pub(super) const BAD_ENCODING: &str = "URL using bad/illegal format or missing URL";
pub(super) const BAD_ADDRESS: &str = "Bad IPv6 address";
/// What is in no name.
const REFUSED: &str = " \t\r\n/:#?!@{}[]\\$'\"^`*<>=;,+&()%";
/// Octets of a zone: as long as an interface's name, which ends with NUL in 16 of them.
const LONGEST_ZONE: usize = 15;

/// A host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// As in DNS, small letters; without brackets.
    pub(super) name: String,
    /// Of an IPv6 address.
    pub(super) zone: Option<String>,
    /// As it was typed, where that is to be shown.
    pub(super) typed: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Host, &'static str> {
    if let Some(text) = text.strip_prefix('[') {
        return address(text.strip_suffix(']').ok_or(BAD_ADDRESS)?);
    }
    if text.is_empty() {
        return Err("No host part in the URL");
    }
    let name = String::from_utf8(path::decode(text)).map_err(|_| BAD_NAME)?;
    if name.chars().any(|it| it.is_ascii_control() || REFUSED.contains(it)) {
        return Err(BAD_NAME);
    }
    if let Some(address) = loose_ipv4(&name) {
        return Ok(Host { name: address.to_string(), zone: None, typed: None });
    }
    let host = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        let host = idna::domain_to_ascii(&name).map_err(|_| BAD_ENCODING)?;
        let is_usual = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_');
        if host.is_empty() || !host.bytes().all(is_usual) {
            return Err(BAD_ENCODING);
        }
        host
    };
    Ok(Host { name: host, zone: None, typed: Some(name) })
}

/// What is between brackets (RFC 3986 §3.2.2, RFC 6874 §2, and `%` alone).
fn address(text: &str) -> Result<Host, &'static str> {
    let (text, zone) = match text.split_once('%') {
        Some((text, zone)) => (text, Some(zone)),
        None => (text, None),
    };
    let zone = match zone {
        Some("") => return Err(BAD_ADDRESS),
        Some(zone) => {
            let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
            if zone.len() > LONGEST_ZONE {
                return Err(BAD_ADDRESS);
            }
            Some(zone.to_owned())
        }
        None => None,
    };
    let address: Ipv6Addr = text.parse().map_err(|_| BAD_ADDRESS)?;
    let host = address.to_string();
    // Shown as it was typed, where the usual form is not shorter.
    let typed = (host.len() >= text.len()).then(|| text.to_owned());
    Ok(Host { name: host, zone, typed })
}

/// One to four numbers, in octal with 0 and in hexadecimal with 0x before them, of which the last fills what is left.
fn loose_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut numbers = [0_u32; 4];
    let mut count = 0_usize;
    for part in text.split('.') {
        *numbers.get_mut(count)? = number(part)?;
        count = count.checked_add(1)?;
    }
    let last = count.checked_sub(1)?;
    let mut address = *numbers.get(last)?;
    // The last may have no more bits than are left.
    if last > 0 && u64::from(address) >= 1 << (8 * (4_usize.checked_sub(last)?)) {
        return None;
    }
    for (nth, number) in numbers.iter().take(last).enumerate() {
        let octet = u8::try_from(*number).ok()?;
        address |= u32::from(octet).checked_shl(u32::try_from(24 - 8 * nth).ok()?)?;
    }
    Some(Ipv4Addr::from(address))
}

fn number(part: &str) -> Option<u32> {
    let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
    let (digits, radix) = match (hex, part.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (part, 10),
    };
    // `from_str_radix` would take a sign.
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    u32::from_str_radix(digits, radix).ok().filter(|_| is_number)
}
