use std::collections::VecDeque;
use std::time::Duration;

use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::{Item, items};

use super::line::{Answer, Extra, Line, Opener};
use super::wire::{Got, Wire};
use super::{Measured, Offer, Offered, Probe, Probed};
use crate::Instant;
use crate::tcp::{Refused, Verdict};

/// SYNs one after the other, each answered with RST as soon as it is answered.
#[derive(Debug)]
pub(super) struct Asking {
    waiting: VecDeque<Syn>,
    phase: Phase,
    answers: Vec<(Role, Probed)>,
    patience: Duration,
    verdict: Option<Verdict>,
}

#[derive(Clone, Debug)]
struct Syn {
    role: Role,
    port: u16,
    extra: Extra,
    /// Before it.
    pause: Duration,
    /// At the most.
    tries: u32,
    /// Sent once more, to take the place of one that was dropped for an older connection's sake.
    is_repeated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Sample,
    Port,
    Offer(Offer),
}

#[derive(Debug)]
enum Phase {
    Pausing { until: Instant, syn: Syn },
    Waiting { until: Instant, syn: Syn, opener: Opener },
    Done,
}

/// Uneven, so that what grows by time is told from what grows by connections.
const PAUSES: [u64; 8] = [7, 23, 11, 41, 17, 31, 5, 37];

/// SYNs until nobody is believed to be there.
const SYNS: u32 = 3;

/// The kind of a Fast Open option (RFC 7413 §4.1.1), and what fills a header up (RFC 9293 §3.1).
const FAST_OPEN: u8 = 34;
const NOP: u8 = 1;

impl Asking {
    fn new(syns: impl Iterator<Item = Syn>, patience: Duration) -> Self {
        let (answers, verdict) = (Vec::new(), None);
        Self { waiting: syns.collect(), phase: Phase::Done, answers, patience, verdict }
    }

    pub(super) fn samples(ports: &[u16], count: u32, patience: Duration) -> Self {
        let pauses = std::iter::once(0).chain(PAUSES.into_iter().cycle());
        let count = usize::try_from(count.max(1)).unwrap_or(1);
        let syns = ports.iter().take(1).cycle().zip(pauses).take(count).enumerate();
        let syns = syns.map(|(place, (port, pause))| Syn {
            role: Role::Sample,
            port: *port,
            extra: Extra::default(),
            pause: Duration::from_millis(pause),
            tries: if place == 0 { SYNS } else { 1 },
            is_repeated: false,
        });
        Self::new(syns, patience)
    }

    pub(super) fn ports(ports: &[u16], patience: Duration) -> Self {
        Self::new(ports.iter().map(|port| syn(Role::Port, *port, Extra::default(), 1)), patience)
    }

    pub(super) fn ecn(ports: &[u16], patience: Duration) -> Self {
        let flags = Flags::ECE | Flags::CWR;
        let offers = [(Offer::Ecn, false), (Offer::AccurateEcn, true)];
        let syns = ports.iter().zip(offers).map(|(port, (offer, accurate))| {
            let extra = Extra { flags, accurate, ..Extra::default() };
            syn(Role::Offer(offer), *port, extra, 2)
        });
        Self::new(syns, patience)
    }

    pub(super) fn fast_open(ports: &[u16], data: &[u8], patience: Duration) -> Self {
        let ask = Extra { options: vec![FAST_OPEN, 2, NOP, NOP], ..Extra::default() };
        // A segment with the cookie must be no longer than the smallest that anybody passes on.
        let data = data.get(..data.len().min(256)).unwrap_or_default();
        let say = Extra { data: data.to_vec(), ..Extra::default() };
        let offers = [(Offer::FastOpenCookie, ask), (Offer::FastOpenData, say)];
        let syns = ports.iter().zip(offers);
        let syns = syns.map(|(port, (offer, extra))| syn(Role::Offer(offer), *port, extra, 2));
        Self::new(syns, patience)
    }

    fn go_on(&mut self, now: Instant, wire: &mut Wire) {
        self.phase = match self.waiting.pop_front() {
            Some(syn) => Phase::Pausing { until: now + syn.pause, syn },
            None => Phase::Done,
        };
        self.wake(now, wire);
    }

    fn record(&mut self, role: Role, probed: Probed, refused: Option<Verdict>) {
        if role == Role::Sample && self.verdict.is_none() {
            let verdict = match probed {
                Probed::Open(_) => Verdict::Open,
                Probed::Reset => Verdict::Closed,
                Probed::Silent => Verdict::Filtered { syn_sent: SYNS },
                Probed::Refused => refused.unwrap_or(Verdict::Filtered { syn_sent: SYNS }),
            };
            if verdict != Verdict::Open {
                self.waiting.clear();
            }
            self.verdict = Some(verdict);
        }
        if role == Role::Offer(Offer::FastOpenCookie) {
            self.use_cookie(&probed);
        }
        self.answers.push((role, probed));
    }

