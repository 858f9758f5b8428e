//! To whom the IEEE assigned a link-layer address, and what well-known prefixes stand for.
//!
//! The data is built in (`vendors/oui.bin`, made by `examples/vendors.rs`); files may stand in its place or
//! come before it. Names are returned as their sources have them: whoever prints one escapes it.

mod blob;
mod known;
mod lists;
mod prefix;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wireline_packet::Mac;

use lists::{Format, List};
use prefix::Prefix;

/// Names for prefixes of link-layer addresses. The longest prefix that fits wins; of two sources with a
/// prefix of one length the one that was added first, and what is built in comes last.
#[derive(Debug, Default)]
pub struct Vendors {
    is_built_in: bool,
    list: List,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Prefixes that it has.
    pub prefixes: usize,
    /// The first lines that are none, without their ends; at most [`Loaded::SHOWN`].
    pub unread: Vec<String>,
    /// How many there are of those.
    pub unread_lines: usize,
}

impl Loaded {
    /// Lines that are kept in `unread`.
    pub const SHOWN: usize = 8;
}

/// Why a file gives no names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VendorError {
    /// It cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It has more than any list has.
    #[error("{}: more than {} MB", path.display(), LARGEST >> 20)]
    Large {
        /// Which.
        path: PathBuf,
    },
    /// It is one that is known and not read.
    #[error("{}: the IEEE's list for people; the CSV beside it is read", path.display())]
    ForPeople {
        /// Which.
        path: PathBuf,
    },
}

/// Octets of a file that are read: ten times the largest list.
const LARGEST: u64 = 64 << 20;

impl Vendors {
    /// When the IEEE's lists were fetched that are built in (ISO 8601).
    pub const DATE: &str = blob::BUILT_IN_DATE;

    /// Where arp-scan keeps names that a machine's owner gives.
    pub const LOCAL_FILE: &str = "/etc/arp-scan/mac-vendor.txt";

    /// What is built in. Costs nothing until a name is asked for.
    #[must_use]
    pub fn built_in() -> Self {
        Self { is_built_in: true, ..Self::default() }
    }

    /// No names but those that [`read`](Self::read) adds.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds what a file has: arp-scan's format (`mac-vendor(5)`), the IEEE's CSV, Wireshark's `manuf` or
    /// nmap's `nmap-mac-prefixes`, told by its content.
    pub fn read(&mut self, path: &Path) -> Result<Loaded, VendorError> {
        let octets = read(path)?;
        let text = String::from_utf8_lossy(&octets);
        match Format::of(&text) {
            Format::IeeeText => Err(VendorError::ForPeople { path: path.to_owned() }),
            format => Ok(self.list.add(format, &text)),
        }
    }

    /// Whose prefix it is, if anybody has it.
    #[must_use]
    pub fn name(&self, mac: Mac) -> Option<&str> {
        let whole = Prefix::new(mac, Prefix::LONGEST)?;
        let sources = [
            self.list.name(whole),
            self.is_built_in.then(|| known::known(whole)).flatten(),
            self.is_built_in.then(|| blob::built_in(mac)).flatten(),
        ];
        // `max_by_key` takes the last of equals.
        let longest = sources.into_iter().rev().flatten().max_by_key(|(bits, _)| *bits)?;
        Some(longest.1)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, VendorError> {
    let failed = |source| VendorError::Read { path: path.to_owned(), source };
    let mut octets = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST + 1).read_to_end(&mut octets).map_err(failed)?;
    if u64::try_from(octets.len()).is_ok_and(|size| size <= LARGEST) {
        Ok(octets)
    } else {
        Err(VendorError::Large { path: path.to_owned() })
    }
}

/// Where Debian's packages ieee-data, arp-scan, libwireshark-data and nmap-common have theirs.
const SYSTEM: [&[&str]; 4] = [
    &[
        "/usr/share/ieee-data/oui.csv",
        "/usr/share/ieee-data/mam.csv",
        "/usr/share/ieee-data/oui36.csv",
        "/usr/share/ieee-data/iab.csv",
    ],
    &["/usr/share/wireshark/manuf"],
    &["/usr/share/arp-scan/ieee-oui.txt"],
    &["/usr/share/nmap/nmap-mac-prefixes"],
];

/// The lists of this machine's packages: of those that are there the ones that changed last.
/// Empty where there are none.
#[must_use]
pub fn system_files() -> Vec<PathBuf> {
    let newest = SYSTEM.iter().filter_map(|files| Some((changed(files.first()?)?, files)));
    let newest = newest.max_by_key(|(changed, _)| *changed);
    let files = newest.into_iter().flat_map(|(_, files)| files.iter().map(PathBuf::from));
    files.filter(|file| file.exists()).collect()
}

fn changed(path: &str) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests;
