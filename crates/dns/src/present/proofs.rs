//! Records that say what there is not: NXT, NSEC, NSEC3.

use data_encoding::{BASE32HEX_NOPAD, HEXUPPER};

use super::rdata::{Outcome, Text, Unfit, ensure, ensure_or};
use crate::RecordType;

/// Bitmaps of types to the end (RFC 4034 §4.1.2), a blank before each window.
pub(super) fn types(text: &mut Text<'_>) -> Outcome {
    windows(text, Text::blank).map_err(Unfit::as_format)
}

fn windows<'m>(text: &mut Text<'m>, part: impl Fn(&mut Text<'m>)) -> Outcome {
    let mut last = None;
    while text.left() > 0 {
        let (number, length) = (text.u8()?, text.u8()?);
        ensure(last.is_none_or(|last| number > last) && (1..=32).contains(&length))?;
        last = Some(number);
        let bits = text.take(usize::from(length))?;
        ensure(bits.last() != Some(&0))?;
        let types = ones(bits).map(|place| RecordType(u16::from(number) << 8 | place).to_string());
        part(text);
        text.put(types.collect::<Vec<_>>().join(" "));
    }
    Ok(())
}

/// Which bits are set, counted from the highest of the first octet.
pub(super) fn ones(bits: &[u8]) -> impl Iterator<Item = u16> {
    bits.iter().zip(0_u16..).flat_map(|(octet, place)| {
        (0..8).filter(move |bit| octet & 0x80 >> bit != 0).map(move |bit| place * 8 + bit)
    })
}

pub(super) fn nsec(text: &mut Text<'_>) -> Outcome {
    let next = text.name()?;
    text.put(next);
    ensure(text.left() > 0)?;
    types(text)
}

pub(super) fn nxt(text: &mut Text<'_>) -> Outcome {
    let next = text.name()?;
    text.put(next);
    let bits = text.rest();
    let is_sound = |first: &u8, last: &u8| first & 0x80 == 0 && bits.len() <= 16 && *last != 0;
    let ends = bits.first().zip(bits.last());
    ensure_or(ends.is_none_or(|(first, last)| is_sound(first, last)), "bad bitmap")?;
    for place in ones(bits) {
        text.blank();
        match RecordType(place).mnemonic() {
            Some(mnemonic) => text.put(mnemonic),
            None => text.put(place),
        }
    }
    Ok(())
}

/// Hash algorithm, flags, iterations and salt, as both NSEC3 and NSEC3PARAM begin.
fn hashing(text: &mut Text<'_>) -> Result<u8, Unfit> {
    let (hash, flags, iterations) = (text.u8()?, text.u8()?, text.u16()?);
    text.put(format_args!("{hash} {flags} {iterations} "));
    match text.string()? {
        [] => text.put('-'),
        salt => text.put(HEXUPPER.encode(salt)),
    }
    Ok(hash)
}

pub(super) fn nsec3param(text: &mut Text<'_>) -> Outcome {
    hashing(text).map_err(Unfit::as_format)?;
    ensure(text.left() == 0)
}

pub(super) fn nsec3(text: &mut Text<'_>) -> Outcome {
    nsec3_fields(text).map_err(Unfit::as_format)
}

fn nsec3_fields(text: &mut Text<'_>) -> Outcome {
    let hash = hashing(text)?;
    let next = text.string()?;
    // RFC 5155 §3.2; SHA-1 is the only one that there is, of another BIND takes up to 39 octets.
    ensure(if hash == 1 { next.len() == 20 } else { (1..=39).contains(&next.len()) })?;
    text.open();
    text.put(BASE32HEX_NOPAD.encode(next));
    windows(text, if text.flags.multiline { Text::newline } else { Text::blank })?;
    text.close();
    Ok(())
}
