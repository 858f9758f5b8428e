//! Which sockets processes have open, told by the kernel at once: a BPF iterator over the descriptors of
//! all tasks (`bpf_iter_task_file`, Linux 5.8 and later). `/proc` takes ten times as long for each of them.
//!
//! Nothing in the kernel is changed by it: the program looks, and is gone when the iterator is closed.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;

use rustix::thread::{CapabilitySet, capabilities};

mod btf;
mod program;

use crate::sys;

/// All sockets that the processes of this machine have open, ascending by process and then by
/// descriptor, as a walk through `/proc/PID/fd` finds them. After an error there is nothing more.
#[derive(Debug)]
pub struct TaskSockets {
    iterator: File,
    buffer: Box<[u8]>,
    /// What of the buffer has not been handed over.
    rest: std::ops::Range<usize>,
    is_done: bool,
}

/// A descriptor of a process that is a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskSocket {
    /// Of the process.
    pub pid: u32,
    /// The descriptor.
    pub fd: u32,
    /// Of the socket.
    pub inode: u64,
}

/// In octets: the kernel fills no more at once.
const BUFFER: usize = 32 << 10;

/// In octets. Type information takes about six MiB.
const LARGEST_BTF: u64 = 64 << 20;

/// The inodes of the namespaces that the machine started with (`linux/nsfs.h`): processes have other
/// numbers in others, and nobody there may load a program.
const FIRST_NAMESPACES: [(&str, &str); 2] =
    [("/proc/self/ns/pid", "pid:[4026531836]"), ("/proc/self/ns/user", "user:[4026531837]")];

/// The kernel looks at a million descriptors and, where none was a socket, asks to be asked again.
const MOST_PAUSES: usize = 10_000;

impl TaskSockets {
    /// Starts to look. An error means that this machine, or this process, has no such thing, and that
    /// `/proc` is to be read: not enough privilege, another namespace, an older or a locked kernel.
    pub fn open() -> io::Result<Self> {
        if !is_privileged() || !FIRST_NAMESPACES.iter().all(is_in) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let facts = kernel_facts()?;
        let instructions = program::sockets_of_tasks(&facts).ok_or(io::ErrorKind::Unsupported)?;
        let program = sys::load_iterator(&instructions, facts.function)?;
        let link = sys::link_iterator(program.as_fd())?;
        let iterator = sys::create_iterator(link.as_fd())?.into();
        let buffer = vec![0; BUFFER].into();
        Ok(Self { iterator, buffer, rest: 0..0, is_done: false })
    }

    fn fill(&mut self) -> io::Result<()> {
        for _ in 0..MOST_PAUSES {
            match self.iterator.read(&mut self.buffer) {
                Ok(length) => {
                    self.rest = 0..length;
                    self.is_done = length == 0;
                    return Ok(());
                }
                Err(err) if is_pause(&err) => {}
                Err(err) => return Err(err),
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

impl Iterator for TaskSockets {
    type Item = io::Result<TaskSocket>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty()
            && !self.is_done
            && let Err(err) = self.fill()
        {
            self.is_done = true;
            return Some(Err(err));
        }
        if self.is_done {
            return None;
        }
        let next = self.buffer.get(self.rest.clone()).and_then(TaskSocket::read);
        self.rest.start += program::RECORD;
        self.is_done = next.is_none();
        Some(next.ok_or_else(|| io::ErrorKind::InvalidData.into()))
    }
}

impl TaskSocket {
    /// What the program wrote: a record is never cut.
    fn read(octets: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_ne_bytes(octets.get(at..at + 4)?.try_into().ok()?));
        let inode = u64::from_ne_bytes(octets.get(8..16)?.try_into().ok()?);
        Some(Self { pid: word(0)?, fd: word(4)?, inode })
    }
}

/// The right to load the program, and to see what it shows: who has not the second finds less in
/// `/proc`, and is to be told no more here.
fn is_privileged() -> bool {
    let Ok(sets) = capabilities(None) else { return false };
    let has = |wanted| sets.effective.contains(wanted);
    let may_load =
        has(CapabilitySet::SYS_ADMIN) || has(CapabilitySet::BPF | CapabilitySet::PERFMON);
    let may_enter = has(CapabilitySet::DAC_READ_SEARCH) || has(CapabilitySet::DAC_OVERRIDE);
    may_load && may_enter && has(CapabilitySet::SYS_PTRACE)
}

fn is_in((own, first): &(&str, &str)) -> bool {
    fs::read_link(own).is_ok_and(|link| link.as_os_str() == *first)
}

fn is_pause(err: &io::Error) -> bool {
    matches!(err.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Linux 6.16 lends its type information; before that it is copied, a page at a time.
fn kernel_facts() -> io::Result<btf::Facts> {
    let facts = if let Ok(mapped) = sys::map_kernel_types() {
        btf::facts(mapped.octets())
    } else {
        let mut octets = Vec::new();
        File::open(sys::KERNEL_TYPES)?.take(LARGEST_BTF).read_to_end(&mut octets)?;
        btf::facts(&octets)
    };
    facts.ok_or_else(|| io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests;
