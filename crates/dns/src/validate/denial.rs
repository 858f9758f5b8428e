//! Proofs that something is not there: NSEC (RFC 4035 §5.4) and NSEC3 (RFC 5155 §8).

use std::cell::RefCell;
use std::collections::HashMap;

use data_encoding::BASE32HEX_NOPAD;
use sha1::{Digest, Sha1};

use super::keys::{Key, Work, check, signed_labels, suffix, wildcard};
use super::reply::{Reply, Rrset};
use super::report::{Fact, Gap, Proof, Why};
use crate::{Name, Rdata, RecordType};

/// More rounds of hashing than this are not worked through (RFC 9276 §3.2).
const ITERATIONS: u16 = 150;
/// More NSEC or NSEC3 records than this are not looked at in one reply.
const RECORDS: usize = 32;

/// What a proof comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It is proven. Of DS: whether the name is that of a delegation.
    Proven {
        /// There is an NS at the name, and no SOA.
        is_delegation: bool,
    },
    /// It is proven but for unsigned delegations, or cannot be looked at: not secure, and not wrong.
    Insecure(Why),
}

/// What is to be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// There is no such name.
    NoName,
    /// The name has no records of this type.
    NoData(RecordType),
    /// Nothing is nearer to the name than the wildcard below the last so many labels of it.
    Wildcard(usize),
}

/// The proofs in one reply, each signed by `zone`.
pub(super) struct Prover<'z> {
    zone: &'z Name,
    nsec: Vec<Nsec>,
    nsec3: Vec<Nsec3>,
    /// Why records are not used: their signatures.
    why: Option<Why>,
    is_expensive: Option<u16>,
    hashed: RefCell<HashMap<Name, Option<Vec<u8>>>>,
    work: RefCell<Work>,
    signatures: Vec<(Name, Vec<Fact>)>,
    told: RefCell<Vec<Fact>>,
}

#[derive(Debug)]
struct Nsec {
    owner: Name,
    next: Name,
    types: Types,
}

#[derive(Debug)]
struct Nsec3 {
    owner: Name,
    hash: Vec<u8>,
    next: Vec<u8>,
    opt_out: bool,
    iterations: u16,
    salt: Vec<u8>,
    types: Types,
}

/// A type bit map (RFC 4034 §4.1.2).
#[derive(Debug)]
struct Types(Vec<(u8, Vec<u8>)>);

impl Types {
    /// Reads windows as far as they are whole and in order.
    fn parse(mut octets: &[u8]) -> Self {
        let (mut windows, mut lowest) = (Vec::new(), 0);
        while let Some(([window, length], rest)) = octets.split_first_chunk::<2>() {
            let length = usize::from(*length);
            let bits = rest.get(..length).filter(|_| matches!(length, 1..=32));
            let Some(bits) = bits.filter(|_| u16::from(*window) >= lowest) else { break };
            windows.push((*window, bits.to_vec()));
            (lowest, octets) = (u16::from(*window) + 1, rest.get(length..).unwrap_or_default());
        }
        Self(windows)
    }

    fn has(&self, kind: RecordType) -> bool {
        let [window, low] = kind.0.to_be_bytes();
        let bits = self.0.iter().find(|(of, _)| *of == window);
        let octet = bits.and_then(|(_, bits)| bits.get(usize::from(low / 8)));
        octet.is_some_and(|octet| octet & 0x80 >> (low % 8) != 0)
    }

    /// A type that is there and is not of the proof itself.
    fn first_of_data(&self) -> Option<RecordType> {
        let of_proof = [RecordType::RRSIG, RecordType::NSEC];
        (1..=u16::MAX).map(RecordType).find(|kind| !of_proof.contains(kind) && self.has(*kind))
    }

    fn is_delegation(&self) -> bool {
        self.has(RecordType::NS) && !self.has(RecordType::SOA)
    }

    /// Whether what is below the owner is not this zone's to deny (RFC 6840 §4.1).
    fn leads_away(&self) -> bool {
        self.is_delegation() || self.has(RecordType::DNAME)
    }
}

impl Nsec {
    fn parse(set: &Rrset) -> Option<Self> {
        let mut reader = Rdata::alone(set.rdatas.first()?).reader();
        let next = reader.name().ok()?;
        Some(Self { owner: set.owner.clone(), next, types: Types::parse(reader.rest()) })
    }

