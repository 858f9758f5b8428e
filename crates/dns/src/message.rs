//! A message as it came off the wire (RFC 1035 §4), walked without trusting it.
//!
//! Nothing of it is changed: a record is a place in the octets. What cannot be read ends the walk and is
//! told as a [`Fault`]; what stands before it is there.

use std::net::IpAddr;
use std::ops::Range;

use crate::{Class, Name, Opcode, Rcode, RecordType};

/// The first twelve octets (RFC 1035 §4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Transaction ID.
    pub id: u16,
    /// The sixteen bits between the ID and the counts.
    pub flags: u16,
    /// How many questions, answers, authority and additional records it claims to have.
    pub counts: [u16; 4],
}

impl Header {
    /// Octets of a header.
    pub const SIZE: usize = 12;
    /// This is a reply.
    pub const QR: u16 = 0x8000;
    /// The server answers for the zone itself.
    pub const AA: u16 = 0x0400;
    /// Cut short.
    pub const TC: u16 = 0x0200;
    /// Recursion is wanted.
    pub const RD: u16 = 0x0100;
    /// Recursion is to be had.
    pub const RA: u16 = 0x0080;
    /// Must be zero.
    pub const Z: u16 = 0x0040;
    /// All of it is authentic (RFC 4035 §3.2.3).
    pub const AD: u16 = 0x0020;
    /// Checking is not wanted (RFC 4035 §3.2.2).
    pub const CD: u16 = 0x0010;

    /// Reads the header of a message; `None` where it is shorter than that.
    #[must_use]
    pub fn parse(message: &[u8]) -> Option<Self> {
        let (head, _) = message.split_first_chunk::<{ Self::SIZE }>()?;
        let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        Some(Self { id: word(0), flags: word(2), counts: [word(4), word(6), word(8), word(10)] })
    }

    /// Whether a bit, such as [`Header::AA`], is set.
    #[must_use]
    pub const fn has(self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// What kind of query this is or answers.
    #[must_use]
    pub const fn opcode(self) -> Opcode {
        Opcode((self.flags >> 11 & 0xf) as u8)
    }

    /// The four bits of the response code that the header has: see [`Message::rcode`] for all of it.
    #[must_use]
    pub const fn rcode(self) -> Rcode {
        Rcode(self.flags & 0xf)
    }
}

/// The parts of a message, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// What was asked; the zone of an update.
    Question,
    /// What answers it; the prerequisites of an update.
    Answer,
    /// Who answers for it; the changes of an update.
    Authority,
    /// What may be of use beside.
    Additional,
}

impl Section {
    /// All four, in order: the order of [`Header::counts`].
    pub const ALL: [Self; 4] = [Self::Question, Self::Answer, Self::Authority, Self::Additional];
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// About which name.
    pub name: Name,
    /// Which records are wanted.
    pub kind: RecordType,
    /// Of which class.
    pub class: Class,
}

/// One resource record.
#[derive(Clone, Debug)]
pub struct Record<'m> {
    /// Whose it is.
    pub owner: Name,
    /// What it is.
    pub kind: RecordType,
    /// Of which class; the size of datagrams in an OPT (RFC 6891 §6.1.2).
    pub class: Class,
    /// Seconds that it may be kept; the extended response code, version and flags in an OPT.
    pub ttl: u32,
    /// In which part it stands.
    pub section: Section,
    /// Where its owner begins.
    pub at: usize,
    /// Its data.
    pub rdata: Rdata<'m>,
}

impl Record<'_> {
    /// The address of an A or AAAA.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        let octets = self.rdata.octets();
        match self.kind {
            RecordType::A => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
            RecordType::AAAA => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
            _ => None,
        }
    }
}

/// The data of a record, with the message that compressed names in it point into.
#[derive(Clone, Copy, Debug)]
pub struct Rdata<'m> {
    message: &'m [u8],
    at: usize,
    end: usize,
}

impl<'m> Rdata<'m> {
    /// Data that stands alone, such as that of an `\# n hex`; names in it are not compressed.
    #[must_use]
    pub const fn alone(octets: &'m [u8]) -> Self {
        Self { message: octets, at: 0, end: octets.len() }
    }

    /// The octets as they came: names in them may be compressed.
    #[must_use]
    pub fn octets(self) -> &'m [u8] {
        self.message.get(self.at..self.end).unwrap_or_default()
    }

    /// Where in the message it stands.
    #[must_use]
    pub const fn place(self) -> Range<usize> {
        self.at..self.end
    }

    /// Reads it from its start.
    #[must_use]
    pub const fn reader(self) -> Reader<'m> {
        Reader { message: self.message, at: self.at, end: self.end }
    }
}

