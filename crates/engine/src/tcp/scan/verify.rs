//! Whether a port that answered a first segment is open indeed: the handshake is completed, and the connection
//! watched for a while. A SYN proxy says SYN,ACK for whoever is behind it, who may not be there.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Verified;
use crate::{Answer, Datagrams, Engine, Handshake, Instant, Refusal, Reply, Transmit};

/// The engine. Its channel must tell each accepted connection twice: when it is accepted, and when it has been
/// watched. An event is the place of a target among those that were given, and what came of it.
#[derive(Debug)]
pub struct Verify {
    targets: Vec<SocketAddr>,
    found: Vec<Found>,
    next: usize,
    in_flight: usize,
    at_once: usize,
    /// How long a connection is watched, and then some.
    watch: Duration,
    /// When to look again.
    wakes: VecDeque<Instant>,
    events: VecDeque<(usize, Verified)>,
    is_stopped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Accepted,
    Told,
}

impl Verify {
    /// So many at once, each watched for so long.
    #[must_use]
    pub fn new(targets: Vec<SocketAddr>, at_once: usize, watch: Duration) -> Self {
        let found = vec![Found::Nothing; targets.len()];
        let (wakes, events) = (VecDeque::new(), VecDeque::new());
        let at_once = at_once.max(1);
        Self {
            targets,
            found,
            next: 0,
            in_flight: 0,
            at_once,
            watch,
            wakes,
            events,
            is_stopped: false,
        }
    }

    fn conclude(&mut self, id: u32, verified: Verified) {
        let Ok(place) = usize::try_from(id) else { return };
        let Some(found) = self.found.get_mut(place).filter(|found| **found != Found::Told) else {
            return;
        };
        *found = Found::Told;
        self.in_flight = self.in_flight.saturating_sub(1);
        self.events.push_back((place, verified));
    }
}

impl Engine for Verify {
    type Event = (usize, Verified);

    fn next_timeout(&self) -> Option<Instant> {
        self.wakes.front().copied()
    }

    fn handle_timeout(&mut self, now: Instant) {
        while self.wakes.front().is_some_and(|wake| *wake <= now) {
            self.wakes.pop_front();
        }
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, _now: Instant) {
        self.is_stopped = true;
    }

    fn is_finished(&self) -> bool {
        let is_done = self.next >= self.targets.len() && self.in_flight == 0;
        (self.is_stopped || is_done) && self.events.is_empty()
    }
}

impl Datagrams for Verify {
    fn poll_transmit(&mut self, _now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if self.is_stopped || self.in_flight >= self.at_once {
            return None;
        }
        let target = *self.targets.get(self.next)?;
        let id = u32::try_from(self.next).ok()?;
        self.next += 1;
        self.in_flight += 1;
        contents.clear();
        Some(Transmit::new(target, id))
    }

    fn handle_reply(&mut self, _now: Instant, _reply: Reply<'_>) {}

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        let place = usize::try_from(handshake.id).ok();
        let Some(found) = place.and_then(|place| self.found.get_mut(place)) else { return };
        match (*found, handshake.answer) {
            (Found::Nothing, Answer::Accepted) => {
                *found = Found::Accepted;
                self.wakes.push_back(now + self.watch);
            }
            (Found::Nothing, _) => self.conclude(handshake.id, Verified::Unanswered),
            (_, Answer::Accepted) => self.conclude(handshake.id, Verified::Completed),
            (_, Answer::Refused) => self.conclude(handshake.id, Verified::Reset),
            (_, Answer::Silence) => self.conclude(handshake.id, Verified::Proxied),
        }
    }

    fn handle_refusal(&mut self, _now: Instant, refusal: Refusal<'_>) {
        self.conclude(refusal.flow, Verified::Unanswered);
    }

    fn handle_unsent(&mut self, _now: Instant, transmit: &Transmit, _why: &io::Error) {
        self.conclude(transmit.id, Verified::Unanswered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(id: u32, answer: Answer) -> Handshake {
        Handshake { id, at: Instant::ZERO, answer, rtt: None, retransmits: 0 }
    }

    #[test]
    fn what_came_after_the_handshake_decides() {
        let targets = vec![SocketAddr::from(([127, 0, 0, 1], 1)); 4];
        let mut verify = Verify::new(targets, 2, Duration::from_millis(300));
        let mut contents = Vec::new();
        let mut send = |verify: &mut Verify| {
            std::iter::from_fn(|| verify.poll_transmit(Instant::ZERO, &mut contents)).count()
        };
        assert_eq!(send(&mut verify), 2, "no more at once");
        for (id, said) in [(0, Answer::Accepted), (1, Answer::Refused)] {
            verify.handle_handshake(Instant::ZERO, handshake(id, said));
        }
        verify.handle_handshake(Instant::ZERO, handshake(0, Answer::Silence));
        assert_eq!(verify.next_timeout(), Some(Instant::from_millis(300)));
        assert_eq!(send(&mut verify), 2);
        for said in [Answer::Accepted, Answer::Accepted] {
            verify.handle_handshake(Instant::ZERO, handshake(2, said));
        }
        for said in [Answer::Accepted, Answer::Refused, Answer::Refused] {
            verify.handle_handshake(Instant::ZERO, handshake(3, said));
        }
        let told: Vec<_> = std::iter::from_fn(|| verify.poll_event()).collect();
        let want = [
            (1, Verified::Unanswered),
            (0, Verified::Proxied),
            (2, Verified::Completed),
            (3, Verified::Reset),
        ];
        assert_eq!(told, want);
        assert!(verify.is_finished());
        verify.handle_handshake(Instant::ZERO, handshake(99, Answer::Accepted));
    }
}
