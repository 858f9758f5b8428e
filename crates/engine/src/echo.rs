//! ICMP echo to one target: what `ping` does (RFC 792, RFC 1122 §3.2.2.6, RFC 4443 §4).

mod event;
mod pace;
#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::time::Duration;

use wireline_packet::{EchoId, Error as PacketError, icmpv4, icmpv6};

pub use event::{
    Clock, Damage, Echoed, Event, LocalError, Refused, Sample, SocketKind, Start, Status, Summary,
};
pub use pace::Pace;

use crate::{
    Datagrams, Engine, IcmpError, Instant, Latency, Origin, Refusal, Reply, Stage, Stamp, Transmit,
    errno_text,
};
use pace::Schedule;
use window::{Slot, Window};

/// What to send, and for how long.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who is asked. Port 0; an IPv6 scope where the address needs one.
    pub target: SocketAddr,
    /// The target as it was named.
    pub name: String,
    /// What kind of socket carries the requests.
    pub socket: SocketKind,
    /// Identifier of our requests; `None` where the kernel picks it (datagram ICMP sockets) and
    /// lets through only our own replies.
    pub ident: Option<u16>,
    /// Requests to send; `None` is until stopped.
    pub count: Option<NonZeroU64>,
    /// Stop this long after the start, whatever has been sent; or at the first error.
    pub deadline: Option<Duration>,
    /// How long after the last request a reply still counts, if none has come yet; once one has,
    /// twice the longest round trip will do. `None` waits for ever.
    pub linger: Option<Duration>,
    /// When each request leaves.
    pub pace: Pace,
    /// Requests to send at the start without waiting for replies, at least 1.
    pub preload: u32,
    /// Sent in every request.
    pub payload: Vec<u8>,
    /// Take times from system call to system call and not from the kernel's stamps.
    pub user_clock: bool,
    /// Replies may be handled before the stamps of their requests: a flood reads stamps in batches.
    /// Their round trips count when both are there.
    pub late_stamps: bool,
    /// Say before each request that the one before it is unanswered.
    pub report_outstanding: bool,
    /// Say when each request left.
    pub report_sent: bool,
    /// Say at the end how far apart requests were.
    pub report_gap: bool,
    /// Whether many hosts may answer one request (a multicast or broadcast target).
    pub many_answer: bool,
}

/// The echo engine.
#[derive(Debug)]
pub struct Echo {
    config: Config,
    started: Instant,
    last_sent: Instant,
    phase: Phase,
    schedule: Schedule,
    window: Window,
    tally: Tally,
    latency: Latency,
    /// Round trips that wait for a stamp.
    deferred: u64,
    events: VecDeque<Event>,
}

/// How long after the last reply the last stamps are worth waiting for.
const STAMPS_TAKE: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sending,
    /// All sent; replies count until this moment, or for ever.
    Lingering(Option<Instant>),
    /// Over, but for stamps that round trips wait for: until this moment.
    Settling(Instant),
    Done,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    received: u64,
    duplicates: u64,
    corrupted: u64,
    errors: u64,
    lost: u64,
    late: u64,
}

