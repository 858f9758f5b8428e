use std::collections::VecDeque;
use std::time::Duration;

use super::event::Sample;
use crate::Instant;

/// The requests that a sequence number can still name: the last 65536.
///
/// Request `n` counts from 1, as iputils' sequence numbers do, and its sequence number is the low
/// half of `n`.
#[derive(Debug, Default)]
pub(super) struct Window {
    slots: VecDeque<Slot>,
    sent: u64,
    /// The highest request that was answered or refused.
    acknowledged: u64,
    pipe: u64,
    /// No request before this one is waiting to be called lost.
    undecided: u64,
}

/// What is known of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Just before the system call.
    asked: Instant,
    queued: Option<Instant>,
    sent: Option<Instant>,
    /// When the reply came, where the round trip waits for `sent`.
    deferred: Option<Instant>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Lost,
    Answered,
    Refused,
}

/// The sequence number of request `nth`.
#[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap (RFC 792)")]
pub(super) const fn seq_of(nth: u32) -> u16 {
    nth as u16
}

impl Window {
    const SPAN: usize = 1 << 16;

    /// Takes in the next request and says which it is: its number, cut to 32 bits, and its sequence
    /// number.
    #[expect(clippy::cast_possible_truncation, reason = "numbers wrap, and are told apart by age")]
    pub(super) fn push(&mut self, slot: Slot) -> (u32, u16) {
        self.sent += 1;
        if self.slots.len() == Self::SPAN {
            self.slots.pop_front();
        }
        self.slots.push_back(slot);
        (self.sent as u32, self.sent as u16)
    }

    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// The most recent request of this sequence number.
    pub(super) fn get_mut(&mut self, seq: u16) -> Option<&mut Slot> {
        let n = self.number(seq)?;
        self.at(n)
    }

    /// A request by the low 32 bits of its number.
    #[expect(clippy::cast_possible_truncation, reason = "as in `push`")]
    pub(super) fn nth_mut(&mut self, nth: u32) -> Option<&mut Slot> {
        let age = (self.sent as u32).wrapping_sub(nth);
        self.at(self.sent.checked_sub(u64::from(age))?)
    }

    fn at(&mut self, n: u64) -> Option<&mut Slot> {
        let age = usize::try_from(self.sent.checked_sub(n)?).ok()?;
        let index = self.slots.len().checked_sub(age + 1)?;
        self.slots.get_mut(index)
    }

    #[expect(clippy::cast_possible_truncation, reason = "as in `push`")]
    fn number(&self, seq: u16) -> Option<u64> {
        let age = (self.sent as u16).wrapping_sub(seq);
        self.sent.checked_sub(u64::from(age)).filter(|n| *n > 0)
    }

    /// Notes how far behind the last request an answer or a refusal is.
    pub(super) fn acknowledge(&mut self, seq: u16) {
        if let Some(n) = self.number(seq) {
            self.pipe = self.pipe.max(self.sent - n + 1);
            self.acknowledged = self.acknowledged.max(n);
        }
    }

    /// The most requests that were on their way at once.
    pub(super) const fn pipe(&self) -> u64 {
        self.pipe
    }

    pub(super) const fn in_flight(&self) -> u64 {
        self.sent - self.acknowledged
    }

    /// The last request, if nothing has been heard of it.
    pub(super) fn last_unanswered(&self) -> Option<u16> {
        let waiting = |slot: &&Slot| slot.state != State::Answered;
        #[expect(clippy::cast_possible_truncation, reason = "as in `push`")]
        self.slots.back().filter(waiting).map(|_| self.sent as u16)
    }

    /// The machine refused the last request.
    pub(super) fn refuse_last(&mut self) {
        if let Some(slot) = self.slots.back_mut() {
            slot.refuse();
        }
    }

    /// Passes over what is settled, and marks the oldest request that has waited for `linger` as
    /// lost; with no `linger`, the oldest that waits at all.
    pub(super) fn next_lost(
        &mut self,
        now: Instant,
        linger: Option<Duration>,
    ) -> Option<(u16, Instant)> {
        self.undecided = self.undecided.max(self.oldest());
        while self.undecided <= self.sent {
            let n = self.undecided;
            let slot = self.at(n)?;
            if slot.state == State::Waiting {
                if linger.is_some_and(|linger| now < slot.asked + linger) {
                    return None;
                }
                slot.state = State::Lost;
                #[expect(clippy::cast_possible_truncation, reason = "as in `push`")]
                let lost = (n as u16, slot.asked);
                self.undecided += 1;
                return Some(lost);
            }
            self.undecided += 1;
        }
        None
    }

    /// When the oldest request that may still be waiting will have waited for `linger`.
    pub(super) fn next_deadline(&self, linger: Duration) -> Option<Instant> {
        let index = usize::try_from(self.undecided.max(self.oldest()) - self.oldest()).ok()?;
        self.slots.get(index).map(|slot| slot.asked + linger)
    }

    /// Number of the oldest request in the window.
    fn oldest(&self) -> u64 {
        self.sent - self.slots.len() as u64 + 1
    }

    /// The round trips whose stamps never came, by the best clocks that there are.
    pub(super) fn unstamped(&self, user_clock: bool) -> impl Iterator<Item = Duration> + '_ {
        let measured =
            move |slot: &Slot| Some(slot.sample(slot.deferred?, slot.deferred, user_clock).rtt);
        self.slots.iter().filter_map(measured)
    }
}

impl Slot {
    pub(super) const fn new(asked: Instant) -> Self {
        Self { asked, queued: None, sent: None, deferred: None, state: State::Waiting }
    }

    /// Takes in an answer: whether it is the first, and whether the request had been called lost.
    pub(super) fn answer(&mut self) -> (bool, bool) {
        let before = std::mem::replace(&mut self.state, State::Answered);
        (before != State::Answered, before == State::Lost)
    }

    pub(super) fn refuse(&mut self) {
        if self.state != State::Answered {
            self.state = State::Refused;
        }
    }

    pub(super) const fn is_stamped(&self) -> bool {
        self.sent.is_some()
    }

    /// Holds the round trip back until the stamp comes, and says whether it is the first to wait.
    pub(super) fn defer(&mut self, answered: Instant) -> bool {
        let first = self.deferred.is_none();
        self.deferred.get_or_insert(answered);
        first
    }

    pub(super) fn queued_at(&mut self, at: Instant) {
        if at >= self.asked {
            self.queued.get_or_insert(at);
        }
    }

    /// Takes in when the request left, and gives the round trip that waited for it.
    pub(super) fn sent_at(&mut self, at: Instant) -> Option<Duration> {
        // A stamp from before the system call is a clock that was set in between.
        if at < self.asked || self.sent.is_some() {
            return None;
        }
        self.sent = Some(at);
        Some(self.deferred.take()?.since(at))
    }

    /// The round trip of an answer that was read at `now` and that the kernel had at `at`.
    pub(super) fn sample(&self, now: Instant, at: Option<Instant>, user_clock: bool) -> Sample {
        let kernel = at.filter(|at| *at >= self.asked && *at <= now && !user_clock);
        Sample::new(self.asked, self.queued, self.sent.filter(|_| !user_clock), kernel, now)
    }
}
