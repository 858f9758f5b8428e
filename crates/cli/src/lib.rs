//! What every binary shares: exit codes, error reports, renderers, flag groups.
//!
//! A new flag goes here only when two binaries mean the same thing by it.
#![forbid(unsafe_code)]

mod exit;
mod flags;
mod live;
mod parse;
mod progress;
mod render;
mod terminal;

pub use exit::{Exit, Refusal, run};
pub use flags::FamilyFlags;
pub use live::{Live, sparkline};
pub use parse::{Grammar, parse};
pub use progress::Progress;
pub use render::{JsonLines, Output, Render, Streams};
pub use terminal::{Color, escape, speaks_utf8};
