//! `handshake ping`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use wireline_cli::{Grammar, parse, run};

use crate::exit::USAGE;

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(name = "ping", args_override_self = true)]
struct Args {}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a target is needed", USAGE) };
    match parse::<Args>("handshake ping", words, grammar) {
        Ok(args) => run("handshake ping", || anyhow::bail!("{args:?}: not there yet")),
        Err(exit) => exit,
    }
}
