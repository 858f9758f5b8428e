//! A whole segment: arp-scan's command line, and what it says.

pub(crate) mod args;
mod complaint;
mod format;
mod grammar;
mod number;

use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) use args::Args;

pub(crate) fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

pub(crate) fn main(_program: &str, _words: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
