//! Who has a socket open: processes, their descriptors, their names.
//!
//! Sockets are known by their inodes, which are unique on the machine, whatever the network
//! namespace. Processes come and go while they are looked at: one that has gone is passed over.

use std::io;
use std::ops::ControlFlow;

mod cgroup;
mod facts;
mod scan;

pub use cgroup::Cgroup;
pub use facts::FileLimit;
pub use scan::Proc;
pub(crate) use scan::{PidPath, number};

/// Something that knows which sockets processes have open: [`Proc`], or what a kernel offers that is
/// faster.
pub trait OpenFiles {
    /// Hands over the sockets of processes, in ascending order of their numbers and then of the
    /// descriptors', until nobody wants more; and whether there were processes that nobody may look at.
    fn sockets(
        &mut self,
        each: &mut dyn FnMut(OpenSocket) -> ControlFlow<()>,
    ) -> io::Result<Unreadable>;
}

/// A descriptor of a process that is a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSocket {
    /// Of the process, as this process sees it.
    pub pid: u32,
    /// The descriptor.
    pub fd: u32,
    /// Of the socket.
    pub inode: u32,
}

/// Whether some processes' descriptors could not be looked at (`EACCES`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unreadable {
    /// All could, or have gone.
    #[default]
    None,
    /// Not all could.
    Some,
}

/// How many owners of each socket are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// The first, after which nobody looks on.
    #[default]
    First,
    /// All of them, for which every process is looked at.
    All,
}

/// Which names of a process are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// What it was started as.
    #[default]
    CommandLine,
    /// What it calls itself.
    Comm,
    /// Both.
    Both,
}

/// What a process is called. Nothing of it is to be trusted, nor to be printed as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessName {
    /// Its arguments with a zero octet after each, the first 4 KiB of them (proc(5)). Empty where it has
    /// none, has gone, or where nobody asked.
    pub command_line: Vec<u8>,
    /// Up to 15 octets (`PR_SET_NAME`). Empty as above.
    pub comm: Vec<u8>,
}

/// A process that has one of the sockets open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What it is called.
    pub name: ProcessName,
}

/// One who has a socket open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Who.
    pub process: &'a Process,
    /// As which descriptor.
    pub fd: u32,
}

/// Who has which of the sockets open that were asked about.
///
/// It takes eight octets a socket and eight an owner, and what the names take.
#[derive(Debug, Default)]
pub struct Owners {
    wanted: Vec<u32>,
    /// Where in `found` those of the socket in the same place begin, and one more for the end.
    starts: Vec<u32>,
    found: Vec<Found>,
    processes: Vec<Process>,
    unreadable: Unreadable,
    has_met_sockets: bool,
}

/// Both numbers are places: of the process in `processes`, and of the descriptor in the process.
#[derive(Clone, Copy, Debug)]
struct Found {
    process: u32,
    fd: u32,
}

impl Owners {
    /// Looks for the owners of these inodes, once through all processes at the most. `proc` has their
    /// names, which are read when a process is met; one that has gone by then owns nothing.
    pub fn find(
        mut files: impl OpenFiles,
        proc: &Proc,
        wanted: Vec<u32>,
        depth: Depth,
        names: Names,
    ) -> io::Result<Self> {
        let mut search = Search::new(wanted, depth);
        let unreadable =
            files.sockets(&mut |socket| search.take(socket, |pid| proc.name(pid, names)))?;
        Ok(Self { unreadable, ..search.sorted() })
    }

