//! The text tables of a network namespace below `/proc/net` (`proc_pid_net(5)`).
//!
//! This reads; what a table means is its own module's affair.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// In bytes. No table that is read whole is near it, but for routes by the hundred thousand.
const LONGEST: u64 = 1 << 28;

/// Where the tables lie.
#[derive(Clone, Debug)]
pub struct ProcNet {
    folder: PathBuf,
}

impl ProcNet {
    /// The tables of the namespace that this thread is in: a thread can be in another than its process.
    #[must_use]
    pub fn new() -> Self {
        // Linux 3.17 and later.
        let own = Path::new("/proc/thread-self/net");
        if own.exists() { Self::at(own) } else { Self::at("/proc/net") }
    }

    /// Tables in another folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The whole of one table, such as `snmp`. What is not UTF-8 in it is replaced.
    pub fn read(&self, name: &str) -> io::Result<String> {
        let mut bytes = Vec::new();
        File::open(self.folder.join(name))?.take(LONGEST).read_to_end(&mut bytes)?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|err| String::from_utf8_lossy(err.as_bytes()).into_owned()))
    }
}

impl Default for ProcNet {
    fn default() -> Self {
        Self::new()
    }
}

/// An IPv6 address as the tables write it: 32 hexadecimal digits.
pub(crate) fn address_v6(word: &str) -> Option<std::net::Ipv6Addr> {
    (word.len() == 32).then(|| u128::from_str_radix(word, 16).ok()).flatten().map(Into::into)
}

/// An IPv4 address as the tables write it: the octets in memory as one number, in 8 hexadecimal digits.
pub(crate) fn address_v4(word: &str) -> Option<std::net::Ipv4Addr> {
    let number = (word.len() == 8).then(|| u32::from_str_radix(word, 16).ok()).flatten()?;
    Some(number.to_ne_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_one_length() {
        assert_eq!(address_v4("0100007F"), Some(std::net::Ipv4Addr::LOCALHOST));
        assert_eq!(address_v6("00000000000000000000000000000001"), Some("::1".parse().unwrap()));
        for bad in ["", "1", "0100007", "0100007FF", "0100007G", "ü00007F", "+100007F0"] {
            assert_eq!((address_v4(bad), address_v6(bad)), (None, None), "{bad}");
        }
    }
}
