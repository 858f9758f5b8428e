//! `handshake ping`: ports asked over and over, and what of each loss was whose.

mod attended;
pub(crate) mod config;
mod prometheus;
mod run;
mod text;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, ValueEnum};
use wireline_cli::{Grammar, parse, run};

use crate::exit::USAGE;
use crate::way::WayFlags;

/// What may be asked for. Numbers stay words here.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "ping",
    bin_name = "handshake ping",
    about = "Ask ports over and over whether they are open, and how fast",
    long_about = None,
    args_override_self = true,
    disable_version_flag = true,
    after_help = "Round trips are TCP's own (rtt=, tcpi_rtt), not a program's (app=). Exit status: the worst that a \
                  probe came to: 0 open, 1 closed (RST), 3 silent, 4 rejected or unreachable, 5 unknown name, 6 no \
                  privilege, 7 this machine's own failure, 8 interrupted before its count.\n\n\
                  Examples:\n  handshake ping db.example:5432 web.example:443 -c 3\n  \
                  handshake ping [2001:db8::1]:22 --until open -w 60\n  \
                  handshake ping 192.0.2.1 443 -i 0.01 -c 1000 -q --histogram"
)]
struct Args {
    /// HOST:PORT, [IPV6]:PORT, or one host and one port as two words
    #[arg(value_name = "HOST:PORT", required = true)]
    targets: Vec<String>,

    /// Probes of each target; without it until stopped
    #[arg(short, long, value_name = "N")]
    count: Option<String>,

    /// Seconds from one probe of a target to the next, 0.001 or more
    #[arg(short, long, value_name = "SECONDS", default_value = "1")]
    interval: String,

    /// Seconds that a probe waits for its answer; a neighbour that does not answer is known after three
    #[arg(short, long, value_name = "SECONDS", default_value = "4")]
    timeout: String,

    /// End after so many seconds, whatever was asked
    #[arg(short = 'w', long, value_name = "SECONDS")]
    max_time: Option<String>,

    /// Tries after the first before a probe counts as failed
    #[arg(long, value_name = "N", default_value = "0")]
    retry: String,

    /// Look the name up anew after N failures in a row
    #[arg(short = 'r', long, value_name = "N")]
    re_resolve: Option<String>,

    /// Ask until every target is so, then end
    #[arg(long, value_name = "STATE")]
    until: Option<State>,

    /// All addresses of a name, each a target
    #[arg(long)]
    all_addresses: bool,

    /// Never complete a connection: SYNs of our own, timed by the kernel's stamps (needs `CAP_NET_RAW`)
    #[arg(long)]
    half_open: bool,

    #[command(flatten)]
    way: WayFlags,

    /// Leave from this port
    #[arg(short = 'g', long, value_name = "N")]
    source_port: Option<String>,

    /// Targets by their addresses, without the names given for them
    #[arg(short, long)]
    numeric: bool,

    /// Only the summaries
    #[arg(short, long)]
    quiet: bool,

    /// The time since 1970 before each line
    #[arg(short = 'D', long)]
    timestamps: bool,

    /// Only probes that failed, and the summaries
    #[arg(long)]
    failures_only: bool,

    /// How round trips are spread, with the summaries
    #[arg(long)]
    histogram: bool,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,

    /// Counts and round trips as Prometheus' text, kept up to date in FILE; `-` is stdout, at the end
    #[arg(long, value_name = "FILE")]
    prometheus: Option<PathBuf>,

    /// Succeed if any probe found a port open
    #[arg(long)]
    exit_any: bool,
}

/// What may be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    Open,
    Closed,
}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("HOST:PORT is needed (try --help)", USAGE) };
    match parse::<Args>("handshake ping", words, grammar) {
        Ok(args) => run("handshake ping", || crate::exit::sorted(run::run(&args))),
        Err(exit) => exit,
    }
}
