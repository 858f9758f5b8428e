use std::time::Duration;

use super::hosts::{Mark, State};
use super::{Closing, Config, Event, MANY, Phase, Scan, Stopped};
use crate::Instant;

/// Whose turn it is, and when that is the end.
impl Scan {
    /// Goes on to the next host that is not settled, and gives up those that have had their time for the
    /// last request.
    pub(super) fn advance(&mut self, now: Instant) {
        while self.hosts.open > 0 && self.again.is_empty() {
            let Some(host) = self.sequence.get(self.turn) else {
                self.next_pass();
                continue;
            };
            let Some(state) = self.hosts.get(host) else { return };
            if !state.has(Mark::Settled) {
                let (tries, asked) = (state.tries(), state.asked);
                let due = asked + self.waits.wait(tries);
                if tries < self.allowed || now < due {
                    return;
                }
                self.hosts.settle(host);
                self.settled_at = self.settled_at.max(Some(due));
            }
            self.turn += 1;
        }
    }

    fn next_pass(&mut self) {
        self.turn = 0;
        if std::mem::take(&mut self.asked_in_pass) {
            self.events.push_back(Event::Pass { pass: self.pass });
            self.pass += 1;
            self.bucket.begin_pass();
        }
    }

    /// When the host whose turn it is may be asked or given up, the pace apart.
    pub(super) fn due(&self) -> Option<Instant> {
        let state = self.hosts.get(self.sequence.get(self.turn)?)?;
        Some(match state.tries() {
            0 => Instant::ZERO,
            tries => state.asked + self.waits.wait(tries),
        })
    }

    /// Whom to ask now.
    pub(super) fn next_host(&mut self, now: Instant) -> Option<u32> {
        while let Some(host) = self.again.pop_front() {
            let is_wanted = |state: &State| !state.has(Mark::Settled) || state.has(Mark::Own);
            if self.hosts.get(host).is_some_and(is_wanted) {
                return Some(host);
            }
        }
        self.advance(now);
        if self.hosts.open == 0 {
            return None;
        }
        let due = self.due()?;
        if now < due {
            self.bucket.idle(due);
            return None;
        }
        self.turn += 1;
        self.asked_in_pass = true;
        self.sequence.get(self.turn - 1)
    }

    /// Notes that a host is asked.
    pub(super) fn ask(&mut self, now: Instant, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        self.summary.retried += u64::from(state.tries() > 0);
        state.ask(now);
        if state.has(Mark::Own) {
            self.linger_from = self.linger_from.max(Some(now));
        }
        self.summary.sent += 1;
        self.started = self.started.or(Some(now));
        self.refusals.first = self.refusals.first.or(Some(host));
        self.bucket.took(now);
    }

    /// Ends the scan if its time is up. A machine that slept too long has frames waiting that came in time, so
    /// there are looks at them before, until one finds few. A storm is not looked at for ever.
    pub(super) fn close(&mut self, now: Instant) {
        const LONGEST: Duration = Duration::from_secs(1);
        if self.phase != Phase::Lingering || self.linger_until().is_some_and(|until| until > now) {
            return;
        }
        let received = self.summary.received;
        let since = self.closing.map_or(now, |closing| closing.since);
        let was_last = self.closing.is_some_and(|closing| received - closing.received < MANY);
        if was_last || now - since >= LONGEST {
            return self.finish(now, None);
        }
        self.closing = Some(Closing { since, received });
    }

    /// Finds out whether all is settled, and what follows.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.phase == Phase::Done {
            return;
        }
        if self.config.limit.is_some_and(|limit| limit > 0 && self.tally.answered >= limit) {
            return self.finish(now, Some(Stopped::Limit));
        }
        self.advance(now);
        let is_asking = self.hosts.open > 0 || !self.again.is_empty() || self.reopen(now);
        self.phase = if is_asking { Phase::Asking } else { Phase::Lingering };
        if is_asking || self.linger_until().is_some_and(|until| until > now) {
            self.closing = None;
        }
    }

    pub(super) fn linger_until(&self) -> Option<Instant> {
        // Where nothing leaves, nothing comes in either.
        self.ways.iter().find(|way| !way.is_down)?;
        Some(self.linger_from? + self.waits.linger(self.config.linger))
    }

    /// Asks those again whose answers may have been lost.
    fn reopen(&mut self, now: Instant) -> bool {
        /// Less than half a host is nobody.
        const SOMEBODY: f64 = 0.5;
        let most = self.config.tries.saturating_add(self.config.extra_tries);
        let has_dropped = std::mem::take(&mut self.has_dropped);
        if self.allowed >= most.min(Config::MOST_TRIES) {
            return false;
        }
        let are_missed = self.tally.missed(self.allowed) >= SOMEBODY;
        if !are_missed && !has_dropped {
            return false;
        }
        let lost = |(host, state): (u32, &State)| {
            let is_silent = state.answers == 0 && !state.has(Mark::Own) && self.is_up(host);
            (is_silent && (are_missed || self.may_be_dropped(host, state))).then_some(host)
        };
        let lost: Vec<_> = self.hosts.iter().filter_map(lost).collect();
        for host in &lost {
            self.hosts.reopen(*host);
        }
        if lost.is_empty() {
            return false;
        }
        if are_missed {
            self.bucket.slow_down(now);
        }
        self.allowed += 1;
        self.turn = 0;
        true
    }

    pub(super) fn is_up(&self, host: u32) -> bool {
        self.ways.get(self.hosts.port(host)).is_some_and(|way| !way.is_down)
    }

    /// Whether frames were dropped while a host had time to answer its last request.
    pub(super) fn may_be_dropped(&self, host: u32, state: &State) -> bool {
        /// Some are told late.
        const SLACK: Duration = Duration::from_millis(50);
        let until = state.asked + self.waits.wait(state.tries()) + SLACK;
        let way = self.ways.get(self.hosts.port(host));
        way.is_some_and(|way| way.drops.may_concern(state.asked, until))
    }
}
