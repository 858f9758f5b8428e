//! What hosts may be, by which messages they answer that nobody should send: eleven of arp-fingerprint's,
//! to all hosts at once.
//!
//! Each host is asked an ordinary question first. Who answers it is asked on: four questions from senders
//! that cannot be, together, for an answer tells to whom it goes; then seven with strange headers one after
//! the other, for their answers look alike. A host that does not answer has four times as long as it ever took.

mod probe;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::arp::{LENGTH, Message, operation};
use wireline_packet::ethernet::{Frame, ethertype};

pub use probe::{Answers, PROBES, Probe};

use super::Targets;
use crate::{Datagrams, Engine, Instant, Reply, Transmit, errno_text};

/// Whom to ask, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The channel's number for the interface.
    pub flow: u32,
    /// Number of the VLAN whose tag requests carry.
    pub vlan: Option<u16>,
    /// The interface's own.
    pub mac: Mac,
    /// Whose the questions are that name no other sender. A host that has no way to it may keep silent.
    pub address: Ipv4Addr,
    /// Whom; of more than [`Config::MOST`] the first so many.
    pub targets: Targets,
    /// Times that each question is asked until it is answered, at least 1.
    pub tries: u32,
    /// How long the ordinary question is waited for, and the longest that any other is.
    pub timeout: Duration,
    /// The shortest wait.
    pub least: Duration,
    /// Time between two frames.
    pub interval: Duration,
}

impl Config {
    /// Hosts in one run.
    pub const MOST: usize = 1 << 16;

    /// Frames for which a late wake-up is made up.
    const BURST: u32 = 50;

    /// Twice each, 200 ms for the first answer, 25 ms at the least for others, 5,000 frames a second.
    #[must_use]
    pub fn new(mac: Mac, address: Ipv4Addr, targets: Targets) -> Self {
        let (flow, vlan, tries) = (0, None, 2);
        let [timeout, least] = [200, 25].map(Duration::from_millis);
        let interval = Duration::from_micros(200);
        Self { flow, vlan, mac, address, targets, tries, timeout, least, interval }
    }
}

/// What happened. Hosts come in the order of the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// About to ask so many.
    Start {
        /// Hosts.
        hosts: usize,
    },
    /// One answered the ordinary question, and has been asked all others.
    Host(Fingerprint),
    /// One did not.
    Silent(Ipv4Addr),
    /// At the end.
    Summary(Summary),
}

/// What a host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Whose it is.
    pub address: Ipv4Addr,
    /// Who answered first. Answers of others for the address do not count.
    pub mac: Mac,
    /// Which questions.
    pub answers: Answers,
    /// Whether others answered for the address too.
    pub is_contested: bool,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Hosts that were to be asked.
    pub hosts: usize,
    /// Those that answered the ordinary question.
    pub responded: usize,
    /// Frames that left.
    pub sent: u64,
    /// Frames that this machine did not send.
    pub unsent: u64,
    /// Why not, the last time.
    pub why_unsent: Option<String>,
    /// From the start to the end.
    pub took: Duration,
    /// Whether it was asked to end before its time; hosts that were not through are in no event.
    pub is_stopped: bool,
}

/// Asks all at once.
#[derive(Debug)]
pub struct Fingerprints {
    config: Config,
    hosts: Vec<Host>,
    /// Frames that are due: whose, and which question.
    queue: VecDeque<(usize, usize)>,
    /// When hosts have had time enough.
    deadlines: BTreeSet<(Instant, usize)>,
    next_send: Instant,
    started: Instant,
    /// Hosts before this one have been told of.
    told: usize,
    events: VecDeque<Event>,
    summary: Summary,
    is_over: bool,
}

#[derive(Debug)]
struct Host {
    address: Ipv4Addr,
    mac: Mac,
    phase: Phase,
    tries: u32,
    /// When the last question left.
    asked: Instant,
    /// The longest that an answer took.
    slowest: Duration,
    deadline: Option<Instant>,
    /// Questions of it in the queue, those that are no longer open included.
    queued: usize,
    answers: Answers,
    is_contested: bool,
}

/// Which questions are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The ordinary one.
    Plain,
    /// The four with a sender of their own that have not been answered.
    Senders,
    /// This one of [`PROBES`].
    One(usize),
    /// None: all have been asked.
    Known,
    /// None: not even the ordinary one was answered.
    Silent,
}

