//! Which fields the data of each type has, and the text of each field.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::rdata::{Outcome, Text, Unfit, ensure};
use super::{escape, keys, odd, proofs, svcb};
use crate::{Class, RecordType};

/// A field of a record's data. Each is preceded by a blank but the first, and those that break lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A decimal number.
    U8,
    U16,
    U32,
    /// A domain name.
    Name,
    /// A `<character-string>` in quotes.
    Text,
    /// One that may be missing at the end.
    MayText,
    /// Such strings to the end, one at least.
    Texts,
    /// All that is left as one string in quotes.
    LongText,
    V4,
    /// An IPv6 address that `+expandaaaa` writes out.
    Aaaa,
    /// Four groups of hex, none left out (RFC 6742 §2.1).
    Locator,
    /// So many octets in lower-case hex with hyphens (RFC 7043).
    Eui(usize),
    /// Hex to the end, of which there must be some.
    Hex,
    /// Base64 to the end, if there is any left.
    MayBase64,
    /// Types to the end; there may be none (RFC 4034 §4.1.2).
    Types,
}

/// Writes the data of a record.
pub(super) fn write(text: &mut Text<'_>, kind: RecordType, class: Class) -> Outcome {
    // Where an octet more or less is no more than a wrong format.
    let size = match kind {
        RecordType::L32 | RecordType::EUI48 => Some(6),
        RecordType::L64 | RecordType::NID => Some(10),
        RecordType::EUI64 => Some(8),
        _ => None,
    };
    ensure(size.is_none_or(|size| text.left() == size))?;
    match plain(kind).or_else(|| plain_of_class(kind, class)) {
        Some(fields) => write_fields(text, fields),
        None => special(text, kind, class),
    }
}

/// Types of all classes that are no more than their fields.
fn plain(kind: RecordType) -> Option<&'static [Field]> {
    use Field::{Eui, Hex, LongText, MayBase64, MayText, Types, U8, U16, U32, V4};
    Some(match kind {
        RecordType::NS
        | RecordType::MD
        | RecordType::MF
        | RecordType::CNAME
        | RecordType::MB
        | RecordType::MG
        | RecordType::MR
        | RecordType::PTR
        | RecordType::DNAME => &[Field::Name],
        RecordType::MINFO | RecordType::RP | RecordType::TALINK => &[Field::Name, Field::Name],
        RecordType::MX | RecordType::AFSDB | RecordType::RT | RecordType::LP => &[U16, Field::Name],
        RecordType::HINFO => &[Field::Text, Field::Text],
        RecordType::GPOS => &[Field::Text, Field::Text, Field::Text],
        RecordType::ISDN => &[Field::Text, MayText],
        RecordType::TXT
        | RecordType::SPF
        | RecordType::AVC
        | RecordType::NINFO
        | RecordType::RESINFO
        | RecordType::WALLET => &[Field::Texts],
        RecordType::L32 => &[U16, V4],
        RecordType::L64 | RecordType::NID => &[U16, Field::Locator],
        RecordType::EUI48 => &[Eui(6)],
        RecordType::EUI64 => &[Eui(8)],
        RecordType::URI => &[U16, U16, LongText],
        RecordType::TLSA | RecordType::SMIMEA => &[U8, U8, U8, Hex],
        RecordType::SINK => &[U8, U8, U8, MayBase64],
        RecordType::CSYNC => &[U32, U16, Types],
        _ => return None,
    })
}

/// Types of one class that are no more than their fields.
fn plain_of_class(kind: RecordType, class: Class) -> Option<&'static [Field]> {
    use Field::U16;
    Some(match (kind, class) {
        (RecordType::A, Class::IN | Class::HS) => &[Field::V4],
        (RecordType::AAAA, Class::IN) => &[Field::Aaaa],
        (RecordType::KX, Class::IN) => &[U16, Field::Name],
        (RecordType::PX, Class::IN) => &[U16, Field::Name, Field::Name],
        (RecordType::SRV, Class::IN) => &[U16, U16, U16, Field::Name],
        (RecordType::NSAP_PTR, Class::IN) => &[Field::Name],
        _ => return None,
    })
}

fn special(text: &mut Text<'_>, kind: RecordType, class: Class) -> Outcome {
    match kind {
        RecordType::SOA => odd::soa(text),
        RecordType::NAPTR => odd::naptr(text),
        RecordType::X25 => odd::x25(text),
        RecordType::LOC => odd::loc(text),
        RecordType::CERT => odd::cert(text),
        RecordType::SSHFP => odd::sshfp(text),
        RecordType::IPSECKEY => odd::ipseckey(text),
        RecordType::HIP => odd::hip(text),
        RecordType::OPENPGPKEY => odd::openpgpkey(text),
        RecordType::ZONEMD => odd::zonemd(text),
        RecordType::CAA => odd::caa(text),
        RecordType::DOA => odd::doa(text),
        RecordType::AMTRELAY => odd::amtrelay(text),
        RecordType::DSYNC => odd::dsync(text),
        RecordType::HHIT | RecordType::BRID => odd::drip(text),
        RecordType::DS | RecordType::CDS | RecordType::DLV | RecordType::TA => keys::ds(text),
        RecordType::KEY | RecordType::DNSKEY | RecordType::CDNSKEY | RecordType::RKEY => {
            keys::key(text, kind)
        }
        RecordType::SIG => keys::sig(text),
        RecordType::RRSIG => keys::rrsig(text),
        RecordType::TKEY => keys::tkey(text),
        RecordType::NXT => proofs::nxt(text),
        RecordType::NSEC => proofs::nsec(text),
        RecordType::NSEC3 => proofs::nsec3(text),
        RecordType::NSEC3PARAM => proofs::nsec3param(text),
        RecordType::OPT => super::edns::opt(text),
        _ => special_of_class(text, kind, class),
    }
}

