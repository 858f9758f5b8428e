//! Signatures of messages by a secret that both sides know (RFC 8945).
//!
//! The time is an argument. A secret never leaves a [`Key`].

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::{Class, Header, Message, Name, Record, RecordType};

/// A digest that a secret is mixed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-md5.sig-alg.reg.int.`
    Md5,
    /// `hmac-sha1.`
    Sha1,
    /// `hmac-sha224.`
    Sha224,
    /// `hmac-sha256.`
    Sha256,
    /// `hmac-sha384.`
    Sha384,
    /// `hmac-sha512.`
    Sha512,
}

impl Algorithm {
    /// Its name on the wire (RFC 8945 §6).
    #[must_use]
    pub fn name(self) -> Name {
        let text = match self {
            Self::Md5 => "hmac-md5.sig-alg.reg.int.",
            Self::Sha1 => "hmac-sha1.",
            Self::Sha224 => "hmac-sha224.",
            Self::Sha256 => "hmac-sha256.",
            Self::Sha384 => "hmac-sha384.",
            Self::Sha512 => "hmac-sha512.",
        };
        Name::parse(text.as_bytes(), &Name::root()).unwrap_or_else(|_| Name::root())
    }

    /// Octets of its whole signature.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A secret and how it is used.
#[derive(Clone)]
pub struct Key {
    /// What both sides call it.
    pub name: Name,
    /// With which digest.
    pub algorithm: Algorithm,
    /// The secret's octets.
    pub secret: Vec<u8>,
    /// Octets of a signature, where it is cut short (RFC 8945 §5.2.2.1).
    pub length: Option<usize>,
}

impl std::fmt::Debug for Key {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} {:?})", self.name, self.algorithm)
    }
}

impl Key {
    /// Octets that a signature by it adds to a query, were it not cut short.
    #[must_use]
    pub fn reserved(&self) -> usize {
        let names = self.name.octets().len() + self.algorithm.name().octets().len();
        names + 10 + 16 + self.algorithm.octets()
    }

    fn digest(&self) -> Box<dyn Digest> {
        fn keyed<D: Mac + KeyInit + Send + 'static>(secret: &[u8]) -> Box<dyn Digest> {
            let keyed = <D as KeyInit>::new_from_slice(secret);
            Box::new(Keyed(keyed.expect("HMAC takes keys of any length: RFC 2104 §2")))
        }
        match self.algorithm {
            Algorithm::Md5 => keyed::<Hmac<Md5>>(&self.secret),
            Algorithm::Sha1 => keyed::<Hmac<Sha1>>(&self.secret),
            Algorithm::Sha224 => keyed::<Hmac<Sha224>>(&self.secret),
            Algorithm::Sha256 => keyed::<Hmac<Sha256>>(&self.secret),
            Algorithm::Sha384 => keyed::<Hmac<Sha384>>(&self.secret),
            Algorithm::Sha512 => keyed::<Hmac<Sha512>>(&self.secret),
        }
    }
}

/// A digest with a secret mixed in, whichever it is.
trait Digest: Send {
    fn update(&mut self, octets: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn is(self: Box<Self>, signature: &[u8]) -> bool;
}

struct Keyed<D>(D);

impl<D: Mac + Send> Digest for Keyed<D> {
    fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }

    fn is(self: Box<Self>, signature: &[u8]) -> bool {
        // In constant time; a signature may be cut short.
        self.0.verify_truncated_left(signature).is_ok()
    }
}

/// Why a signature is not good, in BIND's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is none, and there must be one.
    #[error("expected a TSIG or SIG(0)")]
    Missing,
    /// Its digest is not that of this message, or another key's.
    #[error("tsig verify failure")]
    BadSignature,
    /// The server says that it could not verify the query.
    #[error("tsig indicates error")]
    Refused,
    /// Its time is not now.
    #[error("clocks are unsynchronized")]
    BadTime,
    /// Its record cannot be read, or the signature is too short or too long.
    #[error("FORMERR")]
    Malformed,
}

