//! The OPT record and its options (RFC 6891) as dig writes them.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::fields::v6_text;
use super::line::ttl_in_words;
use super::rdata::{Outcome, Text, ensure_or};
use crate::{Rdata, Record};

/// What the COOKIE of a reply is worth (RFC 7873 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieCheck {
    /// Nobody looked, or this is a query.
    None,
    /// It begins with ours: `(good)` or, where there is no server's, `(echoed)`.
    Ours,
    /// It does not: `(bad)`.
    NotOurs,
}

/// A line of YAML, by how many levels below `OPT_PSEUDOSECTION:` it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdnsLine {
    /// Levels of indentation below that heading: 1 for `EDNS:`.
    pub level: usize,
    /// The line without its end.
    pub text: String,
}

const LLQ: u16 = 1;
const NSID: u16 = 3;
const CLIENT_SUBNET: u16 = 8;
const EXPIRE: u16 = 9;
const COOKIE: u16 = 10;
const TCP_KEEPALIVE: u16 = 11;
const PADDING: u16 = 12;
const KEY_TAG: u16 = 14;
const EDE: u16 = 15;
const CLIENT_TAG: u16 = 16;
const SERVER_TAG: u16 = 17;

/// The options of an OPT, code and data, as far as they can be read.
pub fn edns_options(data: Rdata<'_>) -> impl Iterator<Item = (u16, &[u8])> {
    let mut reader = data.reader();
    std::iter::from_fn(move || {
        let (code, length) = (reader.u16().ok()?, reader.u16().ok()?);
        Some((code, reader.take(usize::from(length)).ok()?))
    })
}

/// The lines below `;; OPT PSEUDOSECTION:`, each without its end: `; EDNS: version: 0, flags: do; udp: 1232`
/// and one for each option.
#[must_use]
pub fn edns_text(opt: &Record<'_>, cookie: CookieCheck) -> Vec<String> {
    let (version, udp) = (opt.ttl >> 16 & 0xff, opt.class.0);
    let flags = flags(opt.ttl);
    let size = match unknown_flags(opt.ttl) {
        0 => format!("; udp: {udp}"),
        flags => format!("; MBZ: 0x{flags:04x}, udp: {udp}"),
    };
    let mut lines = vec![format!("; EDNS: version: {version}, flags:{flags}{size}")];
    let options =
        edns_options(opt.rdata).map(|(code, data)| format!("; {}", text(code, data, cookie)));
    lines.extend(options);
    lines
}

/// The lines below `OPT_PSEUDOSECTION:` in `+yaml`.
#[must_use]
pub fn edns_yaml(opt: &Record<'_>, cookie: CookieCheck) -> Vec<EdnsLine> {
    let line = |level, text| EdnsLine { level, text };
    let mut lines = vec![
        line(1, "EDNS:".to_owned()),
        line(2, format!("version: {}", opt.ttl >> 16 & 0xff)),
        line(2, format!("flags:{}", flags(opt.ttl))),
    ];
    let unknown = unknown_flags(opt.ttl);
    if unknown != 0 {
        lines.push(line(2, format!("MBZ: 0x{unknown:04x}")));
    }
    lines.push(line(2, format!("udp: {}", opt.class.0)));
    for (code, data) in edns_options(opt.rdata) {
        lines.extend(yaml(code, data, cookie));
    }
    lines
}

/// DO (RFC 3225) and CO (RFC 9824 §5.1).
const KNOWN_FLAGS: u32 = 0xc000;

fn flags(ttl: u32) -> String {
    let names = [(0x8000, " do"), (0x4000, " co")].into_iter();
    names.filter(|(flag, _)| ttl & flag != 0).map(|(_, name)| name).collect()
}

const fn unknown_flags(ttl: u32) -> u32 {
    ttl & 0xffff & !KNOWN_FLAGS
}

fn text(code: u16, data: &[u8], cookie: CookieCheck) -> String {
    let name = match code {
        TCP_KEEPALIVE => "TCP KEEPALIVE".to_owned(),
        _ => name(code),
    };
    let value = match (code, data) {
        (EDE, [octet]) => format!(" {octet:02x} (\"{}\")", printable(&[*octet])),
        (EDE, [high, low, text @ ..]) => extended_error(u16::from_be_bytes([*high, *low]), text),
        (EDE | PADDING, []) => String::new(),
        (PADDING, padding) => format!(" ({} bytes)", padding.len()),
        _ => known(code, data).unwrap_or_else(|| unknown(code, data, cookie)),
    };
    format!("{name}:{value}")
}

