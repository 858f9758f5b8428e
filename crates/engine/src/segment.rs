//! Who is on a segment: every address is asked, what is silent is asked again, and answers are compared.
//!
//! Frames stand for datagrams: [`Transmit::destination`] is `0.0.0.0:0`, `flow` is [`Port::flow`], and
//! contents are whole Ethernet frames, a VLAN's tag included, in both directions. Stamps of frames that left
//! make round trips exact; without them they count from the moment at which a request was handed over.
//!
//! Hosts are asked in turns: all of them once, then those that are silent, in the same order, when each has
//! had its time. So one place in that order and 24 octets a host are all that a scan remembers, and whatever
//! strangers can make it remember is bounded. A first answer allocates its event, and a request nothing.
//!
//! The events are [`Event::Start`], then [`Host`]s, [`Finding`]s and what else was asked for as they come,
//! and at the end the findings that need all answers and one [`Event::Summary`].

mod claims;
mod config;
mod event;
pub mod fingerprint;
mod finish;
mod hear;
mod hosts;
mod losses;
mod mac_kind;
mod order;
mod pace;
mod patience;
mod request;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

pub use config::{Accept, Config, Gateway, Linger, Order, Pace, Patience, Port, Request, Sender};
pub use event::{Event, Finding, Heard, Host, MacKind, Progress, Source, Stopped, Summary};
pub use targets::{Span, Targets};

use crate::{
    Datagrams, Engine, Instant, Origin, Refusal, Reply, Stage, Stamp, Transmit, errno_text,
};
use claims::Claims;
use hosts::{Hosts, Mark};
use losses::{Drops, Tally};
use order::Sequence;
use pace::Bucket;
use patience::Waits;
use request::Template;

/// The scan engine.
pub struct Scan {
    config: Config,
    /// What is known of the ports, in their order.
    ways: Vec<Way>,
    /// Flow, VLAN and place of each port, sorted.
    routes: Vec<(u32, Option<u16>, usize)>,
    hosts: Hosts,
    sequence: Sequence,
    /// Whose turn it is.
    turn: u32,
    /// Which round it is, from 1, and whether somebody was asked in it.
    pass: u32,
    asked_in_pass: bool,
    /// Hosts whose request did not leave, and own ones: their turn comes first.
    again: VecDeque<u32>,
    /// Requests to a silent host before it is given up.
    allowed: u32,
    bucket: Bucket,
    refusals: Refusals,
    waits: Waits,
    tally: Tally,
    /// Frames were dropped since it was last thought of what that means.
    has_dropped: bool,
    claims: Claims,
    phase: Phase,
    started: Option<Instant>,
    /// The last host's first answer, or the moment at which it was given up.
    settled_at: Option<Instant>,
    /// Since when there is something to listen for at the end.
    linger_from: Option<Instant>,
    progress_at: Option<Instant>,
    summary: Summary,
    events: VecDeque<Event>,
}

/// What is known of a port.
struct Way {
    template: Template,
    drops: Drops,
    is_down: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Somebody has still to answer.
    Asking,
    /// Nobody has, but others may claim an address.
    Lingering,
    /// The summary was told.
    Done,
}

/// Times in a row that the machine had no room for a request.
#[derive(Debug, Default)]
struct Refusals {
    in_a_row: u32,
    /// The host that was asked first after the last one: if that request is refused, none has left since.
    first: Option<u32>,
    until: Instant,
}

/// What stands where others have an address.
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

