//! `handshake check`: a graded report on one server's TCP, with what each line was seen by.

mod args;
mod event;
mod expect;
mod fact;
mod found;
mod grade;
mod kernel;
mod kernel_talk;
mod raw;
mod report;
mod samples;
mod test;
mod text;

pub use samples::Told;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory as _;
use wireline_cli::{Exit, Grammar, Refusal, parse, run};
use wireline_host::Target;
use wireline_net::{Signals, Via, drop_privileges, source_address};

use crate::exit::{NAME, USAGE};
use args::{Args, Config};
use event::Access;
use found::Results;
use raw::Raw;

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a target is needed", USAGE) };
    match parse::<Args>("handshake check", words, grammar) {
        Ok(args) => run("handshake check", || crate::exit::sorted(check(&args))),
        Err(exit) => exit,
    }
}

fn check(args: &Args) -> anyhow::Result<Exit> {
    let config = Config::new(args)?;
    let signals = Signals::new()?;
    // In this order: raw sockets need privilege; names and what strangers send must not have it.
    let raw = Raw::open(&config)?;
    drop_privileges()?;
    let target = Target::resolve(&config.target.host, config.way.family)
        .map_err(|why| Refusal::new(NAME, why.to_string()))?;
    let mut remote = target.address();
    remote.set_port(config.target.port);
    let access = if raw.is_some() { Access::Raw } else { Access::Connect };
    let mut report = report::Report::new(&config, remote, access);
    report.start()?;
    let via =
        Via { device: config.way.device.as_deref(), source: config.way.source, ..Via::default() };
    let results = match (raw, source_address(remote, via)) {
        (Some(raw), Ok(local)) => raw.ask(&config, (local, remote), &signals)?,
        // Without a way the kernel says best why.
        _ => kernel::ask(&config, remote, &signals)?,
    };
    report.end(&Results { is_ipv6: remote.is_ipv6(), ..results })
}
