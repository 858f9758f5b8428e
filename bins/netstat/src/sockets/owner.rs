//! `PID/Program name`.

use std::cell::Cell;

use anyhow::{Context as _, Result};
use wireline_host::process::{Depth, Names, Owners, Proc, Process, Unreadable};

use super::files;
use crate::output::complain;

/// Who has which socket open.
#[derive(Default)]
pub(crate) struct Programs {
    owners: Owners,
    /// One for each process, in their order.
    texts: Vec<String>,
    /// What was asked about, and the first owner's place.
    rows: Vec<(u32, Option<u32>)>,
    /// The row that is likely to be asked about next: they are shown in their order.
    next: Cell<usize>,
}

/// Bytes of the column, without the blank behind them.
const WIDTH: usize = 19;

impl Programs {
    /// Looks for the owners of these inodes: for the first of each, or for all.
    pub(crate) fn find(inodes: Vec<u32>, all: bool) -> Result<Self> {
        let proc = Proc::open("/proc").context("/proc")?;
        let depth = if all { Depth::All } else { Depth::First };
        let owners = files::owners(&proc, inodes.clone(), depth, Names::CommandLine)?;
        let texts = owners.processes().iter().map(text).collect();
        let firsts = owners.first_of_each(&inodes);
        let rows = inodes.into_iter().zip(firsts).collect();
        Ok(Self { owners, texts, rows, next: Cell::new(0) })
    }

    pub(crate) const fn owners(&self) -> &Owners {
        &self.owners
    }

    /// What stands in the column.
    pub(crate) fn text(&self, inode: u32) -> &str {
        let place = self.first(inode).and_then(|place| self.texts.get(place as usize));
        place.map_or("-", String::as_str)
    }

    fn first(&self, inode: u32) -> Option<u32> {
        let next = self.next.get();
        if let Some((asked, first)) = self.rows.get(next)
            && *asked == inode
        {
            self.next.set(next + 1);
            return *first;
        }
        // Out of order: this one, and all that follow, are searched for.
        let pid = self.owners.of(inode).next()?.process.pid;
        let place = self.owners.processes().binary_search_by_key(&pid, |process| process.pid);
        place.ok()?.try_into().ok()
    }

    /// The same, however long it is.
    pub(crate) fn whole(&self, inode: u32) -> String {
        let owner = self.owners.of(inode).next();
        owner.map_or_else(|| "-".to_owned(), |owner| whole(owner.process).collect())
    }

    /// Says on stderr what could not be seen, as the original does before it begins.
    pub(crate) fn complain(&self) {
        if self.owners.unreadable() == Unreadable::None {
            return;
        }
        if self.owners.has_met_sockets() {
            complain(
                "(Not all processes could be identified, non-owned process info\n \
                 will not be shown, you would have to be root to see it all.)\n",
            );
        } else {
            let euid = rustix::process::geteuid().as_raw();
            complain(&format!(
                "(No info could be read for \"-p\": geteuid()={euid} but you should be root.)\n"
            ));
        }
    }
}

/// The file's name where the first argument is a path from the root on, and all of that where not, cut.
/// What a terminal could take for an order becomes a dot, as in the original since CVE-2024-58251.
fn text(process: &Process) -> String {
    whole(process).take(WIDTH).collect()
}

fn whole(process: &Process) -> impl Iterator<Item = char> {
    let argument = process.name.argument_zero();
    let name = match argument.strip_prefix(b"/") {
        Some(_) => argument.rsplit(|octet| *octet == b'/').next().unwrap_or_default(),
        None => argument,
    };
    let shown = |octet: &u8| match octet {
        b' '..=b'~' => char::from(*octet),
        _ => '.',
    };
    let number: Vec<_> = format!("{}/", process.pid).chars().collect();
    number.into_iter().chain(name.iter().map(shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wireline_host::process::ProcessName;

    #[test]
    fn names_are_cut_at_the_last_slash_only_if_they_begin_with_one() {
        for (argument, shown) in [
            (&b"/usr/sbin/sshd\0-D\0"[..], "77/sshd"),
            (b"./mksockets\0", "77/./mksockets"),
            (b"sshd: /usr/sbin/sshd -D [listener]\0", "77/sshd: /usr/sbin/"),
            (b"/a/\0", "77/"),
            (b"", "77/"),
            (b"/bin/a\x1b[31m\xff\n\0", "77/a.[31m.."),
            (b"/bin/nameofaprogramthatislong\0", "77/nameofaprogramth"),
        ] {
            let name = ProcessName { command_line: argument.to_vec(), comm: Vec::new() };
            assert_eq!(text(&Process { pid: 77, name }), shown);
        }
    }
}
