//! The meter of many transfers at a time (`-Z`).

use std::collections::HashMap;
use std::time::Duration;

use wireline_http::Progress;

use super::numbers::{Speeds, clock, size};
use super::percent;

/// The line above it.
const HEADER: &str = "DL% UL%  Dled  Uled  Xfers  Live Total     Current  Left    Speed\n";

/// Between two drawings.
const PAUSE: Duration = Duration::from_millis(500);

/// How far all transfers are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Those that began.
    pub(crate) transfers: u64,
    /// Those that did not end yet.
    pub(crate) live: u64,
    /// Of all; how many there will be, where that is known of all.
    pub(crate) progress: Progress,
}

/// One meter for all.
#[derive(Debug, Default)]
pub(crate) struct Many {
    /// By transfer.
    all: HashMap<u64, Progress>,
    live: u64,
    drawn: Option<Duration>,
    speeds: Speeds,
}

impl Many {
    /// One more.
    pub(crate) fn begin(&mut self, transfer: u64) {
        self.all.insert(transfer, Progress::default());
        self.live += 1;
    }

    /// How far one is.
    pub(crate) fn set(&mut self, transfer: u64, progress: Progress) {
        self.all.insert(transfer, progress);
    }

    /// One less.
    pub(crate) fn end(&mut self) {
        self.live = self.live.saturating_sub(1);
    }

    /// Of all that are known.
    pub(crate) fn totals(&self) -> Totals {
        let known = |sum: Option<u64>, one: Option<u64>| Some(sum?.saturating_add(one?));
        let mut sum = Progress { to_receive: Some(0), to_send: Some(0), ..Progress::default() };
        for one in self.all.values() {
            sum.received = sum.received.saturating_add(one.received);
            sum.sent = sum.sent.saturating_add(one.sent);
            sum.to_receive = known(sum.to_receive, one.to_receive);
            sum.to_send = known(sum.to_send, one.to_send);
        }
        let transfers = u64::try_from(self.all.len()).unwrap_or(u64::MAX);
        Totals { transfers, live: self.live, progress: sum }
    }

    /// The line, where it is time; `at` is the run's time.
    pub(crate) fn tick(&mut self, at: Duration) -> Option<String> {
        let is_due = self.drawn.is_none_or(|drawn| at.saturating_sub(drawn) >= PAUSE);
        is_due.then(|| self.draw(at))
    }

    /// The last line, and its end; nothing where there was no transfer.
    pub(crate) fn finish(&mut self, at: Duration) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        let mut text = self.draw(at);
        // The last of the blanks behind it, as curl has it.
        text.pop();
        text.push('\n');
        text
    }

    fn draw(&mut self, at: Duration) -> String {
        let totals = self.totals();
        let mut text = String::new();
        if self.drawn.is_none() {
            // All of them, before anything came.
            let live = totals.transfers;
            text.push_str(HEADER);
            text.push_str(&line(at, &Totals { live, transfers: live, ..Totals::default() }, 0));
            self.speeds.push(Duration::ZERO, 0);
        }
        self.drawn = Some(at);
        self.speeds.push(at, totals.progress.received.saturating_add(totals.progress.sent));
        text.push_str(&line(at, &totals, self.speeds.now(at, &totals.progress)));
        text
    }
}

fn line(at: Duration, totals: &Totals, speed: u64) -> String {
    let p = &totals.progress;
    let share = |done, of: Option<u64>| match of {
        Some(of @ 1..) => percent(done, of).to_string(),
        _ => "--".to_owned(),
    };
    let spent = at.as_secs();
    let total = match (p.to_receive, speed) {
        (Some(of), 1..) => of / speed,
        _ => 0,
    };
    format!(
        "\r{:<3} {:<3} {} {} {:5} {:5}  {} {} {} {}      ",
        share(p.received, p.to_receive),
        share(p.sent, p.to_send),
        size(p.received),
        size(p.sent),
        totals.transfers,
        totals.live,
        clock(total),
        clock(spent),
        clock(total.saturating_sub(spent)),
        size(speed),
    )
}
