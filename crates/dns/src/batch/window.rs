//! How many queries one server may have under way, found by trying.
//!
//! The server's answers a second are compared at windows that differ by a quarter: more is better only
//! while it brings more answers, less is better as long as it costs none. Loss and delay by themselves say
//! little: a long path loses at random, and a recursive server takes as long as others do.

use std::time::Duration;

use wireline_engine::Instant;

/// Where a server begins, and is not taken below only because less would do.
const START: u32 = 64;

/// Loss takes it no further down than here.
const FLOOR: u32 = 16;

/// Of so many a share of losses says something.
const SAMPLE: u32 = 32;

/// The most; a server's own queue takes some hundreds.
const LIMIT: u32 = 8192;

/// The shortest time over which answers are counted: less is noise.
const EPOCH: Duration = Duration::from_millis(10);

/// Round-trip time and window of one server.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) in_flight: u32,
    size: u32,
    probe: Probe,
    epoch: Epoch,
    /// Smoothed, in nanoseconds; 0 before the first (RFC 6298 §2).
    smoothed: u64,
    deviation: u64,
    shortest: u64,
    /// A query that was taken for lost was answered after so long, a while ago.
    longest: u64,
    /// Share of first attempts that are lost whatever the window.
    usual_loss: f64,
    /// When the last answer came.
    heard: Option<Instant>,
    /// So many of those that left since then were lost.
    silent: u32,
}

/// What is being tried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Probe {
    /// Double the window as long as that helps; the best rate so far, at which window.
    Startup { best: f64, at: u32, failures: u8 },
    /// Rates at the window, up to now.
    Level { rate: f64 },
    /// A quarter more, after so much at the window.
    Up { before: f64 },
    /// A fifth less.
    Down { before: f64 },
    /// The window again: what was tried, what it brought, and what there was before.
    Again { tried: u32, rate: f64, before: f64 },
}

