//! Probes that left, and which of them an answer is about.
//!
//! All probes of a flow look alike in what a router must quote of them (RFC 792: the IP header and eight
//! octets more), so each carries its number as data, which most routers quote as well (RFC 1812 §4.3.2.3).
//! For the others, a flow has one probe under way at a time.

use std::collections::BTreeMap;

use super::plan::Ask;
use crate::{Instant, Stage, Stamp};

/// Octets of data that a probe needs: the cookie, and its number.
pub(super) const LEAST: usize = 8;

#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) ask: Ask,
    pub(super) asked: Instant,
    pub(super) left: Option<Instant>,
    pub(super) is_answered: bool,
}

#[derive(Debug)]
pub(super) struct Flights {
    cookie: [u8; 4],
    /// By number.
    sent: Vec<Sent>,
    /// The number of the probe that is under way, by flow.
    waiting: BTreeMap<usize, u32>,
}

impl Flights {
    pub(super) const fn new(seed: u32) -> Self {
        Self { cookie: seed.to_be_bytes(), sent: Vec::new(), waiting: BTreeMap::new() }
    }

    /// How many left.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.sent.len()).unwrap_or(u32::MAX)
    }

    /// Writes a probe.
    pub(super) fn send(&mut self, now: Instant, ask: Ask, size: usize, out: &mut Vec<u8>) -> u32 {
        let number = self.count();
        self.sent.push(Sent { ask, asked: now, left: None, is_answered: false });
        self.waiting.insert(ask.flow, number);
        self.contents(number, size, out);
        number
    }

    /// What a probe holds.
    pub(super) fn contents(&self, number: u32, size: usize, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.cookie);
        out.extend_from_slice(&number.to_be_bytes());
        out.resize(size.max(LEAST), 0);
    }

    pub(super) fn handle_stamp(&mut self, stamp: Stamp) {
        let sent = usize::try_from(stamp.id).ok().and_then(|n| self.sent.get_mut(n));
        if let Some(sent) = sent.filter(|_| stamp.stage == Stage::Sent) {
            sent.left = sent.left.or(Some(stamp.at).filter(|at| *at >= sent.asked));
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<Sent> {
        self.sent.get(usize::try_from(number).ok()?).copied()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Those under way.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (u32, Sent)> + '_ {
        self.waiting.values().filter_map(|number| Some((*number, self.get(*number)?)))
    }

    /// The number that is quoted, if it is one at all.
    pub(super) fn number(&self, octets: &[u8]) -> Option<u32> {
        let number = octets.strip_prefix(&self.cookie)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*number))
    }

    /// The number that is quoted, if it is one of this flow.
    pub(super) fn quoted(&self, flow: usize, octets: &[u8]) -> Option<u32> {
        let number = self.number(octets)?;
        self.get(number).filter(|sent| sent.ask.flow == flow).map(|_| number)
    }

    /// The number of the probe that this flow has under way.
    pub(super) fn under_way(&self, flow: usize) -> Option<u32> {
        self.waiting.get(&flow).copied()
    }

    /// Whether this flow had a probe that nobody answered at another hop than the one under way, where
    /// `answers` says that somebody might have.
    pub(super) fn is_doubtful(&self, number: u32, answers: impl Fn(u8) -> bool) -> bool {
        let Some(this) = self.get(number) else { return true };
        let mut others = self.sent.iter().filter(|sent| sent.ask.flow == this.ask.flow);
        others
            .any(|sent| !sent.is_answered && sent.ask.hop != this.ask.hop && answers(sent.ask.hop))
    }

    /// Notes an answer: the probe under way is over if it was for the same hop.
    pub(super) fn answered(&mut self, number: u32) {
        let Some(sent) = usize::try_from(number).ok().and_then(|n| self.sent.get_mut(n)) else {
            return;
        };
        sent.is_answered = true;
        let ask = sent.ask;
        let under_way = self.under_way(ask.flow).and_then(|number| self.get(number));
        if under_way.is_some_and(|other| other.ask.hop == ask.hop) {
            self.waiting.remove(&ask.flow);
        }
    }

    /// Gives up what a flow has under way.
    pub(super) fn give_up(&mut self, flow: usize) -> Option<Sent> {
        let number = self.waiting.remove(&flow)?;
        self.get(number)
    }
}
