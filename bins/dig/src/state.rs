//! What reading keeps from word to word and from line to line.

use std::time::Duration;

use crate::options::{Globals, Options, Split};

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// What a new query begins with.
    pub template: Options,
    /// What dig has once for the process.
    pub process: Process,
    /// What ours has once for the process.
    pub globals: Globals,
}

/// What dig keeps once, whichever query an option is written at.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    /// `-p`.
    pub port: Option<u16>,
    /// `+timeout`.
    pub timeout: Option<Duration>,
    /// `+ndots`.
    pub ndots: Option<u16>,
    /// `+search`.
    pub use_search: bool,
    /// `+showsearch`.
    pub show_search: bool,
    /// `+domain`.
    pub domain: Option<String>,
    /// `+short`.
    pub short: bool,
    /// `+yaml`.
    pub yaml: bool,
    /// `+split`.
    pub split: Split,
    /// `+keepopen`.
    pub keep_open: bool,
    /// `+cmd`.
    pub command: bool,
    /// `+question` before the first name: transfers heed no other.
    pub question: bool,
    /// `+comments` before the first name.
    pub comments: bool,
    /// Whether a greeting was made.
    pub greeted: bool,
}
