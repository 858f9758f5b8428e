//! What an answer leads to: the end, or another query.

use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;

use wireline_engine::Instant;

use super::machine::{Lookup, Stage};
use super::referral::{self, Candidate, Referral};
use super::screen::Verdict;
use super::transfer::Progress;
use super::{
    Answer, Ending, Event, Failure, Heard, Mode, Notice, Received, Signature, Step, Transfer,
};
use crate::{Edns, Header, Message, Name, Rcode, Reader, Section, Transport};

impl Lookup {
    pub(super) fn answer(
        &mut self,
        message: &Message<'_>,
        is_malformed: bool,
        now: Instant,
    ) -> ControlFlow<()> {
        let mut cookie = None;
        if self.is_asked_again(message, &mut cookie, now) {
            return ControlFlow::Break(());
        }
        if message.rcode() == Rcode::SERVFAIL && !self.config.stops_at_servfail && self.passes_on()
        {
            return ControlFlow::Break(());
        }
        self.verify(message, now);
        if cookie.is_none() {
            cookie = self.take_cookie(message);
        }
        let shown = Shown { cookie, is_malformed, is_interim: false, now };
        if self.pass.course.is_some() {
            return self.transferred(message, &shown);
        }
        self.conclude(message, shown);
        ControlFlow::Break(())
    }

    /// Whether there is another server that may do better, and was asked.
    fn passes_on(&mut self) -> bool {
        let Some(server) = self.server(self.pass.server) else { return false };
        let is_next = self.pass.server + 1 < self.candidates.len();
        self.notice(Notice::ServFail { server, is_next });
        if is_next {
            self.pass.server += 1;
            self.ask();
        }
        is_next
    }

    /// Whether the reply says to ask in another way, and that was done.
    fn is_asked_again(
        &mut self,
        message: &Message<'_>,
        cookie: &mut Option<bool>,
        now: Instant,
    ) -> bool {
        let has_bad_cookie = message.rcode() == Rcode::BADCOOKIE;
        let is_datagram = self.transport == Transport::Udp;
        self.is_other_version(message)
            || self.is_cut_short(message)
            || (is_datagram && has_bad_cookie && self.is_other_cookie(message, cookie, now))
    }

    fn is_other_version(&mut self, message: &Message<'_>) -> bool {
        let version = message.opt().map(|opt| opt.ttl.to_be_bytes()[1]);
        let version = version.filter(|version| {
            let is_told = message.rcode() == Rcode::BADVERS && *version < self.edns_version;
            is_told && self.config.negotiates_edns
        });
        let Some(version) = version else { return false };
        self.notice(Notice::BadVersion { version });
        self.edns_version = version;
        self.again();
        true
    }

    /// Whether the rest of a message is to be had by TCP.
    fn is_to_be_whole(&self, message: &Message<'_>) -> bool {
        let is_cut = message.header.has(Header::TC) && self.transport == Transport::Udp;
        is_cut && !self.config.ignores_truncation
    }

    fn is_cut_short(&mut self, message: &Message<'_>) -> bool {
        if !self.is_to_be_whole(message) {
            return false;
        }
        if self.cookie.is_none() {
            self.take_cookie(message);
        }
        self.notice(Notice::Truncated);
        self.transport = Transport::Tcp;
        self.again();
        true
    }

    fn is_other_cookie(
        &mut self,
        message: &Message<'_>,
        cookie: &mut Option<bool>,
        now: Instant,
    ) -> bool {
        if !self.sends_cookie() || !self.config.retries_bad_cookie {
            return false;
        }
        *cookie = self.take_cookie(message);
        if *cookie != Some(true) {
            return false;
        }
        if self.config.shows_bad_cookie {
            let shown = Shown { cookie: *cookie, is_malformed: false, is_interim: false, now };
            self.show(message, &shown, None);
            self.received(message, now);
        }
        let over_tcp = self.saw_bad_cookie;
        self.notice(Notice::BadCookie { over_tcp });
        if over_tcp {
            self.transport = Transport::Tcp;
        }
        self.saw_bad_cookie = true;
        self.again();
        true
    }

