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
//! A packet socket does not say when the carrier is lost, and frames are dropped in silence from then on:
//! whoever hears of that by other means says so by [`Datagrams::handle_refusal`] with `ENETDOWN` of
//! [`Origin::Local`], and the scan ends with what is known.
//!
//! The events are [`Event::Start`], then [`Host`]s, [`Finding`]s and what else was asked for as they come,
//! and at the end the findings that need all answers and one [`Event::Summary`].

mod claims;
mod config;
mod event;
mod failures;
pub mod fingerprint;
mod finish;
mod hear;
mod hosts;
mod losses;
mod mac_kind;
pub mod ndp;
pub(crate) mod order;
mod pace;
mod patience;
mod request;
mod rounds;
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

use crate::{Datagrams, Engine, Instant, Origin, Refusal, Reply, Stage, Stamp, Transmit};
use claims::Claims;
use failures::{Refusals, is_full};
use hosts::Hosts;
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
    /// The end has come, but for a last look at what is waiting.
    closing: Option<Closing>,
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

/// Last looks at what is waiting.
#[derive(Clone, Copy, Debug)]
struct Closing {
    since: Instant,
    /// Messages that had come when it was looked.
    received: u64,
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

/// As many as leave together.
const MANY: u64 = 64;

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
            closing: None,
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
            Phase::Lingering if self.closing.is_some() => None,
            Phase::Lingering => self.linger_until(),
            Phase::Asking if !self.again.is_empty() => Some(self.bucket.next()),
            Phase::Asking if self.hosts.open == 0 => None,
            Phase::Asking => self.due().map(|due| {
                let host = self.sequence.get(self.turn).and_then(|host| self.hosts.get(host));
                let may_ask = host.is_some_and(|state| state.tries() < self.allowed);
                if may_ask { due.max(self.bucket.next()) } else { due }
            }),
        };
        // Otherwise the next look finds whose turn it is, or that this is the end.
        Some(next.unwrap_or(Instant::ZERO)).into_iter().chain(self.progress_at).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
        self.close(now);
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
        let most = if self.closing.is_some() { MANY } else { u64::from(self.hosts.open) };
        usize::try_from(most.clamp(1, MANY)).unwrap_or(1)
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
        let is_up = self.is_up(transmit.id);
        if is_up && (!is_full(why) || !self.put_off(now, transmit.id)) {
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
