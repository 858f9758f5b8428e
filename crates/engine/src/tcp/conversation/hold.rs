use wireline_packet::tcp::Flags;

use super::Conversation;
use super::facts::Facts;
use crate::tcp::{End, Line, State};

/// SYNs that wait for an answer, at the most.
const HELD: usize = 16;

impl Conversation {
    /// Waits no longer for what would tell more of the lines that are held back.
    pub fn settle(&mut self) {
        self.is_held = false;
    }

    /// The next line, until `None`.
    pub fn poll_line(&mut self) -> Option<Line> {
        if self.is_held { None } else { self.lines.pop_front() }
    }

    pub(super) fn push(&mut self, line: Line) {
        self.lines.push_back(line);
        self.is_held &= self.lines.len() < HELD;
    }

    /// Learns by its first word what the server was before: one that listened, or one that did not.
    pub(super) fn hear_server(&mut self, facts: &Facts<'_>) {
        let [client, server] = &self.sides;
        let is_first = server.isn.is_none() && self.states[1] == State::Unknown;
        if facts.from == End::Client || !is_first || self.states[0] != State::SynSent {
            return;
        }
        let answers = client.isn.is_some_and(|isn| {
            let behind = facts.segment.acknowledgment.wrapping_sub(isn);
            (1..=client.syn_data.saturating_add(1)).contains(&behind)
        });
        self.states[1] = match () {
            () if facts.is_syn_ack() && answers => {
                self.tell_held(facts.options.timestamps.map(|stamps| stamps.echo));
                State::SynRcvd
            }
            () if facts.is_first_syn() => self.tell_closed(),
            () if facts.has(Flags::RST) && answers => self.tell_closed(),
            () => State::Unknown,
        };
        self.is_held = false;
    }

    /// Somebody listened: the SYN that was answered, or else the last, made it `SYN_RCVD`.
    fn tell_held(&mut self, echo: Option<u32>) {
        if !self.is_held {
            return;
        }
        let syns = &self.sides[0].syns;
        let answered = syns.iter().position(|(_, stamp)| echo.is_some() && *stamp == echo);
        let answered = answered.unwrap_or(syns.len().saturating_sub(1));
        let listens = |is_past: bool| if is_past { State::SynRcvd } else { State::Listen };
        for (n, step) in self.lines.iter_mut().filter_map(segment).enumerate() {
            step.before[1] = listens(n > answered);
            step.after[1] = listens(n >= answered);
        }
    }

    /// Nobody listened.
    fn tell_closed(&mut self) -> State {
        if self.is_held {
            for step in self.lines.iter_mut().filter_map(segment) {
                (step.before[1], step.after[1]) = (State::Closed, State::Closed);
            }
        }
        State::Closed
    }
}

fn segment(line: &mut Line) -> Option<&mut crate::tcp::Step> {
    match line {
        Line::Segment(step) => Some(step),
        _ => None,
    }
}
