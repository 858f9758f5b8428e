//! What the first label orders, below a server's hostile name. A word may have numbers, cut off by `-`.
//!
//! | Word | What is done |
//! | --- | --- |
//! | `ok` and whatever is not known | one A: 192.0.2.66 |
//! | `slow-MS` `late-MS` `drop` `dropN-K` | an answer later, or none; the first N of the name are dropped |
//! | `wrongid` `wrongq` `wrongaddr` `qr0` `opcode-N` `dup` `forged` | strangers, then 50 ms later the answer |
//! | `onlywrongid` `onlywrongq` `onlywrongaddr` `onlyqr0` | no answer after it |
//! | `tc` `tconly` `tcpartial` `half` `hang` `dribble-MS` `tcp0` `tcp65535` `rst` `wrongtcpid` | TC over UDP, then so over TCP |
//! | `rcode-N` `nodata` `flags-HEX` `update` `noquestion` `caseflip` `twoquestions` | odd headers and questions |
//! | `formerr` `ednsdrop` `ednsformerr` `ednsnotimp` `ednsignore` `badvers` `badcookie` `cookiewrong` … | see [`edns`] |
//! | `garbage` `short` `empty` `ptrloop` … | messages that cannot be read, see [`octets`] |
//! | `a5` `txt0` `esc` `svcbdup` … | data that is odd, see [`data`] |
//! | `cname-N` `loop` `names-N` `txt-N` | many records |
//! | `axfr…` of type AXFR | transfers that are odd, see [`steps`] |
//! | what is canned | that |

#[path = "hostile/data.rs"]
mod data;
#[path = "hostile/edns.rs"]
mod edns;
#[path = "hostile/octets.rs"]
mod octets;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use wireline_dns::{Class, Header, Name, RecordType};

use crate::answer::Server;
use crate::message::{Query, Reply};
use crate::zone::Record;

/// One thing that is done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Nothing, for so long.
    Wait(Duration),
    /// A message.
    Send(Vec<u8>),
    /// A message from another port.
    FromElsewhere(Vec<u8>),
    /// Octets, without a length before them.
    Raw(Vec<u8>),
    /// A message, octet by octet, with a pause after each.
    Dribble(Vec<u8>, Duration),
    /// A message so many times.
    Again(Vec<u8>, u64),
    /// The connection's end.
    Close,
    /// Its end by a reset.
    Reset,
    /// Nothing more, and the connection stays.
    Hang,
}

/// How often a name was asked for.
static COUNTS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// What is done about a query.
pub(crate) fn steps(server: &Server, query: &Query, tcp: bool) -> Vec<Step> {
    let order = query.order();
    if let Some(octets) = server.orders.canned.get(&order) {
        return vec![send([&query.header.id.to_be_bytes()[..], octets].concat())];
    }
    if [RecordType::AXFR, RecordType::IXFR].contains(&query.kind) {
        return transfer(query, &order);
    }
    let (word, number) = parts(&order);
    if let Some(steps) = strange(query, word, number) {
        return steps;
    }
    if let Some(steps) = connection(query, word, number, tcp) {
        return steps;
    }
    let octets = edns::octets(query, word, number)
        .or_else(|| octets::octets(query, word, number))
        .or_else(|| data::reply(query, word, number).map(|reply| cut(&reply, query, tcp)));
    vec![send(octets.unwrap_or_else(|| good(query).octets()))]
}

fn cut(reply: &Reply, query: &Query, tcp: bool) -> Vec<u8> {
    if tcp { reply.octets() } else { reply.datagram(query) }
}

/// A word and the number behind its last `-`.
fn parts(order: &str) -> (&str, u64) {
    let numbered = order.rsplit_once('-').map(|(word, number)| (word, number.parse()));
    match numbered {
        Some((word, Ok(number))) => (word, number),
        _ => (order, 0),
    }
}

/// Answers that are late, lost, or not the first that come.
fn strange(query: &Query, word: &str, number: u64) -> Option<Vec<Step>> {
    let answer = send(good(query).octets());
    let then = |first: Step| vec![first, Step::Wait(Duration::from_millis(50)), answer.clone()];
    let stranger = |word: &str| -> Option<Step> {
        let octets = good(query).octets();
        Some(match word {
            "wrongid" => {
                send([&(query.header.id ^ 0x55).to_be_bytes()[..], octets.get(2..)?].concat())
            }
            "wrongq" => send(other_question(query).octets()),
            "wrongaddr" => Step::FromElsewhere(octets),
            "qr0" => send(Reply { flags: Header::AA, ..good(query) }.octets()),
            "opcode" => send(Reply { flags: Header::QR | 0x7800, ..good(query) }.octets()),
            "forged" => send(answers(query, [a(query, [192, 0, 2, 99])]).octets()),
            "dup" => answer.clone(),
            _ => return None,
        })
    };
    if let Some(only) = word.strip_prefix("only").and_then(stranger) {
        return Some(vec![only]);
    }
    Some(match word {
        "slow" | "late" => vec![Step::Wait(Duration::from_millis(number)), answer.clone()],
        "drop" => Vec::new(),
        "ednsdrop" if query.edns.is_some() => Vec::new(),
        _ if word.starts_with("drop") => {
            let most: u64 = word.get(4..)?.parse().ok()?;
            let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(query.order()).or_default();
            *count += 1;
            if *count > most { vec![answer.clone()] } else { Vec::new() }
        }
        _ => then(stranger(word)?),
    })
}

