//! Keys, their digests, and signatures made with them. Work is bounded (CVE-2023-50387).

use hickory_proto::dnssec::{Algorithm, PublicKey, PublicKeyBuf};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

use super::reply::{Rrset, Signature};
use super::report::{DsState, Fact, SignatureFault, Why};
use crate::present::key_tag;
use crate::{Name, RecordType};

/// How many signatures are checked for one set of records.
const CHECKS_A_SET: usize = 16;
/// How many keys of the same tag and algorithm are tried for one signature.
const KEYS_A_SIGNATURE: usize = 4;
/// How many DS records of a zone are looked at.
const DS_A_ZONE: usize = 16;
/// How many signatures and keys of a set are told of.
const TOLD: usize = 32;

/// What validation may still do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// Seconds since 1970, modulo 2^32.
    pub(super) now: u32,
    /// Signatures that were checked.
    pub(super) checks: usize,
    /// Rounds of hashing that were done for NSEC3.
    pub(super) rounds: usize,
}

impl Work {
    /// How many signatures are checked in all.
    pub(super) const CHECKS: usize = 256;
    /// How many rounds of hashing are done in all.
    pub(super) const ROUNDS: usize = 50_000;
}

/// A DNSKEY record (RFC 4034 §2.1).
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) flags: u16,
    pub(super) algorithm: u8,
    pub(super) tag: u16,
    pub(super) rdata: Vec<u8>,
}

impl Key {
    const ZONE: u16 = 0x0100;
    const REVOKED: u16 = 0x0080;

    /// Reads a key of DNSSEC; others are none of a zone's (RFC 4034 §2.1.1, §2.1.2).
    pub(super) fn parse(rdata: &[u8]) -> Option<Self> {
        let (head, _) = rdata.split_first_chunk::<4>()?;
        let flags = u16::from_be_bytes([head[0], head[1]]);
        let is_usable = flags & Self::ZONE != 0 && head[2] == 3;
        let (algorithm, tag) = (head[3], key_tag(rdata));
        is_usable.then(|| Self { flags, algorithm, tag, rdata: rdata.to_vec() })
    }

    /// Whether the key has been revoked (RFC 5011 §2.1): it vouches for nothing any more.
    pub(super) fn is_revoked(&self) -> bool {
        self.flags & Self::REVOKED != 0
    }

    fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        let public = self.rdata.get(4..).unwrap_or_default().to_vec();
        let key = PublicKeyBuf::new(public, Algorithm::from_u8(self.algorithm));
        key.verify(data, signature).is_ok()
    }
}

/// Whether signatures of an algorithm are checked. RSA/SHA-1 is not any more (RFC 9905 §2).
pub(super) const fn is_supported(algorithm: u8) -> bool {
    matches!(algorithm, 8 | 10 | 13 | 14 | 15)
}

/// What vouches for a key: a DS record, or a trust anchor in the form of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Voucher {
    pub(super) tag: u16,
    pub(super) algorithm: u8,
    /// Digest type; 0 where `octets` are the rdata of the key itself.
    pub(super) digest: u8,
    pub(super) octets: Vec<u8>,
}

impl Voucher {
    /// Reads the rdata of a DS record (RFC 4034 §5.1).
    pub(super) fn of_ds(rdata: &[u8]) -> Option<Self> {
        let (head, octets) = rdata.split_first_chunk::<4>()?;
        let (tag, algorithm, digest) = (u16::from_be_bytes([head[0], head[1]]), head[2], head[3]);
        (digest != 0).then(|| Self { tag, algorithm, digest, octets: octets.to_vec() })
    }

    pub(super) fn is_supported(&self) -> bool {
        is_supported(self.algorithm) && matches!(self.digest, 0..=2 | 4)
    }

    pub(super) fn is_for(&self, zone: &Name, key: &Key) -> bool {
        if (key.tag, key.algorithm) != (self.tag, self.algorithm) || key.is_revoked() {
            return false;
        }
        let input = || [zone.to_lowercase().octets(), &key.rdata].concat();
        match self.digest {
            0 => key.rdata == self.octets,
            1 => Sha1::digest(input()).as_slice() == self.octets,
            2 => Sha256::digest(input()).as_slice() == self.octets,
            4 => Sha384::digest(input()).as_slice() == self.octets,
            _ => false,
        }
    }
}

