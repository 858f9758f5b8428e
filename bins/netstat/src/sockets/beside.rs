//! What is told of a socket beside its row: what TCP knows, memory, control group.
//!
//! As text it is on lines of its own below the row, which stays as it is.

mod tcp;
mod text;

use std::collections::HashMap;
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_host::CgroupPaths;
use wireline_host::sockets::{
    Details, Extra, InetSocket, Protocol, ShortName, Sockets, States, UnixDetails, UnixSocket,
};

use super::choice::{Choice, Shown};
use crate::event::{self, CgroupDetails, MemoryDetails, Socket, SocketInfo, UnixInfo};

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) info: bool,
    pub(crate) memory: bool,
    pub(crate) cgroup: bool,
}

impl Wanted {
    pub(crate) const fn is_some(self) -> bool {
        self.info || self.memory || self.cgroup
    }

    /// What the kernel must be asked for it.
    pub(crate) fn details(self, protocol: Protocol) -> Details {
        let is_tcp = matches!(protocol, Protocol::Tcp | Protocol::Mptcp);
        let all = [
            (self.info && is_tcp, Details::TCP_INFO | Details::CONGESTION),
            (self.info, Details::TOS | Details::COMMON),
            (self.memory, Details::MEMORY),
            (self.cgroup, Details::COMMON),
        ];
        let asked = all.into_iter().filter(|(is_asked, _)| *is_asked);
        asked.fold(Details::NONE, |all, (_, one)| all | one)
    }
}

/// Knows what rows do not have in them: sockets of unix(7) of one namespace, paths of control groups.
#[derive(Default)]
pub(crate) struct Beside {
    wanted: Wanted,
    unix: HashMap<u32, UnixSocket>,
    cgroups: CgroupPaths,
    text: String,
}

impl Beside {
    pub(crate) fn read(choice: Choice, shown: Shown) -> Result<Self> {
        let wanted = shown.beside;
        let unix = if choice.unix { unix(wanted)? } else { HashMap::new() };
        let cgroups = if wanted.cgroup { CgroupPaths::open() } else { CgroupPaths::default() };
        Ok(Self { wanted, unix, cgroups, text: String::new() })
    }

    /// Takes the paths that another has found, and gives it its own.
    pub(crate) const fn swap_paths(&mut self, paths: &mut CgroupPaths) {
        std::mem::swap(&mut self.cgroups, paths);
    }

    /// Adds it to a row of JSON.
    pub(crate) fn add(&mut self, row: &InetSocket, socket: &mut Socket) {
        let Some(extra) = row.extra.as_deref() else { return };
        if self.wanted.info {
            socket.info = Some(info(extra));
            socket.tcp_info = tcp::details(row).map(Box::new);
        }
        if self.wanted.memory {
            socket.memory = extra.memory.as_ref().map(MemoryDetails::from);
        }
        if self.wanted.cgroup {
            socket.cgroup = extra.cgroup.map(|id| self.cgroup(id));
        }
    }

    /// The same of a socket of unix(7).
    pub(crate) fn add_unix(&self, inode: u32, socket: &mut event::UnixSocket) {
        let Some(found) = self.unix.get(&inode) else { return };
        socket.info = self.wanted.info.then(|| unix_info(found));
        socket.memory =
            found.memory.as_ref().filter(|_| self.wanted.memory).map(MemoryDetails::from);
    }

    /// The lines below a row.
    pub(crate) fn lines(&mut self, row: &InetSocket) -> &[u8] {
        self.text.clear();
        let Some(extra) = row.extra.as_deref() else { return &[] };
        if self.wanted.info {
            text::push_info(&mut self.text, row, &info(extra), tcp::details(row).as_ref());
        }
        if let Some(found) = extra.memory.as_ref().filter(|_| self.wanted.memory) {
            text::push_memory(&mut self.text, &MemoryDetails::from(found));
        }
        if let Some(id) = extra.cgroup.filter(|_| self.wanted.cgroup) {
            let cgroup = self.cgroup(id);
            text::push_cgroup(&mut self.text, &cgroup);
        }
        self.text.as_bytes()
    }

    /// The same of a socket of unix(7).
    pub(crate) fn unix_lines(&mut self, inode: u32) -> &[u8] {
        self.text.clear();
        let Some(found) = self.unix.get(&inode) else { return &[] };
        if self.wanted.info {
            text::push_unix(&mut self.text, &unix_info(found));
        }
        if let Some(found) = found.memory.as_ref().filter(|_| self.wanted.memory) {
            text::push_memory(&mut self.text, &MemoryDetails::from(found));
        }
        self.text.as_bytes()
    }

    fn cgroup(&mut self, id: u64) -> CgroupDetails {
        let path = self.cgroups.path(id);
        CgroupDetails { id, path: path.map(|path| String::from_utf8_lossy(path).into_owned()) }
    }
}

/// By their inodes, as the rows of them are from a file that does not tell.
fn unix(wanted: Wanted) -> Result<HashMap<u32, UnixSocket>> {
    let mut found = HashMap::new();
    if !wanted.info && !wanted.memory {
        return Ok(found);
    }
    let details = UnixDetails::PEER | UnixDetails::QUEUES | UnixDetails::MEMORY | UnixDetails::UID;
    let read = Sockets::open().unix(States::ALL, details, |socket| {
        found.insert(socket.inode, socket);
        ControlFlow::Continue(())
    });
    match read {
        // A kernel that does not tell: rows without.
        Err(why) if !why.is_absence() => Err(why.into()),
        _ => Ok(found),
    }
}

fn info(extra: &Extra) -> SocketInfo {
    SocketInfo {
        tos: extra.tos,
        traffic_class: extra.traffic_class,
        class_id: extra.class_id.filter(|id| *id != 0),
        mark: extra.mark.filter(|mark| *mark != 0),
        shutdown: extra.shutdown.and_then(shutdown),
        v6_only: extra.v6_only,
        upper: extra.upper.map(name),
    }
}

fn unix_info(socket: &UnixSocket) -> UnixInfo {
    UnixInfo {
        peer_inode: socket.peer,
        recv_queue: socket.recv_queue,
        send_queue: socket.send_queue,
        uid: socket.uid,
        shutdown: socket.shutdown.and_then(shutdown),
    }
}

const fn shutdown(bits: u8) -> Option<&'static str> {
    match bits {
        1 => Some("receive"),
        2 => Some("send"),
        3 => Some("both"),
        _ => None,
    }
}

fn name(name: ShortName) -> String {
    String::from_utf8_lossy(name.as_bytes()).into_owned()
}
