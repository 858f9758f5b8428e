//! The kernel's neighbour table, as arp(8) shows and changes it.
//!
//! Everything is asked and done over rtnetlink(7). Nothing here sends a frame.

mod change;
mod explain;
mod file;
mod grammar;
mod hardware;
mod host;
mod names;
mod request;
pub mod row;
mod show;
mod text;
mod usage;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use change::Failure;
use grammar::{Asked, Job, Read};
use request::{Request, Wanted, Wrong};
use wireline_cli::{Exit, Refusal, escape};
use wireline_engine::errno_text;
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_net::{Power, keep_only};

/// Whatever went wrong, as net-tools has it.
const FAILED: Exit = Exit(255);

/// Of words that make no sense.
const USAGE: Exit = Exit(3);

/// A line of an error that net-tools prints without its own name before it.
#[derive(Debug)]
struct Bare(String);

impl std::fmt::Display for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Bare {}

/// The job of arp(8), in its words.
pub(crate) fn main(program: &str, words: &[OsString]) -> ExitCode {
    match grammar::read(words.get(1..).unwrap_or_default()) {
        Read::Help => say(&usage::text()),
        Read::Version => say(&format!(
            "arp from wireline {}, compatible with net-tools 2.10\n",
            env!("CARGO_PKG_VERSION")
        )),
        Read::Usage(why) => misused(program, &why),
        Read::Refused(why) => {
            complain(&format!("arp: {why}"));
            FAILED.into()
        }
        Read::Asked(asked) => {
            if asked.symbolic {
                complain("arp: -N not yet supported.");
            }
            wireline_cli::run("arp", || run(&asked))
        }
    }
}

fn run(asked: &Asked) -> anyhow::Result<Exit> {
    let done = match asked.job {
        Job::Show => show::show(asked),
        _ if asked.json => Err(Refusal::new(USAGE, "--json: only where entries are shown").into()),
        Job::File => file::set_all(asked),
        Job::Delete => change(asked, Wanted::Delete),
        Job::Set => change(asked, Wanted::Set { from_device: asked.from_device }),
    };
    done.or_else(|why| match why.downcast::<Bare>() {
        Ok(Bare(line)) => {
            complain(&line);
            Ok(FAILED)
        }
        Err(why) if why.is::<Refusal>() || is_gone(&why) => Err(why),
        Err(why) => Err(Refusal::new(FAILED, format!("{why:#}")).into()),
    })
}

/// Makes or deletes what words ask for.
fn change(asked: &Asked, wanted: Wanted) -> anyhow::Result<Exit> {
    match read(asked, &asked.operands, wanted) {
        Ok(request) => apply(asked, &request, wanted),
        Err(Wrong::Usage) => {
            complain(usage::text().trim_end());
            Ok(USAGE)
        }
        Err(wrong) => {
            said(&wrong);
            Ok(FAILED)
        }
    }
}

fn read(asked: &Asked, words: &[String], wanted: Wanted) -> Result<Request, Wrong> {
    request::read(words, wanted, asked.device.as_deref(), asked.tables())
}

/// Does it. What went wrong has been said.
fn apply(asked: &Asked, request: &Request, wanted: Wanted) -> anyhow::Result<Exit> {
    // Of the powers of root, the one that is needed: in force from here to the end.
    keep_only(&[Power::Network])?;
    let mut netlink = Netlink::open(Subsystem::Route)?;
    let hardware = asked.hardware.map(|hardware| hardware.number);
    let tell = |text: &str| {
        if asked.verbose {
            complain(&format!("arp: {text}"));
        }
    };
    let done = match wanted {
        Wanted::Delete => change::delete(&mut netlink, request, tell),
        Wanted::Set { .. } => change::set(&mut netlink, request, hardware, tell),
    };
    match done {
        Ok(()) => Ok(Exit(0)),
        Err(failure) => failed(&failure, request),
    }
}

fn failed(failure: &Failure, request: &Request) -> anyhow::Result<Exit> {
    match failure {
        Failure::Kernel { call, why } => complain(&format!("{call}: {}", errno_text(why))),
        Failure::Complaint(text) => complain(&format!("arp: {text}")),
        // On stdout, as net-tools has it.
        Failure::NoEntry => {
            let line = format!("No ARP entry for {}\n", escape(&request.host));
            io::stdout().write_all(line.as_bytes())?;
        }
    }
    Ok(FAILED)
}

fn said(wrong: &Wrong) {
    match wrong {
        Wrong::Usage => {}
        Wrong::Said(line) => complain(line),
        Wrong::Complained(text) => complain(&format!("arp: {text}")),
    }
}

fn misused(program: &str, why: &str) -> ExitCode {
    if !why.is_empty() {
        // As getopt(3) has it: the name by which the program was called.
        complain(&format!("{program}: {why}"));
    }
    complain(usage::text().trim_end());
    USAGE.into()
}

/// Something that was asked for in place of the table.
fn say(text: &str) -> ExitCode {
    wireline_cli::run("arp", || {
        let mut out = io::stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())?;
        Ok(Exit(0))
    })
}

/// Lines on stderr, without what moves a cursor: words of a person or a file are in them.
fn complain(text: &str) {
    let harmless: Vec<_> = text.lines().map(escape).collect();
    // Nothing is left to tell if stderr is closed.
    let _ = io::stderr().write_all(format!("{}\n", harmless.join("\n")).as_bytes());
}

fn is_gone(why: &anyhow::Error) -> bool {
    let mut causes = why.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
