//! The requests that may still be answered.

use super::cookie::Cookie;
use crate::Instant;

/// Requests by place, each place used again once it is free.
#[derive(Debug, Default)]
pub(super) struct Table {
    requests: Vec<Request>,
    free: Vec<u32>,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Whose: a place among the targets.
    pub(super) target: u32,
    /// Which of that target's, from 0.
    pub(super) index: u32,
    /// Just before the system call.
    pub(super) asked: Instant,
    /// When the kernel passed it on.
    pub(super) sent: Option<Instant>,
    pub(super) answered: bool,
    generation: u32,
    open: bool,
}

impl Table {
    pub(super) fn insert(&mut self, target: u32, index: u32, asked: Instant) -> Cookie {
        let place = self.free.pop();
        let slot = place.unwrap_or_else(|| u32::try_from(self.requests.len()).unwrap_or(u32::MAX));
        let before = self.requests.get(slot as usize).map_or(0, |request| request.generation);
        let generation = before.wrapping_add(1);
        let request =
            Request { target, index, asked, sent: None, answered: false, generation, open: true };
        match self.requests.get_mut(slot as usize) {
            Some(free) => *free = request,
            None => self.requests.push(request),
        }
        Cookie { slot, generation }
    }

    /// How many may still be answered.
    pub(super) const fn open(&self) -> usize {
        self.requests.len() - self.free.len()
    }

    /// A request by its full name.
    pub(super) fn get_mut(&mut self, cookie: Cookie) -> Option<&mut Request> {
        let request = self.requests.get_mut(cookie.slot as usize)?;
        (request.open && request.generation == cookie.generation).then_some(request)
    }

    /// The full names of the requests that share a sequence number.
    pub(super) fn of_seq(&self, seq: u16) -> impl Iterator<Item = (Cookie, &Request)> {
        let places = (usize::from(seq)..self.requests.len()).step_by(1 << 16);
        places.filter_map(|place| {
            let request = &self.requests[place];
            let cookie =
                Cookie { slot: u32::try_from(place).ok()?, generation: request.generation };
            request.open.then_some((cookie, request))
        })
    }

    /// A request by its place, whichever it is.
    pub(super) fn at_mut(&mut self, slot: u32) -> Option<&mut Request> {
        self.requests.get_mut(slot as usize).filter(|request| request.open)
    }

    /// Forgets a request. An answer to it is nobody's from now on.
    pub(super) fn remove(&mut self, cookie: Cookie) -> Option<Request> {
        let request = self.get_mut(cookie)?;
        request.open = false;
        let removed = *request;
        self.free.push(cookie.slot);
        Some(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_under_another_name() {
        let mut table = Table::default();
        let first = table.insert(1, 0, Instant::ZERO);
        assert!(table.remove(first).is_some());
        let second = table.insert(2, 0, Instant::ZERO);
        assert_eq!((second.slot, table.open()), (first.slot, 1));
        assert!(table.get_mut(first).is_none() && table.get_mut(second).is_some());
    }
}
