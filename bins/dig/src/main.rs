//! `dig`. See [`wireline_dig`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_dig::main(&std::env::args_os().collect::<Vec<_>>())
}