/// A signed query and what of its replies is signed so far.
pub struct Signed {
    key: Key,
    /// The signature before the next one: it is part of what that signs.
    last: Vec<u8>,
    /// What came since, of messages without a signature (RFC 8945 §5.3.1).
    pending: Option<Box<dyn Digest>>,
    /// Messages since the last signature.
    unsigned: u32,
    messages: u64,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({:?}, {} messages)", self.key, self.messages)
    }
}

/// Seconds by which two clocks may differ (RFC 8945 §10 recommends it).
const FUDGE: u16 = 300;

/// No more messages than that go without a signature (RFC 8945 §5.3.1).
const MOST_UNSIGNED: u32 = 99;

impl Signed {
    /// Signs a query: appends its TSIG. `time` is seconds since 1970 UTC. What has no header stays unsigned.
    pub fn sign(key: &Key, message: &mut Vec<u8>, time: u64) -> Self {
        let mut signed =
            Self { key: key.clone(), last: vec![], pending: None, unsigned: 0, messages: 0 };
        let Some(&[first, second, .., high, low]) = message.first_chunk::<{ Header::SIZE }>()
        else {
            return signed;
        };
        let id = [first, second];
        let name = key.name.to_lowercase();
        let algorithm = key.algorithm.name();
        let timers = [&time.to_be_bytes()[2..], &FUDGE.to_be_bytes()].concat();
        let mut digest = key.digest();
        digest.update(message);
        for part in [name.octets(), &[0, 255, 0, 0, 0, 0], algorithm.octets(), &timers, &[0; 4]] {
            digest.update(part);
        }
        let mut signature = digest.finish();
        signature.truncate(key.length.unwrap_or(usize::MAX));
        let length = u16::try_from(signature.len()).unwrap_or(0).to_be_bytes();
        let rdata = [algorithm.octets(), &timers, &length, &signature, &id, &[0; 4]].concat();
        message.extend_from_slice(name.octets());
        message.extend_from_slice(&[0, 250, 0, 255, 0, 0, 0, 0]);
        message.extend_from_slice(&u16::try_from(rdata.len()).unwrap_or(0).to_be_bytes());
        message.extend_from_slice(&rdata);
        let additional = u16::from_be_bytes([high, low]).wrapping_add(1);
        message[10..12].copy_from_slice(&additional.to_be_bytes());
        signed.last = signature;
        signed
    }

    /// Looks whether the next reply is authentic. `time` is seconds since 1970 UTC.
    ///
    /// A message of a transfer that has no signature is good so far: what follows must sign it too.
    pub fn verify(&mut self, octets: &[u8], time: u64) -> Result<(), Invalid> {
        let message = Message::parse(octets).ok_or(Invalid::Malformed)?;
        let is_first = self.messages == 0;
        self.messages += 1;
        // It must be the last record (RFC 8945 §5.2).
        let last = message.records.last();
        let Some(record) = last.filter(|record| record.kind == RecordType::TSIG) else {
            return self.skip(octets, is_first);
        };
        let tsig = Tsig::parse(record).filter(|_| record.class == Class::ANY);
        let tsig = tsig.ok_or(Invalid::Malformed)?;
        self.unsigned = 0;
        let verdict = self.check(octets, record, &tsig, is_first);
        self.last = tsig.signature.to_vec();
        self.pending = None;
        verdict?;
        if time.abs_diff(tsig.time) > u64::from(tsig.fudge) {
            return Err(Invalid::BadTime);
        }
        if tsig.error != 0 {
            return Err(Invalid::Refused);
        }
        let wanted = self.key.length.unwrap_or(self.key.algorithm.octets());
        if tsig.signature.len() < wanted { Err(Invalid::BadSignature) } else { Ok(()) }
    }

