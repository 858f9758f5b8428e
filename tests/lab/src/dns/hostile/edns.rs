//! Servers that treat EDNS as they please.

use wireline_dns::{Header, Rcode};

use super::good;
use crate::answer::server_cookie;
use crate::message::{Query, Reply, opt, option};

/// What is sent for a word; `None` where the word is not one of these.
pub(super) fn octets(query: &Query, word: &str, number: u64) -> Option<Vec<u8>> {
    let edns = query.edns.as_ref();
    let plain = Reply { opt: None, ..good(query) };
    let failed = |rcode: u16| Reply { rcode, ..Reply { opt: None, ..query.reply() } };
    let with = |options: &[(u16, &[u8])]| {
        let options = options.iter().map(|(code, data)| (*code, data.to_vec())).collect();
        Reply { opt: Some(options), ..good(query) }.octets()
    };
    Some(match word {
        "ednsformerr" if edns.is_some() => failed(Rcode::FORMERR.0).octets(),
        "ednsnotimp" if edns.is_some() => failed(Rcode::NOTIMP.0).octets(),
        "ednsservfail" if edns.is_some() => failed(Rcode::SERVFAIL.0).octets(),
        "ednsformerr" | "ednsnotimp" | "ednsservfail" | "ednsignore" => plain.octets(),
        "formerr" => header_only(query, 1),
        "rcode" => {
            let rcode = u16::try_from(number).ok()?;
            let opt = if rcode > 15 { Some(Vec::new()) } else { query.reply().opt };
            Reply { rcode, opt, ..query.reply() }.octets()
        }
        "badvers" if edns.is_none_or(|edns| edns.version == 0) => {
            Reply { rcode: 16, opt: Some(Vec::new()), ..query.reply() }.octets()
        }
        "badversdown" if edns.is_some_and(|edns| edns.version > 0) => {
            Reply { rcode: 16, opt: Some(Vec::new()), ..query.reply() }.octets()
        }
        "badcookie" => bad_cookie(query, false),
        "badcookiealways" => bad_cookie(query, true),
        "cookiewrong" => with(&[(10, b"otherclient-server-cookie")]),
        "cookieshort" => with(&[(10, b"seven77")]),
        "cookie41" => with(&[(10, &[7; 41])]),
        "nsidesc" => with(&[(3, b"\x1b[31mred\x9b\x07\"\\")]),
        "ede" => with(&[(15, b"\0\x12blocked here")]),
        "edeesc" => with(&[(15, b"\0\x06\x1b]0;t\x07\xe2\x80\xae\xff")]),
        "ede2" => with(&[(15, b"\0\x06"), (15, b"\0\x07expired"), (15, b"\xff\xff")]),
        "edeshort" => with(&[(15, b"\0")]),
        "ecsbad" => with(&[(8, b"\0\x09\x20\x20\x01")]),
        "ecsodd" => with(&[(8, b"\0\x01\xff\x00\x01\x02\x03\x04\x05")]),
        "keepalive" => with(&[(11, b"\x00\x64")]),
        "expire" => with(&[(9, b"\0\x12\x75\0")]),
        "unknownoption" => with(&[(65001, b"\x1b[2Jhi"), (4660, b"")]),
        "padding" => with(&[(12, &[0; 100])]),
        "everyoption" => {
            let options: Vec<_> = (0..30).map(|code| (code, &b"\x01\x02\x03\x04"[..])).collect();
            with(&options)
        }
        "twoopt" => two(query, &opt(0, &[]), 2),
        "optowner" => {
            let mut opt = opt(0, &[]);
            opt.splice(..1, *b"\x03bad\x00");
            two(query, &opt, 1)
        }
        "optversion" => {
            let mut opt = opt(0, &[]);
            opt[6] = 255;
            two(query, &opt, 1)
        }
        "optlong" => {
            let mut opt = opt(0, &[(3, b"abcd".to_vec())]);
            opt[14] = 200;
            two(query, &opt, 1)
        }
        "optflags" => {
            let mut opt = opt(0, &[]);
            opt[7..9].copy_from_slice(&[0xff, 0xff]);
            two(query, &opt, 1)
        }
        "optinanswer" => {
            let mut octets = plain.octets();
            octets[7] += 1;
            octets.extend(opt(0, &[]));
            octets
        }
        "optmany" => {
            let data: Vec<u8> = (0..5000).flat_map(|_| option(15, b"\0\x01x")).collect();
            let mut opt = opt(0, &[]);
            opt.splice(9.., u16::try_from(data.len()).ok()?.to_be_bytes());
            two(query, &[opt, data].concat(), 1)
        }
        _ => return None,
    })
}

fn header_only(query: &Query, rcode: u8) -> Vec<u8> {
    let mut octets = query.header.id.to_be_bytes().to_vec();
    octets.extend([0x84, rcode, 0, 0, 0, 0, 0, 0, 0, 0]);
    octets
}

/// The good answer with these octets behind it that count as records in the additional section.
fn two(query: &Query, more: &[u8], count: u8) -> Vec<u8> {
    let mut octets = Reply { opt: None, ..good(query) }.octets();
    octets[11] += count;
    if count == 2 {
        octets.extend(opt(0, &[]));
    }
    octets.extend(more);
    octets
}

/// BADCOOKIE until the server's own cookie comes back (RFC 7873 §5.2.3), or for ever.
fn bad_cookie(query: &Query, always: bool) -> Vec<u8> {
    let cookie = query.edns.as_ref().and_then(|edns| edns.option(10)).unwrap_or_default();
    let Some(client) = cookie.first_chunk::<8>() else { return good(query).octets() };
    let server = server_cookie(*client);
    let opt = Some(vec![(10, server.clone())]);
    if cookie == server && !always {
        return Reply { opt, ..good(query) }.octets();
    }
    let flags = query.reply().flags & !Header::AA;
    Reply { flags, rcode: Rcode::BADCOOKIE.0, opt, ..query.reply() }.octets()
}
