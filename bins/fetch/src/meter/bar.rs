//! The bar of `-#`.

use std::time::Duration;

use wireline_http::Progress;

/// Between two drawings.
const PAUSE: Duration = Duration::from_millis(100);

/// Without terminal or `COLUMNS`.
const COLUMNS: usize = 79;

/// One transfer's bar, drawn over itself.
#[derive(Debug)]
pub(crate) struct Bar {
    width: usize,
    drawn: Option<Duration>,
    point: u64,
    /// What flies while nobody knows how much there will be.
    flies_at: usize,
    flies_back: bool,
}

impl Bar {
    /// For a terminal of so many columns.
    pub(crate) fn new(columns: Option<usize>) -> Self {
        let columns = columns.filter(|columns| *columns > 20).unwrap_or(COLUMNS).min(407);
        Self { width: columns - 7, drawn: None, point: 0, flies_at: 0, flies_back: false }
    }

    /// The bar, where it changed and it is time. `resumed` octets were there before.
    pub(crate) fn tick(&mut self, at: Duration, p: &Progress, resumed: u64) -> Option<String> {
        let point = p.received.saturating_add(p.sent).saturating_add(resumed);
        let of = p.to_receive.unwrap_or(0).saturating_add(p.to_send.unwrap_or(0));
        let of = if of == 0 { 0 } else { of.saturating_add(resumed) };
        let is_early = self.drawn.is_some_and(|drawn| at.saturating_sub(drawn) < PAUSE);
        if of == 0 {
            return (!is_early && at >= PAUSE).then(|| self.fly(at));
        }
        if self.point == point || (is_early && point < of) {
            return None;
        }
        (self.drawn, self.point) = (Some(at), point);
        Some(self.draw(point.min(of), of))
    }

    fn draw(&self, point: u64, of: u64) -> String {
        let marks = u128::from(point) * self.width as u128 / u128::from(of);
        let marks = "#".repeat(usize::try_from(marks).unwrap_or(self.width));
        let percent = u128::from(point) * 1000 / u128::from(of);
        format!("\r{marks:width$} {:3}.{}%", percent / 10, percent % 10, width = self.width)
    }

    fn fly(&mut self, at: Duration) -> String {
        self.drawn = Some(at);
        let last = self.width.saturating_sub(5);
        self.flies_back =
            if self.flies_back { self.flies_at > 2 } else { self.flies_at + 2 > last };
        let place = if self.flies_back {
            self.flies_at.saturating_sub(2)
        } else {
            self.flies_at.saturating_add(2)
        };
        self.flies_at = place.min(last);
        format!(
            "\r{}{:width$}",
            " ".repeat(self.flies_at),
            "-=O=-",
            width = self.width - self.flies_at
        )
    }
}
