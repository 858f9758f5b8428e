//! The way from the root to who answers for a name, every server of every level asked: a lesson, and a test
//! of the delegations on it.
//!
//! Nothing is asked here: [`Walk::poll_probes`] says what to ask of whom, all at once. Addresses are those
//! of the referral itself where it has them (glue); a resolver is asked only for those that it lacks. What
//! servers say is hostile: a referral must lead down and towards the name, glue must be of the zone of who
//! gives it, and levels, servers and aliases are bounded.

mod reading;
mod report;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use self::reading::{Said, read};
pub use self::report::{Asked, Ending, Flaw, Level, Role};
use crate::lookup::Server;
use crate::{Name, Question, RecordType};

/// How many addresses of one level are asked.
const SERVERS: usize = 26;
/// How many levels one name may have.
const LEVELS: usize = 16;
/// How many aliases are followed.
const ALIASES: usize = 16;

/// One question to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Tells it from the others that are under way.
    pub number: usize,
    /// Whom to ask, without recursion; `None` for the resolver, with recursion.
    pub server: Option<Server>,
    /// What.
    pub question: Question,
}

/// The walk.
#[derive(Debug)]
pub struct Walk {
    roots: Vec<Server>,
    question: Question,
    zone: Name,
    /// Servers of the level: names with what addresses they have.
    names: Vec<(Name, Vec<Server>)>,
    flaws: Vec<Flaw>,
    depth: usize,
    aliases: Vec<Name>,
    probes: Vec<(Probe, What)>,
    waiting: usize,
    heard: Vec<Heard>,
    levels: VecDeque<Level>,
    ending: Option<Ending>,
}

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The question itself.
    Answer(usize),
    /// The serial of the zone.
    Soa(usize),
    /// The zone's own list of its servers.
    Ns(usize),
    /// The address of a server, by its place among the names.
    Address(usize),
}

/// What was heard of one server.
#[derive(Debug)]
struct Heard {
    server: Server,
    answer: Option<Result<(Said, Duration), String>>,
    serial: Option<u32>,
    names: Option<Vec<Name>>,
}

impl Walk {
    /// Begins at `roots`, which a file of hints or a resolver has named.
    #[must_use]
    pub fn new(question: Question, roots: Vec<Server>) -> Self {
        let mut walk = Self {
            aliases: vec![question.name.clone()],
            roots,
            question,
            zone: Name::root(),
            names: Vec::new(),
            flaws: Vec::new(),
            depth: 0,
            probes: Vec::new(),
            waiting: 0,
            heard: Vec::new(),
            levels: VecDeque::new(),
            ending: None,
        };
        walk.start_at_root();
        walk
    }

    /// What is to be asked now, all at once; each is to be answered by one of the two below. Nothing: the
    /// end.
    pub fn poll_probes(&mut self) -> Vec<Probe> {
        self.probes.iter().map(|(probe, _)| probe.clone()).collect()
    }

