use std::time::Duration;

use super::line::{Answer, Line, Opener};
use super::wire::{Got, Wire};
use super::{Backlog, Measured, Probe};
use crate::Instant;

/// Connections side by side, with an octet each: who is not acknowledged found the queue full.
#[derive(Debug)]
pub(super) struct Queueing {
    calls: Vec<(Opener, Option<Line>)>,
    ports: Vec<u16>,
    wait: Duration,
    until: Instant,
    is_done: bool,
}

impl Queueing {
    pub(super) fn new(ports: &[u16], patience: Duration) -> Self {
        // Longer than the first repetition of a SYN-ACK, whose third ACK would be another chance.
        let wait = patience * 3 / 2;
        Self {
            calls: Vec::new(),
            ports: ports.to_vec(),
            wait,
            until: Instant::ZERO,
            is_done: false,
        }
    }
}

impl Probe for Queueing {
    fn start(&mut self, now: Instant, wire: &mut Wire) {
        for port in std::mem::take(&mut self.ports) {
            let opener = Opener::sent(port, now, wire);
            self.calls.push((opener, None));
        }
        self.until = now + self.wait;
    }

    fn hear(&mut self, got: &Got<'_>, wire: &mut Wire) -> bool {
        let port = got.segment.destination_port;
        let Some((opener, line)) = self.calls.iter_mut().find(|(opener, _)| opener.port == port)
        else {
            return false;
        };
        if let Some(line) = line {
            let took = line.take(got);
            if took.wants_ack {
                line.acknowledge(got.at, wire);
            }
            return true;
        }
        let Some(Answer::Open(syn_ack)) = opener.judge(got, 0) else { return false };
        let mut call = Line::open(port, &syn_ack);
        call.acknowledge(got.at, wire);
        call.say(got.at, b"\n", wire);
        *line = Some(call);
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        (!self.is_done).then_some(self.until)
    }

    fn wake(&mut self, now: Instant, _wire: &mut Wire) {
        self.is_done |= now >= self.until;
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn end(self: Box<Self>, wire: &mut Wire, measured: &mut Measured) {
        let mut backlog = Backlog::default();
        for (_, line) in &self.calls {
            backlog.asked += 1;
            match line {
                Some(line) if line.is_acknowledged() => backlog.taken += 1,
                Some(_) => backlog.ignored += 1,
                None => backlog.silent += 1,
            }
            if let Some(line) = line {
                line.reset(self.until, wire);
            }
        }
        measured.backlog = self.is_done.then_some(backlog);
    }
}