    fn covers(&self, name: &Name, zone: &Name) -> bool {
        let is_before = *name < self.next || self.next == *zone;
        let is_below = name.is_in(&self.owner) && self.types.leads_away();
        self.owner < *name && is_before && !is_below
    }

    /// Of a name that this covers: the name that it is nearest below of those that are there.
    fn encloser(&self, name: &Name) -> Name {
        let shared = |other: &Name| (0..).zip(up(name)).find(|(_, above)| other.is_in(above));
        let nearest = [shared(&self.owner), shared(&self.next)]
            .into_iter()
            .flatten()
            .min_by_key(|(steps, _)| *steps);
        nearest.map_or_else(Name::root, |(_, above)| above)
    }
}

impl Nsec3 {
    fn parse(set: &Rrset, zone: &Name) -> Option<Self> {
        let mut reader = Rdata::alone(set.rdatas.first()?).reader();
        let (algorithm, flags) = (reader.u8().ok()?, reader.u8().ok()?);
        let iterations = reader.u16().ok()?;
        let (salt, next) = (reader.string().ok()?.to_vec(), reader.string().ok()?.to_vec());
        let label = set.owner.labels().next()?.to_ascii_uppercase();
        let hash = BASE32HEX_NOPAD.decode(&label).ok()?;
        // Flags that are not known make it unknown (RFC 5155 §8.2).
        let is_known = algorithm == 1 && flags & 0xfe == 0 && next.len() == 20 && hash.len() == 20;
        let (types, owner) = (Types::parse(reader.rest()), set.owner.clone());
        let opt_out = flags & 1 != 0;
        (is_known && owner.parent().as_ref() == Some(zone)).then_some(Self {
            owner,
            hash,
            next,
            opt_out,
            iterations,
            salt,
            types,
        })
    }

    fn covers(&self, hash: &[u8]) -> bool {
        let (after, before) = (hash > self.hash.as_slice(), hash < self.next.as_slice());
        // The last one's next is the first one.
        if self.hash < self.next { after && before } else { after || before }
    }
}

/// A name and those above it up to the root.
fn up(name: &Name) -> impl Iterator<Item = Name> {
    std::iter::successors(Some(name.clone()), Name::parent)
}

impl<'z> Prover<'z> {
    pub(super) fn new(reply: &Reply, zone: &'z Name, keys: &[Key], work: Work) -> Self {
        let (hashed, told) = (RefCell::default(), RefCell::default());
        let mut prover = Self {
            zone,
            nsec: Vec::new(),
            nsec3: Vec::new(),
            why: None,
            is_expensive: None,
            hashed,
            work: RefCell::new(work),
            signatures: Vec::new(),
            told,
        };
        let sets =
            reply.in_authority(RecordType::NSEC).chain(reply.in_authority(RecordType::NSEC3));
        for set in sets.take(RECORDS) {
            prover.take_in(set, keys);
        }
        prover
    }

    /// Keeps a record whose signature is good and not made from a wildcard.
    fn take_in(&mut self, set: &Rrset, keys: &[Key]) {
        let checked = check(set, self.zone, keys, self.work.get_mut());
        match checked.outcome {
            Ok(labels) if usize::from(labels) == signed_labels(&set.owner) => {}
            Ok(_) => return,
            Err(why) => {
                self.why.get_or_insert(why);
                return;
            }
        }
        self.signatures.push((set.owner.clone(), checked.facts));
        if set.kind == RecordType::NSEC {
            self.nsec.extend(Nsec::parse(set));
            return;
        }
        let Some(record) = Nsec3::parse(set, self.zone) else { return };
        // One reply, one set of parameters (RFC 5155 §8.2).
        let first = self.nsec3.first();
        let is_alike = first.is_none_or(|first| {
            (first.iterations, &first.salt) == (record.iterations, &record.salt)
        });
        if record.iterations > ITERATIONS {
            self.is_expensive = Some(record.iterations);
        } else if is_alike {
            self.nsec3.push(record);
        }
    }

    /// What was done, and what the proof rests on.
    pub(super) fn finish(self, work: &mut Work) -> Vec<Fact> {
        *work = self.work.into_inner();
        let mut facts = Vec::new();
        let mut signatures = self.signatures;
        for fact in self.told.into_inner() {
            let Fact::Proof { owner, .. } = &fact else { continue };
            let place = signatures.iter().position(|(of, _)| of == owner);
            let its = place.map(|place| signatures.swap_remove(place).1);
            facts.push(fact);
            facts.extend(its.into_iter().flatten());
        }
        facts
    }

