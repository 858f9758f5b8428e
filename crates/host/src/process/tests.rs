use std::fs;
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use super::*;

/// The number of a process, its command line, its descriptors and what they lead to.
type Made<'a> = (u32, &'a str, &'a [(u32, &'a str)]);

fn proc_of(processes: &[Made<'_>]) -> (tempfile::TempDir, Proc) {
    let folder = tempfile::tempdir().unwrap();
    for (pid, name, links) in processes {
        let own = folder.path().join(pid.to_string());
        fs::create_dir_all(own.join("fd")).unwrap();
        fs::write(own.join("cmdline"), name).unwrap();
        fs::write(own.join("comm"), "comm\n").unwrap();
        for (fd, link) in *links {
            symlink(link, own.join("fd").join(fd.to_string())).unwrap();
        }
    }
    fs::create_dir(folder.path().join("sys")).unwrap();
    fs::write(folder.path().join("12x"), "").unwrap();
    let proc = Proc::open(folder.path()).unwrap();
    (folder, proc)
}

fn pids(owners: &Owners, inode: u32) -> Vec<(u32, u32)> {
    let mut all: Vec<_> = owners.of(inode).map(|owner| (owner.process.pid, owner.fd)).collect();
    all.sort_unstable();
    all
}

#[test]
fn sockets_are_found_among_all_else() {
    let links = [
        (0, "/dev/null"),
        (3, "socket:[77]"),
        (4, "pipe:[78]"),
        (5, "socket:[x]"),
        (6, "socket:[99999999999]"),
    ];
    let (_folder, proc) = proc_of(&[
        (10, "/bin/a\0-x\0", &links),
        (11, "b", &[(1, "socket:[77]"), (2, "socket:[79]")]),
    ]);
    let find = |wanted, depth, names| Owners::find(&proc, &proc, wanted, depth, names).unwrap();
    let owners = find(vec![77, 78, 79, 0, 77], Depth::All, Names::Both);
    assert_eq!(pids(&owners, 77), [(10, 3), (11, 1)]);
    assert_eq!(pids(&owners, 79), [(11, 2)]);
    assert_eq!((pids(&owners, 78), pids(&owners, 0), pids(&owners, 80)), (vec![], vec![], vec![]));
    let name = &owners.of(79).next().unwrap().process.name;
    assert_eq!((name.argument_zero(), name.comm.as_slice()), (&b"b"[..], &b"comm"[..]));
    let a = owners.processes().iter().find(|process| process.pid == 10).unwrap();
    assert_eq!((a.name.argument_zero(), a.name.command_line.len()), (&b"/bin/a"[..], 10));
    let owners = find(vec![77], Depth::First, Names::CommandLine);
    assert_eq!((owners.of(77).len(), owners.processes().len()), (1, 1));
    assert_eq!(owners.processes()[0].name.comm, b"");
}

/// Triples from a table, as they come.
struct Table<'a>(&'a [(u32, u32, u32)], usize);

impl OpenFiles for &mut Table<'_> {
    fn sockets(
        &mut self,
        each: &mut dyn FnMut(OpenSocket) -> ControlFlow<()>,
    ) -> io::Result<Unreadable> {
        for (pid, fd, inode) in self.0.iter().copied() {
            self.1 += 1;
            if each(OpenSocket { pid, fd, inode }).is_break() {
                break;
            }
        }
        Ok(Unreadable::None)
    }
}

#[test]
fn other_source_of_descriptors_gives_the_same_and_is_stopped_early() {
    let table = [(1, 3, 70), (1, 4, 71), (2, 3, 70), (3, 9, 72), (4, 1, 70)];
    let (_folder, proc) = proc_of(&[(1, "a", &[]), (2, "b", &[]), (4, "d", &[])]);
    let find = |wanted: &[u32], depth| {
        let mut files = Table(&table, 0);
        let names = Names::CommandLine;
        let owners = Owners::find(&mut files, &proc, wanted.to_vec(), depth, names).unwrap();
        (owners, files.1)
    };
    let (owners, looked) = find(&[71, 70], Depth::First);
    assert_eq!((pids(&owners, 70), pids(&owners, 71), looked), (vec![(1, 3)], vec![(1, 4)], 2));
    let (owners, looked) = find(&[70, 72], Depth::All);
    let order: Vec<_> = owners.of(70).map(|owner| owner.process.pid).collect();
    assert_eq!((order, looked), (vec![1, 2, 4], 5), "in the order in which they were met");
    assert_eq!(owners.of(72).len(), 0, "a process that has gone owns nothing");
    let (owners, looked) = find(&[], Depth::All);
    assert_eq!((owners.has_met_sockets(), looked), (true, 1), "one is enough to know");
    assert!(!Owners::default().has_met_sockets());
    assert_eq!(Owners::default().of(70).len(), 0);
}

