//! A world of one or two zones, signed with keys made on the spot.

use std::collections::HashMap;

use hickory_proto::dnssec::crypto::Ed25519SigningKey;
use hickory_proto::dnssec::{PublicKey as _, SigningKey, TBS};
use sha2::{Digest, Sha256};

use super::name;
use crate::present::key_tag;
use crate::validate::keys::{signed_data, signed_labels};
use crate::validate::reply::{Rrset, Signature};
use crate::validate::*;
use crate::{Class, RecordType, Section};

/// Now, of all of these worlds.
pub(super) const NOW: u32 = 1_800_000_000;

pub(super) struct Zone {
    pub(super) apex: Name,
    key: Ed25519SigningKey,
    pub(super) dnskey: Vec<u8>,
}

impl Zone {
    pub(super) fn new(apex: &str) -> Self {
        let key =
            Ed25519SigningKey::from_pkcs8(&Ed25519SigningKey::generate_pkcs8().unwrap()).unwrap();
        let public = key.to_public_key().unwrap();
        let dnskey = [&[1, 1, 3, 15], public.public_bytes()].concat();
        Self { apex: name(apex), key, dnskey }
    }

    pub(super) fn tag(&self) -> u16 {
        key_tag(&self.dnskey)
    }

    pub(super) fn ds(&self, digest: u8) -> Vec<u8> {
        let input = [self.apex.octets(), &self.dnskey].concat();
        let octets = Sha256::digest(input);
        [&self.tag().to_be_bytes()[..], &[15, digest], &octets].concat()
    }

    pub(super) fn anchors(&self) -> Vec<Anchor> {
        let voucher = keys::Voucher::of_ds(&self.ds(2)).unwrap();
        vec![Anchor { zone: self.apex.clone(), source: "here".to_owned(), voucher }]
    }

    /// Signs a set as it is.
    pub(super) fn sign(&self, set: Rrset) -> Rrset {
        let labels = signed_labels(&set.owner);
        self.sign_as(set, labels, NOW - 100, NOW + 100)
    }

    pub(super) fn sign_as(&self, mut set: Rrset, labels: usize, from: u32, to: u32) -> Rrset {
        let labels = u8::try_from(labels).unwrap();
        let mut head = [&set.kind.0.to_be_bytes()[..], &[15, labels, 0, 0, 1, 0]].concat();
        head.extend(to.to_be_bytes().into_iter().chain(from.to_be_bytes()));
        head.extend(self.tag().to_be_bytes().into_iter().chain(self.apex.octets().iter().copied()));
        let mut signature = Signature {
            covered: set.kind,
            algorithm: 15,
            labels,
            expiration: to,
            inception: from,
            tag: self.tag(),
            signer: self.apex.clone(),
            head,
            octets: Vec::new(),
        };
        signature.octets = self.key.sign(&TBS::from(&signed_data(&signature, &set)[..])).unwrap();
        set.signatures.push(signature);
        set
    }

    pub(super) fn keys(&self) -> Rrset {
        self.sign(set(&self.apex.to_string(), RecordType::DNSKEY, &[&self.dnskey]))
    }
}

pub(super) fn set(owner: &str, kind: RecordType, rdatas: &[&[u8]]) -> Rrset {
    let mut rdatas: Vec<_> = rdatas.iter().map(|rdata| rdata.to_vec()).collect();
    rdatas.sort_unstable();
    let (owner, class, section) = (name(owner), Class::IN, Section::Answer);
    Rrset { owner, kind, class, section, rdatas, signatures: Vec::new() }
}

/// The rdata of an NSEC: next name, and types below 256.
pub(super) fn nsec(next: &str, types: &[RecordType]) -> Vec<u8> {
    [name(next).octets(), &bits(types)].concat()
}

pub(super) fn bits(types: &[RecordType]) -> Vec<u8> {
    let mut bits = [0; 32];
    for kind in types {
        bits[usize::from(kind.0 / 8)] |= 0x80 >> (kind.0 % 8);
    }
    if types.is_empty() { Vec::new() } else { [&[0, 32], &bits[..]].concat() }
}

/// An NSEC3 set of `zone` from one hash to another.
pub(super) fn nsec3(
    zone: &str,
    from: [u8; 20],
    to: [u8; 20],
    iterations: u16,
    opt_out: u8,
    types: &[RecordType],
) -> Rrset {
    let label = data_encoding::BASE32HEX_NOPAD.encode(&from).to_lowercase();
    let [high, low] = iterations.to_be_bytes();
    let rdata = [&[1, opt_out, high, low, 0, 20], &to[..], &bits(types)].concat();
    set(&format!("{label}.{zone}"), RecordType::NSEC3, &[&rdata])
}

/// Writes a reply, without compression.
pub(super) fn message(rcode: u8, answer: &[Rrset], authority: &[Rrset]) -> Vec<u8> {
    let (answers, authorities) = (records(answer), records(authority));
    let mut octets = vec![0, 0, 0x80, rcode, 0, 0];
    for records in [&answers, &authorities] {
        octets.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
    }
    octets.extend([0, 0]);
    octets.extend(answers.into_iter().chain(authorities).flatten());
    octets
}

fn records(sets: &[Rrset]) -> Vec<Vec<u8>> {
    let record = |set: &Rrset, kind: RecordType, rdata: &[u8]| {
        let length = u16::try_from(rdata.len()).unwrap().to_be_bytes();
        let fixed = [kind.0.to_be_bytes(), [0, 1], [0, 0], [1, 0], length].concat();
        [set.owner.octets(), &fixed, rdata].concat()
    };
    let mut all = Vec::new();
    for set in sets {
        all.extend(set.rdatas.iter().map(|rdata| record(set, set.kind, rdata)));
        all.extend(set.signatures.iter().map(|signature| {
            record(set, RecordType::RRSIG, &[&signature.head[..], &signature.octets].concat())
        }));
    }
    all
}

/// Replies by question.
#[derive(Default)]
pub(super) struct World(HashMap<(Name, RecordType), Vec<u8>>);

impl World {
    pub(super) fn with(mut self, owner: &str, kind: RecordType, reply: Vec<u8>) -> Self {
        self.0.insert((name(owner), kind), reply);
        self
    }

    pub(super) fn ask(
        &self,
        anchors: Vec<Anchor>,
        owner: &str,
        kind: RecordType,
    ) -> (Verdict, Vec<Link>) {
        super::run(anchors, super::question(owner, kind), NOW, |need| {
            self.0.get(&(need.name.clone(), need.kind)).cloned()
        })
    }
}
