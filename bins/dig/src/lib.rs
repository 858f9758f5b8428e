//! Ask name servers, over every transport.
#![forbid(unsafe_code)]

mod apply;
mod args;
mod ask;
mod batch;
pub mod batch_file;
mod beyond;
mod carriers;
mod carry;
mod clock;
pub mod compare;
mod config;
mod dash;
mod debug;
mod digrc;
pub mod event;
mod exit;
pub mod explain;
pub mod grammar;
pub mod greeting;
mod json;
pub mod key;
mod layout;
mod message_text;
mod notice;
mod number;
pub mod options;
mod plus;
mod printer;
mod put;
mod reader;
mod reverse;
mod run;
pub mod session;
mod short;
mod shown;
mod state;
mod statistics;
pub mod stop;
mod usage;
pub mod validate;
mod words;
mod yaml;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use wireline_cli::Exit;

pub use args::command;
use grammar::Surroundings;
use options::Said;
use stop::{End, Stop};
pub use usage::plus_options;

/// What version is told: scripts look for the word `DiG` and a number of BIND's.
pub const VERSION: &str = concat!("9.18-wireline-", env!("CARGO_PKG_VERSION"));

/// Runs with these words, the program's name first.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    let program = words.first().map_or_else(|| "dig".into(), |word| word.to_string_lossy());
    match grammar::read(words.get(1..).unwrap_or_default(), &surroundings()) {
        Ok(line) => {
            say(&line.said);
            wireline_cli::run(&program, || run::run(&line))
        }
        Err((said, stop)) => ended(said, &stop, &program).into(),
    }
}

/// Says why it ends, and with what.
pub(crate) fn ended(mut said: Said, stop: &Stop, program: &str) -> Exit {
    said.stdout.push_str(&stop.stdout);
    match stop.end {
        Some(End::Help) => said.stdout.push_str(&usage::long()),
        Some(End::Version) => said.stderr.push_str(&["DiG ", VERSION, "\n"].concat()),
        None => said.stderr.push_str(&stop.stderr(program)),
    }
    say(&said);
    stop.exit
}

/// Warnings go where dig has them. Nobody is left to tell if that fails.
pub(crate) fn say(said: &Said) {
    let _ = std::io::stdout().lock().write_all(said.stdout.as_bytes());
    let _ = std::io::stderr().lock().write_all(said.stderr.as_bytes());
}

/// `~/.digrc` is not read for somebody else's sake: where the user is not the one who pays for it.
pub(crate) fn surroundings() -> Surroundings {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    let is_own = getuid() == geteuid() && getgid() == getegid();
    let home = std::env::var_os("HOME").filter(|_| is_own);
    let idn = std::io::stdout().is_terminal() && std::env::var_os("IDN_DISABLE").is_none();
    Surroundings { home: home.map(Into::into), idn }
}
