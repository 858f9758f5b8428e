//! One host by its address, as arping asks: who has it, does anybody have it, it is mine.

use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) fn main(_program: &str, _words: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
