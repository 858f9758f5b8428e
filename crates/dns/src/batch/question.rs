//! What is asked, and how: a query is made by copying.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::{Class, Header, Name, NameError, RecordType};

/// A name in wire form that needs no allocation.
#[derive(Clone, Copy, Debug)]
pub struct WireName {
    octets: [u8; Name::LONGEST],
    length: u8,
}

impl Default for WireName {
    fn default() -> Self {
        Self { octets: [0; Name::LONGEST], length: 1 }
    }
}

impl WireName {
    /// Reads a name as [`Name::parse`] does, below the root.
    pub fn parse(text: &[u8]) -> Result<Self, NameError> {
        match Self::plain(text) {
            Some(name) => Ok(name),
            None => Name::parse(text, &Name::root()).map(|name| Self::from(&name)),
        }
    }

    /// Names that have no escape and no fault, which is nearly all.
    fn plain(text: &[u8]) -> Option<Self> {
        let text = text.strip_suffix(b".").unwrap_or(text);
        // Without `@`, which is the origin, and one octet more at each end than the text has.
        if text.is_empty() || text.len() + 2 > Name::LONGEST || text == b"@" {
            return None;
        }
        let mut name = Self { octets: [0; Name::LONGEST], length: 0 };
        let mut at = 0;
        for label in text.split(|octet| *octet == b'.') {
            let length =
                u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
            if label.contains(&b'\\') {
                return None;
            }
            *name.octets.get_mut(at)? = length;
            name.octets.get_mut(at + 1..at + 1 + label.len())?.copy_from_slice(label);
            at += 1 + label.len();
        }
        name.length = u8::try_from(at + 1).ok()?;
        Some(name)
    }

    /// The wire form, uncompressed.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// As others have it.
    #[must_use]
    pub fn to_name(&self) -> Name {
        Name::from_wire(self.octets().to_vec()).unwrap_or_else(Name::root)
    }

    /// With the case of its letters as `bits` say, one a letter, from the lowest on and then from there
    /// again (draft-vixie-dnsext-dns0x20 §2).
    #[must_use]
    pub fn mixed(&self, bits: u64) -> Self {
        let mut mixed = *self;
        let mut letter = 0;
        // A length is below 64 and no letter.
        for octet in mixed.octets.iter_mut().take(self.length.into()) {
            if octet.is_ascii_alphabetic() {
                *octet = match bits >> (letter % 64) & 1 {
                    0 => octet.to_ascii_lowercase(),
                    _ => octet.to_ascii_uppercase(),
                };
                letter += 1;
            }
        }
        mixed
    }
}

impl From<&Name> for WireName {
    fn from(name: &Name) -> Self {
        let mut wire = Self::default();
        let length = name.octets().len().min(Name::LONGEST);
        wire.octets[..length].copy_from_slice(&name.octets()[..length]);
        wire.length = u8::try_from(length).unwrap_or(u8::MAX);
        wire
    }
}

/// Everything that queries have in common but their name, type, class and ID.
#[derive(Clone, Debug)]
pub struct Manner {
    /// From the flags to the counts.
    head: [u8; Header::SIZE - 2],
    /// What follows the question.
    tail: Vec<u8>,
    /// Whom to ask, in this order or in turn.
    pub servers: Vec<Asked>,
    /// Over what first.
    pub over: Over,
    /// How long an attempt may take (`+time`).
    pub timeout: Duration,
    /// How many attempts there are (`+tries`), where somebody said so. Otherwise there are as many as it
    /// takes, as long as three would have taken.
    pub tries: Option<u32>,
    /// A reply that was cut short is the answer (`+ignore`).
    pub ignores_truncation: bool,
    /// After SERVFAIL the next server is asked (`+nofail`).
    pub passes_servfail: bool,
    /// Names are sent in a case that was drawn, and must come back in it.
    pub mixes_case: bool,
}

/// One server of a [`Manner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its number, below [`Asked::MOST`], the same for an address wherever it stands.
    pub server: u8,
    /// Where it is.
    pub address: SocketAddr,
}

impl Asked {
    /// So many servers there are at the most.
    pub const MOST: usize = 64;
}

/// What carries a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Datagrams.
    Datagrams,
    /// A stream with many queries under way (RFC 7766 §6.2.1.1).
    Stream,
}

