//! A client of one connection in user space: it opens, talks and closes as the kernel's would, but for what the
//! kernel lets nobody choose.
//!
//! Its datagrams are TCP segments, from their header on, of raw sockets. The kernel knows nothing of the
//! connection and answers what comes for it with RST, unless something holds the port (`net::Guard`). It puts no
//! data in order that came out of it (whoever sent it sends it again), and knows no congestion control past a
//! small fixed window. A SYN without ACK is ignored: it opens from one side only.

mod config;
mod event;
mod receiver;
mod sender;
mod write;

pub use config::{Closing, Config, Ecn, SynOptions, ThirdAck, Until};
pub use event::{Ending, Event, Opened};

use std::collections::VecDeque;
use std::io;

use wireline_packet::tcp::{Flags, Options, Segment, read_start};

use super::{End, Refused};
use crate::{Datagrams, Engine, Instant, Origin, Refusal, Reply, Transmit};
use receiver::Receiver;
use sender::{Chunk, Sender};

/// One connection, from SYN to its end.
#[derive(Debug)]
pub struct Client {
    config: Config,
    phase: Phase,
    sender: Sender,
    receiver: Receiver,
    began: Instant,
    /// Whose FIN was first.
    first: Option<End>,
    /// The peer's clock as it last came, where both ends send theirs.
    peer_time: Option<u32>,
    outbox: VecDeque<Control>,
    events: VecDeque<Event>,
    is_unguarded: bool,
    has_told_acknowledged: bool,
}

/// A segment without data that is to leave.
#[derive(Clone, Copy, Debug)]
struct Control {
    sequence: u32,
    flags: Flags,
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Opening {
        sent: u32,
        due: Instant,
        last: Instant,
    },
    /// The third segment is withheld.
    HalfOpen {
        until: Instant,
    },
    Open,
    /// All was said and heard.
    Holding {
        until: Instant,
    },
    /// Our FIN is to come or on its way.
    Finishing,
    Over,
}

/// Past this many waits between two segments nothing is sent again sooner.
const LONGEST_WAIT_SHIFT: u32 = 6;

