//! TLS's record layer and the headers of handshake messages, read from outside (RFC 8446 §5.1 and §4, RFC 5246 §6.2
//! and §7.4). Total, and bounded: of all that comes a few octets are kept, and those of hellos.

/// What was seen, in order. Lengths are octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A handshake message, with its header, that is not encrypted; its first octets where it is a `ServerHello`.
    Message {
        number: u8,
        length: usize,
        hello: Vec<u8>,
    },
    /// A record, with its header, whose content is encrypted; with the type that stands outside.
    Encrypted {
        kind: u8,
        length: usize,
    },
    ChangeCipherSpec,
    /// An alert that is not encrypted, by its number.
    Alert(u8),
    /// This is no TLS: nothing more is read.
    NotTls,
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

pub(super) const SERVER_HELLO: u8 = 2;

/// More of a hello is not kept.
const HELLO: usize = 1024;

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    /// Whether what follows is encrypted though it does not say so: after `ChangeCipherSpec` in TLS 1.2.
    pub(super) is_encrypted: bool,
    message: Message,
    is_over: bool,
}

#[derive(Debug)]
enum State {
    Header { have: Vec<u8> },
    Body { kind: u8, length: usize, left: usize, alert: Vec<u8> },
}

impl Default for State {
    fn default() -> Self {
        Self::Header { have: Vec::new() }
    }
}

/// A handshake message, which may be in several records.
#[derive(Debug, Default)]
struct Message {
    header: Vec<u8>,
    left: usize,
    hello: Vec<u8>,
}

impl Reader {
    /// Octets that came or went; what they make whole is handed over.
    pub(super) fn feed(&mut self, mut octets: &[u8], tell: &mut dyn FnMut(&mut Self, Seen)) {
        while !octets.is_empty() && !self.is_over {
            octets = match std::mem::take(&mut self.state) {
                State::Header { have } => self.header(have, octets, tell),
                State::Body { kind, length, left, alert } => {
                    self.body((kind, length, left, alert), octets, tell)
                }
            };
        }
    }

    fn header<'a>(
        &mut self,
        mut have: Vec<u8>,
        octets: &'a [u8],
        tell: &mut dyn FnMut(&mut Self, Seen),
    ) -> &'a [u8] {
        let rest = fill(&mut have, octets, 5);
        if !is_tls(&have) {
            self.is_over = true;
            tell(self, Seen::NotTls);
            return &[];
        }
        self.state = match *have.as_slice() {
            [kind, _, _, high, low] => {
                let left = usize::from(u16::from_be_bytes([high, low]));
                State::Body { kind, length: left.saturating_add(5), left, alert: Vec::new() }
            }
            _ => State::Header { have },
        };
        rest
    }

    fn body<'a>(
        &mut self,
        (kind, length, left, mut alert): (u8, usize, usize, Vec<u8>),
        octets: &'a [u8],
        tell: &mut dyn FnMut(&mut Self, Seen),
    ) -> &'a [u8] {
        let (part, rest) = octets.split_at(left.min(octets.len()));
        let left = left.saturating_sub(part.len());
        if kind == HANDSHAKE && !self.is_encrypted {
            self.messages(part, tell);
        }
        if kind == ALERT {
            fill(&mut alert, part, 2);
        }
        if left > 0 {
            self.state = State::Body { kind, length, left, alert };
            return rest;
        }
        match (kind, alert.as_slice()) {
            (CHANGE_CIPHER_SPEC, _) => tell(self, Seen::ChangeCipherSpec),
            (ALERT, &[_, number]) if length == 7 && !self.is_encrypted => {
                tell(self, Seen::Alert(number));
            }
            (HANDSHAKE, _) if !self.is_encrypted => {}
            _ => tell(self, Seen::Encrypted { kind, length }),
        }
        rest
    }

    fn messages(&mut self, mut part: &[u8], tell: &mut dyn FnMut(&mut Self, Seen)) {
        while !part.is_empty() {
            if self.message.header.len() < 4 {
                part = fill(&mut self.message.header, part, 4);
                let &[_, high, middle, low] = self.message.header.as_slice() else { return };
                self.message.left = u32::from_be_bytes([0, high, middle, low]) as usize;
            }
            let (body, rest) = part.split_at(self.message.left.min(part.len()));
            if self.message.header.first() == Some(&SERVER_HELLO) {
                fill(&mut self.message.hello, body, HELLO);
            }
            self.message.left = self.message.left.saturating_sub(body.len());
            part = rest;
            if self.message.left == 0 {
                self.message_ends(tell);
            }
        }
    }

    fn message_ends(&mut self, tell: &mut dyn FnMut(&mut Self, Seen)) {
        let Message { header, hello, .. } = std::mem::take(&mut self.message);
        let &[number, high, middle, low] = header.as_slice() else { return };
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        tell(self, Seen::Message { number, length: length.saturating_add(4), hello });
    }
}

