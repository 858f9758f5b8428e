//! Sockets, table after table: what is asked of [`wireline_host`], and in which order it is shown.

mod address;
mod beside;
mod choice;
mod files;
mod inet;
pub(crate) mod json;
mod owner;
mod source;
pub(crate) mod unix;

use anyhow::Result;
pub(crate) use beside::{Beside, Wanted};
pub(crate) use choice::{Choice, Numeric, Shown, Which, state_name};
pub(crate) use inet::Lines;
pub(crate) use owner::Programs;
pub(crate) use source::Source;
use wireline_cli::Exit;

use crate::output::Output;

/// One listing, with what `between` shows before the sockets of Unix.
pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    output: &mut Output,
    between: &mut dyn FnMut(&mut Output) -> Result<Exit>,
) -> Result<Exit> {
    let (mut source, mut programs) = (Source::live(), Programs::default());
    let mut beside = Beside::read(choice, shown)?;
    if shown.programs {
        // Who has a socket open is known only when all of them are: the rows wait for it.
        source = source.keep(choice, shown)?;
        programs = Programs::find(source.inodes(), output.is_json())?;
        programs.complain();
    }
    print(choice, shown, &mut source, &programs, &mut beside, output, between)
}

/// The rows, wherever they are from, with what `between` shows before the sockets of Unix.
pub(crate) fn print(
    choice: Choice,
    shown: Shown,
    source: &mut Source,
    programs: &Programs,
    beside: &mut Beside,
    output: &mut Output,
    between: &mut dyn FnMut(&mut Output) -> Result<Exit>,
) -> Result<Exit> {
    if output.is_json() {
        if choice.is_some() {
            json::show(choice, shown, source, programs, beside, output)?;
        }
        return between(output);
    }
    if let Some(title) = choice.inet_title() {
        let mut lines = Lines::new(shown, programs);
        output.bytes(title.as_bytes())?;
        output.bytes(lines.header().as_bytes())?;
        source.inet(choice, shown, &mut |row| {
            output.bytes(lines.row(row))?;
            output.bytes(beside.lines(row))
        })?;
    }
    let exit = between(output)?;
    if let Some(title) = choice.unix_title().filter(|_| exit == Exit(0)) {
        output.bytes(title.as_bytes())?;
        output.bytes(unix::header(shown).as_bytes())?;
        source.unix(choice, &mut |entry| {
            output.bytes(unix::row(entry, shown, programs).as_bytes())?;
            output.bytes(beside.unix_lines(entry.inode))
        })?;
    }
    Ok(exit)
}
