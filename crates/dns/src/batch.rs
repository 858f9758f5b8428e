//! Many questions at once: thousands under way, each with its own attempts, over few sockets.
//!
//! Nothing of it is tuned by hand: how many queries a server gets at once is found by [`window`], when one
//! is lost follows from the round trips. No question is forgotten: each ends in one [`Event`].

mod attempts;
mod event;
mod lanes;
mod order;
mod pace;
mod question;
mod replies;
mod slots;
#[cfg(test)]
mod tests;
mod wheel;
mod window;

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use wireline_engine::{Datagrams, Engine, Instant, Refusal, Reply, Transmit, errno_text};

pub use event::{Answer, Event, Failed, Summary, Why};
pub use question::{Asked, Manner, Next, Over, Question, Source, WireName};

use attempts::PAUSE;
use event::Tally;
use lanes::{Lane, Server};
use order::Line;
use pace::Pace;
use slots::{Slot, Slots, Stage};
use wheel::Wheel;

/// What a batch is told beside its questions.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// So many questions are under way at the most (`--jobs`).
    pub jobs: Option<usize>,
    /// So many queries leave in a second at the most (`--rate`).
    pub rate: Option<u32>,
    /// In which order answers are told.
    pub order: Order,
    /// For IDs and the case of letters.
    pub seed: u64,
}

/// In which order answers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they come.
    Completion,
    /// As their questions came.
    Input,
}

/// Sockets that a server has for datagrams; behind them in the order of flows is its stream.
const SOCKETS: u32 = 2;

/// Flows of one server.
const FLOWS: u32 = SOCKETS + 1;

/// Queries that leave by one socket before the next has its turn: as many as leave in one call.
const BURST: u32 = 64;

/// What [`Transmit::flow`] means.
#[must_use]
pub const fn carrier(flow: u32) -> Over {
    if flow % FLOWS == SOCKETS { Over::Stream } else { Over::Datagrams }
}

/// The flow of a server's stream.
#[must_use]
pub const fn stream(server: u8) -> u32 {
    server as u32 * FLOWS + SOCKETS
}

/// Questions from a [`Source`], and their answers.
#[derive(Debug)]
pub struct Batch<S> {
    config: Config,
    source: S,
    supply: Supply,
    /// A question that nobody has room for yet.
    staged: Option<(Question, u64)>,
    slots: Slots,
    wheel: Wheel,
    /// To be asked again: a slot, and when it was last sent, so that its successor is not taken for it.
    again: VecDeque<(u32, Instant)>,
    servers: Vec<Server>,
    pace: Pace,
    line: Line,
    tally: Tally,
    drawn: u64,
    began: Option<Instant>,
    ended: Instant,
    /// Why there was nothing to send, where that passes by itself.
    held_up: HeldUp,
    /// So many that left in a row had been asked before.
    repeats: u8,
    /// Whether a server is left alone for a moment.
    holds: bool,
    summed_up: bool,
}

/// What passes without anything being heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeldUp {
    No,
    /// By the rate.
    ByPace,
    /// By what is to be told first.
    ByEvents,
}

/// What is left of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Supply {
    Flowing,
    /// There was nothing at the last look.
    Dry,
    Ended,
}

impl<S: Source> Batch<S> {
    /// Nothing is asked before [`Datagrams::poll_transmit`].
    #[must_use]
    pub fn new(config: Config, source: S, now: Instant) -> Self {
        Self {
            config,
            source,
            supply: Supply::Flowing,
            staged: None,
            slots: Slots::new(),
            wheel: Wheel::new(now),
            again: VecDeque::new(),
            servers: Vec::new(),
            pace: Pace::new(config.rate, now),
            line: Line::new(config.order),
            tally: Tally::default(),
            drawn: 0,
            began: None,
            ended: now,
            held_up: HeldUp::No,
            repeats: 0,
            holds: false,
            summed_up: false,
        }
    }

    /// Where questions come from.
    pub fn source(&mut self) -> &mut S {
        &mut self.source
    }