/// Why a message cannot be read on from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at offset {at}")]
pub struct Fault {
    /// Octets from the start of the message.
    pub at: usize,
    /// What is wrong there.
    pub kind: FaultKind,
    /// In which part of the message; the question's for the header.
    pub section: Section,
}

/// What can be wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// It ends before the thing that it says is there.
    #[error("unexpected end of input")]
    Truncated,
    /// A label that begins with 0x40 or 0x80 (RFC 6891 §5).
    #[error("bad label type")]
    BadLabel,
    /// A compression pointer that does not point to what came before it (RFC 1035 §4.1.4).
    #[error("bad compression pointer")]
    BadPointer,
    /// A name of more than 255 octets.
    #[error("name too long")]
    NameTooLong,
    /// Octets after the last record that the header counts.
    #[error("extra octets")]
    Trailing,
}

/// A message and where its parts are.
#[derive(Clone, Debug)]
pub struct Message<'m> {
    /// All of it.
    pub octets: &'m [u8],
    /// Its header.
    pub header: Header,
    /// The questions that could be read.
    pub questions: Vec<Question>,
    /// The records that could be read, OPT and TSIG among them, in the order that they came in.
    pub records: Vec<Record<'m>>,
    /// Why there are fewer than the header says, or what stands behind them.
    pub fault: Option<Fault>,
}

impl<'m> Message<'m> {
    /// Walks through a message as far as it can be read; `None` where there is no whole header.
    #[must_use]
    pub fn parse(octets: &'m [u8]) -> Option<Self> {
        let header = Header::parse(octets)?;
        let (questions, records) = (Vec::new(), Vec::new());
        let mut message = Self { octets, header, questions, records, fault: None };
        let mut reader = Reader { message: octets, at: Header::SIZE, end: octets.len() };
        message.fault = message.walk(&mut reader).err();
        Some(message)
    }

    fn walk(&mut self, reader: &mut Reader<'m>) -> Result<(), Fault> {
        for (section, count) in Section::ALL.into_iter().zip(self.header.counts) {
            let place = |(at, kind)| Fault { at, kind, section };
            for _ in 0..count {
                match section {
                    Section::Question => self.questions.push(reader.question().map_err(place)?),
                    _ => self.records.push(reader.record(section).map_err(place)?),
                }
            }
        }
        if reader.left() == 0 {
            return Ok(());
        }
        let (at, kind) = (reader.at, FaultKind::Trailing);
        Err(Fault { at, kind, section: Section::Additional })
    }

    /// The records of one part; of the question's there are none.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &Record<'m>> {
        self.records.iter().filter(move |record| record.section == section)
    }

    /// The first OPT (RFC 6891 §6.1.1 allows one).
    #[must_use]
    pub fn opt(&self) -> Option<&Record<'m>> {
        self.section(Section::Additional).find(|record| record.kind == RecordType::OPT)
    }

    /// The response code with the eight bits that an OPT has of it (RFC 6891 §6.1.3).
    #[must_use]
    pub fn rcode(&self) -> Rcode {
        let upper = self.opt().map_or(0, |opt| (opt.ttl >> 24) as u16);
        Rcode(upper << 4 | self.header.rcode().0)
    }
}

/// Reads a stretch of a message from front to back. Whatever it is asked for, it never leaves the stretch
/// but to follow a compression pointer backwards.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'m> {
    message: &'m [u8],
    at: usize,
    end: usize,
}

/// Where reading failed, in octets from the start of the message, and why.
type Broken = (usize, FaultKind);