    fn verify(&mut self, message: &Message<'_>, now: Instant) {
        let time = self.config.signing_time.unwrap_or_else(|| self.wall(now).as_secs());
        let Some(signed) = &mut self.pass.signed else { return };
        if let Err(why) = signed.verify(message.octets, time) {
            self.pass.bad_signature = true;
            self.notice(Notice::BadSignature { why });
        }
    }

    /// Looks at the reply's COOKIE and keeps it for the next query (RFC 7873 §5.3); whether it is good.
    fn take_cookie(&mut self, message: &Message<'_>) -> Option<bool> {
        let Some(opt) = message.opt() else {
            if self.cookie.is_some() && self.sends_cookie() {
                self.notice(Notice::NoOpt);
            }
            return None;
        };
        let got = self.sends_cookie().then(|| cookie_of(opt.rdata.reader())).flatten()?;
        let sent = self.sent_cookie();
        if sent.len() < 8 || got.len() < 8 {
            self.notice(Notice::CookieTooShort);
            return Some(false);
        }
        if sent.get(..8) != got.get(..8) {
            self.notice(Notice::CookieMismatch);
            return Some(false);
        }
        self.cookie = Some(got.to_vec());
        Some(true)
    }

    fn transferred(&mut self, message: &Message<'_>, shown: &Shown) -> ControlFlow<()> {
        let Some(course) = &mut self.pass.course else { return ControlFlow::Break(()) };
        let before = course.sums;
        let progress = course.take(message);
        self.show(message, shown, Some(before));
        match progress {
            Progress::More => return ControlFlow::Continue(()),
            Progress::Over => {
                let signed = self.pass.signed.as_ref();
                if signed.is_some_and(|signed| !signed.is_complete()) {
                    self.pass.bad_signature = true;
                    self.notice(Notice::BadSignature { why: crate::tsig::Invalid::Missing });
                }
                self.received(message, shown.now);
                self.done(Ending::Answered);
            }
            Progress::Failed => {
                self.notice(Notice::TransferFailed);
                self.done(Ending::Broken);
            }
            Progress::NoSoa => {
                self.notice(Notice::TransferWithoutSoa);
                self.done(Ending::Broken);
            }
        }
        ControlFlow::Break(())
    }

    /// The answer is there: shows it, and goes on where it is not the last.
    fn conclude(&mut self, message: &Message<'_>, mut shown: Shown) {
        let rcode = message.rcode();
        let is_searched = self.is_searched();
        let mut next = Next::End;
        if rcode == Rcode::NXDOMAIN && (is_searched || self.needs_search()) {
            let all = self.config.search.as_ref().is_some_and(|search| search.shows);
            let goes_on = self.next_origin();
            shown.is_interim = goes_on;
            if !goes_on || all {
                self.show(message, &shown, None);
                self.received(message, shown.now);
            }
            if goes_on {
                next = Next::Again;
            }
        } else {
            if self.stage != Stage::Servers || self.config.mode != Mode::NsSearch {
                self.show(message, &shown, None);
            }
            // Whose answer it was is to be told before others are asked.
            let figures = self.figures(message, shown.now);
            let next = self.follow(message);
            self.tell_figures(figures, rcode == Rcode::NOERROR || !is_searched);
            return self.go(next);
        }
        if !is_searched {
            self.received(message, shown.now);
        }
        self.go(next);
    }

    fn go(&mut self, next: Next) {
        match next {
            Next::End => self.done(Ending::Answered),
            Next::Again => self.again(),
            Next::Server => {
                self.pass.server += 1;
                self.ask();
            }
            Next::Fatal(why) => self.done(Ending::Fatal { why, code: 1 }),
        }
    }

