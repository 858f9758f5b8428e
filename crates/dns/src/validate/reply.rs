//! A reply taken apart into sets of records with their signatures.

use std::collections::HashMap;

use super::canonical;
use crate::{Class, FaultKind, Message, Name, Rcode, Rdata, Record, RecordType, Section};

/// Records of one owner and type, in canonical form and order (RFC 4034 §6.3).
#[derive(Clone, Debug)]
pub(super) struct Rrset {
    pub(super) owner: Name,
    pub(super) kind: RecordType,
    pub(super) class: Class,
    pub(super) section: Section,
    pub(super) rdatas: Vec<Vec<u8>>,
    pub(super) signatures: Vec<Signature>,
}

/// An RRSIG record (RFC 4034 §3.1).
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) covered: RecordType,
    pub(super) algorithm: u8,
    pub(super) labels: u8,
    pub(super) expiration: u32,
    pub(super) inception: u32,
    pub(super) tag: u16,
    pub(super) signer: Name,
    /// All in front of the signature itself, in canonical form.
    pub(super) head: Vec<u8>,
    pub(super) octets: Vec<u8>,
}

impl Signature {
    fn parse(rdata: Rdata<'_>) -> Option<Self> {
        let mut reader = rdata.reader();
        let mut head = reader.take(18).ok()?.to_vec();
        let signer = reader.name().ok()?;
        head.extend_from_slice(signer.to_lowercase().octets());
        let mut fixed = rdata.reader();
        let covered = RecordType(fixed.u16().ok()?);
        let (algorithm, labels) = (fixed.u8().ok()?, fixed.u8().ok()?);
        let _original_ttl = fixed.u32().ok()?;
        let (expiration, inception) = (fixed.u32().ok()?, fixed.u32().ok()?);
        let (tag, octets) = (fixed.u16().ok()?, reader.rest().to_vec());
        Some(Self { covered, algorithm, labels, expiration, inception, tag, signer, head, octets })
    }

    /// The TTL that the records had where they were signed, as it stands in the RRSIG.
    pub(super) fn original_ttl(&self) -> &[u8] {
        self.head.get(4..8).unwrap_or_default()
    }
}

/// What a server said to one question.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) rcode: Rcode,
    pub(super) sets: Vec<Rrset>,
}

impl Reply {
    /// Reads a message; why it cannot be used where it cannot.
    pub(super) fn parse(octets: &[u8], class: Class) -> Result<Self, String> {
        let message = Message::parse(octets).ok_or("shorter than a header")?;
        match message.fault {
            Some(fault) if fault.kind != FaultKind::Trailing => return Err(fault.to_string()),
            _ => {}
        }
        let records = message.records.iter().filter(|record| record.class == class);
        Ok(Self { rcode: message.rcode(), sets: group(records) })
    }

    /// A set of the answer.
    pub(super) fn answer(&self, owner: &Name, kind: RecordType) -> Option<&Rrset> {
        self.in_answer().find(|set| set.kind == kind && set.owner == *owner)
    }

    /// All sets of the answer.
    pub(super) fn in_answer(&self) -> impl Iterator<Item = &Rrset> {
        self.sets.iter().filter(|set| set.section == Section::Answer)
    }

    /// The sets of a type beside the answer.
    pub(super) fn in_authority(&self, kind: RecordType) -> impl Iterator<Item = &Rrset> {
        let is_it = move |set: &&Rrset| set.section == Section::Authority && set.kind == kind;
        self.sets.iter().filter(is_it)
    }
}

fn group<'r, 'm: 'r>(records: impl Iterator<Item = &'r Record<'m>>) -> Vec<Rrset> {
    let (mut sets, mut places) = (Vec::<Rrset>::new(), HashMap::new());
    for record in records {
        let signature =
            (record.kind == RecordType::RRSIG).then(|| Signature::parse(record.rdata)).flatten();
        let kind = signature.as_ref().map_or(record.kind, |signature| signature.covered);
        let place =
            *places.entry((record.owner.clone(), kind, record.section)).or_insert_with(|| {
                let (owner, class, section) = (record.owner.clone(), record.class, record.section);
                let (rdatas, signatures) = (Vec::new(), Vec::new());
                sets.push(Rrset { owner, kind, class, section, rdatas, signatures });
                sets.len() - 1
            });
        let Some(set) = sets.get_mut(place) else { continue };
        match signature {
            Some(signature) => set.signatures.push(signature),
            None => set.rdatas.push(canonical::rdata(record.kind, record.rdata)),
        }
    }
    for set in &mut sets {
        set.rdatas.sort_unstable();
        set.rdatas.dedup();
    }
    sets.retain(|set| !set.rdatas.is_empty());
    sets
}
