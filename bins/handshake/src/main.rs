//! `handshake`. See [`wireline_handshake`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_handshake::main(&std::env::args_os().collect::<Vec<_>>())
}