/// What is cut short over UDP, and what there is over TCP then.
fn connection(query: &Query, word: &str, number: u64, tcp: bool) -> Option<Vec<Step>> {
    let octets = good(query).octets();
    let half =
        [&u16::try_from(octets.len()).ok()?.to_be_bytes()[..], octets.get(..octets.len() / 2)?];
    let over_tcp = match word {
        "tc" | "tcpartial" => vec![send(octets)],
        "tconly" => vec![Step::Close],
        "half" => vec![Step::Raw(half.concat()), Step::Close],
        "hang" => vec![Step::Hang],
        "dribble" => vec![Step::Dribble(octets, Duration::from_millis(number))],
        "tcp0" => vec![Step::Raw(vec![0, 0]), Step::Close],
        "tcp65535" => vec![Step::Raw([&[0xff; 2], &octets[..10]].concat()), Step::Close],
        "rst" => vec![Step::Reset],
        "wrongtcpid" => {
            let id = (query.header.id ^ 0x55).to_be_bytes();
            vec![send([&id[..], octets.get(2..)?].concat()), Step::Close]
        }
        _ => return None,
    };
    let flags = query.reply().flags | Header::TC;
    let cut = match word {
        "tcpartial" => Reply { flags, ..good(query) },
        _ => Reply { flags, ..query.reply() },
    };
    Some(if tcp { over_tcp } else { vec![send(cut.octets())] })
}

/// Transfers: `axfr-endless` (a hundred million messages), `axfr-records-N`, `axfr-nosoa` (closed before the
/// end), `axfr-hang`, `axfr-badid`, `axfr-empty`, `axfr-servfail-later`, `axfr-zerolength` (with an empty record
/// data), `axfr-notsoa` (begins with something else).
fn transfer(query: &Query, order: &str) -> Vec<Step> {
    let soa = soa(query);
    let message = |records: Vec<Record>| answers(query, records).octets();
    let hosts = |count: u64| -> Vec<Record> {
        (0..count).map(|number| a(query, [10, 0, 0, number.to_be_bytes()[7]])).collect()
    };
    let begin = send(message(vec![soa.clone()]));
    let end = begin.clone();
    let (word, number) = parts(order);
    match word {
        "axfr-endless" => vec![begin, Step::Again(message(hosts(100)), 100_000_000)],
        "axfr-records" => vec![begin, Step::Again(message(hosts(1000)), number / 1000), end],
        "axfr-nosoa" => vec![begin, send(message(hosts(3))), Step::Close],
        "axfr-hang" => vec![begin, send(message(hosts(3))), Step::Hang],
        "axfr-badid" => {
            let mut octets = message(hosts(3));
            octets.splice(..2, (query.header.id ^ 0x55).to_be_bytes());
            vec![begin, send(octets), end]
        }
        "axfr-empty" => vec![begin, send(message(Vec::new())), end],
        "axfr-servfail-later" => {
            let failed = Reply { rcode: 2, ..answers(query, []) };
            vec![begin, send(message(hosts(3))), send(failed.octets())]
        }
        "axfr-zerolength" => {
            let empty = Record { kind: RecordType(65281), rdata: Vec::new(), ..soa.clone() };
            vec![send(message(vec![soa.clone(), empty, soa]))]
        }
        "axfr-notsoa" => vec![send(message(hosts(3))), end],
        _ => vec![send(Reply { rcode: 5, ..query.reply() }.octets())],
    }
}

pub(crate) fn send(octets: Vec<u8>) -> Step {
    Step::Send(octets)
}

/// The answer that there would be: an A, or nothing for other types.
pub(crate) fn good(query: &Query) -> Reply {
    match query.kind {
        RecordType::A | RecordType::ANY => answers(query, [a(query, [192, 0, 2, 66])]),
        RecordType::SOA => answers(query, [soa(query)]),
        _ => query.reply(),
    }
}

pub(crate) fn answers(query: &Query, records: impl Into<Vec<Record>>) -> Reply {
    let mut reply = query.reply();
    reply.sections[0] = records.into();
    reply
}

pub(crate) fn a(query: &Query, address: [u8; 4]) -> Record {
    here(query, RecordType::A, address.to_vec())
}

/// A record of the name that was asked for.
pub(crate) fn here(query: &Query, kind: RecordType, rdata: Vec<u8>) -> Record {
    Record { owner: query.name.clone(), kind, class: Class::IN, ttl: 60, rdata }
}

pub(crate) fn soa(query: &Query) -> Record {
    let mut rdata = [Name::root().octets(), Name::root().octets()].concat();
    for number in [1_u32, 3600, 900, 86400, 60] {
        rdata.extend(number.to_be_bytes());
    }
    here(query, RecordType::SOA, rdata)
}

fn other_question(query: &Query) -> Reply {
    Reply { question: b"\x05other\0\0\x01\0\x01".to_vec(), ..good(query) }
}
