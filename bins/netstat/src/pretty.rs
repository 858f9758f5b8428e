//! Tables for people: columns as wide as what is in them, and colours that say nothing that the words do
//! not.
//!
//! Only a terminal that is too narrow makes it cut anything, and never with `-W`.

use wireline_cli::Color;
use wireline_host::sockets::State;

/// What a table is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surface {
    /// In columns; `None` for no limit.
    pub(crate) width: Option<usize>,
    pub(crate) colour: Colours,
}

/// Whether there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    On,
    Off,
}

/// Of a piece of text, as ECMA-48 numbers them (SGR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Colour {
    #[default]
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

/// A piece of text in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    colour: Colour,
}

/// How a column is filled, and what may go where there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Left(&'static str),
    Right(&'static str),
    /// May be cut: an address, of which the port stays.
    Address(&'static str),
    /// May be cut at its end.
    Text(&'static str),
}

/// Rows that are shown together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// In columns: of what may be cut, so much stays.
const NARROWEST: usize = 12;
/// Between two columns.
const GAP: &str = "  ";
/// In the place of what was cut.
const ELLIPSIS: char = '…';

impl Surface {
    /// Standard output, as it is now.
    pub(crate) fn stdout(is_wide: bool) -> Self {
        let out = rustix::stdio::stdout();
        if !rustix::termios::isatty(out) {
            return Self { width: None, colour: Colours::Off };
        }
        let size = rustix::termios::tcgetwinsize(out).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        Self { width: width.filter(|_| !is_wide), colour: colours() }
    }
}

fn colours() -> Colours {
    if Color::Auto.is_on(true) { Colours::On } else { Colours::Off }
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>, colour: Colour) -> Self {
        Self { text: text.into(), colour }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Colour::Plain)
    }

    /// A queue: one with something in it stands out.
    pub(crate) fn queue(count: u32) -> Self {
        Self::new(count.to_string(), if count == 0 { Colour::Dim } else { Colour::Yellow })
    }

    /// A state: what serves is green, what somebody must see to is red, what goes by itself is dim.
    pub(crate) fn state(state: State, name: impl Into<String>) -> Self {
        let colour = match state {
            State::Listen => Colour::Cyan,
            State::Established => Colour::Green,
            State::CloseWait => Colour::Red,
            State::SynSent | State::SynReceived | State::NewSynReceived => Colour::Yellow,
            State::TimeWait | State::Close => Colour::Dim,
            _ => Colour::Plain,
        };
        Self::new(name, colour)
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

impl Column {
    const fn title(self) -> &'static str {
        match self {
            Self::Left(title) | Self::Right(title) | Self::Address(title) | Self::Text(title) => {
                title
            }
        }
    }

    const fn may_be_cut(self) -> bool {
        matches!(self, Self::Address(_) | Self::Text(_))
    }

    fn cut(self, text: &str, width: usize) -> String {
        let kept = width.saturating_sub(1);
        match (self, text.rsplit_once(':')) {
            (Self::Address(_), Some((host, port))) if port.len() < kept => {
                let host: String = host.chars().take(kept - 1 - port.len()).collect();
                format!("{host}{ELLIPSIS}:{port}")
            }
            _ => text.chars().take(kept).chain([ELLIPSIS]).collect(),
        }
    }
}

impl Colour {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
        }
    }
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// One cell a column.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The first is the header.
    pub(crate) fn lines(&self, surface: Surface) -> impl Iterator<Item = String> {
        let widths = self.widths(surface.width);
        let titles = self.columns.iter().map(|column| Cell::new(column.title(), Colour::Bold));
        let header = self.line(&titles.collect::<Vec<_>>(), &widths, surface.colour);
        let rows = self.rows.iter().map(move |row| self.line(row, &widths, surface.colour));
        std::iter::once(header).chain(rows)
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<_> = self.columns.iter().map(|column| column.title().len()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        if let Some(limit) = limit {
            self.shrink(&mut widths, limit);
        }
        widths
    }

    /// Takes from the widest of those that may be cut, until all fits or none may.
    fn shrink(&self, widths: &mut [usize], limit: usize) {
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > limit {
            let columns = self.columns.iter().zip(widths.iter_mut());
            let cuttable =
                columns.filter(|(column, width)| column.may_be_cut() && **width > NARROWEST);
            let Some((_, widest)) = cuttable.max_by_key(|(_, width)| **width) else { return };
            *widest -= 1;
        }
    }

    fn line(&self, row: &[Cell], widths: &[usize], colours: Colours) -> String {
        let mut line = String::new();
        for ((column, cell), width) in self.columns.iter().zip(row).zip(widths) {
            let is_cut = cell.width() > *width;
            let text = if is_cut { column.cut(&cell.text, *width) } else { cell.text.clone() };
            let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
            let (before, after) = match column {
                Column::Right(_) => (blanks.as_str(), ""),
                _ => ("", blanks.as_str()),
            };
            line.push_str(before);
            push_coloured(&mut line, &text, cell.colour, colours);
            line.push_str(after);
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn push_coloured(line: &mut String, text: &str, colour: Colour, colours: Colours) {
    if colours == Colours::Off || colour == Colour::Plain || text.is_empty() {
        return line.push_str(text);
    }
    line.push_str("\x1b[");
    line.push_str(colour.code());
    line.push('m');
    line.push_str(text);
    line.push_str("\x1b[0m");
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: Surface = Surface { width: None, colour: Colours::Off };

    fn table() -> Table {
        let columns = vec![
            Column::Left("P"),
            Column::Right("Queue"),
            Column::Address("To"),
            Column::Text("Who"),
        ];
        let mut table = Table::new(columns);
        for (queue, to, who) in [
            (0, "192.0.2.1:80", "1/a"),
            (12_345_678, "2001:db8:1111:2222::1:33060", "77/long name of it"),
        ] {
            let row = [Cell::plain("tcp"), Cell::queue(queue), Cell::plain(to), Cell::plain(who)];
            table.push(row.to_vec());
        }
        table
    }

    fn shown(surface: Surface) -> Vec<String> {
        table().lines(surface).collect()
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        assert_eq!(
            shown(PIPE),
            [
                "P       Queue  To                           Who",
                "tcp         0  192.0.2.1:80                 1/a",
                "tcp  12345678  2001:db8:1111:2222::1:33060  77/long name of it",
            ]
        );
    }

    #[test]
    fn narrow_terminal_cuts_the_widest_and_leaves_ports() {
        let lines = shown(Surface { width: Some(50), ..PIPE });
        assert_eq!(lines[2], "tcp  12345678  2001:db8:1…:33060  77/long name of…");
        assert!(lines.iter().all(|line| line.chars().count() <= 50), "{lines:?}");
        let lines = shown(Surface { width: Some(1), ..PIPE });
        assert_eq!(lines[2], "tcp  12345678  2001:…:33060  77/long nam…", "figures are never cut");
    }

    #[test]
    fn colours_are_beside_the_words() {
        let lines = shown(Surface { colour: Colours::On, ..PIPE });
        assert!(lines[0].starts_with("\x1b[1mP\x1b[0m"), "{lines:?}");
        assert!(lines[2].contains("\x1b[33m12345678\x1b[0m"), "{lines:?}");
        let plain: Vec<_> = lines.iter().map(|line| without_colours(line)).collect();
        assert_eq!(plain, shown(PIPE));
    }

    fn without_colours(line: &str) -> String {
        let mut pieces = line.split("\x1b[");
        let first = pieces.next().unwrap_or_default().to_owned();
        first + &pieces.filter_map(|piece| Some(piece.split_once('m')?.1)).collect::<String>()
    }

    #[test]
    fn what_is_no_address_is_cut_at_its_end() {
        assert_eq!(Column::Address("").cut("abcdef", 4), "abc…");
        assert_eq!(Column::Address("").cut("a:123456789", 4), "a:1…");
        assert_eq!(Column::Text("").cut("ab:cdef", 4), "ab:…");
        assert_eq!(Column::Text("").cut("äöü", 2), "ä…");
    }
}
