//! What is looked at in a message before it is an answer: whether it is one, and whether it can be read.

use super::{Notice, Place};
use crate::present;
use crate::{Class, FaultKind, Form, Header, Message, Name, Question, RecordType, Section};

/// What was asked, as a reply must have it.
pub(super) struct Asked<'a> {
    pub(super) id: u16,
    pub(super) name: &'a Name,
    pub(super) kind: RecordType,
    pub(super) form: &'a Form,
    pub(super) place: Place,
    pub(super) mixes_case: bool,
}

/// What is to be done with a message, and what to tell of it.
#[derive(Debug)]
pub(super) enum Verdict<'m> {
    /// An answer.
    Take(Message<'m>),
    /// Not for us: another may come.
    PassOver,
    /// Not for us, and nothing else will come.
    GiveUp,
}

impl Asked<'_> {
    /// Looks at a message that came. An ID that does not fit is told once in a transfer: `warns_id`.
    pub(super) fn screen<'m>(
        &self,
        octets: &'m [u8],
        warns_id: &mut bool,
        takes_malformed: bool,
        told: &mut Vec<Notice>,
    ) -> Verdict<'m> {
        let over_connection = self.place != Place::Datagram;
        let give_up = if over_connection { Verdict::GiveUp } else { Verdict::PassOver };
        let Some(header) = Header::parse(octets) else {
            told.push(Notice::ShortMessage { over_connection });
            return give_up;
        };
        let fits = header.id == self.id;
        if !fits && (self.place != Place::Transfer || *warns_id) {
            *warns_id = false;
            told.push(Notice::IdMismatch { expected: self.id, got: header.id, place: self.place });
        }
        if !fits && self.place == Place::Connection {
            return give_up;
        }
        if !header.has(Header::QR) {
            told.push(Notice::NotAResponse);
        }
        if !fits && self.place == Place::Datagram {
            return give_up;
        }
        self.read(octets, header, takes_malformed, told)
    }

    fn read<'m>(
        &self,
        octets: &'m [u8],
        header: Header,
        takes_malformed: bool,
        told: &mut Vec<Notice>,
    ) -> Verdict<'m> {
        let Some(message) = Message::parse(octets) else { return Verdict::GiveUp };
        match soundness(&message) {
            Soundness::Whole => {}
            Soundness::Part(_) if takes_malformed => told.push(Notice::Malformed),
            Soundness::Part(why) | Soundness::Unreadable(why) => {
                told.push(Notice::BadPacket { octets: octets.to_vec(), why });
                return Verdict::GiveUp;
            }
        }
        if header.opcode() != self.form.opcode {
            let (expected, got) = (self.form.opcode, header.opcode());
            told.push(Notice::OpcodeMismatch { expected, got });
            return Verdict::PassOver;
        }
        let other = message.questions.iter().filter(|question| !self.is_of(question));
        let others: Vec<_> = other.cloned().collect();
        match others.into_iter().next() {
            None => Verdict::Take(message),
            Some(got) => {
                told.push(Notice::QuestionMismatch { got });
                match self.place {
                    Place::Datagram => Verdict::PassOver,
                    Place::Connection | Place::Transfer => Verdict::GiveUp,
                }
            }
        }
    }

    fn is_of(&self, question: &Question) -> bool {
        (question.kind, question.class) == (self.kind, self.form.class)
            && question.name == *self.name
            && (!self.mixes_case || question.name.octets() == self.name.octets())
    }
}

enum Soundness {
    Whole,
    /// The rest of it can be read.
    Part(&'static str),
    /// What comes after the place cannot be found.
    Unreadable(&'static str),
}

fn soundness(message: &Message<'_>) -> Soundness {
    match message.fault.map(|fault| fault.kind) {
        Some(FaultKind::Truncated) => return Soundness::Part("unexpected end of input"),
        Some(FaultKind::BadLabel) => return Soundness::Unreadable("bad label type"),
        Some(FaultKind::BadPointer) => return Soundness::Unreadable("bad compression pointer"),
        Some(FaultKind::NameTooLong) => return Soundness::Unreadable("name too long"),
        Some(FaultKind::Trailing) | None => {}
    }
    if !is_one_question(message) || !is_one_class(message) || !is_one_opt(message) {
        return Soundness::Part("FORMERR");
    }
    // dig shows only what stands before data that are too short, and nothing where they are wrong otherwise. Here
    // such data are shown in the generic form, and the other records as they are.
    if let Some(why) = message.records.iter().find_map(present::fault) {
        return Soundness::Part(why);
    }
    if is_tsig_last(message) { Soundness::Whole } else { Soundness::Part("TSIG in wrong location") }
}

/// Several questions must be about one name and one class (as BIND has it), and must differ.
fn is_one_question(message: &Message<'_>) -> bool {
    let mut rest = message.questions.as_slice();
    while let Some((question, others)) = rest.split_first() {
        let alike = |other: &Question| other.name == question.name && other.class == question.class;
        if others.iter().any(|other| !alike(other) || other.kind == question.kind) {
            return false;
        }
        rest = if others.len() > 8 { &[] } else { others };
    }
    true
}

/// Records are of the question's class, but for those whose class means something else.
fn is_one_class(message: &Message<'_>) -> bool {
    let special = |kind| {
        [RecordType::TSIG, RecordType::OPT, RecordType::KEY, RecordType::SIG, RecordType::TKEY]
            .contains(&kind)
    };
    let ordinary = || message.records.iter().filter(|record| !special(record.kind));
    let asked = message.questions.first().map(|question| question.class);
    let class = asked.or_else(|| ordinary().next().map(|record| record.class));
    message.header.opcode() == crate::Opcode::UPDATE
        || class.is_none_or(|class| {
            class == Class::ANY || ordinary().all(|record| record.class == class)
        })
}

fn is_one_opt(message: &Message<'_>) -> bool {
    let mut opts = message.records.iter().filter(|record| record.kind == RecordType::OPT);
    let first = opts.next();
    opts.next().is_none()
        && first.is_none_or(|opt| opt.owner.is_root() && opt.section == Section::Additional)
}

fn is_tsig_last(message: &Message<'_>) -> bool {
    let tsig = message.records.iter().position(|record| record.kind == RecordType::TSIG);
    tsig.is_none_or(|at| {
        let record = message.records.get(at);
        at + 1 == message.records.len()
            && record.is_some_and(|record| {
                record.section == Section::Additional && record.class == Class::ANY
            })
    })
}
