//! All ways to one target: the routers between which flows are balanced, and the links between them.
//!
//! The Multipath Detection Algorithm over UDP with one source port for each flow. A link is told only if
//! one flow was seen at both of its ends. It never guesses a path from two flows.

mod event;
mod flights;
mod pace;
mod plan;
mod report;
mod stops;
mod table;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_packet::quoted::Quoted;
use wireline_packet::{protocol, udp};

pub use event::{Event, Kind, Link, Path, Start, Summary, Vertex};
use flights::{Flights, Sent};
use pace::Pace;
use plan::{Ask, Planner};
use report::Reporter;
use stops::Stops;
use table::{Cell, Seen, Table};

use super::Wait;
use super::rewriting::{Ends, Notes, Original};
use super::wait::Known;
use crate::echo::Sample;
use crate::{Datagrams, Engine, Instant, Origin, Quotation, Refusal, Reply, Stamp, Transmit};

/// What to look for.
#[derive(Clone, Debug)]
pub struct Config {
    /// The target as it was named.
    pub name: String,
    /// Its address; the port is 0.
    pub target: SocketAddr,
    /// The address that probes leave from; `None` where the kernel chooses another for each.
    pub source: Option<IpAddr>,
    /// TOS or traffic class that they leave with.
    pub traffic_class: u8,
    /// The port that all probes go to.
    pub port: u16,
    /// The first hop limit.
    pub first_hop: u8,
    /// The last.
    pub max_hops: u8,
    /// That no router has one more next hop than was found, in percent.
    pub confidence: f64,
    /// The source port of each flow that there may be.
    pub ports: Vec<u16>,
    /// From one probe to the next, at least.
    pub interval: Duration,
    /// When a probe is given up.
    pub wait: Wait,
    /// Octets of a probe, IP header included.
    pub size: usize,
    /// Of those, octets before the data.
    pub overhead: usize,
    /// What probes begin with, so that strangers' are not taken for them.
    pub seed: u32,
}

/// A search for all paths.
#[derive(Debug)]
pub struct Paths {
    config: Config,
    table: Table,
    stops: Stops,
    flights: Flights,
    notes: Notes,
    queue: VecDeque<Ask>,
    /// By hop.
    paces: [Pace; 256],
    started: Instant,
    sent_at: Option<Instant>,
    last_answer: Option<Instant>,
    longest: Option<Duration>,
    answered: u32,
    error: Option<String>,
    events: VecDeque<Event>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Finished,
}

