//! The `fetch` command: URLs transferred over HTTP 1.1, 2 and 3, every phase in the open.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Command;

mod exit;
#[expect(dead_code, reason = "the command line's part uses it")]
mod glob;
mod output;

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> Command {
    Command::new("fetch").about("Transfer URLs over HTTP 1.1, 2 and 3, every phase in the open")
}

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(_words: &[OsString]) -> ExitCode {
    exit::SETUP.into()
}
