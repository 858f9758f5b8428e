//! Sockets, table after table: what is asked of [`wireline_host`], and in which order it is shown.

mod address;
mod choice;
mod inet;
pub(crate) mod json;
mod owner;
mod pretty;
mod source;
mod unix;

use anyhow::Result;
pub(crate) use choice::{Choice, Numeric, Shown, Which, state_name};
pub(crate) use inet::Lines;
pub(crate) use owner::Programs;
pub(crate) use pretty::{Rows, columns};
pub(crate) use source::Source;

use crate::explain::{self, Counts};
use crate::output::Output;

/// One listing.
pub(crate) fn show(choice: Choice, shown: Shown, output: &mut Output) -> Result<()> {
    let (mut source, mut programs) = (Source::live(), Programs::default());
    if shown.programs {
        // Who has a socket open is known only when all of them are: the rows wait for it.
        source = source.keep(choice, shown)?;
        programs = Programs::find(source.inodes(), output.is_json())?;
        programs.complain();
    }
    let mut counts = Counts::default();
    if output.is_json() {
        return json::show(choice, shown, &mut source, &programs, &mut counts, output);
    }
    if shown.pretty {
        return pretty::show(choice, shown, &mut source, &programs, output);
    }
    if let Some(title) = choice.inet_title() {
        let mut lines = Lines::new(shown, &programs);
        output.bytes(title.as_bytes())?;
        output.bytes(lines.header().as_bytes())?;
        source.inet(choice, shown, &mut |row| {
            counts.add(row);
            output.bytes(lines.row(row))
        })?;
    }
    if let Some(title) = choice.unix_title() {
        output.bytes(title.as_bytes())?;
        output.bytes(unix::header(shown).as_bytes())?;
        source.unix(choice, &mut |entry| {
            output.bytes(unix::row(entry, shown, &programs).as_bytes())
        })?;
    }
    if shown.explain { explain::show(&counts, output) } else { Ok(()) }
}