fn yaml(code: u16, data: &[u8], cookie: CookieCheck) -> Vec<EdnsLine> {
    let line = |level, text| EdnsLine { level, text };
    let name = match code {
        TCP_KEEPALIVE => "TCP-KEEPALIVE".to_owned(),
        _ => name(code),
    };
    match (code, data) {
        (EDE, [high, low, text @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let mut lines = vec![
                line(2, format!("{name}:")),
                line(3, format!("INFO-CODE: {}", error_with_name(code))),
            ];
            lines.push(match text {
                // As dig has it: a line without even its indentation.
                [] => line(0, String::new()),
                _ => line(3, format!("EXTRA-TEXT: {}\"{}\"", hex_unless_utf8(text), shown(text))),
            });
            lines
        }
        (CLIENT_SUBNET, _) if known(code, data).is_none() => {
            vec![line(2, format!("{name}:\n{}", unknown(code, data, cookie)))]
        }
        _ => {
            let value = known(code, data).unwrap_or_else(|| unknown(code, data, cookie));
            vec![line(2, format!("{name}:{value}"))]
        }
    }
}

fn name(code: u16) -> String {
    let name = match code {
        LLQ => "LLQ",
        NSID => "NSID",
        CLIENT_SUBNET => "CLIENT-SUBNET",
        EXPIRE => "EXPIRE",
        COOKIE => "COOKIE",
        PADDING => "PAD",
        KEY_TAG => "KEY-TAG",
        EDE => "EDE",
        CLIENT_TAG => "CLIENT-TAG",
        SERVER_TAG => "SERVER-TAG",
        _ => return format!("OPT={code}"),
    };
    name.to_owned()
}

/// The value of an option that has the form that it should have, with a blank before it.
fn known(code: u16, data: &[u8]) -> Option<String> {
    match (code, data) {
        (LLQ, _) => llq(data),
        (CLIENT_SUBNET, _) => subnet(data),
        (EXPIRE, [a, b, c, d]) => {
            let seconds = u32::from_be_bytes([*a, *b, *c, *d]);
            Some(format!(" {seconds} ({})", ttl_in_words(seconds)))
        }
        (TCP_KEEPALIVE, [high, low]) => {
            let tenths = u16::from_be_bytes([*high, *low]);
            Some(format!(" {}.{} secs", tenths / 10, tenths % 10))
        }
        (KEY_TAG, [_, ..]) if data.len().is_multiple_of(2) => {
            let tags =
                data.chunks_exact(2).map(|tag| u16::from_be_bytes([tag[0], tag[1]]).to_string());
            Some(format!(" {}", tags.collect::<Vec<_>>().join(", ")))
        }
        (CLIENT_TAG | SERVER_TAG, [high, low]) => {
            Some(format!(" {}", u16::from_be_bytes([*high, *low])))
        }
        _ => None,
    }
}

/// RFC 8764 §3.2.
fn llq(data: &[u8]) -> Option<String> {
    let data: &[u8; 18] = data.try_into().ok()?;
    let mut reader = Rdata::alone(data).reader();
    let (version, opcode, error) = (reader.u16().ok()?, reader.u16().ok()?, reader.u16().ok()?);
    let (high, low, life) = (reader.u32().ok()?, reader.u32().ok()?, reader.u32().ok()?);
    let id = u64::from(high) << 32 | u64::from(low);
    Some(format!(
        " Version: {version}, Opcode: {opcode}, Error: {error}, Identifier: {id}, Lifetime: {life}"
    ))
}

/// RFC 7871 §6: an address, of which so many bits are given, and for how many an answer is meant.
fn subnet(data: &[u8]) -> Option<String> {
    let (&[high, low, source, scope], part) = data.split_first_chunk()?;
    let mut octets = [0; 16];
    let part = part.get(..usize::from(source).div_ceil(8)).filter(|part| part.len() <= 16)?;
    octets.get_mut(..part.len())?.copy_from_slice(part);
    let (most, address) = match u16::from_be_bytes([high, low]) {
        0 => (0, "0".to_owned()),
        1 => (32, Ipv4Addr::from(*octets.first_chunk()?).to_string()),
        2 => (128, v6_text(octets)),
        _ => return None,
    };
    (source <= most && scope <= most).then(|| format!(" {address}/{source}/{scope}"))
}

/// Hex, and what of it can be printed; with a blank before it.
fn unknown(code: u16, data: &[u8], cookie: CookieCheck) -> String {
    if data.is_empty() {
        return String::new();
    }
    match code {
        COOKIE => format!(" {}{}", data_encoding::HEXLOWER.encode(data), cookie_text(data, cookie)),
        CLIENT_SUBNET => format!(" {}", hex(data)),
        _ => format!(" {}(\"{}\")", hex(data), printable(data)),
    }
}

const fn cookie_text(data: &[u8], cookie: CookieCheck) -> &'static str {
    match cookie {
        CookieCheck::None => "",
        CookieCheck::Ours if data.len() >= 16 => " (good)",
        CookieCheck::Ours => " (echoed)",
        CookieCheck::NotOurs => " (bad)",
    }
}

