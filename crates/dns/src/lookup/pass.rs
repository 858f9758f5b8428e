//! One message of a lookup: its name, completed or not, its octets, and what of it is known.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::Instant;

use super::machine::{Lookup, Stage};
use super::transfer::Course;
use super::{Ask, Config, Ending, Expects, Mode, Server};
use crate::tsig::{Key, Signed};
use crate::{Cookie, Header, Name, NameError, RecordType, Transport, encode};

/// One message and the servers that it is asked of.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) name: Name,
    pub(super) kind: RecordType,
    pub(super) id: u16,
    pub(super) octets: Vec<u8>,
    pub(super) server: usize,
    pub(super) signed: Option<Signed>,
    pub(super) bad_signature: bool,
    pub(super) course: Option<Course>,
    pub(super) warns_id: bool,
    pub(super) wires: Vec<Wire>,
}

/// When a query left, and from where.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wire {
    pub(super) sent: Instant,
    pub(super) local: Option<SocketAddr>,
}

impl Default for Pass {
    fn default() -> Self {
        Self {
            name: Name::root(),
            kind: RecordType::A,
            id: 0,
            octets: Vec::new(),
            server: 0,
            signed: None,
            bad_signature: false,
            course: None,
            warns_id: true,
            wires: Vec::new(),
        }
    }
}

/// What is appended to the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nothing; it was not to be completed.
    Absolute,
    /// The domain of this number.
    Domain(usize),
    /// Nothing: the domains did not lead to anything, or have not been tried.
    AsIs,
}

impl Lookup {
    /// The name to ask for. Where it cannot be one, how that ends; `None` where the next domain may do.
    pub(super) fn name(&self) -> Result<Name, Option<Ending>> {
        if self.stage == Stage::Servers && self.config.mode == Mode::Trace {
            return Ok(Name::root());
        }
        let illegal = |name: &str, why| {
            let why = format!("'{name}' is not in legal name syntax ({why})");
            Some(Ending::Fatal { why, code: 1 })
        };
        let name = String::from_utf8_lossy(&self.config.name);
        let Some(domain) = self.domain() else {
            return Name::parse(&self.config.name, &Name::root()).map_err(|why| {
                let why = format!("'{name}' is not a legal name ({why})");
                Some(Ending::Fatal { why, code: 10 })
            });
        };
        let origin = Name::parse(domain.as_bytes(), &Name::root());
        let origin = origin.map_err(|why| illegal(domain, why))?;
        Name::parse(&self.config.name, &origin).map_err(|why| match why {
            NameError::TooLong => None,
            why => illegal(&name, why),
        })
    }

    /// What the name is completed with.
    pub(super) fn domain(&self) -> Option<&String> {
        match (self.origin, &self.config.search) {
            (Origin::Domain(at), Some(search)) => search.domains.get(at),
            _ => None,
        }
    }

    pub(super) fn make(&mut self, mut name: Name) -> Pass {
        if self.config.mixes_case {
            name = self.in_mixed_case(&name);
        }
        let mut form = self.config.form.clone();
        form.kind = match (self.stage, self.config.mode) {
            (Stage::Servers, _) => RecordType::NS,
            (Stage::Each, _) => RecordType::SOA,
            _ => form.kind,
        };
        let is_transfer = [RecordType::AXFR, RecordType::IXFR].contains(&form.kind);
        if is_transfer || matches!(self.stage, Stage::Down | Stage::Each) {
            form.flags &= !Header::RD;
        }
        form.serial = form.serial.filter(|_| form.kind == RecordType::IXFR);
        if let Some(edns) = &mut form.edns {
            edns.version = self.edns_version;
            if let (Some(cookie), false) = (&self.cookie, edns.cookie == Cookie::None) {
                edns.cookie = Cookie::Chosen(cookie.clone());
            }
        }
        let [high, low, ..] = self.draw().to_be_bytes();
        let id = form.id.unwrap_or(u16::from_be_bytes([high, low]));
        let reserved = self.config.key.as_ref().map_or(0, Key::reserved);
        let mut octets = encode(&form, &name, id, &self.client_cookie, reserved);
        let time = self.config.signing_time.unwrap_or(self.clocks.wall.as_secs());
        let signed = self.config.key.as_ref().map(|key| Signed::sign(key, &mut octets, time));
        if form.kind == RecordType::AXFR && self.transport == Transport::Udp {
            self.transport = Transport::Tcp;
        }
        let mut pass = Pass { name, kind: form.kind, id, octets, signed, ..Pass::default() };
        pass.wires = vec![Wire::default(); self.candidates.len()];
        std::mem::swap(&mut self.pass, &mut pass);
        self.pass.course = self.course();
        std::mem::replace(&mut self.pass, pass)
    }

    /// A name that only who saw the query can repeat (draft-vixie-dnsext-dns0x20).
    fn in_mixed_case(&mut self, name: &Name) -> Name {
        let mut octets = name.octets().to_vec();
        for part in octets.chunks_mut(64) {
            let bits = self.draw();
            for (at, octet) in part.iter_mut().enumerate() {
                // A length is below 64 and no letter.
                if octet.is_ascii_alphabetic() && bits >> at & 1 == 1 {
                    *octet ^= 0x20;
                }
            }
        }
        Name::from_wire(octets).unwrap_or_else(|| name.clone())
    }

    pub(super) fn course(&self) -> Option<Course> {
        match self.pass.kind {
            RecordType::AXFR => Some(Course::new(None)),
            RecordType::IXFR if self.transport != Transport::Udp => {
                Some(Course::new(Some(self.config.form.serial.unwrap_or(0))))
            }
            _ => None,
        }
    }

    pub(super) fn ask_of(&self, server: Server) -> Ask {
        Ask {
            server,
            transport: self.transport,
            octets: self.pass.octets.clone(),
            timeout: self.config.timeout.unwrap_or(match self.transport {
                Transport::Udp => Duration::from_secs(5),
                _ => Duration::from_secs(10),
            }),
            expects: if self.pass.course.is_some() { Expects::Transfer } else { Expects::One },
            keeps_open: self.config.keeps_open,
        }
    }

    /// The next domain of the search list, where there is one; whether there is.
    pub(super) fn next_origin(&mut self) -> bool {
        let Some(search) = &self.config.search else { return false };
        // As BIND counts: a name with as many labels more than the dots that are enough is not completed.
        if is_absolute(&self.config.name) || dots(&self.config.name) >= search.ndots {
            return false;
        }
        let Origin::Domain(at) = self.origin else { return false };
        self.origin =
            if at + 1 < search.domains.len() { Origin::Domain(at + 1) } else { Origin::AsIs };
        true
    }

    /// Whether a domain was appended to the name.
    pub(super) const fn is_searched(&self) -> bool {
        matches!(self.origin, Origin::Domain(_))
    }

    /// Whether there is a search list that this name may be of.
    pub(super) fn needs_search(&self) -> bool {
        self.origin == Origin::Absolute && self.config.search.is_some()
    }
}

pub(super) fn first_origin(config: &Config) -> Origin {
    match &config.search {
        None => Origin::Absolute,
        Some(search) if dots(&config.name) >= search.ndots => Origin::Absolute,
        Some(search) if search.domains.is_empty() => Origin::AsIs,
        Some(_) => Origin::Domain(0),
    }
}

fn dots(name: &[u8]) -> u32 {
    name.iter().fold(0, |dots, octet| dots + u32::from(*octet == b'.'))
}

fn is_absolute(name: &[u8]) -> bool {
    name.ends_with(b".") && !name.ends_with(b"\\.")
}
