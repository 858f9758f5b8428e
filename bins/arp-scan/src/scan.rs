//! A whole segment.

use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) fn command() -> clap::Command {
    clap::Command::new("arp-scan")
}

pub(crate) fn main(_program: &str, _words: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
