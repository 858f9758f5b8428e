//! The `netstat` command: flags in, tables out. What is in them is read by [`wireline_host`].

mod apart;
mod args;
mod closings;
mod columns;
mod config;
mod connection;
mod diagnose;
pub mod event;
mod explain;
mod family;
mod filtering;
mod grammar;
mod groups;
mod interface_text;
mod interfaces;
mod kill;
mod lacking;
mod names;
mod output;
mod places;
mod powers;
mod pretty;
mod routes;
mod routes_text;
mod sentences;
mod sockets;
mod statistics;
mod statistics_text;
mod summary;
mod table;
mod watch;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub use args::Args;
use clap::{CommandFactory as _, Parser as _};
use config::{Config, Mode};
use grammar::Read;
use lacking::Lacking;
use names::Names;
use output::{Output, pause};
use places::Place;
use wireline_cli::{Exit, Refusal, escape};
use wireline_host::CgroupPaths;
use wireline_net::keep_only;

/// Of arguments that make no sense.
const USAGE: Exit = Exit(3);

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    let program =
        words.first().map_or_else(|| "netstat".into(), |name| name.to_string_lossy().into_owned());
    let given = words.get(1..).unwrap_or_default();
    match grammar::read(&program, given) {
        Read::Usage(why) => {
            output::complain(&format!("{}\n{}\n", harmless(&why), command().render_usage()));
            USAGE.into()
        }
        Read::Help => told(&command().render_help().to_string()),
        Read::Version => told(&format!(
            "netstat from wireline {}, compatible with net-tools 2.10\n",
            env!("CARGO_PKG_VERSION")
        )),
        // Not behind the program's name, as the original has it.
        Read::Refused(why) => {
            output::complain(&format!("{}\n", harmless(&why.to_string())));
            Exit(1).into()
        }
        Read::Words(words, families) => wireline_cli::run("netstat", || {
            // Every word is one that clap knows.
            let args =
                Args::try_parse_from(words).map_err(|why| Refusal::new(USAGE, why.to_string()))?;
            run(&Config::new(&args, families)?).map_err(failure)
        }),
    }
}

/// Each line of a message, without what moves a cursor: arguments are in it.
fn harmless(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// What went wrong is 1 here, whoever says so: 2 is nothing that the original knows.
fn failure(why: anyhow::Error) -> anyhow::Error {
    let is_gone = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::BrokenPipe;
    let mut causes = why.chain().filter_map(|cause| cause.downcast_ref());
    if why.is::<Refusal>() || causes.any(is_gone) {
        return why;
    }
    Refusal::new(Exit(1), format!("{why:#}")).into()
}

/// Something that was asked for in place of a listing.
fn told(text: &str) -> ExitCode {
    wireline_cli::run("netstat", || {
        let mut out = std::io::stdout();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(output::write_error)?;
        Ok(Exit(0))
    })
}

fn run(config: &Config) -> anyhow::Result<Exit> {
    keep_only(&powers::needed(config))?;
    let mut output = Output::new(config.json);
    if config.shown.beside.cgroup && !CgroupPaths::open().are_mounted() {
        output::complain("netstat: --cgroup: cgroups of version 2 are not mounted: no paths\n");
    }
    match &config.place {
        Place::Here | Place::Everywhere => listings(config, &mut output),
        Place::Behind(door, asked) => {
            places::visit(door, asked, &mut output, |output| listings(config, output))
        }
    }
}

fn listings(config: &Config, output: &mut Output) -> anyhow::Result<Exit> {
    let mut names = Names::new(config.numeric_hosts);
    loop {
        let exit = match config.place {
            Place::Everywhere => places::show_all(config, &mut names, output)?,
            _ => show(config, &mut names, output)?,
        };
        output.flush()?;
        // Statistics are shown once, and what was not to be had will not come.
        if !config.continuous || config.mode == Mode::Statistics || exit != Exit(0) {
            return Ok(exit);
        }
        pause();
    }
}

/// In the order of the original, which ends at the first table that is lacking.
fn sockets_and_groups(
    config: &Config,
    names: &mut Names,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let mut between = |output: &mut Output| match config.mode {
        _ if config.lacking.sctp => {
            output.flush()?;
            Ok(Lacking::complain_of_sctp())
        }
        Mode::Groups => groups::show(config, names, output),
        _ => Ok(Exit(0)),
    };
    let filtering = &config.filtering;
    if let Some(asked) = &filtering.connection {
        return connection::show(asked, output);
    }
    if let Some(kill) = filtering.kill {
        return kill::show(kill, config, output);
    }
    let (choice, shown) = (config.choice, config.shown);
    let exit = sockets::show(choice, shown, &filtering.filter, output, &mut between)?;
    output.flush()?;
    if exit == Exit(0) { Ok(config.lacking.complain()) } else { Ok(exit) }
}

/// One listing.
fn show(config: &Config, names: &mut Names, output: &mut Output) -> anyhow::Result<Exit> {
    match config.mode {
        Mode::Routes(tables) => routes::show(config, tables, names, output),
        Mode::Interfaces => interfaces::show(config, output),
        Mode::Statistics => statistics::show(config, output),
        Mode::Groups | Mode::Sockets => sockets_and_groups(config, names, output),
        Mode::Summary => summary::show(config.choice, output).map(|()| Exit(0)),
        Mode::Closings => closings::show(config.choice, config.shown, output),
        Mode::Changes(interval) => {
            let filter = &config.filtering.filter;
            watch::show(config.choice, config.shown, filter, interval, output)?;
            Ok(Exit(0))
        }
        Mode::Diagnosis => {
            diagnose::show(config.choice.family, output)?;
            Ok(Exit(0))
        }
    }
}
