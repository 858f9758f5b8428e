//! What is remembered of a segment, and what the connection came to.

use std::time::Duration;

use wireline_packet::tcp::Flags;

use super::Conversation;
use super::facts::Facts;
use super::side::{Asked, Hole, Side, before};
use crate::tcp::{Agreed, Closing, ConnectionSummary, End, How, Note, Opening, State, Step};

/// SYNs whose times are kept.
const SYNS: usize = 16;

impl Conversation {
    /// The segment as it is shown, without its time and the states.
    pub(super) fn describe(&mut self, facts: &Facts<'_>) -> Step {
        let segment = &facts.segment;
        let is_syn = facts.has(Flags::SYN);
        let window = self.window(facts);
        let is_known = is_syn || self.is_scale_known();
        let pieces = self.pieces(facts);
        let (from, to) = (facts.from, facts.from.other());
        let mine = from.of_mut(&mut self.sides);
        if is_syn && mine.isn.is_none() {
            mine.base = Some(segment.sequence);
        }
        let relative_sequence = mine.relative(segment.sequence, is_syn);
        let theirs = to.of_mut(&mut self.sides);
        Step {
            number: 0,
            at: Duration::ZERO,
            after_last: Duration::ZERO,
            from,
            flags: segment.flags,
            sequence: segment.sequence,
            relative_sequence,
            acknowledgment: facts.acknowledgment,
            relative_acknowledgment: facts.acknowledgment.map(|ack| theirs.relative(ack, false)),
            length: facts.length,
            pieces,
            window: segment.window,
            window_octets: is_known.then_some(window),
            urgent: facts.has(Flags::URG).then_some(segment.urgent),
            options: segment.options.to_vec(),
            hop_limit: facts.hop_limit,
            before: self.states,
            after: self.states,
            notes: Vec::new(),
        }
    }

    /// How many segments carry so much data.
    fn pieces(&self, facts: &Facts<'_>) -> u32 {
        // Of timestamps and their padding (RFC 7323 §3.2, RFC 6691 §2).
        const STAMPS: u32 = 12;
        let taken = facts.from.other().of(&self.sides).options;
        let size = taken.and_then(|options| options.max_segment_size).map(u32::from);
        let stamps = if facts.options.timestamps.is_some() { STAMPS } else { 0 };
        let size = size.map_or(u32::MAX, |size| size.saturating_sub(stamps).max(1));
        facts.length.div_ceil(size).max(1)
    }

    /// Keeps what later segments are compared with.
    pub(super) fn remember(&mut self, facts: &Facts<'_>, step: &Step) {
        let window = self.window(facts);
        let (from, to) = (facts.from, facts.from.other());
        self.count(facts, step);
        to.of_mut(&mut self.sides).provoked = false;
        let mine = from.of_mut(&mut self.sides);
        mine.provoked = step.notes.iter().any(|note| is_provocation(*note));
        let is_void = step.notes.iter().any(|note| note.is_void());
        if facts.has(Flags::RST) || is_void {
            return;
        }
        if facts.has(Flags::SYN) {
            self.remember_syn(facts);
        } else {
            mine.has_talked = true;
        }
        let mine = from.of_mut(&mut self.sides);
        mine.half_close_told |= step.notes.contains(&Note::HalfClose);
        mine.remember_numbers(facts, &step.notes);
        mine.remember_word(facts, &step.notes, window);
        let is_seen = !step.notes.contains(&Note::AckOfUnseen);
        if let Some(acknowledgment) = facts.acknowledgment.filter(|_| is_seen) {
            to.of_mut(&mut self.sides).acknowledge(acknowledgment, facts.at);
        }
    }