/// Which keys are vouched for, with what became of each voucher.
pub(super) fn entry_keys(
    zone: &Name,
    vouchers: &[Voucher],
    keys: &[Key],
) -> (Vec<Key>, Vec<DsState>) {
    let has_stronger = vouchers.iter().any(|ds| ds.is_supported() && ds.digest > 1);
    let (mut entries, mut states) = (Vec::<Key>::new(), Vec::new());
    for (index, voucher) in vouchers.iter().enumerate() {
        let mut state = DsState::NoKey;
        if !voucher.is_supported() {
            state = DsState::Unsupported;
        } else if index >= DS_A_ZONE || voucher.digest == 1 && has_stronger {
            state = DsState::PassedOver;
        } else {
            let of_tag = keys.iter().filter(|key| key.tag == voucher.tag).take(KEYS_A_SIGNATURE);
            for key in of_tag.filter(|key| voucher.is_for(zone, key)) {
                state = DsState::Matches;
                if !entries.iter().any(|entry| entry.rdata == key.rdata) {
                    entries.push(key.clone());
                }
            }
        }
        states.push(state);
    }
    (entries, states)
}

/// What the keys of a zone are, told.
pub(super) fn key_facts(keys: &[Key], entries: &[Key]) -> Vec<Fact> {
    let fact = |key: &Key| Fact::Key {
        tag: key.tag,
        algorithm: key.algorithm,
        flags: key.flags,
        is_entry: entries.iter().any(|entry| entry.rdata == key.rdata),
    };
    keys.iter().take(TOLD).map(fact).collect()
}

/// What came of checking the signatures of a set.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) facts: Vec<Fact>,
    /// How many labels of the owner were signed, or why no signature is good.
    pub(super) outcome: Result<u8, Why>,
}

/// Labels of an owner as an RRSIG counts them: without a leftmost `*` (RFC 4034 §3.1.3).
pub(super) fn signed_labels(owner: &Name) -> usize {
    owner.label_count() - usize::from(owner.labels().next() == Some(b"*"))
}

/// The last so many labels of a name.
pub(super) fn suffix(name: &Name, labels: usize) -> Name {
    let mut name = name.clone();
    for _ in labels..name.label_count() {
        name = name.parent().unwrap_or(name);
    }
    name
}

/// The wildcard just below a name; of a name too long for one, the name.
pub(super) fn wildcard(encloser: &Name) -> Name {
    encloser.child(b"*").unwrap_or_else(|| encloser.clone())
}

/// Looks for a signature of `zone` over `set` that one of `keys` made (RFC 4035 §5.3).
pub(super) fn check(set: &Rrset, zone: &Name, keys: &[Key], work: &mut Work) -> Checked {
    let (mut facts, mut good, mut left) = (Vec::new(), None, CHECKS_A_SET);
    let mut worst: Option<(u8, Why)> = None;
    // A set of hundreds of signatures is an attack; a good one among the first is all that is needed.
    for signature in set.signatures.iter().take(TOLD) {
        let fault = fault_of(signature, set, zone, keys, work, &mut left);
        if facts.len() < TOLD {
            facts.push(fact(signature, set, fault));
        }
        match fault {
            None => good = good.or(Some(signature.labels)),
            Some(fault) => remember(&mut worst, signature, set, fault),
        }
        if good.is_some() {
            break;
        }
    }
    let none = || Why::NoSignature(set.owner.clone(), set.kind);
    let outcome = good.ok_or_else(|| worst.map_or_else(none, |(_, why)| why));
    Checked { facts, outcome }
}

