//! Whether hosts(5) has a name: told beside what getaddrinfo(3) said, and believed for nothing else.

use std::fs::File;
use std::io::Read;

/// A larger file is not looked through.
const LARGEST: u64 = 1 << 20;

/// Whether `/etc/hosts` has it.
pub(super) fn has(host: &str) -> bool {
    let mut text = Vec::new();
    let read = File::open("/etc/hosts").and_then(|file| file.take(LARGEST).read_to_end(&mut text));
    read.is_ok() && lists(&String::from_utf8_lossy(&text), host)
}

fn lists(text: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    text.lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_ascii_whitespace().skip(1).any(|name| name.eq_ignore_ascii_case(host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_are_listed_and_comments_are_not() {
        let text = "192.0.2.1 a.example a # b.example\n#192.0.2.2 c.example\n\n192.0.2.3\n";
        assert!(lists(text, "A.example"));
        assert!(lists(text, "a."));
        for absent in ["b.example", "c.example", "192.0.2.1", "192.0.2.3"] {
            assert!(!lists(text, absent), "{absent}");
        }
    }
}
