//! Signatures of transactions (RFC 8945), the server's side.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustix::time::{ClockId, clock_gettime};
use wireline_dns::{Header, Message, Name, Rcode, RecordType};
use wireline_lab::Key;

/// How far clocks may be apart, in seconds (RFC 8945 §10).
const FUDGE: u16 = 300;

/// A signed query, and the signing of what answers it.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    key: Name,
    algorithm: Name,
    secret: Vec<u8>,
    /// The last signature, which is part of the next one's input.
    last: Vec<u8>,
    is_first: bool,
    error: Rcode,
}

/// What a query's signature is worth.
pub(crate) enum Verdict {
    /// It has none.
    Unsigned,
    /// It is good, or it is not and why is in the signer.
    Signed(Signer),
}

impl Signer {
    /// What is wrong with the query's signature: NOERROR where nothing is.
    pub(crate) const fn error(&self) -> Rcode {
        self.error
    }

    /// Puts a signature to a message: of the first one everything, of others the times (§5.3.1).
    pub(crate) fn sign(&mut self, message: &mut Vec<u8>) {
        let times = [&now().to_be_bytes()[2..], &FUDGE.to_be_bytes()].concat();
        let rest = [&self.error.0.to_be_bytes()[..], &[0, 0]].concat();
        let mac = match self.error {
            Rcode::BADKEY | Rcode::BADNAME => Vec::new(),
            _ => {
                let mut input = prefixed(&self.last);
                input.extend_from_slice(message);
                if self.is_first {
                    input.extend(variables(&self.key, &self.algorithm, &times, &rest));
                } else {
                    input.extend(&times);
                }
                mac(&self.algorithm, &self.secret, &input).unwrap_or_default()
            }
        };
        let id = message.get(..2).unwrap_or_default().to_vec();
        let rdata = [self.algorithm.octets(), &times, &prefixed(&mac), &id, &rest].concat();
        message.extend(self.key.octets());
        message.extend([0, 250, 0, 255, 0, 0, 0, 0]);
        message.extend(prefixed(&rdata));
        count_additional(message, 1);
        (self.last, self.is_first) = (mac, false);
    }
}

/// Looks at a query's signature.
pub(crate) fn verify(octets: &[u8], keys: &[Key]) -> Verdict {
    let Some(message) = Message::parse(octets) else { return Verdict::Unsigned };
    let Some(tsig) = message.records.last().filter(|last| last.kind == RecordType::TSIG) else {
        return Verdict::Unsigned;
    };
    let mut reader = tsig.rdata.reader();
    let (Ok(algorithm), Ok(times)) = (reader.name(), reader.take(8)) else {
        return Verdict::Unsigned;
    };
    let mac_given = reader.u16().and_then(|length| reader.take(usize::from(length)));
    let (Ok(given), Ok(id)) = (mac_given, reader.take(2)) else { return Verdict::Unsigned };
    let rest = reader.rest();
    let mut signer = Signer {
        key: tsig.owner.clone(),
        algorithm: algorithm.to_lowercase(),
        secret: Vec::new(),
        last: given.to_vec(),
        is_first: true,
        error: Rcode::BADKEY,
    };
    let is_named =
        |key: &&Key| Name::parse(key.name.as_bytes(), &Name::root()).as_ref() == Ok(&tsig.owner);
    if let Some(key) = keys.iter().find(is_named) {
        signer.secret = BASE64.decode(key.secret.as_bytes()).unwrap_or_default();
        let mut input = octets.get(..tsig.at).unwrap_or_default().to_vec();
        input.splice(..2, id.iter().copied());
        count_additional(&mut input, -1);
        input.extend(variables(&tsig.owner, &algorithm, times, rest));
        let own = mac(&signer.algorithm, &signer.secret, &input);
        let is_good = own.is_some_and(|own| own.starts_with(given) && given.len() >= 10);
        signer.error = if is_good { Rcode::NOERROR } else { Rcode(16) };
    }
    Verdict::Signed(signer)
}

/// What is signed beside the message (RFC 8945 §4.3.3).
fn variables(key: &Name, algorithm: &Name, times: &[u8], rest: &[u8]) -> Vec<u8> {
    let (key, algorithm) = (key.to_lowercase(), algorithm.to_lowercase());
    [key.octets(), &[0, 255, 0, 0, 0, 0], algorithm.octets(), times, rest].concat()
}

fn mac(algorithm: &Name, secret: &[u8], input: &[u8]) -> Option<Vec<u8>> {
    macro_rules! by {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(secret).ok()?;
            mac.update(input);
            mac.finalize().into_bytes().to_vec()
        }};
    }
    Some(match algorithm.to_string().as_str() {
        "hmac-md5.sig-alg.reg.int." => by!(md5::Md5),
        "hmac-sha1." => by!(sha1::Sha1),
        "hmac-sha224." => by!(sha2::Sha224),
        "hmac-sha256." => by!(sha2::Sha256),
        "hmac-sha384." => by!(sha2::Sha384),
        "hmac-sha512." => by!(sha2::Sha512),
        _ => return None,
    })
}

fn prefixed(octets: &[u8]) -> Vec<u8> {
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], octets].concat()
}

fn count_additional(message: &mut [u8], more: i16) {
    if let Some(count) = message.get_mut(10..Header::SIZE) {
        let was = u16::from_be_bytes([count[0], count[1]]);
        count.copy_from_slice(&was.saturating_add_signed(more).to_be_bytes());
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    u64::try_from(clock_gettime(ClockId::Realtime).tv_sec).unwrap_or_default()
}
