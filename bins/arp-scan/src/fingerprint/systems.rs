//! Which systems answer which questions.
//!
//! What is marked "seen" was measured by this project; the rest is what is commonly known of the patterns of
//! arp-fingerprint(1), by families and not by release. A pattern rules systems out rather than in: most of those
//! of today share two of them.

/// In the order of [`PROBES`](wireline_engine::segment::fingerprint::PROBES): senders 127.0.0.1, 0.0.0.0,
/// 255.255.255.255 and 1.0.0.1, operation 255, hardware 6 and 255, protocols 0xffff and 0x8137, protocol
/// length 6, hardware length 8.
const SYSTEMS: [(&str, &[&str]); 20] = [
    // Seen: Linux 6.18, unless it has rp_filter (ip-sysctl.rst, kernel.org) and no route to 1.0.0.1.
    ("01010100000", &["Linux from 2.2", "Windows from Vista", "Windows Server from 2008"]),
    ("01000100000", &["Linux from 2.2 with rp_filter and no default route"]),
    (
        "11110100000",
        &[
            "FreeBSD from 5",
            "DragonFly BSD",
            "Windows 98 to 2003",
            "Cisco Catalyst with IOS 12",
            "FortiOS 3",
        ],
    ),
    ("00000100000", &["Cisco IOS 11 to 15"]),
    ("11110110000", &["Solaris", "HP-UX 11", "NetBSD from 6"]),
    ("10110110000", &["NetBSD to 5"]),
    ("11110100011", &["Mac OS X 10.3", "FreeBSD 4", "AIX", "IRIX 6.5"]),
    (
        "11110000000",
        &["Linux 2.0", "Mac OS X 10.4", "Minix 3", "BeOS 5", "Cisco VPN 3000", "WIZnet W5100"],
    ),
    ("11110000011", &["OpenBSD", "4.3BSD", "2.11BSD", "RISC OS", "VxWorks of Nortel Contivity"]),
    ("10010100011", &["SCO OpenServer 5"]),
    ("10110100000", &["Windows 3.11", "Windows 95", "Windows NT 3.51"]),
    ("01010000000", &["GNU/Hurd", "Android 4.4"]),
    ("10110111111", &["Cisco PIX 4.4 to 5.3", "Android 4.1"]),
    (
        "11110111111",
        &["Cisco PIX 6.0 to 6.2", "ScreenOS, transparent", "Plan 9", "BlackBerry OS 5"],
    ),
    ("00010110011", &["Cisco PIX 6.3 to 7.0(2)"]),
    ("01010110011", &["Cisco PIX 7.0(4) to 8.0"]),
    ("01000111111", &["ScreenOS 5 and 6"]),
    ("00000110000", &["NetWare 6.5"]),
    ("00000110011", &["Cisco IP Phone 79xx, SIP 5 to 7"]),
    ("11110110011", &["Cisco IP Phone 79xx, SIP 8"]),
];

/// What may be behind a pattern; nothing where nobody knows.
pub(super) fn systems(pattern: &str) -> &'static [&'static str] {
    SYSTEMS.iter().find(|(known, _)| *known == pattern).map_or(&[], |(_, systems)| systems)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn patterns_are_eleven_digits_and_each_there_once() {
        let patterns: BTreeSet<_> = SYSTEMS.iter().map(|(pattern, _)| *pattern).collect();
        assert_eq!(patterns.len(), SYSTEMS.len());
        assert!(patterns.iter().all(|pattern| pattern.len() == 11));
        assert!(patterns.iter().all(|pattern| pattern.bytes().all(|digit| b"01".contains(&digit))));
    }

    #[test]
    fn pattern_that_nobody_knows_is_nobodys() {
        assert_eq!(systems("00000000000"), [""; 0]);
        assert_eq!(systems("01000100000"), ["Linux from 2.2 with rp_filter and no default route"]);
    }
}
