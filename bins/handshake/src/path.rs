//! `handshake path`: the routers on the way to a port, by the SYNs that do not get there, and the port's state.

mod config;
pub mod event;
mod run;
mod text;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use wireline_cli::{Grammar, parse, run};

use crate::exit::USAGE;
use crate::way::WayFlags;

/// What may be asked for. Numbers stay words here.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "path",
    bin_name = "handshake path",
    about = "Show the routers on the way to a port, and what becomes of a SYN there",
    long_about = None,
    args_override_self = true,
    disable_version_flag = true,
    after_help = "With CAP_NET_RAW by segments of our own, and what routers quote of them is compared with what was \
                  sent; without by connect(2) with a short hop limit. Exit status: 0 open, 1 closed (RST), 3 silent, \
                  4 rejected or unreachable, 5 unknown name, 6 no privilege, 7 this machine's own failure, 8 \
                  interrupted.\n\nExamples:\n  handshake path web.example:443\n  \
                  handshake path 192.0.2.1 22 --connect -m 12 --json"
)]
struct Args {
    /// HOST:PORT, [IPV6]:PORT, or a host and a port as two words
    #[arg(value_name = "HOST:PORT", required = true, num_args = 1..=2)]
    target: Vec<String>,

    /// The first hop
    #[arg(short, long, value_name = "N", default_value = "1")]
    first_hop: String,

    /// The last hop to try
    #[arg(short, long, value_name = "N", default_value = "30")]
    max_hops: String,

    /// Probes to each hop
    #[arg(long, value_name = "N", default_value = "3")]
    queries: String,

    /// Seconds that a probe waits at the most; without it no longer than the path makes sensible
    #[arg(short, long, value_name = "SECONDS")]
    timeout: Option<String>,

    /// By connect(2), also with privilege
    #[arg(long, conflicts_with = "raw")]
    connect: bool,

    /// By segments of our own, or not at all
    #[arg(long)]
    raw: bool,

    #[command(flatten)]
    way: WayFlags,

    /// Look up no names of routers
    #[arg(short, long)]
    numeric: bool,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("HOST:PORT is needed (try --help)", USAGE) };
    match parse::<Args>("handshake path", words, grammar) {
        Ok(args) => run("handshake path", || crate::exit::sorted(run::run(&args))),
        Err(exit) => exit,
    }
}
