//! A zone: read from text, looked up in as RFC 1034 §4.3.2 says.

use wireline_dns::{Class, Name, RecordType};
use wireline_lab::ZoneText;

use crate::rdata;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) owner: Name,
    pub(crate) kind: RecordType,
    pub(crate) class: Class,
    pub(crate) ttl: u32,
    pub(crate) rdata: Vec<u8>,
}

/// A zone's records, in the order of its text.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) origin: Name,
    pub(crate) records: Vec<Record>,
}

/// What a zone has of a name and a type.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// These records.
    Records(Vec<Record>),
    /// A CNAME, and the name that it leads to.
    Alias(Vec<Record>, Name),
    /// The zone below this name is another's: its NS and DS.
    Referral(Vec<Record>),
    /// The name is there, and has none.
    NoData,
    /// The name is not there.
    NoName,
}

impl Zone {
    pub(crate) fn parse(text: &ZoneText) -> Result<Self, String> {
        let parse = |name: &str| Name::parse(name.as_bytes(), &Name::root());
        let origin = parse(&text.origin).map_err(|why| format!("{}: {why}", text.origin))?;
        let mut zone = Self { origin: origin.clone(), records: Vec::new() };
        let mut owner = origin;
        for line in text.text.lines() {
            let read = zone.line(line, &mut owner);
            read.map_err(|why| format!("{}: {line}: {why}", text.origin))?;
        }
        Ok(zone)
    }

    fn line(&mut self, line: &str, owner: &mut Name) -> Result<(), String> {
        let mut words = words(line);
        if words.is_empty() {
            return Ok(());
        }
        if !line.starts_with([' ', '\t']) {
            let word = words.remove(0);
            let name = Name::parse(word.as_bytes(), &self.origin);
            *owner = name.map_err(|why| why.to_string())?;
        }
        let mut ttl = 300;
        while let Some(word) = words.first() {
            match word.parse() {
                Ok(number) => ttl = number,
                Err(_) if word == "IN" => {}
                Err(_) => break,
            }
            words.remove(0);
        }
        if words.is_empty() {
            return Err("no type".into());
        }
        let word = words.remove(0);
        let kind = kind(&word).ok_or_else(|| format!("{word}: no such type"))?;
        let rdata = rdata::of(kind, &words, &self.origin)?;
        self.records.push(Record { owner: owner.clone(), kind, class: Class::IN, ttl, rdata });
        Ok(())
    }

    pub(crate) fn soa(&self) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == RecordType::SOA)
    }

    /// The serial of its SOA: the five numbers are the last twenty octets.
    pub(crate) fn serial(&self) -> u32 {
        let rdata = self.soa().map(|soa| soa.rdata.as_slice()).unwrap_or_default();
        let at = rdata.len().saturating_sub(20);
        rdata
            .get(at..at + 4)
            .and_then(|octets| octets.try_into().ok())
            .map_or(0, u32::from_be_bytes)
    }

    /// What is there of a name that is in the zone.
    pub(crate) fn find(&self, name: &Name, kind: RecordType) -> Found {
        if let Some(referral) = self.cut(name, kind) {
            return Found::Referral(referral);
        }
        let mut here = self.at(name);
        if here.is_empty() {
            if self.records.iter().any(|record| record.owner.is_in(name)) {
                return Found::NoData;
            }
            match self.wildcard(name) {
                Some(records) => here = records,
                None => return Found::NoName,
            }
        }
        let alias = here.iter().find(|record| record.kind == RecordType::CNAME);
        if let Some(alias) = alias.filter(|_| ![RecordType::CNAME, RecordType::ANY].contains(&kind))
        {
            let target = Name::from_wire(alias.rdata.clone()).unwrap_or_else(Name::root);
            return Found::Alias(vec![alias.clone()], target);
        }
        here.retain(|record| record.kind == kind || kind == RecordType::ANY || signs(record, kind));
        let is_there = here.iter().any(|record| !signs(record, kind));
        if is_there { Found::Records(here) } else { Found::NoData }
    }

    /// The addresses of a name: glue, or what is in the zone.
    pub(crate) fn addresses(&self, name: &Name) -> Vec<Record> {
        let is_address = |kind| [RecordType::A, RecordType::AAAA].contains(&kind);
        self.at(name).into_iter().filter(|record| is_address(record.kind)).collect()
    }

    fn at(&self, name: &Name) -> Vec<Record> {
        self.records.iter().filter(|record| record.owner == *name).cloned().collect()
    }

    fn wildcard(&self, name: &Name) -> Option<Vec<Record>> {
        let mut above = name.parent();
        while let Some(parent) = above.filter(|parent| parent.is_in(&self.origin)) {
            let records = self.at(&parent.child(b"*")?);
            if !records.is_empty() {
                let owned = |record| Record { owner: name.clone(), ..record };
                return Some(records.into_iter().map(owned).collect());
            }
            above = parent.parent();
        }
        None
    }

    /// The records of the highest cut between the zone's own name and this one.
    fn cut(&self, name: &Name, kind: RecordType) -> Option<Vec<Record>> {
        let mut found = None;
        let mut above = Some(name.clone());
        while let Some(at) = above.filter(|at| at.is_in(&self.origin) && *at != self.origin) {
            let records = self.at(&at);
            let is_cut = records.iter().any(|record| record.kind == RecordType::NS);
            // The DS of a zone is its parent's.
            if is_cut && !(kind == RecordType::DS && at == *name) {
                let shown = [RecordType::NS, RecordType::DS, RecordType::RRSIG];
                found = Some(records.into_iter().filter(|r| shown.contains(&r.kind)).collect());
            }
            above = at.parent();
        }
        found
    }
}

/// A type by its mnemonic or as `TYPE65280` (RFC 3597 §5).
fn kind(word: &str) -> Option<RecordType> {
    let number = || word.strip_prefix("TYPE")?.parse().ok().map(RecordType);
    RecordType::named(word).or_else(number)
}

/// Whether this is a signature of records of that type (RFC 4034 §3.1.1).
pub(crate) fn signs(record: &Record, kind: RecordType) -> bool {
    record.kind == RecordType::RRSIG
        && kind != RecordType::RRSIG
        && record.rdata.first_chunk().map(|covered| u16::from_be_bytes(*covered)) == Some(kind.0)
}

/// The words of a line. Quotes keep blanks together; backslashes stay where they are.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let (mut quoted, mut chars) = (false, line.chars());
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ';' if !quoted => break,
            ' ' | '\t' if !quoted => words.extend(word.take()),
            _ => {
                let word = word.get_or_insert_default();
                word.push(char);
                if char == '\\' {
                    word.extend(chars.next());
                }
            }
        }
    }
    words.extend(word);
    words
}