/// What stands for a question's place in [`PROBES`] where it is the ordinary one.
const PLAIN: usize = PROBES.len();

/// So many of [`PROBES`] have a sender of their own.
const SENDERS: usize = 4;

impl Fingerprints {
    /// An engine whose first frame leaves at once.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let hosts: Vec<_> = config.targets.iter().take(Config::MOST).map(Host::new).collect();
        let mut engine = Self {
            queue: VecDeque::new(),
            deadlines: BTreeSet::new(),
            next_send: now,
            started: now,
            told: 0,
            events: VecDeque::from([Event::Start { hosts: hosts.len() }]),
            summary: Summary { hosts: hosts.len(), ..Summary::default() },
            is_over: false,
            config,
            hosts,
        };
        (0..engine.hosts.len()).for_each(|place| engine.enqueue(place));
        engine.tell(now);
        engine
    }

    fn enqueue(&mut self, place: usize) {
        let host = &mut self.hosts[place];
        let before = self.queue.len();
        self.queue.extend(host.open().map(|probe| (place, probe)));
        host.queued += self.queue.len() - before;
    }

    /// The next question that is due and still open.
    fn dequeue(&mut self, now: Instant) -> Option<(usize, usize)> {
        loop {
            let (place, probe) = self.queue.pop_front()?;
            let wait = self.hosts[place].wait(&self.config);
            let host = &mut self.hosts[place];
            host.queued -= 1;
            // An answer may have come while it waited.
            let is_open = host.is_open(probe);
            if host.queued == 0 && host.open().next().is_some() {
                self.set_deadline(place, Some(now + wait));
            }
            if is_open {
                return Some((place, probe));
            }
        }
    }

    fn set_deadline(&mut self, place: usize, deadline: Option<Instant>) {
        let host = &mut self.hosts[place];
        if let Some(before) = host.deadline {
            self.deadlines.remove(&(before, place));
        }
        host.deadline = deadline;
        self.deadlines.extend(deadline.map(|at| (at, place)));
    }

    /// The host has had its time, or has answered all that is open.
    fn advance(&mut self, place: usize, now: Instant) {
        self.set_deadline(place, None);
        let host = &mut self.hosts[place];
        if host.open().next().is_some() && host.tries < self.config.tries {
            host.tries += 1;
        } else {
            host.phase = host.next_phase();
            host.tries = 1;
        }
        self.enqueue(place);
        self.tell(now);
    }

    /// Tells of hosts that are through, and of the end when all are.
    fn tell(&mut self, now: Instant) {
        while let Some(host) = self.hosts.get(self.told) {
            match host.phase {
                Phase::Known => self.events.push_back(Event::Host(host.fingerprint())),
                Phase::Silent => self.events.push_back(Event::Silent(host.address)),
                _ => return,
            }
            self.told += 1;
        }
        self.end(now);
    }

    fn end(&mut self, now: Instant) {
        if !self.is_over {
            self.is_over = true;
            self.summary.took = now.since(self.started);
            self.events.push_back(Event::Summary(self.summary.clone()));
        }
    }

    /// Who says that it has one of the addresses, to us, and to whom it answers.
    fn answer(&self, frame: &[u8]) -> Option<(usize, Mac, Ipv4Addr)> {
        let frame = Frame::parse(frame).ok()?;
        if frame.destination != self.config.mac || frame.protocol != ethertype::ARP {
            return None;
        }
        // Whatever its header says: strange questions have strange answers.
        let message = Message::parse(frame.payload.get(..LENGTH)?).ok()?;
        let place = self.config.targets.position(message.sender.address)?;
        let place = usize::try_from(place).ok().filter(|place| *place < self.hosts.len())?;
        let is_question = message.header.operation == operation::REQUEST;
        (!is_question).then_some((place, message.sender.mac, message.target.address))
    }

    fn write(&self, place: usize, probe: usize, contents: &mut Vec<u8>) {
        let probe = PROBES.get(probe).copied();
        let (mac, target) = (self.config.mac, self.hosts[place].address);
        let tag = self.config.vlan;
        probe::write(probe, tag, mac, self.config.address, target, contents);
    }
}

