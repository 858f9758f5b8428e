//! The `netstat` command: flags in, tables out. What is in them is read by [`wireline_host`].

mod args;
mod columns;
mod config;
mod diagnose;
pub mod event;
mod explain;
mod family;
mod grammar;
mod groups;
mod interface_text;
mod interfaces;
mod names;
mod output;
mod pretty;
mod routes;
mod routes_text;
mod sentences;
mod sockets;
mod statistics;
mod statistics_text;
mod table;
mod watch;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub use args::Args;
use clap::{CommandFactory as _, Parser as _};
use config::{Config, Mode, later};
use grammar::Read;
use names::Names;
use output::{Output, pause};
use wireline_cli::{Exit, Refusal};

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
            output::complain(&format!("{why}\n{}\n", command().render_usage()));
            USAGE.into()
        }
        Read::Help => told(&command().render_help().to_string()),
        Read::Version => told(&format!(
            "netstat from wireline {}, compatible with net-tools 2.10\n",
            env!("CARGO_PKG_VERSION")
        )),
        // Not behind the program's name, as the original has it.
        Read::Refused(why) => {
            output::complain(&format!("{why}\n"));
            Exit(1).into()
        }
        Read::Words(words, families) => wireline_cli::run("netstat", || {
            // Every word is one that clap knows.
            let args =
                Args::try_parse_from(words).map_err(|why| Refusal::new(USAGE, why.to_string()))?;
            run(&Config::new(&args, families)?)
        }),
    }
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
    let mut output = Output::new(config.json);
    let mut names = Names::new(config.numeric_hosts);
    loop {
        let exit = show(config, &mut names, &mut output)?;
        output.flush()?;
        // Statistics are shown once, and what was not to be had will not come.
        if !config.continuous || config.mode == Mode::Statistics || exit != Exit(0) {
            return Ok(exit);
        }
        pause();
    }
}

/// One listing.
fn show(config: &Config, names: &mut Names, output: &mut Output) -> anyhow::Result<Exit> {
    match config.mode {
        Mode::Routes(tables) => routes::show(config, tables, names, output),
        Mode::Interfaces => interfaces::show(config, output),
        Mode::Groups if config.names_sockets() => Err(later("sockets beside groups").into()),
        Mode::Groups => groups::show(config, names, output),
        Mode::Statistics => statistics::show(config, output),
        Mode::Changes(interval) => {
            watch::show(config.choice, config.shown, interval, output)?;
            Ok(Exit(0))
        }
        Mode::Diagnosis => {
            diagnose::show(config.choice.family, output)?;
            Ok(Exit(0))
        }
        Mode::Sockets => {
            sockets::show(config.choice, config.shown, output)?;
            Ok(Exit(0))
        }
    }
}
