//! The way itself: one query after the other, and what each reply or failure leads to.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::ControlFlow;
use std::time::Duration;

use wireline_engine::Instant;

use super::pass::{Origin, Pass, Wire, first_origin};
use super::referral::Candidate;
use super::screen::{Asked, Verdict};
use super::{
    Clocks, Config, Ending, Event, Exchanged, Failure, Heard, Mode, Notice, Place, Server, Step,
};
use crate::{Cookie, Edns, Name, Transport};

/// A question on its way.
///
/// `poll` says what to do next; what was heard of an [`Ask`] is handed to `handle`.
#[derive(Debug)]
pub struct Lookup {
    pub(super) config: Config,
    pub(super) clocks: Clocks,
    seed: (u64, u64),
    steps: VecDeque<Step>,
    /// Whom this level is asked of.
    pub(super) candidates: Vec<Candidate>,
    pub(super) stage: Stage,
    /// The zone that the servers are servers of; `None` where they are resolvers.
    pub(super) zone: Option<Name>,
    pub(super) origin: Origin,
    pub(super) transport: Transport,
    /// How often a server may be asked, this time included.
    pub(super) tries: u32,
    /// How many messages were made.
    rounds: u32,
    /// The cookie to send: chosen, or the server's last.
    pub(super) cookie: Option<Vec<u8>>,
    pub(super) client_cookie: [u8; 8],
    pub(super) edns_version: u8,
    pub(super) saw_bad_cookie: bool,
    /// Whether there was a socket or a connection for what was asked last.
    was_ready: bool,
    pub(super) pass: Pass,
    /// Of `+nssearch`: whether any server has answered.
    pub(super) has_success: bool,
    /// Of `+nssearch`: whose datagram was cut short, to be asked by TCP.
    pub(super) cut_short: Vec<Candidate>,
    pub(super) unresolved: Option<(Name, String)>,
}

/// Where on the way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The question, as it was asked.
    Direct,
    /// First of all, who the servers are: of the root, or of the zone.
    Servers,
    /// Down from the root.
    Down,
    /// The SOA from each.
    Each,
}

/// More messages than that are a loop, as dig has it.
const MOST_ROUNDS: u32 = 64;

impl Lookup {
    /// Begins. `seed` must be one that nobody can guess.
    #[must_use]
    pub fn new(config: Config, seed: u64, clocks: Clocks) -> Self {
        let stage = match config.mode {
            Mode::Plain => Stage::Direct,
            Mode::Trace | Mode::NsSearch => Stage::Servers,
        };
        let cookie = config.form.edns.as_ref().and_then(|edns| match &edns.cookie {
            Cookie::Chosen(chosen) => Some(chosen.clone()),
            Cookie::None | Cookie::Drawn => None,
        });
        let mut lookup = Self {
            clocks,
            seed: (seed, 0),
            steps: VecDeque::new(),
            candidates: config.servers.iter().cloned().map(Candidate::At).collect(),
            stage,
            zone: None,
            origin: first_origin(&config),
            transport: config.transport,
            tries: config.tries.max(1),
            rounds: 0,
            cookie,
            client_cookie: [0; 8],
            edns_version: config.form.edns.as_ref().map_or(0, |edns| edns.version),
            saw_bad_cookie: false,
            was_ready: false,
            pass: Pass::default(),
            has_success: false,
            cut_short: Vec::new(),
            unresolved: None,
            config,
        };
        lookup.client_cookie = lookup.draw().to_be_bytes();
        lookup.again();
        lookup
    }

