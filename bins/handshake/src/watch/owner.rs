//! Whose a connection is, by what `/proc` tells at the moment of its first segment (proc(5)).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::SocketAddr;

use wireline_packet::tcp::Flags;

/// Tells a command's connections, and those of the processes that it started, from others'.
pub(super) struct Owners {
    /// Its process, and those that were seen to come from it.
    family: HashSet<u32>,
    /// Of connections that have begun: whether they are another's.
    known: HashMap<(SocketAddr, SocketAddr), bool>,
    others: u32,
}

/// Connections that are remembered.
const MOST: usize = 65_536;

impl Owners {
    pub(super) fn of(command: u32) -> Self {
        Self { family: HashSet::from([command]), known: HashMap::new(), others: 0 }
    }

    /// Connections that were another's.
    pub(super) const fn others(&self) -> u32 {
        self.others
    }

    /// Whether a segment belongs to a connection that another program than the command opened or accepted. Nobody
    /// knows of one whose socket is gone already: it is not.
    pub(super) fn is_anothers(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        flags: Flags,
        is_from_here: bool,
    ) -> bool {
        let ends = if from <= to { (from, to) } else { (to, from) };
        if !flags.contains(Flags::SYN) || flags.contains(Flags::ACK) {
            return self.known.get(&ends).copied().unwrap_or(false);
        }
        let is_anothers = self.look_up(from, to, is_from_here) == Some(false);
        self.others += u32::from(is_anothers);
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(ends, is_anothers);
        is_anothers
    }

    /// Whether it is the command's, as its client or as its server; `None` where that cannot be told.
    fn look_up(&mut self, from: SocketAddr, to: SocketAddr, is_from_here: bool) -> Option<bool> {
        let before = Sockets::of(from, to);
        // Strangers may send SYNs faster than all processes can be looked at.
        if before.client.is_none() && before.servers.is_empty() {
            return None;
        }
        let proof = if is_from_here { before.client } else { before.servers.first().copied() };
        self.look_for_children();
        let has = |inode: &u64| self.family.iter().any(|process| holds(*process, *inode));
        if before.client.iter().chain(&before.servers).any(has) {
            return Some(true);
        }
        // Whoever holds it may have ended while it was looked for.
        let after = Sockets::of(from, to);
        let is_still_there =
            |inode: &u64| after.client == Some(*inode) || after.servers.contains(inode);
        proof.filter(is_still_there).map(|_| false)
    }

    /// Whoever was started by one of the family belongs to it, though its parent may end.
    fn look_for_children(&mut self) {
        let mut all = processes();
        all.sort_unstable();
        loop {
            let before = self.family.len();
            let of_ours = all.iter().filter(|(_, parent)| self.family.contains(parent));
            let found: Vec<u32> = of_ours.map(|(process, _)| *process).collect();
            self.family.extend(found);
            if self.family.len() == before {
                return;
            }
        }
    }
}

/// The sockets of this machine that have to do with a connection, by their inodes.
#[derive(Debug, Default)]
struct Sockets {
    client: Option<u64>,
    /// The server's end, or what listens for it.
    servers: Vec<u64>,
}

impl Sockets {
    fn of(from: SocketAddr, to: SocketAddr) -> Self {
        let mut sockets = Self::default();
        // A socket of IPv6 may have connections of IPv4.
        for name in ["tcp", "tcp6"] {
            let table = fs::read_to_string(format!("/proc/self/net/{name}")).unwrap_or_default();
            table.lines().skip(1).for_each(|line| {
                let _ = sockets.take(line, from, to);
            });
        }
        sockets
    }

    /// Takes in a line of the table; `None` where it is none, or of a socket that nobody holds any more.
    fn take(&mut self, line: &str, from: SocketAddr, to: SocketAddr) -> Option<()> {
        const LISTEN: &str = "0A";
        let mut words = line.split_ascii_whitespace();
        let (here, there, state) = (end(words.nth(1)?)?, end(words.next()?)?, words.next()?);
        let inode = words.nth(5)?.parse().ok().filter(|inode| *inode > 0)?;
        let is_listener = state == LISTEN
            && here.port() == to.port()
            && (here.ip().is_unspecified() || here.ip() == to.ip());
        if (here, there) == (from, to) {
            self.client = Some(inode);
        } else if is_listener || (here, there) == (to, from) {
            self.servers.push(inode);
        }
        Some(())
    }
}

/// Reads `0100007F:1F90`: words of the address in this machine's order of octets, and the port.
fn end(word: &str) -> Option<SocketAddr> {
    let (address, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let quarter = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if address.len() == 8 {
        return Some((quarter(0)?, port).into());
    }
    let octets = [quarter(0)?, quarter(1)?, quarter(2)?, quarter(3)?];
    let octets: [u8; 16] = octets.as_flattened().try_into().ok()?;
    let address = std::net::Ipv6Addr::from(octets).to_canonical();
    Some((address, port).into())
}

/// All processes and who started them.
fn processes() -> Vec<(u32, u32)> {
    let parent = |process: u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before may have anything in it, but nothing behind it has a bracket.
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.split_ascii_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter_map(|process| Some((process, parent(process)?))).collect()
}

fn fd(process: u32) -> String {
    format!("/proc/{process}/fd")
}

/// Whether a process has a socket open.
fn holds(process: u32, inode: u64) -> bool {
    let files = fs::read_dir(fd(process)).into_iter().flatten().flatten();
    let links = files.filter_map(|file| fs::read_link(file.path()).ok());
    let sockets = links.filter_map(|link| {
        link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok()
    });
    sockets.into_iter().any(|found| found == inode)
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
        let mut ours = Owners::of(std::process::id());
        assert_eq!(ours.look_up(from, to, true), Some(true));
        let words = ["-c", "sleep 60 <&0 & wait"];
        let stdin: std::process::Stdio =
            std::os::fd::OwnedFd::from(client.try_clone().unwrap()).into();
        let mut parent = std::process::Command::new("sh").args(words).stdin(stdin).spawn().unwrap();
        assert_eq!(Owners::of(parent.id()).look_up(from, to, true), Some(true), "a child holds it");
        let group = format!("pkill -P {}", parent.id());
        std::process::Command::new("sh").args(["-c", &group]).status().unwrap();
        parent.wait().unwrap();
        let mut another = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert_eq!(Owners::of(another.id()).look_up(from, to, true), Some(false));
        another.kill().unwrap();
        another.wait().unwrap();
        let nobody = "127.0.0.9:9".parse().unwrap();
        assert_eq!(ours.look_up(nobody, nobody, true), None);
    }
}
