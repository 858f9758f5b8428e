//! The binary: argv in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    wireline_traceroute::main(&words)
}
