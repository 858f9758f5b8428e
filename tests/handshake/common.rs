//! What the tests of handshake share: the ways to run it.

use std::path::PathBuf;

use assert_cmd::cargo::cargo_bin;
pub(crate) use wireline_lab::Run;
use wireline_lab::{Background, Host};

pub(crate) fn program_path() -> PathBuf {
    cargo_bin!("handshake").to_path_buf()
}

/// Runs handshake as root. Arguments are cut at spaces.
pub(crate) fn handshake(host: &Host<'_>, args: &str) -> Run {
    Run::to_end(host.command(cargo_bin!("handshake")), args)
}

/// Runs handshake as an ordinary user without any capability.
pub(crate) fn as_nobody(host: &Host<'_>, args: &str) -> Run {
    Run::to_end(host.as_nobody(cargo_bin!("handshake")), args)
}

/// Runs handshake as an ordinary user, from a file with no capability but `cap_net_raw+p`.
pub(crate) fn with_net_raw(host: &Host<'_>, args: &str) -> Run {
    Run::to_end(host.with_file_capabilities(cargo_bin!("handshake"), "cap_net_raw+p"), args)
}

/// Runs it where the test itself is: for words that send nothing.
pub(crate) fn here(args: &str) -> Run {
    Run::to_end(assert_cmd::Command::new(cargo_bin!("handshake")), args)
}

/// Starts handshake beside the test, as root. Arguments are cut at spaces.
pub(crate) fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(cargo_bin!("handshake"), args.split_whitespace())
}
