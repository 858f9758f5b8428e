use std::time::Duration;

use super::line::{Answer, Extra, Line, Opener, Took};
use super::wire::{Got, Wire};
use super::{Closed, Measured, Probe, Said, SynAck, Talk};
use crate::Instant;
use crate::tcp::End;

/// One connection: opened, listened to, spoken to, half closed and closed.
#[derive(Debug)]
pub(super) struct Talking {
    port: Option<u16>,
    send: Vec<u8>,
    patience: Duration,
    phase: Phase,
    until: Instant,
    again: Option<Instant>,
    resends: u32,
    talked: Option<Talked>,
}

/// What is known of an open connection.
#[derive(Debug)]
struct Talked {
    line: Line,
    syn_ack: SynAck,
    said: Said,
    /// Number and time of our data.
    data: Option<(u32, Instant)>,
    later_hop_limit: Option<u8>,
    has_window_update: bool,
    syn_acks_again: u32,
    /// Whose FIN was first.
    first: Option<End>,
    /// Theirs came.
    has_their_fin: bool,
    reset: Option<Closed>,
}

#[derive(Debug)]
enum Phase {
    Opening(Opener),
    /// The server may speak first.
    Listening,
    Saying,
    Finishing,
    Done,
}

/// How long a server may take to speak first, and to answer.
const MANNERS: Duration = Duration::from_millis(300);

/// SYNs, data or FINs at the most.
const TRIES: u32 = 3;

impl Talking {
    pub(super) fn new(ports: &[u16], send: Vec<u8>, patience: Duration) -> Self {
        let (phase, until) = (Phase::Done, Instant::ZERO);
        let (again, resends, talked) = (None, 0, None);
        Self { port: ports.first().copied(), send, patience, phase, until, again, resends, talked }
    }

    fn opened(&mut self, syn_ack: SynAck, now: Instant, port: u16, wire: &mut Wire) {
        let line = Line::open(port, &syn_ack);
        line.acknowledge(now, wire);
        (self.phase, self.until) = (Phase::Listening, now + MANNERS);
        self.talked = Some(Talked {
            line,
            syn_ack,
            said: Said::default(),
            data: None,
            later_hop_limit: None,
            has_window_update: false,
            syn_acks_again: 0,
            first: None,
            has_their_fin: false,
            reset: None,
        });
    }

    fn say(&mut self, now: Instant, wire: &mut Wire) {
        let Some(talked) = &mut self.talked else { return };
        if self.send.is_empty() {
            self.finish(now, wire);
            return;
        }
        talked.said.is_acknowledged = Some(false);
        talked.data = Some((talked.line.say(now, &self.send, wire), now));
        (self.phase, self.until) = (Phase::Saying, now + 2 * self.patience);
        (self.again, self.resends) = (Some(now + self.patience), 0);
    }

    fn finish(&mut self, now: Instant, wire: &mut Wire) {
        let Some(talked) = &mut self.talked else { return };
        talked.line.finish(now, wire);
        talked.first = talked.first.or(Some(End::Client));
        (self.phase, self.until) = (Phase::Finishing, now + 2 * self.patience);
        (self.again, self.resends) = (Some(now + self.patience), 0);
    }

    fn send_again(&mut self, now: Instant, wire: &mut Wire) {
        let Some(talked) = &self.talked else { return };
        self.again = None;
        if talked.line.is_acknowledged() || self.resends + 1 >= TRIES {
            return;
        }
        self.resends += 1;
        self.again = Some(now + self.patience);
        match self.phase {
            Phase::Saying => drop(talked.line.say_again(now, &self.send, wire)),
            Phase::Finishing => talked.line.finish_again(now, wire),
            _ => {}
        }
    }

    fn hear_open(&mut self, got: &Got<'_>, wire: &mut Wire) {
        let Some(talked) = &mut self.talked else { return };
        let took = talked.line.take(got);
        talked.note(got, took, &self.phase, self.resends);
        if took.reset {
            self.phase = Phase::Done;
            return;
        }
        if took.wants_ack {
            talked.line.acknowledge(got.at, wire);
        }
        self.advance(took, got.at, wire);
    }

    /// What a segment that fits leads to.
    fn advance(&mut self, took: Took, now: Instant, wire: &mut Wire) {
        let Some(talked) = &self.talked else { return };
        let (is_acknowledged, has_fin) = (talked.line.is_acknowledged(), talked.has_their_fin);
        match self.phase {
            Phase::Listening | Phase::Saying if has_fin => self.finish(now, wire),
            Phase::Listening if took.octets > 0 => self.say(now, wire),
            // An answer in many segments goes on for as long as it comes, within limits.
            Phase::Saying if is_acknowledged && took.octets > 0 => {
                self.until = self.until.min(now + MANNERS);
            }
            Phase::Finishing if is_acknowledged && has_fin => self.phase = Phase::Done,
            _ => {}
        }
    }
}

