//! What validation found: links of the chain, and the verdict.

use crate::{Name, Question, Rcode, RecordType};

/// What is known of data (RFC 4033 §5), the better the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Security {
    /// There is an unbroken chain of signatures from a trust anchor to it.
    Secure,
    /// There is a proof that the chain ends above it.
    Insecure,
    /// It cannot be told: something of the chain could not be had.
    Indeterminate,
    /// It should be signed, and is not or wrongly.
    Bogus,
}

impl Security {
    /// The word of RFC 4033 §5 for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secure => "secure",
            Self::Insecure => "insecure",
            Self::Indeterminate => "indeterminate",
            Self::Bogus => "bogus",
        }
    }
}

/// One link of the chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// The zone whose keys answer for it; of what is below an insecure delegation, the last secure one.
    pub zone: Name,
    /// What it is about.
    pub subject: Subject,
    /// How it came out.
    pub security: Security,
    /// What it rests on, in the order that it was looked at.
    pub facts: Vec<Fact>,
    /// Why it is not secure.
    pub why: Option<Why>,
}

/// What a link is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The keys of the zone, which a trust anchor vouches for.
    Anchored,
    /// The keys of a zone below, which the zone's DS records vouch for.
    Delegation(Name),
    /// Records.
    Data(Name, RecordType),
    /// A name that stands for another one: by CNAME at it or DNAME above it.
    Alias {
        /// The name.
        name: Name,
        /// CNAME or DNAME.
        kind: RecordType,
        /// What it stands for.
        target: Name,
    },
    /// There is no such name (RFC 8020).
    NoName(Name),
    /// There is no record of this type.
    NoData(Name, RecordType),
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A trust anchor.
    Anchor {
        /// Tag of its key (RFC 4034 appendix B).
        tag: u16,
        /// Algorithm of its key.
        algorithm: u8,
        /// Where it is from: a file, or who publishes it.
        source: String,
        /// Whether a key of the zone is this one.
        matches: bool,
    },
    /// A DS record.
    Ds {
        /// Tag of the key it is of.
        tag: u16,
        /// Algorithm of the key.
        algorithm: u8,
        /// Digest type (RFC 4034 §5.1.3).
        digest: u8,
        /// What became of it.
        state: DsState,
    },
    /// A DNSKEY record.
    Key {
        /// Its tag.
        tag: u16,
        /// Its algorithm.
        algorithm: u8,
        /// Its flags (RFC 4034 §2.1.1): 257 is a key-signing key.
        flags: u16,
        /// Whether an anchor or DS vouches for it.
        is_entry: bool,
    },
    /// An RRSIG record.
    Signature {
        /// Of which records.
        covered: RecordType,
        /// Of whose records.
        owner: Name,
        /// Tag of the key it was made with.
        tag: u16,
        /// Its algorithm.
        algorithm: u8,
        /// Seconds since 1970, modulo 2^32 (RFC 4034 §3.1.5).
        inception: u32,
        /// Seconds since 1970, modulo 2^32.
        expiration: u32,
        /// The wildcard that the records were made from.
        wildcard: Option<Name>,
        /// Whether it is good; otherwise why not.
        fault: Option<SignatureFault>,
    },
    /// An NSEC or NSEC3 record of a proof.
    Proof {
        /// NSEC or NSEC3.
        kind: RecordType,
        /// Its owner.
        owner: Name,
        /// What it proves.
        says: Proof,
        /// Whether there may be unsigned delegations in its span (RFC 5155 §6).
        opt_out: bool,
    },
}

/// What became of a DS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DsState {
    /// It is the digest of a key of the zone.
    Matches,
    /// It is the digest of none.
    NoKey,
    /// Its digest type or algorithm is not supported, or not any more.
    Unsupported,
    /// There is a stronger digest beside it (RFC 4509 §3), or there are too many.
    PassedOver,
}

