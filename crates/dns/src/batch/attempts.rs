//! The attempts of one question: it leaves, is taken for lost, is asked again, is given up.

use std::time::Duration;

use wireline_engine::{Instant, Transmit};

use super::slots::{Slot, Stage};
use super::{Batch, Event, FLOWS, Failed, Over, Question, SOCKETS, Source, Why};

/// How long a server that refuses is left alone.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

impl<S: Source> Batch<S> {
    /// Writes a slot's query, and notes that it leaves.
    pub(super) fn send(
        &mut self,
        number: u32,
        server: u8,
        now: Instant,
        contents: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let slot = self.slots.get_mut(number)?;
        let address = self.servers.get(usize::from(server))?.address;
        let is_first = slot.attempts == 0;
        slot.attempts += 1;
        slot.server = server;
        slot.asked |= 1 << server;
        slot.last_sent = now;
        if is_first {
            slot.first_sent = now;
        }
        let Question { name, kind, class, manner, .. } = &slot.question;
        if manner.mixes_case {
            manner.write(slot.id, &name.mixed(slot.case), *kind, *class, contents);
        } else {
            manner.write(slot.id, name, *kind, *class, contents);
        }
        let within = if slot.over == Over::Stream { SOCKETS } else { slot.socket };
        let flow = u32::from(server) * FLOWS + within;
        self.note_sent(number, is_first, now);
        Some(Transmit { flow, ..Transmit::new(address, number) })
    }

    pub(super) fn note_sent(&mut self, number: u32, is_first: bool, now: Instant) {
        let Self { slots, servers, wheel, .. } = self;
        let Some(slot) = slots.get_mut(number) else { return };
        let Some(server) = servers.get_mut(usize::from(slot.server)) else { return };
        let lane = &mut server.lanes[slot.over as usize];
        lane.window.sent(is_first);
        lane.silent_since.get_or_insert(now);
        slot.fly(now, lane.window.patience());
        wheel.set(number, slot.due);
        self.tally.summary.sent += 1;
        self.tally.summary.retried += u64::from(!is_first);
        self.began.get_or_insert(now);
        self.pace.sent(now);
    }

    /// A slot's time has come.
    pub(super) fn expire(&mut self, number: u32, now: Instant) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        if slot.due > now {
            self.wheel.set(number, slot.due);
            return;
        }
        let (was_flying, is_first) = (slot.stage == Stage::Flying, slot.attempts == 1);
        if was_flying {
            slot.stage = Stage::Waiting;
            slot.why = Why::TimedOut;
        }
        slot.due = slot.again.min(slot.end);
        let (is_over, is_due) = (slot.end <= now, slot.again <= now);
        let (server, over, due, sent) = (slot.server, slot.over, slot.due, slot.last_sent);
        if was_flying && let Some(lane) = self.lane(server, over) {
            lane.window.in_flight -= 1;
            lane.window.lost(is_first, sent);
        }
        match (is_over, is_due) {
            (true, _) => self.give_up(number, now, None),
            (false, true) => self.queue(number),
            (false, false) => self.wheel.set(number, due),
        }
    }

    /// To be asked again, now.
    pub(super) fn queue(&mut self, number: u32) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        slot.stage = Stage::Queued;
        slot.due = slot.end;
        self.again.push_back((number, slot.last_sent));
        self.wheel.set(number, slot.end);
    }

    pub(super) fn give_up(&mut self, number: u32, now: Instant, why: Option<Why>) {
        let Some(slot) = self.release(number) else { return };
        self.ended = now;
        let Question { tag, name, kind, class, .. } = slot.question;
        let server = self.servers.get(usize::from(slot.server)).map(|server| server.address);
        let failed = Failed {
            server: server.filter(|_| slot.attempts > 0),
            over: slot.over,
            attempts: slot.attempts,
            ..Failed::of(tag, &name, kind, class, why.unwrap_or(slot.why))
        };
        self.fail(slot.turn, failed);
    }

    pub(super) fn fail(&mut self, turn: u64, failed: Failed) {
        self.tally.summary.failed += 1;
        self.line.settle(turn, Event::Failed(failed));
    }

    /// Takes a question out, and out of its server's window.
    pub(super) fn release(&mut self, number: u32) -> Option<Slot> {
        self.wheel.clear(number);
        let slot = self.slots.remove(number)?;
        if slot.stage == Stage::Flying
            && let Some(lane) = self.lane(slot.server, slot.over)
        {
            lane.window.in_flight -= 1;
        }
        Some(slot)
    }

    /// What one slot sent came to nothing, as somebody said.
    pub(super) fn refuse(&mut self, number: u32, now: Instant, why: Why, is_hopeful: bool) {
        let Some(slot) = self.slots.get_mut(number).filter(|slot| slot.stage == Stage::Flying)
        else {
            return;
        };
        let tries = slot.question.manner.tries;
        let was_last = tries.is_some_and(|tries| slot.attempts >= tries) && !is_hopeful;
        slot.stage = Stage::Waiting;
        slot.why = why;
        slot.again = now + slot.pause(is_hopeful);
        slot.attempts -= u32::from(is_hopeful);
        slot.due = slot.again.min(slot.end);
        let (server, over, due, sent) = (slot.server, slot.over, slot.due, slot.last_sent);
        if let Some(lane) = self.lane(server, over) {
            lane.window.in_flight -= 1;
            if !is_hopeful {
                lane.window.lost(false, sent);
            }
        }
        if was_last {
            self.give_up(number, now, None);
        } else if is_hopeful {
            self.queue(number);
        } else {
            self.wheel.set(number, due);
        }
    }
}

impl Slot {
    /// It has just left; `patience` is after how long it is taken for lost.
    fn fly(&mut self, now: Instant, patience: Duration) {
        /// Who answers others loses by chance, and for that nobody need wait longer and longer; a server
        /// that is silent is asked by one query at a time.
        const MOST_DOUBLINGS: u32 = 3;
        /// Who has fallen behind once, and answered late, is not waited for many times as long for that.
        const LONG: Duration = Duration::from_secs(1);
        let manner = &self.question.manner;
        let doublings = self.attempts.saturating_sub(1).min(MOST_DOUBLINGS);
        let wait = match self.over {
            Over::Datagrams => {
                (patience * (1 << doublings)).min(patience.max(LONG)).min(manner.timeout)
            }
            // Nothing is lost there.
            Over::Stream => manner.timeout,
        };
        let is_last = manner.tries.is_some_and(|tries| self.attempts >= tries.max(1));
        if is_last {
            self.end = now + manner.timeout;
            self.again = self.end;
        } else {
            self.again = now + wait;
        }
        self.stage = Stage::Flying;
        self.due = (now + patience.max(self.least())).min(self.again).min(self.end);
    }

    /// Before that a stream's query is not taken for lost.
    fn least(&self) -> Duration {
        match self.over {
            Over::Datagrams => Duration::ZERO,
            Over::Stream => self.question.manner.timeout,
        }
    }

    /// How long to wait after a refusal; not at all where others were answered before.
    fn pause(&self, is_hopeful: bool) -> Duration {
        if is_hopeful {
            return Duration::ZERO;
        }
        (PAUSE * (1 << self.attempts.min(10))).min(self.question.manner.timeout)
    }
}
