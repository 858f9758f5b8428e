//! A query as a server sees it, and messages put together.

use wireline_dns::{Header, Message, Name, Reader, RecordType};

use crate::zone::Record;

/// What a server needs to know of a query.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// All of it.
    pub(crate) octets: Vec<u8>,
    pub(crate) header: Header,
    pub(crate) name: Name,
    pub(crate) kind: RecordType,
    /// The question's octets.
    pub(crate) question: Vec<u8>,
    /// What its OPT says.
    pub(crate) edns: Option<Edns>,
    /// Of IXFR: the serial that the questioner has.
    pub(crate) serial: Option<u32>,
}

/// The OPT of a query.
#[derive(Clone, Debug)]
pub(crate) struct Edns {
    pub(crate) size: u16,
    pub(crate) version: u8,
    pub(crate) dnssec: bool,
    pub(crate) options: Vec<(u16, Vec<u8>)>,
}

impl Edns {
    pub(crate) fn option(&self, code: u16) -> Option<&[u8]> {
        let found = self.options.iter().find(|(number, _)| *number == code);
        found.map(|(_, data)| data.as_slice())
    }
}

impl Query {
    /// Reads a query with one question, or with none: then the name is the root's.
    pub(crate) fn parse(octets: &[u8]) -> Option<Self> {
        let message = Message::parse(octets)?;
        let header = message.header;
        let (name, kind, question) = match message.questions.first() {
            Some(question) => {
                let end = Header::SIZE + question.name.octets().len() + 4;
                let octets = octets.get(Header::SIZE..end)?.to_vec();
                (question.name.clone(), question.kind, octets)
            }
            None => (Name::root(), RecordType(0), Vec::new()),
        };
        let edns = message.opt().map(|opt| Edns {
            size: opt.class.0,
            version: opt.ttl.to_be_bytes()[1],
            dnssec: opt.ttl & 0x8000 != 0,
            options: options(opt.rdata.reader()),
        });
        let soa = message.records.iter().find(|record| record.kind == RecordType::SOA);
        let serial = soa.and_then(|soa| soa.rdata.octets().last_chunk::<20>());
        let serial = serial.map(|last| u32::from_be_bytes([last[0], last[1], last[2], last[3]]));
        Some(Self { octets: octets.to_vec(), header, name, kind, question, edns, serial })
    }

    /// The first label, in lower case.
    pub(crate) fn order(&self) -> String {
        let label = self.name.labels().next().unwrap_or_default();
        String::from_utf8_lossy(label).to_lowercase()
    }

    /// A reply to it, with its ID and question and the flags QR, AA and RD as asked.
    pub(crate) fn reply(&self) -> Reply {
        Reply {
            id: self.header.id,
            flags: Header::QR | Header::AA | self.header.flags & (Header::RD | 0x7800),
            rcode: 0,
            question: self.question.clone(),
            sections: Default::default(),
            opt: self.edns.is_some().then(Vec::new),
        }
    }
}

fn options(mut reader: Reader<'_>) -> Vec<(u16, Vec<u8>)> {
    let mut options = Vec::new();
    while let (Ok(code), Ok(length)) = (reader.u16(), reader.u16()) {
        let Ok(data) = reader.take(usize::from(length)) else { break };
        options.push((code, data.to_vec()));
    }
    options
}

/// A reply in its parts.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) id: u16,
    /// Without the response code.
    pub(crate) flags: u16,
    /// All twelve bits, the upper ones in the OPT.
    pub(crate) rcode: u16,
    pub(crate) question: Vec<u8>,
    /// Answer, authority, additional.
    pub(crate) sections: [Vec<Record>; 3],
    /// The options of its OPT, where there is one.
    pub(crate) opt: Option<Vec<(u16, Vec<u8>)>>,
}

/// Octets of datagrams that this side takes in.
const UDP_SIZE: u16 = 1232;

impl Reply {
    pub(crate) fn octets(&self) -> Vec<u8> {
        let [answer, authority, additional] = &self.sections;
        let counts = [
            usize::from(!self.question.is_empty()),
            answer.len(),
            authority.len(),
            additional.len() + usize::from(self.opt.is_some()),
        ];
        let mut octets = self.id.to_be_bytes().to_vec();
        octets.extend((self.flags | self.rcode & 0xf).to_be_bytes());
        for count in counts {
            octets.extend(u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
        }
        octets.extend(&self.question);
        let asked = self.question.get(..self.question.len().saturating_sub(4)).unwrap_or_default();
        for record in self.sections.iter().flatten() {
            octets.extend(self::record(record, asked));
        }
        if let Some(options) = &self.opt {
            octets.extend(opt(self.rcode, options));
        }
        octets
    }

    /// As [`Self::octets`], cut short to what a datagram may have: then there are no records, and TC says so.
    pub(crate) fn datagram(&self, query: &Query) -> Vec<u8> {
        let most = query.edns.as_ref().map_or(512, |edns| edns.size.clamp(512, UDP_SIZE));
        let octets = self.octets();
        if octets.len() <= usize::from(most) {
            return octets;
        }
        let flags = self.flags | Header::TC;
        Self { flags, sections: Default::default(), ..self.clone() }.octets()
    }
}

/// A record. An owner that is the question's name is a pointer to that.
pub(crate) fn record(record: &Record, asked: &[u8]) -> Vec<u8> {
    let owner = if record.owner.octets() == asked { &[0xc0, 12] } else { record.owner.octets() };
    let mut octets = owner.to_vec();
    octets.extend(record.kind.0.to_be_bytes());
    octets.extend(record.class.0.to_be_bytes());
    octets.extend(record.ttl.to_be_bytes());
    octets.extend(u16::try_from(record.rdata.len()).unwrap_or(u16::MAX).to_be_bytes());
    octets.extend(&record.rdata);
    octets
}

/// An OPT (RFC 6891 §6.1.2).
pub(crate) fn opt(rcode: u16, options: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let data: Vec<u8> = options.iter().flat_map(|(code, data)| option(*code, data)).collect();
    let mut octets = vec![0, 0, 41];
    octets.extend(UDP_SIZE.to_be_bytes());
    octets.extend([(rcode >> 4).to_be_bytes()[1], 0, 0, 0]);
    octets.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    octets.extend(data);
    octets
}

pub(crate) fn option(code: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    [&code.to_be_bytes()[..], &length.to_be_bytes(), data].concat()
}
