//! Which question a message answers, if it is one that was asked.

use std::rc::Rc;
use std::time::Duration;

use wireline_engine::{Instant, Reply};

use super::slots::Slot;
use super::{Answer, Batch, Event, FLOWS, Over, Source, Stage, carrier};
use crate::{Header, Rcode};

impl<S: Source> Batch<S> {
    /// Takes in one message from anybody.
    pub(super) fn hear(&mut self, now: Instant, reply: &Reply<'_>) {
        let Some(header) = Header::parse(reply.contents) else {
            self.tally.summary.strange += 1;
            return;
        };
        let Some(number) = self.slots.of_id(header.id) else {
            self.tally.summary.late += 1;
            return;
        };
        let Some(server) = self.answers(number, header, reply) else {
            self.tally.summary.strange += 1;
            return;
        };
        let over = carrier(reply.flow);
        let shortest = self.shortest(server, over);
        let Some(slot) = self.slots.get(number) else { return };
        let took = slot.took(now, shortest);
        let was_given_up = slot.stage != Stage::Flying || slot.attempts > 1;
        let (manner, was_asked) = (Rc::clone(&slot.question.manner), slot.asked);
        let others = manner.servers.iter().any(|asked| was_asked >> asked.server & 1 == 0);
        if let Some(lane) = self.lane(server, over) {
            lane.window.answered(now, took);
            if let Some(took) = took.filter(|_| was_given_up) {
                lane.window.found(true, took);
            }
            lane.silent_since = None;
            lane.refused_since = None;
        }
        let is_short = header.has(Header::TC) && over == Over::Datagrams;
        if is_short && !manner.ignores_truncation {
            self.ask_by_stream(number, server, now);
        } else if header.rcode() == Rcode::SERVFAIL && manner.passes_servfail && others {
            self.ask_another(number);
        } else {
            self.settle(number, server, over, now, took, reply.contents);
        }
    }

    fn shortest(&mut self, server: u8, over: Over) -> Duration {
        self.lane(server, over).map_or(Duration::ZERO, |lane| lane.window.shortest())
    }

    /// Which server's answer to this slot's question that is.
    fn answers(&self, number: u32, header: Header, reply: &Reply<'_>) -> Option<u8> {
        let slot = self.slots.get(number)?;
        let server = u8::try_from(reply.flow / FLOWS).ok()?;
        let address = self.servers.get(usize::from(server))?.address;
        let was_asked = slot.asked >> server & 1 == 1;
        let is_its_socket = match carrier(reply.flow) {
            Over::Datagrams => slot.socket == reply.flow % FLOWS,
            Over::Stream => slot.over == Over::Stream,
        };
        let is_from = reply.source.ip() == address.ip() && reply.source.port() == address.port();
        let is_reply = header.has(Header::QR) && header.opcode().0 == slot.question.manner.opcode();
        let is_it = was_asked && is_its_socket && is_from && is_reply;
        (is_it && slot.is_asked_by(header, reply.contents)).then_some(server)
    }

    fn settle(
        &mut self,
        number: u32,
        server: u8,
        over: Over,
        now: Instant,
        took: Option<Duration>,
        contents: &[u8],
    ) {
        let Some(slot) = self.release(number) else { return };
        let took = took.unwrap_or_else(|| now.since(slot.last_sent));
        self.tally.answered(contents, took);
        self.ended = now;
        let Some(server) = self.servers.get(usize::from(server)) else { return };
        let answer = Answer {
            tag: slot.question.tag,
            octets: contents.to_vec(),
            server: server.address,
            over,
            took,
            attempts: slot.attempts,
            was_truncated: slot.was_truncated,
        };
        self.line.settle(slot.turn, Event::Answer(answer));
    }

    /// The same, of the same server, over a stream.
    fn ask_by_stream(&mut self, number: u32, server: u8, now: Instant) {
        self.tally.summary.truncated += 1;
        self.ground(number);
        let Some(slot) = self.slots.get_mut(number) else { return };
        slot.over = Over::Stream;
        slot.was_truncated = true;
        slot.server = server;
        slot.attempts = 0;
        slot.end = now + slot.question.manner.patience();
        self.queue(number);
    }

    fn ask_another(&mut self, number: u32) {
        self.ground(number);
        self.queue(number);
    }

    /// No more counted in its server's window.
    fn ground(&mut self, number: u32) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        let (was_flying, server, over) = (slot.stage == Stage::Flying, slot.server, slot.over);
        slot.stage = Stage::Waiting;
        if was_flying && let Some(lane) = self.lane(server, over) {
            lane.window.in_flight -= 1;
        }
    }
}

impl Slot {
    /// How long the answer took, where it is known which query it answers: the only one, or, if nobody can
    /// have answered the second yet, the first (RFC 3522 §3). Half of the shortest time is out of reach: what
    /// is a little less than it happens.
    fn took(&self, now: Instant, shortest: Duration) -> Option<Duration> {
        let since_last = now.since(self.last_sent);
        match self.attempts {
            1 => Some(since_last),
            2 if since_last < shortest / 2 => Some(now.since(self.first_sent)),
            _ => None,
        }
    }

    /// Whether a message has this question, as it was asked.
    fn is_asked_by(&self, header: Header, contents: &[u8]) -> bool {
        let manner = &self.question.manner;
        if header.counts[0] == 0 {
            // Who could not read the query cannot repeat its question (RFC 1035 §4.1.1).
            let is_error = !matches!(header.rcode(), Rcode::NOERROR | Rcode::NXDOMAIN);
            return is_error && header.counts[1] == 0 && !manner.mixes_case;
        }
        let name = self.question.name;
        let length = name.octets().len();
        let Some((theirs, rest)) =
            contents.get(Header::SIZE..).and_then(|rest| rest.split_at_checked(length))
        else {
            return false;
        };
        let is_name = if manner.mixes_case {
            theirs == name.mixed(self.case).octets()
        } else {
            theirs.eq_ignore_ascii_case(name.octets())
        };
        let ([k1, k2], [c1, c2]) =
            (self.question.kind.0.to_be_bytes(), self.question.class.0.to_be_bytes());
        header.counts[0] == 1 && is_name && rest.starts_with(&[k1, k2, c1, c2])
    }
}
