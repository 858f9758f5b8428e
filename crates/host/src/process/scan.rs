//! `/proc`, one folder of descriptors after the other (proc(5)).

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, RawDir, SeekFrom, openat, readlinkat_raw, seek};
use rustix::io::{Errno, read};
use rustix::process::geteuid;

use super::{Names, OpenFiles, OpenSocket, ProcessName, Unreadable};

/// A `/proc`: this machine's, or a copy of another's.
#[derive(Debug)]
pub struct Proc {
    root: OwnedFd,
    is_root: bool,
}

/// In octets, of folders: as many entries as the kernel hands over at once.
const ENTRIES: usize = 32 << 10;

/// In octets, of a command line.
const COMMAND_LINE: usize = 4096;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Proc {
    /// Opens it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let root = openat(CWD, path.as_ref(), FOLDER, Mode::empty())?;
        Ok(Self { root, is_root: geteuid().is_root() })
    }

    /// The numbers of all processes, ascending as the kernel has them, until nobody wants more.
    pub fn pids(&self, mut each: impl FnMut(u32) -> ControlFlow<()>) -> io::Result<()> {
        seek(&self.root, SeekFrom::Start(0))?;
        let mut buffer = Vec::with_capacity(ENTRIES);
        let mut folder = RawDir::new(&self.root, buffer.spare_capacity_mut());
        while let Some(entry) = folder.next() {
            let Some(pid) = number(entry?.file_name().to_bytes()) else { continue };
            if each(pid).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What a process is called; `None` if it has gone.
    #[must_use]
    pub fn name(&self, pid: u32, names: Names) -> Option<ProcessName> {
        let mut name = ProcessName::default();
        if names != Names::Comm {
            name.command_line = self.read(pid, "cmdline", COMMAND_LINE)?;
        }
        if names != Names::CommandLine {
            name.comm = self.read(pid, "comm", 64)?;
            name.comm.pop_if(|octet| *octet == b'\n');
        }
        Some(name)
    }

    /// The first octets of a file of a process, as many as there are and have room.
    pub(super) fn read(&self, pid: u32, file: &str, most: usize) -> Option<Vec<u8>> {
        let path = PidPath::new(pid, file);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = openat(&self.root, path.as_c_str(), flags, Mode::empty()).ok()?;
        let mut octets = vec![0; most];
        let mut filled = 0;
        while filled < most {
            match read(&file, &mut octets[filled..]) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(Errno::INTR) => {}
                Err(_) => return None,
            }
        }
        octets.truncate(filled);
        // Names are kept, of as many processes as there are.
        octets.shrink_to_fit();
        Some(octets)
    }

    /// Where it may not look, an `Err`; where nobody is any more, nothing.
    fn sockets_of(
        &self,
        pid: u32,
        buffer: &mut [MaybeUninit<u8>],
        each: &mut dyn FnMut(OpenSocket) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Errno> {
        let folder = self.descriptors(pid)?;
        let mut entries = RawDir::new(&folder, buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            let Some(fd) = number(name.to_bytes()) else { continue };
            let Some(inode) = socket_inode(&folder, name) else { continue };
            if each(OpenSocket { pid, fd, inode }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub(crate) const fn root(&self) -> &OwnedFd {
        &self.root
    }

    pub(super) fn descriptors(&self, pid: u32) -> Result<OwnedFd, Errno> {
        openat(&self.root, PidPath::new(pid, "fd").as_c_str(), FOLDER, Mode::empty())
    }
}

impl OpenFiles for &Proc {
    /// Every user but root goes on past the last socket wanted, to see whether there is a process that it
    /// may not look at. It is nearly always the first.
    fn sockets(
        &mut self,
        each: &mut dyn FnMut(OpenSocket) -> ControlFlow<()>,
    ) -> io::Result<Unreadable> {
        let mut buffer = Vec::with_capacity(ENTRIES);
        let mut unreadable = Unreadable::None;
        let mut is_done = false;
        self.pids(|pid| {
            let looked = if is_done {
                self.descriptors(pid).map(|_| ControlFlow::Continue(()))
            } else {
                self.sockets_of(pid, buffer.spare_capacity_mut(), each)
            };
            match looked {
                Ok(end) => is_done |= end.is_break(),
                Err(Errno::ACCESS) => unreadable = Unreadable::Some,
                Err(_) => {}
            }
            if is_done && (self.is_root || unreadable == Unreadable::Some) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(unreadable)
    }
}

/// The inode, where a descriptor is a socket: `socket:[4026]`. The link is read and not followed, as
/// what it leads to can be a file of a server that does not answer.
fn socket_inode(folder: &OwnedFd, name: &CStr) -> Option<u32> {
    let mut link = [0; 32];
    let length = readlinkat_raw(folder, name, &mut link).ok()?;
    number(link.get(..length)?.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
}

/// A number of digits only.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, octet| {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// `1234/fd`, made without an allocation.
pub(crate) struct PidPath {
    octets: [u8; 32],
}

impl PidPath {
    /// `file` has 20 octets at most; what is longer is cut off.
    pub(crate) fn new(pid: u32, file: &str) -> Self {
        use std::io::Write as _;
        let mut octets = [0; 32];
        // The last octet stays zero.
        let mut rest = &mut octets[..31];
        let _ = write!(rest, "{pid}/{file}");
        Self { octets }
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.octets).unwrap_or_default()
    }
}
