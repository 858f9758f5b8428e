//! Network namespaces (`network_namespaces(7)`): which there are, who is in them, and a visit to one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{OFlags, fstatfs, readlinkat_raw};
use rustix::io::Errno;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::process::{PidPath, Proc, Unreadable, number};

/// A network namespace that a process is in, or that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetNamespace {
    /// What it is known by: the number in `net:[4026531833]`.
    pub inode: u32,
    /// As `ip netns` has them.
    pub names: Vec<OsString>,
    /// The first process in it.
    pub pid: Option<u32>,
    /// How many processes are in it.
    pub processes: u32,
    /// Whether this process is in it.
    pub is_own: bool,
    /// Files that lead to it, of which some may have gone when it is entered.
    doors: Vec<PathBuf>,
}

/// Doors that are remembered, at the most.
const DOORS: usize = 8;

/// All that could be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetNamespaces {
    /// The own one first, then by their numbers.
    pub all: Vec<NetNamespace>,
    /// Whether there are processes that nobody may look at, and so perhaps more.
    pub unreadable: Unreadable,
}

/// Where `ip netns` keeps names (ip-netns(8)).
pub const NAMES: &str = "/run/netns";

/// `NSFS_MAGIC` of `linux/magic.h`.
const NSFS: i64 = 0x6e73_6673;

impl NetNamespaces {
    /// Looks for them among the processes of a `/proc`, and in a folder of names, which need not be
    /// there.
    pub fn list(proc: &Path, names: &Path) -> io::Result<Self> {
        let mut found = BTreeMap::new();
        let unreadable = add_processes(&mut found, proc)?;
        add_names(&mut found, names);
        let own = fs::metadata(proc.join("thread-self/ns/net")).ok();
        let own = own.and_then(|own| u32::try_from(own.ino()).ok());
        let mut all: Vec<_> = found.into_values().collect();
        for namespace in &mut all {
            namespace.is_own = Some(namespace.inode) == own;
        }
        all.sort_by_key(|namespace| !namespace.is_own);
        Ok(Self { all, unreadable })
    }

    /// The one that a file leads to, such as `/run/netns/NAME` or `/proc/PID/ns/net`, with all that is
    /// known of it. A file that leads to none is an error of the kind
    /// [`InvalidInput`](io::ErrorKind::InvalidInput).
    pub fn behind(&self, door: &Path) -> io::Result<NetNamespace> {
        let none = || io::Error::new(io::ErrorKind::InvalidInput, "not a network namespace");
        let file = open(door)?;
        let inode = of_file(&file)?.ok_or_else(none)?;
        let known = self.all.iter().find(|one| one.inode == inode);
        let known = known.cloned().unwrap_or_else(|| NetNamespace::new(inode));
        Ok(NetNamespace { doors: vec![door.to_owned()], ..known })
    }
}

type Found = BTreeMap<u32, NetNamespace>;

