//! Signatures, held against dig's and against forgeries.

use super::*;

const NOW: u64 = 1_800_000_000;

fn key(algorithm: Algorithm) -> Key {
    let name = Name::parse(b"Lab-Key.test.", &Name::root()).unwrap();
    Key { name, algorithm, secret: b"a secret".to_vec(), length: None }
}

fn query() -> Vec<u8> {
    b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01".to_vec()
}

fn reply() -> Vec<u8> {
    let mut octets = query();
    octets[2] = 0x80;
    octets
}

/// What a server puts into its TSIG.
struct Server<'k> {
    key: &'k Key,
    last: Vec<u8>,
    /// Messages since, which have no signature of their own.
    between: Vec<u8>,
    is_first: bool,
}

impl Server<'_> {
    /// Signs as RFC 8945 §4.3.3 says: written apart from what it tests.
    fn sign(&mut self, message: &[u8], time: u64, error: u16, length: usize) -> Vec<u8> {
        let algorithm = self.key.algorithm.name();
        let timers = [&time.to_be_bytes()[2..], &[1, 44]].concat();
        let rest = [error.to_be_bytes(), [0, 0]].concat();
        let mut data = u16::try_from(self.last.len()).unwrap().to_be_bytes().to_vec();
        data.extend_from_slice(&self.last);
        data.append(&mut self.between);
        data.extend_from_slice(message);
        if self.is_first {
            data.extend_from_slice(b"\x07lab-key\x04test\0\0\xff\0\0\0\0");
            data.extend_from_slice(algorithm.octets());
        }
        data.extend_from_slice(&timers);
        if self.is_first {
            data.extend_from_slice(&rest);
        }
        self.is_first = false;
        let mut digest = self.key.digest();
        digest.update(&data);
        self.last = digest.finish();
        self.last.truncate(length);
        let mut signed = message.to_vec();
        signed[11] += 1;
        let length = [0, u8::try_from(self.last.len()).unwrap()];
        let rdata =
            [algorithm.octets(), &timers, &length, &self.last, &message[..2], &rest].concat();
        signed.extend_from_slice(b"\x07lab-key\x04test\0\0\xfa\0\xff\0\0\0\0\0");
        signed.push(u8::try_from(rdata.len()).unwrap());
        signed.extend_from_slice(&rdata);
        signed
    }
}

fn session(key: &Key) -> (Signed, Server<'_>) {
    let mut message = query();
    let signed = Signed::sign(key, &mut message, NOW);
    let last = signed.last.clone();
    (signed, Server { key, last, between: Vec::new(), is_first: true })
}

#[test]
fn reply_is_authentic_by_every_algorithm_and_no_other_reply_is() {
    use Algorithm::{Md5, Sha1, Sha224, Sha256, Sha384, Sha512};
    for algorithm in [Md5, Sha1, Sha224, Sha256, Sha384, Sha512] {
        let key = key(algorithm);
        let (mut signed, mut server) = session(&key);
        let good = server.sign(&reply(), NOW, 0, 64);
        assert_eq!(signed.verify(&good, NOW), Ok(()), "{algorithm:?}");
        for at in 0..good.len() {
            let (mut signed, _) = session(&key);
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            assert!(
                // The ID is a matter of whoever sent the query.
                signed.verify(&bad, NOW).is_err() || at < 2,
                "{algorithm:?} {at}"
            );
        }
    }
}

#[test]
fn query_is_signed_as_bind_does() {
    // From dig 9.18.49: -y hmac-sha256:k:AAAA +fuzztime=1000 +noedns +qid=4660 example.com
    let name = Name::parse(b"k.", &Name::root()).unwrap();
    let key = Key { name, algorithm: Algorithm::Sha256, secret: vec![0; 3], length: None };
    let name = Name::parse(b"example.com.", &Name::root()).unwrap();
    let form = crate::Form { edns: None, ..crate::Form::default() };
    let mut octets = crate::encode(&form, &name, 4660, &[], key.reserved());
    let length = octets.len();
    Signed::sign(&key, &mut octets, 1000);
    assert_eq!(octets.len() - length, key.reserved());
    assert_eq!(data_encoding::HEXLOWER.encode(&octets), CAPTURED);
}

