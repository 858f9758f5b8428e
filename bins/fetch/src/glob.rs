//! Globs in URLs: `{a,b}`, `[1-9]`, `[a-z:2]` (curl(1), GLOBBING).
//!
//! One URL after the other: there may be more of them than there is memory.

/// What of a URL's text is written by globs.
#[derive(Clone, Debug)]
pub(crate) struct Glob {}

/// Where a glob is wrong, for exit code 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GlobError {
    /// In one line, or in three with a caret below the place.
    pub(crate) text: String,
}

/// A URL that a glob stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Globbed {
    /// Its text.
    pub(crate) url: String,
    /// What stands for each glob, in order.
    pub(crate) parts: Vec<String>,
}

impl Glob {
    /// Reads one.
    pub(crate) fn parse(_text: &str) -> Result<Self, GlobError> {
        todo!("codec")
    }

    /// Without globs (`-g`).
    #[must_use]
    pub(crate) fn literal(_text: &str) -> Self {
        todo!("codec")
    }

    /// How many URLs it stands for.
    #[must_use]
    pub(crate) fn count(&self) -> u64 {
        todo!("codec")
    }

    /// They, in order.
    pub(crate) fn urls(&self) -> impl Iterator<Item = Globbed> {
        std::iter::empty()
    }
}

impl Globbed {
    /// An output name with `#1`, `#2` … replaced; those that there are not are left.
    #[must_use]
    pub(crate) fn name(&self, _template: &str) -> String {
        todo!("codec")
    }
}