/// What an NSEC or NSEC3 record proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// This name is there, and it has not the type in question.
    Lacks(Name),
    /// This name is there: the closest encloser.
    Encloses(Name),
    /// There is no such name.
    Covers(Name),
    /// This name is there only as what others are below (RFC 8499 §7).
    Between(Name),
}

/// Why a signature is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFault {
    /// Its time is over since so many seconds.
    Expired(u32),
    /// Its time begins in so many seconds.
    NotYet(u32),
    /// The zone has no such key.
    NoKey,
    /// It does not fit the records and the key.
    Wrong,
    /// Its algorithm is not supported.
    Algorithm,
    /// It is of another zone, or says more labels than there are (RFC 4035 §5.3.1).
    NotOfZone,
    /// More signatures and keys than are tried.
    Untried,
}

/// Why something is not secure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No trust anchor is at or above the name.
    NoAnchor,
    /// A question of the chain got no answer, or this code.
    NoAnswer {
        /// The question.
        question: Question,
        /// The code, where there was an answer.
        rcode: Option<Rcode>,
        /// What happened, where there was none.
        text: String,
    },
    /// The zone has no DNSKEY.
    NoDnskey(Name),
    /// None of the keys is one that the anchors or DS records vouch for.
    NoEntryKey {
        /// The zone.
        zone: Name,
        /// Whether a trust anchor vouches rather than DS records.
        anchored: bool,
        /// Tags and digest types of the DS records; of an anchor that is a key, 0.
        wanted: Vec<(u16, u8)>,
        /// Tags of the keys.
        keys: Vec<u16>,
    },
    /// The records have no RRSIG.
    NoSignature(Name, RecordType),
    /// The best of the signatures is not good.
    BadSignature {
        /// Whose records.
        owner: Name,
        /// Which records.
        kind: RecordType,
        /// Tag of the key.
        tag: u16,
        /// End or begin of its time, in seconds since 1970, where that is the fault.
        at: u32,
        /// What is wrong.
        fault: SignatureFault,
    },
    /// There are neither NSEC nor NSEC3 records of the zone.
    NoProof(Name, RecordType),
    /// There are some, and they do not prove what they should.
    ProofFails {
        /// NSEC or NSEC3.
        kind: RecordType,
        /// What is missing.
        gap: Gap,
    },
    /// The zone is delegated without DS.
    Unsigned(Name),
    /// An opt-out span covers the name: there may be an unsigned delegation (RFC 5155 §6).
    OptOut(Name),
    /// All DS records of the zone are of unsupported algorithms or digests (RFC 4035 §5.2).
    Unsupported(Name, Vec<(u8, u8)>),
    /// Its NSEC3 records are hashed more often than is worked through (RFC 9276 §3.2).
    Iterations(u16),
    /// Records that are never signed.
    NeverSigned(RecordType),
    /// CNAMEs lead in a circle.
    AliasLoop(Name),
    /// More of this than is worked through, and how many that is.
    TooExpensive(&'static str, usize),
}

/// What a proof lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No record covers this name.
    NotCovered(Name),
    /// No record matches this name or one above it.
    NoEncloser(Name),
    /// A record says that this type is there.
    TypeThere(Name, RecordType),
    /// The record is of the wrong side of a delegation (RFC 6840 §4.1, §4.4).
    WrongSide(Name),
    /// Neither this wildcard nor its absence is proven.
    Wildcard(Name),
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The worst of the links.
    pub security: Security,
    /// What is at fault, where it is not secure.
    pub why: Option<Why>,
    /// This machine's clock may be wrong: every signature that was seen is out of its time.
    pub clock: Option<ClockHint>,
    /// Questions that were asked.
    pub questions: usize,
    /// Signatures that were checked.
    pub checks: usize,
}

/// Seconds that a clock must be moved for signatures to be in their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockHint {
    /// It is behind by at least so much.
    Behind(u32),
    /// It is ahead by at least so much.
    Ahead(u32),
}
