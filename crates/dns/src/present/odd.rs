//! Types whose data is more than a row of fields.

use std::net::Ipv4Addr;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

use super::fields::{Field, put_v6, v4, v6, v6_text, write_fields};
use super::keys::{algorithm_name, secret_hex};
use super::line::ttl_in_words;
use super::rdata::{Outcome, Text, Unfit, ensure, ensure_length, ensure_or};
use super::{escape, proofs};
use crate::RecordType;

/// Said of a number that is too large.
const OUT_OF_RANGE: &str = "out of range";

pub(super) fn soa(text: &mut Text<'_>) -> Outcome {
    write_fields(text, &[Field::Name, Field::Name])?;
    text.open();
    let has_comments = text.flags.multiline && text.flags.comments;
    for (place, field) in
        ["serial", "refresh", "retry", "expire", "minimum"].into_iter().enumerate()
    {
        let number = text.u32()?;
        match (has_comments, place) {
            (true, 0) => text.put(format_args!("{number:<10} ; {field}")),
            (true, _) => {
                text.put(format_args!("{number:<10} ; {field} ({})", ttl_in_words(number)));
            }
            (false, _) => text.put(number),
        }
        if has_comments || place < 4 {
            text.newline();
        }
    }
    if text.flags.multiline {
        text.put(")");
    }
    Ok(())
}

/// Preference as in RFC 3403 §4.1; the expression must be one of substitution (§3.2 of RFC 3402).
pub(super) fn naptr(text: &mut Text<'_>) -> Outcome {
    write_fields(text, &[Field::U16, Field::U16, Field::Text, Field::Text])?;
    text.blank();
    let expression = text.string()?;
    ensure_or(expression.is_empty() || is_substitution(expression), "syntax error")?;
    text.put(escape::quoted(expression));
    text.blank();
    write_fields(text, &[Field::Name])
}

/// `!pattern!replacement!` with `i` or nothing behind it, whatever the delimiter. The pattern's own grammar
/// is not looked at.
fn is_substitution(expression: &[u8]) -> bool {
    let Some((delimiter, rest)) = expression.split_first() else { return true };
    if delimiter.is_ascii_digit() || b"\\i\0".contains(delimiter) || rest.contains(&0) {
        return false;
    }
    let (mut part, mut octets) = (0, rest.iter());
    while let Some(octet) = octets.next() {
        match octet {
            _ if octet == delimiter => part += 1,
            _ if part == 2 && *octet != b'i' => return false,
            b'\\' if part < 2 => {
                let escaped = octets.next();
                if escaped.is_none() || part == 1 && escaped == Some(&b'0') {
                    return false;
                }
            }
            _ => {}
        }
    }
    part == 2
}

/// RFC 1183 §3.1: digits, four at least.
pub(super) fn x25(text: &mut Text<'_>) -> Outcome {
    let (length, number) = text.rest().split_first().unwrap_or((&0, &[]));
    ensure(number.len() == usize::from(*length) && number.len() >= 4)?;
    ensure(number.iter().all(u8::is_ascii_digit))?;
    text.put(escape::quoted(number));
    Ok(())
}

pub(super) fn loc(text: &mut Text<'_>) -> Outcome {
    // RFC 1876 §2: of other versions nothing is known.
    if text.u8()? != 0 {
        return Err(Unfit::Unknown);
    }
    text.need(15)?;
    let sizes: [u8; 3] = text.array()?;
    let (latitude, longitude, altitude) = (text.u32()?, text.u32()?, text.u32()?);
    let latitude = angle(latitude, 90, ["N", "S"])?;
    let longitude = angle(longitude, 180, ["E", "W"])?;
    let height = i64::from(altitude) - 10_000_000;
    let sign = if height < 0 { "-" } else { "" };
    let (metres, rest) = (height.abs() / 100, height.abs() % 100);
    text.put(format_args!("{latitude} {longitude} {sign}{metres}.{rest:02}m"));
    for size in sizes {
        let size = length(size)?;
        text.put(format_args!(" {size}"));
    }
    Ok(())
}

