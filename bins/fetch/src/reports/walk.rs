//! The way of a name from the root down.

use super::{Page, Tone};

/// A name that was followed: what each level said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    /// Which.
    pub(crate) name: String,
    /// A line a level, with whether it leads on.
    pub(crate) lines: Vec<(bool, String)>,
}

impl Walked {
    /// Writes it.
    pub(crate) fn write(&self, page: &mut Page) {
        page.heading(&format!("{}, from the root down", self.name));
        for (is_good, line) in &self.lines {
            let tone = if *is_good { Tone::Plain } else { Tone::Bad };
            page.text("  ", 4, tone, line);
        }
    }
}
