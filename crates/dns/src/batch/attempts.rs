//! What becomes of a question that was sent and not answered: asked again, or given up.

use wireline_engine::Instant;

use super::slots::{Slot, Stage};
use super::{Batch, Event, Failed, Question, Source, Why};

impl<S: Source> Batch<S> {
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
        let (server, over, due) = (slot.server, slot.over, slot.due);
        if was_flying && let Some(lane) = self.servers.lane(server, over) {
            lane.window.in_flight -= 1;
            lane.window.lost(is_first);
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
        let server = self.servers.address(slot.server);
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
            && let Some(lane) = self.servers.lane(slot.server, slot.over)
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
        let (server, over, due) = (slot.server, slot.over, slot.due);
        if let Some(lane) = self.servers.lane(server, over) {
            lane.window.in_flight -= 1;
            if !is_hopeful {
                lane.window.lost(false);
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