    /// Puts the cookie into the next SYN; without one there is none.
    fn use_cookie(&mut self, probed: &Probed) {
        match (cookie(probed), self.waiting.front_mut()) {
            (Some(cookie), Some(next)) if !next.extra.data.is_empty() => {
                let length = u8::try_from(cookie.len() + 2).unwrap_or(2);
                next.extra.options = [&[FAST_OPEN, length], cookie].concat();
                let whole = next.extra.options.len().next_multiple_of(4);
                next.extra.options.resize(whole, NOP);
            }
            _ => self.waiting.clear(),
        }
    }
}

const fn syn(role: Role, port: u16, extra: Extra, tries: u32) -> Syn {
    Syn { role, port, extra, pause: Duration::ZERO, tries, is_repeated: false }
}

/// The cookie of Fast Open that came with a SYN-ACK.
fn cookie(probed: &Probed) -> Option<&[u8]> {
    let found = items(&probed.open()?.options).find_map(|item| match item {
        Item::FastOpen { cookie, experimental: false } => Some(cookie),
        _ => None,
    });
    found.filter(|cookie| (4..=16).contains(&cookie.len()))
}

impl Probe for Asking {
    fn start(&mut self, now: Instant, wire: &mut Wire) {
        self.go_on(now, wire);
    }

    fn hear(&mut self, got: &Got<'_>, wire: &mut Wire) -> bool {
        let Phase::Waiting { syn, opener, .. } = &mut self.phase else { return false };
        let Some(answer) = opener.judge(got, syn.extra.data.len()) else {
            let is_stale = opener.port == got.segment.destination_port
                && got.has(Flags::ACK)
                && !got.has(Flags::RST);
            if is_stale && !syn.is_repeated {
                // An RST of ours was lost: for the server this port has an older SYN still, and the new one was
                // dropped (RFC 9293 §3.5.1, figure 9).
                syn.is_repeated = true;
                Line::refuse(got, wire);
                opener.send_instead(got.at, &syn.extra, wire);
                return true;
            }
            return false;
        };
        let role = syn.role;
        let probed = match answer {
            Answer::Open(syn_ack) => {
                Line::refuse(got, wire);
                Probed::Open(syn_ack)
            }
            Answer::Reset => Probed::Reset,
        };
        self.record(role, probed, None);
        self.go_on(got.at, wire);
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Pausing { until, .. } | Phase::Waiting { until, .. } => Some(*until),
            Phase::Done => None,
        }
    }

    fn wake(&mut self, now: Instant, wire: &mut Wire) {
        if self.next_timeout().is_none_or(|until| now < until) {
            return;
        }
        let until = now + self.patience;
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Pausing { syn, .. } => {
                let mut opener = Opener::new(syn.port, wire);
                opener.send(now, &syn.extra, wire);
                self.phase = Phase::Waiting { until, syn, opener };
            }
            Phase::Waiting { syn, mut opener, .. } if opener.sent < syn.tries => {
                opener.send(now, &syn.extra, wire);
                self.phase = Phase::Waiting { until, syn, opener };
            }
            Phase::Waiting { syn, .. } => {
                self.record(syn.role, Probed::Silent, None);
                self.go_on(now, wire);
            }
            Phase::Done => {}
        }
    }

    fn stamped(&mut self, id: u32, at: Instant) {
        if let Phase::Waiting { opener, .. } = &mut self.phase {
            opener.stamped(id, at);
        }
    }

    fn refused(&mut self, port: u16, refused: Refused) {
        let Phase::Waiting { syn, until, .. } = &self.phase else { return };
        let Some(verdict) = refused.verdict().filter(|_| syn.port == port) else { return };
        let (role, until) = (syn.role, *until);
        self.record(role, Probed::Refused, Some(verdict));
        // The next begins when this one's time would have been over: routers answer seldom (RFC 1812 §4.3.2.8).
        self.phase = match self.waiting.pop_front() {
            Some(syn) => Phase::Pausing { until, syn },
            None => Phase::Done,
        };
    }

    fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    fn end(self: Box<Self>, _wire: &mut Wire, measured: &mut Measured) {
        measured.verdict = self.verdict.or(measured.verdict.take());
        for (role, probed) in self.answers {
            match role {
                Role::Sample => measured.samples.push(probed),
                Role::Port => measured.ports.push(probed),
                Role::Offer(offer) => measured.offered.push(Offered { offer, probed }),
            }
        }
    }
}
