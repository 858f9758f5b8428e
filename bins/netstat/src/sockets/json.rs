//! Sockets as JSON: every field with its type, every owner, addresses in full.

use std::net::IpAddr;

use anyhow::Result;
use wireline_host::sockets::{InetSocket, Protocol, Timer, TimerKind, UnixEntry};

use super::beside::Beside;
use super::choice::{Choice, Shown, state_name};
use super::owner::Programs;
use super::source::Source;
use super::unix;
use crate::event::{End, Event, Holder, Socket, SocketTimer, UnixSocket};
use crate::explain::{self, Counts};
use crate::output::Output;

pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    source: &mut Source<'_>,
    programs: &Programs,
    beside: &mut Beside,
    counts: &mut Counts,
    output: &mut Output,
) -> Result<()> {
    output.start("sockets")?;
    let owners = |inode| shown.programs.then(|| owners(programs, inode));
    source.inet(choice, shown, &mut |row| {
        counts.add(row);
        let mut socket = full(row, shown, programs);
        beside.add(row, &mut socket);
        output.row(&Event::Socket(socket))
    })?;
    source.unix(choice, &mut |entry| {
        let mut socket = UnixSocket { owners: owners(entry.inode), ..local(entry) };
        beside.add_unix(entry.inode, &mut socket);
        output.row(&Event::UnixSocket(socket))
    })?;
    if shown.explain {
        explain::show(counts, output)?;
    }
    output.end()
}

/// A row with its owners, where they are shown.
pub(crate) fn full(row: &InetSocket, shown: Shown, programs: &Programs) -> Socket {
    Socket { owners: shown.programs.then(|| owners(programs, row.inode)), ..socket(row) }
}

pub(crate) fn owners(programs: &Programs, inode: u32) -> Vec<Holder> {
    let holder = |owner: wireline_host::process::Owner<'_>| Holder {
        pid: owner.process.pid,
        fd: owner.fd,
        program: String::from_utf8_lossy(owner.process.name.argument_zero()).into_owned(),
    };
    programs.owners().of(inode).map(holder).collect()
}

pub(crate) fn socket(row: &InetSocket) -> Socket {
    Socket {
        protocol: protocol(row.protocol),
        family: if row.is_v6() { "ipv6" } else { "ipv4" },
        state: state_name(row.state).to_ascii_lowercase(),
        local: end(row.local.address, row.local.port),
        remote: end(row.remote.address, row.remote.port),
        interface: Some(row.interface).filter(|index| *index != 0),
        recv_queue: row.recv_queue,
        send_queue: row.send_queue,
        timer: timer(row.timer),
        uid: row.uid,
        inode: row.inode,
        cookie: row.cookie,
        owners: None,
        info: None,
        tcp_info: None,
        memory: None,
        cgroup: None,
    }
}

pub(crate) const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::UdpLite => "udplite",
        Protocol::Raw => "raw",
        Protocol::Mptcp => "mptcp",
    }
}

fn end(address: IpAddr, port: u16) -> Option<End> {
    (!address.is_unspecified() || port != 0).then_some(End { address, port })
}

fn timer(timer: Timer) -> Option<SocketTimer> {
    let kind = match timer.kind {
        TimerKind::Off => return None,
        TimerKind::Retransmit => "retransmit",
        TimerKind::Keepalive => "keepalive",
        TimerKind::TimeWait => "time_wait",
        TimerKind::Probe => "probe",
        TimerKind::DelayedAck => "delayed_ack",
        TimerKind::Other(_) => "other",
    };
    let Timer { expires, retransmits, probes, .. } = timer;
    Some(SocketTimer { kind, expires_ms: wireline_engine::millis(expires), retransmits, probes })
}

fn local(entry: &UnixEntry<'_>) -> UnixSocket {
    UnixSocket {
        kind: unix::kind(entry.kind).to_ascii_lowercase(),
        state: Some(unix::state(entry).to_ascii_lowercase()).filter(|state| !state.is_empty()),
        listening: entry.flags & unix::LISTENS != 0,
        references: entry.references,
        inode: entry.inode,
        path: entry.path.map(|path| String::from_utf8_lossy(path).into_owned()),
        owners: None,
        info: None,
        memory: None,
    }
}
