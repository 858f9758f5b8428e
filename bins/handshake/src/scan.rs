//! `handshake scan`: which ports of which hosts are open.

mod args;
mod carrier;
mod config;
mod run;
mod sink;
mod text;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use args::Args;
use clap::CommandFactory as _;
use wireline_cli::{Grammar, parse, run as run_tool};

use crate::exit::USAGE;

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a target is needed", USAGE) };
    match parse::<Args>("handshake scan", &as_clap_has_it(words), grammar) {
        Ok(args) => run_tool("handshake scan", || crate::exit::sorted(run::run(&args))),
        Err(exit) => exit,
    }
}

/// `-iL FILE`, as nmap's users write it.
fn as_clap_has_it(words: &[OsString]) -> Vec<OsString> {
    let mut is_flag = true;
    let long = |word: &OsString| {
        is_flag &= word != "--";
        if is_flag && word == "-iL" { "--input-list".into() } else { word.clone() }
    };
    words.iter().map(long).collect()
}
