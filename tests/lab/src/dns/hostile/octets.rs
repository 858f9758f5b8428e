//! Messages that cannot be read, or not to their end.

use wireline_dns::Header;

use super::good;
use crate::message::{Query, Reply};

/// An A record behind an owner.
const A: &[u8] = b"\0\x01\0\x01\0\0\0\0\0\x04\x01\x02\x03\x04";

/// What is sent for a word; `None` where the word is not one of these.
pub(super) fn octets(query: &Query, word: &str, number: u64) -> Option<Vec<u8>> {
    let id = query.header.id.to_be_bytes();
    // One question, one answer: the answer is `record`.
    let answer =
        |record: &[u8]| [&id[..], b"\x84\0\0\x01\0\x01\0\0\0\0", &query.question, record].concat();
    let owner = |owner: &[u8]| answer(&[owner, A].concat());
    let after = u8::try_from(Header::SIZE + query.question.len()).ok()?;
    Some(match word {
        "garbage" => [&id[..], b"\x84\0", &[0xff; 40]].concat(),
        "short" => [&id[..], b"\x84"].concat(),
        "empty" => Vec::new(),
        "trail" => [&good(query).octets()[..], b"trailing junk"].concat(),
        "counts" => [&id[..], b"\x84\0\xff\xff\xff\xff\xff\xff\xff\xff"].concat(),
        "claims" => {
            [&id[..], b"\x84\0\0\x01\0\x05\0\0\0\0", &query.question, b"\xc0\x0c", A].concat()
        }
        "ptrloop" => owner(&[0xc0, after]),
        "ptrforward" => owner(&[0xc0, after + 20]),
        "ptrcycle" => {
            // Two records' owners that point to each other.
            let second = after + 2 + 14;
            let mut octets = owner(&[0xc0, second]);
            octets[7] = 2;
            octets.extend([0xc0, after]);
            octets.extend(A);
            octets
        }
        // The flags: an ID is another each time.
        "ptrheader" => owner(&[0xc0, 2]),
        "ptrpast" => owner(&[0xff, 0xff]),
        "ptrchain" => chain(query, u8::try_from(number).ok()?),
        "name255" => owner(&long(61)),
        "name256" => owner(&long(62)),
        "label40" => owner(b"\x40ab\0"),
        "label80" => owner(b"\x80ab\0"),
        "nuls" => owner(&[&[63][..], &[0; 63], &[0]].concat()),
        "rdlen" => answer(b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x40\x01\x02\x03\x04"),
        "noquestion" => [&id[..], b"\x84\0\0\0\0\x01\0\0\0\0\0", A].concat(),
        "unquestioned" => Reply { question: Vec::new(), ..good(query) }.octets(),
        "twoquestions" => {
            let mut octets = Reply { opt: None, ..query.reply() }.octets();
            octets[5] = 2;
            octets.extend(b"\x05other\0\0\x01\0\x01");
            octets
        }
        "caseflip" => {
            let mut reply = good(query);
            let name = reply.question.len().saturating_sub(4);
            for octet in reply.question.iter_mut().take(name).filter(|o| o.is_ascii_alphabetic()) {
                *octet ^= 0x20;
            }
            reply.octets()
        }
        "update" => Reply { flags: 0xac00, ..good(query) }.octets(),
        "flags" => Reply { flags: u16::try_from(number).ok()?, ..good(query) }.octets(),
        _ => return None,
    })
}

/// A name of so many octets more than 194: labels of 63, 63, 63 and the rest.
fn long(rest: u8) -> Vec<u8> {
    let label = [&[63][..], &[b'a'; 63]].concat();
    let last = [&[rest][..], &vec![b'b'; usize::from(rest)], &[0]].concat();
    [&label[..], &label, &label, &last].concat()
}

/// So many owners, each a pointer to the one before it, which is one too.
fn chain(query: &Query, count: u8) -> Vec<u8> {
    let mut octets = query.header.id.to_be_bytes().to_vec();
    octets.extend([0x84, 0, 0, 1, 0, count, 0, 0, 0, 0]);
    octets.extend(&query.question);
    let mut last = 12_u16;
    for _ in 0..count {
        let here = u16::try_from(octets.len()).unwrap_or(u16::MAX);
        octets.extend((0xc000 | last).to_be_bytes());
        octets.extend(A);
        last = here;
    }
    octets
}