fn hex(data: &[u8]) -> String {
    data.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x} ");
        text
    })
}

fn printable(data: &[u8]) -> String {
    let shown = |octet: &u8| if matches!(octet, 0x20..=0x7e) { char::from(*octet) } else { '.' };
    data.iter().map(shown).collect()
}

fn extended_error(code: u16, text: &[u8]) -> String {
    let error = error_with_name(code);
    match text {
        [] => format!(" {error}"),
        _ => format!(" {error}: {}({})", hex_unless_utf8(text), shown(text)),
    }
}

fn error_with_name(code: u16) -> String {
    ede_name(code).map_or_else(|| code.to_string(), |name| format!("{code} ({name})"))
}

fn hex_unless_utf8(text: &[u8]) -> String {
    if str::from_utf8(text).is_ok() { String::new() } else { hex(text) }
}

/// Text that a server chose: RFC 8914 §2 has it in UTF-8. What would steer a terminal is dots, one for each
/// octet.
fn shown(text: &[u8]) -> String {
    let Ok(text) = str::from_utf8(text) else { return printable(text) };
    let shown = |character: char| match character {
        _ if character.is_control() || steers(character) => ".".repeat(character.len_utf8()),
        _ => character.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Marks of direction, separators of lines and what cannot be seen.
const fn steers(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// What an extended error is called, as in `DNSSEC Bogus` (RFC 8914 §4), where dig has a name for it.
#[must_use]
pub fn ede_name(code: u16) -> Option<&'static str> {
    const NAMES: [&str; 25] = [
        "Other",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDOMAIN Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
    ];
    NAMES.get(usize::from(code)).copied()
}

/// The data of an OPT as that of any other record.
pub(super) fn opt(text: &mut Text<'_>) -> Outcome {
    while text.left() > 0 {
        let (code, length) = (text.u16()?, text.u16()?);
        let data = text.take(usize::from(length))?;
        ensure_or(is_option(code, data), "malformed OPT option")?;
        text.put(format_args!("{code} {length}"));
        if !data.is_empty() {
            text.base64_box(data);
        }
        if text.left() > 0 {
            text.blank();
        }
    }
    Ok(())
}

/// Whether an option has the form that BIND demands.
fn is_option(code: u16, data: &[u8]) -> bool {
    match code {
        LLQ => data.len() == 18,
        CLIENT_SUBNET => is_subnet(data),
        EXPIRE => matches!(data.len(), 0 | 4),
        COOKIE => matches!(data.len(), 8 | 16..=40),
        KEY_TAG => !data.is_empty() && data.len().is_multiple_of(2),
        EDE => data
            .get(2..)
            .is_some_and(|text| !text.starts_with(b"\xef\xbb\xbf") && str::from_utf8(text).is_ok()),
        CLIENT_TAG | SERVER_TAG => data.len() == 2,
        _ => true,
    }
}

/// RFC 7871 §6: as many octets as the prefix has, and no bits after it.
fn is_subnet(data: &[u8]) -> bool {
    let Some((&[_, _, source, _], part)) = data.split_first_chunk() else { return false };
    let spare = (8 - u32::from(source) % 8) % 8;
    let has_no_more = part.last().is_none_or(|last| last.trailing_zeros() >= spare);
    subnet(data).is_some() && part.len() == usize::from(source).div_ceil(8) && has_no_more
}