    /// Where a reply on the way down, or about the servers, leads.
    fn follow(&mut self, message: &Message<'_>) -> Next {
        let is_lame = [Rcode::SERVFAIL, Rcode::REFUSED].contains(&message.rcode());
        match self.stage {
            Stage::Direct | Stage::Each => Next::End,
            Stage::Servers => {
                let mut referral = Referral::read(message, Section::Answer, None, self.port());
                if referral.candidates.is_empty() {
                    referral = Referral::read(message, Section::Authority, None, self.port());
                }
                self.descend(referral)
            }
            Stage::Down if message.header.counts[1] > 0 => Next::End,
            Stage::Down if is_lame && self.pass.server + 1 < self.candidates.len() => Next::Server,
            Stage::Down => {
                let referral =
                    Referral::read(message, Section::Authority, self.zone.as_ref(), self.port());
                self.descend(referral)
            }
        }
    }

    fn descend(&mut self, referral: Referral) -> Next {
        for notice in referral.notices {
            self.notice(notice);
        }
        if referral.candidates.is_empty() {
            return Next::End;
        }
        self.zone = referral.zone;
        self.candidates = self.shuffled(referral.candidates);
        self.unresolved = None;
        self.stage = match self.config.mode {
            Mode::NsSearch => Stage::Each,
            Mode::Plain | Mode::Trace => Stage::Down,
        };
        Next::Again
    }

    /// The port of all servers, as dig's `-p` has it.
    fn port(&self) -> u16 {
        self.config.servers.first().map_or(53, |server| server.address.port())
    }