    fn remember_syn(&mut self, facts: &Facts<'_>) {
        let is_answer = facts.is_syn_ack();
        if is_answer && self.course.syn_ack.is_none() {
            self.course.syn_ack = Some(facts.at);
            let echo = facts.options.timestamps.map(|stamps| stamps.echo);
            let asked = facts.from.other().of(&self.sides).answered_syn(echo);
            self.course.syn_rtt = asked.map(|asked| facts.at.since(asked));
        }
        let mine = facts.from.of_mut(&mut self.sides);
        mine.has_answered |= is_answer;
        if mine.syns.len() < SYNS {
            mine.syns.push_back((facts.at, facts.options.timestamps.map(|stamps| stamps.value)));
        }
        if mine.isn.is_none() {
            mine.isn = Some(facts.segment.sequence);
            mine.options = Some(facts.options);
            mine.syn_flags = facts.segment.flags;
            mine.syn_data = if is_answer { 0 } else { facts.length };
            mine.sums.mss = facts.options.max_segment_size;
            mine.sums.window_scale = facts.options.window_scale;
        }
    }

    fn count(&mut self, facts: &Facts<'_>, step: &Step) {
        let has = |note: Note| step.notes.contains(&note);
        let course = &mut self.course;
        course.fast_open |= has(Note::FastOpenAccepted);
        let is_strange = step.notes.iter().any(|note| is_strange(*note));
        course.strange = course.strange.saturating_add(is_strange.into());
        let mine = facts.from.of_mut(&mut self.sides);
        let was_zero = mine.window == Some(0);
        let sums = &mut mine.sums;
        if sums.segments == 0 {
            sums.hop_limit = facts.hop_limit;
        }
        let add = |sum: &mut u32, one: bool| *sum = sum.saturating_add(one.into());
        add(&mut sums.segments, true);
        add(&mut sums.syns, facts.has(Flags::SYN));
        add(&mut sums.retransmissions, step.notes.iter().any(|note| note.is_retransmission()));
        add(&mut sums.out_of_order, has(Note::OutOfOrder));
        add(&mut sums.duplicate_acks, has(Note::DuplicateAck));
        add(&mut sums.zero_windows, has(Note::ZeroWindow) && !was_zero);
        sums.longest = sums.longest.max(facts.length);
    }

    /// What it came to so far.
    #[must_use]
    pub fn summary(&self) -> ConnectionSummary {
        let [client, server] = &self.sides;
        let duration = self.started.map_or(Duration::ZERO, |started| self.latest.since(started));
        let asked = client.syns.front().map(|(at, _)| *at);
        let third = self.course.third;
        let answered = self.course.syn_ack.filter(|_| server.sums.syns == 1);
        ConnectionSummary {
            client: self.client,
            server: self.server,
            opening: self.opening(),
            closing: self.closing(),
            time_wait: self.waiting(),
            states: self.states,
            isn: [client.isn, server.isn],
            agreed: self.agreed(),
            syn_rtt: self.course.syn_rtt,
            ack_rtt: third.zip(answered).map(|(third, answered)| third.since(answered)),
            handshake: third.zip(asked).map(|(third, asked)| third.since(asked)),
            duration,
            ends: [client.sums, server.sums],
            icmp_errors: self.course.icmp_errors,
            strange: self.course.strange,
        }
    }

    fn opening(&self) -> Opening {
        let course = &self.course;
        match course.rejected {
            _ if course.third.is_some() => Opening::Open,
            _ if course.is_midway => Opening::Unseen,
            _ if course.is_refused => Opening::Refused,
            _ if course.syn_ack.is_some() => Opening::HalfOpen,
            Some((by, icmp_type, icmp_code)) => Opening::Rejected { by, icmp_type, icmp_code },
            None => Opening::Unanswered,
        }
    }

    fn closing(&self) -> Closing {
        let course = &self.course;
        let was_open = course.third.is_some() || course.is_midway;
        let fins = self.sides.iter().filter(|side| side.fin.is_some()).count();
        let is_done = |state| matches!(state, State::Closed | State::TimeWait | State::Listen);
        let all_done = self.states.into_iter().all(is_done);
        let how = match (course.reset_by, fins) {
            _ if !was_open && fins == 0 => How::NeverOpen,
            (Some(_), _) if !course.reset_late && fins > 0 => How::FinThenRst,
            (Some(_), 0) => How::Rst,
            (None, 0) => How::Open,
            (None, 1) => How::HalfClosed,
            _ if !all_done => How::Closing,
            _ if course.is_simultaneous_close => How::SimultaneousFin,
            _ => How::Fin,
        };
        let by = match how {
            How::Open | How::SimultaneousFin => None,
            How::Rst | How::NeverOpen => course.reset_by,
            _ => course.first_fin,
        };
        Closing { by, how }
    }

