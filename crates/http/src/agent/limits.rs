//! How long and how much: what ends a transfer from outside, and what slows it down.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::agent::record::Phase;
use crate::failure::{Failure, Kind};
use crate::spec::Limits;
use crate::tell::Teller;

/// Progress is told this often.
const TICK: Duration = Duration::from_millis(250);
/// For name, connection and TLS, where nothing else was said. As curl's.
const CONNECT: Duration = Duration::from_secs(300);
/// From the request until the response's head is whole. What trickles for longer is not going to be one.
pub(crate) const HEAD: Duration = Duration::from_secs(300);

/// Waits until a limit is reached, and tells progress meanwhile. Does not end otherwise.
pub(crate) async fn guard(limits: &Limits, tell: &Teller, began: Instant) -> Failure {
    let mut slow = Slow::new(limits, began);
    loop {
        let now = Instant::now();
        if let Some(failure) = overdue(limits, tell) {
            return failure;
        }
        if let Some(failure) = slow.check(limits, tell, now) {
            return failure;
        }
        let next = [limits.total, connect_limit(limits, tell)].into_iter().flatten();
        let next = next.map(|limit| began + limit).chain([now + TICK]).min();
        sleep_until(next.unwrap_or(now + TICK)).await;
        tell.progress();
    }
}

/// While there is no connection.
fn connect_limit(limits: &Limits, tell: &Teller) -> Option<Duration> {
    let is_connecting = tell.recorder().phase != Phase::Exchanging;
    is_connecting.then(|| limits.connect.filter(|one| !one.is_zero()).unwrap_or(CONNECT))
}

/// Whether it has taken too long, as of now.
pub(crate) fn overdue(limits: &Limits, tell: &Teller) -> Option<Failure> {
    let spent = tell.recorder().spent(tell.now());
    let hop = spent.saturating_sub(tell.recorder().hop());
    let total = limits.total.filter(|one| !one.is_zero());
    let trickles = tell.recorder().head_takes(tell.now()) >= HEAD;
    let is_overdue = trickles
        || total.is_some_and(|total| spent >= total)
        || connect_limit(limits, tell).is_some_and(|limit| hop >= limit);
    is_overdue.then(|| timed_out(tell, spent))
}

/// In curl's words.
fn timed_out(tell: &Teller, spent: Duration) -> Failure {
    let spent = spent.as_millis();
    let text = match tell.recorder().phase {
        Phase::Resolving => format!("Resolving timed out after {spent} milliseconds"),
        Phase::Connecting => format!("Connection timed out after {spent} milliseconds"),
        Phase::Exchanging => {
            let received = tell.counters.received.get();
            let of = tell.counters.to_receive.get();
            let of = of.map(|of| format!(" out of {of}")).unwrap_or_default();
            format!(
                "Operation timed out after {spent} milliseconds with {received}{of} bytes received"
            )
        }
    };
    Failure::new(Kind::TimedOut, text)
}

/// Whether it has been too slow for too long (`-y`, `-Y`).
struct Slow {
    /// Since then, every second was too slow.
    since: Option<Instant>,
    /// When octets were counted last, and how many there were.
    last: (Instant, u64),
}

impl Slow {
    fn new(_limits: &Limits, began: Instant) -> Self {
        Self { since: None, last: (began, 0) }
    }

    fn check(&mut self, limits: &Limits, tell: &Teller, now: Instant) -> Option<Failure> {
        let (rate, time) = limits.slow?;
        let moved = tell.counters.received.get().saturating_add(tell.counters.sent.get());
        let (then, before) = self.last;
        if now - then < Duration::from_secs(1) {
            return None;
        }
        self.last = (now, moved);
        let millis = (now - then).as_millis().max(1);
        let speed = u128::from(moved.saturating_sub(before)) * 1000 / millis;
        if speed >= u128::from(rate) {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(then);
        (now - since >= time).then(|| {
            let seconds = time.as_secs();
            let text = format!(
                "Operation too slow. Less than {rate} bytes/sec transferred the last {seconds} seconds"
            );
            Failure::new(Kind::TimedOut, text)
        })
    }
}

/// Octets a second, as a bucket that fills while nobody takes from it.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Option<u64>,
    /// Until then, all that may go has gone.
    due: Cell<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self { rate: rate.filter(|rate| *rate > 0), due: Cell::new(None) }
    }

    /// How many octets make a good bite: a tenth of a second's.
    pub(crate) fn bite(&self, most: usize) -> usize {
        let bite = self.rate.map(|rate| usize::try_from(rate / 10).unwrap_or(usize::MAX));
        bite.map_or(most, |bite| bite.clamp(1, most.max(1)))
    }

    /// Whether it lets everything through.
    pub(crate) const fn is_free(&self) -> bool {
        self.rate.is_none()
    }

    /// Takes so many; when the next may be taken, where that is not at once.
    pub(crate) fn due(&self, octets: usize) -> Option<Instant> {
        let rate = self.rate?;
        let now = Instant::now();
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        let nanos = u128::from(octets) * 1_000_000_000 / u128::from(rate);
        // What is due in a century is not due.
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX).min(1 << 61));
        let due = self.due.get().map_or(now, |due| due.max(now)) + cost;
        self.due.set(Some(due));
        Some(due)
    }

    /// Takes so many, and waits until that is not too fast.
    pub(crate) async fn take(&self, octets: usize) {
        if let Some(due) = self.due(octets) {
            sleep_until(due).await;
        }
    }
}

#[cfg(test)]
mod tests;
