//! Data of records that is odd, and answers of very many records.

use wireline_dns::{Name, RecordType};

use super::{answers, here, soa};
use crate::message::{Query, Reply};
use crate::zone::Record;

/// The reply for a word; `None` where the word is not one of these.
pub(super) fn reply(query: &Query, word: &str, number: u64) -> Option<Reply> {
    if let Some((kind, data)) = odd(word) {
        return Some(answers(query, [here(query, kind, data)]));
    }
    let text = |data: &[u8]| here(query, RecordType::TXT, data.to_vec());
    Some(match word {
        "esc" => answers(query, ESCAPES.map(|data| text(&strings(data)))),
        "octets" => {
            let all: Vec<u8> = (0..=255).flat_map(|octet| [1, octet]).collect();
            answers(query, [text(&all)])
        }
        "escname" => answers(
            query,
            [here(query, RecordType::CNAME, b"\x04\x1b[2J\x05\x9b1m.\x07\x03\"\\$\0".to_vec())],
        ),
        "nodata" | "nxdomain" => {
            let mut reply = query.reply();
            reply.rcode = if word == "nodata" { 0 } else { 3 };
            reply.sections[1] = vec![soa(query)];
            reply
        }
        "cname" => chain(query, number),
        "loop" => chain_of(query, &["x", "y"].map(|label| below(query, label))),
        "names" => names(query, number),
        "txt" => {
            let data = vec![b'x'; usize::try_from(number).ok()?];
            let strings: Vec<u8> = data.chunks(255).flat_map(strings).collect();
            answers(query, [text(&strings)])
        }
        "manytxt" => answers(query, vec![text(b"\x01a"); usize::try_from(number).ok()?]),
        "fwdcname" => {
            answers(query, [here(query, RecordType::CNAME, b"\x03www\x07example\0".to_vec())])
        }
        "ttl" => {
            let record = Record { ttl: u32::try_from(number).ok()?, ..text(b"\x03ttl") };
            answers(query, [record])
        }
        _ => return None,
    })
}

/// What a terminal would obey, and what would end a word or a string.
const ESCAPES: [&[u8]; 6] = [
    b"\x1b[31mred\x1b]0;title\x07",
    b"\x9b31mC1",
    "\u{202e}bidi\u{2066}".as_bytes(),
    b"quote\" back\\slash ;semi",
    b"line\nfeed\rreturn\ttab\0nul",
    b"\x7f\xff",
];

fn strings(data: &[u8]) -> Vec<u8> {
    [&[u8::try_from(data.len()).unwrap_or(u8::MAX)], data].concat()
}

/// One record whose data is not what its type has.
fn odd(word: &str) -> Option<(RecordType, Vec<u8>)> {
    let (kind, data): (_, &[u8]) = match word {
        "a5" => (RecordType::A, b"\x01\x02\x03\x04\x05"),
        "a0" => (RecordType::A, b""),
        "aaaa15" => (RecordType::AAAA, &[1; 15]),
        "txt0" => (RecordType::TXT, b""),
        "txtlong" => (RecordType::TXT, b"\x09abc"),
        "mx1" => (RecordType::MX, b"\x01"),
        "soashort" => (RecordType::SOA, b"\0\0\0\0\0\x01"),
        "nsptr" => (RecordType::NS, b"\xc0\xff"),
        "svcbunsorted" => (RecordType::SVCB, b"\0\x01\0\0\x03\0\x02\0\x35\0\x01\0\x03\x02h2"),
        "svcbdup" => (RecordType::SVCB, b"\0\x01\0\0\x03\0\x02\0\x35\0\x03\0\x02\0\x35"),
        "svcbmandatory" => (RecordType::SVCB, b"\0\x01\0\0\0\0\x02\0\x03"),
        "svcbcut" => (RecordType::SVCB, b"\0\x01\0\0\x01\0\xff\x02h2"),
        "svcbesc" => (RecordType::SVCB, b"\0\x01\0\0\x01\0\x06\x05\x1b,\\\"\x9b"),
        "loc" => {
            (RecordType::LOC, b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
        }
        "locversion" => (RecordType::LOC, b"\x07abc"),
        "apl" => (RecordType::APL, b"\0\x01\xff\x84\x01\x02\x03"),
        "aplfamily" => (RecordType::APL, b"\0\x63\x08\x01\x0a"),
        "caa" => (RecordType::CAA, b"\0\xff\x1b"),
        "caaesc" => (RecordType::CAA, b"\x80\x05iss\x1be\x1b[m\"\\;"),
        "uri" => (RecordType::URI, b"\0\x01\0\x02"),
        "uriesc" => (RecordType::URI, b"\0\x01\0\x02\x1b[2J\"\x9b"),
        "nsecempty" => (RecordType::NSEC, b"\0"),
        "nsec255" => (RecordType::NSEC, b"\0\xff\x01\x80"),
        "nseclen0" => (RecordType::NSEC, b"\0\0\0"),
        "nseclen33" => (RecordType::NSEC, &[&[0, 0, 33][..], &[1; 33]].concat()),
        "nsecunsorted" => (RecordType::NSEC, b"\0\x01\x01\x40\0\x01\x40"),
        "nsec3long" => (RecordType::NSEC3, b"\x01\0\xff\xff\xff"),
        "dskey" => (RecordType::DNSKEY, b"\x01\x01\x03"),
        "rrsigshort" => (RecordType::RRSIG, b"\0\x01\x0d\x02"),
        "ipseckey" => (RecordType::IPSECKEY, b"\x0a\x09\x02abc"),
        "hip" => (RecordType::HIP, b"\xff\x02\xff\xff"),
        "naptr" => (RecordType::NAPTR, b"\0\x01\0\x02\x05a"),
        "amtrelay" => (RecordType::AMTRELAY, b"\x0a\x04"),
        "unknown" => (RecordType(65280), b"\x0a\0\0\x01"),
        _ => return None,
    };
    Some((kind, data.to_vec()))
}

fn below(query: &Query, label: &str) -> Name {
    let origin = query.name.parent().unwrap_or_else(Name::root);
    origin.child(label.as_bytes()).unwrap_or(origin)
}

/// `cname-N` is an alias of `cname-(N-1)`, down to an address.
fn chain(query: &Query, number: u64) -> Reply {
    let names: Vec<_> = (0..number).rev().map(|n| below(query, &format!("cname-{n}"))).collect();
    let mut reply = chain_of(query, &names);
    let owner = names.last().unwrap_or(&query.name).clone();
    reply.sections[0].push(Record { owner, ..super::a(query, [192, 0, 2, 66]) });
    reply
}

/// An alias of the first name, that one of the second, and the last of the first again if there are two.
fn chain_of(query: &Query, names: &[Name]) -> Reply {
    let mut owner = query.name.clone();
    let mut reply = query.reply();
    for name in names {
        let alias = here(query, RecordType::CNAME, name.octets().to_vec());
        reply.sections[0].push(Record { owner, ..alias });
        owner = name.clone();
    }
    if let [first, second] = names {
        let alias = here(query, RecordType::CNAME, first.octets().to_vec());
        reply.sections[0].push(Record { owner: second.clone(), ..alias });
    }
    reply
}

/// So many NS records, each with a name of its own that is as short as can be.
fn names(query: &Query, count: u64) -> Reply {
    let record = |number: u64| {
        let label = format!("{number:x}");
        let name = Name::root().child(label.as_bytes()).unwrap_or_else(Name::root);
        let rdata = name.octets().to_vec();
        here(query, RecordType::NS, rdata)
    };
    answers(query, (0..count).map(record).collect::<Vec<_>>())
}
