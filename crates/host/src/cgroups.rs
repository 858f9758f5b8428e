use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The number of a cgroup of version 2 (cgroups(7)), which is the inode of its folder: by a path from the
/// root of the cgroups on, or by one of the file system.
pub fn cgroup_id(path: &str) -> io::Result<u64> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let root = mount(&mounts).ok_or_else(|| io::Error::other("no cgroup2 is mounted"))?;
    let path = Path::new(path);
    let whole = if path.starts_with(&root) {
        path.to_owned()
    } else {
        root.join(path.strip_prefix("/").unwrap_or(path))
    };
    Ok(fs::metadata(whole)?.ino())
}

/// The first place where cgroups of version 2 are mounted.
fn mount(mounts: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (place, kind) = (words.nth(1)?, words.next()?);
        (kind == "cgroup2").then(|| place.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_of_version_two_is_found_among_others() {
        let mounts = "proc /proc proc rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n\
                      none /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(mount(mounts), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(mount("x\n\nx cgroup2\n"), None);
    }
}
