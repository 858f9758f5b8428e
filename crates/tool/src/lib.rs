//! What joins an engine's events with names and output, the same in every binary that prints a line an
//! event.
//!
//! It knows no flag and no layout.
#![forbid(unsafe_code)]

mod lookup;
mod printer;

pub use lookup::Lookup;
pub use printer::{IsReady, Printer, Reading};