impl Host {
    fn new(address: Ipv4Addr) -> Self {
        Self {
            address,
            mac: Mac::ZERO,
            phase: Phase::Plain,
            tries: 1,
            asked: Instant::ZERO,
            slowest: Duration::ZERO,
            deadline: None,
            queued: 0,
            answers: Answers::default(),
            is_contested: false,
        }
    }

    /// Places of questions that are open.
    fn open(&self) -> impl Iterator<Item = usize> + use<> {
        let range = match self.phase {
            Phase::Plain => PLAIN..PLAIN + 1,
            Phase::Senders => 0..SENDERS,
            Phase::One(probe) => probe..probe + 1,
            Phase::Known | Phase::Silent => 0..0,
        };
        let answers = self.answers;
        range.filter(move |probe| !answers.has(*probe))
    }

    fn is_open(&self, probe: usize) -> bool {
        self.open().any(|open| open == probe)
    }

    fn next_phase(&self) -> Phase {
        match self.phase {
            Phase::Plain if !self.answers.has(PLAIN) => Phase::Silent,
            Phase::Plain => Phase::Senders,
            Phase::Senders => Phase::One(SENDERS),
            Phase::One(probe) if probe + 1 < PROBES.len() => Phase::One(probe + 1),
            _ => Phase::Known,
        }
    }

    fn wait(&self, config: &Config) -> Duration {
        match self.phase {
            Phase::Plain => config.timeout,
            _ => (self.slowest * 4).clamp(config.least.min(config.timeout), config.timeout),
        }
    }

    /// Which open question an answer to `to` can belong to.
    fn question(&self, to: Ipv4Addr, own: Ipv4Addr) -> Option<usize> {
        let of_sender = PROBES.iter().position(|probe| probe.sender() == Some(to));
        match self.phase {
            Phase::Senders => of_sender.filter(|probe| self.is_open(*probe)),
            // Late, and for nothing else.
            _ if of_sender.is_some() && to != own => None,
            _ => self.open().next(),
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let Self { address, mac, is_contested, .. } = *self;
        Fingerprint { address, mac, answers: self.answers.without(PLAIN), is_contested }
    }
}

impl Engine for Fingerprints {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.is_over {
            return None;
        }
        let send = (!self.queue.is_empty()).then_some(self.next_send);
        let deadline = self.deadlines.first().map(|(at, _)| *at);
        send.into_iter().chain(deadline).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, place)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, place));
            if !self.is_over {
                self.advance(place, now);
            }
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.summary.is_stopped |= !self.is_over;
        self.queue.clear();
        self.end(now);
    }

    fn is_finished(&self) -> bool {
        self.is_over && self.events.is_empty()
    }
}

impl Datagrams for Fingerprints {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if now < self.next_send {
            return None;
        }
        let (place, probe) = self.dequeue(now)?;
        self.write(place, probe, contents);
        self.hosts[place].asked = now;
        if now.since(self.next_send) > self.config.interval * Config::BURST {
            self.next_send = now;
        }
        self.next_send = self.next_send + self.config.interval;
        self.summary.sent += 1;
        let id = u32::try_from(place).unwrap_or(u32::MAX);
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Some(Transmit { flow: self.config.flow, ..Transmit::new(nobody, id) })
    }

    fn expected(&self) -> usize {
        64
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if self.is_over || reply.flow != self.config.flow {
            return;
        }
        let Some((place, mac, to)) = self.answer(reply.contents) else { return };
        let host = &mut self.hosts[place];
        let is_first = host.mac == Mac::ZERO;
        if !is_first && host.mac != mac {
            host.is_contested = true;
            return;
        }
        let Some(probe) = host.question(to, self.config.address) else { return };
        host.mac = mac;
        host.answers.add(probe);
        self.summary.responded += usize::from(probe == PLAIN);
        host.slowest = host.slowest.max(reply.at.unwrap_or(now).since(host.asked));
        match (host.open().next(), host.phase) {
            (Some(_), _) => {}
            // The next answer will look alike: a second copy of this one must not be taken for it.
            (None, Phase::One(_)) => self.set_deadline(place, Some(now + self.config.least)),
            (None, _) => self.advance(place, now),
        }
    }

    fn handle_unsent(&mut self, _now: Instant, _transmit: &Transmit, why: &io::Error) {
        self.summary.sent = self.summary.sent.saturating_sub(1);
        self.summary.unsent += 1;
        self.summary.why_unsent = Some(errno_text(why));
    }
}

#[cfg(test)]
mod tests;