impl<'m> Reader<'m> {
    /// How many octets are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Where in the message the next octet is.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// So many octets.
    pub fn take(&mut self, count: usize) -> Result<&'m [u8], Broken> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.end);
        let taken = end.and_then(|end| self.message.get(self.at..end));
        let taken = taken.ok_or((self.at, FaultKind::Truncated))?;
        self.at += count;
        Ok(taken)
    }

    /// All octets that are left.
    pub fn rest(&mut self) -> &'m [u8] {
        self.take(self.left()).unwrap_or_default()
    }

    /// One octet.
    pub fn u8(&mut self) -> Result<u8, Broken> {
        Ok(self.take(1)?[0])
    }

    /// Two octets.
    pub fn u16(&mut self) -> Result<u16, Broken> {
        let octets = self.take(2)?;
        Ok(u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// Four octets.
    pub fn u32(&mut self) -> Result<u32, Broken> {
        Ok(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    /// A `<character-string>`: an octet that says how long it is, and that many (RFC 1035 §3.3).
    pub fn string(&mut self) -> Result<&'m [u8], Broken> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// A name, compressed or not. Each pointer must point to before where the part of the name that it
    /// ends began, so that there are no more of them than octets (RFC 1035 §4.1.4).
    pub fn name(&mut self) -> Result<Name, Broken> {
        let mut octets = Vec::with_capacity(32);
        // Labels are read here; after the first pointer that is elsewhere than where this goes on.
        let (mut reader, mut jumped, mut part) = (*self, false, self.at);
        loop {
            let at = reader.at;
            let length = reader.u8()?;
            match length {
                0 => break,
                1..64 => {
                    octets.push(length);
                    octets.extend_from_slice(reader.take(usize::from(length))?);
                    if octets.len() >= Name::LONGEST {
                        return Err((at, FaultKind::NameTooLong));
                    }
                }
                64..192 => return Err((at, FaultKind::BadLabel)),
                192.. => {
                    let target = usize::from(length & 0x3f) << 8 | usize::from(reader.u8()?);
                    if target >= part {
                        return Err((at, FaultKind::BadPointer));
                    }
                    if !jumped {
                        self.at = reader.at;
                    }
                    // Up to what came before, and no further: there is nothing new in it.
                    (reader.at, reader.end, jumped, part) = (target, part, true, target);
                }
            }
        }
        octets.push(0);
        if !jumped {
            self.at = reader.at;
        }
        Name::from_wire(octets).ok_or((self.at, FaultKind::NameTooLong))
    }

    fn question(&mut self) -> Result<Question, Broken> {
        let name = self.name()?;
        Ok(Question { name, kind: RecordType(self.u16()?), class: Class(self.u16()?) })
    }

    fn record(&mut self, section: Section) -> Result<Record<'m>, Broken> {
        let (at, owner) = (self.at, self.name()?);
        let (kind, class) = (RecordType(self.u16()?), Class(self.u16()?));
        let (ttl, length) = (self.u32()?, self.u16()?);
        let start = self.at;
        self.take(usize::from(length))?;
        let rdata = Rdata { message: self.message, at: start, end: self.at };
        Ok(Record { owner, kind, class, ttl, section, at, rdata })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `www.example.com. A` answered by 192.0.2.1, its owner a pointer to the question.
    const ANSWER: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\
        \x03www\x07example\x03com\0\0\x01\0\x01\
        \xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01";

    #[test]
    fn answer_is_read_whole() {
        let message = Message::parse(ANSWER).unwrap();
        assert_eq!((message.fault, message.header.id), (None, 0x1234));
        assert_eq!(message.questions[0].name.to_string(), "www.example.com.");
        let record = &message.records[0];
        assert_eq!((record.owner.to_string().as_str(), record.ttl), ("www.example.com.", 300));
        assert_eq!(record.rdata.octets(), [192, 0, 2, 1]);
    }

    #[test]
    fn every_cut_keeps_what_stands_before_it() {
        for length in 0..ANSWER.len() {
            let Some(message) = Message::parse(&ANSWER[..length]) else {
                assert!(length < Header::SIZE);
                continue;
            };
            assert!(message.fault.is_some(), "{length}");
            assert_eq!(message.questions.len(), usize::from(length >= 33), "{length}");
            assert!(message.records.is_empty(), "{length}");
        }
    }

    fn fault_of(octets: &[u8]) -> FaultKind {
        let mut message = b"\0\0\x80\0\0\x01\0\0\0\0\0\0".to_vec();
        message.extend_from_slice(octets);
        Message::parse(&message).unwrap().fault.unwrap().kind
    }

    #[test]
    fn pointers_lead_back_or_nowhere() {
        let bad = FaultKind::BadPointer;
        assert_eq!(fault_of(b"\xc0\x0c\0\x01\0\x01"), bad, "to itself");
        assert_eq!(fault_of(b"\xc0\x20\0\x01\0\x01"), bad, "forward");
        assert_eq!(fault_of(b"\x01a\xc0\x0c\0\x01\0\x01"), bad, "to the start of the same name");
        assert_eq!(fault_of(b"\x40a\0\0\x01\0\x01"), FaultKind::BadLabel);
        let long = [[63; 64]; 4].concat();
        assert_eq!(fault_of(&[&long[..], &[0, 0, 1, 0, 1]].concat()), FaultKind::NameTooLong);
    }

    #[test]
    fn what_the_header_does_not_count_is_told() {
        let more = [ANSWER, b"\0"].concat();
        let fault = Message::parse(&more).unwrap().fault.unwrap();
        assert_eq!((fault.at, fault.kind), (ANSWER.len(), FaultKind::Trailing));
    }
}
