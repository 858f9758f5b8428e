//! A whole segment: arp-scan's command line, and what it says.

pub(crate) mod args;
mod carrier;
pub(crate) mod complaint;
pub(crate) mod config;
mod expected;
pub(crate) mod findings;
mod fingerprint;
mod format;
mod grammar;
mod ipv6;
mod json;
mod modes;
pub(crate) mod number;
mod offline;
pub(crate) mod ports;
pub(crate) mod run;
mod save;
mod shuffle;
mod stations;
mod tap;
pub(crate) mod targets;
mod teller;
mod text;
mod vendors;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub(crate) use args::Args;
use complaint::Complaint;
use wireline_cli::Exit;
use wireline_host::vendors::Vendors;

pub(crate) fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

pub(crate) fn main(program: &str, words: &[OsString]) -> ExitCode {
    let given = words.get(1..).unwrap_or_default();
    let command = command();
    let read = grammar::read(program, &command, given);
    // Also where the words make no sense.
    let is_compat = |word: &OsString| word == "--compat" || word == "-compat";
    let compat = given.iter().take_while(|word| *word != "--").any(is_compat);
    complaint::run(program, compat, || {
        let args = Args::read(read?).map_err(|why| Complaint::new(first_line(&why)))?;
        if args.help || args.version {
            let text = if args.help { help(command) } else { version(compat) };
            // Whoever does not read it has read enough.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return Ok(Exit(0));
        }
        run::run(&args)
    })
}

fn help(mut command: clap::Command) -> String {
    let help = command.render_help();
    format!("{help}\nReport bugs or send suggestions at the project's page of issues.\n")
}

fn version(compat: bool) -> String {
    let own = env!("CARGO_PKG_VERSION");
    let first = if compat {
        "arp-scan 1.10.0".to_owned()
    } else {
        format!("arp-scan from wireline {own}, compatible with arp-scan 1.10.0")
    };
    let date = Vendors::DATE;
    format!(
        "{first}\n\nCopyright (C) 2026 The Wireline authors\nLicense MIT: <https://opensource.org/license/mit>\n\
         Vendors of link-layer addresses as of {date}.\n"
    )
}

fn first_line(why: &clap::Error) -> String {
    let text = why.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
