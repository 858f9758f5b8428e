//! A network that exists only as a list of arrivals, in virtual time.
//!
//! A test that simulates an hour takes no time, and gives the same answer on every machine.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Datagrams, Instant, Reply, Stage, Stamp};

/// Turns a request into the reply that a healthy target would give.
type Responder = fn(&[u8]) -> Vec<u8>;

/// A path with a fixed round trip, and faults for chosen requests (numbered from 1).
#[derive(Debug)]
pub struct Network {
    rtt: Duration,
    oversleep: Duration,
    lost: BTreeSet<usize>,
    repeated: BTreeSet<usize>,
    stamp_after: Option<Duration>,
    responder: Responder,
}

/// What one run did.
#[derive(Debug)]
pub struct Run<E> {
    /// Every event, in order.
    pub events: Vec<E>,
    /// When each request left, from the origin.
    pub sent_at: Vec<Duration>,
    /// When the engine finished, from the origin.
    pub ended_at: Duration,
}

impl Network {
    /// A path on which every request is answered after `rtt`.
    #[must_use]
    pub fn new(rtt: Duration) -> Self {
        Self {
            rtt,
            oversleep: Duration::ZERO,
            lost: BTreeSet::new(),
            repeated: BTreeSet::new(),
            stamp_after: None,
            responder: icmp_echo,
        }
    }

    /// Loses the reply to request `n`.
    #[must_use]
    pub fn lose(mut self, n: usize) -> Self {
        self.lost.insert(n);
        self
    }

    /// Delivers the reply to request `n` twice.
    #[must_use]
    pub fn repeat(mut self, n: usize) -> Self {
        self.repeated.insert(n);
        self
    }

    /// Wakes the engine this long after each deadline, as a busy machine does.
    #[must_use]
    pub fn oversleep(mut self, by: Duration) -> Self {
        self.oversleep = by;
        self
    }

    /// Stamps each request this long after it was sent; `None` leaves it unstamped.
    #[must_use]
    pub const fn stamp_after(mut self, delay: Duration) -> Self {
        self.stamp_after = Some(delay);
        self
    }

    /// Runs an engine to its end.
    ///
    /// # Panics
    ///
    /// If the engine is unfinished and waits for nothing, which is a bug in it.
    pub fn run<E: Datagrams>(&self, mut engine: E) -> Run<E::Event> {
        let mut now = Instant::ZERO;
        let mut path: Vec<InFlight> = Vec::new();
        let mut run = Run { events: Vec::new(), sent_at: Vec::new(), ended_at: Duration::ZERO };
        loop {
            self.transmit(&mut engine, now, &mut path, &mut run.sent_at);
            run.events.extend(std::iter::from_fn(|| engine.poll_event()));
            if engine.is_finished() {
                run.ended_at = now - Instant::ZERO;
                return run;
            }
            let arrival = path.iter().map(|sent| sent.arrives).min();
            let wake = engine.next_timeout().map(|at| at + self.oversleep);
            now = arrival
                .into_iter()
                .chain(wake)
                .min()
                .expect("an engine that waits for nothing")
                .max(now);
            for sent in path.extract_if(.., |sent| sent.arrives <= now) {
                let reply = Reply {
                    source: sent.destination,
                    hop_limit: Some(64),
                    at: self.stamp_after.map(|_| sent.arrives),
                    options: &[],
                    flow: 0,
                    contents: &sent.reply,
                };
                engine.handle_reply(now, reply);
            }
            engine.handle_timeout(now);
        }
    }

    fn transmit<E: Datagrams>(
        &self,
        engine: &mut E,
        now: Instant,
        path: &mut Vec<InFlight>,
        sent_at: &mut Vec<Duration>,
    ) {
        let mut contents = Vec::new();
        while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
            sent_at.push(now - Instant::ZERO);
            let n = sent_at.len();
            if let Some(delay) = self.stamp_after {
                engine.handle_stamp(Stamp { id: transmit.id, stage: Stage::Sent, at: now + delay });
            }
            let copies =
                usize::from(!self.lost.contains(&n)) + usize::from(self.repeated.contains(&n));
            let sent = InFlight {
                arrives: now + self.rtt,
                destination: transmit.destination,
                reply: (self.responder)(&contents),
            };
            path.extend(vec![sent; copies]);
        }
    }
}

/// One reply on its way.
#[derive(Clone, Debug)]
struct InFlight {
    arrives: Instant,
    destination: SocketAddr,
    reply: Vec<u8>,
}

/// Type 8 becomes type 0; the checksum moves by the same amount (RFC 1624).
fn icmp_echo(request: &[u8]) -> Vec<u8> {
    let mut reply = request.to_vec();
    reply[0] = 0;
    let sum = u32::from(u16::from_be_bytes([reply[2], reply[3]])) + 0x0800;
    let folded = (sum & 0xffff) + (sum >> 16);
    reply[2..4].copy_from_slice(&folded.to_be_bytes()[2..]);
    reply
}
