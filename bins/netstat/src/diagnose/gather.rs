//! Reads what the diagnoses need: one dump of TCP, the owners of its sockets, settings and counters.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use anyhow::{Context as _, Result};
use wireline_host::counters::parse_pairs;
use wireline_host::process::{Depth, Names, Owners, Proc, Unreadable};
use wireline_host::sockets::{Details, Protocol, Request, Sockets, State};
use wireline_host::{Family, ProcNet, TcpSettings};

use super::facts::{Counters, Facts, Process, Row};
use crate::event::Program;

pub(super) fn facts(family: Family) -> Result<Facts> {
    let mut rows = Vec::new();
    let details = Details::TCP_INFO | Details::MEMORY;
    let request = Request { family, details, ..Request::new(Protocol::Tcp) };
    Sockets::open().inet(&request, |socket| {
        rows.push(Row::of(&socket));
        ControlFlow::Continue(())
    })?;
    let proc = Proc::open("/proc").context("/proc")?;
    let inodes = rows.iter().map(|row| row.inode).collect();
    let owners = Owners::find(&proc, &proc, inodes, Depth::First, Names::CommandLine)?;
    let processes = claim(&mut rows, &owners, &proc);
    let is_blind = owners.unreadable() == Unreadable::Some || !rustix::process::geteuid().is_root();
    Ok(Facts { rows, processes, settings: TcpSettings::read(), counters: counters(), is_blind })
}

/// Gives each row its owner.
fn claim(rows: &mut [Row], owners: &Owners, proc: &Proc) -> Vec<Process> {
    let mut processes = BTreeMap::new();
    for row in rows.iter() {
        if let Some(owner) = owners.of(row.inode).next() {
            let is_leaky = matches!(row.state, State::CloseWait | State::FinWait2);
            let told = processes.entry(owner.process.pid).or_insert((owner.process, false));
            told.1 |= is_leaky;
        }
    }
    let places: HashMap<u32, usize> = processes.keys().copied().zip(0..).collect();
    for row in rows.iter_mut() {
        let owner = owners.of(row.inode).next();
        row.owner = owner.and_then(|owner| places.get(&owner.process.pid).copied());
    }
    let told = processes.into_values();
    told.map(|(process, is_leaky)| {
        let argument = process.name.argument_zero();
        let program = String::from_utf8_lossy(argument).into_owned();
        let limit = if is_leaky { proc.file_limit(process.pid) } else { None };
        Process {
            program: Program { pid: process.pid, program },
            open_files: if is_leaky { proc.open_files(process.pid) } else { None },
            file_limit: limit.and_then(|limit| limit.soft),
        }
    })
    .collect()
}

/// A kernel that does not count is as good as any other.
fn counters() -> Counters {
    let text = ProcNet::new().read("netstat").unwrap_or_default();
    let tables = parse_pairs(&text).tables;
    let counters = tables.iter().find(|table| table.name == "TcpExt").map(|table| &table.counters);
    let of = |name: &str| {
        let counter = counters?.iter().find(|counter| counter.name == name)?;
        Some(counter.value)
    };
    Counters {
        listen_overflows: of("ListenOverflows"),
        listen_drops: of("ListenDrops"),
        request_drops: of("TCPReqQFullDrop"),
        request_cookies: of("TCPReqQFullDoCookies"),
    }
}
