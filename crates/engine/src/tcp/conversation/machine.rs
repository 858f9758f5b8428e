//! The states of both ends (RFC 9293 §3.3.2, figure 5), by what each is seen to send and must then have received.

use wireline_packet::tcp::Flags;

use super::Conversation;
use super::facts::Facts;
use super::side::before;
use crate::tcp::{End, Note, State};

impl Conversation {
    /// Mends what was assumed of the sender by what its segment proves: what it has received so far.
    pub(super) fn correct(&mut self, facts: &Facts<'_>) {
        let from = facts.from;
        let sender = from.of(&self.sides);
        let crossed = facts.is_syn_ack() && sender.isn.is_some() && !sender.has_answered;
        if crossed && *from.of(&self.states) == State::SynRcvd {
            // Of two SYNs that crossed each other, the other's has arrived by now, too.
            let to = from.other().of_mut(&mut self.states);
            *to = if *to == State::SynSent { State::SynRcvd } else { *to };
        }
        let (mine, theirs) = (from.of(&self.sides), from.other().of(&self.sides));
        let fin_heard = theirs.fin.zip(facts.acknowledgment);
        let fin_heard = fin_heard.map(|(fin, ack)| before(fin, ack));
        let is_first_fin = facts.has(Flags::FIN) && mine.fin.is_none();
        let is_again = facts.is_syn_ack() && mine.has_answered;
        let may_be_open = self.states_may_be_open();
        let state = from.of_mut(&mut self.states);
        *state = match *state {
            State::SynRcvd if facts.is_first_syn() && mine.isn.is_none() => State::SynSent,
            State::Closed if facts.is_first_syn() && mine.isn.is_some() => State::SynSent,
            // It would not say so again, had it heard the third segment.
            State::Established if is_again && !mine.has_talked => State::SynRcvd,
            State::SynSent if theirs.isn.is_some() && facts.is_syn_ack() => State::SynRcvd,
            State::SynSent if is_ordinary(facts) && from == End::Client => State::Established,
            State::Unknown if is_ordinary(facts) && may_be_open => State::Established,
            State::CloseWait if is_first_fin && fin_heard == Some(false) => State::Established,
            state if fin_heard == Some(true) && !facts.has(Flags::RST) => hears_fin(state),
            state => state,
        };
    }

    /// Whether a segment tells of an open connection: not where one is just being asked for.
    fn states_may_be_open(&self) -> bool {
        !self.states.contains(&State::SynSent)
    }

    /// Moves both ends: the sender by what it sends, the receiver by what arrives.
    pub(super) fn advance(&mut self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        if notes.iter().any(|note| note.is_void()) {
            return;
        }
        if facts.has(Flags::RST) {
            self.advance_reset(facts, notes);
        } else if facts.is_first_syn() {
            self.advance_syn(facts, notes);
        } else if facts.is_syn_ack() {
            self.advance_syn_ack(facts);
        } else {
            self.advance_open(facts, notes);
        }
    }

    fn advance_syn(&mut self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (from, to) = (facts.from, facts.from.other());
        match (*from.of(&self.states), *to.of(&self.states)) {
            (State::Closed | State::Listen | State::Unknown | State::SynSent, State::SynSent) => {
                notes.push(Note::SimultaneousOpen);
                *from.of_mut(&mut self.states) = State::SynSent;
                *to.of_mut(&mut self.states) = State::SynRcvd;
            }
            (State::Closed | State::Listen | State::Unknown, _) => {
                *from.of_mut(&mut self.states) = State::SynSent;
            }
            _ => {}
        }
    }

    fn advance_syn_ack(&mut self, facts: &Facts<'_>) {
        let from = facts.from.of_mut(&mut self.states);
        if matches!(from, State::Unknown | State::Listen | State::Closed | State::SynSent) {
            *from = State::SynRcvd;
        }
        let to = facts.from.other().of_mut(&mut self.states);
        if matches!(to, State::SynSent | State::SynRcvd | State::Unknown) {
            *to = State::Established;
            // Of a simultaneous open this is what completes it.
            if self.states == [State::Established; 2] {
                self.course.third = Some(facts.at);
            }
        }
    }

    fn advance_open(&mut self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let to = facts.from.other();
        let reached = facts.acknowledgment;
        let theirs = to.of(&self.sides);
        let covers = |number: Option<u32>| {
            number.zip(reached).is_some_and(|(number, ack)| before(number, ack))
        };
        let (syn_heard, fin_heard) = (covers(theirs.isn), covers(theirs.fin));
        let may_be_open = self.states_may_be_open();
        let was_opening = *to.of(&self.states) == State::SynRcvd;
        let state = to.of_mut(&mut self.states);
        *state = match *state {
            State::SynRcvd if syn_heard => State::Established,
            State::Unknown if may_be_open && !facts.segment.flags.is_empty() => State::Established,
            state => state,
        };
        if fin_heard {
            *state = fin_is_heard(*state);
        }
        let is_open = *state == State::Established;
        if was_opening && is_open && self.course.third.is_none() {
            self.course.third = Some(facts.at);
        }
        if facts.has(Flags::FIN) {
            self.advance_fin(facts, notes);
        }
    }

    fn advance_fin(&mut self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (from, to) = (facts.from, facts.from.other());
        let was = *from.of(&self.states);
        *from.of_mut(&mut self.states) = sends_fin(was);
        let peer_was_closing = to.of(&self.sides).fin.is_some();
        if was == State::Established && peer_was_closing {
            notes.push(Note::SimultaneousClose);
            self.course.is_simultaneous_close = true;
        }
        if !notes.contains(&Note::Gap) {
            let state = to.of_mut(&mut self.states);
            *state = hears_fin(*state);
        }
        if self.course.first_fin.is_none() {
            self.course.first_fin = Some(from);
        }
    }

    fn advance_reset(&mut self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (from, to) = (facts.from, facts.from.other());
        if notes.contains(&Note::ResetIgnored) {
            return;
        }
        let is_done = |state: State| matches!(state, State::Closed | State::TimeWait);
        let was_done = self.states.iter().all(|state| is_done(*state));
        let of_peer = to.of_mut(&mut self.states);
        // Who only listened goes on to do so (RFC 9293 §3.10.7.4).
        let was_listening = *of_peer == State::SynRcvd && to == End::Server;
        *of_peer = if was_listening { State::Listen } else { State::Closed };
        *from.of_mut(&mut self.states) = State::Closed;
        self.course.is_refused |= notes.contains(&Note::Refused);
        if self.course.reset_by.is_none() {
            self.course.reset_by = Some(from);
            self.course.reset_late = was_done;
        }
    }
}

/// Whether a segment belongs to an open connection by its flags.
const fn is_ordinary(facts: &Facts<'_>) -> bool {
    !facts.has(Flags::SYN) && !facts.has(Flags::RST) && facts.has(Flags::ACK)
}

const fn sends_fin(state: State) -> State {
    match state {
        State::Established | State::SynRcvd | State::Unknown => State::FinWait1,
        State::CloseWait => State::LastAck,
        state => state,
    }
}

const fn hears_fin(state: State) -> State {
    match state {
        State::Established | State::SynRcvd | State::Unknown => State::CloseWait,
        State::FinWait1 => State::Closing,
        State::FinWait2 => State::TimeWait,
        state => state,
    }
}

const fn fin_is_heard(state: State) -> State {
    match state {
        State::FinWait1 => State::FinWait2,
        State::Closing => State::TimeWait,
        State::LastAck => State::Closed,
        state => state,
    }
}
