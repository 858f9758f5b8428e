use std::time::Duration;

use wireline_packet::tcp::Flags;

use super::line::{Answer, Extra, Line, Opener, Took};
use super::wire::{Got, Wire};
use super::{Challenge, Measured, Probe};
use crate::Instant;

/// On one connection: an RST and a SYN that are in the window, and not exact (RFC 5961).
#[derive(Debug)]
pub(super) struct Challenging {
    port: Option<u16>,
    patience: Duration,
    phase: Phase,
    until: Instant,
    line: Option<Line>,
    opened_at: Instant,
    reset: Option<Challenge>,
    syn: Option<Challenge>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// What the server says unasked is over.
    Settle,
    Reset,
    /// Nothing came: is the connection there still?
    AfterReset,
    Syn,
    AfterSyn,
}

#[derive(Debug)]
enum Phase {
    Opening(Opener),
    Open(Step),
    Done,
}

/// Servers challenge a connection once in 500 ms (`tcp_invalid_ratelimit`, ip-sysctl.rst).
const APART: Duration = Duration::from_millis(700);

impl Challenging {
    pub(super) fn new(ports: &[u16], patience: Duration) -> Self {
        Self {
            port: ports.first().copied(),
            patience,
            phase: Phase::Done,
            until: Instant::ZERO,
            line: None,
            opened_at: Instant::ZERO,
            reset: None,
            syn: None,
        }
    }

    /// A segment that is no data, or is about the connection itself.
    fn hear_open(&mut self, got: &Got<'_>, took: Took) {
        let Phase::Open(step) = &self.phase else { return };
        let verdict = match (took.reset || took.syn_ack, took.is_bare) {
            (true, _) => Some(Challenge::Accepted),
            (_, true) => Some(Challenge::Ack),
            _ => None,
        };
        let Some(verdict) = verdict else { return };
        match step {
            Step::Settle => {}
            // An ACK to a keep-alive is a sign of life, and nothing more.
            Step::AfterReset if verdict == Challenge::Ack => {
                self.reset = self.reset.or(Some(Challenge::Silent));
            }
            Step::Reset | Step::AfterReset => self.reset = self.reset.or(Some(verdict)),
            Step::AfterSyn if verdict == Challenge::Ack => {
                self.syn = self.syn.or(Some(Challenge::Silent));
            }
            Step::Syn | Step::AfterSyn => self.syn = self.syn.or(Some(verdict)),
        }
        if verdict == Challenge::Accepted || *step == Step::AfterSyn {
            self.phase = Phase::Done;
        } else if *step == Step::AfterReset {
            self.until = got.at;
        }
    }

    fn step(&mut self, now: Instant, wire: &mut Wire) {
        let (Phase::Open(step), Some(line)) = (&self.phase, &self.line) else { return };
        let next = match step {
            Step::Settle => {
                line.intrude(now, Flags::RST, wire);
                Step::Reset
            }
            Step::Reset if self.reset.is_none() => {
                line.keep_alive(now, wire);
                Step::AfterReset
            }
            Step::Reset | Step::AfterReset if self.reset.is_some() => {
                line.intrude(now, Flags::SYN, wire);
                Step::Syn
            }
            Step::Syn if self.syn.is_none() => {
                line.keep_alive(now, wire);
                Step::AfterSyn
            }
            _ => {
                self.phase = Phase::Done;
                return;
            }
        };
        (self.phase, self.until) = (Phase::Open(next), now + APART);
    }
}

impl Probe for Challenging {
    fn start(&mut self, now: Instant, wire: &mut Wire) {
        let Some(port) = self.port else { return };
        let opener = Opener::sent(port, now, wire);
        (self.phase, self.until) = (Phase::Opening(opener), now + self.patience);
    }

    fn hear(&mut self, got: &Got<'_>, wire: &mut Wire) -> bool {
        let Some(port) = self.port.filter(|port| *port == got.segment.destination_port) else {
            return false;
        };
        match (&self.phase, &mut self.line) {
            (Phase::Opening(opener), _) => match opener.judge(got, 0) {
                Some(Answer::Open(syn_ack)) => {
                    let line = Line::open(port, &syn_ack);
                    line.acknowledge(got.at, wire);
                    (self.line, self.opened_at) = (Some(line), got.at);
                    self.phase = Phase::Open(Step::Settle);
                    self.until = got.at + APART / 2;
                }
                Some(Answer::Reset) => self.phase = Phase::Done,
                None => return false,
            },
            (Phase::Open(_), Some(line)) => {
                let took = line.take(got);
                if took.wants_ack && !took.syn_ack {
                    line.acknowledge(got.at, wire);
                }
                self.hear_open(got, took);
            }
            _ => return false,
        }
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        (!self.is_done()).then_some(self.until)
    }

    fn wake(&mut self, now: Instant, wire: &mut Wire) {
        if now < self.until {
            return;
        }
        match &mut self.phase {
            Phase::Opening(opener) if opener.sent < 2 => {
                opener.send(now, &Extra::default(), wire);
                self.until = now + self.patience;
            }
            Phase::Opening(_) => self.phase = Phase::Done,
            Phase::Open(_) => self.step(now, wire),
            Phase::Done => {}
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    fn end(self: Box<Self>, wire: &mut Wire, measured: &mut Measured) {
        if let Some(line) = &self.line {
            line.reset(self.opened_at, wire);
        }
        (measured.reset, measured.syn) = (self.reset, self.syn);
    }
}
