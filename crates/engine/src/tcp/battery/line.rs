use wireline_packet::tcp::{Flags, Options, Timestamps};

use super::SynAck;
use super::wire::{Got, Parts, WINDOW, Wire};
use crate::Instant;

/// A SYN of ours, sent once or more, and what it waits for.
#[derive(Debug)]
pub(super) struct Opener {
    pub(super) port: u16,
    pub(super) isn: u32,
    pub(super) sent: u32,
    last: Option<(u32, Instant)>,
}

/// What a SYN offers besides the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) flags: Flags,
    pub(super) accurate: bool,
    pub(super) options: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// What a SYN is answered with.
#[derive(Debug)]
pub(super) enum Answer {
    Open(SynAck),
    Reset,
}

impl Opener {
    pub(super) fn new(port: u16, wire: &mut Wire) -> Self {
        Self { port, isn: wire.random(), sent: 0, last: None }
    }

    /// With its SYN sent, and nothing beside it.
    pub(super) fn sent(port: u16, now: Instant, wire: &mut Wire) -> Self {
        let mut opener = Self::new(port, wire);
        opener.send(now, &Extra::default(), wire);
        opener
    }

    pub(super) fn send(&mut self, now: Instant, extra: &Extra, wire: &mut Wire) {
        let mut options = wire.usual_options(now);
        options.extend_from_slice(&extra.options);
        let parts = Parts {
            sequence: self.isn,
            acknowledgment: 0,
            flags: Flags::SYN | extra.flags,
            accurate: extra.accurate,
            options: &options,
            payload: &extra.data,
        };
        let id = wire.send(self.port, &parts);
        self.last = Some((id, now));
        self.sent += 1;
    }

    /// Sends it as if the last had not been: that one cannot be what is answered.
    pub(super) fn send_instead(&mut self, now: Instant, extra: &Extra, wire: &mut Wire) {
        self.sent = self.sent.saturating_sub(1);
        self.send(now, extra, wire);
    }

    pub(super) fn stamped(&mut self, id: u32, at: Instant) {
        if let Some((last, sent)) = &mut self.last
            && *last == id
        {
            *sent = at;
        }
    }

    /// What a segment says to the SYN (RFC 9293 §3.10.7.3); `None` for what is no acceptable answer.
    pub(super) fn judge(&self, got: &Got<'_>, offered: usize) -> Option<Answer> {
        let segment = &got.segment;
        let took = segment.acknowledgment.wrapping_sub(self.isn.wrapping_add(1));
        let is_acceptable = usize::try_from(took).is_ok_and(|took| took <= offered);
        if segment.destination_port != self.port || !got.has(Flags::ACK) || !is_acceptable {
            return None;
        }
        if got.has(Flags::RST) {
            return Some(Answer::Reset);
        }
        got.has(Flags::SYN).then(|| {
            Answer::Open(SynAck {
                at: got.at,
                rtt: self.last.filter(|_| self.sent == 1).map(|(_, sent)| got.at.since(sent)),
                our_isn: self.isn,
                isn: segment.sequence,
                took,
                flags: segment.flags,
                accurate: got.accurate,
                window: segment.window,
                hop_limit: got.hop_limit,
                options: segment.options.to_vec(),
            })
        })
    }
}

/// A connection of ours that is open: enough of a TCP to take part in it.
#[derive(Debug)]
pub(super) struct Line {
    port: u16,
    /// The next number that we send.
    pub(super) next: u32,
    /// What they have not acknowledged begins here.
    unacknowledged: u32,
    /// The next number that we await.
    awaited: u32,
    /// Their clock, where time stamps were agreed on.
    echo: Option<u32>,
}

/// What a segment was about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Took {
    /// New octets, in order.
    pub(super) octets: usize,
    /// Their FIN, in order, and new.
    pub(super) fin: bool,
    /// Their RST, which fits.
    pub(super) reset: bool,
    /// The SYN-ACK once more.
    pub(super) syn_ack: bool,
    /// It wants an answer.
    pub(super) wants_ack: bool,
    /// An ACK, and nothing else.
    pub(super) is_bare: bool,
}

impl Line {
    /// After this SYN-ACK.
    pub(super) fn open(port: u16, syn_ack: &SynAck) -> Self {
        let next = syn_ack.our_isn.wrapping_add(1).wrapping_add(syn_ack.took);
        let echo = Options::read(&syn_ack.options).timestamps.map(|stamps| stamps.value);
        Self { port, next, unacknowledged: next, awaited: syn_ack.isn.wrapping_add(1), echo }
    }

    pub(super) const fn is_acknowledged(&self) -> bool {
        self.unacknowledged == self.next
    }

