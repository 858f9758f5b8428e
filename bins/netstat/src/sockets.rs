//! Sockets, table after table: what is asked of [`wireline_host`], and in which order it is shown.

mod address;
mod beside;
mod choice;
mod files;
mod inet;
pub(crate) mod json;
mod owner;
mod pretty;
mod source;
pub(crate) mod unix;

use anyhow::Result;
pub(crate) use beside::{Beside, Wanted};
pub(crate) use choice::{Choice, Numeric, Shown, Which, state_name};
pub(crate) use inet::Lines;
pub(crate) use json::{full as json_socket, socket as plain_socket};
pub(crate) use owner::Programs;
pub(crate) use pretty::{Rows, columns};
pub(crate) use source::Source;
use wireline_cli::Exit;
use wireline_host::sockets::InetSocket;
use wireline_host::sockets::filter::Filter;

use crate::explain::{self, Counts};
use crate::filtering::Sieve;
use crate::output::Output;

/// Rows of the Internet's protocols that stay as they were, and their owners.
pub(crate) struct Kept {
    rows: Vec<InetSocket>,
    programs: Programs,
    sieve: Sieve,
}

impl Kept {
    pub(crate) fn read(choice: Choice, shown: Shown, filter: &Filter, all: bool) -> Result<Self> {
        let (sieve, mut rows) = (Sieve::new(filter), Vec::new());
        Source::filtered(&sieve).inet(choice, shown, &mut |row| {
            rows.push(row.clone());
            Ok(())
        })?;
        let mut programs = Programs::default();
        if shown.programs {
            programs = Programs::find(rows.iter().map(|row| row.inode).collect(), all)?;
            programs.complain();
        }
        Ok(Self { rows, programs, sieve })
    }

    pub(crate) fn rows(&self) -> &[InetSocket] {
        &self.rows
    }

    pub(crate) const fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Whether all could be decided.
    pub(crate) fn finish(&self) -> Result<()> {
        Ok(self.sieve.finish()?)
    }
}

/// One listing, with what `between` shows before the sockets of Unix.
pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    filter: &Filter,
    output: &mut Output,
    between: &mut dyn FnMut(&mut Output) -> Result<Exit>,
) -> Result<Exit> {
    let sieve = Sieve::new(filter);
    let exit = list(choice, shown, Source::filtered(&sieve), output, between)?;
    output.flush()?;
    sieve.finish()?;
    Ok(exit)
}

fn list(
    choice: Choice,
    shown: Shown,
    mut source: Source<'_>,
    output: &mut Output,
    between: &mut dyn FnMut(&mut Output) -> Result<Exit>,
) -> Result<Exit> {
    let mut programs = Programs::default();
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
    source: &mut Source<'_>,
    programs: &Programs,
    beside: &mut Beside,
    output: &mut Output,
    between: &mut dyn FnMut(&mut Output) -> Result<Exit>,
) -> Result<Exit> {
    let mut counts = Counts::default();
    if output.is_json() {
        if choice.is_some() {
            json::show(choice, shown, source, programs, beside, &mut counts, output)?;
        }
        return between(output);
    }
    if shown.pretty {
        pretty::show(choice, shown, source, programs, output)?;
        return between(output);
    }
    if let Some(title) = choice.inet_title() {
        let mut lines = Lines::new(shown, programs);
        output.bytes(title.as_bytes())?;
        output.bytes(lines.header().as_bytes())?;
        source.inet(choice, shown, &mut |row| {
            counts.add(row);
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
    if shown.explain && exit == Exit(0) {
        explain::show(&counts, output)?;
    }
    Ok(exit)
}
