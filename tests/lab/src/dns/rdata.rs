//! Data of records, from text to octets. The types that zones of tests are made of have their own form;
//! all others are written `\# n hex` (RFC 3597 §5).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use wireline_dns::{Name, RecordType};

/// The octets of data that is written in `words`.
pub(crate) fn of(kind: RecordType, words: &[String], origin: &Name) -> Result<Vec<u8>, String> {
    let text = |at: usize| words.get(at).map(String::as_str).ok_or("too few words");
    let name = |at: usize| -> Result<Vec<u8>, String> {
        let name = Name::parse(text(at)?.as_bytes(), origin).map_err(|why| why.to_string())?;
        Ok(name.octets().to_vec())
    };
    let u16_at = |at: usize| number::<u16>(text(at)?).map(u16::to_be_bytes);
    if words.first().is_some_and(|word| word == "\\#") {
        return hex(&words.get(2..).unwrap_or_default().concat());
    }
    Ok(match kind {
        RecordType::A => number::<Ipv4Addr>(text(0)?)?.octets().to_vec(),
        RecordType::AAAA => number::<Ipv6Addr>(text(0)?)?.octets().to_vec(),
        RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME => name(0)?,
        RecordType::MX => [u16_at(0)?.to_vec(), name(1)?].concat(),
        RecordType::SRV => {
            [u16_at(0)?.to_vec(), u16_at(1)?.to_vec(), u16_at(2)?.to_vec(), name(3)?].concat()
        }
        RecordType::SOA => {
            let mut octets = [name(0)?, name(1)?].concat();
            for at in 2..7 {
                octets.extend(number::<u32>(text(at)?)?.to_be_bytes());
            }
            octets
        }
        RecordType::TXT | RecordType::SPF | RecordType::HINFO => {
            let strings: Result<Vec<_>, _> = words.iter().map(|word| string(word)).collect();
            strings?.concat()
        }
        other => return Err(format!("{other}: only in the form \\# n hex")),
    })
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text}: no such value"))
}

/// A `<character-string>` (RFC 1035 §5.1).
fn string(word: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = word.bytes();
    while let Some(octet) = rest.next() {
        match octet {
            b'\\' => match rest.next().ok_or("\\ at the end")? {
                digit @ b'0'..=b'9' => {
                    let digits: Vec<u8> =
                        [Some(digit), rest.next(), rest.next()].into_iter().flatten().collect();
                    octets.push(number(&String::from_utf8_lossy(&digits))?);
                }
                other => octets.push(other),
            },
            other => octets.push(other),
        }
    }
    let length = u8::try_from(octets.len()).map_err(|_| "more than 255 octets")?;
    octets.insert(0, length);
    Ok(octets)
}

/// Octets of digits in pairs.
pub(crate) fn hex(digits: &str) -> Result<Vec<u8>, String> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).map_err(|why| why.to_string())?;
        u8::from_str_radix(pair, 16).map_err(|why| why.to_string())
    });
    pairs.collect()
}
