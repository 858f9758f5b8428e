//! curl's progress meter, for scripts that read stderr.
//!
//! It draws; where that goes, and when, is decided in [`crate::sink`].

use std::time::Duration;

use wireline_http::Progress;

mod bar;
mod many;
mod numbers;

pub(crate) use bar::Bar;
pub(crate) use many::Many;

use numbers::{Speeds, clock, rate, size};

/// The two lines above it.
pub(crate) const HEADER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";

/// One transfer's meter: a line that is drawn over itself, once a second.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// When this attempt began.
    began: Duration,
    /// The second of the last line.
    drawn: Option<u64>,
    has_header: bool,
    speeds: Speeds,
}

impl Meter {
    /// It begins again (a retry): the lines above stay.
    pub(crate) fn restart(&mut self, at: Duration) {
        *self = Self { began: at, has_header: self.has_header, ..Self::default() };
    }

    /// The line, where it is time for one.
    pub(crate) fn tick(&mut self, at: Duration, progress: &Progress) -> Option<String> {
        let at = at.saturating_sub(self.began);
        let is_due = self.drawn != Some(at.as_secs());
        is_due.then(|| self.draw(at, progress))
    }

    /// The last line, and its end.
    pub(crate) fn finish(&mut self, at: Duration, progress: &Progress) -> String {
        let mut text = self.draw(at.saturating_sub(self.began), progress);
        text.push('\n');
        text
    }

    fn draw(&mut self, at: Duration, progress: &Progress) -> String {
        self.drawn = Some(at.as_secs());
        self.speeds.push(at, progress.received.saturating_add(progress.sent));
        let mut text = String::new();
        if !std::mem::replace(&mut self.has_header, true) {
            text.push_str(HEADER);
        }
        text.push_str(&line(at, progress, self.speeds.now(at, progress)));
        text
    }
}

fn line(at: Duration, p: &Progress, speed: u64) -> String {
    let (down, up) = (rate(p.received, at), rate(p.sent, at));
    let (dl, ul) = (estimate(p.received, p.to_receive, down), estimate(p.sent, p.to_send, up));
    let expected = p.to_receive.unwrap_or(p.received).saturating_add(p.to_send.unwrap_or(p.sent));
    let total = dl.seconds.max(ul.seconds);
    let spent = at.as_secs();
    format!(
        "\r{:3} {}  {:3} {}  {:3} {}  {}  {} {} {} {} {}",
        percent(p.received.saturating_add(p.sent), expected),
        size(expected),
        dl.percent,
        size(p.received),
        ul.percent,
        size(p.sent),
        size(down),
        size(up),
        clock(total),
        clock(spent),
        clock(total.saturating_sub(spent)),
        size(speed),
    )
}

/// Nothing is estimated where nothing moves.
#[derive(Clone, Copy, Debug, Default)]
struct Estimate {
    percent: u64,
    seconds: u64,
}

fn estimate(done: u64, of: Option<u64>, speed: u64) -> Estimate {
    match (of, speed) {
        (Some(of), 1..) => Estimate { percent: percent(done, of), seconds: of / speed },
        _ => Estimate::default(),
    }
}

fn percent(done: u64, of: u64) -> u64 {
    match of {
        0 => 0,
        1..=10_000 => done.saturating_mul(100) / of,
        _ => done / (of / 100),
    }
}

#[cfg(test)]
mod tests;
