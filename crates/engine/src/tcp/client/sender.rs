//! What we say, until it is acknowledged.

use std::ops::Range;
use std::time::Duration;

use crate::Instant;

/// Our stream. Places in it are octets from its beginning; our FIN is the one behind the last.
#[derive(Debug)]
pub(super) struct Sender {
    base: u32,
    stream: Vec<u8>,
    acknowledged: usize,
    sent: usize,
    /// The most that was ever sent: what is below it and sent again tells no time.
    highest: usize,
    has_fin: bool,
    is_paused: bool,
    segment_size: usize,
    shift: u8,
    window: usize,
    timer: Option<Instant>,
    first_wait: Duration,
    wait: Duration,
    /// A window of zero is asked for again with one octet.
    is_probing: bool,
    timed: Option<(usize, Instant)>,
    rtt: Option<Duration>,
}

/// A part of the stream that is to leave.
pub(super) struct Chunk {
    pub(super) sequence: u32,
    pub(super) range: Range<usize>,
    pub(super) fin: bool,
}

/// An acknowledgment of what was never sent.
#[derive(Debug)]
pub(super) struct Unsent;

/// Segments that may be under way before the first is acknowledged (RFC 6928 §2).
const AT_ONCE: usize = 10;

/// No wait is longer (RFC 6298 §2.5).
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Sender {
    pub(super) fn new(base: u32, stream: Vec<u8>, wait: Duration) -> Self {
        Self {
            base,
            stream,
            acknowledged: 0,
            sent: 0,
            highest: 0,
            has_fin: false,
            is_paused: true,
            segment_size: 536,
            shift: 0,
            window: 0,
            timer: None,
            first_wait: wait,
            wait,
            is_probing: false,
            timed: None,
            rtt: None,
        }
    }

    /// The other end's SYN-ACK came, and took so much of the SYN's data.
    pub(super) fn begin(&mut self, size: u16, shift: u8, window: u16, taken: u32) {
        /// Room for time-stamps, in every segment.
        const OPTIONS: usize = 12;
        self.segment_size = usize::from(size.max(64)) - OPTIONS;
        // The window of a SYN is not shifted (RFC 7323 §2.2).
        (self.shift, self.window) = (shift, window.into());
        self.acknowledged = usize::try_from(taken).unwrap_or(0).min(self.stream.len());
        (self.sent, self.highest) = (self.acknowledged, self.acknowledged);
    }

    pub(super) const fn set_paused(&mut self, paused: bool) {
        self.is_paused = paused;
    }

    /// FIN behind the last octet.
    pub(super) const fn finish(&mut self) {
        self.has_fin = true;
    }

    fn end(&self) -> usize {
        self.stream.len() + usize::from(self.has_fin)
    }

    fn number(&self, place: usize) -> u32 {
        // Numbers wrap; the stream is shorter than they are many.
        #[expect(clippy::cast_possible_truncation, reason = "numbers that wrap")]
        let place = place as u32;
        self.base.wrapping_add(place)
    }

    /// The number of what follows all that was sent.
    pub(super) fn next_number(&self) -> u32 {
        self.number(self.highest)
    }

    pub(super) fn has_more(&self) -> bool {
        self.sent < self.end()
    }

    pub(super) fn is_stream_acknowledged(&self) -> bool {
        self.acknowledged >= self.stream.len()
    }

    pub(super) fn is_fin_acknowledged(&self) -> bool {
        self.has_fin && self.acknowledged == self.end()
    }

    pub(super) const fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    pub(super) const fn timer(&self) -> Option<Instant> {
        self.timer
    }

    pub(super) fn octets(&self, range: Range<usize>) -> &[u8] {
        self.stream.get(range).unwrap_or_default()
    }

    pub(super) fn next(&mut self, now: Instant) -> Option<Chunk> {
        if self.is_paused || !self.has_more() {
            return None;
        }
        let from = self.sent;
        let under_way = from.saturating_sub(self.acknowledged);
        let probe = usize::from(self.is_probing && under_way == 0);
        let most = self.window.max(probe).min(AT_ONCE * self.segment_size);
        let room = most.saturating_sub(under_way).min(self.segment_size);
        let until = self.stream.len().min(from + room);
        let is_last = until == self.stream.len() && self.has_fin;
        self.timer = self.timer.or(Some(now + self.wait));
        if until == from && !is_last {
            return None;
        }
        self.is_probing = false;
        self.sent = until + usize::from(is_last);
        if from >= self.highest {
            self.timed = self.timed.or(Some((self.sent, now)));
        }
        self.highest = self.highest.max(self.sent);
        Some(Chunk { sequence: self.number(from), range: from..until, fin: is_last })
    }

    /// Takes in an acknowledgment and the window that came with it.
    pub(super) fn acknowledge(
        &mut self,
        now: Instant,
        number: u32,
        window: u16,
    ) -> Result<(), Unsent> {
        let new = number.wrapping_sub(self.number(self.acknowledged));
        let new = usize::try_from(new).unwrap_or(usize::MAX);
        let known = self.acknowledged.saturating_add(new);
        if new > self.highest - self.acknowledged {
            // Old ones do no harm, what was never sent does (RFC 5961 §5.2).
            let is_old = number.wrapping_sub(self.number(self.acknowledged)) > u32::MAX / 2;
            return if is_old { Ok(()) } else { Err(Unsent) };
        }
        self.window = usize::from(window) << self.shift;
        if new > 0 {
            self.acknowledged = known;
            self.sent = self.sent.max(known);
            self.wait = self.first_wait;
            self.timer = None;
            self.note_time(now);
        }
        if self.acknowledged == self.end() {
            self.timer = None;
        } else {
            self.timer = self.timer.or(Some(now + self.wait));
        }
        Ok(())
    }

    fn note_time(&mut self, now: Instant) {
        if let Some((until, at)) = self.timed
            && self.acknowledged >= until
        {
            self.rtt = Some(now.since(at));
            self.timed = None;
        }
    }

    /// Sends again from the first that is not acknowledged.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.timer.is_none_or(|timer| timer > now) {
            return;
        }
        self.timer = None;
        self.timed = None;
        self.sent = self.acknowledged;
        self.is_probing = self.window == 0;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}
