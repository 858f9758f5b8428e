//! Keys, their digests, and signatures.

use super::rdata::{Outcome, Text, Unfit, ensure, ensure_length};
use crate::{Rcode, RecordType};

/// The tag of a key: of a DNSKEY's data, its names expanded (RFC 4034 §B).
#[must_use]
pub fn key_tag(octets: &[u8]) -> u16 {
    let words = octets
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | pair.get(1).copied().map_or(0, u32::from));
    let sum = words.fold(0, u32::wrapping_add);
    // Its lower half is meant.
    (sum.wrapping_add(sum >> 16) & 0xffff) as u16
}

/// What an algorithm of DNSSEC is called, as in `ECDSAP256SHA256`; the number where it has no name.
#[must_use]
pub fn algorithm_name(number: u8) -> String {
    let name = match number {
        1 => "RSAMD5",
        2 => "DH",
        3 => "DSA",
        5 => "RSASHA1",
        6 => "NSEC3DSA",
        7 => "NSEC3RSASHA1",
        8 => "RSASHA256",
        10 => "RSASHA512",
        12 => "ECCGOST",
        13 => "ECDSAP256SHA256",
        14 => "ECDSAP384SHA384",
        15 => "ED25519",
        16 => "ED448",
        252 => "INDIRECT",
        253 => "PRIVATEDNS",
        254 => "PRIVATEOID",
        _ => return number.to_string(),
    };
    name.to_owned()
}

/// Seconds since 1970 of 32 bits as `YYYYMMDDHHmmSS`: those of the 136 years around `now`
/// (RFC 4034 §3.1.5).
#[must_use]
pub fn time(seconds: u32, now: u32) -> String {
    let offset = seconds.wrapping_sub(now).cast_signed();
    let seconds = i64::from(now) + i64::from(offset);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Year, month and day of so many days after 1970 began. Years are counted from March on, so that a leap
/// day is the last of one.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

pub(super) fn ds(text: &mut Text<'_>) -> Outcome {
    let (tag, algorithm, digest_type) = (text.u16()?, text.u8()?, text.u8()?);
    text.put(format_args!("{tag} {algorithm} {digest_type}"));
    let digest = text.some_rest()?;
    let length = match digest_type {
        1 => Some(20),
        2 => Some(32),
        4 => Some(48),
        _ => None,
    };
    ensure_length(digest, length)?;
    secret_hex(text, digest);
    Ok(())
}

/// Hex that `+nocrypto` leaves out.
pub(super) fn secret_hex(text: &mut Text<'_>, octets: &[u8]) {
    text.open();
    if text.flags.crypto {
        text.hex_words(octets);
    } else {
        text.put("[omitted]");
    }
    text.close();
}

pub(super) fn key(text: &mut Text<'_>, kind: RecordType) -> Outcome {
    let (flags, protocol, algorithm) = (text.u16()?, text.u8()?, text.u8()?);
    text.put(format_args!("{flags} {protocol} {algorithm}"));
    ensure(kind != RecordType::RKEY || flags == 0)?;
    // Only in a KEY do two bits say that there is none (RFC 2535 §3.1.2).
    if kind == RecordType::KEY && flags & 0xc000 == 0xc000 {
        return Ok(());
    }
    text.need(1)?;
    let start = text.read();
    // RFC 4034 §A.1.1: a private algorithm's name is in the key.
    let called = match algorithm {
        253 => private_name(text)?,
        _ => algorithm_name(algorithm),
    };
    text.rest();
    let (key, tag) = (text.since(start), key_tag(&text.since(0)));
    text.open();
    if text.flags.crypto {
        text.base64_words(&key);
    } else {
        text.put(format_args!("[key id = {tag}]"));
    }
    end_of_key(text);
    if text.flags.comments {
        let role =
            if matches!(kind, RecordType::DNSKEY | RecordType::CDNSKEY) { role(flags) } else { "" };
        text.put(format_args!("{role}; alg = {called} ; key id = {tag}"));
    }
    Ok(())
}

fn private_name(text: &mut Text<'_>) -> Result<String, Unfit> {
    let name = text.name()?;
    let written = name.to_string();
    Ok(written.strip_suffix('.').filter(|_| !name.is_root()).unwrap_or(&written).to_owned())
}

fn end_of_key(text: &mut Text<'_>) {
    if text.flags.comments {
        text.newline();
    } else if text.flags.multiline {
        text.blank();
    }
    if text.flags.multiline {
        text.put(")");
    }
}

/// RFC 4034 §2.1.1 and RFC 5011 §7: bits 15 (SEP) and 8 (REVOKE).
const fn role(flags: u16) -> &'static str {
    match (flags & 0x0001 != 0, flags & 0x0080 != 0) {
        (true, true) => " ; revoked KSK",
        (true, false) => " ; KSK",
        (false, _) => " ; ZSK",
    }
}