    /// What to do next.
    pub fn poll(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Done(Ending::Broken))
    }

    /// What happened so far, while an [`Ask`] is still under way.
    pub fn poll_event(&mut self) -> Option<Event> {
        match self.steps.pop_front() {
            Some(Step::Tell(event)) => Some(event),
            Some(other) => {
                self.steps.push_front(other);
                None
            }
            None => None,
        }
    }

    /// Whether there ever was a socket or a connection: dig's exit code forgets then what was before.
    #[must_use]
    pub const fn was_ready(&self) -> bool {
        self.was_ready
    }

    /// Takes what was heard of the last [`Ask`]; a break is its end.
    pub fn handle(&mut self, heard: Heard<'_>, now: Instant) -> ControlFlow<()> {
        match heard {
            Heard::Ready { local } => {
                self.ready(self.pass.server, local, now);
                ControlFlow::Continue(())
            }
            Heard::Message(octets) => self.message(octets, now),
            Heard::Unconnected(why) => {
                self.unconnected(why);
                ControlFlow::Break(())
            }
            Heard::Failed(why) => {
                self.failed(why);
                ControlFlow::Break(())
            }
        }
    }

    pub(super) fn ready(&mut self, at: usize, local: Option<std::net::SocketAddr>, now: Instant) {
        self.was_ready = true;
        if let Some(wire) = self.pass.wires.get_mut(at) {
            *wire = Wire { sent: now, local };
        }
        if self.config.shows_queries
            && let Some(exchanged) = self.exchanged(at, self.pass.octets.clone(), None)
        {
            self.tell(Event::Sent(exchanged));
        }
    }

    fn message(&mut self, octets: &[u8], now: Instant) -> ControlFlow<()> {
        match self.screen(octets) {
            (Verdict::PassOver, _) => ControlFlow::Continue(()),
            (Verdict::GiveUp, _) => {
                self.done(Ending::Broken);
                ControlFlow::Break(())
            }
            (Verdict::Take(message), is_malformed) => self.answer(&message, is_malformed, now),
        }
    }

    /// Whether a message is the answer, and whether a part of it cannot be read.
    pub(super) fn screen<'m>(&mut self, octets: &'m [u8]) -> (Verdict<'m>, bool) {
        let mut told = Vec::new();
        let place = match (&self.pass.course, self.transport) {
            (_, Transport::Udp) => Place::Datagram,
            (Some(course), _) if course.has_begun() => Place::Transfer,
            _ => Place::Connection,
        };
        let Pass { id, ref name, kind, ref mut warns_id, .. } = self.pass;
        let mixes_case = self.config.mixes_case;
        let asked = Asked { id, name, kind, form: &self.config.form, place, mixes_case };
        let verdict = asked.screen(octets, warns_id, self.config.takes_malformed, &mut told);
        let is_malformed = told.iter().any(|notice| matches!(notice, Notice::Malformed));
        for notice in told {
            self.notice(notice);
        }
        (verdict, is_malformed)
    }

    fn failed(&mut self, why: Failure) {
        if let Some(server) = self.server(self.pass.server) {
            self.notice(Notice::CommunicationError { server, why });
        }
        // Down from the root the next server is asked first: the dead one is named once.
        let patient = self.stage != Stage::Down;
        if patient && self.tries > 1 {
            self.tries -= 1;
            return if self.transport == Transport::Udp { self.ask() } else { self.again() };
        }
        if self.pass.server + 1 < self.candidates.len() {
            self.pass.server += 1;
            return self.ask();
        }
        if self.tries > 1 {
            self.tries -= 1;
            return self.again();
        }
        self.notice(Notice::NoServers);
        self.done(Ending::Unanswered);
    }

    fn unconnected(&mut self, why: Failure) {
        let Some(server) = self.server(self.pass.server) else { return };
        let question = String::from_utf8_lossy(&self.config.name).into_owned();
        match why {
            Failure::Certificate(why) => {
                self.notice(Notice::BadCertificate { server, why });
                // dig's exit code is 0 for that, and what was before is forgotten.
                self.was_ready = true;
                return self.done(Ending::Broken);
            }
            Failure::TlsContext(why) => {
                self.notice(Notice::NoTlsContext { why });
                return self.next_or(Ending::Unanswered);
            }
            Failure::NotForTransfers(why) => {
                self.was_ready = true;
                self.notice(Notice::NoTransfersHere { why });
                return self.done(Ending::Broken);
            }
            why if self.transport == Transport::Udp => {
                self.notice(Notice::UdpSetupFailed { server, question, why });
            }
            why => {
                // BIND says no more of a transfer over TLS that a server does not shake hands for.
                let is_closed = matches!(why, Failure::EndOfFile | Failure::Reset);
                self.notice(Notice::ConnectionFailed { server, question, why });
                let is_transfer = self.pass.course.is_some();
                if is_closed && is_transfer && self.transport == Transport::Tls {
                    self.was_ready = true;
                    self.notice(Notice::TransferFailed);
                    return self.done(Ending::Broken);
                }
            }
        }
        let has_next = self.pass.server + 1 < self.candidates.len();
        if self.tries > 1 && !(has_next && self.stage == Stage::Down) {
            self.tries -= 1;
            self.notice(Notice::NoConnection);
            return self.again();
        }
        if has_next {
            self.pass.server += 1;
            return self.ask();
        }
        self.notice(Notice::NoConnection);
        self.done(Ending::Unanswered);
    }

    /// Asks the next server, or ends.
    pub(super) fn next_or(&mut self, ending: Ending) {
        if self.pass.server + 1 < self.candidates.len() {
            self.pass.server += 1;
            return self.ask();
        }
        self.done(ending);
    }

    /// A new message, to the first of the servers.
    pub(super) fn again(&mut self) {
        self.rounds += 1;
        if self.rounds > MOST_ROUNDS {
            return self.done(Ending::Fatal { why: "too many lookups".to_owned(), code: 1 });
        }
        match self.name() {
            Ok(name) => {
                self.tell(Event::Trying { domain: self.domain().cloned() });
                self.pass = self.make(name);
                if self.pass.octets.len() > 512 && self.transport == Transport::Udp {
                    self.transport = Transport::Tcp;
                    self.pass.course = self.course();
                }
                self.ask();
            }
            Err(ending) => match ending {
                Some(ending) => self.done(ending),
                None if self.next_origin() => self.again(),
                None => self.done(Ending::Broken),
            },
        }
    }

    /// Asks the server whose turn it is.
    pub(super) fn ask(&mut self) {
        if self.stage == Stage::Each {
            let named = |candidate: &Candidate| matches!(candidate, Candidate::Named(_));
            match self.candidates.iter().position(named) {
                Some(at) => self.pass.server = at,
                None => return self.ask_each(),
            }
        }
        match self.candidates.get(self.pass.server) {
            Some(Candidate::Named(name)) => {
                let name = name.clone();
                self.steps.push_back(Step::Resolve(name));
            }
            Some(Candidate::At(server)) if is_mapped(server) => {
                let server = server.clone();
                self.notice(Notice::MappedAddress { server });
                if self.pass.server + 1 >= self.candidates.len() {
                    self.notice(Notice::NoAcceptableServers);
                }
                self.next_or(Ending::Broken);
            }
            Some(Candidate::At(server)) => {
                let ask = self.ask_of(server.clone());
                self.steps.push_back(Step::Ask(ask));
            }
            None => self.done(Ending::Unanswered),
        }
    }

    /// The first eight octets of the cookie that was sent, which must come back (RFC 7873 §5.3).
    pub(super) fn sent_cookie(&self) -> &[u8] {
        self.cookie.as_deref().unwrap_or(&self.client_cookie)
    }

    pub(super) fn sends_cookie(&self) -> bool {
        let edns: Option<&Edns> = self.config.form.edns.as_ref();
        edns.is_some_and(|edns| edns.cookie != Cookie::None)
    }

    pub(super) fn server(&self, at: usize) -> Option<Server> {
        match self.candidates.get(at) {
            Some(Candidate::At(server)) => Some(server.clone()),
            Some(Candidate::Named(_)) | None => None,
        }
    }

    pub(super) fn exchanged(
        &self,
        at: usize,
        octets: Vec<u8>,
        received: Option<Instant>,
    ) -> Option<Exchanged> {
        let wire = self.pass.wires.get(at).copied().unwrap_or_default();
        Some(Exchanged {
            octets,
            server: self.server(at)?,
            local: wire.local,
            transport: self.transport,
            sent: self.wall(wire.sent),
            received: received.map(|at| self.wall(at)),
        })
    }

    /// A moment, since 1970 UTC.
    pub(super) fn wall(&self, at: Instant) -> Duration {
        self.clocks.wall + at.since(self.clocks.now)
    }

    /// The next number that nobody can guess.
    pub(super) fn draw(&mut self) -> u64 {
        self.seed.1 += 1;
        let mut hasher = DefaultHasher::new();
        self.seed.hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.steps.push_back(Step::Tell(event));
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.tell(Event::Notice(notice));
    }

    pub(super) fn step(&mut self, step: Step) {
        self.steps.push_back(step);
    }

    pub(super) fn done(&mut self, ending: Ending) {
        let is_trace = self.config.mode == Mode::Trace && self.stage == Stage::Servers;
        let is_final = matches!(ending, Ending::Fatal { .. }) || !is_trace;
        if is_final || self.config.root_hints.is_empty() {
            return self.steps.push_back(Step::Done(ending));
        }
        self.notice(Notice::RootHints);
        let hints = std::mem::take(&mut self.config.root_hints);
        self.candidates = self.shuffled(hints.into_iter().map(Candidate::At).collect());
        self.stage = Stage::Down;
        self.zone = Some(Name::root());
        (self.tries, self.transport) = (self.config.tries.max(1), self.config.transport);
        self.again();
    }
}

fn is_mapped(server: &Server) -> bool {
    match server.address {
        std::net::SocketAddr::V6(v6) => v6.ip().to_ipv4_mapped().is_some(),
        std::net::SocketAddr::V4(_) => false,
    }
}
