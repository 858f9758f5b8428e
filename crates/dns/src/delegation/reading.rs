//! What one reply says, as far as a walk cares.

use std::net::{IpAddr, SocketAddr};

use crate::lookup::Server;
use crate::{Header, Message, Name, Question, Rcode, Record, RecordType, Section};

/// A referral to a zone below.
#[derive(Clone, Debug)]
pub(super) struct Referral {
    pub(super) zone: Name,
    /// Its servers, with the addresses that came with it.
    pub(super) names: Vec<(Name, Vec<Server>)>,
}

/// What a reply says.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) rcode: Rcode,
    pub(super) is_authoritative: bool,
    /// Records answer the question.
    pub(super) has_answer: bool,
    /// What the name is an alias of, where nothing more is said about that.
    pub(super) alias: Option<Name>,
    pub(super) referral: Option<Referral>,
    pub(super) serial: Option<u32>,
    /// The names of an answer of NS records.
    pub(super) listed: Vec<Name>,
    pub(super) addresses: Vec<IpAddr>,
}

/// More servers than that are not taken from one reply.
const NAMES: usize = 26;
/// More addresses than that are not taken for one server.
const ADDRESSES: usize = 4;
/// How many aliases are followed within one answer.
const ALIASES: usize = 16;

/// Reads a reply to `question` of a server of `zone`; why not, where it cannot be.
pub(super) fn read(octets: &[u8], question: &Question, zone: &Name) -> Result<Said, String> {
    let message = Message::parse(octets).ok_or("shorter than a header")?;
    let (end, steps) = end_of_aliases(&message, question);
    let answers = || {
        let is_it = |record: &&Record<'_>| {
            record.owner == end
                && (record.kind == question.kind || question.kind == RecordType::ANY)
        };
        message.section(Section::Answer).filter(is_it)
    };
    let referral = if steps == 0 { referral(&message, zone, &question.name) } else { None };
    let has_answer = answers().next().is_some();
    Ok(Said {
        rcode: message.rcode(),
        is_authoritative: message.header.has(Header::AA),
        has_answer,
        alias: (steps > 0 && !has_answer).then_some(end.clone()),
        referral: referral.filter(|_| !has_answer && message.rcode() == Rcode::NOERROR),
        serial: answers().find(|record| record.kind == RecordType::SOA).and_then(serial),
        listed: answers()
            .filter(|record| record.kind == RecordType::NS)
            .filter_map(name_in)
            .take(NAMES)
            .collect(),
        addresses: answers().filter_map(Record::address).take(ADDRESSES).collect(),
    })
}

/// Where the aliases of an answer lead, and how many there are.
fn end_of_aliases(message: &Message<'_>, question: &Question) -> (Name, usize) {
    let mut end = question.name.clone();
    if matches!(question.kind, RecordType::CNAME | RecordType::ANY) {
        return (end, 0);
    }
    for step in 0..ALIASES {
        let is_its = |record: &&Record<'_>| record.kind == RecordType::CNAME && record.owner == end;
        let target = message.section(Section::Answer).find(is_its).and_then(name_in);
        match target {
            Some(target) => end = target,
            None => return (end, step),
        }
    }
    (end, ALIASES)
}

/// NS records of a zone below `zone` that `name` is in.
fn referral(message: &Message<'_>, zone: &Name, name: &Name) -> Option<Referral> {
    let leads_down = |record: &&Record<'_>| {
        let owner = &record.owner;
        record.kind == RecordType::NS && *owner != *zone && owner.is_in(zone) && name.is_in(owner)
    };
    let below = message.section(Section::Authority).find(leads_down)?.owner.clone();
    let mut names = Vec::<(Name, Vec<Server>)>::new();
    let its = message
        .section(Section::Authority)
        .filter(leads_down)
        .filter(|record| record.owner == below);
    for server in its.filter_map(name_in) {
        if names.len() < NAMES && !names.iter().any(|(known, _)| *known == server) {
            let glue = glue(message, zone, &server);
            names.push((server, glue));
        }
    }
    Some(Referral { zone: below, names })
}

/// Addresses of a server that whoever refers may vouch for: of names in its own zone.
fn glue(message: &Message<'_>, zone: &Name, name: &Name) -> Vec<Server> {
    let records = message.section(Section::Additional).filter(|record| record.owner == *name);
    let addresses = records.filter(|record| record.owner.is_in(zone)).filter_map(Record::address);
    addresses.take(ADDRESSES).map(|address| server(address, name)).collect()
}

pub(super) fn server(address: IpAddr, name: &Name) -> Server {
    Server { address: SocketAddr::new(address, 53), name: name.to_string() }
}

fn name_in(record: &Record<'_>) -> Option<Name> {
    record.rdata.reader().name().ok()
}

fn serial(record: &Record<'_>) -> Option<u32> {
    let mut reader = record.rdata.reader();
    reader.name().ok()?;
    reader.name().ok()?;
    reader.u32().ok()
}