impl Talked {
    fn note(&mut self, got: &Got<'_>, took: Took, phase: &Phase, resends: u32) {
        if took.syn_ack {
            self.syn_acks_again += 1;
            return;
        }
        let is_first = self.later_hop_limit.is_none();
        if is_first || got.hop_limit != self.syn_ack.hop_limit {
            self.later_hop_limit = got.hop_limit.or(self.later_hop_limit);
        }
        let is_listening = matches!(phase, Phase::Listening);
        let is_finishing = matches!(phase, Phase::Finishing);
        self.has_window_update |= is_listening && took.is_bare;
        self.hear_octets(got, took, is_listening, is_finishing);
        if let (Some((_, sent)), true) = (self.data, self.line.is_acknowledged()) {
            if self.said.is_acknowledged == Some(false) && resends == 0 {
                self.said.rtt = Some(got.at.since(sent));
            }
            self.said.is_acknowledged = Some(true);
        }
        if took.fin {
            self.first = self.first.or(Some(End::Server));
            self.has_their_fin = true;
        }
        if took.reset {
            let at_once = is_listening && is_first;
            self.reset = Some(Closed::Reset { after_fin: is_finishing, at_once });
        }
    }

    fn hear_octets(&mut self, got: &Got<'_>, took: Took, is_listening: bool, is_finishing: bool) {
        if took.octets == 0 {
            return;
        }
        let said = &mut self.said;
        if said.first_byte.is_none() && !is_finishing {
            let since = self.data.filter(|_| !is_listening).map_or(self.syn_ack.at, |data| data.1);
            said.first_byte = Some(got.at.since(since));
            said.has_greeted = is_listening;
        }
        let octets = u64::try_from(took.octets).unwrap_or(0);
        if is_finishing && self.line.is_acknowledged() {
            said.octets_after_fin += octets;
        } else {
            said.octets += octets;
        }
        said.largest_segment = said.largest_segment.max(got.segment.payload.len());
    }

    /// `is_over` is whether all was awaited that could come.
    fn closed(&self, is_over: bool) -> Option<Closed> {
        match (self.reset, self.first) {
            (Some(reset), _) => Some(reset),
            (None, Some(first)) if self.has_their_fin => Some(Closed::Fin(first)),
            (None, Some(_)) if is_over && self.line.is_acknowledged() => Some(Closed::HalfOnly),
            (None, Some(_)) if is_over => Some(Closed::Ignored),
            _ => None,
        }
    }
}

impl Probe for Talking {
    fn start(&mut self, now: Instant, wire: &mut Wire) {
        let Some(port) = self.port else { return };
        let opener = Opener::sent(port, now, wire);
        (self.phase, self.until) = (Phase::Opening(opener), now + self.patience);
    }

    fn hear(&mut self, got: &Got<'_>, wire: &mut Wire) -> bool {
        let Some(port) = self.port.filter(|port| *port == got.segment.destination_port) else {
            return false;
        };
        match &self.phase {
            Phase::Opening(opener) => match opener.judge(got, 0) {
                Some(Answer::Open(syn_ack)) => self.opened(syn_ack, got.at, port, wire),
                Some(Answer::Reset) => self.phase = Phase::Done,
                None => return false,
            },
            Phase::Done => return false,
            _ => self.hear_open(got, wire),
        }
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        (!self.is_done()).then(|| self.again.map_or(self.until, |again| again.min(self.until)))
    }

    fn wake(&mut self, now: Instant, wire: &mut Wire) {
        if self.again.is_some_and(|again| now >= again) {
            self.send_again(now, wire);
        }
        if now < self.until {
            return;
        }
        match &mut self.phase {
            Phase::Opening(opener) if opener.sent < TRIES => {
                opener.send(now, &Extra::default(), wire);
                self.until = now + self.patience;
            }
            Phase::Listening => self.say(now, wire),
            Phase::Saying if self.talked.as_ref().is_some_and(|it| it.line.is_acknowledged()) => {
                self.finish(now, wire);
            }
            Phase::Opening(_) | Phase::Saying | Phase::Finishing | Phase::Done => {
                self.phase = Phase::Done;
            }
        }
    }

    fn stamped(&mut self, id: u32, at: Instant) {
        if let Phase::Opening(opener) = &mut self.phase {
            opener.stamped(id, at);
        }
        if let Some(Talked { data: Some((data, sent)), .. }) = &mut self.talked
            && *data == id
        {
            *sent = at;
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    fn end(self: Box<Self>, wire: &mut Wire, measured: &mut Measured) {
        let Some(talked) = self.talked else { return };
        let closed = talked.closed(matches!(self.phase, Phase::Done));
        if !matches!(closed, Some(Closed::Fin(_) | Closed::Reset { .. })) {
            talked.line.reset(talked.syn_ack.at, wire);
        }
        measured.talk = Some(Talk {
            syn_ack: talked.syn_ack,
            said: talked.said,
            later_hop_limit: talked.later_hop_limit,
            has_window_update: talked.has_window_update,
            syn_acks_again: talked.syn_acks_again,
            closed,
        });
    }
}
