//! Which ports of which hosts are open, very many of them.
//!
//! All first segments leave in an order drawn from a seed, and again to those that stay silent. An answer is known
//! by its acknowledgment: the sequence number of a first segment is a keyed hash of its target, so that nothing is
//! remembered of one but whether it is settled: one bit. [`Transmit::id`] is the number of the target: the host's
//! place times the number of ports, and the port's place.
//!
//! A segment has no checksum yet (`wireline_net::SegmentSockets` knows the source address and fills it in). With
//! [`Method::Connect`] there are no segments: contents are empty, and handshakes and refusals come back.

mod answers;
mod bits;
mod event;
mod hosts;
mod rate;
mod report;
mod syn;
#[cfg(test)]
mod tests;
pub mod verify;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_packet::tcp::Segment;

use crate::segment::Order;
use crate::segment::order::Sequence;
use crate::tcp::Verdict;
use crate::{
    Answer, Datagrams, Engine, Handshake, Instant, Refusal, Reply, Stage, Stamp, Transmit,
};
use bits::Bits;
pub use event::{Counts, Event, Host, Method, Port, Progress, Start, Summary, SynAck, Verified};
pub use hosts::{Hosts, Range};
pub use rate::Pace;
use rate::Rate;
use report::Report;
use syn::Template;

/// More ports of hosts than this are refused: one bit each is 256 MiB.
pub const MOST_TARGETS: u64 = 1 << 31;

/// What to ask, and how.
#[derive(Debug)]
pub struct Config {
    /// Of whom.
    pub hosts: Hosts,
    /// Which ports, each once.
    pub ports: Vec<u16>,
    /// How.
    pub method: Method,
    /// Half-open: the source ports that are ours. The second is for the first as a target.
    pub source_ports: Vec<u16>,
    /// Addresses of this machine: what they say by ICMP is not a router's word.
    pub own: Vec<IpAddr>,
    /// Draws what no stranger could guess.
    pub secret: u64,
    /// Whose turn is when.
    pub order: Order,
    /// Which part of the turns is ours, counted from 0, and of how many.
    pub shard: (u32, u32),
    /// How fast.
    pub pace: Pace,
    /// First segments to the silent, the first included. With connect(2) the kernel's affair.
    pub syns: u32,
    /// How long a first segment waits for its answer.
    pub timeout: Duration,
    /// With connect(2): how many at once.
    pub at_once: usize,
    /// A host with so many open ports is asked no more.
    pub max_open: Option<u32>,
    /// Which verdicts are told port by port, by [`Verdict::word`].
    pub tell: Tell,
    /// Whether round trips are told: the channel stamps what leaves.
    pub rtt: bool,
    /// Octets in the MSS option.
    pub max_segment_size: u16,
    /// How often to tell how far it has got.
    pub progress: Option<Duration>,
}

/// Which verdicts are told port by port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tell {
    /// Open.
    pub open: bool,
    /// Closed.
    pub closed: bool,
    /// Silent.
    pub filtered: bool,
    /// Rejected or unreachable, by whom: ICMP, no route, no neighbour.
    pub rejected: bool,
}

impl Tell {
    const fn tells(self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Open | Verdict::Proxied => self.open,
            Verdict::Closed => self.closed,
            Verdict::Filtered { .. } => self.filtered,
            Verdict::Local { .. } => true,
            _ => self.rejected,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sending,
    /// For answers to the last segments of a round.
    Waiting(Instant),
    Reporting,
    Finished,
}

/// The scan engine.
pub struct Scan {
    config: Config,
    template: Template,
    /// Place of each port among those asked for, and one: 0 is none.
    places: Vec<u32>,
    total: u64,
    sequence: Sequence,
    turn: u32,
    round: u32,
    phase: Phase,
    rate: Rate,
    settled: Bits,
    /// With a verdict of their own.
    settled_count: u64,
    heard_hosts: Bits,
    /// Hosts that no segment reaches.
    down: BTreeMap<u64, Verdict>,
    /// Targets to try again because this machine could not send, and how often they have been.
    retries: VecDeque<u32>,
    tries: HashMap<u32, u32>,
    /// When each target was last asked, in microseconds.
    sent_at: Option<Vec<u32>>,
    /// As stamped, where round trips are told.
    stamps: HashMap<u32, Instant>,
    open_of: HashMap<u64, u32>,
    in_flight: u64,
    last_sent: Instant,
    last_progress: Instant,
    began: Option<Instant>,
    events: VecDeque<Event>,
    report: Report,
    summary: Summary,
}

/// More targets have no time of their own: four octets each.
const MOST_TIMES: u64 = 1 << 22;
/// Turns that are passed over at once.
const SKIPS: u32 = 4096;

impl Scan {
    /// Nothing is sent before the first [`poll_transmit`](Datagrams::poll_transmit). `None` is more than
    /// [`MOST_TARGETS`].
    #[must_use]
    pub fn new(config: Config) -> Option<Self> {
        let ports = u64::try_from(config.ports.len()).ok()?;
        let hosts = u64::try_from(config.hosts.count()).ok()?;
        let total = hosts.checked_mul(ports).filter(|total| *total <= MOST_TARGETS)?;
        let mut places = vec![0; 1 << 16];
        for (place, port) in (1..).zip(&config.ports) {
            places[usize::from(*port)] = place;
        }
        let times = usize::try_from(total.min(MOST_TIMES)).ok()?;
        let summary = report::blank(total);
        let mut scan = Self {
            template: Template::new(config.secret, config.max_segment_size),
            places,
            total,
            sequence: Sequence::new(config.order.clone(), u32::try_from(total).ok()?),
            turn: 0,
            round: 1,
            phase: if total == 0 { Phase::Reporting } else { Phase::Sending },
            rate: Rate::new(config.pace),
            settled: Bits::new(total),
            settled_count: 0,
            heard_hosts: Bits::new(hosts),
            down: BTreeMap::new(),
            retries: VecDeque::new(),
            tries: HashMap::new(),
            sent_at: (total <= MOST_TIMES).then(|| vec![0; times]),
            stamps: HashMap::new(),
            open_of: HashMap::new(),
            in_flight: 0,
            last_sent: Instant::ZERO,
            last_progress: Instant::ZERO,
            began: None,
            events: VecDeque::new(),
            report: Report::new(hosts),
            summary,
            config,
        };
        scan.start(hosts, ports);
        Some(scan)
    }

