//! The steps of a validation: keys of zones, delegations, and what a zone says of a name.

use super::denial::{Claim, Denied, Prover};
use super::keys::{Key, Voucher, check, entry_keys, key_facts, keys_of, signed_labels, suffix};
use super::reply::{Reply, Rrset};
use super::report::{DsState, Fact, Link, Security, Subject, Why};
use super::{Cut, Halt, Validator};
use crate::{Name, Question, Rcode, Rdata, RecordType};

/// Where the chain to a name ends.
enum Standing {
    /// In this zone, whose keys are known.
    Secure(Name),
    /// Below this zone, at an insecure delegation.
    Insecure(Name, Why),
}

/// What the vouchers for a zone's keys came to.
struct Entered {
    facts: Vec<Fact>,
    keys: Result<Vec<Key>, Why>,
}

impl Validator {
    /// Validates what is said of one name; what it is an alias of, where it is one.
    pub(super) fn settle(&mut self, name: &Name) -> Result<Option<Name>, Halt> {
        let kind = self.question.kind;
        let reply = self.usable_reply(&self.at.clone(), kind)?;
        let sets = said_of(&reply, name, kind);
        let signer = signer_of(&reply, &sets, name);
        // A DS is the zone's above (RFC 4035 §5.2).
        let upmost = if kind == RecordType::DS { name.parent() } else { None };
        let standing = self.standing(&signer.or(upmost).unwrap_or_else(|| name.clone()))?;
        if sets.is_empty() {
            self.settle_denial(name, &reply, standing)?;
            return Ok(None);
        }
        let mut target = None;
        for set in sets {
            target = alias_of(set, name, kind);
            let subject = match &target {
                Some(target) => {
                    Subject::Alias { name: name.clone(), kind: set.kind, target: target.clone() }
                }
                None => Subject::Data(set.owner.clone(), set.kind),
            };
            self.settle_set(set, &reply, &standing, subject)?;
        }
        Ok(target)
    }

    /// A reply that says something: NOERROR or NXDOMAIN.
    fn usable_reply(&self, name: &Name, kind: RecordType) -> Result<Reply, Halt> {
        let reply = self.reply(name, kind)?;
        if matches!(reply.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
            return Ok(reply.clone());
        }
        let question = Question { name: name.clone(), kind, class: self.question.class };
        let why = Why::NoAnswer { question, rcode: Some(reply.rcode), text: String::new() };
        Err(Halt::Broken(self.worst.max(Security::Indeterminate), why))
    }

    fn settle_set(
        &mut self,
        set: &Rrset,
        reply: &Reply,
        standing: &Standing,
        subject: Subject,
    ) -> Result<(), Halt> {
        let zone = match standing {
            Standing::Secure(zone) => zone,
            Standing::Insecure(zone, why) => {
                self.insecure(zone, subject, why);
                return Ok(());
            }
        };
        let keys = self.zones.get(zone).cloned().unwrap_or_default();
        let mut checked = check(set, zone, &keys, &mut self.work);
        let denied = checked.outcome.and_then(|labels| {
            let labels = usize::from(labels);
            if labels == signed_labels(&set.owner) {
                return Ok(Denied::Proven { is_delegation: false });
            }
            // Made from a wildcard: nothing nearer may be there (RFC 4035 §5.3.4).
            let prover = Prover::new(reply, zone, &keys, self.work);
            let denied = prover.prove(&set.owner, Claim::Wildcard(labels));
            checked.facts.extend(prover.finish(&mut self.work));
            denied
        });
        self.conclude(zone, subject, checked.facts, denied)
    }

    fn settle_denial(
        &mut self,
        name: &Name,
        reply: &Reply,
        standing: Standing,
    ) -> Result<(), Halt> {
        let kind = self.question.kind;
        let (claim, subject) = match reply.rcode {
            Rcode::NXDOMAIN => (Claim::NoName, Subject::NoName(name.clone())),
            _ => (Claim::NoData(kind), Subject::NoData(name.clone(), kind)),
        };
        match standing {
            Standing::Insecure(zone, why) => {
                self.insecure(&zone, subject, &why);
                Ok(())
            }
            Standing::Secure(zone) => {
                let (denied, facts) = self.prove(reply, &zone, name, claim);
                self.conclude(&zone, subject, facts, denied)
            }
        }
    }

