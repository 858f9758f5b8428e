//! `handshake check`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use wireline_cli::{Grammar, parse, run};

use crate::exit::USAGE;

mod expect;
mod fact;

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(name = "check", args_override_self = true)]
struct Args {}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a target is needed", USAGE) };
    match parse::<Args>("handshake check", words, grammar) {
        Ok(args) => run("handshake check", || anyhow::bail!("{args:?}: not there yet")),
        Err(exit) => exit,
    }
}
