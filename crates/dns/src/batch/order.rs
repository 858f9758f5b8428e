//! Events in the order in which their questions came, or as they come.

use std::collections::VecDeque;

use super::{Event, Order};

/// Events that are to be told, and those that others must precede.
#[derive(Debug)]
pub(super) struct Line {
    order: Order,
    ready: VecDeque<Event>,
    /// From the first on that is not told; what is not known yet is `None`.
    held: VecDeque<Option<Event>>,
    told: u64,
    octets: usize,
}

impl Line {
    /// So many may wait for one that has no answer, and so many octets of theirs.
    const LONGEST: usize = 1 << 15;
    const OCTETS: usize = 6 << 20;

    pub(super) fn new(order: Order) -> Self {
        let (ready, held) = (VecDeque::new(), VecDeque::new());
        Self { order, ready, held, told: 0, octets: 0 }
    }

    /// Whether another may join.
    pub(super) fn has_room(&self) -> bool {
        !self.is_backed_up() && self.held.len() < Self::LONGEST && self.octets < Self::OCTETS
    }

    /// One joins, and gets its turn.
    pub(super) fn join(&mut self) -> u64 {
        match self.order {
            Order::Completion => 0,
            Order::Input => {
                self.held.push_back(None);
                self.told + self.held.len() as u64 - 1
            }
        }
    }

    /// What is to be told of the one whose turn that is.
    pub(super) fn settle(&mut self, turn: u64, event: Event) {
        let place = usize::try_from(turn.wrapping_sub(self.told)).unwrap_or(usize::MAX);
        match self.held.get_mut(place) {
            Some(place) if self.order == Order::Input => {
                self.octets += octets(&event);
                *place = Some(event);
            }
            _ => self.ready.push_back(event),
        }
        while matches!(self.held.front(), Some(Some(_))) {
            let Some(event) = self.held.pop_front().flatten() else { break };
            self.octets -= octets(&event);
            self.told += 1;
            self.ready.push_back(event);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.held.is_empty()
    }

    /// Whether telling comes first.
    pub(super) fn is_backed_up(&self) -> bool {
        const READY: usize = 1024;
        self.ready.len() >= READY
    }
}

fn octets(event: &Event) -> usize {
    match event {
        Event::Answer(answer) => answer.octets.capacity(),
        _ => 0,
    }
}
