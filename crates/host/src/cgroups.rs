//! The paths of cgroups of version 2 (cgroups(7)), by the numbers that the kernel tells of sockets.
//!
//! A number is the inode of a folder. Nothing leads from it to a path but a walk through the folders.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{DirEntryExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::statfs;

/// Finds paths. The folders are walked through once, when the first is asked for.
#[derive(Debug, Default)]
pub struct CgroupPaths {
    mount: Option<Mount>,
    known: Option<HashMap<u64, Vec<u8>>>,
}

/// Where the folders are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    place: PathBuf,
    /// Which of the cgroups is at that place.
    root: Vec<u8>,
}

/// `CGROUP2_SUPER_MAGIC` of `linux/magic.h`.
const CGROUP2: i64 = 0x6367_7270;

/// Folders that are looked at, at the most. The kernel itself allows more.
const MOST: usize = 1 << 16;

impl CgroupPaths {
    /// Looks where cgroups of version 2 are mounted, be it beside those of version 1.
    #[must_use]
    pub fn open() -> Self {
        let mut found = Self::of(&fs::read("/proc/self/mountinfo").unwrap_or_default());
        // Something else may have been mounted over it.
        found.mount.take_if(|mount| statfs(&mount.place).map(|kind| kind.f_type) != Ok(CGROUP2));
        found
    }

    fn of(mountinfo: &[u8]) -> Self {
        let mounts = || mountinfo.split(|octet| *octet == b'\n').filter_map(Mount::parse);
        let whole = mounts().find(|mount| mount.root == b"/");
        Self { mount: whole.or_else(|| mounts().next()), known: None }
    }

    /// Whether they are mounted at all. Where not, there are no paths.
    #[must_use]
    pub const fn are_mounted(&self) -> bool {
        self.mount.is_some()
    }

    /// The path of a cgroup, which begins with `/`; `None` where it has gone, or is not in sight from this
    /// cgroup namespace.
    pub fn path(&mut self, number: u64) -> Option<&[u8]> {
        let mount = self.mount.as_ref()?;
        let known = self.known.get_or_insert_with(|| walk(mount, MOST));
        known.get(&number).map(Vec::as_slice)
    }
}

/// The number of a cgroup, which is the inode of its folder: by a path from the root of the cgroups on, or
/// by one of the file system.
pub fn cgroup_id(path: &str) -> io::Result<u64> {
    let mount = CgroupPaths::open().mount;
    let place = mount.ok_or_else(|| io::Error::other("no cgroup2 is mounted"))?.place;
    let path = Path::new(path);
    let whole = if path.starts_with(&place) {
        path.to_owned()
    } else {
        place.join(path.strip_prefix("/").unwrap_or(path))
    };
    Ok(fs::metadata(whole)?.ino())
}

impl Mount {
    /// `41 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw` (proc(5)).
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|octet| *octet == b' ');
        let (root, place) = (words.nth(3)?, words.next()?);
        let kind = words.skip_while(|word| *word != b"-").nth(1)?;
        let place = std::ffi::OsString::from_vec(unescaped(place)).into();
        (kind == b"cgroup2").then(|| Self { place, root: unescaped(root) })
    }
}

/// `\040` is a blank.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, after @ ..] = rest {
        let digits = after.get(..3).and_then(|digits| str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        let code = code.filter(|_| *first == b'\\');
        octets.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    octets
}

/// All folders below a mount, those nearer to it first. What goes away meanwhile is passed over.
fn walk(mount: &Mount, most: usize) -> HashMap<u64, Vec<u8>> {
    let mut known = HashMap::new();
    let root = mount.root.strip_suffix(b"/").unwrap_or(&mount.root);
    if let Ok(metadata) = fs::metadata(&mount.place) {
        known.insert(metadata.ino(), mount.root.clone());
    }
    let mut level = vec![(mount.place.clone(), root.to_vec())];
    while !level.is_empty() && known.len() < most {
        let below = level.iter().flat_map(|(place, path)| folders(place, path));
        let below: Vec<_> = below.take(most - known.len()).collect();
        let numbers = below.iter().map(|(number, _, path)| (*number, path.clone()));
        known.extend(numbers);
        level = below.into_iter().map(|(_, place, path)| (place, path)).collect();
    }
    known
}

/// The folders in a folder: their inodes, where they are, and their paths among the cgroups.
fn folders(place: &Path, path: &[u8]) -> Vec<(u64, PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let folders =
        entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let of = |entry: fs::DirEntry| {
        let below = [path, b"/", entry.file_name().as_bytes()].concat();
        (entry.ino(), entry.path(), below)
    };
    folders.map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_version_two_are_found() {
        let text = b"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
            32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
            40 31 0:37 /a\\040b /mnt/x\\134y rw shared:4 master:1 - cgroup2 none rw\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
        let place = |paths: CgroupPaths| paths.mount.map(|mount| (mount.place, mount.root));
        let whole = (PathBuf::from("/sys/fs/cgroup/unified"), b"/".to_vec());
        assert_eq!(
            place(CgroupPaths::of(text)),
            Some(whole),
            "the whole tree is better than a part"
        );
        let part =
            text.split_inclusive(|octet| *octet == b'\n').take(3).collect::<Vec<_>>().concat();
        let found = (PathBuf::from("/mnt/x\\y"), b"/a b".to_vec());
        assert_eq!(place(CgroupPaths::of(&part)), Some(found));
        for bad in ["", "1 2 3", "1 2 3 / /x rw", "1 2 3 / /x rw -", "1 2 3 / /x rw - cgroup2x"] {
            assert!(!CgroupPaths::of(bad.as_bytes()).are_mounted(), "{bad}");
        }
        assert_eq!(unescaped(b"\\04\\999\\"), b"\\04\\999\\");
    }

    #[test]
    fn folders_are_found_by_their_inodes_and_no_more_than_so_many() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        let mount = Mount { place: folder.path().into(), root: b"/".to_vec() };
        let mut paths = CgroupPaths { mount: Some(mount.clone()), known: None };
        assert_eq!(paths.path(inode(folder.path())), Some(&b"/"[..]));
        assert_eq!(paths.path(inode(&below)), Some(&b"/a/b"[..]));
        assert_eq!(paths.path(inode(&folder.path().join("file"))), None);
        assert_eq!(walk(&mount, 2).len(), 2);
        let mount = Mount { root: b"/x".to_vec(), ..mount };
        assert_eq!(walk(&mount, MOST)[&inode(&below)], b"/x/a/b");
        assert_eq!(CgroupPaths::default().path(1), None);
    }
}