    /// Whether what came last had a signature: without one at its end no transfer is authentic.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.unsigned == 0
    }

    fn skip(&mut self, octets: &[u8], is_first: bool) -> Result<(), Invalid> {
        self.unsigned += 1;
        if is_first || self.unsigned > MOST_UNSIGNED {
            return Err(Invalid::Missing);
        }
        self.digest().update(octets);
        Ok(())
    }

    /// The digest of what comes next, begun with the signature before.
    fn digest(&mut self) -> &mut Box<dyn Digest> {
        let (key, last) = (&self.key, &self.last);
        self.pending.get_or_insert_with(|| {
            let mut digest = key.digest();
            digest.update(&u16::try_from(last.len()).unwrap_or(0).to_be_bytes());
            digest.update(last);
            digest
        })
    }

    fn check(
        &mut self,
        octets: &[u8],
        record: &Record<'_>,
        tsig: &Tsig<'_>,
        is_first: bool,
    ) -> Result<(), Invalid> {
        let algorithm = self.key.algorithm;
        if record.owner != self.key.name || tsig.algorithm != algorithm.name() {
            return Err(Invalid::BadSignature);
        }
        if tsig.signature.is_empty() {
            // BADSIG and BADKEY are told without a signature (RFC 8945 §5.3.2).
            return if matches!(tsig.error, 16 | 17) { Ok(()) } else { Err(Invalid::BadSignature) };
        }
        let length = tsig.signature.len();
        if length > algorithm.octets() || length < algorithm.octets().div_ceil(2).max(10) {
            return Err(Invalid::Malformed);
        }
        let (Some(body), Some(header)) =
            (octets.get(Header::SIZE..record.at), octets.get(..Header::SIZE))
        else {
            return Err(Invalid::Malformed);
        };
        // As it was before it was signed: with its own ID, and one record less.
        let mut header = header.to_vec();
        header[..2].copy_from_slice(tsig.id);
        let additional = u16::from_be_bytes([header[10], header[11]]).wrapping_sub(1);
        header[10..].copy_from_slice(&additional.to_be_bytes());
        self.digest();
        let Some(mut digest) = self.pending.take() else { return Err(Invalid::BadSignature) };
        digest.update(&header);
        digest.update(body);
        if is_first {
            digest.update(self.key.name.to_lowercase().octets());
            digest.update(&Class::ANY.0.to_be_bytes());
            digest.update(&record.ttl.to_be_bytes());
            digest.update(algorithm.name().octets());
        }
        digest.update(tsig.timers);
        if is_first {
            digest.update(tsig.rest);
        }
        if digest.is(tsig.signature) { Ok(()) } else { Err(Invalid::BadSignature) }
    }
}

/// The data of a TSIG (RFC 8945 §4.2).
struct Tsig<'m> {
    algorithm: Name,
    /// Time and fudge as they stand.
    timers: &'m [u8],
    time: u64,
    fudge: u16,
    signature: &'m [u8],
    id: &'m [u8],
    error: u16,
    /// From the error to the end.
    rest: &'m [u8],
}

impl<'m> Tsig<'m> {
    fn parse(record: &Record<'m>) -> Option<Self> {
        let mut reader = record.rdata.reader();
        let algorithm = reader.name().ok()?;
        let mut timers = reader;
        let (high, low, fudge) = (reader.u16().ok()?, reader.u32().ok()?, reader.u16().ok()?);
        let length = reader.u16().ok()?;
        let signature = reader.take(usize::from(length)).ok()?;
        let id = reader.take(2).ok()?;
        let mut rest = reader;
        let error = reader.u16().ok()?;
        let other = reader.u16().ok()?;
        reader.take(usize::from(other)).ok()?;
        Some(Self {
            algorithm,
            timers: timers.take(8).ok()?,
            time: u64::from(high) << 32 | u64::from(low),
            fudge,
            signature,
            id,
            error,
            rest: rest.take(4 + usize::from(other)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests;
