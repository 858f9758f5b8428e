//! Sockets, table after table: what is asked of [`wireline_host`], and in which order it is shown.

mod address;
mod choice;
mod inet;
mod json;
mod owner;
mod source;
mod unix;

use anyhow::Result;
pub(crate) use choice::{Choice, Numeric, Shown, Which};
pub(crate) use inet::Lines;
pub(crate) use json::{full as json_socket, socket as plain_socket};
use owner::Programs;
use source::Source;
use wireline_host::sockets::InetSocket;
use wireline_host::sockets::filter::Filter;

use crate::filtering::Sieve;
use crate::output::Output;

/// One listing.
pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    filter: &Filter,
    output: &mut Output,
) -> Result<()> {
    let sieve = Sieve::new(filter);
    list(choice, shown, Source::filtered(&sieve), output)?;
    output.flush()?;
    Ok(sieve.finish()?)
}

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

fn list(choice: Choice, shown: Shown, mut source: Source<'_>, output: &mut Output) -> Result<()> {
    let mut programs = Programs::default();
    if shown.programs {
        // Who has a socket open is known only when all of them are: the rows wait for it.
        source = source.keep(choice, shown)?;
        programs = Programs::find(source.inodes(), output.is_json())?;
        programs.complain();
    }
    if output.is_json() {
        return json::show(choice, shown, &mut source, &programs, output);
    }
    if let Some(title) = choice.inet_title() {
        let mut lines = Lines::new(shown, &programs);
        output.bytes(title.as_bytes())?;
        output.bytes(lines.header().as_bytes())?;
        source.inet(choice, shown, &mut |row| output.bytes(lines.row(row)))?;
    }
    if let Some(title) = choice.unix_title() {
        output.bytes(title.as_bytes())?;
        output.bytes(unix::header(shown).as_bytes())?;
        source.unix(choice, &mut |entry| {
            output.bytes(unix::row(entry, shown, &programs).as_bytes())
        })?;
    }
    Ok(())
}
