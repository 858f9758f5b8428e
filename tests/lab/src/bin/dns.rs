//! `wireline-dns`: name servers for end-to-end tests, sound ones and others.
//!
//! `wireline-dns LOG` reads one line of JSON, a list of [`wireline_lab::NameServer`]s, listens, prints
//! `ready`, writes what comes to LOG and ends with its standard input. Below a server's hostile name the
//! first label of a question is an order: see the module `hostile`.
#![forbid(unsafe_code)]

#[path = "../dns/answer.rs"]
mod answer;
#[path = "../dns/hostile.rs"]
mod hostile;
#[path = "../dns/log.rs"]
mod log;
#[path = "../dns/message.rs"]
mod message;
#[path = "../dns/rdata.rs"]
mod rdata;
#[path = "../dns/serve.rs"]
mod serve;
#[path = "../dns/transfer.rs"]
mod transfer;
#[path = "../dns/tsig.rs"]
mod tsig;
#[path = "../dns/zone.rs"]
mod zone;

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use wireline_lab::NameServer;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "wireline-dns: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let log = std::env::args_os().nth(1).ok_or_else(|| io::Error::other("which log?"))?;
    let log = Arc::new(log::Log::open(log.as_ref())?);
    let mut orders = String::new();
    io::stdin().lock().read_line(&mut orders)?;
    let servers: Vec<NameServer> = serde_json::from_str(&orders)?;
    for orders in servers {
        let server = Arc::new(answer::Server::new(orders).map_err(io::Error::other)?);
        serve::start(&server, &log)?;
    }
    writeln!(io::stdout(), "ready")?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
