//! Whom a referral names, and where they are: its glue (RFC 9471), so that nobody else need be asked.

use std::net::{IpAddr, SocketAddr};

use super::{Notice, Server};
use crate::{Message, Name, Record, RecordType, Section};

/// A server that may be asked.
#[derive(Clone, Debug)]
pub(super) enum Candidate {
    /// This one.
    At(Server),
    /// One whose address nobody has told yet.
    Named(Name),
}

/// A referral.
#[derive(Debug, Default)]
pub(super) struct Referral {
    /// The zone that it leads to.
    pub(super) zone: Option<Name>,
    /// Its servers: those with glue first.
    pub(super) candidates: Vec<Candidate>,
    /// What is wrong with it.
    pub(super) notices: Vec<Notice>,
}

/// No more servers than that are taken from one referral.
const MOST: usize = 64;

impl Referral {
    /// Reads the NS records of a section. `above` is the zone that the server was asked as a server of: a
    /// referral must lead below it.
    pub(super) fn read(
        message: &Message<'_>,
        section: Section,
        above: Option<&Name>,
        port: u16,
    ) -> Self {
        let mut referral = Self::default();
        let mut names: Vec<Name> = Vec::new();
        for record in message.section(section) {
            if section == Section::Authority && record.kind == RecordType::SOA {
                return Self { notices: referral.notices, ..Self::default() };
            }
            if record.kind != RecordType::NS || names.len() >= MOST {
                continue;
            }
            if above.is_some_and(|above| !referral.leads_below(record, above)) {
                continue;
            }
            let Ok(name) = record.rdata.reader().name() else { continue };
            referral.zone.get_or_insert_with(|| record.owner.clone());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        referral.candidates = candidates(message, names, port);
        referral
    }

    fn leads_below(&mut self, record: &Record<'_>, above: &Name) -> bool {
        if record.owner == *above {
            if !self.notices.iter().any(|told| matches!(told, Notice::HorizontalReferral)) {
                self.notices.push(Notice::HorizontalReferral);
            }
            return true;
        }
        let is_below = record.owner.is_in(above);
        if !is_below && !self.notices.iter().any(|told| matches!(told, Notice::BadReferral)) {
            self.notices.push(Notice::BadReferral);
        }
        is_below
    }
}

fn candidates(message: &Message<'_>, names: Vec<Name>, port: u16) -> Vec<Candidate> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for name in names {
        let before = with.len();
        for record in message.section(Section::Additional) {
            let address = record.address().filter(|_| record.owner == name);
            with.extend(address.map(|address| Candidate::At(server(address, &name, port))));
        }
        if with.len() == before {
            without.push(Candidate::Named(name));
        }
    }
    with.append(&mut without);
    with.truncate(MOST);
    with
}

/// A server by its address, and the name without its final dot.
pub(super) fn server(address: IpAddr, name: &Name, port: u16) -> Server {
    let text = name.to_string();
    let name = if name.is_root() { text } else { text.trim_end_matches('.').to_owned() };
    Server { address: SocketAddr::new(address, port), name }
}