fn add_processes(found: &mut Found, path: &Path) -> io::Result<Unreadable> {
    let proc = Proc::open(path)?;
    let mut unreadable = Unreadable::None;
    proc.pids(|pid| {
        match of_process(&proc, pid) {
            Ok(Some(inode)) => {
                let namespace = found.entry(inode).or_insert_with(|| NetNamespace::new(inode));
                namespace.pid.get_or_insert(pid);
                if namespace.doors.len() < DOORS {
                    namespace.doors.push(path.join(pid.to_string()).join("ns/net"));
                }
                namespace.processes = namespace.processes.saturating_add(1);
            }
            Err(Errno::ACCESS) => unreadable = Unreadable::Some,
            Ok(None) | Err(_) => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok(unreadable)
}

/// The number in `net:[4026531833]`.
fn of_process(proc: &Proc, pid: u32) -> Result<Option<u32>, Errno> {
    let mut link = [0; 32];
    let path = PidPath::new(pid, "ns/net");
    let length = readlinkat_raw(proc.root(), path.as_c_str(), &mut link)?;
    let digits = link.get(..length).and_then(|link| link.strip_prefix(b"net:["));
    Ok(digits.and_then(|digits| number(digits.strip_suffix(b"]")?)))
}

fn add_names(found: &mut Found, names: &Path) {
    let Ok(folder) = fs::read_dir(names) else { return };
    for entry in folder.flatten() {
        let Some(inode) = of_name(&entry.path()) else { continue };
        let namespace = found.entry(inode).or_insert_with(|| NetNamespace::new(inode));
        namespace.names.push(entry.file_name());
        // A name stays longer than a process.
        namespace.doors.insert(0, entry.path());
        namespace.doors.truncate(DOORS);
    }
    for namespace in found.values_mut() {
        namespace.names.sort();
    }
}

/// What a name leads to, unless it is left over from a namespace that has gone.
fn of_name(path: &Path) -> Option<u32> {
    of_file(&open(path).ok()?).ok()?
}

/// `None` of a file that is no namespace at all.
fn of_file(file: &File) -> io::Result<Option<u32>> {
    let is_namespace = fstatfs(file)?.f_type == NSFS;
    let inode = u32::try_from(file.metadata()?.ino()).ok();
    Ok(inode.filter(|_| is_namespace))
}

/// A file of any kind, without waiting for somebody at the other end of it.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

impl NetNamespace {
    const fn new(inode: u32) -> Self {
        Self { inode, names: Vec::new(), pid: None, processes: 0, is_own: false, doors: Vec::new() }
    }

    /// Does something in it, for which `CAP_SYS_ADMIN` is needed; in the own one, here and by anybody.
    /// See [`inside`]. Where there is no way to it any more the kind of the error is
    /// [`NotFound`](io::ErrorKind::NotFound).
    pub fn visit<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        if self.is_own { Ok(work()) } else { enter(&self.open()?, work) }
    }

    /// The first door that is still one to it: the number of a process that has gone may be another's.
    fn open(&self) -> io::Result<File> {
        let mut failed = io::ErrorKind::NotFound.into();
        for door in &self.doors {
            match open(door) {
                Ok(file) if of_file(&file)? == Some(self.inode) => return Ok(file),
                Ok(_) => {}
                Err(why) => failed = why,
            }
        }
        Err(failed)
    }
}

/// Does something in the network namespace of a file, such as `/run/netns/NAME` or `/proc/PID/ns/net`,
/// on a thread that nothing else is done on. Sockets opened there stay in it.
///
/// The error is that of open(2) or setns(2).
pub fn inside<T: Send>(path: &Path, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    enter(&open(path)?, work)
}

fn enter<T: Send>(door: &File, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    let visit = || {
        move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network))?;
        Ok(work())
    };
    thread::scope(|scope| {
        let visitor = thread::Builder::new().name("namespace".into()).spawn_scoped(scope, visit)?;
        visitor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_namespace_is_first_and_has_this_process() {
        let found = NetNamespaces::list(Path::new("/proc"), Path::new(NAMES)).unwrap();
        let own = &found.all[0];
        assert!(own.is_own && own.processes > 0 && own.pid.is_some(), "{own:?}");
        assert_eq!(found.all.iter().filter(|one| one.is_own).count(), 1);
    }

    #[test]
    fn names_that_lead_nowhere_are_none() {
        let mut found = Found::new();
        add_names(&mut found, Path::new("/nowhere"));
        // Ordinary files.
        add_names(&mut found, Path::new(env!("CARGO_MANIFEST_DIR")));
        assert_eq!(found, Found::new());
    }

    #[test]
    fn file_that_is_no_namespace_cannot_be_entered() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(inside(Path::new(manifest), || ()).is_err());
        assert!(inside(Path::new("/nowhere"), || ()).is_err());
    }

    #[test]
    fn file_leads_to_a_namespace_or_says_that_it_does_not() {
        let found = NetNamespaces::list(Path::new("/proc"), Path::new(NAMES)).unwrap();
        let own = found.behind(Path::new("/proc/self/ns/net")).unwrap();
        assert!(own.is_own && own.inode == found.all[0].inode && own.processes > 0, "{own:?}");
        let here = thread::current().id();
        assert_eq!(own.visit(|| thread::current().id()).unwrap(), here, "there is nowhere to go");
        let kind = |path| found.behind(Path::new(path)).unwrap_err().kind();
        assert_eq!(kind("/proc/self/exe"), io::ErrorKind::InvalidInput);
        assert_eq!(kind("/nowhere"), io::ErrorKind::NotFound);
        let unknown = NetNamespaces::default().behind(Path::new("/proc/self/ns/net")).unwrap();
        assert!(!unknown.is_own && unknown.names.is_empty(), "{unknown:?}");
    }

    #[test]
    fn door_that_has_gone_or_leads_elsewhere_is_passed_by() {
        let found = NetNamespaces::list(Path::new("/proc"), Path::new(NAMES)).unwrap();
        let own = &found.all[0];
        let doors = ["/nowhere", "/proc/self/exe", "/proc/self/ns/uts", "/proc/self/ns/net"];
        let behind = |count: usize| {
            let doors = doors[..count].iter().map(PathBuf::from).collect();
            NetNamespace { doors, ..own.clone() }.open()
        };
        assert!(behind(4).is_ok());
        for count in 0..4 {
            assert_eq!(behind(count).unwrap_err().kind(), io::ErrorKind::NotFound, "{count}");
        }
        assert!(own.doors.len() <= DOORS);
    }

    #[test]
    fn visit_is_on_a_thread_of_its_own() {
        let here = thread::current().id();
        match inside(Path::new("/proc/self/ns/net"), || thread::current().id()) {
            Ok(there) => assert_ne!(here, there),
            Err(err) => assert_eq!(err.kind(), io::ErrorKind::PermissionDenied),
        }
    }
}
