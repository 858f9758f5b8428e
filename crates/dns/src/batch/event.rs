//! What a batch tells.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::{Latency, LatencyReport};

use super::{Over, WireName};
use crate::{Class, Header, Name, RecordType};

/// Something that is to be told.
#[derive(Debug)]
pub enum Event {
    /// A question has its answer.
    Answer(Answer),
    /// A question has none.
    Failed(Failed),
    /// It is the turn of what is not asked here.
    Aside(u64),
    /// All is told.
    Summary(Box<Summary>),
}

/// The answer to one question.
#[derive(Debug)]
pub struct Answer {
    /// The question's.
    pub tag: u64,
    /// The message as it came. Its question is the one that was asked; nothing else of it was looked at.
    pub octets: Vec<u8>,
    /// Who answered.
    pub server: SocketAddr,
    /// What it came over.
    pub over: Over,
    /// From the query to the answer.
    pub took: Duration,
    /// How often it was asked.
    pub attempts: u32,
    /// The answer came over a stream because that over datagrams was cut short.
    pub was_truncated: bool,
}

/// A question that has no answer.
#[derive(Debug)]
pub struct Failed {
    /// The question's.
    pub tag: u64,
    /// About which name it was.
    pub name: Name,
    /// Which records were wanted.
    pub kind: RecordType,
    /// Of which class.
    pub class: Class,
    /// Who was asked last, if anybody was.
    pub server: Option<SocketAddr>,
    /// Over what.
    pub over: Over,
    /// How often it was asked.
    pub attempts: u32,
    /// Why.
    pub why: Why,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing came in time.
    TimedOut,
    /// Nobody listens there, or the connection was closed again and again.
    Refused,
    /// Its query could not be sent.
    Unsent(String),
    /// An end was asked for before.
    Stopped,
}

/// How a batch went.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Questions that were taken in.
    pub questions: u64,
    /// Of these, those that have an answer.
    pub answered: u64,
    /// Of these, those that have none.
    pub failed: u64,
    /// Queries that were sent.
    pub sent: u64,
    /// Of these, those that were not a question's first over what carries them.
    pub retried: u64,
    /// Answers that were cut short, and asked for over a stream.
    pub truncated: u64,
    /// Messages to questions that had their answer already, or were given up.
    pub late: u64,
    /// Messages that answer nothing that was asked: of another question, in another case, from elsewhere.
    pub strange: u64,
    /// Answers by their response code.
    pub rcodes: BTreeMap<u16, u64>,
    /// Round trips, where there were any.
    pub latency: Option<LatencyReport>,
    /// From the first query to the last answer.
    pub took: Duration,
    /// Whether an end was asked for before all was asked.
    pub was_stopped: bool,
}

/// A summary under way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) summary: Summary,
    pub(super) latency: Latency,
    low: [u64; 16],
}

impl Tally {
    pub(super) fn answered(&mut self, octets: &[u8], took: Duration) {
        self.summary.answered += 1;
        self.latency.record(took);
        match rcode(octets) {
            low @ 0..16 => self.low[usize::from(low)] += 1,
            high => *self.summary.rcodes.entry(high).or_default() += 1,
        }
    }

    pub(super) fn finish(&mut self, took: Duration) -> Summary {
        let low = (0..).zip(self.low).filter(|(_, count)| *count > 0);
        self.summary.rcodes.extend(low);
        self.summary.latency = self.latency.report();
        self.summary.took = took;
        std::mem::take(&mut self.summary)
    }
}

/// All twelve bits, of which the OPT has the upper eight (RFC 6891 §6.1.3).
fn rcode(octets: &[u8]) -> u16 {
    let Some(header) = Header::parse(octets) else { return 0 };
    let low = header.flags & 0xf;
    opt_high(octets, header).map_or(low, |high| u16::from(high) << 4 | low)
}

/// The upper bits, found without reading names or records.
fn opt_high(octets: &[u8], header: Header) -> Option<u8> {
    const OPT: [u8; 3] = [0, 0, 41];
    let [questions, answers, authority, additional] = header.counts.map(usize::from);
    if additional == 0 {
        return None;
    }
    let mut at = Header::SIZE;
    for _ in 0..questions {
        at = skip_name(octets, at)? + 4;
    }
    for _ in 0..answers + authority + additional {
        let fixed = skip_name(octets, at)?;
        let [high, low] = *octets.get(fixed + 8..fixed + 10)? else { return None };
        if octets.get(at..at + OPT.len())? == OPT {
            return octets.get(fixed + 4).copied();
        }
        at = fixed + 10 + usize::from(u16::from_be_bytes([high, low]));
    }
    None
}

fn skip_name(octets: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *octets.get(at)? {
            0 => return Some(at + 1),
            length @ 1..64 => at += 1 + usize::from(length),
            192.. => return Some(at + 2),
            _ => return None,
        }
    }
}

impl Failed {
    pub(super) fn of(tag: u64, name: &WireName, kind: RecordType, class: Class, why: Why) -> Self {
        let (server, over, attempts) = (None, Over::Datagrams, 0);
        Self { tag, name: name.to_name(), kind, class, server, over, attempts, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_bits_of_the_response_code_are_the_opt_s() {
        let head = b"\0\x01\x80\x07\0\x01\0\x01\0\0\0\x01\x01a\0\0\x01\0\x01";
        let record = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\x01\x02\x03\x04";
        let opt = b"\0\0\x29\x04\xd0\x01\0\0\0\0\0";
        let message = [&head[..], record, opt].concat();
        assert_eq!(rcode(&message), 23);
        for cut in Header::SIZE..message.len() - opt.len() {
            assert_eq!(rcode(&message[..cut]), 7, "{cut}");
        }
    }
}
