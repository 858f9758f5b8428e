//! What is remarkable about a segment, before it changes anything.

use std::time::Duration;

use wireline_packet::tcp::Flags;

use super::Conversation;
use super::facts::Facts;
use super::side::{Asked, Side, before};
use crate::tcp::{End, Note, State};

/// How long after its successors a segment may come and still count as having overtaken nobody, where the round
/// trip is not known.
const DISORDER: Duration = Duration::from_millis(3);

impl Conversation {
    pub(super) fn classify(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let mine = facts.from.of(&self.sides);
        if has_odd_flags(facts) {
            notes.push(Note::OddFlags);
        }
        if facts.is_malformed {
            notes.push(Note::MalformedOptions);
        }
        let first = facts.segment.sequence.wrapping_add(u32::from(facts.has(Flags::SYN)));
        if mine.differs(first, facts.segment.payload) {
            notes.push(Note::OverlappingData);
        }
        if facts.has(Flags::RST) {
            self.classify_reset(facts, notes);
        } else if facts.is_first_syn() {
            self.classify_syn(facts, notes);
        } else if facts.is_syn_ack() {
            self.classify_syn_ack(facts, notes);
        } else {
            self.classify_open(facts, notes);
        }
    }

    fn classify_reset(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (mine, theirs) = self.pair(facts);
        let sequence = facts.segment.sequence;
        let is_opening = *facts.from.other().of(&self.states) == State::SynSent;
        let limit = mine.next.unwrap_or(sequence);
        let is_expected = theirs.awaits.is_none_or(|awaits| {
            sequence == awaits || (before(awaits, sequence) && !before(limit, sequence))
        });
        let opened = self.course.third.is_some() || self.course.is_midway;
        let state = *facts.from.of(&self.states);
        notes.push(match () {
            () if is_opening && answers_syn(facts, theirs) => Note::Refused,
            () if is_opening || !is_expected => Note::ResetIgnored,
            () if mine.fin.is_some() => Note::ResetAfterClose,
            () if !opened && facts.from == End::Client => Note::ResetOfHalfOpen,
            () if opened && state != State::Closed => Note::Abort,
            () => Note::ResetAfterClose,
        });
        if facts.length > 0 {
            notes.push(Note::ResetWithData);
        }
    }

    fn classify_syn(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let mine = facts.from.of(&self.sides);
        let is_open = *facts.from.of(&self.states) >= State::Established;
        match mine.isn {
            Some(isn) if isn == facts.segment.sequence => notes.push(Note::SynRetransmitted),
            Some(_) if self.is_over() => notes.push(Note::PortsReused),
            Some(_) => notes.push(Note::UnexpectedSyn),
            None if is_open => notes.push(Note::UnexpectedSyn),
            None => {}
        }
        match facts.cookie {
            _ if facts.length > 0 => notes.push(Note::FastOpenData),
            Some(0) => notes.push(Note::FastOpenRequest),
            _ => {}
        }
        if facts.has(Flags::ECE | Flags::CWR) {
            notes.push(Note::Ecn);
        }
    }

    fn classify_syn_ack(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (mine, theirs) = self.pair(facts);
        let is_first = !mine.has_answered;
        match mine.isn {
            Some(isn) if isn != facts.segment.sequence => notes.push(Note::UnexpectedSyn),
            Some(_) if !is_first => notes.push(Note::SynAckResent),
            _ => {}
        }
        if theirs.isn.is_some() && !answers_syn(facts, theirs) {
            notes.push(Note::WrongAck);
        } else if theirs.syn_data > 0 && is_first {
            let taken = theirs.isn.map(|isn| facts.segment.acknowledgment.wrapping_sub(isn));
            let is_taken = taken.is_some_and(|taken| taken > 1);
            notes.push(if is_taken { Note::FastOpenAccepted } else { Note::FastOpenRejected });
        }
        if facts.cookie.is_some_and(|octets| octets > 0) {
            notes.push(Note::FastOpenCookie);
        }
        if facts.length > 0 {
            notes.push(Note::SynAckWithData);
        }
        let is_asked = theirs.syn_flags.contains(Flags::ECE | Flags::CWR);
        if is_asked && facts.has(Flags::ECE) && !facts.has(Flags::CWR) {
            notes.push(Note::Ecn);
        }
    }

    fn classify_open(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (mine, theirs) = self.pair(facts);
        let is_opening = *facts.from.other().of(&self.states) == State::SynRcvd;
        if is_opening && facts.from == End::Client && !mine.has_talked && facts.length > 0 {
            notes.push(Note::ThirdAckData);
        }
        let asks = asks(facts, mine, theirs);
        notes.extend(asks.map(|asked| match asked {
            Asked::KeepAlive => Note::KeepAlive,
            Asked::Window => Note::ZeroWindowProbe,
        }));
        if asks.is_none() {
            self.classify_numbers(facts, notes);
            classify_ack(facts, mine, theirs, self.window(facts), notes);
        }
        if facts.segment.window == 0 && facts.acknowledgment.is_some() && !facts.has(Flags::FIN) {
            notes.push(Note::ZeroWindow);
        }
    }