impl Echo {
    /// An engine whose first request leaves at once.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let start = Event::Start(Start::new(&config));
        Self {
            schedule: Schedule::new(config.pace, config.preload, now),
            config,
            started: now,
            last_sent: now,
            phase: Phase::Sending,
            window: Window::default(),
            tally: Tally::default(),
            latency: Latency::default(),
            deferred: 0,
            events: VecDeque::from([start]),
        }
    }

    /// Requests that an answer may still come to, as iputils reckons: those after the last answered.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.window.in_flight()
    }

    fn finish(&mut self, now: Instant) {
        match self.phase {
            Phase::Done => return,
            Phase::Settling(until) if now < until && self.deferred > 0 => return,
            Phase::Sending | Phase::Lingering(_) if self.deferred > 0 => {
                self.phase = Phase::Settling(now + STAMPS_TAKE);
                return;
            }
            _ => self.phase = Phase::Done,
        }
        for rtt in self.window.unstamped(self.config.user_clock) {
            self.latency.record(rtt);
        }
        self.report_lost(now, None);
        self.events.push_back(Event::Summary(self.summary()));
    }

    /// Counts a request as lost once it has waited for the linger time; at the end, every request.
    fn report_lost(&mut self, now: Instant, linger: Option<Duration>) {
        while let Some((seq, sent_at)) = self.window.next_lost(now, linger) {
            self.tally.lost += 1;
            self.events.push_back(Event::Lost { seq, waited: now - sent_at });
        }
    }

    fn summary(&self) -> Summary {
        let sent = self.window.sent();
        let elapsed = self.last_sent - self.started;
        Summary {
            sent,
            received: self.tally.received,
            duplicates: self.tally.duplicates,
            corrupted: self.tally.corrupted,
            errors: self.tally.errors,
            late: self.tally.late,
            loss_percent: event::percent(sent - self.tally.received, sent),
            elapsed,
            pipe: self.window.pipe(),
            gap: self.gap(elapsed),
            skipped: self.schedule.skipped(),
            rtt: self.latency.report(),
        }
    }

    /// Mean time between requests, where the pace was not a fixed interval.
    fn gap(&self, elapsed: Duration) -> Option<Duration> {
        let gaps =
            u32::try_from(self.window.sent().checked_sub(1)?).ok().filter(|gaps| *gaps > 0)?;
        let told = self.config.report_gap && self.tally.received > 0;
        told.then(|| elapsed / gaps)
    }

    /// Whether every request was answered, or came back as an error.
    fn all_settled(&self) -> bool {
        let settled = self.tally.received + self.tally.errors;
        self.config.count.is_some_and(|count| settled >= count.get())
    }

    fn all_sent(&self) -> bool {
        self.config.count.is_some_and(|count| self.window.sent() >= count.get())
    }

    /// Ends the run where a count or a first error under a deadline says so.
    fn settle(&mut self, now: Instant) {
        if self.all_settled() || (self.config.deadline.is_some() && self.tally.errors > 0) {
            self.finish(now);
        }
    }

    /// A request has left, or could not: goes on to the next, or to waiting for the last.
    fn advance(&mut self, now: Instant) {
        self.last_sent = now;
        self.schedule.sent(now);
        if self.all_sent() && self.config.deadline.is_none() && self.phase == Phase::Sending {
            let wait = if self.tally.received > 0 {
                Some((self.latency.stats().max() * 2).max(self.schedule.interval()))
            } else {
                self.config.linger
            };
            self.phase = Phase::Lingering(wait.map(|wait| now + wait));
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.config.deadline.map(|span| self.started + span)
    }

    fn answer(&mut self, now: Instant, id: EchoId, reply: Reply<'_>, data: &[u8], intact: bool) {
        let Some(slot) = self.window.get_mut(id.seq) else { return };
        let (first, late) = if intact { slot.answer() } else { (true, false) };
        let sample = slot.sample(now, reply.at, self.config.user_clock);
        let deferred = self.config.late_stamps && intact && !slot.is_stamped();
        if deferred {
            self.deferred += u64::from(slot.defer(reply.at.unwrap_or(now)));
        } else if intact {
            self.latency.record(sample.rtt);
            self.schedule.measured(&self.latency);
        }
        self.count(id.seq, first, late, intact);
        let wrong_source = reply.source.ip() != self.config.target.ip() && !self.any_may_answer();
        let echoed = Echoed {
            source: reply.source,
            seq: id.seq,
            ident: id.ident,
            hop_limit: reply.hop_limit,
            size: reply.contents.len(),
            sample,
            duplicate: !first,
            late,
            truncated: data.len() < self.config.payload.len(),
            bad_checksum: !intact,
            wrong_source,
            damage: Damage::find(&self.config.payload, data),
            options: wireline_packet::ipv4::options(reply.options),
        };
        self.events.push_back(Event::Reply(echoed));
        self.settle(now);
    }

    /// Whether an answer from another address is no surprise: of many hosts, or of whoever nobody is.
    fn any_may_answer(&self) -> bool {
        self.config.many_answer || self.config.target.ip().is_unspecified()
    }

    fn count(&mut self, seq: u16, first: bool, late: bool, intact: bool) {
        if !intact {
            self.tally.corrupted += 1;
            return;
        }
        self.window.acknowledge(seq);
        if first {
            self.tally.received += 1;
            self.tally.late += u64::from(late);
        } else {
            self.tally.duplicates += 1;
        }
    }

    /// An ICMP error that quotes one of our requests.
    fn refused(&mut self, now: Instant, error: IcmpError) {
        if let Some(slot) = self.window.get_mut(error.seq) {
            if error.fatal {
                slot.refuse();
                self.tally.errors += 1;
                // iputils' IPv6 half reckons an error as still on its way, and its `pipe` shows it.
                if error.from.is_ipv4() {
                    self.window.acknowledge(error.seq);
                }
            }
            self.events.push_back(Event::Error(error));
            self.settle(now);
        }
    }

    fn is_ours(&self, ident: u16) -> bool {
        self.config.ident.is_none_or(|ours| ours == ident)
    }

    /// The request that an error quotes, if it is one of ours.
    fn quoted(&self, destination: std::net::IpAddr, quoted: &[u8]) -> Option<EchoId> {
        let id = if self.config.target.is_ipv4() {
            let Ok(icmpv4::Message::EchoRequest(id, _)) = icmpv4::Message::read(quoted) else {
                return None;
            };
            id
        } else {
            let Ok(icmpv6::Message::EchoRequest(id, _)) = icmpv6::Message::read(quoted) else {
                return None;
            };
            id
        };
        (self.is_ours(id.ident) && destination == self.config.target.ip()).then_some(id)
    }

    /// Redirects and source quenches, which a raw socket hears as ordinary input.
    fn advice(
        &mut self,
        now: Instant,
        reply: Reply<'_>,
        icmp_type: u8,
        code: u8,
        info: u32,
        quoted: &[u8],
    ) {
        use wireline_packet::ipv4;
        let Ok(header) = ipv4::Header::parse(quoted) else { return };
        let Some(id) = self.quoted(header.destination.into(), header.payload) else { return };
        let error = IcmpError::new(id.seq, reply.source.ip(), icmp_type, code, info);
        if !error.fatal {
            self.refused(now, IcmpError { in_band: true, ..error });
        }
    }

    fn reply_v4(&mut self, now: Instant, reply: Reply<'_>) {
        use icmpv4::Message;
        let intact = !matches!(icmpv4::verify(reply.contents), Err(PacketError::Checksum { .. }));
        match Message::read(reply.contents) {
            Ok(Message::EchoReply(id, data)) if self.is_ours(id.ident) => {
                self.answer(now, id, reply, data, intact);
            }
            Ok(Message::Error { icmp_type, code, info, quoted }) if intact => {
                self.advice(now, reply, icmp_type, code, info, quoted);
            }
            _ => {}
        }
    }
}