/// Keeps the fault that says most: of a signature that is nearest to being good.
fn remember(worst: &mut Option<(u8, Why)>, of: &Signature, set: &Rrset, fault: SignatureFault) {
    let (rank, at) = match fault {
        SignatureFault::Untried => (6, 0),
        SignatureFault::Expired(_) => (5, of.expiration),
        SignatureFault::NotYet(_) => (4, of.inception),
        SignatureFault::Wrong => (3, 0),
        SignatureFault::NoKey => (2, 0),
        SignatureFault::Algorithm => (1, 0),
        SignatureFault::NotOfZone => (0, 0),
    };
    if worst.as_ref().is_none_or(|(known, _)| rank > *known) {
        let (owner, kind, tag) = (set.owner.clone(), set.kind, of.tag);
        let why = match fault {
            SignatureFault::Untried => Why::TooExpensive("signature checks", CHECKS_A_SET),
            _ => Why::BadSignature { owner, kind, tag, at, fault },
        };
        *worst = Some((rank, why));
    }
}

fn fact(signature: &Signature, set: &Rrset, fault: Option<SignatureFault>) -> Fact {
    let labels = usize::from(signature.labels);
    let is_wild = labels < signed_labels(&set.owner);
    Fact::Signature {
        covered: signature.covered,
        owner: set.owner.clone(),
        tag: signature.tag,
        algorithm: signature.algorithm,
        inception: signature.inception,
        expiration: signature.expiration,
        wildcard: is_wild.then(|| wildcard(&suffix(&set.owner, labels))),
        fault,
    }
}

/// Whether one moment is after another, where both are modulo 2^32 (RFC 1982, RFC 4034 §3.1.5); by how much.
pub(super) fn after(one: u32, other: u32) -> Option<u32> {
    let by = one.wrapping_sub(other);
    (by != 0 && by < 1 << 31).then_some(by)
}

fn fault_of(
    signature: &Signature,
    set: &Rrset,
    zone: &Name,
    keys: &[Key],
    work: &mut Work,
    left: &mut usize,
) -> Option<SignatureFault> {
    let labels = usize::from(signature.labels);
    if signature.signer != *zone || labels > signed_labels(&set.owner) || !set.owner.is_in(zone) {
        return Some(SignatureFault::NotOfZone);
    }
    if !is_supported(signature.algorithm) {
        return Some(SignatureFault::Algorithm);
    }
    if let Some(by) = after(work.now, signature.expiration) {
        return Some(SignatureFault::Expired(by));
    }
    if let Some(by) = after(signature.inception, work.now) {
        return Some(SignatureFault::NotYet(by));
    }
    let is_its = |key: &&Key| (key.tag, key.algorithm) == (signature.tag, signature.algorithm);
    let mut its = keys.iter().filter(is_its).filter(|key| !key.is_revoked()).peekable();
    if its.peek().is_none() {
        return Some(SignatureFault::NoKey);
    }
    let data = signed_data(signature, set);
    for key in its.take(KEYS_A_SIGNATURE) {
        if *left == 0 || work.checks >= Work::CHECKS {
            return Some(SignatureFault::Untried);
        }
        (*left, work.checks) = (*left - 1, work.checks + 1);
        if key.verifies(&data, &signature.octets) {
            return None;
        }
    }
    Some(SignatureFault::Wrong)
}

/// What a signature is made of (RFC 4034 §3.1.8.1, RFC 4035 §5.3.2).
pub(super) fn signed_data(signature: &Signature, set: &Rrset) -> Vec<u8> {
    let labels = usize::from(signature.labels);
    let owner = if labels < signed_labels(&set.owner) {
        wildcard(&suffix(&set.owner, labels))
    } else {
        set.owner.clone()
    };
    let mut data = signature.head.clone();
    for rdata in &set.rdatas {
        data.extend_from_slice(owner.to_lowercase().octets());
        data.extend_from_slice(&set.kind.0.to_be_bytes());
        data.extend_from_slice(&set.class.0.to_be_bytes());
        data.extend_from_slice(signature.original_ttl());
        data.extend_from_slice(&u16::try_from(rdata.len()).unwrap_or(u16::MAX).to_be_bytes());
        data.extend_from_slice(rdata);
    }
    data
}

/// The keys in a set of DNSKEY records.
pub(super) fn keys_of(set: &Rrset) -> Vec<Key> {
    debug_assert_eq!(set.kind, RecordType::DNSKEY, "the caller looked for them");
    set.rdatas.iter().filter_map(|rdata| Key::parse(rdata)).collect()
}