    fn prove(
        &mut self,
        reply: &Reply,
        zone: &Name,
        name: &Name,
        claim: Claim,
    ) -> (Result<Denied, Why>, Vec<Fact>) {
        let keys = self.zones.get(zone).cloned().unwrap_or_default();
        let prover = Prover::new(reply, zone, &keys, self.work);
        let denied = prover.prove(name, claim);
        (denied, prover.finish(&mut self.work))
    }

    fn insecure(&mut self, zone: &Name, subject: Subject, why: &Why) {
        let (zone, why) = (zone.clone(), Some(why.clone()));
        self.record(Link { zone, subject, security: Security::Insecure, facts: Vec::new(), why });
    }

    /// Records a link; a broken one ends it all.
    fn conclude(
        &mut self,
        zone: &Name,
        subject: Subject,
        facts: Vec<Fact>,
        outcome: Result<Denied, Why>,
    ) -> Result<(), Halt> {
        let (security, why) = match outcome {
            Ok(Denied::Proven { .. }) => (Security::Secure, None),
            Ok(Denied::Insecure(why)) => (Security::Insecure, Some(why)),
            Err(why) => (Security::Bogus, Some(why)),
        };
        self.record(Link { zone: zone.clone(), subject, security, facts, why: why.clone() });
        match why {
            Some(why) if security == Security::Bogus => Err(Halt::Broken(security, why)),
            _ => Ok(()),
        }
    }

    /// Walks from the nearest anchor above down to a name.
    fn standing(&mut self, to: &Name) -> Result<Standing, Halt> {
        let anchors = self.anchors.iter().filter(|anchor| to.is_in(&anchor.zone));
        let nearest = anchors.map(|anchor| &anchor.zone).max_by_key(|zone| zone.label_count());
        let none = || Halt::Broken(Security::Indeterminate, Why::NoAnchor);
        let mut zone = nearest.cloned().ok_or_else(none)?;
        self.enter_anchored(&zone)?;
        for labels in zone.label_count() + 1..=to.label_count() {
            let name = suffix(to, labels);
            match self.cut(&zone, &name)? {
                Cut::Zone => zone = name,
                Cut::None => {}
                Cut::Absent => break,
                Cut::Insecure(why) => return Ok(Standing::Insecure(zone, why)),
            }
        }
        Ok(Standing::Secure(zone))
    }

    fn enter_anchored(&mut self, zone: &Name) -> Result<(), Halt> {
        if self.zones.contains_key(zone) {
            return Ok(());
        }
        let reply = self.usable_reply(zone, RecordType::DNSKEY)?;
        let its: Vec<_> =
            self.anchors.iter().filter(|anchor| anchor.zone == *zone).cloned().collect();
        let vouchers: Vec<_> = its.iter().map(|anchor| anchor.voucher.clone()).collect();
        let told = |states: &[DsState]| {
            let fact = |(anchor, state): (&super::Anchor, &DsState)| Fact::Anchor {
                tag: anchor.voucher.tag,
                algorithm: anchor.voucher.algorithm,
                source: anchor.source.clone(),
                matches: *state == DsState::Matches,
            };
            its.iter().zip(states).map(fact).collect()
        };
        let entered = self.enter(zone, &vouchers, &reply, true, told);
        self.admit(zone, zone, Subject::Anchored, entered)
    }

    fn admit(
        &mut self,
        above: &Name,
        zone: &Name,
        subject: Subject,
        entered: Entered,
    ) -> Result<(), Halt> {
        let Entered { facts, keys } = entered;
        let outcome = keys.map(|keys| {
            self.zones.insert(zone.clone(), keys);
            Denied::Proven { is_delegation: true }
        });
        self.conclude(above, subject, facts, outcome)
    }

