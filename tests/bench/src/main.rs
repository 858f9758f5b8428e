//! `wireline-bench`: ours and the peer in turn on one lab.
//!
//! Each bench gives one table of medians over its rounds. It judges nothing: the figures that must
//! hold are in `docs/testing.md`. Traffic stays in the lab's namespaces.
//!
//! ```text
//! cargo run --release -p wireline-bench -- [--rounds N] [--rt WHEN] [NAME...]
//! ```
#![forbid(unsafe_code)]

mod bed;
mod bench;
mod benches;
mod capture;
mod chunks;
mod echo;
mod inside;
mod machine;
mod programs;
mod run;
mod stats;
mod table;
mod wire;

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use anyhow::{Result, bail};
use clap::Parser;

use crate::bench::{Bench, Limits};
use crate::run::Realtime;

/// Run ours and the peer in turn on one lab, and print medians and ratios.
#[derive(Debug, Parser)]
#[command(name = "wireline-bench")]
struct Args {
    /// Benches to run: start, flood, accuracy, sweep, silent, interval, trace, netstat,
    /// netstat-million, dig, dig-batch, arp-scan, arp-scan-one, handshake-ports, handshake-hosts,
    /// fetch-once, fetch-tls, fetch-big, fetch-big-tls, fetch-many, fetch-chunks; all but
    /// netstat-million unless named
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Rounds of each bench; `start` has 200
    #[arg(long, default_value_t = 7, value_name = "COUNT",
          value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,

    /// Which children have real-time priority (`chrt -f 1`), where root may give it
    #[arg(long, value_enum, default_value_t = Realtime::Timed, value_name = "WHEN")]
    rt: Realtime,
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some(inside::FLAG) => inside::main(words),
        Some(capture::FLAG) => capture::main(words),
        Some(chunks::FLAG) => chunks::main(words),
        _ => outside(&Args::parse()),
    }
}

fn outside(args: &Args) -> Result<()> {
    let chosen = choose(&args.names)?;
    let mut ours = BTreeMap::new();
    for tool in chosen.iter().map(|bench| bench.peer.ours()) {
        if !ours.contains_key(tool) {
            ours.insert(tool, programs::ours(tool)?);
        }
    }
    let realtime = args.rt.where_allowed();
    writeln!(io::stdout(), "{}", machine::describe(realtime))?;
    let limits = Limits { rounds: usize::from(args.rounds), realtime };
    let mut failed = Vec::new();
    for bench in chosen {
        match bench.run(&ours[bench.peer.ours()], limits) {
            Ok(table) => writeln!(io::stdout(), "\n{table}")?,
            Err(error) => {
                writeln!(io::stdout(), "\n{}: failed: {error:#}", bench.name)?;
                failed.push(bench.name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// The benches of these names, or all. A name may be several benches'.
fn choose(names: &[String]) -> Result<Vec<&'static Bench>> {
    let is_known = |name: &&String| benches::ALL.iter().any(|bench| bench.name == *name);
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        bail!("no bench {name:?}: there are {}", benches::names());
    }
    let is_chosen = |bench: &&Bench| {
        let is_ordinary = bench.name != benches::ON_REQUEST;
        (names.is_empty() && is_ordinary) || names.iter().any(|name| name == bench.name)
    };
    Ok(benches::ALL.iter().filter(is_chosen).collect())
}
