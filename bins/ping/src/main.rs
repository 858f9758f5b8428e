//! `ping`. See [`wireline_ping`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_ping::main(&std::env::args_os().collect::<Vec<_>>())
}