pub(super) fn rrsig(text: &mut Text<'_>) -> Outcome {
    let covered = RecordType(text.u16()?);
    let (algorithm, labels, ttl) = (text.u8()?, text.u8()?, text.u32()?);
    text.put(format_args!("{covered} {algorithm} {labels} {ttl}"));
    text.open();
    let now = text.flags.now;
    let (expires, made, tag) = (text.u32()?, text.u32()?, text.u16()?);
    let (expires, made, signer) = (time(expires, now), time(made, now), text.name()?);
    // RFC 4035 §5.3.1: what is signed lies in the signer's zone.
    ensure(usize::from(labels) >= signer.label_count())?;
    text.put(format_args!("{expires} {made} {tag} {signer}"));
    text.newline();
    let signature = text.some_rest().map_err(Unfit::as_format)?;
    if text.flags.crypto {
        text.base64_words(signature);
    } else {
        text.put("[omitted]");
    }
    text.close();
    Ok(())
}

pub(super) fn sig(text: &mut Text<'_>) -> Outcome {
    let covered = RecordType(text.u16()?);
    // 65533 is known to BIND, for itself.
    let covered = match covered.mnemonic() {
        None if covered.0 != 65533 => covered.0.to_string(),
        _ => covered.to_string(),
    };
    let (algorithm, labels, ttl) = (text.u8()?, text.u8()?, text.u32()?);
    let now = text.flags.now;
    let expires = time(text.u32()?, now);
    text.put(format_args!("{covered} {algorithm} {labels} {ttl} {expires}"));
    text.open();
    let (made, tag, signer) = (time(text.u32()?, now), text.u16()?, text.name()?);
    text.put(format_args!("{made} {tag} {signer}"));
    text.newline();
    let signature = text.some_rest()?;
    text.base64_words(signature);
    text.close();
    Ok(())
}

/// The error of a TSIG or TKEY, where 16 is BADSIG and not BADVERS (RFC 8945 §3).
fn error_name(number: u16) -> String {
    match number {
        16 => "BADSIG".to_owned(),
        11..=15 => format!("RESERVED{number}"),
        0..=10 | 17..=22 => Rcode(number).to_string(),
        _ => number.to_string(),
    }
}

pub(super) fn tkey(text: &mut Text<'_>) -> Outcome {
    let algorithm = text.name()?;
    let (inception, expires, mode, error) = (text.u32()?, text.u32()?, text.u16()?, text.u16()?);
    let size = text.u16()?;
    let error = error_name(error);
    text.put(format_args!("{algorithm} {inception} {expires} {mode} {error} {size}"));
    let key = text.take(usize::from(size))?;
    text.base64_box(key);
    text.blank();
    let size = text.u16()?;
    text.put(size);
    let other = text.take(usize::from(size))?;
    if size > 0 {
        text.base64_box(other);
    }
    Ok(())
}

pub(super) fn tsig(text: &mut Text<'_>) -> Outcome {
    let algorithm = text.name()?;
    let (high, low, fudge, size) = (text.u16()?, text.u32()?, text.u16()?, text.u16()?);
    let signed = u64::from(high) << 32 | u64::from(low);
    text.put(format_args!("{algorithm} {signed} {fudge} {size}"));
    let signature = text.take(usize::from(size))?;
    if size > 0 {
        text.base64_box(signature);
    }
    let (id, error, size) = (text.u16()?, text.u16()?, text.u16()?);
    let error = error_name(error);
    let other = text.take(usize::from(size))?;
    text.put(format_args!(" {id} {error} {size} "));
    text.base64_in_line(other);
    Ok(())
}
