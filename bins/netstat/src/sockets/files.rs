//! Where it is learned who has a socket open: from the kernel at once, where it lets us and that is faster,
//! or else from `/proc`. Both give the same.

use std::ops::ControlFlow;
use std::{fs, io};

use wireline_host::process::{Depth, Names, OpenFiles, OpenSocket, Owners, Proc, Unreadable};
use wireline_net::TaskSockets;

/// From about as many files on it pays, by calculation: the kernel takes some 5 ms to get ready, and `/proc` 4 µs
/// more for each descriptor.
const BREAK_EVEN: u64 = 1500;

/// What the kernel tells.
struct Told(TaskSockets);

impl OpenFiles for Told {
    fn sockets(
        &mut self,
        each: &mut dyn FnMut(OpenSocket) -> ControlFlow<()>,
    ) -> io::Result<Unreadable> {
        for socket in &mut self.0 {
            let socket = socket?;
            // Inodes of sockets are numbers of 32 bits, in the kernel's tables as in /proc.
            let Ok(inode) = socket.inode.try_into() else { continue };
            if each(OpenSocket { pid: socket.pid, fd: socket.fd, inode }).is_break() {
                break;
            }
        }
        Ok(Unreadable::None)
    }
}

/// Who has the sockets open that are wanted, by whichever way is faster here.
pub(crate) fn owners(
    proc: &Proc,
    wanted: Vec<u32>,
    depth: Depth,
    names: Names,
) -> io::Result<Owners> {
    if pays(&wanted, open_files())
        && let Some(owners) = told(proc, wanted.clone(), depth, names)
    {
        return Ok(owners);
    }
    Owners::find(proc, proc, wanted, depth, names)
}

/// What the kernel tells; `None` where it refuses, at the beginning or on the way.
fn told(proc: &Proc, wanted: Vec<u32>, depth: Depth, names: Names) -> Option<Owners> {
    Owners::find(Told(TaskSockets::open().ok()?), proc, wanted, depth, names).ok()
}

/// Whether there is enough to look at: a look for nothing ends at the first socket.
fn pays(wanted: &[u32], open_files: u64) -> bool {
    open_files >= BREAK_EVEN && wanted.iter().any(|inode| *inode != 0)
}

/// How many files the machine has open, which is a little less than it has descriptors (proc(5)).
fn open_files() -> u64 {
    let text = fs::read_to_string("/proc/sys/fs/file-nr").unwrap_or_default();
    first_number(&text)
}

fn first_number(text: &str) -> u64 {
    text.split_ascii_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn kernel_is_asked_only_where_there_is_much_to_look_at() {
        assert!(pays(&[7], BREAK_EVEN) && !pays(&[7], BREAK_EVEN - 1));
        assert!(!pays(&[0, 0], u64::MAX) && !pays(&[], u64::MAX), "nobody can have these");
        assert_eq!(first_number("775\t0\t2465620\n"), 775);
        assert_eq!((first_number(""), first_number("-1 x")), (0, 0));
    }

    #[test]
    fn kernel_tells_what_a_scan_finds() {
        let sockets: Vec<_> = (0..300).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        let again: Vec<_> = sockets[..20].iter().map(|one| one.try_clone().unwrap()).collect();
        let inode = |socket: &UdpSocket| {
            fs::metadata(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap().ino()
        };
        let wanted: Vec<_> =
            sockets.iter().map(|one| u32::try_from(inode(one)).unwrap()).chain([0, 1]).collect();
        let proc = Proc::open("/proc").unwrap();
        for depth in [Depth::First, Depth::All] {
            let scanned = Owners::find(&proc, &proc, wanted.clone(), depth, Names::Both).unwrap();
            let Some(told) = told(&proc, wanted.clone(), depth, Names::Both) else {
                let _ = writeln!(io::stderr(), "not tried: the kernel does not tell us");
                return;
            };
            for inode in wanted.iter().copied() {
                let all = |owners: &Owners| {
                    let one = |owner: wireline_host::process::Owner<'_>| {
                        (owner.process.clone(), owner.fd)
                    };
                    owners.of(inode).map(one).collect::<Vec<_>>()
                };
                assert_eq!(all(&told), all(&scanned), "{depth:?}");
            }
            assert_eq!(told.unreadable(), scanned.unreadable());
            let twice = told.of(wanted[0]).len();
            assert_eq!(twice, if depth == Depth::All { 2 } else { 1 });
        }
        drop(again);
    }
}
