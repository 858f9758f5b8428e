//! Zones as they are transferred: whole (RFC 5936) or as differences (RFC 1995).

use wireline_dns::{Rcode, RecordType};

use crate::answer::Server;
use crate::message::Query;
use crate::tsig::{Signer, Verdict, verify};
use crate::zone::{Record, Zone};

/// Records of one message.
const AT_ONCE: usize = 100;

/// The messages of a transfer.
pub(crate) fn messages(server: &Server, query: &Query) -> Vec<Vec<u8>> {
    let verdict = verify(&query.octets, &server.orders.keys);
    let mut signer = match verdict {
        Verdict::Signed(signer) if signer.error() == Rcode::NOERROR => Some(signer),
        Verdict::Signed(signer) => return vec![refusal(query, Rcode::NOTAUTH, Some(signer))],
        Verdict::Unsigned if server.orders.keys.is_empty() => None,
        Verdict::Unsigned => return vec![refusal(query, Rcode::REFUSED, None)],
    };
    let past = server.past(&query.name);
    let Some(records) = records(&past, query) else {
        return vec![refusal(query, Rcode::NOTAUTH, signer)];
    };
    let mut messages = Vec::new();
    for (number, records) in records.chunks(AT_ONCE).enumerate() {
        let mut reply = query.reply();
        if number > 0 {
            // RFC 5936 §2.2.1 lets later messages have none.
            reply.question.clear();
            reply.opt = None;
        }
        reply.sections[0] = records.to_vec();
        let mut octets = reply.octets();
        if let Some(signer) = &mut signer {
            signer.sign(&mut octets);
        }
        messages.push(octets);
    }
    messages
}

/// A signed answer to a signed query that is not a transfer's; others are as they are.
pub(crate) fn signed(server: &Server, query: &Query, mut octets: Vec<u8>) -> Vec<u8> {
    match verify(&query.octets, &server.orders.keys) {
        Verdict::Unsigned => octets,
        Verdict::Signed(signer) if signer.error() != Rcode::NOERROR => {
            refusal(query, Rcode::NOTAUTH, Some(signer))
        }
        Verdict::Signed(mut signer) => {
            signer.sign(&mut octets);
            octets
        }
    }
}

fn refusal(query: &Query, rcode: Rcode, signer: Option<Signer>) -> Vec<u8> {
    let mut reply = query.reply();
    reply.rcode = rcode.0;
    let mut octets = reply.octets();
    if let Some(mut signer) = signer {
        signer.sign(&mut octets);
    }
    octets
}

fn records(past: &[&Zone], query: &Query) -> Option<Vec<Record>> {
    let zone = past.last()?;
    let soa = zone.soa()?;
    if query.kind == RecordType::IXFR {
        let serial = query.serial?;
        if serial >= zone.serial() {
            return Some(vec![soa.clone()]);
        }
        if let Some(from) = past.iter().position(|zone| zone.serial() == serial) {
            return Some(differences(past.get(from..)?, soa));
        }
    }
    let mut records = vec![soa.clone()];
    records.extend(zone.records.iter().filter(|record| *record != soa).cloned());
    records.push(soa.clone());
    Some(records)
}

/// From each version to the next: what goes behind the old SOA, what comes behind the new one.
fn differences(past: &[&Zone], newest: &Record) -> Vec<Record> {
    let mut records = vec![newest.clone()];
    for step in past.windows(2) {
        for (zone, other) in [(step[0], step[1]), (step[1], step[0])] {
            records.extend(zone.soa().cloned());
            let is_only_here = |record: &&Record| {
                record.kind != RecordType::SOA && !other.records.contains(record)
            };
            records.extend(zone.records.iter().filter(is_only_here).cloned());
        }
    }
    records.push(newest.clone());
    records
}