impl Scan {
    /// An engine whose first request leaves at once.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let mut config = config;
        let order = std::mem::take(&mut config.order);
        let hosts = Hosts::new(&config.ports);
        let way = |port| Way {
            template: Template::new(&config.request, port),
            drops: Drops::default(),
            is_down: false,
        };
        let route = |(place, port): (usize, &Port)| (port.flow, port.vlan, place);
        let mut routes: Vec<_> = config.ports.iter().enumerate().map(route).collect();
        routes.sort_unstable();
        let mut scan = Self {
            ways: config.ports.iter().map(way).collect(),
            routes,
            sequence: Sequence::new(order, hosts.count()),
            hosts,
            turn: 0,
            pass: 1,
            asked_in_pass: false,
            again: VecDeque::new(),
            allowed: config.tries.clamp(1, Config::MOST_TRIES),
            bucket: Bucket::new(config.pace, now),
            refusals: Refusals::default(),
            waits: Waits::new(config.patience, config.timeout, config.backoff),
            tally: Tally::default(),
            has_dropped: false,
            claims: Claims::default(),
            phase: Phase::Asking,
            started: None,
            settled_at: None,
            linger_from: None,
            progress_at: config.progress.map(|every| now + every),
            summary: Summary::default(),
            events: VecDeque::new(),
            config,
        };
        scan.start(now);
        scan
    }

    fn start(&mut self, now: Instant) {
        self.summary.hosts = self.config.ports.iter().map(|port| port.targets.len()).sum();
        self.events.push_back(Event::Start { hosts: self.summary.hosts });
        if self.config.own {
            self.list_own();
        }
        self.settle(now);
    }

    /// The number of a port, as events have it.
    fn number(port: usize) -> u32 {
        u32::try_from(port).unwrap_or(u32::MAX)
    }

    /// Goes on to the next host that is not settled, and gives up those that have had their time for the
    /// last request.
    fn advance(&mut self, now: Instant) {
        while self.hosts.open > 0 && self.again.is_empty() {
            let Some(host) = self.sequence.get(self.turn) else {
                self.next_pass();
                continue;
            };
            let Some(state) = self.hosts.get(host) else { return };
            if !state.has(Mark::Settled) {
                let (tries, asked) = (state.tries(), state.asked);
                let due = asked + self.waits.wait(tries);
                if tries < self.allowed || now < due {
                    return;
                }
                self.hosts.settle(host);
                self.settled_at = self.settled_at.max(Some(due));
            }
            self.turn += 1;
        }
    }

    fn next_pass(&mut self) {
        self.turn = 0;
        if std::mem::take(&mut self.asked_in_pass) {
            self.events.push_back(Event::Pass { pass: self.pass });
            self.pass += 1;
            self.bucket.begin_pass();
        }
    }

    /// When the host whose turn it is may be asked or given up, the pace apart.
    fn due(&self) -> Option<Instant> {
        let state = self.hosts.get(self.sequence.get(self.turn)?)?;
        Some(match state.tries() {
            0 => Instant::ZERO,
            tries => state.asked + self.waits.wait(tries),
        })
    }

    /// Whom to ask now.
    fn next_host(&mut self, now: Instant) -> Option<u32> {
        while let Some(host) = self.again.pop_front() {
            let is_wanted =
                |state: &hosts::State| !state.has(Mark::Settled) || state.has(Mark::Own);
            if self.hosts.get(host).is_some_and(is_wanted) {
                return Some(host);
            }
        }
        self.advance(now);
        if self.hosts.open == 0 {
            return None;
        }
        let due = self.due()?;
        if now < due {
            self.bucket.idle(due);
            return None;
        }
        self.turn += 1;
        self.asked_in_pass = true;
        self.sequence.get(self.turn - 1)
    }

    /// Notes that a host is asked.
    fn ask(&mut self, now: Instant, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        self.summary.retried += u64::from(state.tries() > 0);
        state.ask(now);
        if state.has(Mark::Own) {
            self.linger_from = self.linger_from.max(Some(now));
        }
        self.summary.sent += 1;
        self.started = self.started.or(Some(now));
        self.refusals.first = self.refusals.first.or(Some(host));
        self.bucket.took(now);
    }

    /// Finds out whether all is settled, and what follows.
    fn settle(&mut self, now: Instant) {
        if self.phase == Phase::Done {
            return;
        }
        if self.config.limit.is_some_and(|limit| limit > 0 && self.tally.answered >= limit) {
            return self.finish(now, Some(Stopped::Limit));
        }
        self.advance(now);
        if self.hosts.open > 0 || !self.again.is_empty() || self.reopen(now) {
            self.phase = Phase::Asking;
        } else if self.linger_until().is_none_or(|until| until <= now) {
            self.finish(now, None);
        } else {
            self.phase = Phase::Lingering;
        }
    }

    fn linger_until(&self) -> Option<Instant> {
        Some(self.linger_from? + self.waits.linger(self.config.linger))
    }

    /// Asks those again whose answers may have been lost.
    fn reopen(&mut self, now: Instant) -> bool {
        let most = self.config.tries.saturating_add(self.config.extra_tries);
        let has_dropped = std::mem::take(&mut self.has_dropped);
        if self.allowed >= most.min(Config::MOST_TRIES) {
            return false;
        }
        /// Less than half a host is nobody.
        const SOMEBODY: f64 = 0.5;
        let are_missed = self.tally.missed(self.allowed) >= SOMEBODY;
        if !are_missed && !has_dropped {
            return false;
        }
        let lost = |(host, state): (u32, &hosts::State)| {
            let is_silent = state.answers == 0 && !state.has(Mark::Own) && self.is_up(host);
            (is_silent && (are_missed || self.may_be_dropped(host, state))).then_some(host)
        };
        let lost: Vec<_> = self.hosts.iter().filter_map(lost).collect();
        lost.iter().for_each(|host| self.hosts.reopen(*host));
        if lost.is_empty() {
            return false;
        }
        if are_missed {
            self.bucket.slow_down(now);
        }
        self.allowed += 1;
        self.turn = 0;
        true
    }

    fn is_up(&self, host: u32) -> bool {
        self.ways.get(self.hosts.port(host)).is_some_and(|way| !way.is_down)
    }

    /// Whether frames were dropped while a host had time to answer its last request.
    fn may_be_dropped(&self, host: u32, state: &hosts::State) -> bool {
        /// Some are told late.
        const SLACK: Duration = Duration::from_millis(50);
        let until = state.asked + self.waits.wait(state.tries()) + SLACK;
        let way = self.ways.get(self.hosts.port(host));
        way.is_some_and(|way| way.drops.may_concern(state.asked, until))
    }

    /// A request that was counted did not leave.
    fn take_back(&mut self, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.unask();
        self.summary.retried -= u64::from(state.tries() > 0).min(self.summary.retried);
        self.summary.sent = self.summary.sent.saturating_sub(1);
        self.summary.unsent += 1;
    }

    /// The machine has no room for a request, which is tried again later. Whether it is to be tried at all.
    fn put_off(&mut self, now: Instant, host: u32) -> bool {
        /// However often.
        const LONGEST: Duration = Duration::from_millis(100);
        self.again.push_back(host);
        let refusals = &mut self.refusals;
        // Otherwise it is one of those that were handed over together.
        if refusals.in_a_row == 0 || now >= refusals.until {
            let has_none_left = refusals.first.take() == Some(host);
            refusals.in_a_row = if has_none_left { refusals.in_a_row + 1 } else { 1 };
            let longest = LONGEST.max(self.config.send_interval);
            let doubled = 1_u32.checked_shl(refusals.in_a_row - 1).unwrap_or(u32::MAX);
            let pause = self.config.send_interval.saturating_mul(doubled).min(longest);
            refusals.until = now + pause;
            self.bucket.pause(now, pause);
        }
        self.refusals.in_a_row < self.config.send_tries.max(1)
    }

    /// Nothing leaves by a port any more.
    fn fail(&mut self, port: usize, why: &io::Error) {
        let Some(way) = self.ways.get_mut(port).filter(|way| !way.is_down) else { return };
        way.is_down = true;
        for host in self.hosts.of_port(port) {
            self.hosts.settle(host);
        }
        let hosts = &self.hosts;
        self.again.retain(|host| hosts.port(*host) != port);
        let stopped = Stopped::Unsent { port: Self::number(port), why: errno_text(why) };
        self.summary.stopped = Some(stopped);
    }

    /// Nothing leaves by the ports of a flow any more. If that is the end, the next timeout finds out: what else
    /// did not leave is still to be told.
    fn fail_flow(&mut self, flow: u32, why: &io::Error) {
        for port in 0..self.config.ports.len() {
            if self.config.ports.get(port).is_some_and(|port| port.flow == flow) {
                self.fail(port, why);
            }
        }
        if self.ways.iter().all(|way| way.is_down) {
            // There is nobody to listen for either.
            self.linger_from = None;
        }
    }

    fn progress(&self, now: Instant) -> Progress {
        let (hosts, open) = (u64::from(self.hosts.count()), u64::from(self.hosts.open));
        let elapsed = self.started.map_or(Duration::ZERO, |started| now - started);
        Progress {
            hosts: self.summary.hosts,
            responded: self.tally.answered,
            settled: hosts - open,
            sent: self.summary.sent,
            pass: self.pass.min(self.allowed),
            rate: self.bucket.rate(),
            elapsed,
            left: self.left(),
        }
    }

    /// Until the end, at this rate and if nobody else answers.
    fn left(&self) -> Duration {
        if self.hosts.open == 0 {
            return Duration::ZERO;
        }
        let in_this = self.sequence.count().saturating_sub(self.turn).min(self.hosts.open);
        let later = self.allowed.saturating_sub(self.pass).saturating_mul(self.hosts.open);
        let requests = if self.pass > self.allowed { 0 } else { in_this.saturating_add(later) };
        let sending = u64::from(requests).saturating_mul(1_000_000_000) / self.bucket.rate().max(1);
        Duration::from_nanos(sending).saturating_add(self.waits.wait(self.allowed))
    }
}

