//! The kernel's neighbour table, as arp(8) shows and changes it.

use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) fn main(_program: &str, _words: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
