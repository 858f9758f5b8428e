//! The `arp-scan` command: who is on a segment, by ARP and by NDP. By the names `arping` and `arp`, or with
//! one of them as its first word, it does their jobs in their words.

pub mod arping;
pub mod cache;
pub mod compare_cache;
pub mod event;
pub mod explain;
pub mod fingerprint;
mod mac_kind;
mod scan;
pub mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> clap::Command {
    scan::command()
}

/// All of the program but for the reading of `argv`.
#[must_use]
pub fn main(words: &[OsString]) -> ExitCode {
    let name = words.first().map(|name| name.to_string_lossy().into_owned());
    let program = name.unwrap_or_else(|| "arp-scan".into());
    let (program, words) = match words {
        [_, role, ..] if role == "arp" || role == "arping" => {
            (role.to_string_lossy().into_owned(), &words[1..])
        }
        _ => (program, words),
    };
    match program.rsplit('/').next() {
        Some("arp") => cache::main(&program, words),
        Some("arping") => arping::main(&program, words),
        _ => scan::main(&program, words),
    }
}
