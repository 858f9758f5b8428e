//! Whose a connection is, by what `/proc` tells at the moment of its first segment (proc(5)).

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;

use wireline_packet::tcp::Flags;

/// Tells a command's connections, and those of the processes that it started, from others'.
pub(super) struct Owners {
    command: u32,
    /// Of connections that have begun: whether they are another's.
    known: HashMap<(SocketAddr, SocketAddr), bool>,
    others: u32,
}

/// Connections that are remembered.
const MOST: usize = 65_536;

impl Owners {
    pub(super) fn of(command: u32) -> Self {
        Self { command, known: HashMap::new(), others: 0 }
    }

    /// Connections that were another's.
    pub(super) const fn others(&self) -> u32 {
        self.others
    }

    /// Whether a segment belongs to a connection that another program than the command opened or accepted. Nobody
    /// knows of one whose socket is gone already: it is not.
    pub(super) fn is_anothers(&mut self, from: SocketAddr, to: SocketAddr, flags: Flags) -> bool {
        let ends = if from <= to { (from, to) } else { (to, from) };
        if !flags.contains(Flags::SYN) || flags.contains(Flags::ACK) {
            return self.known.get(&ends).copied().unwrap_or(false);
        }
        let is_anothers = self.look_up(from, to) == Some(false);
        self.others += u32::from(is_anothers);
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(ends, is_anothers);
        is_anothers
    }

    /// Whether it is the command's; `None` where that cannot be told. Of both ends here one is enough.
    fn look_up(&self, from: SocketAddr, to: SocketAddr) -> Option<bool> {
        let name = if from.is_ipv4() { "tcp" } else { "tcp6" };
        let read = |name: &str| fs::read_to_string(format!("/proc/self/net/{name}")).ok();
        let mut inodes = inodes(&read(name)?, from, to);
        // A socket of IPv6 may have connections of IPv4.
        if from.is_ipv4() {
            inodes.extend(
                read("tcp6").map(|table| self::inodes(&table, from, to)).unwrap_or_default(),
            );
        }
        if inodes.is_empty() {
            return None;
        }
        let family = descendants(self.command);
        let is_ours = family.iter().any(|process| holds(*process, &inodes));
        // It may have ended since, and its sockets with it.
        let is_there = !family.is_empty();
        is_there.then_some(is_ours)
    }
}

/// The sockets of a table that are an end of this connection, or listen for it.
fn inodes(table: &str, from: SocketAddr, to: SocketAddr) -> Vec<u64> {
    const LISTEN: &str = "0A";
    let row = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (local, remote, state) = (end(words.nth(1)?)?, end(words.next()?)?, words.next()?);
        let inode = words.nth(5)?.parse().ok().filter(|inode| *inode > 0)?;
        let is_end = (local, remote) == (from, to) || (local, remote) == (to, from);
        let is_listener = state == LISTEN
            && local.port() == to.port()
            && (local.ip().is_unspecified() || local.ip() == to.ip());
        (is_end || is_listener).then_some(inode)
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// Reads `0100007F:1F90`: words of the address in this machine's order of octets, and the port.
fn end(word: &str) -> Option<SocketAddr> {
    let (address, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let part = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if address.len() == 8 {
        return Some((part(0)?, port).into());
    }
    let octets = [part(0)?, part(1)?, part(2)?, part(3)?];
    let octets: [u8; 16] = octets.as_flattened().try_into().ok()?;
    let address = std::net::Ipv6Addr::from(octets).to_canonical();
    Some((address, port).into())
}

/// A process and all that it and they started, as far as they are there.
fn descendants(root: u32) -> Vec<u32> {
    const MOST: usize = 1024;
    let mut family = vec![root];
    let mut at = 0;
    while let Some(process) = family.get(at).copied() {
        at += 1;
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family
                .extend(children.split_ascii_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        family.truncate(MOST);
    }
    family.retain(|process| fs::read_dir(format!("/proc/{process}/fd")).is_ok());
    family
}

/// Whether a process has one of these sockets open.
fn holds(process: u32, inodes: &[u64]) -> bool {
    let files = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let links = files.filter_map(|file| fs::read_link(file.path()).ok());
    let sockets = links.filter_map(|link| {
        link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok()
    });
    sockets.into_iter().any(|inode| inodes.contains(&inode))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn ends_are_read_as_the_kernel_writes_them() {
        if cfg!(target_endian = "little") {
            assert_eq!(end("0100007F:1F90"), "127.0.0.1:8080".parse().ok());
            let v6 = "B80D0120000000000000000001000000:0016";
            assert_eq!(end(v6), "[2001:db8::1]:22".parse().ok());
            let mapped = "0000000000000000FFFF00000100007F:0050";
            assert_eq!(end(mapped), "127.0.0.1:80".parse().ok());
        }
        for word in ["", ":", "01:1", "0100007F", "0100007F:x", "é100007F:1"] {
            assert_eq!(end(word), None, "{word}");
        }
    }

    #[test]
    fn own_connection_is_told_from_anothers() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let client = TcpStream::connect(to).unwrap();
        let from = client.local_addr().unwrap();
        let ours = Owners::of(std::process::id());
        assert_eq!(ours.look_up(from, to), Some(true));
        let mut another = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert_eq!(Owners::of(another.id()).look_up(from, to), Some(false));
        another.kill().unwrap();
        another.wait().unwrap();
        let nobody = "127.0.0.9:9".parse().unwrap();
        assert_eq!(ours.look_up(nobody, nobody), None);
    }
}
