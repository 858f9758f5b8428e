//! `fetch`. See [`wireline_fetch`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_fetch::main(&std::env::args_os().collect::<Vec<_>>())
}