/// Thousandths of a second of arc around 2^31 as degrees, minutes and seconds.
fn angle(value: u32, most: u32, sides: [&str; 2]) -> Result<String, Unfit> {
    let side = sides[usize::from(value < 1 << 31)];
    let value = value.abs_diff(1 << 31);
    ensure_or(value <= most * 3_600_000, OUT_OF_RANGE)?;
    let (degrees, minutes) = (value / 3_600_000, value / 60_000 % 60);
    let (seconds, rest) = (value / 1_000 % 60, value % 1_000);
    Ok(format!("{degrees} {minutes} {seconds}.{rest:03} {side}"))
}

/// A digit and a power of ten, in centimetres.
fn length(octet: u8) -> Result<String, Unfit> {
    let (digit, power) = (u64::from(octet >> 4), u32::from(octet & 0xf));
    ensure_or(octet == 0 || (1..=9).contains(&digit) && power <= 9, OUT_OF_RANGE)?;
    Ok(match power {
        0 | 1 => format!("0.{:02}m", digit * 10_u64.pow(power)),
        _ => format!("{}m", digit * 10_u64.pow(power - 2)),
    })
}

pub(super) fn cert(text: &mut Text<'_>) -> Outcome {
    let (kind, tag, algorithm) = (text.u16()?, text.u16()?, text.u8()?);
    let kind = match kind {
        1 => "PKIX",
        2 => "SPKI",
        3 => "PGP",
        4 => "IPKIX",
        5 => "ISPKI",
        6 => "IPGP",
        7 => "ACPKIX",
        8 => "IACPKIX",
        253 => "URI",
        254 => "OID",
        _ => &kind.to_string(),
    };
    text.put(format_args!("{kind} {tag} {}", algorithm_name(algorithm)));
    let certificate = text.some_rest()?;
    text.base64_box(certificate);
    Ok(())
}

pub(super) fn sshfp(text: &mut Text<'_>) -> Outcome {
    let (algorithm, digest_type) = (text.u8()?, text.u8()?);
    text.put(format_args!("{algorithm} {digest_type}"));
    let digest = text.rest();
    ensure(match digest_type {
        1 => digest.len() == 20,
        2 => digest.len() == 32,
        _ => true,
    })?;
    if !digest.is_empty() {
        text.hex_box(digest);
    }
    Ok(())
}

pub(super) fn zonemd(text: &mut Text<'_>) -> Outcome {
    write_fields(text, &[Field::U32, Field::U8])?;
    let hash = text.u8()?;
    text.put(format_args!(" {hash}"));
    let digest = text.rest();
    // RFC 8976 §2.2.4.
    ensure_length(&digest[..digest.len().min(12)], Some(12))?;
    let length = match hash {
        1 => Some(48),
        2 => Some(64),
        _ => None,
    };
    ensure_length(digest, length)?;
    secret_hex(text, digest);
    Ok(())
}

/// RFC 8659 §4.1: a tag of letters and digits.
pub(super) fn caa(text: &mut Text<'_>) -> Outcome {
    text.need(2)?;
    let (flags, tag) = (text.u8()?, text.string().map_err(Unfit::as_format)?);
    ensure(!tag.is_empty() && tag.iter().all(u8::is_ascii_alphanumeric))?;
    let value = escape::quoted(text.rest());
    text.put(format_args!("{flags} {} {value}", escape::unquoted(tag)));
    Ok(())
}

pub(super) fn doa(text: &mut Text<'_>) -> Outcome {
    write_fields(text, &[Field::U32, Field::U32, Field::U8, Field::Text])?;
    let data = match text.rest() {
        [] => "-".to_owned(),
        data => BASE64.encode(data),
    };
    text.put(format_args!(" {data}"));
    Ok(())
}

