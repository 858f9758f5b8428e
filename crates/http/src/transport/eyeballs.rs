//! Which address is tried when (RFC 8305 §5): a state machine without sockets or clock.
//!
//! IPv6 goes first and has a head start; then families take turns. Whoever fails lets the next begin at once. An address
//! that does not answer within half of the time that is left, while others wait, has failed (as curl has it).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// This address is to be tried.
    Start(SocketAddr),
    /// This one took too long.
    GiveUp(SocketAddr),
}

/// Addresses of one host, racing. Times are since the transfer began.
#[derive(Clone, Debug)]
pub(crate) struct Race {
    waiting: VecDeque<SocketAddr>,
    running: Vec<Runner>,
    head_start: Duration,
    deadline: Duration,
    /// When the next begins, whatever the others do.
    next: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Runner {
    to: SocketAddr,
    until: Duration,
}

/// More than these are not tried at the same time: a name can have thousands of addresses.
const MOST_RUNNING: usize = 16;

impl Race {
    /// Of these, in the resolver's order; over at `deadline`.
    pub(crate) fn new(
        addresses: &[SocketAddr],
        head_start: Duration,
        deadline: Duration,
        now: Duration,
    ) -> Self {
        let waiting = alternating(addresses);
        Self { waiting, running: Vec::new(), head_start, deadline, next: now }
    }

    /// What is to be done now; to be asked until `None`.
    pub(crate) fn poll(&mut self, now: Duration) -> Option<Act> {
        if let Some(place) = self.running.iter().position(|one| one.until <= now) {
            let late = self.running.remove(place);
            self.next = now;
            return Some(Act::GiveUp(late.to));
        }
        if self.next > now || self.running.len() >= MOST_RUNNING || now >= self.deadline {
            return None;
        }
        let to = self.waiting.pop_front()?;
        self.next = now.saturating_add(self.head_start);
        let left = self.deadline.saturating_sub(now);
        let share = if self.waiting.is_empty() { left } else { left / 2 };
        self.running.push(Runner { to, until: now.saturating_add(share) });
        Some(Act::Start(to))
    }

    /// It failed: the next begins at once.
    pub(crate) fn handle_failed(&mut self, to: SocketAddr, now: Duration) {
        self.running.retain(|one| one.to != to);
        self.next = now;
    }

    /// When [`Race::poll`] has something new to say, if nothing happens before.
    pub(crate) fn next_timeout(&self) -> Option<Duration> {
        let may_start = !self.waiting.is_empty() && self.running.len() < MOST_RUNNING;
        let start = may_start.then_some(self.next);
        self.running.iter().map(|one| one.until).chain(start).min()
    }

    /// Whether all of them have failed, or the time is over and nobody runs.
    pub(crate) fn is_lost(&self, now: Duration) -> bool {
        self.running.is_empty() && (self.waiting.is_empty() || now >= self.deadline)
    }

    /// Who is under way.
    pub(crate) fn running(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.running.iter().map(|one| one.to)
    }
}

/// IPv6 first, then by turns, each once.
fn alternating(addresses: &[SocketAddr]) -> VecDeque<SocketAddr> {
    let mut seen = std::collections::HashSet::new();
    let once = addresses.iter().copied().filter(|one| seen.insert(*one));
    let (mut sixes, mut fours): (VecDeque<_>, VecDeque<_>) = once.partition(SocketAddr::is_ipv6);
    let mut mixed = VecDeque::with_capacity(addresses.len());
    while !sixes.is_empty() || !fours.is_empty() {
        mixed.extend(sixes.pop_front());
        mixed.extend(fours.pop_front());
    }
    mixed
}

#[cfg(test)]
mod tests;