/// Counts since a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Epoch {
    since: Instant,
    answers: u32,
    asked: u32,
    lost: u32,
    /// Whether the window was what held queries back.
    was_full: bool,
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            in_flight: 0,
            size: START,
            probe: Probe::Startup { best: 0.0, at: START, failures: 0 },
            epoch: Epoch { since: now, ..Epoch::default() },
            smoothed: 0,
            deviation: 0,
            shortest: u64::MAX,
            longest: 0,
            usual_loss: 0.0,
            heard: None,
            silent: 0,
        }
    }

    /// How many more may leave.
    pub(super) fn room(&mut self) -> u32 {
        let room = self.allowed().saturating_sub(self.in_flight);
        self.epoch.was_full |= room == 0;
        room
    }

    /// A server that says nothing is asked by one query at a time.
    fn allowed(&self) -> u32 {
        if self.is_silent() { 1 } else { self.size }
    }

    /// Whether all that was sent for a while is lost.
    pub(super) fn is_silent(&self) -> bool {
        self.silent >= START.min(self.size).max(8)
    }

    /// One leaves.
    pub(super) fn sent(&mut self, is_first: bool) {
        self.in_flight += 1;
        self.epoch.asked += u32::from(is_first);
    }

    /// One that left then is lost. Answers come long before anybody takes a query for lost: only those that
    /// left after the last answer tell of a server that has fallen silent.
    pub(super) fn lost(&mut self, is_first: bool, sent: Instant) {
        let is_since = self.heard.is_none_or(|heard| sent >= heard);
        self.silent = self.silent.saturating_add(is_since.into());
        self.epoch.lost += u32::from(is_first);
    }

    /// One was answered, so long after it left, where that is known.
    pub(super) fn answered(&mut self, now: Instant, took: Option<Duration>) {
        if self.is_silent() {
            self.size = START;
            self.begin(now, Probe::Startup { best: 0.0, at: START, failures: 0 });
        }
        (self.silent, self.heard) = (0, Some(now));
        // Before that they answer what was asked under another window.
        self.epoch.answers += u32::from(now >= self.epoch.since);
        if let Some(took) = took {
            self.measure(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1));
        }
        let epoch = EPOCH.max(Duration::from_nanos(self.smoothed.saturating_mul(2)));
        // Half a window of answers or more, so that the edges weigh little.
        let is_enough = self.epoch.answers >= (self.size / 2).max(SAMPLE / 2);
        if now.since(self.epoch.since) >= epoch && is_enough {
            self.judge(now);
        }
    }

    /// RFC 6298 §2.
    fn measure(&mut self, ns: u64) {
        self.longest -= self.longest / 1024;
        self.shortest = self.shortest.min(ns);
        if self.smoothed == 0 {
            (self.smoothed, self.deviation) = (ns, ns / 2);
        } else {
            self.deviation = self.deviation - self.deviation / 4 + self.smoothed.abs_diff(ns) / 4;
            self.smoothed = self.smoothed - self.smoothed / 8 + ns / 8;
        }
    }

    /// When a query is taken for lost. Nobody's path takes four deviations more than it does on average;
    /// a tenth of a second more does no harm.
    pub(super) fn patience(&self) -> Duration {
        const UNKNOWN: Duration = Duration::from_secs(1);
        const SHORTEST: Duration = Duration::from_millis(100);
        if self.smoothed == 0 {
            return UNKNOWN;
        }
        let ns = self.smoothed.saturating_add(self.deviation.saturating_mul(4));
        Duration::from_nanos(ns.max(self.longest)).max(SHORTEST)
    }

    /// Nothing has been answered faster.
    pub(super) fn shortest(&self) -> Duration {
        Duration::from_nanos(self.shortest)
    }

    /// What was taken for lost was not: others will take as long.
    pub(super) fn found(&mut self, is_first: bool, took: Duration) {
        self.epoch.lost = self.epoch.lost.saturating_sub(u32::from(is_first));
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.longest = self.longest.max(ns.saturating_add(ns / 4));
    }

    fn begin(&mut self, now: Instant, probe: Probe) {
        self.probe = probe;
        // What was under way before the window changed is answered first.
        let since = now + Duration::from_nanos(self.smoothed);
        self.epoch = Epoch { since, ..Epoch::default() };
    }

    fn judge(&mut self, now: Instant) {
        let Epoch { since, answers, asked, lost, was_full } = self.epoch;
        let rate = f64::from(answers) / now.since(since).as_secs_f64().max(1e-9);
        let loss = f64::from(lost) / f64::from(asked.max(1));
        // Where hardly any is asked for the first time, as at the end, nothing is known of it.
        let is_known = asked >= SAMPLE;
        let is_congested = is_known && loss > 0.1 + 1.5 * self.usual_loss;
        if is_known {
            // Half of it at once: what a smaller window does not change is the path's.
            self.usual_loss += (loss.min(1.0) - self.usual_loss) / 2.0;
        }
        if is_congested {
            self.size = (self.size * 7 / 10).max(FLOOR.min(self.size));
            self.begin(now, Probe::Level { rate: 0.0 });
        } else if was_full && self.size < START {
            self.size = (self.size + self.size / 4 + 1).min(START);
            self.begin(now, Probe::Level { rate: 0.0 });
        } else if was_full {
            self.step(now, rate);
        } else {
            // Something else held queries back: the rate says nothing of the window.
            self.begin(now, self.probe);
        }
    }

    fn step(&mut self, now: Instant, rate: f64) {
        let next = match self.probe {
            Probe::Startup { best, at, failures } => self.start_up(rate, best, at, failures),
            Probe::Level { .. } if self.size >= LIMIT => Probe::Level { rate },
            Probe::Level { rate: before } => {
                let before = if before > 0.0 { f64::midpoint(before, rate) } else { rate };
                self.size += (self.size / 4).max(1);
                Probe::Up { before }
            }
            Probe::Up { before } | Probe::Down { before } => {
                let (tried, is_up) = (self.size, matches!(self.probe, Probe::Up { .. }));
                self.size = if is_up { tried * 4 / 5 } else { tried * 5 / 4 };
                Probe::Again { tried, rate, before }
            }
            Probe::Again { tried, rate: then, before } => {
                self.conclude(tried, then, f64::midpoint(before, rate))
            }
        };
        self.size = self.size.clamp(1, LIMIT);
        self.begin(now, next);
    }

    fn start_up(&mut self, rate: f64, best: f64, at: u32, failures: u8) -> Probe {
        if rate > best * 1.2 {
            let at = self.size;
            self.size *= 2;
            return Probe::Startup { best: rate, at, failures: 0 };
        }
        if failures == 0 {
            // Once may be somebody else's doing.
            return Probe::Startup { best, at, failures: 1 };
        }
        self.size = at;
        Probe::Level { rate: 0.0 }
    }

    /// Whether to stay where it was tried, and where to try next: up and down in turn.
    fn conclude(&mut self, tried: u32, then: f64, level: f64) -> Probe {
        let was_up = tried > self.size;
        if was_up && then > level * 1.06 {
            self.size = tried;
            return Probe::Level { rate: then };
        }
        if was_up {
            if self.size * 4 / 5 >= START {
                self.size = self.size * 4 / 5;
                return Probe::Down { before: level };
            }
        } else if then > level * 0.98 {
            self.size = tried;
        }
        Probe::Level { rate: 0.0 }
    }
}