    /// Whether the records prove the claim.
    pub(super) fn prove(&self, name: &Name, claim: Claim) -> Result<Denied, Why> {
        if !self.nsec.is_empty() {
            return self
                .by_nsec(name, claim)
                .map_err(|gap| Why::ProofFails { kind: RecordType::NSEC, gap });
        }
        if !self.nsec3.is_empty() {
            return match self.by_nsec3(name, claim) {
                _ if self.work.borrow().rounds >= Work::ROUNDS => {
                    Err(Why::TooExpensive("rounds of NSEC3 hashing", Work::ROUNDS))
                }
                proof => proof.map_err(|gap| Why::ProofFails { kind: RecordType::NSEC3, gap }),
            };
        }
        if let Some(iterations) = self.is_expensive {
            return Ok(Denied::Insecure(Why::Iterations(iterations)));
        }
        let kind = if let Claim::NoData(kind) = claim { kind } else { RecordType::ANY };
        Err(self.why.clone().unwrap_or(Why::NoProof(name.clone(), kind)))
    }

    fn tell(&self, kind: RecordType, owner: &Name, opt_out: bool, says: Proof) {
        let fact = Fact::Proof { kind, owner: owner.clone(), says, opt_out };
        let mut told = self.told.borrow_mut();
        if !told.contains(&fact) {
            told.push(fact);
        }
    }

    fn by_nsec(&self, name: &Name, claim: Claim) -> Result<Denied, Gap> {
        let proven = Denied::Proven { is_delegation: false };
        if let Claim::NoData(kind) = claim
            && let Some(nsec) = self.nsec.iter().find(|nsec| nsec.owner == *name)
        {
            lacks(&nsec.types, name, kind)?;
            self.tell_nsec(nsec, Proof::Lacks(name.clone()));
            return Ok(Denied::Proven { is_delegation: nsec.types.is_delegation() });
        }
        let covering = self.covering(name)?;
        let is_between = covering.next.is_in(name);
        match claim {
            Claim::NoData(_) if is_between => {
                self.tell_nsec(covering, Proof::Between(name.clone()));
                return Ok(proven);
            }
            _ if is_between => return Err(Gap::NotCovered(name.clone())),
            _ => self.tell_nsec(covering, Proof::Covers(name.clone())),
        }
        let encloser = covering.encloser(name);
        let wild = wildcard(&encloser);
        match claim {
            Claim::Wildcard(labels) if encloser.label_count() > labels => {
                Err(Gap::NotCovered(suffix(name, labels + 1)))
            }
            Claim::Wildcard(_) => Ok(proven),
            Claim::NoName => {
                let covering = self.covering(&wild).map_err(|_| Gap::Wildcard(wild.clone()))?;
                self.tell_nsec(covering, Proof::Covers(wild));
                Ok(proven)
            }
            Claim::NoData(kind) => {
                let nsec = self.nsec.iter().find(|nsec| nsec.owner == wild);
                let nsec = nsec.ok_or_else(|| Gap::Wildcard(wild.clone()))?;
                lacks(&nsec.types, &wild, kind)?;
                self.tell_nsec(nsec, Proof::Lacks(wild));
                Ok(proven)
            }
        }
    }

    fn covering(&self, name: &Name) -> Result<&Nsec, Gap> {
        let covering = self.nsec.iter().find(|nsec| nsec.covers(name, self.zone));
        covering.ok_or_else(|| Gap::NotCovered(name.clone()))
    }

    fn tell_nsec(&self, nsec: &Nsec, says: Proof) {
        self.tell(RecordType::NSEC, &nsec.owner, false, says);
    }