    fn lane(&mut self, server: u8, over: Over) -> Option<&mut Lane> {
        Some(&mut self.servers.get_mut(usize::from(server))?.lanes[over as usize])
    }

    fn jobs(&self) -> usize {
        /// With what a slot takes that is five MiB.
        const MOST: usize = 10_000;
        self.config.jobs.unwrap_or(MOST).clamp(1, 1 << 15)
    }

    /// Something of the source that nobody has taken up, with its turn.
    fn next_question(&mut self) -> Option<(Question, u64)> {
        if let Some(staged) = self.staged.take() {
            return Some(staged);
        }
        while self.supply == Supply::Flowing && self.line.has_room() {
            match self.source.next() {
                Next::Question(question) => {
                    self.tally.summary.questions += 1;
                    return Some((question, self.line.join()));
                }
                Next::Aside(tag) => {
                    let turn = self.line.join();
                    self.line.settle(turn, Event::Aside(tag));
                }
                Next::Pending => self.supply = Supply::Dry,
                Next::End => self.supply = Supply::Ended,
            }
        }
        if self.line.is_backed_up() && self.supply == Supply::Flowing {
            self.held_up = HeldUp::ByEvents;
        }
        None
    }

    /// One that was asked before, if there is one that somebody has room for.
    fn take_again(&mut self, now: Instant) -> Option<(u32, u8)> {
        /// Looks at so many, of which each may wait for another server.
        const LOOKS: usize = 16;
        for _ in 0..self.again.len().min(LOOKS) {
            let (number, sent) = self.again.pop_front()?;
            let slot = self.slots.get(number);
            let slot = slot.filter(|slot| slot.stage == Stage::Queued && slot.last_sent == sent);
            let Some(slot) = slot else { continue };
            let (manner, over) = (Rc::clone(&slot.question.manner), slot.over);
            // Who has cut his answer short has all of it.
            let (server, is_known) = (slot.server, slot.attempts == 0 && slot.was_truncated);
            let chosen = if is_known {
                let room = self.lane(server, over).map_or(0, |lane| lane.window.room());
                (room > 0).then_some(server)
            } else {
                self.choose(&manner, over, Some(server))
            };
            match chosen {
                Some(server) => return Some((number, server)),
                None if self.is_hopeless(&manner, over, now) => self.give_up(number, now, None),
                None => self.again.push_back((number, sent)),
            }
        }
        None
    }

    /// A new one, if there is one that somebody has room for.
    fn take_new(&mut self, now: Instant) -> Option<(u32, u8)> {
        while self.slots.len() < self.jobs() {
            let (question, turn) = self.next_question()?;
            let (manner, over) = (Rc::clone(&question.manner), question.manner.over);
            self.meet(&manner, now);
            match self.choose(&manner, over, None) {
                Some(server) => return Some((self.slot(question, turn, now), server)),
                None if self.is_hopeless(&manner, over, now) => {
                    let Question { tag, name, kind, class, .. } = question;
                    let failed = Failed::of(tag, &name, kind, class, Why::TimedOut);
                    self.fail(turn, failed);
                }
                None => {
                    self.staged = Some((question, turn));
                    return None;
                }
            }
        }
        None
    }

    fn slot(&mut self, question: Question, turn: u64, now: Instant) -> u32 {
        let (mut id, mut case) = self.draw();
        while self.slots.of_id(id).is_some() {
            (id, case) = self.draw();
        }
        #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
        let socket = (self.tally.summary.sent as u32 / BURST) % SOCKETS;
        let end = now + question.manner.patience();
        self.slots.add(Slot {
            over: question.manner.over,
            question,
            turn,
            id,
            socket,
            case,
            was_truncated: false,
            asked: 0,
            server: 0,
            attempts: 0,
            first_sent: now,
            last_sent: now,
            stage: Stage::Queued,
            due: end,
            again: now,
            end,
            why: Why::TimedOut,
        })
    }