    /// What the numbers of data and FIN tell.
    fn classify_numbers(&self, facts: &Facts<'_>, notes: &mut Vec<Note>) {
        let (mine, theirs) = self.pair(facts);
        let (sequence, data_end) = (facts.segment.sequence, data_end(facts));
        let has_numbers = facts.length > 0 || facts.has(Flags::FIN);
        match mine.next {
            Some(next) if before(next, sequence) => notes.push(Note::Gap),
            Some(next) if has_numbers && before(sequence, next) => {
                notes.push(self.again(facts, mine, theirs));
            }
            _ => {}
        }
        if facts.length > 0 && mine.fin.is_some_and(|fin| before(fin, data_end)) {
            notes.push(Note::DataAfterFin);
        }
        let fin_heard = theirs.fin.zip(facts.acknowledgment);
        let fin_heard = fin_heard.is_some_and(|(fin, ack)| before(fin, ack));
        if facts.length > 0 && fin_heard && mine.fin.is_none() && !mine.half_close_told {
            notes.push(Note::HalfClose);
        }
        let room = theirs.awaits.zip(theirs.window).filter(|_| self.is_scale_known());
        let edge = room.map(|(awaits, window)| awaits.wrapping_add(window));
        match edge {
            Some(edge) if facts.length > 0 && before(edge, data_end) => {
                notes.push(Note::OutOfWindow);
            }
            Some(edge) if facts.length > 0 && edge == data_end => notes.push(Note::WindowFull),
            _ => {}
        }
    }

    /// What it is that numbers come by which came by before, or lie before those that did.
    fn again(&self, facts: &Facts<'_>, mine: &Side, theirs: &Side) -> Note {
        let sequence = facts.segment.sequence;
        let inside =
            |hole: &super::side::Hole| !before(sequence, hole.from) && !before(hole.to, facts.end);
        let patience = self.course.syn_rtt.unwrap_or(DISORDER).max(DISORDER);
        if let Some(hole) = mine.hole.filter(inside) {
            let is_soon = facts.at.since(hole.at) <= patience;
            return if is_soon { Note::OutOfOrder } else { Note::Retransmission };
        }
        if mine.acknowledged.is_some_and(|acknowledged| !before(acknowledged, facts.end)) {
            return Note::SpuriousRetransmission;
        }
        let is_asked_for = theirs.duplicates >= 2 && theirs.awaits == Some(sequence);
        if is_asked_for { Note::FastRetransmission } else { Note::Retransmission }
    }

    /// Who sent it, and who gets it.
    pub(super) fn pair(&self, facts: &Facts<'_>) -> (&Side, &Side) {
        (facts.from.of(&self.sides), facts.from.other().of(&self.sides))
    }

    /// Whether both SYNs said whether windows are shifted.
    pub(super) const fn is_scale_known(&self) -> bool {
        let [client, server] = &self.sides;
        client.isn.is_some() && server.isn.is_some()
    }

    /// The window in octets, as far as can be told.
    pub(super) fn window(&self, facts: &Facts<'_>) -> u32 {
        let offers =
            |side: &Side| side.options.is_some_and(|options| options.window_scale.is_some());
        let is_scaled = !facts.has(Flags::SYN) && self.sides.iter().all(offers);
        facts.from.of(&self.sides).octets(facts.segment.window, is_scaled)
    }
}

/// What an acknowledgment tells.
fn classify_ack(facts: &Facts<'_>, mine: &Side, theirs: &Side, window: u32, notes: &mut Vec<Note>) {
    let Some(acknowledgment) = facts.acknowledgment else { return };
    if theirs.next.is_some_and(|next| before(next, acknowledgment)) {
        notes.push(Note::AckOfUnseen);
    }
    if !facts.is_pure_ack() || mine.awaits != Some(acknowledgment) || mine.fin.is_some() {
        return;
    }
    let is_under_way = theirs.next.is_some_and(|next| before(acknowledgment, next));
    let is_same = mine.window == Some(window);
    notes.extend(match theirs.asked {
        _ if theirs.provoked => Some(Note::ChallengeAck),
        Some(Asked::KeepAlive) => Some(Note::KeepAliveAck),
        Some(Asked::Window) if window == 0 => Some(Note::ZeroWindowProbeAck),
        _ if !is_same && !facts.has_sack => Some(Note::WindowUpdate),
        _ if is_under_way => Some(Note::DuplicateAck),
        _ => None,
    });
}

/// Whether an end asks for an answer with numbers that are none of its data (RFC 9293 §3.8.4, §3.8.6.1).
fn asks(facts: &Facts<'_>, mine: &Side, theirs: &Side) -> Option<Asked> {
    let next = mine.next.filter(|_| facts.length <= 1 && !facts.has(Flags::FIN))?;
    let is_last = facts.segment.sequence == next.wrapping_sub(1);
    let is_next = facts.segment.sequence == next && facts.length == 1;
    let is_idle = mine.acknowledged == Some(next) && mine.fin.is_none() && mine.has_talked;
    match theirs.window {
        Some(0) if is_last || is_next => Some(Asked::Window),
        _ if is_last && is_idle && facts.has(Flags::ACK) => Some(Asked::KeepAlive),
        _ => None,
    }
}

/// Whether the acknowledgment is of the other end's SYN, or of some of the data that came with it.
fn answers_syn(facts: &Facts<'_>, theirs: &Side) -> bool {
    let Some((isn, acknowledgment)) = theirs.isn.zip(facts.acknowledgment) else { return false };
    (1..=theirs.syn_data.saturating_add(1)).contains(&acknowledgment.wrapping_sub(isn))
}

/// One behind the last octet of data.
fn data_end(facts: &Facts<'_>) -> u32 {
    facts.end.wrapping_sub(u32::from(facts.has(Flags::FIN)))
}

/// Flags that no standard puts together: none of the three that every segment has one of, or two of those that
/// exclude each other (RFC 9293 §3.10.7).
const fn has_odd_flags(facts: &Facts<'_>) -> bool {
    let (syn, fin, rst) = (facts.has(Flags::SYN), facts.has(Flags::FIN), facts.has(Flags::RST));
    let has_basis = syn || rst || facts.has(Flags::ACK);
    !has_basis || (syn && fin) || (syn && rst) || (fin && rst)
}