    fn by_nsec3(&self, name: &Name, claim: Claim) -> Result<Denied, Gap> {
        let proven = Denied::Proven { is_delegation: false };
        if let Claim::NoData(kind) = claim
            && let Some(record) = self.matching(name)
        {
            lacks(&record.types, name, kind)?;
            self.tell_nsec3(record, Proof::Lacks(name.clone()));
            return Ok(Denied::Proven { is_delegation: record.types.is_delegation() });
        }
        if let Claim::Wildcard(labels) = claim {
            let covering = self.covering3(&suffix(name, labels + 1))?;
            return Ok(if covering.opt_out { opted_out(name) } else { proven });
        }
        let encloser = self.closest_encloser(name)?;
        let covering = self.covering3(&suffix(name, encloser.label_count() + 1))?;
        let wild = wildcard(&encloser);
        match claim {
            Claim::NoData(RecordType::DS) if covering.opt_out => Ok(opted_out(name)),
            Claim::NoData(kind) => {
                let Some(record) = self.matching(&wild) else {
                    let gap = Err(Gap::Wildcard(wild));
                    return if covering.opt_out { Ok(opted_out(name)) } else { gap };
                };
                lacks(&record.types, &wild, kind)?;
                self.tell_nsec3(record, Proof::Lacks(wild));
                Ok(proven)
            }
            _ => {
                self.covering3(&wild).map_err(|_| Gap::Wildcard(wild))?;
                Ok(if covering.opt_out { opted_out(name) } else { proven })
            }
        }
    }

    /// The nearest name above that is there (RFC 5155 §8.3).
    fn closest_encloser(&self, name: &Name) -> Result<Name, Gap> {
        let mut above = up(name).skip(1).take_while(|above| above.is_in(self.zone));
        let found = above.find_map(|above| self.matching(&above).map(|record| (above, record)));
        let (encloser, record) = found.ok_or_else(|| Gap::NoEncloser(name.clone()))?;
        if record.types.leads_away() {
            return Err(Gap::WrongSide(encloser));
        }
        self.tell_nsec3(record, Proof::Encloses(encloser.clone()));
        Ok(encloser)
    }

    fn matching(&self, name: &Name) -> Option<&Nsec3> {
        let hash = self.hash(name)?;
        self.nsec3.iter().find(|record| record.hash == hash)
    }

    fn covering3(&self, name: &Name) -> Result<&Nsec3, Gap> {
        let hash = self.hash(name).ok_or_else(|| Gap::NotCovered(name.clone()))?;
        let covering = self.nsec3.iter().find(|record| record.covers(&hash));
        let covering = covering.ok_or_else(|| Gap::NotCovered(name.clone()))?;
        self.tell_nsec3(covering, Proof::Covers(name.clone()));
        Ok(covering)
    }

    fn tell_nsec3(&self, record: &Nsec3, says: Proof) {
        self.tell(RecordType::NSEC3, &record.owner, record.opt_out, says);
    }

    /// The hash of a name (RFC 5155 §5); `None` where no more may be computed (CVE-2023-50868).
    fn hash(&self, name: &Name) -> Option<Vec<u8>> {
        if let Some(known) = self.hashed.borrow().get(name) {
            return known.clone();
        }
        let first = self.nsec3.first()?;
        let mut work = self.work.borrow_mut();
        let rounds = usize::from(first.iterations) + 1;
        work.rounds = (work.rounds + rounds).min(Work::ROUNDS);
        let hash = (work.rounds < Work::ROUNDS).then(|| hash(name, &first.salt, first.iterations));
        self.hashed.borrow_mut().insert(name.clone(), hash.clone());
        hash
    }
}

fn opted_out(name: &Name) -> Denied {
    Denied::Insecure(Why::OptOut(name.clone()))
}

pub(super) fn hash(name: &Name, salt: &[u8], iterations: u16) -> Vec<u8> {
    let mut hash = name.to_lowercase().octets().to_vec();
    for _ in 0..=iterations {
        hash = Sha1::new().chain_update(&hash).chain_update(salt).finalize().to_vec();
    }
    hash
}

/// Whether a record at `name` may say that a type is not there, and says so.
fn lacks(types: &Types, name: &Name, kind: RecordType) -> Result<(), Gap> {
    // The DS is the parent's, everything else at a delegation the child's (RFC 6840 §4.1, §4.4).
    let is_wrong_side = match kind {
        RecordType::DS => types.has(RecordType::SOA) && !name.is_root(),
        _ => types.is_delegation(),
    };
    if is_wrong_side {
        return Err(Gap::WrongSide(name.clone()));
    }
    let there = match kind {
        RecordType::ANY => types.first_of_data(),
        _ => [kind, RecordType::CNAME].into_iter().find(|kind| types.has(*kind)),
    };
    there.map_or(Ok(()), |kind| Err(Gap::TypeThere(name.clone(), kind)))
}