impl Manner {
    /// Of a query for the root: what precedes and what follows its question will precede and follow
    /// others. `None` where that is no query with one question, and nothing in the answer or authority
    /// part.
    #[must_use]
    pub fn of_query(query: &[u8], servers: Vec<Asked>) -> Option<Self> {
        /// Header, `.`, type and class.
        const BEFORE: usize = Header::SIZE + 5;
        let header = Header::parse(query)?;
        let [1, 0, 0, _] = header.counts else { return None };
        let (before, tail) = query.split_at_checked(BEFORE)?;
        if before[Header::SIZE] != 0 || servers.is_empty() {
            return None;
        }
        let (head, tail) = (before[2..Header::SIZE].try_into().ok()?, tail.to_vec());
        Some(Self {
            head,
            tail,
            servers,
            over: Over::Datagrams,
            timeout: Duration::from_secs(5),
            tries: None,
            ignores_truncation: false,
            passes_servfail: false,
            mixes_case: false,
        })
    }

    /// How long a question is asked, all its attempts together.
    pub(super) fn patience(&self) -> Duration {
        /// As many as dig makes.
        const TRIES: u32 = 3;
        self.timeout * self.tries.unwrap_or(TRIES).max(1)
    }

    pub(super) fn opcode(&self) -> u8 {
        self.head[0] >> 3 & 0xf
    }

    /// Writes a query over what `contents` held.
    pub(super) fn write(
        &self,
        id: u16,
        name: &WireName,
        kind: RecordType,
        class: Class,
        contents: &mut Vec<u8>,
    ) {
        contents.clear();
        contents.extend_from_slice(&id.to_be_bytes());
        contents.extend_from_slice(&self.head);
        contents.extend_from_slice(name.octets());
        contents.extend_from_slice(&kind.0.to_be_bytes());
        contents.extend_from_slice(&class.0.to_be_bytes());
        contents.extend_from_slice(&self.tail);
    }
}

/// One question of a batch.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the asker calls it; comes back with its answer.
    pub tag: u64,
    /// About which name.
    pub name: WireName,
    /// Which records are wanted.
    pub kind: RecordType,
    /// Of which class.
    pub class: Class,
    /// How it is asked.
    pub manner: Rc<Manner>,
}

/// Where questions come from.
pub trait Source {
    /// The next one.
    fn next(&mut self) -> Next;
}

/// What a [`Source`] has.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and a box were an allocation for each"
)]
pub enum Next {
    /// A question.
    Question(Question),
    /// Something that is not asked here, and is told when its turn comes: a line that is no question.
    Aside(u64),
    /// Nothing yet.
    Pending,
    /// Nothing more.
    End,
}

impl<I: Iterator<Item = Next>> Source for I {
    fn next(&mut self) -> Next {
        Iterator::next(self).unwrap_or(Next::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_way_through_a_name_is_the_long_one() {
        let long = "a.".repeat(127);
        let label = "a".repeat(64);
        for text in [
            "example.com",
            "example.com.",
            ".",
            "@",
            "",
            "a..b",
            ".a",
            "..",
            "a\\.b",
            "\\097",
            "a\\",
            "@.a",
            "UPPER.lower",
            &long,
            &long[..253],
            &label,
            &label[..63],
            "b.",
            "x.@",
        ] {
            let short = WireName::parse(text.as_bytes()).map(|name| name.octets().to_vec());
            let whole = Name::parse(text.as_bytes(), &Name::root());
            assert_eq!(short, whole.map(|name| name.octets().to_vec()), "{text:?}");
        }
    }

    #[test]
    fn case_is_mixed_in_letters_only() {
        let name = WireName::parse(b"ab1c.de").unwrap();
        assert_eq!(name.mixed(0b10101).octets(), b"\x04Ab1C\x02dE\x00");
        assert_eq!(name.mixed(0).octets(), name.octets());
    }

    #[test]
    fn query_is_its_template_with_another_question() {
        let servers = vec![Asked { server: 0, address: ([192, 0, 2, 1], 53).into() }];
        let root = b"\0\0\x01\x20\0\x01\0\0\0\0\0\x01\0\0\x02\0\x01TAIL";
        let manner = Manner::of_query(root, servers.clone()).unwrap();
        let mut query = vec![9; 99];
        let name = WireName::parse(b"a").unwrap();
        manner.write(0x1234, &name, RecordType(1), Class(3), &mut query);
        assert_eq!(query, b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\x01\x01a\0\0\x01\0\x03TAIL");
        for cut in 0..17 {
            assert!(Manner::of_query(&root[..cut], servers.clone()).is_none());
        }
    }
}