    /// A level of which everything is known.
    pub fn poll_level(&mut self) -> Option<Level> {
        self.levels.pop_front()
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Takes a reply and how long it took.
    pub fn handle_answer(&mut self, number: usize, octets: &[u8], took: Duration) {
        let Some((probe, what)) = self.probes.get(number).cloned() else { return };
        let said = read(octets, &probe.question, &self.zone);
        match what {
            What::Answer(at) => self.note(at, |heard| {
                heard.answer = Some(said.map(|said| (said, took)));
            }),
            What::Soa(at) => {
                let serial = said.ok().and_then(|said| said.serial);
                self.note(at, |heard| heard.serial = serial);
            }
            What::Ns(at) => {
                let names = said.ok().filter(|said| said.is_authoritative).map(|said| said.listed);
                self.note(at, |heard| heard.names = names.filter(|names| !names.is_empty()));
            }
            What::Address(at) => {
                self.address(at, said.map(|said| said.addresses).unwrap_or_default());
            }
        }
        self.settle();
    }

    /// Takes that there is no reply, and why.
    pub fn handle_failure(&mut self, number: usize, why: &str) {
        if let Some((_, What::Answer(at))) = self.probes.get(number) {
            let (at, why) = (*at, why.to_owned());
            self.note(at, |heard| heard.answer = Some(Err(why)));
        }
        self.settle();
    }

    fn note(&mut self, at: usize, note: impl FnOnce(&mut Heard)) {
        if let Some(heard) = self.heard.get_mut(at) {
            note(heard);
        }
    }

    fn address(&mut self, at: usize, addresses: Vec<std::net::IpAddr>) {
        if let Some((name, servers)) = self.names.get_mut(at) {
            servers.extend(
                addresses.into_iter().take(4).map(|address| reading::server(address, name)),
            );
        }
    }

    fn start_at_root(&mut self) {
        (self.zone, self.depth) = (Name::root(), 0);
        let mut names: Vec<(Name, Vec<Server>)> = Vec::new();
        for server in &self.roots {
            let name =
                Name::parse(server.name.as_bytes(), &Name::root()).unwrap_or_else(|_| Name::root());
            match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, servers)) => servers.push(server.clone()),
                None => names.push((name, vec![server.clone()])),
            }
        }
        self.names = names;
        self.ask();
    }

    /// Asks the resolver for addresses that are lacking.
    fn resolve(&mut self) {
        let lacking: Vec<_> =
            self.names.iter().enumerate().filter(|(_, (_, servers))| servers.is_empty()).collect();
        let probes = lacking.into_iter().flat_map(|(at, (name, _))| {
            [RecordType::A, RecordType::AAAA]
                .map(|kind| (None, name.clone(), kind, What::Address(at)))
        });
        let probes: Vec<_> = probes.take(2 * SERVERS).collect();
        self.send(probes);
    }

    /// Asks every server of the level.
    fn ask(&mut self) {
        let servers: Vec<_> =
            self.names.iter().flat_map(|(_, servers)| servers).take(SERVERS).cloned().collect();
        let (zone, name, kind) =
            (self.zone.clone(), self.question.name.clone(), self.question.kind);
        let probes = servers.iter().enumerate().flat_map(|(at, server)| {
            let to = |name: &Name, kind, what| (Some(server.clone()), name.clone(), kind, what);
            [
                to(&name, kind, What::Answer(at)),
                to(&zone, RecordType::SOA, What::Soa(at)),
                to(&zone, RecordType::NS, What::Ns(at)),
            ]
        });
        let probes: Vec<_> = probes.collect();
        let heard = |server| Heard { server, answer: None, serial: None, names: None };
        self.heard = servers.into_iter().map(heard).collect();
        self.send(probes);
        if self.probes.is_empty() {
            self.judge();
        }
    }

    fn send(&mut self, probes: Vec<(Option<Server>, Name, RecordType, What)>) {
        let class = self.question.class;
        let numbered = probes.into_iter().enumerate();
        let probe = |(number, (server, name, kind, what))| {
            (Probe { number, server, question: Question { name, kind, class } }, what)
        };
        self.probes = numbered.map(probe).collect();
        self.waiting = self.probes.len();
    }

    /// Goes on once everything has been answered.
    fn settle(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
        if self.waiting > 0 {
            return;
        }
        let was_resolving = matches!(self.probes.first(), Some((_, What::Address(_))));
        self.probes.clear();
        if was_resolving {
            let lost = self.names.iter().filter(|(_, servers)| servers.is_empty());
            let lost: Vec<_> = lost.map(|(name, _)| Flaw::NoAddress(name.clone())).collect();
            self.flaws.extend(lost);
            self.ask();
        } else {
            self.judge();
        }
    }

    /// Makes a level of what was heard, and goes on to the next one.
    fn judge(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        let mut flaws = std::mem::take(&mut self.flaws);
        flaws.extend(report::flaws_of(&self.names, &heard));
        let servers: Vec<_> = heard.iter().map(report::asked).collect();
        let referrals = heard
            .iter()
            .filter_map(|heard| heard.answer.as_ref()?.as_ref().ok()?.0.referral.as_ref());
        let next = referrals
            .max_by_key(|referral| referral.zone.label_count())
            .map(|first| first.zone.clone());
        let said = |role: fn(&Role) -> bool| servers.iter().any(|asked: &Asked| role(&asked.role));
        let alias = servers.iter().find_map(|asked| match &asked.role {
            Role::Alias(target) => Some(target.clone()),
            _ => None,
        });
        let ending = if said(|role| *role == Role::Answers) {
            Some(Ending::Answered)
        } else if said(|role| *role == Role::NoName) {
            Some(Ending::NoName)
        } else if said(|role| *role == Role::NoData) {
            Some(Ending::NoData)
        } else {
            None
        };
        self.levels.push_back(Level {
            zone: self.zone.clone(),
            name: self.question.name.clone(),
            servers,
            flaws,
        });
        match (ending, alias, next) {
            (Some(ending), ..) => self.ending = Some(ending),
            (None, Some(target), _) => self.follow(target),
            (None, None, Some(zone)) => self.descend(zone, &heard),
            (None, None, None) => self.ending = Some(Ending::NobodyAnswers(self.zone.clone())),
        }
    }

    fn follow(&mut self, target: Name) {
        if self.aliases.contains(&target) {
            self.ending = Some(Ending::AliasLoop(target));
        } else if self.aliases.len() > ALIASES {
            self.ending = Some(Ending::TooLong);
        } else {
            self.aliases.push(target.clone());
            self.question.name = target;
            self.start_at_root();
        }
    }

    fn descend(&mut self, zone: Name, heard: &[Heard]) {
        self.depth += 1;
        if self.depth > LEVELS {
            self.ending = Some(Ending::TooLong);
            return;
        }
        let referrals = heard
            .iter()
            .filter_map(|heard| heard.answer.as_ref()?.as_ref().ok()?.0.referral.as_ref());
        let mut names: Vec<(Name, Vec<Server>)> = Vec::new();
        for (name, servers) in
            referrals.filter(|referral| referral.zone == zone).flat_map(|it| &it.names)
        {
            let has_room = names.len() < SERVERS;
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => {
                    let new = servers.iter().filter(|server| !known.contains(server)).cloned();
                    let new: Vec<_> = new.collect();
                    known.extend(new);
                }
                None if has_room => names.push((name.clone(), servers.clone())),
                None => {}
            }
        }
        let glueless =
            names.iter().filter(|(name, servers)| servers.is_empty() && name.is_in(&zone));
        self.flaws = glueless.map(|(name, _)| Flaw::NoGlue(name.clone())).collect();
        (self.zone, self.names) = (zone, names);
        self.resolve();
        if self.probes.is_empty() {
            self.ask();
        }
    }
}
