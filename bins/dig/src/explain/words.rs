//! Fields of a header, roles of servers and ends of a walk, in words.

use wireline_dns::delegation::{self, Ending, Flaw, Role};
use wireline_dns::{Header, Message, Name, Opcode, Rcode, RecordType};

use super::event::{Asked, Event, Field};

/// What a type is for.
pub(crate) fn meaning(kind: RecordType) -> Option<&'static str> {
    Some(match kind {
        RecordType::A => "IPv4 addresses",
        RecordType::AAAA => "IPv6 addresses",
        RecordType::NS => "the name servers of a zone",
        RecordType::CNAME => "the name that this one is an alias of",
        RecordType::SOA => "the zone's serial and times",
        RecordType::PTR => "the name of an address",
        RecordType::MX => "where mail for the domain goes",
        RecordType::TXT => "text, often for machines",
        RecordType::SRV => "host and port of a service",
        RecordType::CAA => "who may issue certificates",
        RecordType::DS => "digests of the keys of a zone, kept in the zone above",
        RecordType::DNSKEY => "the keys that sign the zone",
        RecordType::HTTPS | RecordType::SVCB => "how to reach a service",
        RecordType::TLSA => "the certificate of a service",
        RecordType::ANY => "whatever the server wants to tell",
        _ => return None,
    })
}

/// The fields of a header, each with what its value means (RFC 1035 §4.1.1, RFC 4035 §3).
pub(crate) fn header(message: &Message<'_>) -> Vec<Field> {
    let of = message.header;
    let bit = |name, bit, set, clear| {
        let is_set = of.has(bit);
        Field {
            name,
            value: u8::from(is_set).to_string(),
            meaning: if is_set { set } else { clear },
        }
    };
    vec![
        bit("QR", Header::QR, "a reply", "a query"),
        Field { name: "opcode", value: of.opcode().to_string(), meaning: opcode(of.opcode()) },
        bit(
            "AA",
            Header::AA,
            "authoritative: the server answers for the zone itself",
            "not authoritative: from a cache, or a referral",
        ),
        bit("TC", Header::TC, "truncated: ask again over TCP", "whole, not truncated"),
        bit("RD", Header::RD, "recursion was desired", "recursion was not asked for"),
        bit(
            "RA",
            Header::RA,
            "recursion available: the server asks others for us",
            "no recursion here: the server says only what it has",
        ),
        bit(
            "AD",
            Header::AD,
            "authentic: the server has validated it by DNSSEC",
            "not validated by DNSSEC, or not secure",
        ),
        bit(
            "CD",
            Header::CD,
            "checking disabled: also what fails DNSSEC is told",
            "checking enabled: what fails DNSSEC is withheld",
        ),
        Field { name: "rcode", value: message.rcode().to_string(), meaning: rcode(message) },
    ]
}

const fn opcode(opcode: Opcode) -> &'static str {
    match opcode {
        Opcode::QUERY => "an ordinary query",
        Opcode::NOTIFY => "a zone has changed",
        Opcode::UPDATE => "a zone is to be changed",
        _ => "something rare",
    }
}

fn rcode(message: &Message<'_>) -> &'static str {
    match message.rcode() {
        Rcode::NOERROR if message.header.counts[1] == 0 => "well, and the name has no such record",
        Rcode::NOERROR => "well",
        Rcode::FORMERR => "the server could not read the query",
        Rcode::SERVFAIL => "the server failed: no server of the zone answers it, or DNSSEC fails",
        Rcode::NXDOMAIN => "there is no such name",
        Rcode::NOTIMP => "the server does not do this",
        Rcode::REFUSED => "the server will not do this for us",
        Rcode::NOTAUTH => "the server does not answer for the zone",
        _ => "something rare",
    }
}

/// A level, in words.
pub(crate) fn level(level: &delegation::Level) -> Event {
    Event::ExplainLevel {
        zone: level.zone.to_string(),
        role: match level.zone.label_count() {
            0 => "root",
            1 => "top-level",
            _ => "zone",
        },
        name: level.name.to_string(),
        servers: level.servers.iter().map(asked).collect(),
        flaws: level.flaws.iter().map(flaw).collect(),
    }
}

fn asked(asked: &delegation::Asked) -> Asked {
    let (role, text, ok) = role(&asked.role);
    Asked {
        server_name: asked.server.name.clone(),
        server: asked.server.address.ip(),
        role,
        text,
        ok,
        time_ms: asked.took.map(|took| took.as_secs_f64() * 1e3),
        serial: asked.serial,
    }
}

fn role(role: &Role) -> (&'static str, String, bool) {
    match role {
        Role::Answers => ("answers", "has the answer".to_owned(), true),
        Role::Alias(target) => ("alias", format!("says it is an alias of {target}"), true),
        Role::NoName => ("no_name", "says there is no such name".to_owned(), true),
        Role::NoData => ("no_data", "says the name has no such record".to_owned(), true),
        Role::Refers(zone) => ("refers", format!("refers to the servers of {zone}"), true),
        Role::Lame => ("lame", "LAME: does not answer for this zone".to_owned(), false),
        Role::Fails(rcode) => ("fails", format!("FAILS: says {rcode}"), false),
        Role::Dead(why) => ("dead", format!("DEAD: {why}"), false),
    }
}

fn flaw(flaw: &Flaw) -> String {
    let list = |names: &[Name]| {
        names.iter().take(8).map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    match flaw {
        Flaw::NoGlue(name) => format!("missing glue: the zone above gives no address of {name}"),
        Flaw::NoAddress(name) => format!("no address could be found of {name}"),
        Flaw::Serials(serials) => {
            let serials: Vec<_> = serials.iter().take(8).map(u32::to_string).collect();
            format!("different serials: {}", serials.join(", "))
        }
        Flaw::OnlyAbove(names) => {
            format!("listed by the zone above, not by the zone itself: {}", list(names))
        }
        Flaw::OnlyWithin(names) => {
            format!("listed by the zone itself, not by the zone above: {}", list(names))
        }
    }
}

/// How the walk ended.
pub(crate) fn ending(ending: &Ending) -> Event {
    let (outcome, text) = match ending {
        Ending::Answered => ("answered", "an authoritative server has the answer".to_owned()),
        Ending::NoName => ("no_name", "there is no such name".to_owned()),
        Ending::NoData => ("no_data", "the name has no such record".to_owned()),
        Ending::NobodyAnswers(zone) => ("nobody_answers", format!("no server of {zone} leads on")),
        Ending::AliasLoop(name) => ("alias_loop", format!("aliases lead back to {name}")),
        Ending::TooLong => ("too_long", "more levels or aliases than are followed".to_owned()),
    };
    Event::ExplainEnd { outcome, text }
}