    /// An ID and what mixes the case: a keyed hash, so that those that were seen tell nothing of those to
    /// come (RFC 5452 §9.2).
    fn draw(&mut self) -> (u16, u64) {
        self.drawn += 1;
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.config.seed);
        hasher.write_u64(self.drawn);
        let bits = hasher.finish();
        let id = (bits >> 48) as u16;
        (id, bits)
    }

    fn has_more(&self) -> bool {
        self.staged.is_some() || self.supply != Supply::Ended
    }

    fn sum_up(&mut self) {
        let is_done = self.slots.len() == 0 && !self.has_more() && self.line.is_empty();
        if is_done && !self.summed_up {
            self.summed_up = true;
            let took = self.began.map_or(Duration::ZERO, |began| self.ended.since(began));
            let summary = self.tally.finish(took);
            let turn = self.line.join();
            self.line.settle(turn, Event::Summary(Box::new(summary)));
        }
    }
}

impl<S: Source> Engine for Batch<S> {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let passes = match self.held_up {
            HeldUp::No => None,
            HeldUp::ByPace => self.pace.next(),
            HeldUp::ByEvents => Some(Instant::ZERO),
        };
        let lanes = self.servers.iter().filter(|_| self.holds).flat_map(|server| &server.lanes);
        let held = lanes.filter_map(|lane| lane.held_until);
        self.wheel.next().into_iter().chain(passes).chain(held).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.supply == Supply::Dry {
            self.supply = Supply::Flowing;
        }
        if self.holds {
            self.let_go(now);
        }
        while let Some(number) = self.wheel.expired(now) {
            self.expire(number, now);
        }
        self.sum_up();
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.sum_up();
        self.line.pop()
    }

    fn handle_stop(&mut self, now: Instant) {
        self.tally.summary.was_stopped |= self.has_more() || self.slots.len() > 0;
        self.supply = Supply::Ended;
        if let Some((Question { tag, name, kind, class, .. }, turn)) = self.staged.take() {
            self.fail(turn, Failed::of(tag, &name, kind, class, Why::Stopped));
        }
        for number in self.slots.numbers() {
            self.give_up(number, now, Some(Why::Stopped));
        }
        self.sum_up();
    }

    fn is_finished(&self) -> bool {
        self.summed_up && self.line.is_empty()
    }
}

impl<S: Source> Datagrams for Batch<S> {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        self.held_up = HeldUp::No;
        if !self.pace.may_send(now) {
            self.held_up = HeldUp::ByPace;
            return None;
        }
        // Questions that nobody answers must not keep others from being asked; but where three in four are
        // lost, each that is answered takes three that are not.
        let (number, server) = if self.repeats >= 3 {
            self.take_new(now).or_else(|| self.take_again(now))
        } else {
            self.take_again(now).or_else(|| self.take_new(now))
        }?;
        let is_repeat = self.slots.get(number).is_some_and(|slot| slot.attempts > 0);
        self.repeats = if is_repeat { self.repeats.saturating_add(1) } else { 0 };
        self.send(number, server, now, contents)
    }

    fn expected(&self) -> usize {
        self.slots.len()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        self.hear(now, &reply);
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        let Ok(server) = u8::try_from(refusal.flow / FLOWS) else { return };
        let over = carrier(refusal.flow);
        let Some(lane) = self.lane(server, over) else { return };
        // Somebody who answers others closes a connection as a matter of course (RFC 7766 §6.2.3).
        let is_hopeful = over == Over::Stream && lane.refused_since.is_none();
        lane.refused_since.get_or_insert(now);
        if !is_hopeful {
            lane.held_until = Some(now + PAUSE);
            self.holds = true;
        }
        for number in self.slots.numbers() {
            let Some(slot) = self.slots.get(number) else { continue };
            let is_of_flow = over == Over::Stream || slot.socket == refusal.flow % FLOWS;
            if slot.server == server && slot.over == over && is_of_flow {
                self.refuse(number, now, Why::Refused, is_hopeful);
            }
        }
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        self.refuse(transmit.id, now, Why::Unsent(errno_text(why)), false);
    }
}