pub(super) fn dsync(text: &mut Text<'_>) -> Outcome {
    let (kind, scheme, port) = (RecordType(text.u16()?), text.u8()?, text.u16()?);
    let target = text.name()?;
    match scheme {
        1 => text.put(format_args!("{kind} NOTIFY {port} {target}")),
        _ => text.put(format_args!("{kind} {scheme} {port} {target}")),
    }
    Ok(())
}

/// HHIT and BRID (RFC 9886).
pub(super) fn drip(text: &mut Text<'_>) -> Outcome {
    let data = text.some_rest()?;
    if text.flags.multiline {
        text.put(" (");
    }
    text.base64_words(data);
    text.close();
    Ok(())
}

pub(super) fn openpgpkey(text: &mut Text<'_>) -> Outcome {
    let key = text.some_rest()?;
    text.open_at_once();
    if text.flags.crypto {
        text.base64_words(key);
    } else {
        text.put("[omitted]");
    }
    text.close();
    Ok(())
}

/// A gateway of the kinds that IPSECKEY (RFC 4025 §2.3) and AMTRELAY (RFC 8777 §4.2.3) have.
fn gateway(text: &mut Text<'_>, kind: u8) -> Outcome {
    match kind {
        0 => text.put('.'),
        1 => v4(text)?,
        2 => v6(text)?,
        3 => write_fields(text, &[Field::Name])?,
        _ => return Err(Unfit::Malformed("not implemented")),
    }
    Ok(())
}

pub(super) fn ipseckey(text: &mut Text<'_>) -> Outcome {
    let (precedence, kind, algorithm) = (text.u8()?, text.u8()?, text.u8()?);
    text.open_at_once();
    text.put(format_args!("{precedence} {kind} {algorithm} "));
    gateway(text, kind)?;
    let key = text.some_rest()?;
    text.newline();
    text.base64_words(key);
    text.close();
    Ok(())
}

pub(super) fn amtrelay(text: &mut Text<'_>) -> Outcome {
    let (precedence, octet) = (text.u8()?, text.u8()?);
    let (discovery, kind) = (octet >> 7, octet & 0x7f);
    if kind > 3 {
        return Err(Unfit::Unknown);
    }
    text.put(format_args!("{precedence} {discovery} {kind} "));
    let size = [Some(0), Some(4), Some(16), None][usize::from(kind)];
    ensure(size.is_none_or(|size| text.left() == size))?;
    gateway(text, kind)
}

/// Algorithm, tag and key of a host (RFC 8005 §5).
fn identity<'m>(text: &mut Text<'m>) -> Result<(u8, &'m [u8], &'m [u8]), Unfit> {
    let (hit_length, algorithm, key_length) = (text.u8()?, text.u8()?, text.u16()?);
    let (hit, key) = (text.take(usize::from(hit_length))?, text.take(usize::from(key_length))?);
    ensure(!hit.is_empty() && !key.is_empty())?;
    Ok((algorithm, hit, key))
}

pub(super) fn hip(text: &mut Text<'_>) -> Outcome {
    let (algorithm, hit, key) = identity(text).map_err(Unfit::as_format)?;
    text.open_at_once();
    text.put(format_args!("{algorithm} {}", HEXUPPER.encode(hit)));
    text.newline();
    text.put(BASE64.encode(key));
    while text.left() > 0 {
        let server = text.name()?;
        text.newline();
        text.put(server);
    }
    text.close();
    Ok(())
}

pub(super) fn dhcid(text: &mut Text<'_>) -> Outcome {
    let data = text.some_rest()?;
    text.open_at_once();
    text.base64_words(data);
    text.close();
    // RFC 4701 §3.1: type of identifier, type of digest, and octets of it.
    if let ([high, low, digest, rest @ ..], true) = (data, text.flags.multiline) {
        let kind = u16::from_be_bytes([*high, *low]);
        text.put(format_args!(" ; {kind} {digest} {}", rest.len()));
    }
    Ok(())
}