impl Paths {
    /// About to send.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let start = Event::Start(Start {
            v: 1,
            target: config.name.clone(),
            address: config.target,
            method: "udp",
            port: config.port,
            first_hop: config.first_hop,
            max_hops: config.max_hops,
            size: config.size.max(config.overhead + flights::LEAST),
            confidence: config.confidence,
            flows: config.ports.len(),
        });
        let mut paths = Self {
            table: Table::new(config.first_hop, config.max_hops, config.ports.len()),
            stops: Stops::new(config.confidence),
            flights: Flights::new(config.seed),
            notes: Notes::default(),
            queue: VecDeque::new(),
            paces: [Pace::default(); 256],
            started: now,
            sent_at: None,
            last_answer: None,
            longest: None,
            answered: 0,
            error: None,
            events: [start].into(),
            phase: Phase::Running,
            config,
        };
        paths.advance(now);
        paths
    }

    fn planner(&self) -> Planner<'_> {
        Planner { table: &self.table, stops: &self.stops }
    }

    /// Asks for what is missing, once all that was asked for has come or is given up.
    fn advance(&mut self, now: Instant) {
        if self.phase == Phase::Finished || !self.queue.is_empty() || !self.flights.is_idle() {
            return;
        }
        self.stops.reach(self.table.widest());
        self.queue = self.planner().next().into();
        for ask in self.queue.iter().filter(|ask| ask.repeats) {
            if let Some(row) = self.table.row_mut(ask.hop) {
                row.repeated += 1;
            }
        }
        if self.queue.is_empty() {
            self.finish(now, false);
        }
    }

    /// The place in the queue of what is to leave next, and when.
    fn next_ask(&self) -> Option<(usize, Instant)> {
        let spaced = self.sent_at.map_or(self.started, |at| at + self.config.interval);
        let due =
            |ask: &Ask| self.paces[usize::from(ask.hop)].next().map_or(spaced, |at| at.max(spaced));
        let asks = self.queue.iter().map(due).enumerate();
        asks.min_by_key(|(_, at)| *at).filter(|_| self.phase == Phase::Running)
    }

    /// When each probe under way is given up.
    fn deadlines(&self) -> impl Iterator<Item = (usize, Instant)> + '_ {
        self.flights.waiting().map(|(_, sent)| {
            let row = self.table.row(sent.ask.hop);
            let known = Known {
                here: row.and_then(|row| row.answers.values().map(|it| it.best.rtt).max()),
                near: None,
                longest: self.longest,
                quiet_since: self.last_answer.map_or(Duration::ZERO, |at| at.since(sent.asked)),
            };
            (sent.ask.flow, sent.asked + self.config.wait.limit(known))
        })
    }

    /// A flow's probe is not going to be answered.
    fn lose(&mut self, now: Instant, flow: usize) {
        let Some(Sent { ask, asked, .. }) = self.flights.give_up(flow) else { return };
        // Behind a silent hop all that nobody answers is most likely the end, and soon told.
        let before = ask.hop.checked_sub(1).and_then(|hop| self.table.seen(hop, flow));
        let was_silent = before == Some(Seen::SILENCE);
        let Some(row) = self.table.row_mut(ask.hop) else { return };
        let is_answering = !row.answers.is_empty();
        if ask.repeats {
            return;
        }
        let may_repeat = self.paces[usize::from(ask.hop)].lost(now, asked, ask.tries, is_answering);
        if may_repeat && (is_answering || !was_silent) {
            self.queue.push_back(Ask { tries: ask.tries + 1, ..ask });
        } else if row.cells[flow] == Cell::Unasked {
            row.cells[flow] = Cell::Known(Seen::SILENCE);
        }
    }

    /// Somebody answered a probe of this flow.
    fn hear(&mut self, now: Instant, flow: u32, heard: Heard<'_>) {
        let Ok(flow) = usize::try_from(flow) else { return };
        let told = self.flights.quoted(flow, heard.quoted);
        let Some(number) = told.or_else(|| self.flights.under_way(flow)) else { return };
        let Some(sent) = self.flights.get(number) else { return };
        let answers = |hop| self.table.row(hop).is_some_and(|row| !row.answers.is_empty());
        if told.is_none() && self.is_nobodys(&sent.ask, &heard) {
            return;
        }
        if told.is_none() && self.flights.is_doubtful(number, answers) {
            self.flights.give_up(flow);
            if let Some(row) = self.table.row_mut(sent.ask.hop).filter(|_| !sent.ask.repeats) {
                row.cells[flow] = Cell::Unusable;
            }
        } else {
            self.credit(now, number, sent, &heard);
        }
        self.advance(now);
    }

    /// Whether what does not say which probe it is about is more likely a second answer to an earlier one,
    /// or about another program's.
    fn is_nobodys(&self, ask: &Ask, heard: &Heard<'_>) -> bool {
        let is_here = |hop| self.table.seen(hop, ask.flow).and_then(|seen| seen.place);
        let mut others = self.table.hops().filter(|hop| *hop != ask.hop);
        let has_answered = others.any(|hop| is_here(hop) == Some(heard.from));
        heard.translated.is_some() || has_answered && heard.kind == Kind::Router
    }

    fn credit(&mut self, now: Instant, number: u32, sent: Sent, heard: &Heard<'_>) {
        if sent.is_answered {
            return;
        }
        let sample = Sample::of(sent.asked, sent.left, heard.at, now);
        let pace = &mut self.paces[usize::from(sent.ask.hop)];
        if self.flights.under_way(sent.ask.flow) == Some(number) {
            pace.answered(sent.ask.tries);
        } else {
            pace.answered_late();
        }
        self.flights.answered(number);
        self.answered += 1;
        self.last_answer = Some(now);
        self.longest = self.longest.max(Some(sample.rtt));
        if self.table.cell(sent.ask.hop, sent.ask.flow) != Cell::Unusable {
            self.enter(sent.ask, heard, sample);
        }
    }

    /// Takes an answer into the table, and what it makes needless out of the queue.
    fn enter(&mut self, ask: Ask, heard: &Heard<'_>, sample: Sample) {
        let seen = Seen { place: Some(heard.from), kind: heard.kind };
        if let Some(row) = self.table.row_mut(ask.hop) {
            row.confirmed += usize::from(ask.repeats);
            row.count(heard.from, heard.kind, sample);
            row.note(heard.from, heard.translated);
            row.hear(ask.flow, seen);
        }
        if seen.kind.is_end() {
            self.table.forget_behind(ask.hop, ask.flow);
        }
        // An answer to an earlier try may come while the next waits for its turn.
        let is_needless = |other: &Ask| {
            let is_same = other.hop == ask.hop && !other.repeats;
            other.flow == ask.flow && (is_same || seen.kind.is_end() && other.hop > ask.hop)
        };
        self.queue.retain(|other| !is_needless(other));
    }

    fn unsent(&mut self, now: Instant, flow: u32, error: &io::Error) {
        let Ok(flow) = usize::try_from(flow) else { return };
        self.error = Some(crate::errno_text(error));
        self.lose(now, flow);
        self.advance(now);
    }

    fn finish(&mut self, now: Instant, interrupted: bool) {
        if self.phase == Phase::Finished {
            return;
        }
        self.phase = Phase::Finished;
        self.enter_notes();
        let reporter = Reporter { planner: self.planner(), ports: &self.config.ports };
        let (report, per_packet) = (reporter.report(), reporter.unstable());
        let answers = |hop: &u8| self.table.row(*hop).is_some_and(|row| !row.answers.is_empty());
        let is_limited = |hop: &u8| self.paces[usize::from(*hop)].is_limited;
        let is_used = |flow: &usize| {
            self.table.hops().any(|hop| self.table.cell(hop, *flow) != Cell::Unasked)
        };
        let summary = Event::Summary(Summary {
            reached: report.reached,
            last_hop: self.table.hops().rfind(answers),
            vertices: report.vertices,
            links: report.links,
            paths: report.paths,
            complete: report.complete && per_packet.is_empty() && !interrupted,
            out_of_flows: report.out_of_flows && !interrupted,
            interrupted,
            per_packet,
            rate_limited: self.table.hops().filter(is_limited).collect(),
            translated_from: report.translated_from,
            rewritten_from: report.rewritten_from,
            flows: (0..self.config.ports.len()).filter(is_used).count(),
            sent: self.flights.count(),
            answered: self.answered,
            error: self.error.clone(),
            elapsed: now - self.started,
        });
        self.events.extend(report.events);
        self.events.push_back(summary);
    }

    /// Takes into the table what was quoted of each probe, of the first by everybody at a hop.
    fn enter_notes(&mut self) {
        for (number, from, changes) in self.notes.rewritten() {
            let hop = self.flights.get(number).map(|sent| sent.ask.hop);
            if let Some(row) = hop.and_then(|hop| self.table.row_mut(hop)) {
                row.rewritten.entry(from).or_insert_with(|| changes.to_vec());
            }
        }
    }

    /// A probe as it left.
    fn original(&self, number: u32) -> Option<Original> {
        let ask = self.flights.get(number)?.ask;
        let (source, target) = (self.config.source, self.config.target.ip());
        let from = SocketAddr::new(source.unwrap_or(target), *self.config.ports.get(ask.flow)?);
        let (mut data, mut transport) = (Vec::new(), Vec::new());
        self.flights.contents(number, self.data(), &mut data);
        udp::emit(from, SocketAddr::new(target, self.config.port), &data, &mut transport);
        let (protocol, traffic_class) = (protocol::UDP, self.config.traffic_class);
        Some(Original { source, target, protocol, transport, traffic_class })
    }

    /// Octets of data in a probe.
    const fn data(&self) -> usize {
        self.config.size.saturating_sub(self.config.overhead)
    }

    /// Where a probe was going when it was quoted, if that is not where it was sent.
    fn translated(&self, to: SocketAddr) -> Option<SocketAddr> {
        let is_ours = (to.ip(), to.port()) == (self.config.target.ip(), self.config.port);
        (!is_ours).then_some(to)
    }

    /// What an ICMP error says of a probe, if it says anything.
    const fn kind(refusal: &Refusal<'_>) -> Option<(IpAddr, Kind)> {
        let Origin::Icmp { from, icmp_type, code } = refusal.origin else { return None };
        let kind = match (from.is_ipv6(), icmp_type, code) {
            (false, 11, 0) | (true, 3, 0) => Kind::Router,
            (false, 3, 3) | (true, 1, 4) => Kind::Target,
            // Source quenches and redirects say nothing of how far a probe came (RFC 792).
            (false, 4 | 5, _) => return None,
            _ => Kind::Unreachable,
        };
        Some((from, kind))
    }
}