#[test]
fn many_sockets_in_any_order_have_their_owners() {
    let count = 20_000_u32;
    let table: Vec<_> = (0..count).map(|n| (1 + n / 100, n % 100, 1 + n * 7919 % count)).collect();
    let names: Vec<_> = (1..=count / 100).map(|pid| (pid, "x", &[][..])).collect();
    let (_folder, proc) = proc_of(&names);
    let mut files = Table(&table, 0);
    let wanted = (1..=count).rev().collect();
    let owners = Owners::find(&mut files, &proc, wanted, Depth::First, Names::CommandLine).unwrap();
    for (pid, fd, inode) in table {
        assert_eq!(pids(&owners, inode), [(pid, fd)]);
    }
}

#[test]
fn first_owners_are_told_in_the_order_in_which_they_are_asked_for() {
    let table = [(1, 3, 70), (1, 4, 71), (2, 3, 70), (4, 1, 69)];
    let (_folder, proc) = proc_of(&[(1, "a", &[]), (2, "b", &[]), (4, "d", &[])]);
    let names = Names::CommandLine;
    let wanted = vec![69, 70, 71, 73];
    let owners = Owners::find(&mut Table(&table, 0), &proc, wanted, Depth::All, names).unwrap();
    let asked = [71, 0, 70, 69, 73, 99, 70];
    let one_by_one = asked.map(|inode| {
        let first = owners.of(inode).next();
        first.and_then(|first| owners.processes().iter().position(|one| one == first.process))
    });
    let at_once = owners.first_of_each(&asked).into_iter();
    let at_once: Vec<_> = at_once.map(|place| place.map(|place| place as usize)).collect();
    assert_eq!(at_once, one_by_one);
    assert_eq!(at_once, [Some(0), None, Some(0), Some(2), None, None, Some(0)]);
    assert_eq!(Owners::default().first_of_each(&[7]), [None]);
}

#[test]
fn own_socket_is_found_by_the_scan() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let link = format!("/proc/self/fd/{}", socket.as_raw_fd());
    let inode = u32::try_from(fs::metadata(Path::new(&link)).unwrap().ino()).unwrap();
    let proc = Proc::open("/proc").unwrap();
    let owners = Owners::find(&proc, &proc, vec![inode], Depth::All, Names::Both).unwrap();
    let fd = u32::try_from(socket.as_raw_fd()).unwrap();
    assert!(pids(&owners, inode).contains(&(std::process::id(), fd)));
    let own = owners.of(inode).find(|owner| owner.process.pid == std::process::id()).unwrap();
    assert!(!own.process.name.command_line.is_empty() && own.process.name.comm.len() <= 15);
    assert!(owners.has_met_sockets());
}

#[test]
fn processes_of_others_are_said_to_be_unreadable() {
    let links = [(3, "socket:[77]")];
    let (folder, proc) = proc_of(&[(10, "a", &links), (11, "b", &links), (12, "c", &[])]);
    for pid in ["10", "12"] {
        let closed = fs::Permissions::from_mode(0o000);
        fs::set_permissions(folder.path().join(pid).join("fd"), closed).unwrap();
    }
    let find = |wanted| {
        let names = Names::CommandLine;
        Owners::find(&proc, &proc, wanted, Depth::First, names).unwrap()
    };
    let owners = find(vec![77]);
    if rustix::process::geteuid().is_root() {
        assert_eq!(owners.unreadable(), Unreadable::None, "root may look at everything");
    } else {
        assert_eq!(pids(&owners, 77), [(11, 3)]);
        assert_eq!(owners.unreadable(), Unreadable::Some);
    }
    for pid in ["10", "12"] {
        let open = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.path().join(pid).join("fd"), open).unwrap();
    }
}

#[test]
fn folder_that_is_no_proc_has_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let proc = Proc::open(folder.path()).unwrap();
    let owners = Owners::find(&proc, &proc, vec![1], Depth::First, Names::Both).unwrap();
    assert_eq!((owners.of(1).len(), owners.unreadable()), (0, Unreadable::None));
    assert!(!owners.has_met_sockets());
    assert!(Proc::open("/nowhere").is_err());
}