const CAPTURED: &str = "123401200001000000000001076578616d706c6503636f6d0000010001016b0000fa00ff00000000003d0b686d61632d736861323536000000000003e8012c00205693d89992fbb31e0ebb6eb9b42f15adb7046a706d767b9f4283793dd10f4911123400000000";

#[test]
fn reply_of_another_time_is_told_from_a_forged_one() {
    let key = key(Algorithm::Sha256);
    let (mut signed, mut server) = session(&key);
    let late = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&late, NOW + 301), Err(Invalid::BadTime));
    let (mut signed, mut server) = session(&key);
    let refused = server.sign(&reply(), NOW, 18, 64);
    assert_eq!(signed.verify(&refused, NOW), Err(Invalid::Refused));
}

#[test]
fn servers_that_do_not_know_the_key_say_so_unsigned() {
    let key = key(Algorithm::Sha256);
    for (error, expected) in
        [(16, Err(Invalid::Refused)), (17, Err(Invalid::Refused)), (0, Err(Invalid::BadSignature))]
    {
        let (mut signed, mut server) = session(&key);
        let told = server.sign(&reply(), NOW, error, 0);
        assert_eq!(signed.verify(&told, NOW), expected, "{error}");
    }
}

#[test]
fn reply_without_signature_is_not_authentic() {
    let key = key(Algorithm::Sha256);
    assert_eq!(session(&key).0.verify(&reply(), NOW), Err(Invalid::Missing));
    assert_eq!(session(&key).0.verify(&[], NOW), Err(Invalid::Malformed));
}

#[test]
fn short_signatures_are_good_only_where_they_were_agreed_upon() {
    let mut key = key(Algorithm::Sha256);
    let verify = |key: &Key, length| {
        let (mut signed, mut server) = session(key);
        let octets = server.sign(&reply(), NOW, 0, length);
        signed.verify(&octets, NOW)
    };
    assert_eq!(verify(&key, 16), Err(Invalid::BadSignature));
    assert_eq!(verify(&key, 15), Err(Invalid::Malformed), "less than half");
    key.length = Some(16);
    assert_eq!(verify(&key, 16), Ok(()));
    assert_eq!(verify(&key, 32), Ok(()));
}

#[test]
fn each_message_of_a_transfer_may_lean_on_the_next_signature() {
    let key = key(Algorithm::Sha512);
    let (mut signed, mut server) = session(&key);
    let first = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&first, NOW), Ok(()));
    for _ in 0..3 {
        let bare = reply();
        server.between.extend_from_slice(&bare);
        assert_eq!(signed.verify(&bare, NOW), Ok(()));
        assert!(!signed.is_complete());
    }
    let last = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&last, NOW), Ok(()));
    assert!(signed.is_complete());
}

#[test]
fn message_slipped_into_a_transfer_spoils_the_next_signature() {
    let key = key(Algorithm::Sha512);
    let (mut signed, mut server) = session(&key);
    let first = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&first, NOW), Ok(()));
    assert_eq!(signed.verify(&reply(), NOW), Ok(()));
    let last = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&last, NOW), Err(Invalid::BadSignature));
}

#[test]
fn hundred_messages_without_signature_are_too_many() {
    let key = key(Algorithm::Sha1);
    let (mut signed, mut server) = session(&key);
    let first = server.sign(&reply(), NOW, 0, 64);
    assert_eq!(signed.verify(&first, NOW), Ok(()));
    for _ in 0..99 {
        assert_eq!(signed.verify(&reply(), NOW), Ok(()));
    }
    assert_eq!(signed.verify(&reply(), NOW), Err(Invalid::Missing));
}
