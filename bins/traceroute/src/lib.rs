//! The `traceroute` command: flags in, events out. The protocol is [`wireline_engine::trace`].

mod args;
mod channels;
mod config;
mod grammar;
mod method;
mod number;
mod origins;
mod paths;
mod report;
mod sockets;
mod text;
mod trace;
mod try_all;
mod way;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub use args::Args;
use clap::{CommandFactory as _, Parser as _};
use config::Config;
use origins::Origins;
use wireline_cli::{Exit, Refusal};

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    let program = words
        .first()
        .map_or_else(|| "traceroute".into(), |name| name.to_string_lossy().into_owned());
    wireline_cli::run(&program, || run(&program, words))
}

fn run(program: &str, words: &[OsString]) -> anyhow::Result<Exit> {
    let command = command();
    let given = words.get(1..).unwrap_or_default();
    let words = grammar::read(&command, &as_called(program, given))?;
    // Every word is one that clap knows, so what it refuses is a pair of flags that does not go together.
    let args = Args::try_parse_from(&words.normal)
        .map_err(|why| Refusal::new(Exit::FAILED, first_line(&why)))?;
    if let Some(text) = told(&args, given.is_empty()) {
        // Nothing is left to tell if stderr is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return Ok(Exit(0));
    }
    let config = Config::new(&args, &words.places)?;
    if args.host.is_none() {
        return Err(Refusal::new(Exit::FAILED, "Specify \"host\" missing argument.").into());
    }
    if args.print.try_all {
        return try_all::run(&config, &words.places);
    }
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it.
    let opened = sockets::open(std::slice::from_ref(&config))?;
    let origins = Origins::new(&args.print)?;
    match config.paths {
        Some(paths) => paths.run(&config, opened, &words.places, &origins),
        None => trace::run(&config, opened, &words.places, &origins),
    }
}

/// What is asked for in place of a trace. The original tells it on stderr, and succeeds.
fn told(args: &Args, is_bare: bool) -> Option<String> {
    if args.version {
        let version = env!("CARGO_PKG_VERSION");
        return Some(format!(
            "traceroute from wireline {version}, compatible with traceroute for Linux 2.1\n"
        ));
    }
    if args.help || is_bare {
        return Some(command().render_help().to_string());
    }
    method::help(&args.probe)
}

/// Other names of the program stand for a flag.
fn as_called(program: &str, words: &[OsString]) -> Vec<OsString> {
    let name = program.rsplit('/').next().unwrap_or_default();
    let flag = match name {
        "traceroute6" => Some("-6"),
        "tcptraceroute" | "lft" => Some("-T"),
        _ => None,
    };
    flag.map(OsString::from).into_iter().chain(words.iter().cloned()).collect()
}

fn first_line(why: &clap::Error) -> String {
    let text = why.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