impl Engine for Scan {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let next = match self.phase {
            Phase::Done => return None,
            Phase::Lingering => self.linger_until(),
            Phase::Asking if !self.again.is_empty() => Some(self.bucket.next()),
            Phase::Asking if self.hosts.open == 0 => None,
            Phase::Asking => self.due().map(|due| {
                let host = self.sequence.get(self.turn).and_then(|host| self.hosts.get(host));
                let may_ask = host.is_some_and(|state| state.tries() < self.allowed);
                if may_ask { due.max(self.bucket.next()) } else { due }
            }),
        };
        // With nobody at the turn, the next look finds who is.
        Some(next.unwrap_or(Instant::ZERO)).into_iter().chain(self.progress_at).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
        if self.phase == Phase::Done {
            return;
        }
        if let Some((at, every)) = self.progress_at.zip(self.config.progress)
            && at <= now
        {
            // A machine that was busy does not report more often afterwards.
            self.progress_at = Some(now + every.max(Duration::from_millis(1)));
            self.handle_query(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now, Some(Stopped::Asked));
    }

    fn handle_query(&mut self, now: Instant) {
        if self.phase != Phase::Done {
            self.events.push_back(Event::Progress(Box::new(self.progress(now))));
        }
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Done && self.events.is_empty()
    }
}

