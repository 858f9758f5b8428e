//! What else there is to say of a process (proc(5)). Each is one file read; `None` where the process
//! has gone, or is not ours to look at.

use std::time::Duration;

use rustix::fs::{RawDir, fstat};

use super::{Cgroup, Proc};

/// How many descriptors a process may have (`RLIMIT_NOFILE`, getrlimit(2)). `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimit {
    /// What holds now.
    pub soft: Option<u64>,
    /// What the process may raise it to.
    pub hard: Option<u64>,
}

/// `USER_HZ`.
const TICKS_A_SECOND: u64 = 100;

impl Proc {
    /// Where it is among the cgroups.
    #[must_use]
    pub fn cgroup(&self, pid: u32) -> Option<Cgroup> {
        Cgroup::parse(&self.read(pid, "cgroup", 1 << 14)?)
    }

    /// When it was started, since the start of the machine, suspend included.
    #[must_use]
    pub fn started(&self, pid: u32) -> Option<Duration> {
        started(&self.read(pid, "stat", 4096)?)
    }

    /// How many descriptors it may have.
    #[must_use]
    pub fn file_limit(&self, pid: u32) -> Option<FileLimit> {
        file_limit(&self.read(pid, "limits", 1 << 14)?)
    }

    /// How many descriptors it has. Linux 6.2 and later tell; before, they are counted.
    #[must_use]
    pub fn open_files(&self, pid: u32) -> Option<u64> {
        let folder = self.descriptors(pid).ok()?;
        let told = u64::try_from(fstat(&folder).ok()?.st_size).ok()?;
        if told > 0 {
            return Some(told);
        }
        let mut buffer = Vec::with_capacity(1 << 14);
        let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
        let mut count = 0;
        while let Some(Ok(entry)) = entries.next() {
            count += u64::from(entry.file_name().to_bytes()[..1] != *b".");
        }
        Some(count)
    }
}

/// The 22nd field of `stat`. The second is a name in brackets, which may have brackets in it.
fn started(stat: &[u8]) -> Option<Duration> {
    let name_end = stat.iter().rposition(|octet| *octet == b')')?;
    let fields = str::from_utf8(&stat[name_end + 1..]).ok()?;
    let ticks: u64 = fields.split_ascii_whitespace().nth(22 - 3)?.parse().ok()?;
    let rest = ticks % TICKS_A_SECOND * (1000 / TICKS_A_SECOND);
    Some(Duration::from_secs(ticks / TICKS_A_SECOND) + Duration::from_millis(rest))
}

/// `Max open files            1024                 524288               files`.
fn file_limit(limits: &[u8]) -> Option<FileLimit> {
    let text = str::from_utf8(limits).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut words = line.split_ascii_whitespace().map(|word| match word {
        "unlimited" => Some(None),
        digits => digits.parse().ok().map(Some),
    });
    Some(FileLimit { soft: words.next()??, hard: words.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_is_read_past_a_hostile_name() {
        let fields = "S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        let stat = format!("7 (a) R 9 (b\n) ) {fields}");
        assert_eq!(started(stat.as_bytes()), Some(Duration::from_millis(123_450)));
        for bad in ["", "7 (a", "7 (a) S 1", "7 (a) \u{fffd}"] {
            assert_eq!(started(bad.as_bytes()), None);
        }
    }

    #[test]
    fn limits_are_numbers_or_none() {
        let limits = "Limit  Soft Limit\nMax open files            1024                 unlimited            files\n";
        let limit = FileLimit { soft: Some(1024), hard: None };
        assert_eq!(file_limit(limits.as_bytes()), Some(limit));
        for bad in ["", "Max open files", "Max open files x y files", "Max open files 1"] {
            assert_eq!(file_limit(bad.as_bytes()), None);
        }
    }

    #[test]
    fn this_process_has_facts() {
        let (proc, own) = (Proc::open("/proc").unwrap(), std::process::id());
        assert!(proc.started(own).unwrap() > Duration::ZERO);
        assert!(proc.open_files(own).unwrap() > 2);
        assert!(proc.file_limit(own).is_some());
        assert_eq!(proc.started(u32::MAX), None);
    }
}
