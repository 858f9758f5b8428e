//! Sockets for people: the same rows as always, in columns that fit.

use anyhow::Result;
use wireline_host::sockets::{InetSocket, Protocol, State, UnixEntry};

use super::address::Addresses;
use super::choice::{Choice, Shown, state_name};
use super::inet;
use super::owner::Programs;
use super::source::Source;
use super::unix;
use crate::explain::{self, Counts};
use crate::output::Output;
use crate::pretty::{Cell, Colour, Column, Surface, Table};

pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    source: &mut Source<'_>,
    programs: &Programs,
    output: &mut Output,
) -> Result<()> {
    let surface = Surface::stdout(shown.wide);
    let mut counts = Counts::default();
    if let Some(title) = choice.inet_title() {
        let mut rows = Rows::new(shown, programs);
        let mut table = Table::new(columns(shown));
        source.inet(choice, shown, &mut |row| {
            counts.add(row);
            table.push(rows.row(row));
            Ok(())
        })?;
        write(&title, &table, surface, output)?;
    }
    if let Some(title) = choice.unix_title() {
        let mut table = Table::new(unix_columns(shown));
        source.unix(choice, &mut |entry| {
            table.push(unix_row(entry, shown, programs));
            Ok(())
        })?;
        write(&title, &table, surface, output)?;
    }
    if shown.explain { explain::show(&counts, output) } else { Ok(()) }
}

fn write(title: &str, table: &Table, surface: Surface, output: &mut Output) -> Result<()> {
    output.bytes(title.as_bytes())?;
    table.lines(surface).try_for_each(|line| output.text(format_args!("{line}\n")))
}

/// Makes cells, and looks up what they name.
pub(crate) struct Rows<'a> {
    shown: Shown,
    programs: &'a Programs,
    addresses: Addresses,
}

pub(crate) fn columns(shown: Shown) -> Vec<Column> {
    let mut columns = vec![
        Column::Left("Proto"),
        Column::Right("Recv-Q"),
        Column::Right("Send-Q"),
        Column::Address("Local Address"),
        Column::Address("Foreign Address"),
        Column::Left("State"),
    ];
    if shown.extended {
        columns.extend([Column::Left("User"), Column::Right("Inode")]);
    }
    if shown.programs {
        columns.push(Column::Text("PID/Program name"));
    }
    if shown.timers {
        columns.push(Column::Left("Timer"));
    }
    columns
}

impl<'a> Rows<'a> {
    pub(crate) fn new(shown: Shown, programs: &'a Programs) -> Self {
        Self { shown, programs, addresses: Addresses::new(shown.numeric, true) }
    }

    pub(crate) fn row(&mut self, row: &InetSocket) -> Vec<Cell> {
        let is_listener = row.state == State::Listen && row.protocol == Protocol::Tcp;
        let mut cells = vec![
            Cell::plain(inet::protocol_name(row)),
            Cell::queue(row.recv_queue),
            Cell::queue(if is_listener { 0 } else { row.send_queue }),
            Cell::plain(self.address(row, row.local)),
            Cell::plain(self.address(row, row.remote)),
            state(row),
        ];
        if self.shown.extended {
            let user = self.addresses.user(row.uid).to_owned();
            cells.extend([Cell::plain(user), Cell::plain(row.inode.to_string())]);
        }
        if self.shown.programs {
            cells.push(program(self.programs, row.inode));
        }
        if self.shown.timers {
            let mut timer = String::new();
            inet::push_timer(&mut timer, row.protocol, row.timer);
            cells.push(Cell::plain(timer));
        }
        cells
    }

    fn address(&mut self, row: &InetSocket, end: wireline_host::sockets::Endpoint) -> String {
        let mut text = String::new();
        self.addresses.push(&mut text, row, end);
        text.truncate(text.trim_end().len());
        text
    }
}

fn state(row: &InetSocket) -> Cell {
    match (row.protocol, row.state) {
        (Protocol::Raw, state) => Cell::plain(state.number().to_string()),
        (Protocol::Udp | Protocol::UdpLite, State::Close) => Cell::default(),
        (_, state) => Cell::state(state, state_name(state)),
    }
}

fn program(programs: &Programs, inode: u32) -> Cell {
    let text = programs.whole(inode);
    let colour = if text == "-" { Colour::Dim } else { Colour::Plain };
    Cell::new(text, colour)
}

fn unix_columns(shown: Shown) -> Vec<Column> {
    let mut columns = vec![
        Column::Left("Proto"),
        Column::Right("RefCnt"),
        Column::Left("Flags"),
        Column::Left("Type"),
        Column::Left("State"),
        Column::Right("I-Node"),
    ];
    if shown.programs {
        columns.push(Column::Text("PID/Program name"));
    }
    columns.push(Column::Text("Path"));
    columns
}

fn unix_row(entry: &UnixEntry<'_>, shown: Shown, programs: &Programs) -> Vec<Cell> {
    let state = match unix::state(entry) {
        "LISTENING" => Cell::new("LISTENING", Colour::Cyan),
        "CONNECTED" => Cell::new("CONNECTED", Colour::Green),
        other => Cell::plain(other),
    };
    let mut cells = vec![
        Cell::plain("unix"),
        Cell::plain(entry.references.to_string()),
        Cell::plain(unix::flags(entry.flags)),
        Cell::plain(unix::kind(entry.kind)),
        state,
        Cell::plain(entry.inode.to_string()),
    ];
    if shown.programs {
        cells.push(program(programs, entry.inode));
    }
    cells.push(Cell::plain(unix::path(entry.path.unwrap_or_default())));
    cells
}