/// Takes what is missing, and hands back the rest.
fn fill<'a>(have: &mut Vec<u8>, octets: &'a [u8], wanted: usize) -> &'a [u8] {
    let missing = wanted.saturating_sub(have.len()).min(octets.len());
    let (part, rest) = octets.split_at(missing);
    have.extend_from_slice(part);
    rest
}

/// As far as it is there.
fn is_tls(header: &[u8]) -> bool {
    let kind = header.first().is_none_or(|kind| (20..=24).contains(kind));
    kind && header.get(1).is_none_or(|major| *major == 3)
}

/// What a `ServerHello` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// It asks for another `ClientHello` (RFC 8446 §4.1.4).
    pub(super) is_retry: bool,
    /// It chose TLS 1.3.
    pub(super) is_13: bool,
}

/// The random value that makes it a `HelloRetryRequest` (RFC 8446 §4.1.3): the SHA-256 of that word.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl Hello {
    pub(super) fn read(body: &[u8]) -> Self {
        let is_retry = body.get(2..34) == Some(&RETRY);
        Self { is_retry, is_13: is_13(body).unwrap_or(false) }
    }
}

fn is_13(body: &[u8]) -> Option<bool> {
    let session = usize::from(*body.get(34)?);
    // Session, cipher suite, compression, and the length of the extensions.
    let mut rest = body.get(35_usize.checked_add(session)?.checked_add(5)?..)?;
    while let [high, low, long, short, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*long, *short]));
        let value = behind.get(..length)?;
        if u16::from_be_bytes([*high, *low]) == SUPPORTED_VERSIONS {
            return Some(value == [3, 4]);
        }
        rest = behind.get(length..)?;
    }
    Some(false)
}

const SUPPORTED_VERSIONS: u16 = 43;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&[u8]]) -> Vec<Seen> {
        let (mut reader, mut seen) = (Reader::default(), Vec::new());
        for part in parts {
            reader.feed(part, &mut |_, one| seen.push(one));
        }
        seen
    }

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3][..], &length, body].concat()
    }

    const DONE: [u8; 4] = [14, 0, 0, 0];

    fn message(number: u8, length: usize) -> Seen {
        Seen::Message { number, length, hello: Vec::new() }
    }

    #[test]
    fn messages_are_found_however_records_are_cut() {
        let two = record(HANDSHAKE, &[&[11, 0, 0, 3, 1, 2, 3][..], &DONE].concat());
        let expected = [message(11, 7), message(14, 4)];
        assert_eq!(read(&[&two]), expected, "two in one record");
        for at in 0..two.len() {
            assert_eq!(read(&[&two[..at], &two[at..]]), expected, "cut at {at}");
        }
        let apart = [record(HANDSHAKE, &[11, 0, 0]), record(HANDSHAKE, &[3, 1, 2, 3])].concat();
        assert_eq!(read(&[&apart]), [message(11, 7)], "one in two records");
    }

    #[test]
    fn what_is_encrypted_is_told_by_its_record() {
        let seen = read(&[&record(APPLICATION_DATA, &[0; 30]), &record(CHANGE_CIPHER_SPEC, &[1])]);
        let encrypted = Seen::Encrypted { kind: APPLICATION_DATA, length: 35 };
        assert_eq!(seen, [encrypted, Seen::ChangeCipherSpec]);
        assert_eq!(read(&[&record(ALERT, &[2, 40])]), [Seen::Alert(40)]);
        let hidden = Seen::Encrypted { kind: ALERT, length: 24 };
        assert_eq!(
            read(&[&record(ALERT, &[0; 19])]),
            [hidden],
            "an alert of 19 octets is encrypted"
        );
    }

    #[test]
    fn other_protocols_are_told_at_their_second_octet() {
        for text in ["HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-x", "\x16a"] {
            assert_eq!(read(&[text.as_bytes(), b"and more"]), [Seen::NotTls], "{text}");
        }
    }

    #[test]
    fn hellos_say_their_version_and_whether_they_are_retries() {
        let hello = |random: [u8; 32], extensions: &[u8]| {
            let length = u16::try_from(extensions.len()).unwrap().to_be_bytes();
            [&[3, 3][..], &random, &[0, 0x13, 0x01, 0], &length, extensions].concat()
        };
        let versions = [0, 51, 0, 1, 9, 0, 43, 0, 2, 3, 4];
        let told = |body: &[u8]| (Hello::read(body).is_retry, Hello::read(body).is_13);
        assert_eq!(told(&hello([7; 32], &versions)), (false, true));
        assert_eq!(told(&hello(RETRY, &versions)), (true, true));
        assert_eq!(told(&hello([7; 32], &[])), (false, false));
        for end in 0..40 {
            let _ = Hello::read(&hello([7; 32], &versions)[..end]);
        }
    }

    #[test]
    fn noise_neither_panics_nor_is_kept() {
        let mut noise: u32 = 1;
        for _ in 0..200 {
            let mut reader = Reader::default();
            let mut octets = vec![HANDSHAKE, 3, 3, 0xff, 0xff];
            octets.extend((0..70_000).map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            }));
            reader.feed(&octets, &mut |_, _| ());
            assert!(reader.message.hello.len() <= HELLO);
        }
    }
}
