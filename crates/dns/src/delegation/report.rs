//! What a walk tells: levels, what each server said, and what is wrong.

use std::time::Duration;

use super::Heard;
use crate::lookup::Server;
use crate::{Name, Rcode};

/// One level: the servers of a zone.
#[derive(Clone, Debug)]
pub struct Level {
    /// The zone.
    pub zone: Name,
    /// The name that they were asked about: the question's, or what it is an alias of.
    pub name: Name,
    /// Each address that was asked.
    pub servers: Vec<Asked>,
    /// What is wrong with the level as a whole.
    pub flaws: Vec<Flaw>,
}

/// One server of a level.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which.
    pub server: Server,
    /// What it said.
    pub role: Role,
    /// How long that took; `None` where there was no reply.
    pub took: Option<Duration>,
    /// The serial of the zone as it has it.
    pub serial: Option<u32>,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It has the answer.
    Answers,
    /// It answers that the name is an alias of another, of which it says nothing.
    Alias(Name),
    /// It answers that there is no such name.
    NoName,
    /// It answers that there is no such record.
    NoData,
    /// It refers to the servers of a zone below.
    Refers(Name),
    /// It does not answer for the zone that it is named a server of (RFC 1912 §2.8).
    Lame,
    /// It says this instead of an answer.
    Fails(Rcode),
    /// There was no reply: why.
    Dead(String),
}

/// What is wrong with a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The zone above names a server below the zone and gives no address.
    NoGlue(Name),
    /// A server of the level has no address that could be found.
    NoAddress(Name),
    /// The servers have different serials.
    Serials(Vec<u32>),
    /// The zone above lists these servers and the zone itself does not.
    OnlyAbove(Vec<Name>),
    /// The zone itself lists these servers and the zone above does not.
    OnlyWithin(Vec<Name>),
}

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an answer.
    Answered,
    /// There is no such name.
    NoName,
    /// There is no such record.
    NoData,
    /// No server of this zone says anything that leads on.
    NobodyAnswers(Name),
    /// Aliases lead in a circle, to this name again.
    AliasLoop(Name),
    /// There are more levels or aliases than are followed.
    TooLong,
}

pub(super) fn asked(heard: &Heard) -> Asked {
    let (role, took) = match &heard.answer {
        Some(Ok((said, took))) => (role(said), Some(*took)),
        Some(Err(why)) => (Role::Dead(why.clone()), None),
        None => (Role::Dead("not asked".to_owned()), None),
    };
    Asked { server: heard.server.clone(), role, took, serial: heard.serial }
}

fn role(said: &super::Said) -> Role {
    match said.rcode {
        Rcode::NOERROR | Rcode::NXDOMAIN => {}
        other => return Role::Fails(other),
    }
    if let Some(referral) = &said.referral {
        return Role::Refers(referral.zone.clone());
    }
    match (&said.alias, said.has_answer) {
        _ if !said.is_authoritative => Role::Lame,
        (_, true) => Role::Answers,
        (Some(target), false) => Role::Alias(target.clone()),
        (None, false) if said.rcode == Rcode::NXDOMAIN => Role::NoName,
        (None, false) => Role::NoData,
    }
}

/// Compares what the servers say of the zone with each other, and with what the zone above says.
pub(super) fn flaws_of(above: &[(Name, Vec<Server>)], heard: &[Heard]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut serials: Vec<_> = heard.iter().filter_map(|heard| heard.serial).collect();
    serials.sort_unstable();
    serials.dedup();
    if serials.len() > 1 {
        flaws.push(Flaw::Serials(serials));
    }
    let mut within: Vec<_> =
        heard.iter().filter_map(|heard| heard.names.as_ref()).flatten().cloned().collect();
    within.sort();
    within.dedup();
    if within.is_empty() {
        return flaws;
    }
    let only_above: Vec<_> =
        above.iter().map(|(name, _)| name).filter(|name| !within.contains(name)).cloned().collect();
    let is_above = |name: &Name| above.iter().any(|(known, _)| known == name);
    let only_within: Vec<_> = within.iter().filter(|name| !is_above(name)).cloned().collect();
    flaws.extend((!only_above.is_empty()).then_some(Flaw::OnlyAbove(only_above)));
    flaws.extend((!only_within.is_empty()).then_some(Flaw::OnlyWithin(only_within)));
    flaws
}