fn special_of_class(text: &mut Text<'_>, kind: RecordType, class: Class) -> Outcome {
    match (kind, class) {
        (RecordType::A, Class::CH) => odd::chaos_address(text),
        (RecordType::WKS, Class::IN) => odd::wks(text),
        (RecordType::NSAP, Class::IN) => odd::nsap(text),
        (RecordType::EID | RecordType::NIMLOC, Class::IN) => odd::nimrod(text),
        (RecordType::ATMA, Class::IN) => odd::atma(text),
        (RecordType::A6, Class::IN) => odd::a6(text),
        (RecordType::APL, Class::IN) => odd::apl(text),
        (RecordType::DHCID, Class::IN) => odd::dhcid(text),
        (RecordType::SVCB | RecordType::HTTPS, Class::IN) => svcb::svcb(text),
        (RecordType::TSIG, Class::ANY) => keys::tsig(text),
        _ => Err(Unfit::Unknown),
    }
}

pub(super) fn write_fields(text: &mut Text<'_>, fields: &[Field]) -> Outcome {
    for (number, field) in fields.iter().enumerate() {
        let parts_itself =
            matches!(field, Field::Hex | Field::MayBase64 | Field::MayText | Field::Types);
        if number > 0 && !parts_itself {
            text.blank();
        }
        write_field(text, *field)?;
    }
    Ok(())
}

fn write_field(text: &mut Text<'_>, field: Field) -> Outcome {
    match field {
        Field::U8 => text.u8().map(|number| text.put(number)),
        Field::U16 => text.u16().map(|number| text.put(number)),
        Field::U32 => text.u32().map(|number| text.put(number)),
        Field::Name => text.name().map(|name| text.put(name)),
        Field::Text => text.string().map(|string| text.put(escape::quoted(string))),
        Field::MayText | Field::MayBase64 if text.left() == 0 => Ok(()),
        Field::MayText => {
            text.blank();
            write_field(text, Field::Text)
        }
        Field::Texts => texts(text),
        Field::LongText => Ok(text.rest()).map(|string| text.put(escape::quoted(string))),
        Field::V4 => v4(text),
        Field::Aaaa if text.flags.expand_aaaa => groups(text, 8, 4),
        Field::Aaaa => v6(text),
        Field::Locator => groups(text, 4, 0),
        Field::Eui(length) => eui(text, length),
        Field::Hex => text.some_rest().map(|octets| text.hex_box(octets)),
        Field::MayBase64 => Ok(text.rest()).map(|octets| text.base64_box(octets)),
        Field::Types => proofs::types(text),
    }
}

fn texts(text: &mut Text<'_>) -> Outcome {
    write_field(text, Field::Text)?;
    while text.left() > 0 {
        text.blank();
        write_field(text, Field::Text)?;
    }
    Ok(())
}

pub(super) fn v4(text: &mut Text<'_>) -> Outcome {
    let address = Ipv4Addr::from(text.array::<4>()?);
    text.put(address);
    Ok(())
}

pub(super) fn v6(text: &mut Text<'_>) -> Outcome {
    let address = v6_text(text.array()?);
    put_v6(text, &address);
    Ok(())
}

/// An address that ends in `::` would end in the mark of a YAML key: a zero follows it there.
pub(super) fn put_v6(text: &mut Text<'_>, address: &str) {
    text.put(address);
    if text.flags.yaml && address.ends_with(':') {
        text.put('0');
    }
}

/// As `inet_ntop(3)` writes it: one compatible with IPv4 has the dots of one (RFC 4291 §2.2).
pub(super) fn v6_text(octets: [u8; 16]) -> String {
    match octets {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] if (a, b) != (0, 0) => {
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => Ipv6Addr::from(octets).to_string(),
    }
}

fn groups(text: &mut Text<'_>, count: usize, width: usize) -> Outcome {
    for number in 0..count {
        let group = text.u16()?;
        text.put(if number > 0 { ":" } else { "" });
        text.put(format_args!("{group:0width$x}"));
    }
    Ok(())
}

fn eui(text: &mut Text<'_>, length: usize) -> Outcome {
    for number in 0..length {
        let octet = text.u8()?;
        text.put(if number > 0 { "-" } else { "" });
        text.put(format_args!("{octet:02x}"));
    }
    Ok(())
}