    /// In any order, but those whose address is known first.
    pub(super) fn shuffled(&mut self, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        let numbers: Vec<u64> = candidates.iter().map(|_| self.draw()).collect();
        let mut numbered: Vec<_> = numbers.into_iter().zip(candidates.drain(..)).collect();
        numbered.sort_by_key(|(number, it)| (matches!(it, Candidate::Named(_)), *number));
        numbered.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Takes the addresses that a [`Step::Resolve`] asked for.
    pub fn handle_addresses(&mut self, found: Result<Vec<IpAddr>, String>) {
        let at = self.pass.server;
        let Some(Candidate::Named(name)) = self.candidates.get(at).cloned() else {
            return self.done(Ending::Broken);
        };
        match found {
            Ok(addresses) => {
                let port = self.port();
                let servers = addresses.into_iter().map(|it| referral::server(it, &name, port));
                self.candidates.splice(at..=at, servers.map(Candidate::At));
            }
            Err(why) => {
                let text = name.to_string().trim_end_matches('.').to_owned();
                self.notice(Notice::NoAddress { name: text, why: why.clone() });
                self.unresolved.get_or_insert((name, why));
                self.candidates.remove(at);
            }
        }
        self.pass.wires.resize(self.candidates.len(), super::pass::Wire::default());
        if at < self.candidates.len() || (self.stage == Stage::Each && at > 0) {
            return self.ask();
        }
        match self.unresolved.take() {
            Some((name, why)) if self.candidates.is_empty() => {
                let name: Name = name;
                let name = name.to_string();
                let why =
                    format!("couldn't get address for '{}': {why}", name.trim_end_matches('.'));
                self.go(Next::Fatal(why));
            }
            _ => {
                self.notice(Notice::NoServers);
                self.done(Ending::Unanswered);
            }
        }
    }

    /// Asks all servers at once, when the address of each is known (`+nssearch`).
    pub(super) fn ask_each(&mut self) {
        let asks = (0..self.candidates.len()).filter_map(|at| self.server(at));
        let asks = asks.map(|server| self.ask_of(server)).collect();
        self.step(Step::AskAll(asks));
    }

    /// Takes what was heard of one of the queries of a [`Step::AskAll`]; a break is its end.
    pub fn handle_of(&mut self, at: usize, heard: Heard<'_>, now: Instant) -> ControlFlow<()> {
        self.pass.server = at;
        match heard {
            Heard::Ready { local } => {
                self.ready(at, local, now);
                return ControlFlow::Continue(());
            }
            Heard::Message(octets) => match self.screen(octets) {
                (Verdict::PassOver, _) => return ControlFlow::Continue(()),
                (Verdict::GiveUp, _) => {}
                (Verdict::Take(message), _) if self.is_to_be_whole(&message) => {
                    self.cut_short.extend(self.candidates.get(at).cloned());
                }
                (Verdict::Take(message), is_malformed) => {
                    self.has_success = true;
                    let cookie = self.take_cookie(&message);
                    self.show(
                        &message,
                        &Shown { cookie, is_malformed, is_interim: false, now },
                        None,
                    );
                    self.received(&message, now);
                }
            },
            Heard::Unconnected(why) => self.unheard(at, why, true),
            Heard::Failed(why) => self.unheard(at, why, false),
        }
        ControlFlow::Break(())
    }

    fn unheard(&mut self, at: usize, why: Failure, at_setup: bool) {
        let Some(server) = self.server(at) else { return };
        let question = String::from_utf8_lossy(&self.config.name).into_owned();
        self.notice(match (at_setup, self.transport) {
            (false, _) => Notice::CommunicationError { server, why },
            (true, Transport::Udp) => Notice::UdpSetupFailed { server, question, why },
            (true, _) => Notice::ConnectionFailed { server, question, why },
        });
    }

    /// All queries of a [`Step::AskAll`] are over.
    pub fn handle_end(&mut self) {
        if !self.cut_short.is_empty() {
            self.candidates = std::mem::take(&mut self.cut_short);
            self.notice(Notice::Truncated);
            self.transport = Transport::Tcp;
            return self.again();
        }
        if self.has_success {
            return self.done(Ending::Answered);
        }
        self.notice(Notice::NoNsServers);
        self.done(Ending::Unanswered);
    }

    fn show(&mut self, message: &Message<'_>, shown: &Shown, transfer: Option<Transfer>) {
        let at = self.pass.server;
        let octets = message.octets.to_vec();
        let Some(exchanged) = self.exchanged(at, octets, Some(shown.now)) else { return };
        self.tell(Event::Answer(Box::new(Answer {
            message: exchanged,
            took: self.took(shown.now),
            signature: self.signature(),
            transfer,
            cookie: shown.cookie,
            is_malformed: shown.is_malformed,
            is_interim: shown.is_interim,
        })));
    }

    fn received(&mut self, message: &Message<'_>, now: Instant) {
        let figures = self.figures(message, now);
        self.tell_figures(figures, true);
    }

    fn tell_figures(&mut self, figures: Option<Received>, are_told: bool) {
        if let Some(figures) = figures.filter(|_| are_told) {
            self.tell(Event::Received(figures));
        }
    }

    fn figures(&self, message: &Message<'_>, now: Instant) -> Option<Received> {
        Some(Received {
            server: self.server(self.pass.server)?,
            transport: self.transport,
            took: self.took(now),
            at: self.wall(now),
            octets: message.octets.len(),
            transfer: self.pass.course.as_ref().map(|course| course.sums),
            signature: self.signature(),
        })
    }

    fn took(&self, now: Instant) -> std::time::Duration {
        let wire = self.pass.wires.get(self.pass.server).copied().unwrap_or_default();
        now.since(wire.sent)
    }

    fn signature(&self) -> Option<Signature> {
        self.pass.signed.as_ref()?;
        Some(if self.pass.bad_signature { Signature::Bad } else { Signature::Good })
    }
}

/// What is shown with a message.
struct Shown {
    cookie: Option<bool>,
    is_malformed: bool,
    is_interim: bool,
    now: Instant,
}

enum Next {
    End,
    Again,
    Server,
    Fatal(String),
}

/// The first COOKIE among the options of an OPT.
fn cookie_of(mut options: Reader<'_>) -> Option<&[u8]> {
    loop {
        let (code, length) = (options.u16().ok()?, options.u16().ok()?);
        let data = options.take(usize::from(length)).ok()?;
        if code == Edns::COOKIE {
            return Some(data);
        }
    }
}

/// A server by its address alone, for who has no name of it.
impl From<SocketAddr> for super::Server {
    fn from(address: SocketAddr) -> Self {
        Self { address, name: address.ip().to_string() }
    }
}
