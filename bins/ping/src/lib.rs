//! The `ping` command: flags in, events out. The protocols are [`wireline_engine::echo`] for one
//! target.

mod args;
mod config;
mod fping;
mod icmp_text;
mod json;
mod live;
mod many;
mod names;
mod number;
mod options_text;
mod single;
mod sockets;
mod text;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub use args::Args;
use many::config::Many;
use sockets::Needs;
use wireline_cli::{Exit, Grammar, Refusal, parse};
use wireline_host::Targets;

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    // Messages begin as iputils' do: with the program as it was called.
    let program =
        words.first().map_or_else(|| "ping".into(), |name| name.to_string_lossy().into_owned());
    if program.rsplit('/').next().is_some_and(|name| name.starts_with("fping")) {
        return fping::main(&program, words);
    }
    let grammar = Grammar { usage: Exit::FAILED, missing: (MISSING, Exit::FAILED) };
    match parse::<Args>(&program, words, grammar) {
        Ok(args) => wireline_cli::run(&program, || run(&program, &args)),
        Err(code) => code,
    }
}

const MISSING: &str = "usage error: Destination address required";

fn run(program: &str, args: &Args) -> anyhow::Result<Exit> {
    if args.version {
        let version = env!("CARGO_PKG_VERSION");
        print(&format!(
            "ping from wireline {version}, compatible with iputils 20221126 and fping 5.1\n"
        ));
        return Ok(Exit(0));
    }
    if args.short_help {
        let help = command().render_help().to_string();
        // Nothing is left to tell if stderr is closed.
        let _ = std::io::stderr().write_all(help.as_bytes());
        return Ok(Exit::FAILED);
    }
    if args.destinations.is_empty() && args.many.file.is_empty() {
        return Err(Refusal::new(Exit::FAILED, MISSING).into());
    }
    let family = sockets::family(program, args)?;
    if !is_for_many(args) {
        return single::run(program, args, family);
    }
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it.
    let sockets = sockets::open(program, &Needs::new(args, family))?;
    many::run(program, &Many::new(program, args, family)?, sockets)
}

/// Whether several targets were named, in whichever way.
fn is_for_many(args: &Args) -> bool {
    let words = &args.destinations;
    // Before the destination of prespecified time stamps stand their hops.
    let several = words.len() > 1 && args.probe.timestamp.as_deref() != Some("tsprespec");
    let one_is_several = |word: &String| !matches!(Targets::parse(word), Ok(Targets::One(_)));
    let flags = &args.many;
    let tuned = flags.rate.is_some() || flags.retries.is_some() || flags.backoff.is_some();
    let listed = !flags.file.is_empty() || !flags.exclude.is_empty();
    let asked = flags.alive || flags.unreachable || flags.elapsed || flags.stats || flags.endless;
    several || asked || tuned || listed || words.iter().any(one_is_several)
}

/// Results that could not be written: in the words of coreutils, unless the reader has gone.
fn write_error(why: std::io::Error) -> anyhow::Error {
    if why.kind() == std::io::ErrorKind::BrokenPipe {
        return why.into();
    }
    Refusal::new(Exit::FAILED, format!("write error: {}", wireline_engine::errno_text(&why))).into()
}

/// A line on stderr.
fn warn(program: &str, message: &str) {
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(std::io::stderr(), "{program}: {message}");
}

/// Something on stdout outside the stream of events. Whoever does not read it has read enough.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