impl Datagrams for Scan {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if self.phase != Phase::Asking || !self.bucket.is_open(now) {
            return None;
        }
        let host = self.next_host(now)?;
        let (place, address) = self.hosts.place(&self.config.ports, host)?;
        self.ways.get(place)?.template.write(address, contents);
        self.ask(now, host);
        self.advance(now);
        let flow = self.config.ports.get(place)?.flow;
        Some(Transmit { flow, ..Transmit::new(NOBODY, host) })
    }

    fn expected(&self) -> usize {
        /// As many as leave together.
        const MOST: u32 = 64;
        usize::try_from(self.hosts.open.clamp(1, MOST)).unwrap_or(1)
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if self.phase != Phase::Done {
            self.hear(now, reply);
        }
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        // One of an earlier request is before the last one, and late.
        if stamp.stage == Stage::Sent
            && let Some(state) = self.hosts.get_mut(stamp.id)
            && state.tries() > 0
            && state.answers == 0
            && stamp.at >= state.asked
        {
            state.asked = stamp.at;
        }
    }

    /// The link went down, or the interface is gone (packet(7)).
    fn handle_refusal(&mut self, _now: Instant, refusal: Refusal<'_>) {
        if let Origin::Local(errno) = refusal.origin
            && self.phase != Phase::Done
        {
            self.fail_flow(refusal.flow, &io::Error::from_raw_os_error(errno));
        }
    }

    /// For want of room it is tried again, without a request being lost; for another reason nothing leaves
    /// by that port any more.
    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        if self.phase == Phase::Done {
            return;
        }
        self.take_back(transmit.id);
        if !is_full(why) || !self.put_off(now, transmit.id) {
            self.fail_flow(transmit.flow, why);
        }
    }

    fn handle_drops(&mut self, now: Instant, flow: u32, count: u64) {
        if self.phase == Phase::Done || count == 0 {
            return;
        }
        self.summary.dropped = self.summary.dropped.saturating_add(count);
        self.has_dropped = true;
        self.bucket.slow_down(now);
        for (port, way) in self.config.ports.iter().zip(&mut self.ways) {
            if port.flow == flow {
                way.drops.told(now);
            }
        }
    }
}

/// Whether there may be room later: `EAGAIN`, `ENOMEM`, `ENOBUFS` (errno(3)).
fn is_full(why: &io::Error) -> bool {
    matches!(why.raw_os_error(), Some(11 | 12 | 105)) || why.kind() == io::ErrorKind::WouldBlock
}
