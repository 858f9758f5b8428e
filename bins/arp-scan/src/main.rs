//! `arp-scan`. See [`wireline_arp_scan`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wireline_arp_scan::main(&std::env::args_os().collect::<Vec<_>>())
}