    fn waiting(&self) -> Vec<End> {
        let waits = |end: &End| *end.of(&self.states) == State::TimeWait;
        End::BOTH.into_iter().filter(waits).collect()
    }

    fn agreed(&self) -> Agreed {
        let [client, server] = &self.sides;
        let Some((a, b)) = client.options.zip(server.options) else { return Agreed::default() };
        let is_asked = client.syn_flags.contains(Flags::ECE | Flags::CWR);
        let is_granted =
            server.syn_flags.contains(Flags::ECE) && !server.syn_flags.contains(Flags::CWR);
        Agreed {
            sack: a.sack_permitted && b.sack_permitted,
            timestamps: a.timestamps.is_some() && b.timestamps.is_some(),
            window_scale: a.window_scale.is_some() && b.window_scale.is_some(),
            ecn: is_asked && is_granted,
            fast_open: self.course.fast_open,
        }
    }
}

impl Side {
    /// Takes in the numbers of data and FIN.
    fn remember_numbers(&mut self, facts: &Facts<'_>, notes: &[Note]) {
        if notes.contains(&Note::ZeroWindowProbe) || notes.contains(&Note::KeepAlive) {
            return;
        }
        let syn = u32::from(facts.has(Flags::SYN));
        let first = facts.segment.sequence.wrapping_add(syn);
        let next = self.next.unwrap_or(facts.segment.sequence);
        let data_end = first.wrapping_add(facts.length);
        let is_new = before(next, facts.end);
        let fills_hole = notes.contains(&Note::OutOfOrder)
            || (notes.contains(&Note::Retransmission)
                && self.hole.is_some_and(|hole| !before(facts.segment.sequence, hole.from)));
        let fresh = match () {
            () if !before(first, next) || fills_hole => facts.length,
            () if before(next, data_end) => data_end.wrapping_sub(next),
            () => 0,
        };
        self.sums.octets = self.sums.octets.saturating_add(fresh.into());
        if notes.contains(&Note::Gap) && is_new {
            self.hole = Some(Hole { from: next, to: facts.segment.sequence, at: facts.at });
        }
        if notes.iter().any(|note| note.is_retransmission()) {
            self.forget_times();
        } else if facts.length > 0 && syn == 0 && is_new {
            self.time(facts.end, facts.at);
        }
        if is_new {
            self.keep(first, facts.segment.payload);
        }
        if is_new || self.next.is_none() {
            self.next = Some(facts.end);
        }
        if facts.has(Flags::FIN) && self.fin.is_none() {
            self.fin = Some(facts.fin());
        }
    }

    /// Takes in what it says of what it got.
    fn remember_word(&mut self, facts: &Facts<'_>, notes: &[Note], window: u32) {
        self.asked = match () {
            () if notes.contains(&Note::KeepAlive) => Some(Asked::KeepAlive),
            () if notes.contains(&Note::ZeroWindowProbe) => Some(Asked::Window),
            () => None,
        };
        let Some(acknowledgment) = facts.acknowledgment else { return };
        if self.awaits.is_none_or(|awaits| before(awaits, acknowledgment)) {
            (self.awaits, self.duplicates) = (Some(acknowledgment), 0);
        }
        if notes.contains(&Note::DuplicateAck) {
            self.duplicates = self.duplicates.saturating_add(1);
        }
        self.window = Some(window);
    }
}

/// Whether RFC 5961 has the receiver answer by an acknowledgment of what it awaits.
const fn is_provocation(note: Note) -> bool {
    matches!(note, Note::UnexpectedSyn | Note::ResetIgnored | Note::AckOfUnseen | Note::OutOfWindow)
}

/// Whether a segment with this note is counted among the strange ones.
const fn is_strange(note: Note) -> bool {
    note.is_void() || matches!(note, Note::ResetIgnored | Note::MalformedOptions)
}
