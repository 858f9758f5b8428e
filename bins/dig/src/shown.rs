//! A message as it is shown: which records stand in which section, which apart, and what is left over.

use wireline_dns::lookup::{Answer, Exchanged};
use wireline_dns::present::CookieCheck;
use wireline_dns::{Class, FaultKind, Header, Message, Opcode, Rdata, Record, RecordType, Section};

/// A message, and what is known of it beside its octets.
pub(crate) struct Shown<'m> {
    pub message: Message<'m>,
    pub exchanged: &'m Exchanged,
    /// `None` of a query.
    pub answer: Option<&'m Answer>,
}

impl<'m> Shown<'m> {
    /// A query; `None` where it has no header.
    pub(crate) fn query(exchanged: &'m Exchanged) -> Option<Self> {
        Some(Self { message: Message::parse(&exchanged.octets)?, exchanged, answer: None })
    }

    /// An answer; `None` where it has no header. Of a malformed one what can be read.
    pub(crate) fn answer(answer: &'m Answer) -> Option<Self> {
        Some(Self::parsed(Message::parse(&answer.message.octets)?, answer))
    }

    /// The same, of an answer whose octets are read already.
    pub(crate) const fn parsed(message: Message<'m>, answer: &'m Answer) -> Self {
        let exchanged = &answer.message;
        Self { message, exchanged, answer: Some(answer) }
    }

    pub(crate) const fn is_query(&self) -> bool {
        self.answer.is_none()
    }

    pub(crate) const fn header(&self) -> Header {
        self.message.header
    }

    pub(crate) fn cookie(&self) -> CookieCheck {
        match self.answer.and_then(|answer| answer.cookie) {
            None => CookieCheck::None,
            Some(true) => CookieCheck::Ours,
            Some(false) => CookieCheck::NotOurs,
        }
    }

    /// The OPT: the first in the additional section whose owner is the root (RFC 6891 §6.1.2).
    pub(crate) fn opt(&self) -> Option<&Record<'m>> {
        let mut additional = self.message.section(Section::Additional);
        additional.find(|record| record.kind == RecordType::OPT && record.owner.is_root())
    }

    /// The TSIG: the last record of all (RFC 8945 §5.1).
    pub(crate) fn tsig(&self) -> Option<&Record<'m>> {
        self.last().filter(|record| record.kind == RecordType::TSIG && record.class == Class::ANY)
    }

    /// The SIG(0): the last record of all, which covers no type (RFC 2931 §3).
    pub(crate) fn sig0(&self) -> Option<&Record<'m>> {
        let covers_none = |data: Rdata<'_>| data.octets().starts_with(&[0, 0]);
        self.last().filter(|record| record.kind == RecordType::SIG && covers_none(record.rdata))
    }

    /// The last of the additional records that the header counts, where all of them are there.
    fn last(&self) -> Option<&Record<'m>> {
        let additional = self.message.section(Section::Additional).count();
        let whole = additional == usize::from(self.header().counts[3]);
        self.message.records.last().filter(|last| whole && last.section == Section::Additional)
    }

    /// The records of a section but for the pseudo-records, which are shown apart.
    pub(crate) fn section(&self, section: Section) -> impl Iterator<Item = &Record<'m>> {
        let apart = [self.opt(), self.tsig(), self.sig0()];
        let is_apart =
            move |record: &Record<'_>| apart.iter().flatten().any(|one| one.at == record.at);
        self.message.section(section).filter(move |record| !is_apart(record))
    }

    /// The response code, with the bits that the OPT has of it.
    pub(crate) fn rcode(&self) -> u16 {
        let upper = self.opt().map_or(0, |opt| opt.ttl >> 24);
        u16::try_from(upper << 4).unwrap_or_default() | self.header().rcode().0
    }

    /// Octets behind what could be read.
    pub(crate) fn extra(&self) -> usize {
        match self.message.fault {
            Some(fault) if fault.kind == FaultKind::Trailing => {
                self.message.octets.len().saturating_sub(fault.at)
            }
            None => 0,
            Some(_) => self.unread(),
        }
    }

    /// Octets behind the last part of a question or record that could be read: its name, and what follows
    /// that and has always the same length.
    fn unread(&self) -> usize {
        let read = self.message.records.last().map(|record| record.rdata.place().end);
        let mut reader = Rdata::alone(self.message.octets).reader();
        let _ = reader.take(read.unwrap_or(Header::SIZE));
        let in_questions = if read.is_none() { self.header().counts[0] } else { 0 };
        for fixed in std::iter::repeat_n(4, usize::from(in_questions)).chain([10]) {
            if reader.name().is_err() || reader.take(fixed).is_err() {
                break;
            }
        }
        reader.left()
    }

    /// What a section is called.
    pub(crate) const fn heading(&self, section: Section) -> &'static str {
        let is_update = self.message.header.opcode().0 == Opcode::UPDATE.0;
        match (section, is_update) {
            (Section::Question, false) => "QUESTION",
            (Section::Answer, false) => "ANSWER",
            (Section::Authority, false) => "AUTHORITY",
            (Section::Question, true) => "ZONE",
            (Section::Answer, true) => "PREREQUISITE",
            (Section::Authority, true) => "UPDATE",
            (Section::Additional, _) => "ADDITIONAL",
        }
    }
}

/// The opcode in dig's words, which know none newer than UPDATE.
pub(crate) fn opcode_text(opcode: Opcode) -> String {
    match opcode.0 {
        0..=5 => opcode.to_string(),
        unknown => format!("RESERVED{unknown}"),
    }
}

/// The response code in dig's words: what it has none for is a number.
pub(crate) fn rcode_text(rcode: u16) -> String {
    match rcode {
        0..=10 | 16 | 23 => wireline_dns::Rcode(rcode).to_string(),
        11..=15 => format!("RESERVED{rcode}"),
        unknown => unknown.to_string(),
    }
}

/// Bits of the header that have a name, in dig's order.
pub(crate) fn flags(header: Header) -> impl Iterator<Item = &'static str> {
    let names = [
        (Header::QR, "qr"),
        (Header::AA, "aa"),
        (Header::TC, "tc"),
        (Header::RD, "rd"),
        (Header::RA, "ra"),
        (Header::AD, "ad"),
        (Header::CD, "cd"),
    ];
    names.into_iter().filter(move |(flag, _)| header.has(*flag)).map(|(_, name)| name)
}
