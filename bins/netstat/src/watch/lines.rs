//! A change a line: `+` for what was opened, `-` for what was closed, `~` for what has changed, and then
//! the row as it would be listed.

use std::fmt::Write as _;

use anyhow::Result;
use wireline_host::sockets::InetSocket;

use super::Look;
use super::changes::Changed;
use crate::event::{ChangedSocket, Event, Socket};
use crate::output::Output;
use crate::sockets::{Lines, Programs, Shown, json, state_name};

pub(super) fn header(shown: Shown, output: &mut Output) -> Result<()> {
    let programs = Programs::default();
    output.text(format_args!("  {}", Lines::new(shown, &programs).header()))?;
    output.flush()
}

pub(super) fn show(look: &Look<'_>, shown: Shown, output: &mut Output) -> Result<()> {
    let mut then = Lines::new(shown, look.before);
    for row in &look.changes.closed {
        line(b"- ", then.row(row), "", output)?;
    }
    let mut now = Lines::new(shown, look.programs);
    for row in &look.changes.opened {
        line(b"+ ", now.row(row), "", output)?;
    }
    for changed in &look.changes.changed {
        line(b"~ ", now.row(&changed.now), &difference(changed), output)?;
    }
    Ok(())
}

fn line(mark: &[u8], row: &[u8], more: &str, output: &mut Output) -> Result<()> {
    output.bytes(mark)?;
    output.bytes(row.strip_suffix(b"\n").unwrap_or(row))?;
    output.text(format_args!("{more}\n"))
}

/// What the row itself does not say.
fn difference(changed: &Changed) -> String {
    let Changed { now, was, rates } = changed;
    let mut text = String::new();
    if *was != now.state {
        text.push_str(" was ");
        text.push_str(state_name(*was));
    }
    for (rate, name) in [(rates.received, "received"), (rates.acked, "acked")] {
        if rate > 0 {
            let _ = write!(text, " {name} {rate} B/s");
        }
    }
    text
}

pub(super) fn json(look: &Look<'_>, shown: Shown, output: &mut Output) -> Result<()> {
    let socket = |row: &InetSocket, programs: &Programs| Socket {
        owners: shown.programs.then(|| json::owners(programs, row.inode)),
        ..json::socket(row)
    };
    for row in &look.changes.closed {
        output.row(&Event::Closed(Box::new(socket(row, look.before))))?;
    }
    for row in &look.changes.opened {
        output.row(&Event::Opened(Box::new(socket(row, look.programs))))?;
    }
    for changed in &look.changes.changed {
        output.row(&Event::Changed(Box::new(ChangedSocket {
            socket: socket(&changed.now, look.programs),
            was: state_name(changed.was).to_ascii_lowercase(),
            received_per_second: changed.rates.received,
            acked_per_second: changed.rates.acked,
        })))?;
    }
    Ok(())
}