    fn start(&mut self, hosts: u64, ports: u64) {
        let (shard, of) = (u64::from(self.config.shard.0), u64::from(self.config.shard.1.max(1)));
        let targets = (self.total + of - 1).saturating_sub(shard) / of;
        self.summary.targets = targets;
        let method = self.config.method;
        self.events.push_back(Event::Start(Start { v: 1, method, hosts, ports, targets }));
    }

    fn tell_progress(&mut self, now: Instant) {
        if let Some(every) = self.config.progress
            && now - self.last_progress >= every
        {
            self.last_progress = now;
            let progress = Progress { done: self.settled_count, round: self.round };
            self.events.push_back(Event::Progress(progress));
        }
    }

    const fn ports(&self) -> u64 {
        self.config.ports.len() as u64
    }

    /// Address and port of a target.
    fn address(&self, target: u64) -> Option<SocketAddr> {
        let ports = self.ports();
        let mut address = self.config.hosts.get(target / ports)?;
        address.set_port(*self.config.ports.get(usize::try_from(target % ports).ok()?)?);
        Some(address)
    }

    /// The target at an address and port.
    fn target(&self, address: IpAddr, port: u16) -> Option<u64> {
        let place = self.places.get(usize::from(port)).copied()?.checked_sub(1)?;
        Some(self.config.hosts.find(address)? * self.ports() + u64::from(place))
    }

    /// The next target of this round, if there is one within sight.
    fn draw(&mut self) -> Option<u32> {
        if let Some(target) = self.retries.pop_front() {
            return Some(target);
        }
        for _ in 0..SKIPS {
            let turn = self.turn;
            let target = self.sequence.get(turn)?;
            self.turn += 1;
            let (shard, of) = self.config.shard;
            if turn % of.max(1) != shard {
                self.settled.set(target.into());
                continue;
            }
            if !self.settled.get(target.into()) && !self.is_given_up(target.into()) {
                return Some(target);
            }
        }
        None
    }

    fn is_given_up(&self, target: u64) -> bool {
        let host = target / self.ports();
        let too_open = || {
            let most = self.config.max_open?;
            Some(self.open_of.get(&host)? >= &most)
        };
        !self.down.is_empty() && self.down.contains_key(&host) || too_open().unwrap_or(false)
    }

    fn may_send(&self) -> bool {
        let most = u64::try_from(self.config.at_once).unwrap_or(u64::MAX);
        self.config.method == Method::HalfOpen || self.in_flight < most.max(1)
    }

    /// All turns of this round have been taken.
    fn end_round(&mut self, now: Instant) {
        if self.phase == Phase::Sending
            && self.turn >= self.sequence.count()
            && self.retries.is_empty()
        {
            let is_done = self.config.method == Method::Connect && self.in_flight == 0;
            let waiting = Phase::Waiting(self.last_sent.max(now) + self.patience());
            self.phase = if is_done { Phase::Reporting } else { waiting };
        }
    }

    /// How long the last segments of a round may be on their way. Of one host it is known how far away it is, unless
    /// routers speak for it, which hold back their ICMP errors.
    fn patience(&self) -> Duration {
        const LEAST: Duration = Duration::from_millis(250);
        /// After three seconds and a little the kernel says that nobody answers ARP.
        const NEIGHBOURS: Duration = Duration::from_millis(250);
        let counts = &self.summary.counts;
        let heard = counts.open + counts.closed;
        let is_near = self.config.hosts.count() == 1 && heard > 0;
        if is_near && counts.rejected + counts.unreachable == 0 {
            return (self.rate.longest_rtt() * 8).max(LEAST).min(self.config.timeout);
        }
        let is_last = self.round >= self.config.syns;
        self.config.timeout + if is_last { NEIGHBOURS } else { Duration::ZERO }
    }