/// One answer, in whichever form it came.
#[derive(Clone, Copy)]
struct Heard<'a> {
    from: IpAddr,
    kind: Kind,
    at: Option<Instant>,
    quoted: &'a [u8],
    /// Where the quoted probe was going, if not to the target.
    translated: Option<SocketAddr>,
}

impl Engine for Paths {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let given_up = self.deadlines().map(|(_, at)| at).min();
        let sends = self.next_ask().map(|(_, at)| at);
        given_up.into_iter().chain(sends).min().filter(|_| self.phase == Phase::Running)
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due: Vec<_> = self.deadlines().filter(|(_, at)| *at <= now).collect();
        for (flow, _) in due {
            self.lose(now, flow);
        }
        self.advance(now);
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now, true);
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.events.is_empty()
    }
}

impl Datagrams for Paths {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let (place, _) = self.next_ask().filter(|(_, at)| *at <= now)?;
        let ask = self.queue.remove(place)?;
        self.sent_at = Some(now);
        self.paces[usize::from(ask.hop)].sent(now);
        let id = self.flights.send(now, ask, self.data(), contents);
        let mut destination = self.config.target;
        destination.set_port(self.config.port);
        let flow = u32::try_from(ask.flow).unwrap_or(u32::MAX);
        Some(Transmit { destination, id, hop_limit: Some(ask.hop), flow })
    }

    fn expected(&self) -> usize {
        self.flights.waiting().count()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if (reply.source.ip(), reply.source.port()) != (self.config.target.ip(), self.config.port) {
            return;
        }
        let (from, quoted) = (reply.source.ip(), reply.contents);
        let (kind, translated) = (Kind::Target, None);
        self.hear(now, reply.flow, Heard { from, kind, at: reply.at, quoted, translated });
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        self.flights.handle_stamp(stamp);
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        if let Origin::Local(errno) = refusal.origin {
            self.unsent(now, refusal.flow, &io::Error::from_raw_os_error(errno));
        } else if let Some((from, kind)) = Self::kind(&refusal) {
            let translated = self.translated(refusal.destination);
            let heard = Heard { from, kind, at: refusal.at, quoted: refusal.quoted, translated };
            self.hear(now, refusal.flow, heard);
        }
    }

    /// Only what quotes the number of a probe is taken for its: a router that shows less than that shows
    /// no rewriting.
    fn handle_quotation(&mut self, _now: Instant, quotation: Quotation<'_>) {
        let Ok(quoted) = Quoted::parse(quotation.datagram) else { return };
        let data = quoted.transport.get(8..).unwrap_or_default();
        let Some(number) = self.flights.number(data) else { return };
        let Some(original) = self.original(number) else { return };
        let has_expired = matches!(
            (quotation.from.is_ipv6(), quotation.icmp_type, quotation.code),
            (false, 11, 0) | (true, 3, 0)
        );
        if let Some(changes) = original.changes(&quoted, has_expired) {
            let ends = Ends::of(&original, &quoted);
            self.notes.take(number, Some(quotation.from), ends, changes);
        }
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        self.unsent(now, transmit.flow, why);
    }
}
