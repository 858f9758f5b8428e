//! The table in its place on a terminal: the busiest first, as many rows as there is room for.

use std::collections::HashMap;

use anyhow::Result;
use wireline_host::sockets::InetSocket;

use super::Look;
use super::changes::Rates;
use crate::output::Output;
use crate::pretty::{Cell, Colour, Column, Surface, Table};
use crate::sockets::{Rows, Shown, columns};

/// The other screen of a terminal (`xterm`'s 1049), so that what stood on the first is there afterwards.
pub(super) struct Screen {
    is_wide: bool,
}

/// Where nobody tells how many there are.
const LINES: usize = 24;
/// The other screen, and no cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// To the top; the rest of a line; the rest of the screen.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// A row, and what is new of it.
struct Marked<'a> {
    mark: Mark,
    row: &'a InetSocket,
    rates: Rates,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Closed,
    Opened,
    Changed,
    Same,
}

impl Screen {
    pub(super) fn open(is_wide: bool, output: &mut Output) -> Result<Self> {
        output.bytes(ENTER.as_bytes())?;
        output.flush()?;
        Ok(Self { is_wide })
    }

    pub(super) fn show(&self, look: &Look<'_>, shown: Shown, output: &mut Output) -> Result<()> {
        let surface = Surface::stdout(self.is_wide);
        let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
        let height = size.map_or(0, |size| usize::from(size.ws_row));
        // Title and header are lines, too.
        let room = if height > 0 { height } else { LINES }.saturating_sub(3).max(1);
        let table = table(look, shown, room);
        output.bytes(HOME.as_bytes())?;
        let lines = std::iter::once(title(look)).chain(table.lines(surface));
        for line in lines {
            output.text(format_args!("{line}{REST_OF_LINE}\r\n"))?;
        }
        output.bytes(REST_OF_SCREEN.as_bytes())
    }

    pub(super) fn close(output: &mut Output) -> Result<()> {
        output.bytes(LEAVE.as_bytes())
    }
}

fn title(look: &Look<'_>) -> String {
    let changes = look.changes;
    format!(
        "{} sockets, {} opened, {} closed, {} changed in {:.1} s (q ends)",
        look.rows.len(),
        changes.opened.len(),
        changes.closed.len(),
        changes.changed.len(),
        changes.elapsed.as_secs_f64()
    )
}

fn table(look: &Look<'_>, shown: Shown, room: usize) -> Table {
    let titles = [Column::Left(""), Column::Right("In B/s"), Column::Right("Out B/s")];
    let mut table = Table::new(titles.into_iter().chain(columns(shown)).collect());
    let mut now = Rows::new(shown, look.programs);
    let mut before = Rows::new(shown, look.before);
    for one in marked(look).into_iter().take(room) {
        let rows = if one.mark == Mark::Closed { &mut before } else { &mut now };
        let first = [one.mark.cell(), rate(one.rates.received), rate(one.rates.acked)];
        table.push(first.into_iter().chain(rows.row(one.row)).collect());
    }
    table
}

/// The busiest first, then what is new, then the order of the listing.
fn marked<'a>(look: &'a Look<'_>) -> Vec<Marked<'a>> {
    let ends = |row: &InetSocket| (row.protocol, row.local, row.remote, row.cookie);
    let new = look.changes.opened.iter().map(|row| (row, Mark::Opened, Rates::default()));
    let other = look.changes.changed.iter().map(|it| (&it.now, Mark::Changed, it.rates));
    let known: HashMap<_, _> =
        new.chain(other).map(|(row, mark, rates)| (ends(row), (mark, rates))).collect();
    let now = look.rows.iter().map(|row| {
        let same = (Mark::Same, Rates::default());
        let (mark, rates) = known.get(&ends(row)).copied().unwrap_or(same);
        Marked { mark, row, rates }
    });
    let gone = look.changes.closed.iter();
    let gone = gone.map(|row| Marked { mark: Mark::Closed, row, rates: Rates::default() });
    let mut rows: Vec<_> = now.chain(gone).collect();
    rows.sort_by_key(|one| {
        let busy = one.rates.received.saturating_add(one.rates.acked);
        (std::cmp::Reverse(busy), one.mark)
    });
    rows
}

impl Mark {
    fn cell(self) -> Cell {
        match self {
            Self::Opened => Cell::new("+", Colour::Green),
            Self::Closed => Cell::new("-", Colour::Red),
            Self::Changed => Cell::new("~", Colour::Yellow),
            Self::Same => Cell::default(),
        }
    }
}

fn rate(rate: u64) -> Cell {
    let colour = if rate == 0 { Colour::Dim } else { Colour::Bold };
    Cell::new(rate.to_string(), colour)
}
