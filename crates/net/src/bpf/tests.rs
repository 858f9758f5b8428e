use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use super::*;

/// `None` where this machine refuses, which is said.
fn opened() -> Option<TaskSockets> {
    match TaskSockets::open() {
        Ok(sockets) => Some(sockets),
        Err(err) => {
            use std::io::Write as _;
            let _ = writeln!(io::stderr(), "not tried, no BPF for us: {err}");
            None
        }
    }
}

fn number_of(socket: &UdpSocket) -> (u32, u64) {
    let fd = socket.as_raw_fd();
    let inode = fs::metadata(format!("/proc/self/fd/{fd}")).unwrap().ino();
    (u32::try_from(fd).unwrap(), inode)
}

#[test]
fn own_sockets_are_told_once_each_and_in_order() {
    let Some(told) = opened() else { return };
    let sockets: Vec<_> = (0..3000).map_while(|_| UdpSocket::bind("127.0.0.1:0").ok()).collect();
    assert!(sockets.len() > 500, "more than fit in one read with the rest");
    let told: Vec<_> = told.map(Result::unwrap).collect();
    assert!(told.is_sorted_by_key(|one| (one.pid, one.fd)), "as a walk through /proc");
    for socket in &sockets {
        let (fd, inode) = number_of(socket);
        let found: Vec<_> = told.iter().filter(|one| one.inode == inode).collect();
        assert_eq!(found, [&TaskSocket { pid: std::process::id(), fd, inode }]);
    }
}

#[test]
fn what_is_no_socket_is_not_told() {
    let Some(told) = opened() else { return };
    let folder = std::env::temp_dir().join(format!("wireline-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join("socket");
    let named = std::os::unix::net::UnixListener::bind(&path).unwrap();
    // A socket by its kind, and a file by where it is.
    let flags = rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, rustix::fs::Mode::empty()).unwrap();
    let ours: Vec<_> =
        told.map(Result::unwrap).filter(|one| one.pid == std::process::id()).collect();
    let has = |fd: i32| ours.iter().any(|one| i32::try_from(one.fd) == Ok(fd));
    assert!(has(named.as_raw_fd()) && !has(file.as_raw_fd()));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn types_of_this_kernel_are_the_same_lent_and_copied() {
    let Ok(lent) = sys::map_kernel_types() else { return };
    assert_eq!(lent.octets(), fs::read(sys::KERNEL_TYPES).unwrap());
    let facts = btf::facts(lent.octets()).unwrap();
    assert_eq!(facts.task_tgid, facts.task_pid + 4, "they are neighbours in every kernel so far");
}

#[test]
fn nobody_without_privilege_is_let_near() {
    let opened = std::thread::spawn(|| {
        crate::drop_privileges().unwrap();
        TaskSockets::open().map(drop).map_err(|err| err.kind())
    });
    assert_eq!(opened.join().unwrap(), Err(io::ErrorKind::PermissionDenied));
}

#[test]
fn record_that_is_cut_is_none() {
    let octets: Vec<u8> = (0..16).collect();
    for end in 0..16 {
        assert_eq!(TaskSocket::read(&octets[..end]), None);
    }
    assert!(TaskSocket::read(&octets).is_some());
}