    /// Whether nobody is left to be asked or awaited.
    fn is_idle(&self) -> bool {
        let down = self.down.len() as u64 * self.ports();
        let is_whole = self.config.shard.1 <= 1;
        let known = self.settled_count + if is_whole { down } else { 0 };
        known >= self.summary.targets && self.in_flight == 0 && self.retries.is_empty()
    }

    const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Reporting | Phase::Finished)
    }
}

/// A clock of 32 bits, never 0.
#[expect(clippy::cast_possible_truncation, reason = "the low half of it")]
const fn micros(at: Instant) -> u32 {
    (at.as_nanos() / 1000) as u32 | 1
}

impl Engine for Scan {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Sending if self.may_send() => Some(self.rate.next()),
            Phase::Sending | Phase::Finished => None,
            // The kernel says when a connection is not coming about.
            Phase::Waiting(_) if self.config.method == Method::Connect && self.in_flight > 0 => {
                None
            }
            Phase::Waiting(until) => Some(until),
            Phase::Reporting => Some(Instant::ZERO),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.tell_progress(now);
        let Phase::Waiting(until) = self.phase else { return };
        if self.config.method == Method::Connect {
            if self.in_flight == 0 {
                self.phase = Phase::Reporting;
            }
            return;
        }
        if now < until {
            return;
        }
        if self.round >= self.config.syns {
            self.phase = Phase::Reporting;
        } else {
            self.round += 1;
            self.turn = 0;
            self.phase = Phase::Sending;
        }
        self.last_sent = now;
    }

    fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        (self.phase == Phase::Reporting).then(|| self.report_next())
    }

    fn handle_stop(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Sending | Phase::Waiting(_)) {
            self.summary.interrupted = true;
            self.last_sent = now;
            self.phase = Phase::Reporting;
        }
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.events.is_empty()
    }
}

impl Datagrams for Scan {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        self.began.get_or_insert(now);
        self.report.now = now;
        if self.phase != Phase::Sending || !self.may_send() || self.rate.next() > now {
            return None;
        }
        let Some(target) = self.draw() else {
            self.end_round(now);
            return None;
        };
        let address = self.address(target.into())?;
        self.rate.take(now);
        self.summary.sent += 1;
        self.last_sent = now;
        let tick = micros(now);
        if let Some(sent_at) = &mut self.sent_at
            && let Some(slot) = usize::try_from(target).ok().and_then(|at| sent_at.get_mut(at))
        {
            *slot = tick;
        }
        contents.clear();
        if self.config.method == Method::Connect {
            self.in_flight += 1;
        } else {
            let source = self.source_port(address)?;
            self.template.write(target.into(), (source, address.port()), tick, contents);
        }
        Some(Transmit::new(address, target))
    }

    fn expected(&self) -> usize {
        256
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        self.report.now = now;
        if let Ok(segment) = Segment::parse(reply.contents) {
            self.hear_segment(now, &reply, &segment);
        }
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        /// Answers come soon or never.
        const MOST: usize = 1 << 20;
        if self.config.rtt && stamp.stage == Stage::Sent && !self.settled.get(stamp.id.into()) {
            if self.stamps.len() >= MOST {
                self.stamps.clear();
            }
            self.stamps.insert(stamp.id, stamp.at);
        }
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        self.report.now = now;
        self.hear_refusal(now, &refusal);
    }

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        self.report.now = now;
        let target = u64::from(handshake.id);
        self.land(target);
        self.summary.sent += u64::from(handshake.retransmits);
        let syn_sent = handshake.retransmits.saturating_add(1);
        let verdict = match handshake.answer {
            Answer::Accepted => Verdict::Open,
            Answer::Refused => Verdict::Closed,
            Answer::Silence => Verdict::Filtered { syn_sent },
        };
        if handshake.answer != Answer::Silence {
            self.rate.answered(now, self.asked_at(now, target, None));
        }
        let rtt = handshake.rtt.filter(|_| self.config.rtt);
        self.settle(target, verdict, |scan| Some(Port { syn_sent, rtt, ..scan.plain(target)? }));
        self.finish_if_idle();
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        self.report.now = now;
        let target = u64::from(transmit.id);
        self.land(target);
        self.summary.sent = self.summary.sent.saturating_sub(1);
        match why.kind() {
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
                self.down.insert(target / self.ports(), Verdict::NoRoute);
                self.finish_if_idle();
            }
            _ => self.fail(now, target, why.raw_os_error().unwrap_or(0)),
        }
    }

    fn handle_drops(&mut self, _now: Instant, _flow: u32, count: u64) {
        self.summary.dropped += count;
        self.rate.cut();
    }
}

impl Scan {
    /// Nobody can connect to the port that asks.
    fn source_port(&self, address: SocketAddr) -> Option<u16> {
        let mut ports = self.config.source_ports.iter().copied();
        ports.find(|port| *port != address.port())
    }
}
