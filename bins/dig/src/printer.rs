//! All that is printed of a run: each query's banner, messages and notices, in its layout.
//!
//! It asks nobody and reads no clock: the events say what happened, and when.

use std::io::{self, Write};
use std::time::Duration;

use wireline_dns::lookup::Event;

use crate::layout::Layout;

/// Writes what happens, and shows it after each event.
pub(crate) struct Printer<W> {
    to: W,
    page: Vec<u8>,
    layout: Layout,
    banner: String,
}

impl<W: Write> Printer<W> {
    /// Writes to `to`, which need have no buffer.
    pub(crate) fn new(to: W, layout: Layout) -> Self {
        Self { to, page: Vec::with_capacity(4096), layout, banner: String::new() }
    }

    /// What follows is of another query. Its banner, where it has one, is written before its first
    /// message or, where there is none, before it is given up.
    pub(crate) fn begin(&mut self, layout: Layout, banner: Option<String>) {
        self.layout = layout;
        self.banner = banner.unwrap_or_default();
    }

    /// Writes what happened at `at` after 1970 UTC.
    pub(crate) fn event(&mut self, at: Duration, event: &Event) -> io::Result<()> {
        let _ = (at, event);
        self.show()
    }

    fn show(&mut self) -> io::Result<()> {
        let written = self.to.write_all(&self.page).and_then(|()| self.to.flush());
        self.page.clear();
        written
    }
}

/// The banner of a query: the words of the command line (or of the line of a batch file), and before the
/// first query of all, what the options are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Banner<'a> {
    /// The words after the program's name.
    pub words: &'a [String],
    /// Of the first query of all: how many servers `@server` is, 0 without one.
    pub first: Option<usize>,
    /// `+short` at that place.
    pub short: bool,
}
