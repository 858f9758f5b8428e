use std::time::Duration;

use super::line::{Answer, Line, Opener};
use super::wire::{Got, Wire};
use super::{Measured, Probe, Repeats};
use crate::Instant;

/// One SYN, and silence.
#[derive(Debug)]
pub(super) struct Repeating {
    port: Option<u16>,
    deadline: Instant,
    opener: Option<Opener>,
    times: Vec<Instant>,
    until: Instant,
    /// For the RST at the end.
    line: Option<Line>,
    is_done: bool,
    /// How far we looked, as far as we know.
    looked: Instant,
    has_ended: bool,
}

/// The longest until a first repetition: 3 s was the rule before RFC 6298 §2.1.
const FIRST: Duration = Duration::from_millis(4_500);

/// So many are enough to see the rule (a day of them would be 16).
const MOST: usize = 16;

impl Repeating {
    pub(super) fn new(ports: &[u16], deadline: Instant) -> Self {
        let (opener, times, line, is_done) = (None, Vec::new(), None, false);
        let (until, looked, has_ended) = (Instant::ZERO, Instant::ZERO, false);
        let port = ports.first().copied();
        Self { port, deadline, opener, times, until, line, is_done, looked, has_ended }
    }

    /// How much longer than the last time the next may take.
    fn expect(&mut self) {
        let [.., before, last] = self.times[..] else {
            self.until = self.times.first().map_or(self.until, |first| *first + FIRST);
            return;
        };
        let gap = last.since(before);
        self.until = last + gap * 9 / 4;
        // What would come after the end is not waited for.
        self.is_done = last + gap * 7 / 4 > self.deadline || self.times.len() >= MOST;
    }
}

impl Probe for Repeating {
    fn start(&mut self, now: Instant, wire: &mut Wire) {
        let Some(port) = self.port else {
            self.is_done = true;
            return;
        };
        let opener = Opener::sent(port, now, wire);
        (self.opener, self.until) = (Some(opener), now + FIRST);
    }

    fn hear(&mut self, got: &Got<'_>, _wire: &mut Wire) -> bool {
        let Some(Answer::Open(syn_ack)) =
            self.opener.as_ref().and_then(|opener| opener.judge(got, 0))
        else {
            return false;
        };
        self.line.get_or_insert_with(|| Line::open(got.segment.destination_port, &syn_ack));
        self.times.push(got.at);
        self.looked = got.at;
        self.expect();
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        (!self.is_done).then_some(self.until.min(self.deadline))
    }

    fn wake(&mut self, now: Instant, _wire: &mut Wire) {
        if self.is_done || now < self.until.min(self.deadline) {
            return;
        }
        (self.is_done, self.looked) = (true, now);
        self.has_ended = now >= self.until;
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn end(self: Box<Self>, wire: &mut Wire, measured: &mut Measured) {
        let (Some(line), Some(&first)) = (&self.line, self.times.first()) else { return };
        line.reset(first, wire);
        let after: Vec<_> = self.times.iter().skip(1).map(|at| at.since(first)).collect();
        let (waited, has_ended) = (self.looked.since(first), self.has_ended);
        measured.repeats = Some(Repeats { after, waited, has_ended });
    }
}