    fn send(
        &self,
        now: Instant,
        sequence: u32,
        flags: Flags,
        payload: &[u8],
        wire: &mut Wire,
    ) -> u32 {
        let timestamps = self.echo.map(|echo| Timestamps { value: Wire::ticks(now), echo });
        let options = Options { timestamps, ..Options::default() }.emit();
        let acknowledgment = self.awaited;
        let parts =
            Parts { sequence, acknowledgment, flags, accurate: false, options: &options, payload };
        wire.send(self.port, &parts)
    }

    pub(super) fn acknowledge(&self, now: Instant, wire: &mut Wire) {
        self.send(now, self.next, Flags::ACK, &[], wire);
    }

    /// Data from the next number on; again from where it was.
    pub(super) fn say(&mut self, now: Instant, data: &[u8], wire: &mut Wire) -> u32 {
        self.next = self.next.wrapping_add(u32::try_from(data.len()).unwrap_or(0));
        self.say_again(now, data, wire)
    }

    pub(super) fn say_again(&self, now: Instant, data: &[u8], wire: &mut Wire) -> u32 {
        let start = self.next.wrapping_sub(u32::try_from(data.len()).unwrap_or(0));
        self.send(now, start, Flags::ACK | Flags::PSH, data, wire)
    }

    pub(super) fn finish(&mut self, now: Instant, wire: &mut Wire) {
        self.next = self.next.wrapping_add(1);
        self.finish_again(now, wire);
    }

    pub(super) fn finish_again(&self, now: Instant, wire: &mut Wire) {
        self.send(now, self.next.wrapping_sub(1), Flags::ACK | Flags::FIN, &[], wire);
    }

    /// Asks whether anybody is there (RFC 9293 §3.8.4).
    pub(super) fn keep_alive(&self, now: Instant, wire: &mut Wire) {
        self.send(now, self.next.wrapping_sub(1), Flags::ACK, &[], wire);
    }

    /// An RST or a SYN that is in the window and not where it should be (RFC 5961 §3, §4).
    pub(super) fn intrude(&self, now: Instant, flags: Flags, wire: &mut Wire) {
        self.send(now, self.next.wrapping_add(1), flags, &[], wire);
    }

    /// Ends it at once, exactly.
    pub(super) fn reset(&self, now: Instant, wire: &mut Wire) {
        self.send(now, self.next, Flags::RST | Flags::ACK, &[], wire);
    }

    pub(super) fn take(&mut self, got: &Got<'_>) -> Took {
        let segment = &got.segment;
        let mut took = Took { syn_ack: got.has(Flags::SYN), ..Took::default() };
        if got.has(Flags::RST) {
            // As far ahead as our window reaches (RFC 9293 §3.10.7.4).
            let ahead = segment.sequence.wrapping_sub(self.awaited);
            took.reset = ahead <= u32::from(WINDOW);
            return took;
        }
        if got.has(Flags::ACK) {
            self.hear_acknowledgment(segment.acknowledgment);
        }
        let length = u32::try_from(segment.payload.len()).unwrap_or(0);
        took.wants_ack = length > 0 || got.has(Flags::SYN) || got.has(Flags::FIN);
        took.is_bare = !took.wants_ack && got.has(Flags::ACK);
        let known = self.awaited.wrapping_sub(segment.sequence);
        if took.syn_ack || known > length {
            return took;
        }
        if let Some(stamps) = Options::read(segment.options).timestamps {
            self.echo = self.echo.map(|_| stamps.value);
        }
        let new = length - known;
        took.octets = usize::try_from(new).unwrap_or(0);
        took.fin = got.has(Flags::FIN);
        self.awaited = self.awaited.wrapping_add(new).wrapping_add(u32::from(took.fin));
        took
    }

    fn hear_acknowledgment(&mut self, acknowledgment: u32) {
        let outstanding = self.next.wrapping_sub(self.unacknowledged);
        if acknowledgment.wrapping_sub(self.unacknowledged) <= outstanding {
            self.unacknowledged = acknowledgment;
        }
    }

    /// Answers what belongs to no connection (RFC 9293 §3.10.7.1).
    pub(super) fn refuse(got: &Got<'_>, wire: &mut Wire) {
        let segment = &got.segment;
        if got.has(Flags::RST) {
            return;
        }
        let length = u32::try_from(segment.payload.len()).unwrap_or(0);
        let spoken = u32::from(got.has(Flags::SYN)) + u32::from(got.has(Flags::FIN));
        let end = segment.sequence.wrapping_add(length).wrapping_add(spoken);
        let (sequence, acknowledgment, flags) = if got.has(Flags::ACK) {
            (segment.acknowledgment, 0, Flags::RST)
        } else {
            (0, end, Flags::RST | Flags::ACK)
        };
        let parts =
            Parts { sequence, acknowledgment, flags, accurate: false, options: &[], payload: &[] };
        wire.send(segment.destination_port, &parts);
    }
}
