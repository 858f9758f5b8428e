//! The table in place, as long as somebody watches.

use std::io;
use std::time::Duration;

use wireline_cli::{Live, Render, Streams, escape};
use wireline_engine::trace::Start;
use wireline_engine::trace::cycles::{Cycle, Event};

use super::table::{Table, date};

pub(super) struct LiveView {
    pub(super) table: Table,
    pub(super) live: Live,
    pub(super) title: String,
    /// When it began, after 1970.
    pub(super) began: Duration,
    /// Lines on the screen.
    pub(super) drawn: usize,
}

impl LiveView {
    fn start(&mut self, at: Duration, start: &Start) {
        self.began = at;
        self.title = format!("{} ({})", escape(&start.target), start.address.ip());
        self.draw(vec![format!("{}: first cycle", self.title)]);
    }

    fn cycle(&mut self, cycle: &Cycle) {
        let Cycle { cycle: number, sent, answered, .. } = cycle;
        let title =
            format!("{}: cycle {number}, {answered} of {sent} answered; ^C ends", self.title);
        let rows = self.table.lines(&cycle.hops);
        self.draw(std::iter::once(title).chain(rows).collect());
    }

    /// A table that has become shorter leaves no rows behind.
    fn draw(&mut self, lines: Vec<String>) {
        let blank = self.drawn.saturating_sub(lines.len());
        self.drawn = self.drawn.max(lines.len());
        let lines = lines.into_iter().chain(std::iter::repeat_n(String::new(), blank));
        lines.enumerate().for_each(|(n, line)| self.live.set(n, line));
    }
}

impl Render<Event> for LiveView {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(start) => self.start(at, start),
            Event::Cycle(cycle) => self.cycle(cycle),
            Event::Report(report) => {
                self.live.clear()?;
                writeln!(to.out, "Start: {}", date(self.began))?;
                self.table.report(report, to)?;
            }
        }
        Ok(())
    }
}