    /// Who has a socket open, in the order in which they were met.
    #[must_use]
    pub fn of(&self, inode: u32) -> impl ExactSizeIterator<Item = Owner<'_>> {
        let place = self.wanted.binary_search(&inode).ok();
        let ends =
            place.and_then(|place| Some((self.starts.get(place)?, self.starts.get(place + 1)?)));
        let range = ends.map(|(start, end)| *start as usize..*end as usize);
        let found = range.and_then(|range| self.found.get(range)).unwrap_or_default();
        found.iter().map(|found| {
            let process = &self.processes[found.process as usize];
            Owner { process, fd: found.fd }
        })
    }

    /// For each of these sockets the place of its first owner in [`processes`](Self::processes). For a
    /// hundred thousand it is faster than to ask for each, as nothing is searched for.
    #[must_use]
    pub fn first_of_each(&self, inodes: &[u32]) -> Vec<Option<u32>> {
        let mut firsts = vec![None; inodes.len()];
        let mut order: Vec<_> = inodes.iter().copied().zip(0_u32..).collect();
        order.sort_unstable();
        let mut known = self.wanted.iter().zip(self.starts.windows(2)).peekable();
        for (inode, row) in order {
            while known.next_if(|(wanted, _)| **wanted < inode).is_some() {}
            let Some((_, ends)) = known.peek().filter(|(wanted, _)| **wanted == inode) else {
                continue;
            };
            let found = self.found.get(ends[0] as usize..ends[1] as usize).unwrap_or_default();
            firsts[row as usize] = found.first().map(|found| found.process);
        }
        firsts
    }

    /// All that have one of the sockets open, each once, in the order in which they were met.
    #[must_use]
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// Whether there were processes whose descriptors nobody may look at.
    #[must_use]
    pub const fn unreadable(&self) -> Unreadable {
        self.unreadable
    }

    /// Whether any socket at all was met, asked about or not.
    #[must_use]
    pub const fn has_met_sockets(&self) -> bool {
        self.has_met_sockets
    }
}

/// What has been found so far.
struct Search {
    wanted: Vec<u32>,
    depth: Depth,
    /// The place of the socket in `wanted`, and who has it.
    found: Vec<(u32, Found)>,
    is_found: Vec<bool>,
    missing: usize,
    processes: Vec<Process>,
    last: usize,
    has_met_sockets: bool,
}

impl Search {
    fn new(mut wanted: Vec<u32>, depth: Depth) -> Self {
        wanted.sort_unstable();
        wanted.dedup();
        // Of sockets that no process can have.
        if wanted.first() == Some(&0) {
            wanted.remove(0);
        }
        let (missing, is_found) = (wanted.len(), vec![false; wanted.len()]);
        let (found, processes) = (Vec::new(), Vec::new());
        Self { wanted, depth, found, is_found, missing, processes, last: 0, has_met_sockets: false }
    }

    fn take(
        &mut self,
        socket: OpenSocket,
        name: impl FnOnce(u32) -> Option<ProcessName>,
    ) -> ControlFlow<()> {
        self.has_met_sockets = true;
        if let Some(place) = self.place(socket.inode)
            && (self.depth == Depth::All || !self.is_found[place])
            && let Some(process) = self.process(socket.pid, name)
        {
            self.missing -= usize::from(!std::mem::replace(&mut self.is_found[place], true));
            self.found.push((index(place), Found { process, fd: socket.fd }));
        }
        if self.missing == 0 && (self.depth == Depth::First || self.wanted.is_empty()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Sockets that were opened one after the other have descriptors so, and inodes.
    fn place(&mut self, inode: u32) -> Option<usize> {
        let next = self.last + 1;
        let place = match self.wanted.get(next) {
            Some(wanted) if *wanted == inode => next,
            _ => self.wanted.binary_search(&inode).ok()?,
        };
        self.last = place;
        Some(place)
    }

    /// The place of a process, which is nearly always the last that was met.
    fn process(&mut self, pid: u32, name: impl FnOnce(u32) -> Option<ProcessName>) -> Option<u32> {
        if self.processes.last().is_none_or(|last| last.pid != pid) {
            self.processes.push(Process { pid, name: name(pid)? });
        }
        Some(index(self.processes.len() - 1))
    }

    /// Brings what was found into the order of the sockets, each one's owners in the order in which
    /// they were met: counts them, and puts each in its place.
    fn sorted(self) -> Owners {
        let mut starts = vec![0; self.wanted.len() + 1];
        for (place, _) in &self.found {
            starts[*place as usize + 1] += 1;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![Found { process: 0, fd: 0 }; self.found.len()];
        for (place, found) in self.found {
            let next: &mut u32 = &mut next[place as usize];
            sorted[*next as usize] = found;
            *next += 1;
        }
        let (wanted, processes) = (self.wanted, self.processes);
        let (unreadable, has_met_sockets) = (Unreadable::None, self.has_met_sockets);
        Owners { wanted, starts, found: sorted, processes, unreadable, has_met_sockets }
    }
}

/// Inodes and descriptors are numbers of 32 bits, and so there are no more of them.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl ProcessName {
    /// What it was started as, which it can change: `argv[0]`.
    #[must_use]
    pub fn argument_zero(&self) -> &[u8] {
        self.command_line.split(|octet| *octet == 0).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
