//! Questions under way, in places that are used again.

use wireline_engine::Instant;

use super::{Over, Question, Why};

/// One question under way.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) question: Question,
    /// Its place among all that came from the source.
    pub(super) turn: u64,
    /// The same for all its queries: whoever answers the first answers the second too.
    pub(super) id: u16,
    /// Which of a server's sockets its datagrams leave by.
    pub(super) socket: u32,
    /// What its letters' case is made of.
    pub(super) case: u64,
    pub(super) over: Over,
    pub(super) was_truncated: bool,
    /// Whom it was sent to, a bit each.
    pub(super) asked: u64,
    /// Whom last.
    pub(super) server: u8,
    pub(super) attempts: u32,
    pub(super) first_sent: Instant,
    pub(super) last_sent: Instant,
    pub(super) stage: Stage,
    /// When the next stage is due.
    pub(super) due: Instant,
    /// When it is asked again at the earliest.
    pub(super) again: Instant,
    /// When it is given up.
    pub(super) end: Instant,
    /// What is told if it is.
    pub(super) why: Why,
}

/// Where a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is to be sent as soon as somebody has room.
    Queued,
    /// On its way, and counted in its server's window.
    Flying,
    /// Taken for lost; the answer may still come.
    Waiting,
}

/// Room for so many, of which none is taken up before it is needed.
#[derive(Debug, Default)]
pub(super) struct Slots {
    all: Vec<Option<Slot>>,
    free: Vec<u32>,
    /// By ID; the slot's number plus one.
    ids: Vec<u32>,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { ids: vec![0; 1 << 16], ..Self::default() }
    }

    /// How many questions are under way.
    pub(super) fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }

    pub(super) fn add(&mut self, slot: Slot) -> u32 {
        let id = usize::from(slot.id);
        let number = if let Some(number) = self.free.pop() {
            self.all[number as usize] = Some(slot);
            number
        } else {
            self.all.push(Some(slot));
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        };
        self.ids[id] = number + 1;
        number
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Slot> {
        let slot = self.all.get_mut(number as usize)?.take()?;
        self.ids[usize::from(slot.id)] = 0;
        self.free.push(number);
        Some(slot)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Slot> {
        self.all.get(number as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Slot> {
        self.all.get_mut(number as usize)?.as_mut()
    }

    /// Whose ID that is.
    pub(super) fn of_id(&self, id: u16) -> Option<u32> {
        self.ids.get(usize::from(id))?.checked_sub(1)
    }

    /// All that are under way.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let taken = (0..).zip(&self.all).filter(|(_, slot)| slot.is_some());
        taken.map(|(number, _)| number).collect()
    }
}
