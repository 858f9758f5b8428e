//! The `handshake` command: TCP's opening and closing seen, measured and probed.

pub mod check;
mod connections;
mod exit;
pub mod lab;
pub mod ladder;
mod number;
pub mod path;
pub mod ping;
mod ports;
pub mod read;
pub mod scan;
pub mod show;
mod target;
mod targets;
pub mod watch;
mod way;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Command;

/// The first word, what it takes, and who does it.
type Verb = (&'static str, fn() -> Command, fn(&[OsString]) -> ExitCode);

/// Without one of them it is `show`.
const VERBS: [Verb; 8] = [
    ("show", show::command, show::main),
    ("ping", ping::command, ping::main),
    ("scan", scan::command, scan::main),
    ("check", check::command, check::main),
    ("path", path::command, path::main),
    ("watch", watch::command, watch::main),
    ("read", read::command, read::main),
    ("lab", lab::command, lab::main),
];

/// The command-line definition, from which completions and the manual page are generated: `show`'s, and those of
/// the verbs.
#[must_use]
pub fn command() -> Command {
    let verbs = VERBS.map(|(_, command, _)| command());
    show::command()
        .name("handshake")
        .bin_name("handshake")
        .about("See, measure and probe TCP's opening and closing: without a verb, one connection")
        .override_usage("handshake [OPTIONS] HOST:PORT\n       handshake VERB [OPTIONS] [WORDS]...")
        .subcommand_negates_reqs(true)
        .subcommand_value_name("VERB")
        .subcommand_help_heading("Verbs, each with a --help of its own")
        .disable_help_subcommand(true)
        .subcommands(verbs)
}

/// All of the program but for the reading of `argv`. A verb's words begin with the verb.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    let verb = words.get(1).and_then(|word| VERBS.iter().find(|(name, ..)| word == name));
    match verb {
        Some((_, _, main)) => main(&words[1..]),
        None if words.get(1).is_some_and(|word| word == "--help" || word == "-h") => help(words),
        None => show::main(words),
    }
}

/// What `show` takes, and which verbs there are.
fn help(words: &[OsString]) -> ExitCode {
    if let Err(help) = command().try_get_matches_from(words) {
        // A closed stdout is a reader who has read enough.
        let _ = help.print();
    }
    ExitCode::SUCCESS
}