    /// Whether the DNSKEY records of a zone are signed by a key that is vouched for (RFC 4035 §5.2).
    fn enter(
        &mut self,
        zone: &Name,
        vouchers: &[Voucher],
        reply: &Reply,
        anchored: bool,
        told: impl Fn(&[DsState]) -> Vec<Fact>,
    ) -> Entered {
        let set = reply.answer(zone, RecordType::DNSKEY);
        let keys = set.map(keys_of).unwrap_or_default();
        let (entries, states) = entry_keys(zone, vouchers, &keys);
        let mut facts = told(&states);
        let Some(set) = set else {
            return Entered { facts, keys: Err(Why::NoDnskey(zone.clone())) };
        };
        facts.extend(key_facts(&keys, &entries));
        if entries.is_empty() {
            let wanted = vouchers.iter().map(|voucher| (voucher.tag, voucher.digest)).collect();
            let keys = keys.iter().map(|key| key.tag).collect();
            let why = Why::NoEntryKey { zone: zone.clone(), anchored, wanted, keys };
            return Entered { facts, keys: Err(why) };
        }
        // Those of other keys of the zone say nothing here.
        let mut set = set.clone();
        let is_entry = |tag| entries.iter().any(|entry| entry.tag == tag);
        set.signatures.sort_by_key(|signature| !is_entry(signature.tag));
        let checked = check(&set, zone, &entries, &mut self.work);
        facts.extend(checked.facts);
        Entered { facts, keys: checked.outcome.map(|_| keys) }
    }

    /// What `name` is to `zone`, of which it is one label below a name known to be in it.
    fn cut(&mut self, zone: &Name, name: &Name) -> Result<Cut, Halt> {
        if let Some(cut) = self.cuts.get(name) {
            return Ok(cut.clone());
        }
        let reply = self.usable_reply(name, RecordType::DS)?;
        let cut = match reply.answer(name, RecordType::DS) {
            Some(set) => self.delegation(zone, name, set)?,
            // An alias is no zone. Were it a lie, records below would lack signatures of `zone`.
            None if !said_of(&reply, name, RecordType::DS).is_empty() => Cut::None,
            None => self.no_delegation(zone, name, &reply)?,
        };
        self.cuts.insert(name.clone(), cut.clone());
        Ok(cut)
    }

    fn delegation(&mut self, zone: &Name, name: &Name, set: &Rrset) -> Result<Cut, Halt> {
        let vouchers: Vec<_> =
            set.rdatas.iter().filter_map(|rdata| Voucher::of_ds(rdata)).collect();
        let has_usable = vouchers.iter().any(Voucher::is_supported);
        // Before anything is recorded: a step that lacks a reply is taken again.
        let reply =
            if has_usable { Some(self.usable_reply(name, RecordType::DNSKEY)?) } else { None };
        let keys = self.zones.get(zone).cloned().unwrap_or_default();
        let signed = check(set, zone, &keys, &mut self.work);
        let subject = Subject::Delegation(name.clone());
        let outcome = signed.outcome.and_then(|labels| {
            let is_whole = usize::from(labels) == signed_labels(name);
            is_whole.then_some(()).ok_or_else(|| Why::NoSignature(name.clone(), RecordType::DS))
        });
        let facts = |states: &[DsState]| {
            let ds = vouchers.iter().zip(states).take(32).map(|(ds, state)| ds_fact(ds, *state));
            ds.chain(signed.facts.iter().cloned()).collect()
        };
        let unlooked = || facts(&entry_keys(name, &vouchers, &[]).1);
        match (outcome, reply) {
            (Err(why), _) => {
                self.conclude(zone, subject, unlooked(), Err(why))?;
                Ok(Cut::None)
            }
            (Ok(()), None) => {
                let pairs = vouchers.iter().take(16).map(|ds| (ds.algorithm, ds.digest)).collect();
                let why = Why::Unsupported(name.clone(), pairs);
                self.conclude(zone, subject, unlooked(), Ok(Denied::Insecure(why.clone())))?;
                Ok(Cut::Insecure(why))
            }
            (Ok(()), Some(reply)) => {
                let entered = self.enter(name, &vouchers, &reply, false, facts);
                self.admit(zone, name, subject, entered)?;
                Ok(Cut::Zone)
            }
        }
    }