/// RFC 1035 §3.4.1: an address, a protocol, and a bit for each port.
pub(super) fn wks(text: &mut Text<'_>) -> Outcome {
    v4(text)?;
    let protocol = text.u8()?;
    text.put(format_args!(" {protocol}"));
    let bits = text.rest();
    ensure_or(bits.len() <= 8 * 1024, "extra input data")?;
    ensure(bits.last() != Some(&0))?;
    for port in proofs::ones(bits) {
        text.put(format_args!(" {port}"));
    }
    Ok(())
}

pub(super) fn nsap(text: &mut Text<'_>) -> Outcome {
    let address = text.some_rest()?;
    text.put(format_args!("0x{}", HEXLOWER.encode(address)));
    Ok(())
}

/// EID and NIMLOC.
pub(super) fn nimrod(text: &mut Text<'_>) -> Outcome {
    let data = text.some_rest()?;
    text.open_at_once();
    text.hex_words(data);
    text.close();
    Ok(())
}

pub(super) fn atma(text: &mut Text<'_>) -> Outcome {
    let (format, address) = (text.u8()?, text.some_rest()?);
    match format {
        0 => text.put(HEXLOWER.encode(address)),
        1 => {
            ensure(address.iter().all(u8::is_ascii_digit))?;
            text.put(format_args!("+{}", escape::unquoted(address)));
        }
        _ => return Err(Unfit::Unknown),
    }
    Ok(())
}

/// RFC 2874 §3.1: the length of the prefix, the rest of the address, and whose the prefix is.
pub(super) fn a6(text: &mut Text<'_>) -> Outcome {
    let prefix = text.u8()?;
    ensure_or(prefix <= 128, OUT_OF_RANGE)?;
    text.put(format_args!("{prefix} "));
    if prefix < 128 {
        let (given, mut address) = (usize::from(prefix / 8), [0; 16]);
        let suffix = text.take(16 - given)?;
        let high_bits = suffix.first().copied().unwrap_or_default();
        ensure(high_bits & !(0xff >> (prefix % 8)) == 0)?;
        for (to, from) in address.iter_mut().skip(given).zip(suffix) {
            *to = *from;
        }
        put_v6(text, &v6_text(address));
    }
    if prefix > 0 {
        let name = text.name()?;
        text.put(format_args!(" {name}"));
    }
    Ok(())
}

pub(super) fn apl(text: &mut Text<'_>) -> Outcome {
    let (mut is_known, mut between) = (true, "");
    while text.left() > 0 {
        let (family, prefix, octet) = (text.u16()?, text.u8()?, text.u8()?);
        let (negation, part) =
            (if octet & 0x80 == 0 { "" } else { "!" }, text.take(usize::from(octet & 0x7f))?);
        text.put(format_args!("{between}{negation}{family}:"));
        is_known &= prefixed(text, family, prefix, part)?;
        // RFC 3123 §4: zeros at the end are left out.
        ensure(part.last() != Some(&0))?;
        text.put(format_args!("/{prefix}"));
        between = " ";
    }
    if is_known { Ok(()) } else { Err(Unfit::Unknown) }
}

fn prefixed(text: &mut Text<'_>, family: u16, prefix: u8, part: &[u8]) -> Result<bool, Unfit> {
    let mut address = [0; 16];
    for (to, from) in address.iter_mut().zip(part) {
        *to = *from;
    }
    match family {
        1 => {
            ensure_or(prefix <= 32 && part.len() <= 4, OUT_OF_RANGE)?;
            text.put(Ipv4Addr::new(address[0], address[1], address[2], address[3]));
        }
        2 => {
            ensure_or(prefix <= 128 && part.len() <= 16, OUT_OF_RANGE)?;
            put_v6(text, &v6_text(address));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// RFC 1035 §3.4.1 is for the Internet: Chaosnet has a name and 16 bits in octal.
pub(super) fn chaos_address(text: &mut Text<'_>) -> Outcome {
    let (network, address) = (text.name()?, text.u16()?);
    text.put(format_args!("{network} {address:o}"));
    Ok(())
}