impl Datagrams for Echo {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let may_send = self.phase == Phase::Sending && !self.all_settled();
        if !may_send || !self.schedule.is_due(now, self.in_flight()) {
            return None;
        }
        if self.config.report_outstanding
            && let Some(seq) = self.window.last_unanswered()
        {
            self.events.push_back(Event::Outstanding { seq });
        }
        let (nth, seq) = self.window.push(Slot::new(now));
        let id = EchoId { ident: self.config.ident.unwrap_or(0), seq };
        let payload = &self.config.payload;
        match self.config.target {
            SocketAddr::V4(_) => icmpv4::EchoRequest { id, payload }.emit(contents),
            SocketAddr::V6(_) => icmpv6::EchoRequest { id, payload }.emit(contents),
        }
        if self.config.report_sent {
            self.events.push_back(Event::Sent { seq });
        }
        self.advance(now);
        Some(Transmit::new(self.config.target, nth))
    }

    fn expected(&self) -> usize {
        usize::try_from(self.in_flight()).unwrap_or(usize::MAX)
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if matches!(self.phase, Phase::Settling(_) | Phase::Done) {
            return;
        }
        match self.config.target {
            SocketAddr::V4(_) => self.reply_v4(now, reply),
            SocketAddr::V6(_) => {
                if let Ok(icmpv6::Message::EchoReply(id, data)) =
                    icmpv6::Message::read(reply.contents)
                    && self.is_ours(id.ident)
                {
                    self.answer(now, id, reply, data, true);
                }
            }
        }
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        let Some(slot) = self.window.nth_mut(stamp.id) else { return };
        match stamp.stage {
            Stage::Queued => slot.queued_at(stamp.at),
            Stage::Sent => {
                if let Some(rtt) = slot.sent_at(stamp.at) {
                    self.latency.record(rtt);
                    self.deferred -= 1;
                }
            }
        }
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        if self.phase == Phase::Done {
            return;
        }
        match refusal.origin {
            Origin::Local(errno) => {
                self.tally.errors += 1;
                let mtu = (errno == LocalError::MESSAGE_TOO_LONG).then_some(refusal.info);
                let message = errno_text(&io::Error::from_raw_os_error(errno));
                self.events.push_back(Event::Local(LocalError { errno, mtu, message }));
                self.window.refuse_last();
                self.settle(now);
            }
            Origin::Icmp { from, icmp_type, code } => {
                if let Some(id) = self.quoted(refusal.destination.ip(), refusal.quoted) {
                    self.refused(now, IcmpError::new(id.seq, from, icmp_type, code, refusal.info));
                }
            }
        }
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        if let Some(slot) = self.window.nth_mut(transmit.id) {
            slot.refuse();
        }
        self.schedule.stalled(now);
        let seq = window::seq_of(transmit.id);
        self.events.push_back(Event::Unsent { seq, error: why.into() });
    }
}

impl Engine for Echo {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let due = match self.phase {
            Phase::Sending => Some(self.schedule.next(self.in_flight())),
            Phase::Lingering(until) => until,
            Phase::Settling(until) => Some(until),
            Phase::Done => None,
        };
        let loss = self.config.linger.and_then(|linger| self.window.next_deadline(linger));
        [due, self.deadline(), loss].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.phase == Phase::Done {
            return;
        }
        if let Some(linger) = self.config.linger {
            self.report_lost(now, Some(linger));
        }
        let over = match self.phase {
            Phase::Lingering(until) => until.is_some_and(|until| now >= until),
            Phase::Settling(until) => now >= until || self.deferred == 0,
            Phase::Sending | Phase::Done => false,
        };
        if over || self.deadline().is_some_and(|deadline| now >= deadline) {
            self.finish(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.finish(now);
    }

    fn handle_query(&mut self, _now: Instant) {
        let status = Status {
            sent: self.window.sent(),
            received: self.tally.received,
            loss_percent: event::percent(
                self.window.sent() - self.tally.received,
                self.window.sent(),
            ),
            rtt: self.latency.report(),
        };
        self.events.push_back(Event::Status(status));
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Done && self.events.is_empty()
    }
}