impl Client {
    /// Not yet begun: the SYN is the first datagram.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let stream = [config.syn_data.as_slice(), &config.send].concat();
        let sender = Sender::new(config.isn.wrapping_add(1), stream, config.retransmit_after);
        let shift = config.options.window_scale.unwrap_or(0).min(14);
        Self {
            phase: Phase::Opening { sent: 0, due: now, last: now },
            sender,
            receiver: Receiver::new(u32::from(config.window), shift),
            began: now,
            first: None,
            peer_time: None,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            is_unguarded: false,
            has_told_acknowledged: false,
            config,
        }
    }

    fn end(&mut self, ending: Ending) {
        if !matches!(self.phase, Phase::Over) {
            self.phase = Phase::Over;
            self.events.push_back(Event::Ended(ending));
        }
    }

    /// Frees the peer from a connection that will not be used.
    fn reset(&mut self, ending: Ending) {
        self.outbox.clear();
        let flags = match self.phase {
            // Nobody has told us a number to acknowledge.
            Phase::Opening { .. } => Flags::RST,
            _ => Flags::RST | Flags::ACK,
        };
        self.outbox.push_back(Control { sequence: self.sender.next_number(), flags });
        self.end(ending);
    }

    fn is_begun(&self) -> bool {
        !matches!(self.phase, Phase::Opening { sent: 0, .. })
    }

    fn acknowledge(&mut self) {
        // One acknowledgment stands for all that came at once.
        self.outbox.retain(|reply| reply.flags != Flags::ACK);
        self.outbox.push_back(Control { sequence: self.sender.next_number(), flags: Flags::ACK });
    }

    fn may_wait_until(&self) -> Instant {
        self.began + self.config.timeout
    }

    fn handle_segment(&mut self, now: Instant, segment: &Segment<'_>, hop_limit: Option<u8>) {
        match self.phase {
            Phase::Opening { sent, last, .. } => {
                self.handle_answer(now, segment, (sent, last), hop_limit);
            }
            Phase::HalfOpen { .. } => {
                if self.receiver.is_reset(segment) {
                    self.end(Ending::Reset { by: End::Server, was_open: false });
                }
            }
            Phase::Over => {}
            Phase::Open | Phase::Holding { .. } | Phase::Finishing => {
                self.handle_later(now, segment);
            }
        }
    }

    /// RFC 9293 §3.10.7.3.
    fn handle_answer(
        &mut self,
        now: Instant,
        segment: &Segment<'_>,
        (sent, last): (u32, Instant),
        hop_limit: Option<u8>,
    ) {
        if sent == 0 {
            return;
        }
        let is_ack = segment.flags.contains(Flags::ACK);
        let taken = segment.acknowledgment.wrapping_sub(self.config.isn.wrapping_add(1));
        let in_syn = u32::try_from(self.config.syn_data.len()).unwrap_or(0);
        let is_ours = is_ack && taken <= in_syn;
        if segment.flags.contains(Flags::RST) {
            if is_ours {
                self.end(Ending::Reset { by: End::Server, was_open: false });
            }
            return;
        }
        if is_ack && !is_ours {
            let sequence = segment.acknowledgment;
            self.outbox.push_back(Control { sequence, flags: Flags::RST });
            return;
        }
        if is_ack && segment.flags.contains(Flags::SYN) {
            self.open(now, segment, (sent, last, taken), hop_limit);
        }
    }

    fn open(
        &mut self,
        now: Instant,
        segment: &Segment<'_>,
        (sent, last, taken): (u32, Instant, u32),
        hop_limit: Option<u8>,
    ) {
        let options = Options::read(segment.options);
        let ours = &self.config.options;
        let echoed = options.timestamps.filter(|_| ours.timestamp.is_some());
        self.peer_time = echoed.map(|times| times.value);
        let scale = options.window_scale.filter(|_| ours.window_scale.is_some());
        if scale.is_none() {
            self.receiver.forget_scale();
        }
        self.receiver.begin(segment.sequence.wrapping_add(1));
        let size = options.max_segment_size.unwrap_or(536);
        self.sender.begin(size, scale.unwrap_or(0).min(14), segment.window, taken);
        let is_sure = sent == 1 || echoed.is_some_and(|times| self.ticks(last) == times.echo);
        self.events.push_back(Event::Opened(Opened {
            rtt: is_sure.then(|| now.since(last)),
            syn_sent: sent,
            isn: segment.sequence,
            flags: segment.flags,
            window: segment.window,
            hop_limit,
            options: segment.options.to_vec(),
            took_syn_data: taken > 0,
        }));
        if self.config.third_ack == ThirdAck::Withheld {
            self.phase = Phase::HalfOpen { until: now + self.config.hold };
            return;
        }
        self.phase = Phase::Open;
        self.sender.set_paused(false);
        let has_data = self.sender.has_more();
        if self.config.third_ack == ThirdAck::Plain || !has_data {
            self.acknowledge();
        }
        if self.config.close == Closing::Half {
            self.sender.finish();
        }
        self.take_data(segment);
        self.advance(now);
    }

    /// RFC 9293 §3.10.7.4, with RFC 5961 §3.2 and §4.2.
    fn handle_later(&mut self, now: Instant, segment: &Segment<'_>) {
        if segment.flags.contains(Flags::RST) {
            if self.receiver.is_reset(segment) {
                self.end(Ending::Reset { by: End::Server, was_open: true });
            } else if self.receiver.is_in_window(segment) {
                self.acknowledge();
            }
            return;
        }
        if segment.flags.contains(Flags::SYN) || !self.receiver.is_acceptable(segment) {
            return self.acknowledge();
        }
        if !segment.flags.contains(Flags::ACK) {
            return;
        }
        self.note_time(segment);
        if self.sender.acknowledge(now, segment.acknowledgment, segment.window).is_err() {
            return self.acknowledge();
        }
        self.take_data(segment);
        self.advance(now);
    }

    fn note_time(&mut self, segment: &Segment<'_>) {
        if self.peer_time.is_some()
            && let Some(times) = Options::read(segment.options).timestamps
        {
            self.peer_time = Some(times.value);
        }
    }

    fn take_data(&mut self, segment: &Segment<'_>) {
        let had_fin = self.receiver.has_fin();
        let taken = self.receiver.take(segment);
        if !taken.data.is_empty() {
            self.events.push_back(Event::Data { octets: taken.data.to_vec() });
        }
        if self.receiver.has_fin() && !had_fin {
            self.first = self.first.or(Some(End::Server));
            self.events.push_back(Event::Fin);
        }
        if taken.must_acknowledge {
            self.acknowledge();
        }
    }

    /// Goes as far as what was heard allows.
    fn advance(&mut self, now: Instant) {
        if self.sender.is_stream_acknowledged() && !self.has_told_acknowledged {
            self.has_told_acknowledged = true;
            self.events.push_back(Event::Acknowledged { rtt: self.sender.rtt() });
        }
        if matches!(self.phase, Phase::Open) && self.has_enough() {
            self.phase = Phase::Holding { until: now + self.config.hold };
        }
        if let Phase::Holding { until } = self.phase
            && until <= now
        {
            self.close();
        }
        let is_done = self.sender.is_fin_acknowledged() && self.receiver.has_fin();
        if let (Phase::Finishing, true, Some(first)) = (self.phase, is_done, self.first) {
            self.end(Ending::Closed { first });
        }
    }

    fn has_enough(&self) -> bool {
        let heard = self.receiver.octets();
        let is_closed = self.receiver.has_fin();
        let is_enough = match self.config.until {
            Until::Acknowledged => true,
            Until::Octets(wanted) => heard >= wanted || is_closed,
            Until::Closed => is_closed,
        };
        self.sender.is_stream_acknowledged() && is_enough
    }

    fn close(&mut self) {
        match self.config.close {
            Closing::Rst | Closing::None => {
                self.reset(Ending::Reset { by: End::Client, was_open: true });
            }
            Closing::Server if !self.receiver.has_fin() => {}
            Closing::Fin | Closing::Half | Closing::Server => {
                self.sender.finish();
                self.phase = Phase::Finishing;
            }
        }
    }

    /// The SYN, when it is due.
    fn poll_syn(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        let Phase::Opening { sent, due, .. } = self.phase else { return None };
        if due > now || sent >= self.config.syn_count {
            return None;
        }
        self.write_syn(now, sent == 0, contents);
        let wait = self.config.retransmit_after * (1 << sent.min(LONGEST_WAIT_SHIFT));
        self.phase = Phase::Opening { sent: sent + 1, due: now + wait, last: now };
        Some(self.transmit(sent))
    }

    fn poll_data(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if !matches!(self.phase, Phase::Open | Phase::Holding { .. } | Phase::Finishing) {
            return None;
        }
        let Chunk { sequence, range, fin } = self.sender.next(now)?;
        let mut flags = Flags::ACK;
        if !range.is_empty() {
            flags = flags | Flags::PSH;
        }
        if fin {
            flags = flags | Flags::FIN;
            self.first = self.first.or(Some(End::Client));
        }
        let data = self.sender.octets(range).to_vec();
        self.write(now, sequence, flags, &data, contents);
        Some(self.transmit(sequence))
    }
}

