//! The `fetch` command: URLs transferred over HTTP 1.1, 2 and 3, every phase in the open.
#![forbid(unsafe_code)]

mod ask;
mod command;
mod complain;
mod config;
mod config_file;
mod data;
mod exit;
mod file;
mod finish;
mod form;
mod glob;
mod grammar;
mod har;
mod jobs;
pub mod json;
pub mod measure;
mod meter;
mod names;
mod notice;
mod options;
mod output;
mod pipeline;
mod reports;
mod run;
mod sink;
mod store;
mod surroundings;
mod terminal;
mod trace;
mod usage;
mod verbose;
mod verdict;
mod walk;
mod write_out;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use wireline_cli::Exit;

pub use command::command;
use grammar::Stop;
use notice::Notices;
pub use reports::lines;
use surroundings::Surroundings;

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    // Whoever gave more power than a user's gave it in vain: nothing here needs it.
    if let Err(why) = wireline_net::drop_privileges() {
        let _ = writeln!(io::stderr(), "fetch: {why}");
        return exit::SETUP.into();
    }
    let (said, read) = grammar::read(words.get(1..).unwrap_or_default(), Surroundings::here());
    match read {
        Ok(config) => run::run(config, &said).into(),
        Err(stop) => ended(said, stop).into(),
    }
}

/// Says why nothing is transferred.
fn ended(mut said: Notices, stop: Stop) -> Exit {
    let mut stdout = String::new();
    let mut points_to_help = false;
    let exit = match stop {
        Stop::Help(subject) => {
            stdout = usage::help(subject.as_deref());
            Exit(0)
        }
        Stop::Version => {
            stdout = usage::version();
            Exit(0)
        }
        Stop::Said(code) => Exit(code),
        Stop::Failed(code, text) => {
            said.line(&format!("({code}) {}", wireline_cli::escape(&text)));
            Exit(code)
        }
        Stop::Nothing | Stop::SaidBadUse => {
            points_to_help = true;
            exit::SETUP
        }
        Stop::NoUrl => {
            said.line("(2) no URL specified");
            points_to_help = true;
            exit::SETUP
        }
        Stop::Misuse(word, misuse) => {
            said.line(&format!("option {}: {}", wireline_cli::escape(&word), misuse.text()));
            points_to_help = true;
            Exit(misuse.code())
        }
    };
    if points_to_help {
        said.line("try 'fetch --help' for more information");
    }
    // Nobody is left to tell where that fails.
    let _ = io::stdout().lock().write_all(stdout.as_bytes());
    let _ = io::stderr().lock().write_all(said.0.as_bytes());
    exit
}
