//! `netstat`. See [`wireline_netstat`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_netstat::main(&std::env::args_os().collect::<Vec<_>>())
}