impl Engine for Client {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let own = match self.phase {
            Phase::Opening { due, .. } => Some(due),
            Phase::HalfOpen { until } | Phase::Holding { until } => Some(until),
            Phase::Open | Phase::Finishing => None,
            Phase::Over => return None,
        };
        [own, self.sender.timer(), Some(self.may_wait_until())].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.sender.handle_timeout(now);
        match self.phase {
            Phase::Opening { sent, due, .. } => {
                if sent >= self.config.syn_count && due <= now || self.may_wait_until() <= now {
                    return self.reset(Ending::Silent { syn_sent: sent });
                }
            }
            Phase::HalfOpen { until } if until <= now => {
                return self.reset(Ending::Reset { by: End::Client, was_open: false });
            }
            Phase::Over => return,
            _ => self.advance(now),
        }
        if self.may_wait_until() <= now && !matches!(self.phase, Phase::Over) {
            self.reset(Ending::TimedOut);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, _now: Instant) {
        match self.phase {
            Phase::Over => {}
            _ if self.is_begun() => self.reset(Ending::Stopped),
            _ => self.end(Ending::Stopped),
        }
    }

    fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Over) && self.outbox.is_empty() && self.events.is_empty()
    }
}

impl Datagrams for Client {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        // What is sent with data says the same as an acknowledgment alone.
        if let Some(Control { sequence, flags }) = self.outbox.pop_front() {
            self.write(now, sequence, flags, &[], contents);
            return Some(self.transmit(sequence));
        }
        self.poll_syn(now, contents).or_else(|| self.poll_data(now, contents))
    }

    fn expected(&self) -> usize {
        8
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        let Ok(segment) = Segment::parse(reply.contents) else { return };
        let ports = (segment.source_port, segment.destination_port);
        let Config { local, remote, .. } = &self.config;
        if reply.source.ip() != remote.ip() || ports != (remote.port(), local.port()) {
            return;
        }
        if reply.hop_limit == Some(u8::MAX) && !self.is_unguarded {
            self.is_unguarded = true;
            self.events.push_back(Event::Unguarded);
        }
        self.handle_segment(reply.at.unwrap_or(now).max(self.began), &segment, reply.hop_limit);
    }

    fn handle_refusal(&mut self, _now: Instant, refusal: Refusal<'_>) {
        if !matches!(self.phase, Phase::Opening { .. }) {
            return;
        }
        let is_ours = read_start(refusal.quoted).is_ok_and(|start| {
            start.source_port == self.config.local.port()
                && start.destination_port == self.config.remote.port()
                && start.sequence == self.config.isn
        });
        if !is_ours {
            return;
        }
        let from_here = match refusal.origin {
            Origin::Local(errno) => return self.end(Ending::Unsent { errno }),
            Origin::Icmp { from, .. } => {
                from == self.config.local.ip() && from != self.config.remote.ip()
            }
        };
        let refused = Refused::new(refusal.origin, from_here);
        if let Some(refused) = refused.filter(|refused| refused.verdict().is_some()) {
            self.end(Ending::Refused(refused));
        }
    }

    fn handle_unsent(&mut self, _now: Instant, _transmit: &Transmit, why: &io::Error) {
        // Later it is as if the network had lost it: there are timers for that.
        if matches!(self.phase, Phase::Opening { .. }) {
            self.end(Ending::Unsent { errno: why.raw_os_error().unwrap_or(0) });
        }
    }
}

#[cfg(test)]
mod tests;