    fn no_delegation(&mut self, zone: &Name, name: &Name, reply: &Reply) -> Result<Cut, Halt> {
        let claim = match reply.rcode {
            Rcode::NXDOMAIN => Claim::NoName,
            _ => Claim::NoData(RecordType::DS),
        };
        let (denied, facts) = self.prove(reply, zone, name, claim);
        let subject = Subject::Delegation(name.clone());
        match denied {
            // Neither is worth a link: what stands in the zone is told by its own.
            Ok(Denied::Proven { .. }) if claim == Claim::NoName => Ok(Cut::Absent),
            Ok(Denied::Proven { is_delegation: false }) => Ok(Cut::None),
            Ok(Denied::Proven { is_delegation: true }) => {
                let why = Why::Unsigned(name.clone());
                self.conclude(zone, subject, facts, Ok(Denied::Insecure(why.clone())))?;
                Ok(Cut::Insecure(why))
            }
            Ok(Denied::Insecure(why)) => {
                self.conclude(zone, subject, facts, Ok(Denied::Insecure(why.clone())))?;
                Ok(Cut::Insecure(why))
            }
            Err(why) => {
                self.conclude(zone, subject, facts, Err(why))?;
                Ok(Cut::None)
            }
        }
    }
}

fn ds_fact(ds: &Voucher, state: DsState) -> Fact {
    Fact::Ds { tag: ds.tag, algorithm: ds.algorithm, digest: ds.digest, state }
}

/// The sets that answer for a name: of the type, or an alias.
fn said_of<'r>(reply: &'r Reply, name: &Name, kind: RecordType) -> Vec<&'r Rrset> {
    if kind == RecordType::ANY {
        return reply.in_answer().filter(|set| set.owner == *name).take(32).collect();
    }
    let dname = || {
        reply.in_answer().find(|set| {
            set.kind == RecordType::DNAME && name.is_in(&set.owner) && set.owner != *name
        })
    };
    let answer = reply.answer(name, kind).or_else(dname);
    answer.or_else(|| reply.answer(name, RecordType::CNAME)).into_iter().collect()
}

/// The zone that claims to have signed what is said; whether it has is for the walk to find out.
fn signer_of(reply: &Reply, sets: &[&Rrset], name: &Name) -> Option<Name> {
    let proofs = [RecordType::NSEC, RecordType::NSEC3, RecordType::SOA];
    let proofs = proofs.into_iter().flat_map(|kind| reply.in_authority(kind));
    let sets: Vec<_> = if sets.is_empty() { proofs.collect() } else { sets.to_vec() };
    let signers = sets.iter().flat_map(|set| &set.signatures).map(|signature| &signature.signer);
    signers.filter(|signer| name.is_in(signer)).max_by_key(|signer| signer.label_count()).cloned()
}

/// What a set makes of a name that was not asked for as such (RFC 6672 §2.2).
fn alias_of(set: &Rrset, name: &Name, kind: RecordType) -> Option<Name> {
    if set.kind == kind || kind == RecordType::ANY {
        return None;
    }
    let target = Rdata::alone(set.rdatas.first()?).reader().name().ok()?;
    if set.kind == RecordType::CNAME {
        return Some(target);
    }
    let mut prefix = Name::root();
    let above = name.label_count() - set.owner.label_count();
    let labels: Vec<_> = name.labels().take(above).collect();
    for label in labels.into_iter().rev() {
        prefix = prefix.child(label)?;
    }
    prefix.under(&target)
}
