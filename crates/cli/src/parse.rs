use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Parser};

use crate::{Exit, escape};

/// How a tool answers to arguments that it does not understand.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// The exit code of a usage error.
    pub usage: Exit,
    /// What to say, and the exit code, where a word that must be there is not.
    pub missing: (&'static str, Exit),
}

/// Reads the arguments, and answers for itself where there is nothing more to do: help, version and
/// words that make no sense. A usage error is one line, in the words of getopt(3).
pub fn parse<P: Parser>(tool: &str, args: &[OsString], grammar: Grammar) -> Result<P, ExitCode> {
    P::try_parse_from(args).map_err(|err| {
        let (text, exit) = match err.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // A closed stdout is a reader who has read enough.
                let _ = err.print();
                return ExitCode::SUCCESS;
            }
            ErrorKind::MissingRequiredArgument => (grammar.missing.0.to_owned(), grammar.missing.1),
            _ => (in_words_of_getopt(&err, &P::command()), grammar.usage),
        };
        // Nothing is left to tell if stderr is closed too.
        let _ = writeln!(io::stderr(), "{tool}: {}", escape(&text));
        exit.into()
    })
}

fn in_words_of_getopt(err: &clap::Error, command: &Command) -> String {
    let word = |kind| match err.get(kind) {
        Some(ContextValue::String(word)) => word.clone(),
        Some(ContextValue::Strings(words)) => words.join(", "),
        _ => String::new(),
    };
    let option = word(ContextKind::InvalidArg);
    // clap names a flag with what it takes: `-c <COUNT>`.
    let flag = option.split_whitespace().next().unwrap_or_default();
    match (err.kind(), flag.strip_prefix("--"), flag.strip_prefix('-')) {
        (ErrorKind::UnknownArgument, Some(_), _) => {
            format!("unrecognized option '{flag}' (try --help)")
        }
        (ErrorKind::UnknownArgument, _, Some(letter)) => {
            format!("invalid option -- '{letter}' (try --help)")
        }
        (ErrorKind::InvalidValue, ..) if word(ContextKind::InvalidValue).is_empty() => {
            format!("option requires an argument -- '{}' (try --help)", letter(flag, command))
        }
        _ => first_line(err),
    }
}

/// The letter of a flag that clap calls by its long name, which is what getopt(3) would call it.
fn letter(flag: &str, command: &Command) -> String {
    let name = flag.trim_start_matches('-');
    let found = command.get_arguments().find(|arg| arg.get_long() == Some(name));
    found.and_then(clap::Arg::get_short).map_or_else(|| name.to_owned(), String::from)
}

fn first_line(err: &clap::Error) -> String {
    let text = err.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
